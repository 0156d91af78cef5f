package qr_test

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/motcua/motcua/qr"
)

// fixedOffice has keys that are no secret, so that its codes are the same in every run.
func fixedOffice(tb testing.TB) (agency, root ed25519.PrivateKey, draft qr.TrustListDraft) {
	tb.Helper()
	agency = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	root = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	o := newOfficeOf(tb, agency)
	return agency, root, o.draft(o.entry)
}

// TestVectors holds the bytes of the profile still: codes on paper outlive the version that printed them.
func TestVectors(t *testing.T) {
	agency, root, draft := fixedOffice(t)
	issuer, err := qr.NewIssuer(agency, "H26.12", qr.IssueConfig{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	list, err := qr.SignTrustList(root, draft)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := qr.EncodeTrustFile(list, root.Public())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"trust.json": trust}
	for name, claims := range map[string]qr.Claims{"receipt.vn1": receipt(), "result.vn1": result()} {
		claims.ID = qr.ID{1, 2, 3, 5, 8, 13, 21, 34}
		code, err := issuer.Issue(claims)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = []byte(code.Text())
	}
	for name, got := range files {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from its golden file: %v", name, err)
		}
	}
}

func TestVectorsVerify(t *testing.T) {
	trust, err := os.ReadFile(filepath.Join("testdata", "trust.json"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := qr.ParseTrustFile(trust)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := qr.NewVerifier(list, qr.VerifyConfig{MinVersion: 7})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]qr.Verdict{"receipt.vn1": qr.Valid, "result.vn1": qr.ValidStatusStale} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if report := verifier.Verify(string(text), noon); report.Verdict != want {
			t.Errorf("%s: %v %v, want %v", name, report.Verdict, report.Reasons, want)
		}
	}
}
