package eccurve

import (
	"crypto/ecdsa"
	"errors"
	"math/big"
)

// ErrPoint means that an encoded point is none of the curve.
var ErrPoint = errors.New("eccurve: not a point of the curve")

// Point is a point other than infinity of a known curve. The zero value is none.
type Point struct {
	curve  *Curve
	x, y   *big.Int
	native *ecdsa.PublicKey // of a point that was read, on a NIST curve
}

// Curve returns the point's curve.
func (p Point) Curve() *Curve { return p.curve }

// Point reads an encoded point (SEC 1, 2.3.4), uncompressed or compressed. Errors: ErrPoint.
func (c *Curve) Point(encoded []byte) (Point, error) {
	switch {
	case len(encoded) == 1+2*c.size && encoded[0] == 4:
		x := new(big.Int).SetBytes(encoded[1 : 1+c.size])
		y := new(big.Int).SetBytes(encoded[1+c.size:])
		if x.Cmp(c.p) >= 0 || y.Cmp(c.p) >= 0 || c.native == nil && !c.on(x, y) {
			break
		}
		if c.native == nil {
			return Point{curve: c, x: x, y: y}, nil
		}
		if key, err := ecdsa.ParseUncompressedPublicKey(c.native, encoded); err == nil { // which looks whether it is on the curve
			return Point{c, x, y, key}, nil
		}
	case len(encoded) == 1+c.size && encoded[0]|1 == 3:
		x := new(big.Int).SetBytes(encoded[1:])
		if x.Cmp(c.p) >= 0 {
			break
		}
		y := new(big.Int).ModSqrt(c.right(x), c.p)
		if y == nil {
			break
		}
		if y.Bit(0) != uint(encoded[0]&1) {
			y.Sub(c.p, y)
		}
		return Point{curve: c, x: x, y: y}, nil
	}
	return Point{}, ErrPoint
}

// Bytes returns the uncompressed encoding, nil of the zero value.
func (p Point) Bytes() []byte {
	if p.curve == nil {
		return nil
	}
	out := make([]byte, 1+2*p.curve.size)
	out[0] = 4
	p.x.FillBytes(out[1 : 1+p.curve.size])
	p.y.FillBytes(out[1+p.curve.size:])
	return out
}

// X returns the x-coordinate as Doc 9303-11 and TR-03111 want a shared secret: with the length of the field.
func (p Point) X() []byte { return p.x.FillBytes(make([]byte, p.curve.size)) }

// Equal reports whether both are the same point of the same curve.
func (p Point) Equal(q Point) bool {
	return p.curve != nil && p.curve == q.curve && p.x.Cmp(q.x) == 0 && p.y.Cmp(q.y) == 0
}

// right is x³ + ax + b.
func (c *Curve) right(x *big.Int) *big.Int {
	v := new(big.Int).Mul(x, x)
	v.Add(v, c.a).Mul(v, x)
	return v.Add(v, c.b).Mod(v, c.p)
}

func (c *Curve) on(x, y *big.Int) bool {
	left := new(big.Int).Mul(y, y)
	return left.Mod(left, c.p).Cmp(c.right(x)) == 0
}

// Times returns k times the point; ok is false when that is infinity.
func (p Point) Times(k *big.Int) (q Point, ok bool) {
	m := newMath(p.curve)
	x, y, ok := m.affine(m.sum(k, m.table(p), new(big.Int), nil))
	return Point{curve: p.curve, x: x, y: y}, ok
}

// Verify reports whether r and s are an ECDSA signature over the digest (FIPS 186-5, 6.4.2). A digest longer than the
// order counts with its leftmost bits.
func (p Point) Verify(digest []byte, r, s *big.Int) bool {
	if p.curve == nil || r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(p.curve.n) >= 0 || s.Cmp(p.curve.n) >= 0 {
		return false
	}
	if p.curve.native != nil {
		return p.verifyNative(digest, encode(r, s))
	}
	w := new(big.Int).ModInverse(s, p.curve.n)
	u1 := p.curve.shorten(digest)
	u1.Mul(u1, w).Mod(u1, p.curve.n)
	u2 := w.Mul(w, r)
	u2.Mod(u2, p.curve.n)
	m := newMath(p.curve)
	x, ok := m.affineX(m.sum(u1, m.table(p.curve.Generator()), u2, m.table(p)))
	return ok && x.Mod(x, p.curve.n).Cmp(r) == 0
}

// VerifyDER is Verify for an Ecdsa-Sig-Value (RFC 3279, 2.2.3), strictly DER.
func (p Point) VerifyDER(digest, signature []byte) bool {
	if p.curve != nil && p.curve.native != nil {
		return p.verifyNative(digest, signature)
	}
	r, s, err := Signature(signature)
	return err == nil && p.Verify(digest, r, s)
}

func (p Point) verifyNative(digest, signature []byte) bool {
	key := p.native
	if key == nil {
		var err error
		if key, err = ecdsa.ParseUncompressedPublicKey(p.curve.native, p.Bytes()); err != nil {
			return false
		}
	}
	return ecdsa.VerifyASN1(key, digest, signature)
}

// shorten takes as many leading bits of a digest as the order has.
func (c *Curve) shorten(digest []byte) *big.Int {
	v := new(big.Int).SetBytes(digest)
	if surplus := 8*len(digest) - c.n.BitLen(); surplus > 0 {
		v.Rsh(v, uint(surplus))
	}
	return v
}
