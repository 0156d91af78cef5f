package timestamp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
	"github.com/motcua/motcua/signature/timestamp"
)

var now = vntime.Date(2026, time.November, 21).Add(9 * time.Hour)

var _ pades.Timestamper = (*timestamp.Client)(nil)

func serve(tb testing.TB, cfg signaturetest.TSAConfig) (*signaturetest.Server, *signaturetest.CA) {
	tb.Helper()
	server, err := signaturetest.NewServer(func() time.Time { return now })
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = server.Close() })
	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	tsa, err := ca.NewTSA(now, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	server.Serve(ca, tsa)
	return server, ca
}

func TestTimestamp(t *testing.T) {
	digest := sha256.Sum256([]byte("nội dung"))
	many := func(f signaturetest.Flaw) []signaturetest.Flaw { return []signaturetest.Flaw{f, f, f, f} }
	tests := []struct {
		name  string
		flaws []signaturetest.Flaw
		want  error
		asked int
	}{
		{"granted", nil, nil, 1},
		{"fails twice, then answers", []signaturetest.Flaw{signaturetest.Fails, signaturetest.Fails}, nil, 3},
		{"hangs once, then answers", []signaturetest.Flaw{signaturetest.Hangs}, nil, 2},
		{"fails for ever", many(signaturetest.Fails), timestamp.ErrUnreachable, 3},
		{"refuses", many(signaturetest.Refuses), timestamp.ErrRefused, 1},
		{"another nonce", many(signaturetest.WrongNonce), timestamp.ErrMismatch, 1},
		{"another digest", many(signaturetest.WrongImprint), timestamp.ErrMismatch, 1},
		{"no ASN.1", many(signaturetest.Babbles), timestamp.ErrAnswer, 1},
		{"no end", many(signaturetest.Floods), timestamp.ErrAnswer, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, _ := serve(t, signaturetest.TSAConfig{})
			server.Flaw("/tsa", tt.flaws...)
			c, err := timestamp.New(server.URL+"/tsa", timestamp.Config{Pause: time.Millisecond, Timeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			token, err := c.Timestamp(t.Context(), crypto.SHA256, digest[:])
			if !errors.Is(err, tt.want) || server.Count("/tsa") != tt.asked {
				t.Fatalf("got %v after %d requests, want %v after %d", err, server.Count("/tsa"), tt.want, tt.asked)
			}
			if tt.want != nil {
				return
			}
			parsed, rest, err := cms.ParseToken(token)
			if err != nil || len(rest) != 0 || !bytes.Equal(parsed.Info.Imprint, digest[:]) || !parsed.Info.Time.Equal(now) {
				t.Errorf("%v, %+v", err, parsed)
			}
		})
	}
}

func TestRefusedCalls(t *testing.T) {
	for _, address := range []string{"", "ftp://example.vn/", "tsa.example.vn", "http://", "file:///etc/passwd"} {
		if _, err := timestamp.New(address, timestamp.Config{}); !errors.Is(err, timestamp.ErrConfig) {
			t.Errorf("%q: %v", address, err)
		}
	}
	server, _ := serve(t, signaturetest.TSAConfig{Ordinary: true})
	c, err := timestamp.New(server.URL+"/tsa", timestamp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Timestamp(t.Context(), crypto.SHA256, []byte("short")); !errors.Is(err, timestamp.ErrConfig) {
		t.Errorf("a digest of another length: %v", err)
	}
	digest := sha256.Sum256(nil)
	if _, err := c.Timestamp(t.Context(), crypto.SHA256, digest[:]); !errors.Is(err, timestamp.ErrMismatch) {
		t.Errorf("a certificate that is not an authority's: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Timestamp(ctx, crypto.SHA256, digest[:]); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

// A signature gets the time stamp of an authority.
func Example() {
	server, _ := signaturetest.NewServer(func() time.Time { return now })
	defer func() { _ = server.Close() }()
	ca, _ := signaturetest.NewCA(now, signaturetest.CAConfig{})
	tsa, _ := ca.NewTSA(now, signaturetest.TSAConfig{})
	server.Serve(ca, tsa)
	leader, _ := ca.Issue(now, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	document := signaturetest.NewPDF(signaturetest.File{})
	var signed, stamped bytes.Buffer
	err := pades.Sign(bytes.NewReader(document), int64(len(document)), &signed, leader.Signer, leader.Chain,
		pades.Config{At: now, ForTimestamp: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	authority, err := timestamp.New(server.URL+"/tsa", timestamp.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = pades.Stamp(context.Background(), bytes.NewReader(signed.Bytes()), int64(signed.Len()), &stamped, authority)
	fmt.Println(err, stamped.Len() == signed.Len())
	// Output: <nil> true
}
