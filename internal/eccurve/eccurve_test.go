package eccurve_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/eccurve"
	"github.com/motcua/motcua/internal/enginetest"
)

// opensslName is what OpenSSL calls a curve.
func opensslName(c *eccurve.Curve) string {
	names := map[string]string{"P-224": "secp224r1", "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1"}
	if name, ok := names[c.Name]; ok {
		return name
	}
	return c.Name
}

func openssl(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(enginetest.Need(t, "openssl"), args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("openssl %v: %v: %s", args, err, stderr.String())
	}
	return out
}

// TestParametersAreThoseOfOpenSSL reads what OpenSSL writes, by name and in full, and writes the same.
func TestParametersAreThoseOfOpenSSL(t *testing.T) {
	for _, c := range eccurve.All() {
		named := openssl(t, nil, "ecparam", "-name", opensslName(c), "-outform", "DER")
		if got, err := eccurve.Parameters(named); got != c || err != nil {
			t.Errorf("%s by name: %v", c.Name, err)
		}
		if want := asn1x.Encode(asn1x.OID, c.OID()); !bytes.Equal(named, want) {
			t.Errorf("%s: object identifier %x, OpenSSL %x", c.Name, want, named)
		}
		for _, form := range []string{"uncompressed", "compressed"} {
			full := openssl(t, nil, "ecparam", "-name", opensslName(c), "-outform", "DER", "-param_enc", "explicit", "-conv_form", form)
			if got, err := eccurve.Parameters(full); got != c || err != nil {
				t.Errorf("%s in full, %s: %v", c.Name, form, err)
			}
		}
		if got, err := eccurve.Parameters(c.Explicit()); got != c || err != nil {
			t.Errorf("%s as we write it: %v", c.Name, err)
		}
		if eccurve.Named(c.Name) != c {
			t.Errorf("%s is not found by its name", c.Name)
		}
	}
}

