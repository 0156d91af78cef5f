package eccurve

import (
	"errors"
	"math/big"

	"github.com/motcua/motcua/internal/asn1x"
)

// Errors of [Parameters].
var (
	ErrUnknown = errors.New("eccurve: curve not known")
	// ErrDiffers means parameters that resemble a known curve and differ in something: an attack, or a broken encoder.
	ErrDiffers = errors.New("eccurve: parameters differ from the known curve over the same field")
	ErrSyntax  = errors.New("eccurve: not ECParameters of RFC 3279")
)

// oidPrimeField is the contents of 1.2.840.10045.1.1.
const oidPrimeField = "\x2a\x86\x48\xce\x3d\x01\x01"

// Parameters reads an ECPKParameters in DER: an object identifier, or ECParameters (X9.62, RFC 3279 2.3.5) that must
// equal a known curve in field, coefficients, generator, order and cofactor. The seed proves nothing and is ignored.
func Parameters(der []byte) (*Curve, error) {
	in := asn1x.Open(der)
	e, err := in.Next()
	if err != nil || in.End() != nil {
		return nil, ErrSyntax
	}
	switch e.Tag {
	case asn1x.OID:
		for _, c := range known {
			if c.oid == string(e.Body) {
				return c, nil
			}
		}
		return nil, ErrUnknown
	case asn1x.Sequence:
		return explicit(asn1x.Open(e.Body))
	}
	return nil, ErrSyntax // implicitCA: parameters from nowhere
}

func explicit(in *asn1x.Cursor) (*Curve, error) {
	if v, err := in.Int(); err != nil || v < 1 || v > 3 {
		return nil, ErrSyntax
	}
	p, err := primeField(in)
	if err != nil {
		return nil, err
	}
	coefficients, err := in.Take(asn1x.Sequence)
	if err != nil {
		return nil, ErrSyntax
	}
	ab := asn1x.Open(coefficients.Body)
	a, err1 := ab.Take(asn1x.OctetString)
	b, err2 := ab.Take(asn1x.OctetString)
	g, err3 := in.Take(asn1x.OctetString)
	n, err4 := positive(in)
	if errors.Join(err1, err2, err3, err4) != nil {
		return nil, ErrSyntax
	}
	cofactor := big.NewInt(1)
	if in.Peek() == asn1x.Integer {
		if cofactor, err = positive(in); err != nil {
			return nil, ErrSyntax
		}
	}
	for _, c := range known {
		if c.p.Cmp(p) != 0 {
			continue
		}
		base, err := c.Point(g.Body)
		if err == nil && base.Equal(c.Generator()) && equal(a.Body, c.a) && equal(b.Body, c.b) && n.Cmp(c.n) == 0 &&
			cofactor.IsUint64() && cofactor.Uint64() == 1 {
			return c, nil
		}
		return nil, ErrDiffers
	}
	return nil, ErrUnknown
}

func primeField(in *asn1x.Cursor) (*big.Int, error) {
	field, err := in.Take(asn1x.Sequence)
	if err != nil {
		return nil, ErrSyntax
	}
	f := asn1x.Open(field.Body)
	id, err := f.Take(asn1x.OID)
	if err != nil {
		return nil, ErrSyntax
	}
	if string(id.Body) != oidPrimeField {
		return nil, ErrUnknown
	}
	p, err := positive(f)
	if err != nil || f.End() != nil {
		return nil, ErrSyntax
	}
	return p, nil
}

// positive takes an INTEGER above zero, at most one byte longer than the largest field.
func positive(in *asn1x.Cursor) (*big.Int, error) {
	e, err := in.Take(asn1x.Integer)
	if err != nil || len(e.Body) == 0 || len(e.Body) > 67 || e.Body[0] >= 0x80 {
		return nil, ErrSyntax
	}
	if len(e.Body) > 1 && e.Body[0] == 0 && e.Body[1] < 0x80 {
		return nil, ErrSyntax // more octets than DER allows
	}
	v := new(big.Int).SetBytes(e.Body)
	if v.Sign() == 0 {
		return nil, ErrSyntax
	}
	return v, nil
}

// equal compares a FieldElement with a coefficient; writers differ on leading zeros.
func equal(octets []byte, v *big.Int) bool {
	return len(octets) <= 67 && new(big.Int).SetBytes(octets).Cmp(v) == 0
}

// Explicit writes the curve out as ECParameters, as many travel documents carry it.
func (c *Curve) Explicit() []byte {
	octets := func(v *big.Int) []byte {
		return asn1x.Encode(asn1x.OctetString, v.FillBytes(make([]byte, c.size)))
	}
	field := asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.OID, []byte(oidPrimeField)), asn1x.EncodeInt(c.p))
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(big.NewInt(1)), field,
		asn1x.Encode(asn1x.Sequence, octets(c.a), octets(c.b)),
		asn1x.Encode(asn1x.OctetString, c.Generator().Bytes()), asn1x.EncodeInt(c.n), asn1x.EncodeInt(big.NewInt(1)))
}

// Signature reads r and s of an Ecdsa-Sig-Value (RFC 3279, 2.2.3), strictly DER.
func Signature(der []byte) (r, s *big.Int, err error) {
	in := asn1x.Open(der)
	e, err := in.Take(asn1x.Sequence)
	if err != nil || in.End() != nil {
		return nil, nil, ErrSyntax
	}
	body := asn1x.Open(e.Body)
	r, err1 := positive(body)
	s, err2 := positive(body)
	if errors.Join(err1, err2) != nil || body.End() != nil {
		return nil, nil, ErrSyntax
	}
	return r, s, nil
}

func encode(r, s *big.Int) []byte {
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(r), asn1x.EncodeInt(s))
}
