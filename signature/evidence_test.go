package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// Who may speak about a certificate: its issuer, whom the issuer delegated, and nobody else.
func TestWhoMayAnswer(t *testing.T) {
	w := newWorld(t)
	other, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	responder := func(ca *signaturetest.CA, noCheck bool) *signaturetest.Identity {
		id, err := ca.Responder(at, noCheck)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	checked := responder(w.ca, false)
	tests := []struct {
		name string
		by   *signaturetest.Identity
		crl  bool // about the responder itself
		want signature.Indication
	}{
		{"the issuer", nil, false, signature.TotalPassed},
		{"a delegated responder", responder(w.ca, true), false, signature.TotalPassed},
		{"a delegated responder that has to be checked, and is", checked, true, signature.TotalPassed},
		{"a delegated responder that has to be checked, and is not", checked, false, signature.Indeterminate},
		{"a responder of another authority", responder(other, true), false, signature.Indeterminate},
		{"a person of the same authority", w.agency, false, signature.Indeterminate},
	}
	doc := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			der, err := w.ca.Status(w.now, w.leader.Certificate, signaturetest.StatusConfig{By: tt.by})
			if err != nil {
				t.Fatal(err)
			}
			root, _, err := w.ca.List(w.now, signaturetest.ListConfig{Root: true})
			if err != nil {
				t.Fatal(err)
			}
			e := signature.Evidence{OCSPs: [][]byte{der}, CRLs: [][]byte{root}}
			if tt.crl {
				own, _, err := w.ca.List(w.now, signaturetest.ListConfig{})
				if err != nil {
					t.Fatal(err)
				}
				e.CRLs = append(e.CRLs, own)
			}
			report := verify(t, w.verifier(t, e), doc, w.now)
			if s := report.Signatures[0]; s.Indication != tt.want {
				explain(t, report)
				t.Errorf("%s %v", s.Indication, codes(s))
			}
		})
	}
}

func pointExtension(t *testing.T, members ...asn1.RawValue) pkix.Extension {
	t.Helper()
	value, err := asn1.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: value}
}

// V8 and kin: lists that look right and do not speak about this certificate.
func TestListsThatDoNotSpeak(t *testing.T) {
	w := newWorld(t)
	flag := func(n int) asn1.RawValue { return asn1.RawValue{Class: 2, Tag: n, Bytes: []byte{0xff}} }
	other, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: encode(t, asn1.RawValue{Class: 2, Tag: 0, IsCompound: true,
		Bytes: encode(t, asn1.RawValue{Class: 2, Tag: 6, Bytes: []byte("http://elsewhere.example.vn/a.crl")})})}
	tests := []struct {
		name string
		ca   *signaturetest.CA
		cfg  signaturetest.ListConfig
		want signature.Indication
	}{
		{"its own list", w.ca, signaturetest.ListConfig{}, signature.TotalPassed},
		{"users only", w.ca, signaturetest.ListConfig{Extensions: []pkix.Extension{pointExtension(t, flag(1))}}, signature.TotalPassed},
		{"authorities only", w.ca, signaturetest.ListConfig{Extensions: []pkix.Extension{pointExtension(t, flag(2))}}, signature.Indeterminate},
		{"attributes only", w.ca, signaturetest.ListConfig{Extensions: []pkix.Extension{pointExtension(t, flag(5))}}, signature.Indeterminate},
		{"some reasons", w.ca, signaturetest.ListConfig{Extensions: []pkix.Extension{pointExtension(t,
			asn1.RawValue{Class: 2, Tag: 3, Bytes: []byte{1, 0x40}})}}, signature.Indeterminate},
		{"another distribution point", w.ca, signaturetest.ListConfig{Extensions: []pkix.Extension{pointExtension(t, elsewhere)}},
			signature.Indeterminate},
		{"an unknown critical extension", w.ca, signaturetest.ListConfig{Extensions: []pkix.Extension{
			{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}}, signature.Indeterminate},
		{"signed by the leader", w.ca, signaturetest.ListConfig{Signer: listSigner(w.ca.Intermediate, w.leader), Key: w.leader.Signer},
			signature.Indeterminate},
		{"an empty list of the attacker's", other, signaturetest.ListConfig{}, signature.Indeterminate},
	}
	doc := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			der, _, err := tt.ca.List(w.now, tt.cfg)
			if err != nil {
				t.Fatal(err)
			}
			root, _, err := w.ca.List(w.now, signaturetest.ListConfig{Root: true})
			if err != nil {
				t.Fatal(err)
			}
			report := verify(t, w.verifier(t, signature.Evidence{CRLs: [][]byte{der, root}}), doc, w.now)
			if s := report.Signatures[0]; s.Indication != tt.want {
				explain(t, report)
				t.Errorf("%s %v", s.Indication, codes(s))
			}
		})
	}
}

