package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/fips140"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"strings"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/eccurve"
)

var oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}

// ParseCertificate is x509.ParseCertificate, and reads certificates with a key on a named brainpool curve (RFC 5639) too,
// which that refuses. Signatures by such keys are verified by crypto/ecdsa; where FIPS 140 is enforced it would not, so
// they are refused then as well.
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(der)
	if err == nil || fips140.Enforced() {
		return cert, err
	}
	if brainpool, ok := parseBrainpool(der); ok {
		return brainpool, nil
	}
	return nil, err
}

// parseBrainpool has crypto/x509 read the certificate with a key it knows in the place of the brainpool key, and puts back
// what was there.
func parseBrainpool(der []byte) (*x509.Certificate, bool) {
	tbs, spki, at, ok := findKey(der)
	if !ok {
		return nil, false
	}
	key, ok := brainpoolKey(spki.Body)
	if !ok {
		return nil, false
	}
	known, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), eccurve.Named("P-256").Generator().Bytes())
	if err != nil {
		return nil, false
	}
	stand, err := x509.MarshalPKIXPublicKey(known)
	if err != nil {
		return nil, false
	}
	body := append(append(append([]byte(nil), tbs.Body[:at]...), stand...), tbs.Body[at+len(spki.Full):]...)
	outer, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return nil, false
	}
	cert, err := x509.ParseCertificate(asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, body), outer.Body[len(tbs.Full):]))
	if err != nil {
		return nil, false
	}
	cert.Raw, cert.RawTBSCertificate, cert.RawSubjectPublicKeyInfo, cert.PublicKey = der, tbs.Full, spki.Full, key
	return cert, true
}

// findKey returns the TBSCertificate, and the SubjectPublicKeyInfo with its place in it. The input is one element and
// nothing else.
func findKey(der []byte) (tbs, spki asn1x.Element, at int, ok bool) {
	whole := asn1x.Open(der)
	outer, err := whole.Take(asn1x.Sequence)
	if err != nil || !whole.Done() {
		return tbs, spki, 0, false
	}
	if tbs, err = asn1x.Open(outer.Body).Take(asn1x.Sequence); err != nil {
		return tbs, spki, 0, false
	}
	c := asn1x.Open(tbs.Body)
	// version, serial number, algorithm, issuer, validity, subject
	for _, tag := range []byte{asn1x.Context(0), asn1x.Integer, asn1x.Sequence, asn1x.Sequence, asn1x.Sequence, asn1x.Sequence} {
		e, err := c.Take(tag)
		if err != nil {
			return tbs, spki, 0, false
		}
		at += len(e.Full)
	}
	spki, err = c.Take(asn1x.Sequence)
	return tbs, spki, at, err == nil
}

// brainpoolKey reads a SubjectPublicKeyInfo with a named brainpool curve and an uncompressed or compressed point on it.
func brainpoolKey(body []byte) (*ecdsa.PublicKey, bool) {
	c := asn1x.Open(body)
	algorithm, err := c.Take(asn1x.Sequence)
	if err != nil {
		return nil, false
	}
	a := asn1x.Open(algorithm.Body)
	if id, err := a.OID(); err != nil || !id.Equal(oidECPublicKey) || a.Peek() != asn1x.OID {
		return nil, false
	}
	name, err := a.Next()
	if err != nil || a.End() != nil {
		return nil, false
	}
	curve, err := eccurve.Parameters(name.Full)
	if err != nil || !strings.HasPrefix(curve.Name, "brainpool") {
		return nil, false
	}
	bits, err := c.Take(asn1x.BitString)
	if err != nil || c.End() != nil || len(bits.Body) < 2 || bits.Body[0] != 0 {
		return nil, false
	}
	point, err := curve.Point(bits.Body[1:])
	if err != nil {
		return nil, false
	}
	plain := point.Bytes()[1:]
	x, y := new(big.Int).SetBytes(plain[:curve.Size()]), new(big.Int).SetBytes(plain[curve.Size():])
	//lint:ignore SA1019 there is no other way to give crypto/x509 a key on a curve of somebody else's
	return &ecdsa.PublicKey{Curve: curve.Elliptic(), X: x, Y: y}, true
}
