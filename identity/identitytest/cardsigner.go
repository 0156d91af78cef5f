package identitytest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"math/big"
	"slices"
	"time"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// CardSigner is an invented document signer: it personalises chips.
type CardSigner struct {
	authority *CardAuthority
	key       *cardKey
	name      []byte
	serial    *big.Int
	cert      []byte
}

// CardSignerConfig says what a document signer is like. The zero value signs citizen cards and passports of its
// authority's country.
type CardSignerConfig struct {
	Algorithm CardAlgorithm // default the authority's
	Country   string        // default the authority's
	State     string        // default the authority's
	// Types are those of documentTypeList; nil: "I", "ID" and "P". An empty list leaves the extension out.
	Types []string
	// From and To bound the certificate, KeyFrom and KeyTo the use of the key; defaults: those of the authority, From and
	// three months.
	From, To, KeyFrom, KeyTo time.Time
	// Usage is the first octet of keyUsage; default digitalSignature. WithoutUsage leaves the extension out.
	Usage        byte
	WithoutUsage bool
	// Critical adds a critical extension that nobody knows.
	Critical bool
	// Forge gives the signer the public key of this one and curve parameters that make it usable (CVE-2020-0601).
	Forge *CardSigner
}

// Signer issues a document signer.
func (a *CardAuthority) Signer(cfg CardSignerConfig) (*CardSigner, error) {
	if cfg.Algorithm.Key == "" {
		cfg.Algorithm = a.cfg.Algorithm
	}
	if cfg.Country == "" {
		cfg.Country = a.cfg.Country
	}
	if cfg.State == "" {
		cfg.State = a.cfg.State
	}
	if cfg.Types == nil {
		cfg.Types = []string{"I", "ID", "P"}
	} else if len(cfg.Types) == 0 {
		cfg.Types = nil
	}
	if cfg.From.IsZero() {
		cfg.From = a.cfg.From
	}
	if cfg.To.IsZero() {
		cfg.To = a.cfg.To
	}
	if cfg.KeyTo.IsZero() {
		cfg.KeyTo = cfg.From.AddDate(0, 3, 0)
	}
	if cfg.KeyFrom.IsZero() {
		cfg.KeyFrom = cfg.From
	}
	key, err := newCardKey(cfg.Algorithm)
	if err != nil {
		return nil, err
	}
	if cfg.Forge != nil {
		key.forge(cfg.Forge.key.public)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	s := &CardSigner{authority: a, key: key, name: cardName(cfg.Country, "Đơn vị ký mẫu 01"), serial: serial}
	subject := cardSubject{name: s.name, key: key, from: cfg.From, to: cfg.To, keyFrom: cfg.KeyFrom, keyTo: cfg.KeyTo, state: cfg.State,
		serial: s.serial, types: cfg.Types, usage: cfg.Usage, noUsage: cfg.WithoutUsage}
	if cfg.Critical {
		subject.more = extension(true, oid(2, 5, 29, 99), []byte{5, 0})
	}
	s.cert, err = a.issue(subject)
	return s, err
}

// Certificate returns the signer's certificate in DER.
func (s *CardSigner) Certificate() []byte { return slices.Clone(s.cert) }

// CardFlaw is one way to be wrong. Each must make a verifier refuse.
type CardFlaw string

// The flaws.
const (
	CardWrongHash       CardFlaw = "wrong-hash"       // the list has another hash for DG1
	CardSwappedZone     CardFlaw = "swapped-zone"     // DG1 of somebody else
	CardSwappedPortrait CardFlaw = "swapped-portrait" // DG2 of somebody else
	CardInjectedFile    CardFlaw = "injected-file"    // DG13 is there and not listed
	CardMissingZone     CardFlaw = "missing-zone"     // DG1 is listed and not there
	CardTrailing        CardFlaw = "trailing"         // something behind the signed message
	CardNoAttributes    CardFlaw = "no-attributes"    // a signature over the bare content
	CardOtherType       CardFlaw = "other-type"       // signed attributes for another type of content
	CardBadSignature    CardFlaw = "bad-signature"    // one bit changed
	CardTwoSigners      CardFlaw = "two-signers"      // the signer twice
	CardManyCerts       CardFlaw = "many-certs"       // 300 certificates
	CardTwiceListed     CardFlaw = "twice-listed"     // DG1 twice in the list
	CardCloned          CardFlaw = "cloned"           // a copy: all files, no private keys
)

// CardConfig says how a chip is personalised. The zero value is a citizen card as it should be.
type CardConfig struct {
	Passport bool
	// Signed is the signing time; zero leaves the attribute out.
	Signed time.Time
	// Hash is that of the data groups; default the signer's. Version 1 adds version numbers to the list.
	Hash    crypto.Hash
	Version int
	// ContentType is that of the list; default id-icao-mrtd-security-ldsSecurityObject.
	ContentType []int
	// List changes the list before it is signed.
	List func(list []byte) []byte
	// ByKeyID names the signer by its key identifier instead of issuer and serial number.
	ByKeyID bool
	// Unsorted writes the signed attributes in another order than they are signed in, and OtherEncoding the issuer's name in
	// other string types than the certificate: both are met in the field.
	Unsorted, OtherEncoding bool
	// WithoutPortrait leaves DG2 out, of the list too.
	WithoutPortrait bool
	// Certificates are embedded beside the signer's. WithoutSigner leaves that out.
	Certificates  [][]byte
	WithoutSigner bool
	// Image is the portrait; default a picture of nobody.
	Image []byte
	// Active is the key of active authentication; none when Key is empty. Agreement is the curve of chip authentication, and
	// Cipher its cipher: "3DES" (default), "AES-128", "AES-192" or "AES-256". Silent leaves the names of both algorithms out.
	Active    CardAlgorithm
	Agreement string
	Cipher    string
	Silent    bool
	// More are further files, listed as they are.
	More  map[chip.File][]byte
	Flaws []CardFlaw
}

func (c CardConfig) is(f CardFlaw) bool { return slices.Contains(c.Flaws, f) }

// Personalise makes the chip of a specimen.
func (s *CardSigner) Personalise(specimen Specimen, cfg CardConfig) (*CardChip, error) {
	if cfg.Hash == 0 {
		cfg.Hash = s.key.algorithm.hash()
	}
	c, err := newCardChip(specimen, cfg)
	if err != nil {
		return nil, err
	}
	content := c.securityObject(cfg)
	if cfg.List != nil {
		content = cfg.List(content)
	}
	if cfg.ContentType == nil {
		cfg.ContentType = oid(2, 23, 136, 1, 1, 1)
	}
	message, err := s.signedData(cfg.ContentType, content, cfg)
	if err != nil {
		return nil, err
	}
	if cfg.is(CardTrailing) {
		message = append(message, 5, 0)
	}
	c.Files[chip.SOD] = asn1x.Encode(0x77, message)
	return c, c.spoil(cfg)
}

// MasterList signs a master list, which a document signer may not.
func (s *CardSigner) MasterList(cfg CardConfig, certificates ...[]byte) ([]byte, error) {
	return s.signedData(oid(2, 23, 136, 1, 1, 2), masterList(certificates), cfg)
}

// signedData wraps content into CMS SignedData (RFC 5652).
func (s *CardSigner) signedData(kind []int, content []byte, cfg CardConfig) ([]byte, error) {
	digestOf := func(data []byte) []byte {
		h := s.key.algorithm.hash().New()
		h.Write(data)
		return h.Sum(nil)
	}
	claimed := kind
	if cfg.is(CardOtherType) {
		claimed = cms.OIDData
	}
	members := [][]byte{
		signedAttribute(cms.OIDContentType, asn1x.EncodeOID(claimed)),
		signedAttribute(cms.OIDMessageDigest, asn1x.Encode(asn1x.OctetString, digestOf(content))),
	}
	if !cfg.Signed.IsZero() {
		members = append(members, signedAttribute(cms.OIDSigningTime, utcTime(cfg.Signed)))
	}
	attributes := asn1x.EncodeSetOf(members...)
	signed := attributes
	if cfg.is(CardNoAttributes) {
		signed = content
	}
	value, err := s.key.sign(signed)
	if err != nil {
		return nil, err
	}
	if cfg.is(CardBadSignature) {
		value[len(value)-1] ^= 1
	}
	signer := s.signerInfo(attributes, value, cfg)
	signers := [][]byte{signer}
	if cfg.is(CardTwoSigners) {
		signers = append(signers, signer)
	}
	digest := cms.HashIdentifier(s.key.algorithm.hash())
	data := asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(big.NewInt(3)), asn1x.EncodeSetOf(digest),
		asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(kind),
			asn1x.Encode(asn1x.Context(0), asn1x.Encode(asn1x.OctetString, content))),
		s.certificates(cfg), asn1x.Encode(asn1x.Set, signers...))
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(cms.OIDSignedData), asn1x.Encode(asn1x.Context(0), data)), nil
}