// listSigner is a certificate with the issuer's name and another key, as a forger would have it.
func listSigner(issuer *x509.Certificate, id *signaturetest.Identity) *x509.Certificate {
	forged := *issuer
	forged.PublicKey = id.Certificate.PublicKey
	return &forged
}

func encode(t *testing.T, v asn1.RawValue) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// An indirect CRL speaks for others where the certificate says so.
func TestIndirectList(t *testing.T) {
	type point struct {
		Issuer []asn1.RawValue `asn1:"tag:2"`
	}
	ca, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	// The keeper has a distribution point of its own, where the authority speaks about it and nobody else.
	where := asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: encode(t, asn1.RawValue{Class: 2, Tag: 0, IsCompound: true,
		Bytes: encode(t, asn1.RawValue{Class: 2, Tag: 6, Bytes: []byte("http://keeper.example.vn/a.crl")})})}
	at31, err := asn1.Marshal([]asn1.RawValue{{Class: 0, Tag: 16, IsCompound: true, Bytes: encode(t, where)}})
	if err != nil {
		t.Fatal(err)
	}
	keeper := issue(t, ca, signaturetest.Subject{CommonName: "CRL THỬ NGHIỆM", KeyUsage: x509.KeyUsageCRLSign,
		Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: at31}}})
	value, err := asn1.Marshal([]point{{[]asn1.RawValue{{Class: 2, Tag: 4, IsCompound: true,
		Bytes: keeper.Certificate.RawSubject}}}})
	if err != nil {
		t.Fatal(err)
	}
	named := issue(t, ca, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh", Extensions: []pkix.Extension{
		{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: value}}})
	unnamed := issue(t, ca, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	trust, err := signature.NewTrustStore(ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	indirect := pointExtension(t, asn1.RawValue{Class: 2, Tag: 4, Bytes: []byte{0xff}})
	about := true // the authority speaks about the keeper
	judge := func(id *signaturetest.Identity) signature.Signature {
		der, _, err := ca.List(at, signaturetest.ListConfig{Signer: keeper.Certificate, Key: keeper.Signer,
			Extensions: []pkix.Extension{indirect}}, named.Certificate, unnamed.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		root, _, err := ca.List(at, signaturetest.ListConfig{Root: true})
		if err != nil {
			t.Fatal(err)
		}
		evidence := signature.Evidence{CRLs: [][]byte{der, root}}
		if about {
			scope := pointExtension(t, where)
			own, _, err := ca.List(at, signaturetest.ListConfig{Extensions: []pkix.Extension{scope}})
			if err != nil {
				t.Fatal(err)
			}
			evidence.CRLs = append(evidence.CRLs, own)
		}
		v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired,
			Source: evidence, Certificates: []*x509.Certificate{keeper.Certificate}})
		if err != nil {
			t.Fatal(err)
		}
		return verify(t, v, sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{}), at).Signatures[0]
	}
	if s := judge(named); s.Indication != signature.TotalPassed {
		t.Errorf("named: %s %v", s.Indication, codes(s))
	}
	expect(t, judge(unnamed), signature.Indeterminate, "certificate.revocation-unknown")
	about = false
	expect(t, judge(named), signature.Indeterminate, "certificate.revocation-unknown")
	about = true
	ca.Revoke(named.Certificate, signaturetest.Revocation{At: at.Add(-time.Hour), Reason: 1})
	expect(t, judge(named), signature.Indeterminate, "certificate.revoked-no-poe")
	ca.Revoke(keeper.Certificate, signaturetest.Revocation{At: at.Add(-time.Hour), Reason: 1})
	expect(t, judge(named), signature.Indeterminate, "certificate.revocation-unknown")
}

