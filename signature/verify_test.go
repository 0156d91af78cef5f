package signature_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// at is the time of judgement in these tests; signing happens an hour before.
var at = vntime.Date(2026, time.November, 21).Add(10 * time.Hour)

// office is a CA with a leader and an agency that signs.
type office struct {
	ca             *signaturetest.CA
	leader, agency *signaturetest.Identity
}

func newOffice(tb testing.TB) office {
	tb.Helper()
	ca, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	return office{ca, issue(tb, ca, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"}),
		issue(tb, ca, signaturetest.Subject{CommonName: "UBND xã Vĩnh Mỹ", Key: signaturetest.P384})}
}

func issue(tb testing.TB, ca *signaturetest.CA, s signaturetest.Subject) *signaturetest.Identity {
	tb.Helper()
	id, err := ca.Issue(at, s)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

func sign(tb testing.TB, doc []byte, id *signaturetest.Identity, cfg pades.Config) []byte {
	tb.Helper()
	if cfg.At.IsZero() {
		cfg.At = at.Add(-time.Hour)
	}
	var out bytes.Buffer
	if err := pades.Sign(bytes.NewReader(doc), int64(len(doc)), &out, id.Signer, id.Chain, cfg); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func verifier(tb testing.TB, roots ...*x509.Certificate) *signature.Verifier {
	tb.Helper()
	trust, err := signature.NewTrustStore(roots...)
	if err != nil {
		tb.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func verify(tb testing.TB, v *signature.Verifier, doc []byte, when time.Time) *signature.Report {
	tb.Helper()
	report, err := v.Verify(tb.Context(), bytes.NewReader(doc), int64(len(doc)), when)
	if err != nil {
		tb.Fatal(err)
	}
	return report
}

func codes(s signature.Signature) []string {
	var out []string
	for _, r := range s.Reasons {
		out = append(out, r.Code)
	}
	return out
}

func TestSignedDocumentPasses(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	files := map[string]signaturetest.File{
		"table": {}, "stream": {XRefStream: true}, "form": {Fields: []string{"ho_ten", "dia_chi"}, Annotation: true},
		"form in object stream": {XRefStream: true, Fields: []string{"ho_ten"}, Annotation: true},
		"no last line end":      {NoLineEnd: true}, "run of zeros": {Zeros: 20000},
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			original := signaturetest.NewPDF(file)
			doc := sign(t, original, o.leader, pades.Config{Reason: "Phê duyệt", Location: "Vĩnh Phúc"})
			if !bytes.HasPrefix(doc, original) {
				t.Error("the original is not kept byte for byte")
			}
			both := sign(t, doc, o.agency, pades.Config{Reason: "Đóng dấu"})
			third := sign(t, both, o.leader, pades.Config{})
			for i, d := range [][]byte{doc, both, third} {
				report := verify(t, v, d, at)
				if report.Indication != signature.TotalPassed || len(report.Signatures) != i+1 {
					for _, s := range report.Signatures {
						t.Log(s.Field, s.Indication, codes(s), s.Changes)
					}
					t.Fatalf("%d signatures: %v", i+1, report)
				}
				last := report.Signatures[i]
				if last.Coverage != signature.EntireFile || len(last.Changes) != 0 {
					t.Errorf("coverage %v, changes %v", last.Coverage, last.Changes)
				}
				if i > 0 && (report.Signatures[0].Coverage != signature.EntireRevision || len(report.Signatures[0].Changes) == 0) {
					t.Errorf("first signature: %v, %v", report.Signatures[0].Coverage, report.Signatures[0].Changes)
				}
			}
			first := verify(t, v, both, at).Signatures[0]
			if first.Signer.CommonName != "Nguyễn Trọng Nghĩa" || first.Name != "Nguyễn Trọng Nghĩa" ||
				first.Why != "Phê duyệt" || first.Location != "Vĩnh Phúc" || first.Level != "PAdES-BASELINE-B" ||
				first.ClaimedTime == nil || !first.ClaimedTime.Equal(at.Add(-time.Hour)) || !first.Intact {
				t.Errorf("facts: %+v", first)
			}
			if len(first.Chain) != 2 || first.Chain[1].SHA256 == "" {
				t.Errorf("chain: %v", first.Chain)
			}
			if !slices.ContainsFunc(first.Warnings, func(r signature.Reason) bool { return r.Code == "certificate.revocation-not-checked" }) {
				t.Error("no warning that revocation was not checked")
			}
		})
	}
}

// One verifier serves all requests at once.
func TestVerifierIsShared(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{XRefStream: true}), o.leader, pades.Config{})
	doc = sign(t, doc, o.agency, pades.Config{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				report, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at)
				if err != nil || report.Indication != signature.TotalPassed {
					t.Errorf("%v, %v", report, err)
				}
			}
		})
	}
	group.Wait()
}

func TestCancelledContext(t *testing.T) {
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := verifier(t, o.ca.Root).Verify(ctx, bytes.NewReader(doc), int64(len(doc)), at)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// More signatures than the policy allows are refused before any is judged.
func TestTooManySignatures(t *testing.T) {
	o := newOffice(t)
	trust, err := signature.NewTrustStore(o.ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked, MaxSignatures: 2, MaxSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	doc := signaturetest.NewPDF(signaturetest.File{})
	for i := range 3 {
		doc = sign(t, doc, o.leader, pades.Config{})
		_, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at)
		if e, refused := err.(*signature.DocumentError); refused != (i == 2) || refused && e.Code() != "document.too-large" {
			t.Errorf("%d signatures: %v", i+1, err)
		}
	}
	large := signaturetest.NewPDF(signaturetest.File{Padding: 1 << 20})
	if _, err := v.Verify(t.Context(), bytes.NewReader(large), int64(len(large)), at); err == nil {
		t.Error("a file beyond the policy's size")
	}
}