func (s *CardSigner) signerInfo(attributes, value []byte, cfg CardConfig) []byte {
	name := s.authority.name
	if cfg.OtherEncoding {
		name = bytes.ReplaceAll(name, []byte{0x13, 2}, []byte{0x0c, 2})
	}
	version, id := int64(1), asn1x.Encode(asn1x.Sequence, name, asn1x.EncodeInt(s.serial))
	if cfg.ByKeyID {
		version, id = 3, asn1x.Encode(asn1x.ContextPrimitive(0), s.key.id())
	}
	parts := [][]byte{asn1x.EncodeInt(big.NewInt(version)), id, cms.HashIdentifier(s.key.algorithm.hash())}
	if !cfg.is(CardNoAttributes) {
		implicit := slices.Clone(attributes)
		if cfg.Unsorted {
			implicit = reversed(attributes)
		}
		implicit[0] = asn1x.Context(0)
		parts = append(parts, implicit)
	}
	parts = append(parts, s.key.scheme().Identifier(), asn1x.Encode(asn1x.OctetString, value))
	return asn1x.Encode(asn1x.Sequence, parts...)
}

func (s *CardSigner) certificates(cfg CardConfig) []byte {
	var list [][]byte
	if !cfg.WithoutSigner {
		list = append(list, s.cert)
	}
	list = append(list, cfg.Certificates...)
	for cfg.is(CardManyCerts) && len(list) < 300 {
		list = append(list, s.cert)
	}
	set := asn1x.EncodeSetOf(list...)
	set[0] = asn1x.Context(0)
	return set
}

// reversed returns a SET with its members in the other order.
func reversed(set []byte) []byte {
	var members [][]byte
	if e, err := asn1x.Open(set).Take(asn1x.Set); err == nil {
		for c := asn1x.Open(e.Body); !c.Done(); {
			m, err := c.Next()
			if err != nil {
				break
			}
			members = append(members, m.Full)
		}
	}
	slices.Reverse(members)
	return asn1x.Encode(asn1x.Set, members...)
}

func signedAttribute(id []int, value []byte) []byte {
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(id), asn1x.EncodeSetOf(value))
}
