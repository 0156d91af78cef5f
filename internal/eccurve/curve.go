package eccurve

import (
	"crypto/elliptic"
	"math/big"
)

// Curve is one known curve over a prime field, with cofactor 1.
type Curve struct {
	// Name is that of RFC 5639 or FIPS 186-5, such as "brainpoolP256r1" and "P-256".
	Name string

	p, a, b, gx, gy, n *big.Int
	native             elliptic.Curve // nil for brainpool
	oid                string         // contents of the object identifier
	size               int            // bytes of a coordinate
}

// Size returns the bytes of a coordinate.
func (c *Curve) Size() int { return c.size }

// Order returns the order of the generator.
func (c *Curve) Order() *big.Int { return new(big.Int).Set(c.n) }

// Generator returns the base point.
func (c *Curve) Generator() Point { return Point{curve: c, x: c.gx, y: c.gy} }

// OID returns the contents octets of the curve's object identifier.
func (c *Curve) OID() []byte { return []byte(c.oid) }

// All returns the known curves.
func All() []*Curve { return append([]*Curve(nil), known[:]...) }

// Named returns the curve with the name, nil for one that is not known.
func Named(name string) *Curve {
	for _, c := range known {
		if c.Name == name {
			return c
		}
	}
	return nil
}

var known = [...]*Curve{
	nist("P-224", elliptic.P224(), "\x2b\x81\x04\x00\x21"),
	nist("P-256", elliptic.P256(), "\x2a\x86\x48\xce\x3d\x03\x01\x07"),
	nist("P-384", elliptic.P384(), "\x2b\x81\x04\x00\x22"),
	nist("P-521", elliptic.P521(), "\x2b\x81\x04\x00\x23"),
	brainpool(0), brainpool(1), brainpool(2), brainpool(3), brainpool(4),
}

func nist(name string, native elliptic.Curve, oid string) *Curve {
	p := native.Params()
	a := new(big.Int).Sub(p.P, big.NewInt(3))
	return &Curve{name, p.P, a, p.B, p.Gx, p.Gy, p.N, native, oid, (p.BitSize + 7) / 8}
}

// brainpoolOID is 1.3.36.3.3.2.8.1.1, below which the curves are numbered.
const brainpoolOID = "\x2b\x24\x03\x03\x02\x08\x01\x01"

func brainpool(i int) *Curve {
	row := brainpoolCurves[i]
	n := func(hex string) *big.Int { v, _ := new(big.Int).SetString(hex, 16); return v }
	return &Curve{
		row.name, n(row.p), n(row.a), n(row.b), n(row.gx), n(row.gy), n(row.n), nil,
		brainpoolOID + string(rune(row.arc)), len(row.p) / 2,
	}
}

// brainpoolCurves are the parameters of RFC 5639, section 3; a test holds them against OpenSSL.
var brainpoolCurves = [...]struct {
	name               string
	arc                byte
	p, a, b, gx, gy, n string
}{
	{"brainpoolP224r1", 5,
		"d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff",
		"68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43",
		"2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b",
		"0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d",
		"58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd",
		"d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f"},
	{"brainpoolP256r1", 7,
		"a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
		"7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
		"26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
		"8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
		"547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
		"a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7"},
	{"brainpoolP320r1", 9,
		"d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28fcd412b1f1b32e27",
		"3ee30b568fbab0f883ccebd46d3f3bb8a2a73513f5eb79da66190eb085ffa9f492f375a97d860eb4",
		"520883949dfdbc42d3ad198640688a6fe13f41349554b49acc31dccd884539816f5eb4ac8fb1f1a6",
		"43bd7e9afb53d8b85289bcc48ee5bfe6f20137d10a087eb6e7871e2a10a599c710af8d0d39e20611",
		"14fdd05545ec1cc8ab4093247f77275e0743ffed117182eaa9c77877aaac6ac7d35245d1692e8ee1",
		"d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311"},
	{"brainpoolP384r1", 11,
		"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
		"7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
		"04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
		"1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
		"8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
		"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565"},
	{"brainpoolP512r1", 13,
		"aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
		"7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
		"3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
		"81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
		"7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
		"aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069"},
}
