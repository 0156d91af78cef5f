package identitytest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/eccurve"
)

// CardAlgorithm is a key and how it signs, for the authorities and chips of invented cards.
type CardAlgorithm struct {
	// Key is "RSA 2048" with any size, "P-224" to "P-521", or "brainpoolP224r1" to "brainpoolP512r1".
	Key string
	// Hash is what is signed with; zero is SHA-256.
	Hash crypto.Hash
	// PSS makes an RSA key sign RSASSA-PSS.
	PSS bool
	// Explicit writes parameters into the key: those of the curve in full, or those of RSASSA-PSS.
	Explicit bool
}

// CardAlgorithms returns one of each that travel documents use (Doc 9303-12, 4.4), SHA-1 left out.
func CardAlgorithms() []CardAlgorithm {
	list := []CardAlgorithm{
		{Key: "RSA 2048", Hash: crypto.SHA224}, {Key: "RSA 2048", Hash: crypto.SHA256}, {Key: "RSA 2048", Hash: crypto.SHA384},
		{Key: "RSA 2048", Hash: crypto.SHA512}, {Key: "RSA 2048", Hash: crypto.SHA256, PSS: true},
		{Key: "RSA 2048", Hash: crypto.SHA512, PSS: true}, {Key: "RSA 2048", Hash: crypto.SHA256, PSS: true, Explicit: true},
	}
	hashes := map[string]crypto.Hash{
		"P-224": crypto.SHA224, "P-256": crypto.SHA256, "P-384": crypto.SHA384, "P-521": crypto.SHA512,
		"brainpoolP224r1": crypto.SHA224, "brainpoolP256r1": crypto.SHA256, "brainpoolP320r1": crypto.SHA256,
		"brainpoolP384r1": crypto.SHA384, "brainpoolP512r1": crypto.SHA512,
	}
	for _, c := range eccurve.All() {
		list = append(list, CardAlgorithm{Key: c.Name, Hash: hashes[c.Name]},
			CardAlgorithm{Key: c.Name, Hash: hashes[c.Name], Explicit: true})
	}
	return list
}

// String returns a name for tests, such as "brainpoolP256r1 SHA-256 explicit".
func (a CardAlgorithm) String() string {
	name := a.Key + " " + cms.HashName(a.hash())
	if a.PSS {
		name += " PSS"
	}
	if a.Explicit {
		name += " explicit"
	}
	return name
}

func (a CardAlgorithm) hash() crypto.Hash {
	if a.Hash == 0 {
		return crypto.SHA256
	}
	return a.Hash
}

// cardKey is a private key of an invented authority or chip.
type cardKey struct {
	algorithm CardAlgorithm
	rsa       *rsa.PrivateKey
	curve     *eccurve.Curve
	d         *big.Int
	public    eccurve.Point
	// base is the generator written into explicit parameters; the curve's, but for forgers.
	base eccurve.Point
}

func newCardKey(a CardAlgorithm) (*cardKey, error) {
	k := &cardKey{algorithm: a}
	if size, ok := strings.CutPrefix(a.Key, "RSA "); ok {
		bits, err := strconv.Atoi(size)
		if err != nil {
			return nil, fmt.Errorf("identitytest: key %q", a.Key)
		}
		k.rsa, err = rsa.GenerateKey(rand.Reader, bits)
		return k, err
	}
	if k.curve = eccurve.Named(a.Key); k.curve == nil {
		return nil, fmt.Errorf("identitytest: key %q", a.Key)
	}
	var err error
	if k.d, err = scalar(k.curve); err != nil {
		return nil, err
	}
	k.base = k.curve.Generator()
	k.public, _ = k.base.Times(k.d)
	return k, nil
}

// scalar returns a number from 1 to the order less one.
func scalar(c *eccurve.Curve) (*big.Int, error) {
	d, err := rand.Int(rand.Reader, new(big.Int).Sub(c.Order(), big.NewInt(1)))
	if err != nil {
		return nil, err
	}
	return d.Add(d, big.NewInt(1)), nil
}

func (k *cardKey) scheme() cms.Scheme {
	h := k.algorithm.hash()
	switch {
	case k.rsa == nil:
		return cms.Scheme{Kind: cms.ECDSA, Hash: h}
	case k.algorithm.PSS:
		return cms.Scheme{Kind: cms.PSS, Hash: h, Salt: h.Size()}
	}
	return cms.Scheme{Kind: cms.PKCS1v15, Hash: h}
}

func (k *cardKey) sign(message []byte) ([]byte, error) {
	if k.rsa != nil {
		return k.scheme().Sign(k.rsa, message)
	}
	h := k.algorithm.hash().New()
	h.Write(message)
	r, s, err := k.ecdsa(h.Sum(nil))
	if err != nil {
		return nil, err
	}
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(r), asn1x.EncodeInt(s)), nil
}

// ecdsa signs a digest (FIPS 186-5, 6.4.1), in no constant time: the keys are worth nothing.
func (k *cardKey) ecdsa(digest []byte) (r, s *big.Int, err error) {
	n := k.curve.Order()
	e := new(big.Int).SetBytes(digest)
	if surplus := 8*len(digest) - n.BitLen(); surplus > 0 {
		e.Rsh(e, uint(surplus))
	}
	for {
		nonce, err := scalar(k.curve)
		if err != nil {
			return nil, nil, err
		}
		point, _ := k.base.Times(nonce)
		r = new(big.Int).SetBytes(point.X())
		r.Mod(r, n)
		s = new(big.Int).Mul(r, k.d)
		s.Add(s, e).Mul(s, new(big.Int).ModInverse(nonce, n)).Mod(s, n)
		if r.Sign() != 0 && s.Sign() != 0 {
			return r, s, nil
		}
	}
}

// spki returns the SubjectPublicKeyInfo.
func (k *cardKey) spki() []byte {
	if k.rsa != nil {
		algorithm := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oid(1, 2, 840, 113549, 1, 1, 1)), []byte{asn1x.Null, 0})
		if k.algorithm.PSS && k.algorithm.Explicit {
			algorithm = k.scheme().Identifier()
		}
		return asn1x.Encode(asn1x.Sequence, algorithm, bits(x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)))
	}
	parameters := asn1x.Encode(asn1x.OID, k.curve.OID())
	if k.algorithm.Explicit {
		parameters = replace(k.curve.Explicit(), k.curve.Generator().Bytes(), k.base.Bytes())
	}
	algorithm := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oid(1, 2, 840, 10045, 2, 1)), parameters)
	return asn1x.Encode(asn1x.Sequence, algorithm, bits(k.public.Bytes()))
}

// forge turns the key into one that its maker can use for somebody else's public key: with the generator d⁻¹·Q any d is
// the private key of Q.
func (k *cardKey) forge(victim eccurve.Point) {
	inverse := new(big.Int).ModInverse(k.d, k.curve.Order())
	k.base, _ = victim.Times(inverse)
	k.public = victim
	k.algorithm.Explicit = true
}

// id is the key identifier: the SHA-1 of the key (RFC 5280, 4.2.1.2).
func (k *cardKey) id() []byte {
	sum := sha1.Sum(k.spki())
	return sum[:]
}

func oid(arcs ...int) asn1.ObjectIdentifier { return arcs }

func bits(value []byte) []byte { return asn1x.Encode(asn1x.BitString, []byte{0}, value) }
