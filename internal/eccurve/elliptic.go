package eccurve

import (
	"crypto/elliptic"
	"math/big"
)

// Elliptic returns the curve in the form in which crypto/ecdsa and crypto/x509 take curves they do not know themselves. It
// takes the time its numbers take, so it is for verifying, never for private keys.
func (c *Curve) Elliptic() elliptic.Curve {
	if c.native != nil {
		return c.native
	}
	return public{c}
}

// public is a curve for public numbers. Infinity is 0, 0, and so is whatever is not on the curve.
type public struct{ c *Curve }

var _ elliptic.Curve = public{}

// Params returns the parameters but a, which elliptic.CurveParams takes for −3: nothing may be computed with them.
func (p public) Params() *elliptic.CurveParams {
	return &elliptic.CurveParams{P: p.c.p, N: p.c.n, B: p.c.b, Gx: p.c.gx, Gy: p.c.gy, BitSize: 8 * p.c.size, Name: p.c.Name}
}

func (p public) IsOnCurve(x, y *big.Int) bool {
	return x.Sign() >= 0 && y.Sign() >= 0 && x.Cmp(p.c.p) < 0 && y.Cmp(p.c.p) < 0 && p.c.on(x, y)
}

func (p public) Add(x1, y1, x2, y2 *big.Int) (x, y *big.Int) {
	m := newMath(p.c)
	sum := p.jacobian(x1, y1)
	m.plus(sum, p.jacobian(x2, y2), false)
	return p.affine(m, sum)
}

func (p public) Double(x, y *big.Int) (*big.Int, *big.Int) {
	m := newMath(p.c)
	twice := p.jacobian(x, y)
	m.double(twice)
	return p.affine(m, twice)
}

func (p public) ScalarMult(x, y *big.Int, k []byte) (*big.Int, *big.Int) {
	if !p.IsOnCurve(x, y) {
		return new(big.Int), new(big.Int)
	}
	q, ok := Point{curve: p.c, x: x, y: y}.Times(new(big.Int).SetBytes(k))
	if !ok {
		return new(big.Int), new(big.Int)
	}
	return q.x, q.y
}

func (p public) ScalarBaseMult(k []byte) (x, y *big.Int) { return p.ScalarMult(p.c.gx, p.c.gy, k) }

func (p public) jacobian(x, y *big.Int) *jacobian {
	j := new(jacobian)
	if !p.IsOnCurve(x, y) {
		return j
	}
	j.x.Set(x)
	j.y.Set(y)
	j.z.SetInt64(1)
	return j
}

func (p public) affine(m *field, j *jacobian) (x, y *big.Int) {
	x, y, ok := m.affine(j)
	if !ok {
		return new(big.Int), new(big.Int)
	}
	return x, y
}
