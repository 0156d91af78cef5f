package signature_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// expect checks the verdict on one signature of a report: its indication and that a reason has the code.
func expect(t *testing.T, s signature.Signature, want signature.Indication, code string) {
	t.Helper()
	if s.Indication != want || !slices.Contains(codes(s), code) {
		t.Errorf("%s: got %s %s %v, want %s with %s", s.Field, s.Indication, s.SubIndication, codes(s), want, code)
	}
	for _, r := range s.Reasons {
		if r.Vi == "" || r.En == "" || r.SubIndication == "" {
			t.Errorf("reason %q has no words", r.Code)
		}
	}
}

func must(tb testing.TB) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
}

// V1: the attacker signs under his own root and embeds the genuine CA's certificates beside it.
func TestAttackersRootBesideGenuineCertificates(t *testing.T) {
	o := newOffice(t)
	evil, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	id := issue(t, evil, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	id.Chain = append(id.Chain, evil.Root, o.ca.Intermediate, o.ca.Root, o.leader.Certificate)
	report := verify(t, verifier(t, o.ca.Root), sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{}), at)
	s := report.Signatures[0]
	expect(t, s, signature.Indeterminate, "certificate.untrusted")
	if s.SubIndication != signature.NoChainFound || len(s.Chain) != 0 || !s.Intact {
		t.Errorf("%s, chain %v, intact %v", s.SubIndication, s.Chain, s.Intact)
	}
}

// V2, V4 and their kin: what is added after a signature.
func TestAdditionsAfterSignature(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	do := must(t)
	plain := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	form := sign(t, signaturetest.NewPDF(signaturetest.File{Fields: []string{"so_tien"}}), o.leader, pades.Config{})
	stream := sign(t, signaturetest.NewPDF(signaturetest.File{XRefStream: true}), o.leader, pades.Config{})
	shadow := sign(t, do(signaturetest.WithDanglingContent(signaturetest.NewPDF(signaturetest.File{}))), o.leader, pades.Config{})
	tests := []struct {
		name string
		doc  []byte
		want signature.Indication
		code string
	}{
		{"page content replaced", do(signaturetest.ReplaceContent(plain, "PAY 9,999,999,999")), signature.TotalFailed, "document.changed"},
		{"page content replaced, cross-reference stream", do(signaturetest.ReplaceContent(stream, "PAY 9,999,999,999")),
			signature.TotalFailed, "document.changed"},
		{"pages replaced in the catalog", do(signaturetest.SwapPages(plain, "PAY 1")), signature.TotalFailed, "document.changed"},
		{"pages replaced, object stream", do(signaturetest.SwapPages(stream, "PAY 1")), signature.TotalFailed, "document.changed"},
		{"another catalog", do(signaturetest.MoveCatalog(plain, "PAY 1")), signature.TotalFailed, "document.changed"},
		{"another catalog, cross-reference stream", do(signaturetest.MoveCatalog(stream, "PAY 1")), signature.TotalFailed,
			"document.changed"},
		{"object not listed", do(signaturetest.HideObject(plain, "PAY 9,999,999,999")), signature.Indeterminate, "document.unlisted"},
		{"page covered by an annotation", do(signaturetest.CoverPage(plain)), signature.TotalFailed, "document.changed"},
		{"field edited", do(signaturetest.EditField(form, "so_tien", "0")), signature.Indeterminate, "document.form-changed"},
		{"missing object supplied", do(signaturetest.FillShadow(shadow, "PAY 9")), signature.TotalFailed, "document.changed"},
		{"one byte appended", signaturetest.AppendGarbage(plain, 1), signature.Indeterminate, "document.trailing"},
		{"garbage appended", signaturetest.AppendGarbage(plain, 5000), signature.Indeterminate, "document.trailing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report := verify(t, v, tt.doc, at)
			s := report.Signatures[0]
			expect(t, s, tt.want, tt.code)
			if report.Indication != tt.want || s.Coverage == signature.EntireFile || !s.Intact {
				t.Errorf("report %s, coverage %s, intact %v", report.Indication, s.Coverage, s.Intact)
			}
			// A good signature on top heals nothing below it.
			again := verify(t, v, sign(t, tt.doc, o.agency, pades.Config{}), at)
			expect(t, again.Signatures[0], tt.want, tt.code)
			if last := again.Signatures[1]; last.Indication != signature.TotalPassed {
				t.Errorf("the later signature itself: %s %v", last.Indication, codes(last))
			}
		})
	}
}

