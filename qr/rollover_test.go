package qr_test

import (
	"crypto"
	"crypto/ecdsa"
	"errors"
	"testing"
	"time"

	"github.com/motcua/motcua/qr"
)

// TestChangeOfRoots goes the way from one root to the next as docs/key-ceremony.md tells it. No verifier in the field is
// without a list it trusts at any step, and the old root ends being able to sign one.
func TestChangeOfRoots(t *testing.T) {
	o := newOffice(t)
	old, next := o.root, newP256(t)
	sign := func(root *ecdsa.PrivateKey, version uint64) []byte {
		draft := o.draft(o.entry)
		draft.Version = version
		data, err := qr.SignTrustList(root, draft)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	pins := map[string][]crypto.PublicKey{
		"before": {old.Public()}, "during": {old.Public(), next.Public()}, "after": {next.Public()},
	}
	tests := []struct {
		name     string
		data     []byte
		accepted map[string]bool
	}{
		{"the old root's list", sign(old, 7), map[string]bool{"before": true, "during": true}},
		{"the next root's list", sign(next, 8), map[string]bool{"during": true, "after": true}},
		{"a stranger's list", sign(newP256(t), 9), nil},
	}
	for _, tt := range tests {
		for when, roots := range pins {
			list, err := qr.ParseTrustList(tt.data, roots...)
			if tt.accepted[when] != (err == nil) || err != nil && !errors.Is(err, qr.ErrUntrustedList) {
				t.Errorf("%s, %s the change: %v", tt.name, when, err)
			}
			if err != nil {
				continue
			}
			verifier, err := qr.NewVerifier(list, qr.VerifyConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if report := verifier.Verify(o.issue(t, receipt()).Text(), noon); !report.Valid() {
				t.Errorf("%s, %s the change: %v %v", tt.name, when, report.Verdict, report.Reasons)
			}
		}
	}
	// Who has seen the next root's list does not go back to the old one's, although both roots are pinned still.
	back, err := qr.ParseTrustList(sign(old, 7), pins["during"]...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qr.NewVerifier(back, qr.VerifyConfig{MinVersion: 8}); !errors.Is(err, qr.ErrRollback) {
		t.Errorf("back to the old list: %v", err)
	}
}

// TestWithdrawnKey is a key whose desk was robbed at nine: the list that says so decides about codes of before and
// after, whenever they are shown.
func TestWithdrawnKey(t *testing.T) {
	o := newOffice(t)
	robbed := noon.Add(-3 * time.Hour)
	issuedAt := func(at time.Time) string {
		claims := receipt()
		claims.IssuedAt = at
		p := paper()
		p.Published = at
		claims.Body = qr.Receipt{Paper: p, Due: noon.AddDate(0, 0, 5)}
		return o.issue(t, claims).Text()
	}
	before, after := issuedAt(robbed.Add(-time.Hour)), issuedAt(robbed.Add(time.Hour))
	tests := []struct {
		name          string
		void          bool
		before, after qr.Verdict
	}{
		{"earlier codes stay good", false, qr.Valid, qr.UntrustedIssuer},
		{"no code of the key is good", true, qr.UntrustedIssuer, qr.UntrustedIssuer},
	}
	for _, tt := range tests {
		entry := o.entry
		entry.WithdrawnAt, entry.VoidEarlier = robbed, tt.void
		// The agency's next key stands beside the withdrawn one; its codes are not touched.
		fresh := newOffice(t)
		verifier := o.verifier(t, entry, fresh.entry)
		for text, want := range map[string]qr.Verdict{before: tt.before, after: tt.after,
			fresh.issue(t, receipt()).Text(): qr.Valid} {
			for _, at := range []time.Time{noon, noon.AddDate(0, 0, 20)} {
				report := verifier.Verify(text, at)
				if report.Verdict != want || want != qr.Valid && reasonOf(report) != "qr.key-withdrawn" {
					t.Errorf("%s: %v %v, want %v", tt.name, report.Verdict, report.Reasons, want)
				}
			}
		}
	}
}
