package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"math/big"

	"github.com/motcua/motcua/internal/asn1x"
)

// Kind is the mathematics of a signature.
type Kind int

// Kinds of signature.
const (
	PKCS1v15 Kind = iota + 1 // RSASSA-PKCS1-v1_5, RFC 8017
	PSS                      // RSASSA-PSS, RFC 8017 and RFC 4056
	ECDSA                    // FIPS 186-5, RFC 5753
	Ed25519                  // RFC 8032, RFC 8419
)

var kindNames = map[Kind]string{PKCS1v15: "RSASSA-PKCS1-v1_5", PSS: "RSASSA-PSS", ECDSA: "ECDSA", Ed25519: "Ed25519"}

// Scheme is a signature algorithm with its digest.
type Scheme struct {
	Kind Kind
	Hash crypto.Hash
	// Salt is the salt length of PSS in bytes.
	Salt int
}

// String returns the usual name, such as "RSASSA-PSS".
func (s Scheme) String() string {
	if name, ok := kindNames[s.Kind]; ok {
		return name
	}
	return "unknown"
}

// SchemeFor chooses the scheme for a key: the digest follows the strength of the key, and an RSA key signs with
// RSASSA-PSS (Annex I of Circular 15/2025/TT-BKHCN) unless pkcs1 asks for the older padding.
func SchemeFor(pub crypto.PublicKey, pkcs1 bool) (Scheme, error) {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		if pkcs1 {
			return Scheme{Kind: PKCS1v15, Hash: crypto.SHA256}, nil
		}
		return Scheme{Kind: PSS, Hash: crypto.SHA256, Salt: crypto.SHA256.Size()}, nil
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return Scheme{Kind: ECDSA, Hash: crypto.SHA256}, nil
		case elliptic.P384():
			return Scheme{Kind: ECDSA, Hash: crypto.SHA384}, nil
		case elliptic.P521():
			return Scheme{Kind: ECDSA, Hash: crypto.SHA512}, nil
		}
	case ed25519.PublicKey:
		return Scheme{Kind: Ed25519, Hash: crypto.SHA512}, nil
	}
	return Scheme{}, fail(ErrAlgorithm, "a key of RSA, ECDSA P-256, P-384, P-521 or Ed25519")
}

// Input returns what a signer is handed for these signed attributes, and the options that go with it: a digest, or
// for Ed25519 the attributes themselves.
func (s Scheme) Input(attributes []byte) ([]byte, crypto.SignerOpts) {
	if s.Kind == Ed25519 {
		return attributes, crypto.Hash(0)
	}
	h := s.Hash.New()
	h.Write(attributes)
	if s.Kind == PSS {
		return h.Sum(nil), &rsa.PSSOptions{SaltLength: s.Salt, Hash: s.Hash}
	}
	return h.Sum(nil), s.Hash
}

// Sign signs the attributes with a key that may be opaque: a token, an HSM, a service.
func (s Scheme) Sign(signer crypto.Signer, attributes []byte) ([]byte, error) {
	input, opts := s.Input(attributes)
	value, err := signer.Sign(rand.Reader, input, opts)
	if err != nil {
		return nil, &Error{Kind: ErrSignature, Rule: "the signer to answer", Err: err}
	}
	return value, nil
}

// Verify checks a signature value over the attributes.
func (s Scheme) Verify(pub crypto.PublicKey, attributes, value []byte) error {
	if s.Kind != Ed25519 && NewHash(s.Hash) == nil {
		return fail(ErrAlgorithm, "a digest that can be computed")
	}
	ok := false
	switch key := pub.(type) {
	case *rsa.PublicKey:
		ok = s.verifyRSA(key, attributes, value)
	case *ecdsa.PublicKey:
		input, _ := s.Input(attributes)
		ok = s.Kind == ECDSA && ecdsa.VerifyASN1(key, input, value)
	case ed25519.PublicKey:
		ok = s.Kind == Ed25519 && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, attributes, value)
	default:
		return fail(ErrAlgorithm, "a key of RSA, ECDSA or Ed25519")
	}
	if !ok {
		return fail(ErrSignature, "a signature by the certificate's key over the signed attributes")
	}
	return nil
}

func (s Scheme) verifyRSA(key *rsa.PublicKey, attributes, value []byte) bool {
	input, _ := s.Input(attributes)
	switch s.Kind {
	case PKCS1v15:
		return rsa.VerifyPKCS1v15(key, s.Hash, input, value) == nil
	case PSS:
		return rsa.VerifyPSS(key, s.Hash, input, value, &rsa.PSSOptions{SaltLength: s.Salt, Hash: s.Hash}) == nil
	}
	return false
}

// Identifier returns the AlgorithmIdentifier of the scheme.
func (s Scheme) Identifier() []byte {
	switch s.Kind {
	case PSS:
		digest := hashIdentifier(s.Hash)
		mgf := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidMGF1), digest)
		return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidPSS), asn1x.Encode(asn1x.Sequence,
			asn1x.Encode(asn1x.Context(0), digest), asn1x.Encode(asn1x.Context(1), mgf),
			asn1x.Encode(asn1x.Context(2), asn1x.EncodeInt(big.NewInt(int64(s.Salt))))))
	case Ed25519:
		return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidEd25519))
	}
	for _, row := range signatureOIDs {
		if row.kind == s.Kind && row.hash == s.Hash {
			if s.Kind == PKCS1v15 {
				return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(row.oid), []byte{asn1x.Null, 0})
			}
			return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(row.oid))
		}
	}
	return nil
}

