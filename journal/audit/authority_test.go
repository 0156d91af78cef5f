package audit_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/journal/audit"
	"github.com/motcua/motcua/journal/audit/audittest"
)

func newTSA(tb testing.TB, now func() time.Time) (*audittest.TSA, *audit.Authority) {
	tb.Helper()
	tsa, err := audittest.NewTSA(now)
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(tsa)
	tb.Cleanup(server.Close)
	a, err := audit.NewAuthority(server.URL, []*x509.Certificate{tsa.Root()}, audit.AuthorityConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	return tsa, a
}

// TestStampedBundle carries the time stamp of its checkpoint, and is judged without a network.
func TestStampedBundle(t *testing.T) {
	j := written(t, 20)
	o := newOffice(t, j)
	tsa, authority := newTSA(t, func() time.Time { return o.now.Add(time.Second) })
	_, err := o.log.Stamp(t.Context(), authority)
	wantFinding(t, err, audit.ErrUncovered, "uncovered")
	o.checkpoint()
	stamped, err := o.log.Stamp(t.Context(), authority)
	if err != nil {
		t.Fatal(err)
	}
	want := o.now.Add(time.Second).Truncate(time.Second)
	if _, err := o.log.Stamp(t.Context(), authority); err != nil || tsa.Granted() != 1 {
		t.Errorf("stamped %d times, %v", tsa.Granted(), err)
	}
	write(t, j, 20, 40)
	o.checkpoint()

	strict := newVerifier(t, o.signer.Key(), audit.Policy{Authorities: []*x509.Certificate{tsa.Root()}, Stamped: true,
		Skew: 48 * time.Hour})
	_, err = strict.Bundle(o.prove(audit.Selection{Positions: []int64{3}}))
	wantFinding(t, err, audit.ErrTimestamp, "unstamped")
	o.open(j)
	if o.log.Stamped().String() != stamped.String() {
		t.Error("the stamped checkpoint is forgotten")
	}
	raw := o.prove(audit.Selection{Positions: []int64{3}, Under: o.log.Stamped()})
	proof, err := strict.Bundle(raw)
	if err != nil || !proof.Stamped.Equal(want) {
		t.Errorf("stamped at %v, %v; want %v", proof, err, want)
	}
	if proof, err := o.verifier.Bundle(raw); err != nil || !proof.Stamped.IsZero() {
		t.Errorf("without roots a time stamp says nothing: %+v, %v", proof, err)
	}

	if _, err = o.log.Stamp(t.Context(), authority); err != nil { // a second one behind it
		t.Fatal(err)
	}
	if _, err := strict.Bundle(o.prove(audit.Selection{Positions: []int64{3}, Under: stamped})); err != nil {
		t.Errorf("under the first stamp again: %v", err)
	}
	other, _ := newTSA(t, time.Now)
	stranger := newVerifier(t, o.signer.Key(), audit.Policy{Authorities: []*x509.Certificate{other.Root()}})
	_, err = stranger.Bundle(raw)
	wantFinding(t, err, audit.ErrTimestamp, "timestamp")
}

// TestStampBeforeTheCheckpoint is a checkpoint that claims a later time than its time stamp.
func TestStampBeforeTheCheckpoint(t *testing.T) {
	o := newOffice(t, written(t, 5))
	tsa, authority := newTSA(t, func() time.Time { return o.now.Add(-time.Hour) })
	o.checkpoint()
	if _, err := o.log.Stamp(t.Context(), authority); err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, o.signer.Key(), audit.Policy{Authorities: []*x509.Certificate{tsa.Root()}})
	_, err := v.Bundle(o.prove(audit.Selection{Positions: []int64{2}}))
	wantFinding(t, err, audit.ErrClock, "clock")
}

func TestAuthorityFaults(t *testing.T) {
	tsa, authority := newTSA(t, time.Now)
	for _, fault := range audittest.Faults() {
		tsa.Break(fault)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if fault != audittest.Silent {
			ctx = t.Context()
		}
		token, err := authority.Stamp(ctx, sha256.Sum256([]byte("x")))
		cancel()
		if err == nil || token != nil {
			t.Errorf("fault %d: got a token", fault)
		}
		if fault == audittest.Silent && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("silent: got %v", err)
		}
	}
	tsa.Break(audittest.None)
	if _, err := authority.Stamp(t.Context(), sha256.Sum256([]byte("x"))); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestAuthorityRefusesToBeUsedBlindly(t *testing.T) {
	root := []*x509.Certificate{new(x509.Certificate)}
	for _, tt := range []struct {
		name, url string
		roots     []*x509.Certificate
	}{{"no roots", "http://tsa.example.vn", nil}, {"no address", "", root}, {"a file", "file:///etc/passwd", root}} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := audit.NewAuthority(tt.url, tt.roots, audit.AuthorityConfig{})
			wantFinding(t, err, audit.ErrTimestamp, "timestamp")
		})
	}
}

// TestOpenSSLReadsOurTokens has the simulator's tokens and our request judged by OpenSSL.
func TestOpenSSLReadsOurTokens(t *testing.T) {
	openssl := enginetest.Need(t, "openssl")
	tsa, authority := newTSA(t, time.Now)
	data := []byte("điểm xác nhận\n")
	token, err := authority.Stamp(t.Context(), sha256.Sum256(data))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"data": data, "token": token, "root.pem": tsa.RootPEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), openssl, "ts", "-verify", "-data", "data", "-token_in", "-in", "token", "-CAfile", "root.pem")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}

// TestOldStampsStayGood has an authority whose certificates ended years ago: what counts is the time it stamped.
func TestOldStampsStayGood(t *testing.T) {
	_, authority := newTSA(t, func() time.Time { return time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC) })
	if _, err := authority.Stamp(t.Context(), sha256.Sum256([]byte("x"))); err != nil {
		t.Error(err)
	}
}
