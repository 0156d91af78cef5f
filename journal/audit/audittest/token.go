package audittest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"
)

var (
	oidSHA256      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSA       = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidSignedData  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidInfo        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidDigest      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidReference   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidPolicy      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1} // an arc nobody has
)

type stampInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint imprint
	Serial  *big.Int
	At      time.Time `asn1:"generalized"`
	Nonce   *big.Int  `asn1:"optional"`
}

type attribute struct {
	ID     asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type signerInfo struct {
	Version    int
	ID         issuerAndSerial
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue
	Algorithm  pkix.AlgorithmIdentifier
	Value      []byte
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue
	Signers      []signerInfo `asn1:"set"`
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content []byte `asn1:"explicit,tag:0"`
}

// token signs a TSTInfo for a query.
func (t *TSA) token(q *query, f Fault) ([]byte, error) {
	at := t.now().UTC().Truncate(time.Second)
	stated := stampInfo{1, oidPolicy, q.Imprint, big.NewInt(t.serial.Add(1)), at, q.Nonce}
	switch f {
	case WrongNonce:
		stated.Nonce = new(big.Int).Add(q.Nonce, big.NewInt(1))
	case NoNonce:
		stated.Nonce = nil
	case WrongDigest:
		other := sha256.Sum256(q.Imprint.Digest)
		stated.Imprint.Digest = other[:]
	}
	content, err := asn1.Marshal(stated)
	if err != nil {
		return nil, err
	}
	signer, err := t.sign(content, f)
	if err != nil {
		return nil, err
	}
	certificates := asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: t.cert(f).Raw}
	data, err := asn1.Marshal(signedData{3, []pkix.AlgorithmIdentifier{{Algorithm: oidSHA256}},
		encapsulated{oidInfo, content}, certificates, []signerInfo{signer}})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Type asn1.ObjectIdentifier
		Data asn1.RawValue
	}{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: data}})
}

func (t *TSA) sign(content []byte, f Fault) (signerInfo, error) {
	cert := t.cert(f)
	sum, certSum := sha256.Sum256(content), sha256.Sum256(cert.Raw)
	// SigningCertificateV2 with SHA-256 understood: RFC 5035, 3.
	reference := struct{ IDs []struct{ Digest []byte } }{[]struct{ Digest []byte }{{certSum[:]}}}
	list := []struct {
		id    asn1.ObjectIdentifier
		value any
	}{{oidContentType, oidInfo}, {oidDigest, sum[:]}, {oidReference, reference}}
	if f == Unbound {
		list = list[:2]
	}
	var attributes []attribute
	for _, a := range list {
		der, err := asn1.Marshal(a.value)
		if err != nil {
			return signerInfo{}, err
		}
		attributes = append(attributes, attribute{a.id, []asn1.RawValue{{FullBytes: der}}})
	}
	set, err := asn1.MarshalWithParams(attributes, "set") // sorted, as DER wants
	if err != nil {
		return signerInfo{}, err
	}
	hash := sha256.Sum256(set)
	if f == BadValue {
		hash[0] ^= 1
	}
	value, err := ecdsa.SignASN1(rand.Reader, t.key, hash[:])
	if err != nil {
		return signerInfo{}, err
	}
	set[0] = 0xa0 // [0] IMPLICIT where it stands; signed as a SET
	return signerInfo{1, issuerAndSerial{asn1.RawValue{FullBytes: cert.RawIssuer}, cert.SerialNumber},
		pkix.AlgorithmIdentifier{Algorithm: oidSHA256}, asn1.RawValue{FullBytes: set},
		pkix.AlgorithmIdentifier{Algorithm: oidECDSA}, value}, nil
}

// cert is the certificate that shows a fault, or else the right one.
func (t *TSA) cert(f Fault) *x509.Certificate {
	if c := t.certs[f]; c != nil {
		return c
	}
	return t.certs[None]
}
