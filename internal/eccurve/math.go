package eccurve

import "math/big"

// window is the width of the signed windows in which scalars are read.
const window = 5

// jacobian stands for (X/Z², Y/Z³); Z = 0 is infinity.
type jacobian struct{ x, y, z big.Int }

// field holds one computation's scratch numbers, so that the inner loop allocates nothing. Formulas: Explicit-Formulas
// Database, dbl-2007-bl and add-2007-bl for short Weierstrass curves with any a.
type field struct {
	*Curve
	t [12]big.Int
	q big.Int // quotients nobody asks for
}

func newMath(c *Curve) *field { return &field{Curve: c} }

func (f *field) mul(z, x, y *big.Int) {
	z.Mul(x, y)
	f.q.QuoRem(z, f.p, z)
}

func (f *field) sub(z, x, y *big.Int) {
	if z.Sub(x, y).Sign() < 0 {
		z.Add(z, f.p)
	}
}

func (f *field) add(z, x, y *big.Int) {
	if z.Add(x, y).Cmp(f.p) >= 0 {
		z.Sub(z, f.p)
	}
}

// double sets p to twice itself.
func (f *field) double(p *jacobian) {
	if p.z.Sign() == 0 {
		return
	}
	t := &f.t
	xx, yy, yyyy, zz, s, m, u := &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6]
	f.mul(xx, &p.x, &p.x)
	f.mul(yy, &p.y, &p.y)
	f.mul(yyyy, yy, yy)
	f.mul(zz, &p.z, &p.z)
	f.mul(s, &p.x, yy) // S = 4·X·YY
	f.add(s, s, s)
	f.add(s, s, s)
	f.mul(m, zz, zz) // M = 3·XX + a·ZZ²
	f.mul(m, m, f.a)
	f.add(m, m, xx)
	f.add(m, m, xx)
	f.add(m, m, xx)
	f.mul(&p.z, &p.z, &p.y) // Z = 2·Y·Z
	f.add(&p.z, &p.z, &p.z)
	f.mul(&p.x, m, m) // X = M² − 2·S
	f.sub(&p.x, &p.x, s)
	f.sub(&p.x, &p.x, s)
	f.sub(u, s, &p.x) // Y = M·(S − X) − 8·YYYY
	f.mul(&p.y, m, u)
	for range 3 {
		f.add(yyyy, yyyy, yyyy)
	}
	f.sub(&p.y, &p.y, yyyy)
}

// plus adds q to p, or takes it away.
func (f *field) plus(p, q *jacobian, negate bool) {
	if q.z.Sign() == 0 {
		return
	}
	t := &f.t
	qy := &t[9]
	qy.Set(&q.y)
	if negate {
		qy.Sub(f.p, qy)
	}
	if p.z.Sign() == 0 {
		p.x.Set(&q.x)
		p.y.Set(qy)
		p.z.Set(&q.z)
		return
	}
	z1, z2, u1, u2, s1, s2, h, r, v := &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7], &t[8]
	f.mul(z1, &p.z, &p.z)
	f.mul(z2, &q.z, &q.z)
	f.mul(u1, &p.x, z2)
	f.mul(u2, &q.x, z1)
	f.mul(s1, &p.y, &q.z)
	f.mul(s1, s1, z2)
	f.mul(s2, qy, &p.z)
	f.mul(s2, s2, z1)
	f.sub(h, u2, u1)
	f.sub(r, s2, s1)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			f.double(p)
			return
		}
		p.z.SetInt64(0)
		return
	}
	f.mul(&p.z, &p.z, &q.z)
	f.mul(&p.z, &p.z, h)
	f.mul(z1, h, h)  // H²
	f.mul(z2, z1, h) // H³
	f.mul(v, u1, z1)
	f.mul(&p.x, r, r) // X = R² − H³ − 2·V
	f.sub(&p.x, &p.x, z2)
	f.sub(&p.x, &p.x, v)
	f.sub(&p.x, &p.x, v)
	f.sub(v, v, &p.x) // Y = R·(V − X) − S1·H³
	f.mul(&p.y, r, v)
	f.mul(s1, s1, z2)
	f.sub(&p.y, &p.y, s1)
}

// table returns the odd multiples of a point that signed windows need: 1, 3, … 15 times.
func (f *field) table(p Point) []jacobian {
	list := make([]jacobian, 1<<(window-2))
	list[0].x.Set(p.x)
	list[0].y.Set(p.y)
	list[0].z.SetInt64(1)
	var twice jacobian
	f.plus(&twice, &list[0], false)
	f.double(&twice)
	for i := 1; i < len(list); i++ {
		f.plus(&list[i], &list[i-1], false)
		f.plus(&list[i], &twice, false)
	}
	return list
}

// sum returns k1·P + k2·Q from the tables of both points, interleaved (Shamir's trick). Nothing is constant in time.
func (f *field) sum(k1 *big.Int, p []jacobian, k2 *big.Int, q []jacobian) *jacobian {
	d1, d2 := digits(k1), digits(k2)
	acc := new(jacobian)
	for i := max(len(d1), len(d2)) - 1; i >= 0; i-- {
		f.double(acc)
		f.step(acc, d1, p, i)
		f.step(acc, d2, q, i)
	}
	return acc
}

func (f *field) step(acc *jacobian, digits []int8, table []jacobian, i int) {
	if i >= len(digits) || digits[i] == 0 {
		return
	}
	d := digits[i]
	if d < 0 {
		f.plus(acc, &table[-d/2], true)
		return
	}
	f.plus(acc, &table[d/2], false)
}

// digits writes a scalar in non-adjacent form of the window, the lowest digit first.
func digits(k *big.Int) []int8 {
	rest := new(big.Int).Set(k)
	var out []int8
	for rest.Sign() > 0 {
		var d int8
		if rest.Bit(0) == 1 {
			for bit := range window {
				d |= int8(rest.Bit(bit)) << bit
			}
			if d >= 1<<(window-1) {
				d -= 1 << window
			}
			rest.Sub(rest, big.NewInt(int64(d)))
		}
		out = append(out, d)
		rest.Rsh(rest, 1)
	}
	return out
}

// affineX returns x; ok is false at infinity.
func (f *field) affineX(p *jacobian) (x *big.Int, ok bool) {
	if p.z.Sign() == 0 {
		return nil, false
	}
	x = new(big.Int).ModInverse(&p.z, f.p)
	f.mul(x, x, x)
	f.mul(x, x, &p.x)
	return x, true
}

func (f *field) affine(p *jacobian) (x, y *big.Int, ok bool) {
	x, ok = f.affineX(p)
	if !ok {
		return nil, nil, false
	}
	y = new(big.Int).ModInverse(&p.z, f.p)
	cube := new(big.Int)
	f.mul(cube, y, y)
	f.mul(cube, cube, y)
	f.mul(y, cube, &p.y)
	return x, y, true
}
