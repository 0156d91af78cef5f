package csca

import (
	"crypto"
	"crypto/rsa"
	"math/big"
	"strconv"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/eccurve"
)

// Key is a public key: RSA or a point of a known curve. The zero value is none.
type Key struct {
	RSA *rsa.PublicKey
	EC  eccurve.Point
	// PSS is set for an RSA key that may be used with RSASSA-PSS only. Hash is then the digest its parameters allow, 0 for
	// any, and Salt the least salt.
	PSS  bool
	Hash crypto.Hash
	Salt int
}

const (
	oidRSAKey = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
	oidPSSKey = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
	oidECKey  = "\x2a\x86\x48\xce\x3d\x02\x01"
)

// Bits of an RSA modulus. Go refuses less than 1024 by itself; more than 8192 costs too much for what anybody sends.
const (
	minRSA = 1024
	maxRSA = 8192
)

// ParseKey reads a SubjectPublicKeyInfo. Errors: *Error with ErrFormat or ErrKey, with the cause of package eccurve.
func ParseKey(spki []byte) (Key, error) {
	outer := asn1x.Open(spki)
	seq, err := outer.Take(asn1x.Sequence)
	if err != nil || outer.End() != nil {
		return Key{}, fail("SubjectPublicKeyInfo of RFC 5280")
	}
	c := asn1x.Open(seq.Body)
	algorithm, err := c.Take(asn1x.Sequence)
	if err != nil {
		return Key{}, fail("SubjectPublicKeyInfo of RFC 5280")
	}
	bits, err := c.Take(asn1x.BitString)
	if err != nil || c.End() != nil || len(bits.Body) < 2 || bits.Body[0] != 0 {
		return Key{}, fail("a public key in a BIT STRING")
	}
	a := asn1x.Open(algorithm.Body)
	id, err := a.Take(asn1x.OID)
	if err != nil {
		return Key{}, fail("a public key algorithm")
	}
	rest := algorithm.Body[len(id.Full):]
	switch string(id.Body) {
	case oidRSAKey:
		return parseRSA(bits.Body[1:])
	case oidPSSKey:
		return parsePSSKey(algorithm.Body, rest, bits.Body[1:])
	case oidECKey:
		curve, err := eccurve.Parameters(rest)
		if err != nil {
			return Key{}, &Error{ErrKey, "a known curve", err}
		}
		point, err := curve.Point(bits.Body[1:])
		if err != nil {
			return Key{}, &Error{ErrKey, "a point of the curve", err}
		}
		return Key{EC: point}, nil
	}
	return Key{}, &Error{Kind: ErrKey, Rule: "RSA or a known curve"}
}

func parseRSA(der []byte) (Key, error) {
	outer := asn1x.Open(der)
	seq, err := outer.Take(asn1x.Sequence)
	if err != nil || outer.End() != nil {
		return Key{}, fail("RSAPublicKey of RFC 8017")
	}
	c := asn1x.Open(seq.Body)
	n, err1 := c.Take(asn1x.Integer)
	e, err2 := c.Int()
	if err1 != nil || err2 != nil || c.End() != nil || len(n.Body) == 0 || n.Body[0] >= 0x80 {
		return Key{}, &Error{Kind: ErrKey, Rule: "an RSA modulus and a small exponent"}
	}
	modulus := new(big.Int).SetBytes(n.Body)
	if modulus.BitLen() < minRSA || modulus.BitLen() > maxRSA || modulus.Bit(0) == 0 || e < 3 || e&1 == 0 || e >= 1<<31 {
		return Key{}, &Error{Kind: ErrKey, Rule: "RSA of 1024 to 8192 bits with an odd exponent"}
	}
	return Key{RSA: &rsa.PublicKey{N: modulus, E: e}}, nil
}

// parsePSSKey reads an RSA key whose algorithm is id-RSASSA-PSS; parameters bind every signature by it (RFC 4055, 3.3).
func parsePSSKey(algorithm, parameters, der []byte) (Key, error) {
	key, err := parseRSA(der)
	if err != nil {
		return Key{}, err
	}
	key.PSS = true
	if len(parameters) == 0 || len(parameters) == 2 && parameters[0] == asn1x.Null {
		return key, nil
	}
	scheme, err := cms.ParseScheme(algorithm)
	if err != nil {
		return Key{}, &Error{ErrKey, "RSASSA-PSS parameters that agree", err}
	}
	key.Hash, key.Salt = scheme.Hash, scheme.Salt
	return key, nil
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.RSA == nil && k.EC.Curve() == nil }

// String returns the kind and strength, such as "RSA 2048" or "brainpoolP256r1".
func (k Key) String() string {
	switch {
	case k.RSA != nil:
		return "RSA " + strconv.Itoa(k.RSA.N.BitLen())
	case k.EC.Curve() != nil:
		return k.EC.Curve().Name
	}
	return "none"
}

// Verify checks a signature over a message. Errors: *Error with ErrKey when scheme and key do not belong together or the
// digest cannot be computed, ErrSignature when the signature is wrong.
func (k Key) Verify(scheme cms.Scheme, message, signature []byte) error {
	h := cms.NewHash(scheme.Hash)
	if h == nil {
		return &Error{Kind: ErrKey, Rule: "a digest that can be computed"}
	}
	switch scheme.Kind {
	case cms.ECDSA:
		if k.EC.Curve() == nil {
			return &Error{Kind: ErrKey, Rule: "an elliptic key for ECDSA"}
		}
		h.Write(message)
		if !k.EC.VerifyDER(h.Sum(nil), signature) {
			return &Error{Kind: ErrSignature, Rule: "an ECDSA signature by the key"}
		}
		return nil
	case cms.PKCS1v15, cms.PSS:
		if k.RSA == nil || k.PSS && (scheme.Kind != cms.PSS || k.Hash != 0 && k.Hash != scheme.Hash || scheme.Salt < k.Salt) {
			return &Error{Kind: ErrKey, Rule: "an RSA key that allows the scheme"}
		}
		if err := scheme.Verify(k.RSA, message, signature); err != nil {
			return &Error{ErrSignature, "an RSA signature by the key", err}
		}
		return nil
	}
	return &Error{Kind: ErrKey, Rule: "RSA or ECDSA"}
}