// V7: time stamps that must not move the time of judgement.
func TestTimestampsThatProveNothing(t *testing.T) {
	w := newWorld(t)
	evil, err := signaturetest.NewCA(at, signaturetest.CAConfig{Name: "kẻ tấn công"})
	if err != nil {
		t.Fatal(err)
	}
	tsaOf := func(ca *signaturetest.CA, cfg signaturetest.TSAConfig) *signaturetest.TSA {
		tsa, err := ca.NewTSA(at, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return tsa
	}
	plain := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
	value := func(doc []byte) []byte {
		m, _, err := cms.Parse(must(t)(signaturetest.Message(doc)))
		if err != nil {
			t.Fatal(err)
		}
		sum := crypto.SHA256.New()
		sum.Write(m.Signers[0].Value)
		return sum.Sum(nil)
	}
	with := func(token []byte) []byte {
		longer, err := cms.AddUnsigned(must(t)(signaturetest.Message(plain)),
			cms.Attribute{ID: cms.OIDTimestampToken, Values: [][]byte{token}})
		if err != nil {
			t.Fatal(err)
		}
		return must(t)(signaturetest.ReplaceContents(plain, longer))
	}
	token := func(tsa *signaturetest.TSA, when time.Time, digest []byte) []byte {
		return must(t)(tsa.Token(when, crypto.SHA256, digest))
	}
	wrong := value(plain)
	wrong[0] ^= 1
	damaged := token(w.tsa, at, value(plain))
	damaged[len(damaged)-1] ^= 1
	tests := []struct {
		name, code, warning string
		token               []byte
	}{
		{"back-dated by an unknown authority", "certificate.untrusted", "timestamp.not-trusted",
			token(tsaOf(evil, signaturetest.TSAConfig{}), at.AddDate(0, -1, 0), value(plain))},
		{"by a certificate for documents", "timestamp.usage", "timestamp.not-trusted",
			token(tsaOf(w.ca, signaturetest.TSAConfig{Ordinary: true}), at, value(plain))},
		{"of another signature", "timestamp.imprint", "timestamp.failed", token(w.tsa, at, wrong)},
		{"of tomorrow", "timestamp.order", "timestamp.not-trusted", token(w.tsa, at.AddDate(0, 0, 2), value(plain))},
		{"before the authority existed", "timestamp.order", "timestamp.not-trusted", token(w.tsa, at.AddDate(-3, 0, 0), value(plain))},
		{"damaged", "timestamp.value", "timestamp.failed", damaged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			later := at.AddDate(0, 0, 1)
			w.now = later
			report := verify(t, w.verifier(t, w.fetcher()), with(tt.token), later)
			s := report.Signatures[0]
			if s.ProvenTime != nil || len(s.Timestamps) != 1 || s.Timestamps[0].Reasons == nil || s.Timestamps[0].Reasons[0].Code != tt.code &&
				!slices.ContainsFunc(s.Timestamps[0].Reasons, func(r signature.Reason) bool { return r.Code == tt.code }) {
				explain(t, report)
				t.Errorf("proven %v", s.ProvenTime)
			}
			if !slices.ContainsFunc(s.Warnings, func(r signature.Reason) bool { return r.Code == tt.warning }) ||
				s.Indication != signature.TotalPassed {
				explain(t, report)
				t.Errorf("%s, no warning %s", s.Indication, tt.warning)
			}
		})
	}
}

