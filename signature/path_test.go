package signature_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// link is a certificate to be made, and what is unusual about it.
type link struct {
	name   string
	kind   signaturetest.KeyKind
	change func(*x509.Certificate)
}

// certifyPath makes a path of certificates, each signed by the one before; the first signs itself.
func certifyPath(t *testing.T, links ...link) (root *x509.Certificate, id *signaturetest.Identity) {
	t.Helper()
	var parent *x509.Certificate
	var parentKey, key crypto.Signer
	var chain []*x509.Certificate
	for i, l := range links {
		var err error
		if key, err = signaturetest.NewKey(l.kind); err != nil {
			t.Fatal(err)
		}
		ca := i < len(links)-1
		c := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: l.name}, NotBefore: at.AddDate(-1, 0, 0),
			NotAfter: at.AddDate(1, 0, 0), IsCA: ca, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature}
		if ca {
			c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		}
		if l.change != nil {
			l.change(c)
		}
		if parent == nil {
			parent, parentKey = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey)
		if err != nil {
			t.Fatal(err)
		}
		if parent, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		parentKey = key
		chain = append([]*x509.Certificate{parent}, chain...)
	}
	return parentOf(chain), &signaturetest.Identity{Signer: key, Certificate: chain[0], Chain: chain[:len(chain)-1]}
}

func parentOf(chain []*x509.Certificate) *x509.Certificate { return chain[len(chain)-1] }

// Rules of RFC 5280, section 6, each broken once.
func TestPathRules(t *testing.T) {
	critical := func(id asn1.ObjectIdentifier, value []byte) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Critical: true, Value: value})
		}
	}
	root, middle, leaf := link{name: "gốc"}, link{name: "cấp phát"}, link{name: "Trần Thị Mỹ Vĩnh"}
	with := func(l link, change func(*x509.Certificate)) link { l.change = change; return l }
	tests := []struct {
		name  string
		links []link
		code  string
	}{
		{"all in order", []link{root, middle, leaf}, ""},
		{"two authorities between", []link{root, middle, {name: "cấp phát 2"}, leaf}, ""},
		{"issuer is no authority", []link{root, with(middle, func(c *x509.Certificate) { c.IsCA = false }), leaf}, "certificate.untrusted"},
		{"issuer's key may not certify", []link{root, with(middle, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }), leaf},
			"certificate.untrusted"},
		{"path too long", []link{with(root, func(c *x509.Certificate) { c.MaxPathLenZero = true }), middle, leaf}, "certificate.chain"},
		{"issuer expired", []link{root, with(middle, func(c *x509.Certificate) { c.NotAfter = at.AddDate(0, -1, 0) }), leaf},
			"certificate.chain-expired"},
		{"issuer not valid yet", []link{root, with(middle, func(c *x509.Certificate) { c.NotBefore = at.Add(time.Hour) }), leaf},
			"certificate.chain-expired"},
		{"unknown critical extension of the signer", []link{root, middle, with(leaf, critical(asn1.ObjectIdentifier{1, 2, 3}, []byte{5, 0}))},
			"certificate.chain"},
		{"unknown critical extension of an issuer", []link{root, with(middle, critical(asn1.ObjectIdentifier{1, 2, 3}, []byte{5, 0})), leaf},
			"certificate.chain"},
		{"directory name constraints, which are not understood", []link{root, with(middle, critical(asn1.ObjectIdentifier{2, 5, 29, 30},
			[]byte{0x30, 0x0c, 0xa0, 0x0a, 0x30, 0x08, 0xa4, 0x06, 0x30, 0x04, 0x31, 0x02, 0x30, 0x00})), leaf}, "certificate.chain"},
		{"mail outside the permitted names", []link{root, with(middle, func(c *x509.Certificate) {
			c.PermittedEmailAddresses, c.PermittedDNSDomainsCritical = []string{"gov.vn"}, true
		}), with(leaf, func(c *x509.Certificate) { c.EmailAddresses = []string{"a@example.vn"} })}, "certificate.chain"},
		{"mail inside the permitted names", []link{root, with(middle, func(c *x509.Certificate) {
			c.PermittedEmailAddresses, c.PermittedDNSDomainsCritical = []string{"gov.vn"}, true
		}), with(leaf, func(c *x509.Certificate) { c.EmailAddresses = []string{"a@gov.vn"} })}, ""},
		{"an issuer's key is too short", []link{root, {name: "cấp phát", kind: signaturetest.RSA1024}, leaf}, "signature.algorithm"},
		{"the signer is an authority", []link{root, middle, with(leaf, func(c *x509.Certificate) { c.IsCA = true })}, "sign"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			anchor, id := certifyPath(t, tt.links...)
			if tt.code == "sign" {
				if _, err := pades.Prepare(nil, 0, id.Chain, pades.Config{At: at}); err == nil {
					t.Error("prepared")
				}
				return
			}
			s := verify(t, verifier(t, anchor), sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{}), at).Signatures[0]
			if tt.code == "" {
				if s.Indication != signature.TotalPassed {
					t.Errorf("%s %v", s.Indication, codes(s))
				}
				return
			}
			expect(t, s, signature.Indeterminate, tt.code)
		})
	}
}