// HashIdentifier returns the AlgorithmIdentifier of a digest.
func HashIdentifier(h crypto.Hash) []byte { return hashIdentifier(h) }

// hashIdentifier omits the parameters for SHA-2, as RFC 5754 asks of writers.
func hashIdentifier(h crypto.Hash) []byte {
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidOfHash(h)))
}

// ParseScheme reads an AlgorithmIdentifier that stands alone, as in certificates, CRLs and OCSP responses.
func ParseScheme(body []byte) (Scheme, error) {
	s, err := parseScheme(body, 0)
	if err == nil && s.Hash == 0 && s.Kind != Ed25519 {
		err = fail(ErrAlgorithm, "a signature algorithm with its digest")
	}
	return s, err
}

// TakeHash takes an AlgorithmIdentifier of a digest.
func TakeHash(c *asn1x.Cursor) (crypto.Hash, error) { return parseHash(c) }

// parseScheme reads a signatureAlgorithm beside the signer's digest algorithm, with which it must agree.
func parseScheme(body []byte, digest crypto.Hash) (Scheme, error) {
	c := asn1x.Open(body)
	id, err := c.OID()
	if err != nil {
		return Scheme{}, err
	}
	if id.Equal(oidPSS) {
		return parsePSS(c, digest)
	}
	for _, row := range signatureOIDs {
		if !row.oid.Equal(id) {
			continue
		}
		if digest == 0 && row.hash != 0 {
			return Scheme{Kind: row.kind, Hash: row.hash}, nil
		}
		if row.hash != 0 && row.hash != digest {
			return Scheme{}, fail(ErrAlgorithm, "one digest in digestAlgorithm and signatureAlgorithm")
		}
		if row.kind == Ed25519 && digest != crypto.SHA512 && digest != 0 {
			return Scheme{}, fail(ErrAlgorithm, "SHA-512 beside Ed25519")
		}
		return Scheme{Kind: row.kind, Hash: digest}, nil
	}
	return Scheme{}, fail(ErrAlgorithm, "a known signature algorithm")
}

// parsePSS enforces RFC 4056: one digest everywhere, MGF1, trailer 1. Parameters must be there: their default is SHA-1.
func parsePSS(c *asn1x.Cursor, digest crypto.Hash) (Scheme, error) {
	params, err := c.Take(asn1x.Sequence)
	if err != nil {
		return Scheme{}, fail(ErrAlgorithm, "RSASSA-PSS parameters")
	}
	s := Scheme{Kind: PSS, Hash: crypto.SHA1, Salt: 20}
	mgf := crypto.SHA1
	p := asn1x.Open(params.Body)
	if e, ok, _ := p.Optional(asn1x.Context(0)); ok {
		if s.Hash, err = parseHash(asn1x.Open(e.Body)); err != nil {
			return Scheme{}, err
		}
	}
	if e, ok, _ := p.Optional(asn1x.Context(1)); ok {
		if mgf, err = parseMGF(e.Body); err != nil {
			return Scheme{}, err
		}
	}
	if e, ok, _ := p.Optional(asn1x.Context(2)); ok {
		if s.Salt, err = asn1x.Open(e.Body).Int(); err != nil || s.Salt < 0 || s.Salt > 512 {
			return Scheme{}, fail(ErrAlgorithm, "a PSS salt of 0 to 512 bytes")
		}
	}
	if e, ok, _ := p.Optional(asn1x.Context(3)); ok {
		if n, err := asn1x.Open(e.Body).Int(); err != nil || n != 1 {
			return Scheme{}, fail(ErrAlgorithm, "PSS trailer field 1")
		}
	}
	if digest == 0 {
		digest = s.Hash
	}
	if p.End() != nil || s.Hash != digest || mgf != digest {
		return Scheme{}, fail(ErrAlgorithm, "one digest in RSASSA-PSS, MGF1 and digestAlgorithm")
	}
	return s, nil
}

func parseMGF(body []byte) (crypto.Hash, error) {
	seq, err := asn1x.Open(body).Take(asn1x.Sequence)
	if err != nil {
		return 0, err
	}
	c := asn1x.Open(seq.Body)
	if id, err := c.OID(); err != nil || !id.Equal(oidMGF1) {
		return 0, fail(ErrAlgorithm, "mask generation function MGF1")
	}
	return parseHash(c)
}

// parseHash takes an AlgorithmIdentifier of a digest, with absent or NULL parameters.
func parseHash(c *asn1x.Cursor) (crypto.Hash, error) {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return 0, err
	}
	in := asn1x.Open(seq.Body)
	id, err := in.OID()
	if err != nil {
		return 0, err
	}
	h, ok := hashByOID(id)
	if !ok {
		return 0, fail(ErrAlgorithm, "a known digest algorithm")
	}
	return h, nil
}

// PublicKey returns the key of a certificate, also where crypto/x509 has none: RSA keys under id-RSASSA-PSS.
func PublicKey(cert *x509.Certificate) crypto.PublicKey {
	if cert.PublicKey != nil {
		return cert.PublicKey
	}
	var spki struct {
		Algorithm struct {
			ID     asn1.ObjectIdentifier
			Params asn1.RawValue `asn1:"optional"`
		}
		Key asn1.BitString
	}
	rest, err := asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &spki)
	if err != nil || len(rest) != 0 || !spki.Algorithm.ID.Equal(oidPSS) {
		return nil
	}
	key, err := x509.ParsePKCS1PublicKey(spki.Key.RightAlign())
	if err != nil {
		return nil
	}
	return key
}
