package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"

	"github.com/motcua/motcua/internal/cms"
)

// CertID names a certificate by its issuer's name and key, hashed, and its serial number.
type CertID struct {
	Hash              crypto.Hash
	NameHash, KeyHash []byte
	Serial            *big.Int
}

// NewCertID names a certificate.
func NewCertID(hash crypto.Hash, cert, issuer *x509.Certificate) CertID {
	return CertID{hash, digest(hash, issuer.RawSubject), digest(hash, KeyBits(issuer)), cert.SerialNumber}
}

func digest(hash crypto.Hash, data []byte) []byte {
	h := cms.NewHash(hash)
	if h == nil {
		return nil
	}
	h.Write(data)
	return h.Sum(nil)
}

// KeyBits returns the subjectPublicKey of a certificate without tag and length.
func KeyBits(cert *x509.Certificate) []byte {
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if rest, err := asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &spki); err != nil || len(rest) != 0 {
		return nil
	}
	return spki.Key.RightAlign()
}

// Names reports whether the id is that of the certificate.
func (id CertID) Names(cert, issuer *x509.Certificate) bool {
	want := NewCertID(id.Hash, cert, issuer)
	return len(id.NameHash) > 0 && len(id.KeyHash) > 0 && bytes.Equal(id.NameHash, want.NameHash) &&
		bytes.Equal(id.KeyHash, want.KeyHash) && id.Serial.Cmp(cert.SerialNumber) == 0
}
