//lint:file-ignore SA1019 what is tested here are the deprecated methods

package eccurve_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/motcua/motcua/internal/eccurve"
)

// The standard library's signatures over our curves, made with its own formulas for any curve, verify there and here; the
// group's laws hold.
func TestElliptic(t *testing.T) {
	digest := sha256.Sum256([]byte("một cửa"))
	for _, c := range eccurve.All() {
		t.Run(c.Name, func(t *testing.T) {
			curve := c.Elliptic()
			params := curve.Params()
			g := c.Generator().Bytes()[1:]
			gx, gy := new(big.Int).SetBytes(g[:c.Size()]), new(big.Int).SetBytes(g[c.Size():])
			if params.N.Cmp(c.Order()) != 0 || !curve.IsOnCurve(gx, gy) {
				t.Fatal("parameters")
			}
			k := new(big.Int).Sub(params.N, big.NewInt(12345))
			x, y := curve.ScalarBaseMult(k.Bytes())
			point, err := c.Point(append([]byte{4}, append(x.FillBytes(make([]byte, c.Size())), y.FillBytes(make([]byte, c.Size()))...)...))
			if err != nil {
				t.Fatal(err)
			}
			key := &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: curve, X: x, Y: y}, D: k}
			value, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
			if err != nil {
				t.Fatal(err)
			}
			r, s, err := eccurve.Signature(value)
			if err != nil || !point.Verify(digest[:], r, s) || !ecdsa.VerifyASN1(&key.PublicKey, digest[:], value) {
				t.Errorf("%v: the signature does not verify", err)
			}
			other := sha256.Sum256(nil)
			if point.Verify(other[:], r, s) || ecdsa.VerifyASN1(&key.PublicKey, other[:], value) {
				t.Error("the signature verifies over something else")
			}
		})
	}
}

func TestEllipticGroup(t *testing.T) {
	for _, name := range []string{"brainpoolP224r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1"} {
		t.Run(name, func(t *testing.T) {
			c := eccurve.Named(name).Elliptic()
			n, zero := c.Params().N, new(big.Int)
			gx, gy := c.Params().Gx, c.Params().Gy
			at := func(k *big.Int) [2]string {
				x, y := c.ScalarBaseMult(k.Bytes())
				return [2]string{x.String(), y.String()}
			}
			same := func(what string, x, y *big.Int, want [2]string) {
				if x.String() != want[0] || y.String() != want[1] {
					t.Errorf("%s: %v, %v", what, x, y)
				}
			}
			infinity := [2]string{"0", "0"}
			x2, y2 := c.Double(gx, gy)
			same("2G", x2, y2, at(big.NewInt(2)))
			x3, y3 := c.Add(x2, y2, gx, gy)
			same("2G + G", x3, y3, at(big.NewInt(3)))
			x, y := c.Add(gx, gy, gx, gy)
			same("G + G", x, y, at(big.NewInt(2)))
			x, y = c.Add(gx, gy, gx, new(big.Int).Sub(c.Params().P, gy))
			same("G − G", x, y, infinity)
			x, y = c.Add(zero, zero, gx, gy)
			same("0 + G", x, y, at(big.NewInt(1)))
			x, y = c.Add(gx, gy, zero, zero)
			same("G + 0", x, y, at(big.NewInt(1)))
			x, y = c.ScalarBaseMult(n.Bytes())
			same("nG", x, y, infinity)
			x, y = c.ScalarBaseMult(nil)
			same("0G", x, y, infinity)
			x, y = c.ScalarMult(gx, gx, []byte{2})
			same("beside the curve", x, y, infinity)
		})
	}
}