// A signature under a document time stamp that is younger than the revocation was made too late, whatever it claims.
func TestSignedAfterRevocation(t *testing.T) {
	w := newWorld(t)
	doc := w.archive(t, signaturetest.NewPDF(signaturetest.File{}))
	w.ca.Revoke(w.leader.Certificate, signaturetest.Revocation{At: at.Add(-time.Hour), Reason: 1})
	doc = sign(t, doc, w.leader, pades.Config{At: at.Add(-3 * time.Hour)})
	w.now = w.now.Add(time.Minute)
	report := verify(t, w.verifier(t, w.fetcher()), doc, w.now)
	expect(t, report.Signatures[0], signature.TotalFailed, "certificate.revoked")
	if len(report.DocumentTimestamps) != 1 || report.DocumentTimestamps[0].Indication != signature.TotalPassed {
		explain(t, report)
		t.Error("the document time stamp")
	}
}

// Attacks on a document time stamp and under it.
func TestAttacksUnderDocumentTimestamp(t *testing.T) {
	w := newWorld(t)
	doc := w.archive(t, w.preserve(t, w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader))))
	w.now = w.now.Add(time.Minute)
	v := w.verifier(t, w.fetcher())
	forged := must(t)(signaturetest.ReplaceContent(doc, "PAY 9,999,999,999"))
	report := verify(t, v, forged, w.now)
	expect(t, report.Signatures[0], signature.TotalFailed, "document.changed")
	if report.DocumentTimestamps[0].Indication == signature.TotalPassed {
		t.Error("the time stamp does not see the change")
	}
	at := bytes.Index(doc, []byte("PAY 1"))
	changed := bytes.Clone(doc)
	changed[at+4] = '9'
	report = verify(t, v, changed, w.now)
	expect(t, report.Signatures[0], signature.TotalFailed, "signature.content")
	if stamp := report.DocumentTimestamps[0]; stamp.Intact || stamp.Indication != signature.TotalFailed {
		t.Error("the time stamp fits a changed document")
	}
}

// Certificates that name nobody to ask pass with a warning under RevocationWhereNamed; those that do are held to it.
func TestRevocationWhereNamed(t *testing.T) {
	named := newWorld(t)
	unnamed := newOffice(t)
	judge := func(root *x509.Certificate, id *signaturetest.Identity) signature.Signature {
		trust, err := signature.NewTrustStore(root)
		if err != nil {
			t.Fatal(err)
		}
		v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationWhereNamed})
		if err != nil {
			t.Fatal(err)
		}
		return verify(t, v, sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{}), at).Signatures[0]
	}
	expect(t, judge(named.ca.Root, named.leader), signature.Indeterminate, "certificate.revocation-unknown")
	s := judge(unnamed.ca.Root, unnamed.leader)
	if s.Indication != signature.TotalPassed ||
		!slices.ContainsFunc(s.Warnings, func(r signature.Reason) bool { return r.Code == "certificate.revocation-unnamed" }) {
		t.Errorf("%s %v %v", s.Indication, codes(s), s.Warnings)
	}
}

// Lists and certificates of one name, by the hundred: what is tried is bounded, and what is not tried says nothing.
func TestManyListsOfOneName(t *testing.T) {
	o := newOffice(t)
	trust, err := signature.NewTrustStore(o.ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired})
	if err != nil {
		t.Fatal(err)
	}
	e := signature.Evidence{Certificates: [][]byte{o.ca.Intermediate.Raw}}
	for range 24 { // authorities of the same names with other keys
		other, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := other.List(at, signaturetest.ListConfig{})
		if err != nil {
			t.Fatal(err)
		}
		e.Certificates, e.CRLs = append(e.Certificates, other.Intermediate.Raw), append(e.CRLs, list)
	}
	codes, tried := v.CountChecks(t.Context(), o.leader.Certificate, e, at)
	if tried != signature.MaxListChecks || len(codes) != 1 || codes[0] != "certificate.revocation-unknown" {
		t.Errorf("%d tried: %v", tried, codes)
	}
}