// A page content whose length lies: it would take in bytes that came after it. Alone it is the signer's own affair; when
// something follows, nobody can say what was signed.
func TestStreamThatReachesFurther(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	file := string(signaturetest.NewPDF(signaturetest.File{}))
	at4 := strings.Index(file, "4 0 obj")
	lie := file[:at4] + regexp.MustCompile(`/Length \d\d >>`).ReplaceAllString(file[at4:], "/Length 999>>")
	if lie == file || len(lie) != len(file) {
		t.Fatal("the fixture has no stream to bend")
	}
	doc := sign(t, sign(t, []byte(lie), o.leader, pades.Config{}), o.agency, pades.Config{})
	expect(t, verify(t, v, doc, at).Signatures[0], signature.Indeterminate, "document.revision")
}

// V3: signature wrapping.
func TestSignatureWrapping(t *testing.T) {
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{Room: 8192})
	wrapped := must(t)(signaturetest.Wrap(doc, "PAY 9,999,999,999"))
	report := verify(t, verifier(t, o.ca.Root), wrapped, at)
	if report.Indication != signature.TotalFailed {
		t.Errorf("got %s %v", report.Indication, codes(report.Signatures[0]))
	}
}

// V5 and other messages that are none.
func TestContentsThatAreNoSignature(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	message := must(t)(signaturetest.Message(doc))
	trailing := slices.Clone(message)
	trailing[len(trailing)-1] = 1
	for name, contents := range map[string][]byte{"all zero": nil, "nested": signaturetest.NestedMessage(1000),
		"cut": message[:200], "an integer": {2, 1, 0}, "bytes in the padding": trailing} {
		t.Run(name, func(t *testing.T) {
			s := verify(t, v, must(t)(signaturetest.ReplaceContents(doc, contents)), at).Signatures[0]
			expect(t, s, signature.TotalFailed, "signature.message")
			if s.Intact {
				t.Error("intact")
			}
		})
	}
}

// V6: an expired certificate; and the other edges of time.
func TestTimes(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	tests := []struct {
		name string
		at   time.Time
		code string
	}{
		{"expired", at.AddDate(2, 0, 0), "certificate.expired"},
		{"not yet valid", at.AddDate(0, 0, -2), "certificate.not-yet-valid"},
		{"signed after the time of judgement", at.Add(-2 * time.Hour), "signature.claimed-time"},
		{"issuer expired too", at.AddDate(6, 0, 0), "certificate.expired"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, verify(t, v, doc, tt.at).Signatures[0], signature.Indeterminate, tt.code)
		})
	}
	old := issue(t, o.ca, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh", NotBefore: at.AddDate(-5, 0, 1),
		NotAfter: at.AddDate(10, 0, 0)})
	late := sign(t, signaturetest.NewPDF(signaturetest.File{}), old, pades.Config{})
	expect(t, verify(t, v, late, at.AddDate(6, 0, 0)).Signatures[0], signature.Indeterminate, "certificate.chain-expired")
}

// V9: a byte of the signed text.
func TestSignedByteChanged(t *testing.T) {
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	both := sign(t, doc, o.agency, pades.Config{})
	report := verify(t, verifier(t, o.ca.Root), must(t)(signaturetest.ChangeSignedByte(both)), at)
	for _, s := range report.Signatures {
		expect(t, s, signature.TotalFailed, "signature.content")
		if s.SubIndication != signature.HashFailure || s.Intact {
			t.Errorf("%s, intact %v", s.SubIndication, s.Intact)
		}
	}
}

// USF: the universal signature forgery.
func TestUniversalForgery(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	for _, id := range []*signaturetest.Identity{o.leader, o.agency} {
		doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{})
		forgeries, err := signaturetest.Forgeries(doc)
		if err != nil || len(forgeries) < 15 {
			t.Fatal(len(forgeries), err)
		}
		for name, forged := range forgeries {
			report := verify(t, v, forged, at)
			if len(report.Signatures) != 1 || report.Indication == signature.TotalPassed || report.Signatures[0].Intact {
				t.Errorf("%s: %v", name, report)
			}
			if name != "without SubFilter" && report.Indication != signature.TotalFailed {
				t.Errorf("%s: %s", name, report.Indication)
			}
		}
	}
}

// A signature of a stranger on top is a change that nobody trusted has made.
func TestLaterSignatureMustPass(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	stranger, err := signaturetest.NewCA(at, signaturetest.CAConfig{Name: "khác"})
	if err != nil {
		t.Fatal(err)
	}
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	added := sign(t, doc, issue(t, stranger, signaturetest.Subject{CommonName: "Người lạ"}), pades.Config{})
	report := verify(t, v, added, at)
	expect(t, report.Signatures[0], signature.Indeterminate, "document.later-signature")
	expect(t, report.Signatures[1], signature.Indeterminate, "certificate.untrusted")
}

