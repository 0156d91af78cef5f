package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"slices"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pki"
)

const (
	maxAnchors    = 256
	maxTrustBytes = 4 << 20
)

// TrustStore is an immutable set of trust anchors (chứng thư số gốc). It is safe for concurrent use. The zero value
// trusts nothing, and no verifier can be made with it.
type TrustStore struct {
	anchors []*x509.Certificate
	pool    *x509.CertPool
	entries []TrustEntry // of a trust list; nil when the anchors have no stated roles
}

// NewTrustStore takes the certificates of root authorities. The caller has confirmed them, by their fingerprints. It
// refuses an empty list ([ErrNoAnchors]), and a certificate that is not a CA's ([*PolicyError]).
func NewTrustStore(anchors ...*x509.Certificate) (*TrustStore, error) {
	if len(anchors) == 0 {
		return nil, ErrNoAnchors
	}
	if len(anchors) > maxAnchors {
		return nil, &PolicyError{"trust store", "at most 256 anchors"}
	}
	t := &TrustStore{pool: x509.NewCertPool()}
	for _, a := range anchors {
		if a == nil || !mayIssue(a) {
			return nil, &PolicyError{"trust store", "certificates of authorities, whose key may sign certificates"}
		}
		t.anchor(a)
	}
	return t, nil
}

// mayIssue reports whether a certificate is that of an authority whose key may sign certificates.
func mayIssue(c *x509.Certificate) bool {
	return c.IsCA && c.BasicConstraintsValid && (c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0)
}

// anchor adds a certificate once.
func (t *TrustStore) anchor(cert *x509.Certificate) {
	if !slices.ContainsFunc(t.anchors, cert.Equal) {
		t.anchors = append(t.anchors, cert)
		t.pool.AddCert(unconstrained(cert))
	}
}

// Entries returns what a list says about its certificates, in its order; nil when the anchors have no stated roles.
func (t *TrustStore) Entries() []TrustEntry { return slices.Clone(t.entries) }

// ParseTrustStore reads anchors from PEM, or from a certificate bundle of PKCS #7 (P7B) in DER or PEM. Anything else in
// the file is refused, so that a cut or mixed-up one is not taken for a shorter list. Of a bundle, which usually holds
// issuers of all kinds, only certificates that sign themselves become anchors.
func ParseTrustStore(data []byte) (*TrustStore, error) {
	if len(data) > maxTrustBytes {
		return nil, &PolicyError{"trust store", "at most 4 MiB"}
	}
	if len(data) > 0 && data[0] == 0x30 {
		anchors, err := bundle(data)
		if err != nil {
			return nil, err
		}
		return NewTrustStore(anchors...)
	}
	var anchors []*x509.Certificate
	for rest := bytes.TrimSpace(data); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" && block.Type != "PKCS7" {
			return nil, &PolicyError{"trust store", "PEM blocks of type CERTIFICATE or PKCS7 and nothing else"}
		}
		if block.Type == "PKCS7" {
			more, err := bundle(block.Bytes)
			if err != nil {
				return nil, err
			}
			anchors = append(anchors, more...)
			continue
		}
		cert, err := pki.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &PolicyError{"trust store", "readable certificates"}
		}
		anchors = append(anchors, cert)
	}
	return NewTrustStore(anchors...)
}

// bundle returns the self-signed certificates of a P7B file.
func bundle(der []byte) ([]*x509.Certificate, error) {
	message, rest, err := cms.Reader{Certificate: pki.ParseCertificate}.Parse(der)
	if err != nil || len(rest) != 0 || len(message.Signers) != 0 || message.Unreadable > 0 {
		return nil, &PolicyError{"trust store", "a PKCS #7 bundle of readable certificates"}
	}
	return slices.DeleteFunc(message.Certificates, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(c) != nil }), nil
}

// Anchors returns the anchors in the order they were given.
func (t *TrustStore) Anchors() []*x509.Certificate { return slices.Clone(t.anchors) }