// TestOtherParametersAreRefused changes one part at a time. A generator of the attacker's choice is the attack of
// CVE-2020-0601: with G' = public key its private key is 1.
func TestOtherParametersAreRefused(t *testing.T) {
	c := eccurve.Named("brainpoolP256r1")
	good := c.Explicit()
	evil, ok := c.Generator().Times(big.NewInt(7))
	if !ok {
		t.Fatal("no point")
	}
	swap := func(old, with []byte) []byte { return bytes.Replace(good, old, with, 1) }
	n := c.Order().Bytes()
	other := bytes.Clone(n)
	other[20] ^= 1
	tests := []struct {
		name string
		der  []byte
		want error
	}{
		{"generator", swap(c.Generator().Bytes(), evil.Bytes()), eccurve.ErrDiffers},
		{"order", swap(n, other), eccurve.ErrDiffers},
		{"cofactor", append(bytes.Clone(good[:len(good)-1]), 4), eccurve.ErrDiffers},
		{"coefficient", bytes.Replace(good, []byte{0x7d, 0x5a, 0x09, 0x75}, []byte{0x7d, 0x5a, 0x09, 0x76}, 1), eccurve.ErrDiffers},
		{"other field", bytes.Replace(good, []byte{0xa9, 0xfb, 0x57, 0xdb}, []byte{0xa9, 0xfb, 0x57, 0xdd}, 1), eccurve.ErrUnknown},
		{"binary field", bytes.Replace(good, []byte{0xce, 0x3d, 1, 1}, []byte{0xce, 0x3d, 1, 2}, 1), eccurve.ErrUnknown},
		{"parameters from nowhere", []byte{5, 0}, eccurve.ErrSyntax},
		{"unknown name", asn1x.Encode(asn1x.OID, []byte{0x2b, 0x81, 0x04, 0x00, 0x0a}), eccurve.ErrUnknown},
		{"cut", good[:40], eccurve.ErrSyntax},
		{"something behind", append(bytes.Clone(good), 0), eccurve.ErrSyntax},
		{"nothing", nil, eccurve.ErrSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := eccurve.Parameters(tt.der); !errors.Is(err, tt.want) || got != nil {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

// TestSignaturesOfOpenSSL checks signatures made by OpenSSL, and that a changed one fails.
func TestSignaturesOfOpenSSL(t *testing.T) {
	dir := t.TempDir()
	message := filepath.Join(dir, "message")
	if err := os.WriteFile(message, []byte("một cửa"), 0o600); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("một cửa"))
	for _, c := range eccurve.All() {
		key := filepath.Join(dir, c.Name)
		openssl(t, nil, "ecparam", "-name", opensslName(c), "-genkey", "-noout", "-out", key)
		block, _ := pem.Decode(openssl(t, nil, "ec", "-in", key, "-pubout"))
		p, err := c.Point(lastPoint(c, block.Bytes))
		if err != nil {
			t.Fatal(c.Name, err)
		}
		der := openssl(t, nil, "dgst", "-sha256", "-sign", key, message)
		r, s, err := eccurve.Signature(der)
		if err != nil || !p.Verify(digest[:], r, s) || !p.VerifyDER(digest[:], der) {
			t.Errorf("%s: a good signature fails: %v", c.Name, err)
		}
		if p.VerifyDER(digest[:], append(der, 0)) || p.VerifyDER(digest[:], der[:len(der)-1]) || (eccurve.Point{}).VerifyDER(digest[:], der) {
			t.Errorf("%s: a signature that is no DER passes", c.Name)
		}
		one := big.NewInt(1)
		wrong := bytes.Clone(digest[:])
		wrong[0] ^= 1 // the low bits of a digest longer than the order do not count
		if p.Verify(wrong, r, s) || p.Verify(digest[:], new(big.Int).Add(r, one), s) || p.Verify(digest[:], s, r) ||
			p.Verify(digest[:], new(big.Int), s) || p.Verify(digest[:], r, new(big.Int).Add(s, c.Order())) ||
			c.Generator().Verify(digest[:], r, s) || (eccurve.Point{}).Verify(digest[:], r, s) {
			t.Errorf("%s: a wrong signature passes", c.Name)
		}
	}
}

// lastPoint cuts the uncompressed point from the end of a public key.
func lastPoint(c *eccurve.Curve, der []byte) []byte { return der[len(der)-1-2*c.Size():] }

// TestTimesAgreesWithTheStandardLibrary holds our arithmetic, which brainpool rests on, against crypto/ecdh.
func TestTimesAgreesWithTheStandardLibrary(t *testing.T) {
	for name, native := range map[string]ecdh.Curve{"P-256": ecdh.P256(), "P-384": ecdh.P384(), "P-521": ecdh.P521()} {
		c := eccurve.Named(name)
		for range 8 {
			mine, err1 := native.GenerateKey(rand.Reader)
			theirs, err2 := native.GenerateKey(rand.Reader)
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			point, err := c.Point(theirs.PublicKey().Bytes())
			if err != nil {
				t.Fatal(err)
			}
			want, err := mine.ECDH(theirs.PublicKey())
			shared, ok := point.Times(new(big.Int).SetBytes(mine.Bytes()))
			if err != nil || !ok || !bytes.Equal(shared.X(), want) {
				t.Errorf("%s: another shared secret", name)
			}
			public, ok := c.Generator().Times(new(big.Int).SetBytes(mine.Bytes()))
			if !ok || !bytes.Equal(public.Bytes(), mine.PublicKey().Bytes()) {
				t.Errorf("%s: another public key", name)
			}
		}
	}
}

func TestTimesAtTheEdges(t *testing.T) {
	for _, c := range eccurve.All() {
		g := c.Generator()
		last, ok := g.Times(new(big.Int).Sub(c.Order(), big.NewInt(1)))
		if !ok || !bytes.Equal(last.X(), g.X()) || last.Equal(g) {
			t.Errorf("%s: (n-1)·G is not -G", c.Name)
		}
		if _, ok := g.Times(c.Order()); ok {
			t.Errorf("%s: n·G is a point", c.Name)
		}
		if _, ok := g.Times(new(big.Int)); ok {
			t.Errorf("%s: 0·G is a point", c.Name)
		}
		for k := int64(1); k < 40; k++ {
			a, _ := g.Times(big.NewInt(k))
			b, _ := a.Times(big.NewInt(2))
			if want, _ := g.Times(big.NewInt(2 * k)); !b.Equal(want) {
				t.Errorf("%s: 2·%d·G differs", c.Name, k)
			}
			compressed := append([]byte{2 | b.Bytes()[2*c.Size()]&1}, b.X()...)
			if back, err := c.Point(compressed); err != nil || !back.Equal(b) {
				t.Errorf("%s: %d·G does not read back compressed: %v", c.Name, 2*k, err)
			}
		}
	}
}

func TestPointRefuses(t *testing.T) {
	c := eccurve.Named("brainpoolP384r1")
	good := c.Generator().Bytes()
	off := bytes.Clone(good)
	off[len(off)-1] ^= 1
	big := bytes.Clone(good)
	for i := 1; i <= c.Size(); i++ {
		big[i] = 0xff
	}
	for name, encoded := range map[string][]byte{
		"nothing": nil, "infinity": {0}, "off the curve": off, "beyond the field": big, "hybrid": append([]byte{6}, good[1:]...),
		"short": good[:len(good)-1], "long": append(bytes.Clone(good), 0), "another curve's": eccurve.Named("P-384").Generator().Bytes(),
	} {
		if _, err := c.Point(encoded); !errors.Is(err, eccurve.ErrPoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignatureRefuses(t *testing.T) {
	for _, s := range []string{"", "\x30\x00", "\x30\x06\x02\x01\x01\x02\x01\x00", "\x30\x06\x02\x01\xff\x02\x01\x01",
		"\x30\x06\x02\x01\x01\x02\x01\x01\x00", "\x30\x07\x02\x01\x01\x02\x01\x01\x00", "\x30\x03\x02\x01\x01",
		"\x30\x48\x02\x44" + strings.Repeat("\x01", 68) + "\x02\x00"} {
		if _, _, err := eccurve.Signature([]byte(s)); !errors.Is(err, eccurve.ErrSyntax) {
			t.Errorf("%x: %v", s, err)
		}
	}
}

func FuzzParameters(f *testing.F) {
	for _, c := range eccurve.All() {
		f.Add(c.Explicit())
		f.Add(asn1x.Encode(asn1x.OID, c.OID()))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := eccurve.Parameters(der)
		if (c == nil) == (err == nil) {
			t.Fatalf("%v, %v", c, err)
		}
		if c == nil {
			return
		}
		if again, err := eccurve.Parameters(c.Explicit()); again != c || err != nil {
			t.Fatalf("%s does not read back: %v", c.Name, err)
		}
	})
}

func FuzzPoint(f *testing.F) {
	for i, c := range eccurve.All() {
		f.Add(i, c.Generator().Bytes())
	}
	f.Fuzz(func(t *testing.T, i int, encoded []byte) {
		all := eccurve.All()
		p, err := all[uint(i)%uint(len(all))].Point(encoded)
		if err != nil {
			return
		}
		if again, err := p.Curve().Point(p.Bytes()); err != nil || !again.Equal(p) {
			t.Fatalf("does not read back: %v", err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	digest := sha256.Sum256(nil)
	for _, name := range []string{"P-256", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"} {
		c := eccurve.Named(name)
		r := new(big.Int).Rsh(c.Order(), 1)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Generator().Verify(digest[:], r, r)
			}
		})
	}
}