// The 12 MB message of nested indefinite lengths.
func TestBombIsRefusedInTime(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	for _, levels := range []int{1 << 20, 6 << 20} {
		doc := must(t)(signaturetest.WithBomb(levels))
		start := time.Now()
		report, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at)
		if err == nil && report.Indication != signature.TotalFailed {
			t.Errorf("%d levels: %v", levels, report)
		}
		if took := time.Since(start); took > time.Second*time.Duration(1+len(doc)/(10<<20)) {
			t.Errorf("%d levels: took %v", levels, took)
		}
	}
}

func TestCertificateRules(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	codeSigning := []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 3}}
	mixed := append(slices.Clone(codeSigning), signaturetest.OIDDocumentSigning)
	tests := []struct {
		name    string
		subject signaturetest.Subject
		want    signature.Indication
	}{
		{"code signing only", signaturetest.Subject{CommonName: "a", ExtKeyUsage: codeSigning}, signature.Indeterminate},
		{"one usage suffices", signaturetest.Subject{CommonName: "a", ExtKeyUsage: mixed}, signature.TotalPassed},
		{"no extension", signaturetest.Subject{CommonName: "a", ExtKeyUsage: []asn1.ObjectIdentifier{}}, signature.TotalPassed},
		{"non-repudiation alone", signaturetest.Subject{CommonName: "a", KeyUsage: x509.KeyUsageContentCommitment},
			signature.TotalPassed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), issue(t, o.ca, tt.subject), pades.Config{})
			s := verify(t, v, doc, at).Signatures[0]
			if s.Indication != tt.want {
				t.Errorf("got %s %v", s.Indication, codes(s))
			}
			if tt.want != signature.TotalPassed {
				expect(t, s, tt.want, "certificate.usage")
			}
		})
	}
}

func TestPolicyMustBeStated(t *testing.T) {
	o := newOffice(t)
	trust, err := signature.NewTrustStore(o.ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signature.NewVerifier(trust, signature.Policy{}); !errors.As(err, new(*signature.PolicyError)) {
		t.Errorf("open policy: %v", err)
	}
	stated := signature.Policy{Revocation: signature.RevocationRequired}
	for _, none := range []*signature.TrustStore{nil, {}} {
		if _, err := signature.NewVerifier(none, stated); !errors.Is(err, signature.ErrNoAnchors) {
			t.Errorf("no anchors: %v", err)
		}
	}
	if _, err := signature.NewTrustStore(); !errors.Is(err, signature.ErrNoAnchors) {
		t.Errorf("empty store: %v", err)
	}
	if _, err := signature.NewTrustStore(o.leader.Certificate); !errors.As(err, new(*signature.PolicyError)) {
		t.Errorf("a person as anchor: %v", err)
	}
	v, err := signature.NewVerifier(trust, stated)
	if err != nil {
		t.Fatal(err)
	}
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	s := verify(t, v, doc, at).Signatures[0]
	expect(t, s, signature.Indeterminate, "certificate.revocation-unknown")
	if s.SubIndication != signature.TryLater {
		t.Errorf("got %s", s.SubIndication)
	}
	if _, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), time.Time{}); err == nil {
		t.Error("no time of judgement")
	}
}

func TestUnsignedDocument(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	report := verify(t, v, signaturetest.NewPDF(signaturetest.File{}), at)
	if report.Indication != signature.NoSignatureFound || len(report.Signatures) != 0 {
		t.Errorf("got %v", report)
	}
	report = verify(t, v, signaturetest.NewPDF(signaturetest.File{EmptySignature: "lanh_dao"}), at)
	if report.Indication != signature.NoSignatureFound || len(report.Warnings) != 1 {
		t.Errorf("empty field: %v, %v", report, report.Warnings)
	}
	for name, doc := range map[string][]byte{"empty": {}, "text": []byte("xin chào"), "header": []byte("%PDF-1.7\n")} {
		if _, err := v.Verify(t.Context(), bytes.NewReader(doc), int64(len(doc)), at); !errors.As(err, new(*signature.DocumentError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A field that waits is filled by the leader; the agency seals in a field of its own; then both waiting fields of a form.
func TestFillWaitingField(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	doc := signaturetest.NewPDF(signaturetest.File{EmptySignature: "lanh_dao", Fields: []string{"a"}})
	sealed := sign(t, doc, o.agency, pades.Config{Field: "co_quan"})
	filled := sign(t, sealed, o.leader, pades.Config{Field: "lanh_dao"})
	report := verify(t, v, filled, at)
	if report.Indication != signature.TotalPassed || len(report.Signatures) != 2 ||
		report.Signatures[0].Field != "co_quan" || report.Signatures[1].Field != "lanh_dao" {
		t.Errorf("%v: %v", report, report.Signatures)
	}
}
