package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"time"
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
		if a == nil || !a.IsCA || !a.BasicConstraintsValid {
			return nil, &PolicyError{"trust store", "certificates of certification authorities"}
		}
		if a.KeyUsage != 0 && a.KeyUsage&x509.KeyUsageCertSign == 0 {
			return nil, &PolicyError{"trust store", "certificates whose key may sign certificates"}
		}
		same := func(b *x509.Certificate) bool { return bytes.Equal(a.Raw, b.Raw) }
		if !slices.ContainsFunc(t.anchors, same) {
			t.anchors = append(t.anchors, a)
			t.pool.AddCert(a)
		}
	}
	return t, nil
}

// ParseTrustStore reads anchors from PEM. Anything in it but certificates is refused, so that a cut or mixed-up file is
// not taken for a shorter list.
func ParseTrustStore(text []byte) (*TrustStore, error) {
	if len(text) > maxTrustBytes {
		return nil, &PolicyError{"trust store", "at most 4 MiB of PEM"}
	}
	var anchors []*x509.Certificate
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return nil, &PolicyError{"trust store", "PEM blocks of type CERTIFICATE and nothing else"}
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &PolicyError{"trust store", "readable certificates"}
		}
		anchors = append(anchors, cert)
	}
	return NewTrustStore(anchors...)
}

// Anchors returns the anchors in the order they were given.
func (t *TrustStore) Anchors() []*x509.Certificate { return slices.Clone(t.anchors) }

// serves reports whether an anchor stands for a purpose at a time. One without a stated role serves for all.
func (t *TrustStore) serves(*x509.Certificate, purpose, time.Time) bool { return true }
