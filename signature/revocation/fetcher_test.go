package revocation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/revocation"
	"github.com/motcua/motcua/signature/signaturetest"
)

var now = vntime.Date(2026, time.November, 21).Add(9 * time.Hour)

func clock() time.Time { return now }

func serve(tb testing.TB) (*signaturetest.Server, *signaturetest.CA, *signaturetest.Identity) {
	tb.Helper()
	server, err := signaturetest.NewServer(clock)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = server.Close() })
	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{URL: server.URL})
	if err != nil {
		tb.Fatal(err)
	}
	id, err := ca.Issue(now, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh"})
	if err != nil {
		tb.Fatal(err)
	}
	server.Serve(ca, nil)
	server.Know(id.Certificate)
	return server, ca, id
}

func TestFetcher(t *testing.T) {
	const (
		viaOCSP = iota + 1
		viaCRL
		none
	)
	flaw := func(f ...signaturetest.Flaw) []signaturetest.Flaw { return f }
	tests := []struct {
		name      string
		ocsp, crl []signaturetest.Flaw
		cfg       revocation.Config
		want      int
	}{
		{"OCSP", nil, nil, revocation.Config{}, viaOCSP},
		{"CRL only", nil, nil, revocation.Config{NoOCSP: true}, viaCRL},
		{"OCSP fails", flaw(signaturetest.Fails), nil, revocation.Config{}, viaCRL},
		{"OCSP says try later", flaw(signaturetest.Refuses), nil, revocation.Config{}, viaCRL},
		{"OCSP answers another question", flaw(signaturetest.WrongNonce), nil, revocation.Config{}, viaCRL},
		{"OCSP is old", flaw(signaturetest.Stale), nil, revocation.Config{}, viaCRL},
		{"OCSP never ends", flaw(signaturetest.Floods), nil, revocation.Config{}, viaCRL},
		{"OCSP hangs", flaw(signaturetest.Hangs), nil, revocation.Config{Timeout: 50 * time.Millisecond}, viaCRL},
		{"both babble", flaw(signaturetest.Babbles), flaw(signaturetest.Babbles), revocation.Config{}, none},
		{"OCSP fails, the CRL is old", flaw(signaturetest.Fails), flaw(signaturetest.Stale), revocation.Config{}, none},
		{"OCSP fails, the CRL never ends", flaw(signaturetest.Fails), flaw(signaturetest.Floods), revocation.Config{MaxCRL: 1 << 20}, none},
		{"no address is allowed", nil, nil, revocation.Config{Allow: func(*url.URL) bool { return false }}, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, ca, id := serve(t)
			server.Flaw("/ocsp", tt.ocsp...)
			server.Flaw("/ca.crl", tt.crl...)
			tt.cfg.Now = clock
			e, err := revocation.New(tt.cfg).Revocation(t.Context(), id.Certificate, ca.Intermediate)
			got := none
			switch {
			case len(e.OCSPs) == 1:
				got = viaOCSP
			case len(e.CRLs) == 1:
				got = viaCRL
			}
			if got != tt.want || (tt.want == none) != errors.Is(err, revocation.ErrNoAnswer) {
				t.Errorf("got %d, %v, want %d", got, err, tt.want)
			}
		})
	}
}

// A CRL is fetched once until it is due again.
func TestListsAreKept(t *testing.T) {
	server, ca, id := serve(t)
	when := now
	f := revocation.New(revocation.Config{NoOCSP: true, Now: func() time.Time { return when }})
	for range 5 {
		if _, err := f.Revocation(t.Context(), id.Certificate, ca.Intermediate); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Count("/ca.crl"); n != 1 {
		t.Errorf("%d requests", n)
	}
	when = now.AddDate(0, 0, 2)
	if _, err := f.Revocation(t.Context(), id.Certificate, ca.Intermediate); !errors.Is(err, revocation.ErrNoAnswer) {
		t.Errorf("a list that is past its time: %v", err)
	}
	if n := server.Count("/ca.crl"); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func Example() {
	server, _ := signaturetest.NewServer(clock)
	defer func() { _ = server.Close() }()
	ca, _ := signaturetest.NewCA(now, signaturetest.CAConfig{URL: server.URL})
	leader, _ := ca.Issue(now, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	server.Serve(ca, nil)
	server.Know(leader.Certificate)
	document := signaturetest.NewPDF(signaturetest.File{})
	var signed bytes.Buffer
	err := pades.Sign(bytes.NewReader(document), int64(len(document)), &signed, leader.Signer, leader.Chain, pades.Config{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	trust, _ := signature.NewTrustStore(ca.Root)
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired,
		Source: revocation.New(revocation.Config{Now: clock})})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := v.Verify(context.Background(), bytes.NewReader(signed.Bytes()), int64(signed.Len()), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range report.Signatures[0].Revocation {
		fmt.Println(s.Status, s.Source)
	}
	fmt.Println(report.Indication)
	// Output:
	// good OCSP
	// good CRL
	// TOTAL_PASSED
}
