package signature_test

import (
	"crypto"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// resigned gives a signed document a message with further signed attributes, by the same signer.
func resigned(t *testing.T, doc []byte, id *signaturetest.Identity, extra func(digest []byte) []cms.Attribute) []byte {
	t.Helper()
	r := verify(t, verifier(t, id.Chain[len(id.Chain)-1]), doc, at).Signatures[0].ByteRange
	h := sha256.New()
	h.Write(doc[:r[1]])
	h.Write(doc[r[2]:])
	digest := h.Sum(nil)
	scheme, err := cms.SchemeFor(id.Signer.Public(), false)
	if err != nil {
		t.Fatal(err)
	}
	attributes := cms.SignedAttributes(id.Certificate, scheme, digest, extra(digest)...)
	value, err := scheme.Sign(id.Signer, attributes)
	if err != nil {
		t.Fatal(err)
	}
	message, err := cms.Assemble(cms.Parts{Certificate: id.Certificate, Chain: id.Chain[1:], Scheme: scheme, Attributes: attributes, Value: value})
	if err != nil {
		t.Fatal(err)
	}
	return must(t)(signaturetest.ReplaceContents(doc, message))
}

// A time stamp over the content proves that the signature is younger. It never makes it older.
func TestContentTimestamps(t *testing.T) {
	o := newOffice(t)
	stranger, err := signaturetest.NewCA(at, signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	authority := func(ca *signaturetest.CA) *signaturetest.TSA {
		tsa, err := ca.NewTSA(at, signaturetest.TSAConfig{})
		if err != nil {
			t.Fatal(err)
		}
		return tsa
	}
	ours, theirs := authority(o.ca), authority(stranger)
	token := func(tsa *signaturetest.TSA, when time.Time, digest []byte) []byte {
		der, err := tsa.Token(when, crypto.SHA256, digest)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{Room: 16384})
	other := sha256.Sum256([]byte("something else"))
	before, earlier := at.Add(-2*time.Hour), at.Add(-3*time.Hour)
	for name, tt := range map[string]struct {
		content func(digest []byte) []byte
		stamped time.Time // of the signature itself; zero: not at all
		want    signature.Indication
		code    string // of a reason or a warning
		proven  bool
	}{
		"before the signature": {func(d []byte) []byte { return token(ours, before, d) }, time.Time{}, signature.TotalPassed, "", true},
		"of a stranger":        {func(d []byte) []byte { return token(theirs, before, d) }, time.Time{}, signature.TotalPassed, "signature.content-timestamp", false},
		"of something else":    {func([]byte) []byte { return token(ours, before, other[:]) }, time.Time{}, signature.TotalPassed, "signature.content-timestamp", false},
		"by another algorithm of the same length": {func(d []byte) []byte {
			der, err := ours.Token(before, crypto.SHA512_256, d)
			if err != nil {
				t.Fatal(err)
			}
			return der
		}, time.Time{}, signature.TotalPassed, "signature.content-timestamp", false},
		"unreadable":                  {func([]byte) []byte { return []byte{0x30, 0} }, time.Time{}, signature.TotalPassed, "timestamp.unreadable", false},
		"older than the signature's":  {func(d []byte) []byte { return token(ours, earlier, d) }, before, signature.TotalPassed, "", true},
		"later than the signature's":  {func(d []byte) []byte { return token(ours, before, d) }, earlier, signature.Indeterminate, "signature.younger", true},
		"later than the judgement":    {func(d []byte) []byte { return token(ours, at.Add(time.Hour), d) }, time.Time{}, signature.TotalPassed, "signature.content-timestamp", false},
		"a stranger's, and later too": {func(d []byte) []byte { return token(theirs, before, d) }, earlier, signature.TotalPassed, "signature.content-timestamp", false},
	} {
		t.Run(name, func(t *testing.T) {
			file := resigned(t, doc, o.leader, func(digest []byte) []cms.Attribute {
				return []cms.Attribute{{ID: cms.OIDContentTimestamp, Values: [][]byte{tt.content(digest)}}}
			})
			if !tt.stamped.IsZero() {
				padded := must(t)(signaturetest.Message(file))
				m, rest, err := cms.Parse(padded)
				if err != nil {
					t.Fatal(err)
				}
				sum := sha256.Sum256(m.Signers[0].Value)
				message, err := cms.AddUnsigned(padded[:len(padded)-len(rest)],
					cms.Attribute{ID: cms.OIDTimestampToken, Values: [][]byte{token(ours, tt.stamped, sum[:])}})
				if err != nil {
					t.Fatal(err)
				}
				file = must(t)(signaturetest.ReplaceContents(file, message))
			}
			s := verify(t, verifier(t, o.ca.Root), file, at).Signatures[0]
			all := codes(s)
			for _, w := range s.Warnings {
				all = append(all, w.Code)
			}
			if s.Indication != tt.want || tt.code != "" && !slices.Contains(all, tt.code) || !s.Intact {
				t.Errorf("%s, intact %v: %v", s.Indication, s.Intact, all)
			}
			if got := len(s.ContentTimestamps) == 1 && s.ContentTimestamps[0].Indication == signature.TotalPassed; got != tt.proven {
				t.Errorf("content time stamps %v", s.ContentTimestamps)
			}
			if tt.stamped.IsZero() && s.ProvenTime != nil {
				t.Errorf("a time stamp over the content proves when it was signed: %v", s.ProvenTime)
			}
		})
	}
}

// A policy attribute that cannot be read is no attribute to be passed over; an implied one says nothing.
func TestSignaturePolicies(t *testing.T) {
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{Room: 8192})
	for name, tt := range map[string]struct {
		value []byte
		want  signature.Indication
		id    string
		shown bool
	}{
		"implied":        {[]byte{5, 0}, signature.TotalPassed, "", true},
		"an empty list":  {[]byte{0x30, 0}, signature.TotalFailed, "", false},
		"an integer":     {[]byte{2, 1, 1}, signature.TotalFailed, "", false},
		"without a hash": {[]byte{0x30, 4, 6, 2, 0x2a, 3}, signature.TotalFailed, "", false},
		"with an address": {cms.PolicyAttribute(cms.SignaturePolicy{ID: []int{1, 2, 3}, Hash: crypto.SHA384, Digest: make([]byte, 48),
			URI: "https://example.vn/"}).Values[0], signature.TotalPassed, "1.2.3", true},
	} {
		t.Run(name, func(t *testing.T) {
			file := resigned(t, doc, o.leader, func([]byte) []cms.Attribute {
				return []cms.Attribute{{ID: cms.OIDSignaturePolicy, Values: [][]byte{tt.value}}}
			})
			s := verify(t, verifier(t, o.ca.Root), file, at).Signatures[0]
			if s.Indication != tt.want || (s.Policy != nil) != tt.shown || tt.shown && s.Policy.ID != tt.id {
				t.Errorf("%s %v, %+v", s.Indication, codes(s), s.Policy)
			}
		})
	}
}
