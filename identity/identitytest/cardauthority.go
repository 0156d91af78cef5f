package identitytest

import (
	"bytes"
	"crypto/rand"
	"math/big"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
)

// CardAuthority is an invented signing authority of a country (CSCA): it issues document signers, revocation lists and
// master lists. Nothing it does is checked.
type CardAuthority struct {
	cfg  CardAuthorityConfig
	key  *cardKey
	name []byte
	cert []byte
}

// CardAuthorityConfig says what an authority is like. The zero value is one of Vietnam, good for five years from From.
type CardAuthorityConfig struct {
	Country   string // two letters; default VN
	State     string // three letters, in subjectAltName; default VNM
	Name      string // default "CSCA Thẻ mẫu"
	Algorithm CardAlgorithm
	From, To  time.Time // default 2024-01-01 and five years on
	// KeyTo is the end of the private key's use; default three years from From.
	KeyTo time.Time
}

func (c CardAuthorityConfig) withDefaults() CardAuthorityConfig {
	for _, s := range []struct {
		field    *string
		standard string
	}{{&c.Country, "VN"}, {&c.State, "VNM"}, {&c.Name, "CSCA Thẻ mẫu"}, {&c.Algorithm.Key, "P-256"}} {
		if *s.field == "" {
			*s.field = s.standard
		}
	}
	if c.From.IsZero() {
		c.From = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if c.To.IsZero() {
		c.To = c.From.AddDate(5, 0, 0)
	}
	if c.KeyTo.IsZero() {
		c.KeyTo = c.From.AddDate(3, 0, 0)
	}
	return c
}

// NewCardAuthority makes an authority with a fresh key.
func NewCardAuthority(cfg CardAuthorityConfig) (*CardAuthority, error) {
	cfg = cfg.withDefaults()
	key, err := newCardKey(cfg.Algorithm)
	if err != nil {
		return nil, err
	}
	a := &CardAuthority{cfg: cfg, key: key, name: cardName(cfg.Country, cfg.Name)}
	a.cert, err = a.issue(a.subject())
	return a, err
}

func (a *CardAuthority) subject() cardSubject {
	return cardSubject{name: a.name, key: a.key, from: a.cfg.From, to: a.cfg.To, keyTo: a.cfg.KeyTo, state: a.cfg.State, ca: true}
}

// Certificate returns the self-signed certificate in DER.
func (a *CardAuthority) Certificate() []byte { return bytes.Clone(a.cert) }

// Link returns a certificate by which this authority's key vouches for the next one's (Doc 9303-12, 5.2).
func (a *CardAuthority) Link(next *CardAuthority) ([]byte, error) { return a.issue(next.subject()) }

// cardSubject is what a certificate is about.
type cardSubject struct {
	name           []byte
	key            *cardKey
	from, to       time.Time
	keyFrom, keyTo time.Time // keyFrom: from, when zero
	state          string
	ca             bool
	serial         *big.Int
	types          []string
	lists          bool // signs master lists
	usage          byte // of keyUsage; 0 for the usual
	noUsage        bool
	more           []byte
}

// issue signs a certificate.
func (a *CardAuthority) issue(s cardSubject) ([]byte, error) {
	if s.serial == nil {
		var err error
		if s.serial, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
			return nil, err
		}
	}
	algorithm := a.key.scheme().Identifier()
	tbs := asn1x.Encode(asn1x.Sequence,
		asn1x.Encode(asn1x.Context(0), asn1x.EncodeInt(big.NewInt(2))), asn1x.EncodeInt(s.serial), algorithm, a.name,
		asn1x.Encode(asn1x.Sequence, utcTime(s.from), utcTime(s.to)), s.name, s.key.spki(),
		asn1x.Encode(asn1x.Context(3), asn1x.Encode(asn1x.Sequence, s.extensions(a.key.id())...)))
	value, err := a.key.sign(tbs)
	if err != nil {
		return nil, err
	}
	return asn1x.Encode(asn1x.Sequence, tbs, algorithm, bits(value)), nil
}

// extensions are those of Doc 9303-12, table 6.
func (s cardSubject) extensions(issuer []byte) [][]byte {
	text := func(t time.Time) []byte { return []byte(t.UTC().Format("20060102150405Z")) }
	keyFrom := s.keyFrom
	if keyFrom.IsZero() {
		keyFrom = s.from
	}
	usage := s.usage
	if usage == 0 {
		usage = 0x80
		if s.ca {
			usage = 0x06
		}
	}
	list := [][]byte{
		extension(false, oid(2, 5, 29, 14), asn1x.Encode(asn1x.OctetString, s.key.id())),
		extension(false, oid(2, 5, 29, 35), asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.ContextPrimitive(0), issuer))),
		extension(false, oid(2, 5, 29, 16), asn1x.Encode(asn1x.Sequence,
			asn1x.Encode(asn1x.ContextPrimitive(0), text(keyFrom)), asn1x.Encode(asn1x.ContextPrimitive(1), text(s.keyTo)))),
	}
	if !s.noUsage {
		list = append(list, extension(true, oid(2, 5, 29, 15), asn1x.Encode(asn1x.BitString, []byte{1, usage})))
	}
	if s.state != "" {
		list = append(list, extension(false, oid(2, 5, 29, 17), asn1x.Encode(asn1x.Sequence,
			asn1x.Encode(asn1x.Context(4), rdnSequence(attribute(oid(2, 5, 4, 7), printable(s.state)))))))
	}
	if s.ca {
		list = append(list, extension(true, oid(2, 5, 29, 19), asn1x.Encode(asn1x.Sequence, []byte{1, 1, 0xff, 2, 1, 0})))
	}
	if s.types != nil {
		var members [][]byte
		for _, t := range s.types {
			members = append(members, printable(t))
		}
		list = append(list, extension(false, oid(2, 23, 136, 1, 1, 6, 2),
			asn1x.Encode(asn1x.Sequence, []byte{2, 1, 0}, asn1x.EncodeSetOf(members...))))
	}
	if s.lists {
		list = append(list, extension(true, oid(2, 5, 29, 37), asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oid(2, 23, 136, 1, 1, 3)))))
	}
	if s.more != nil {
		list = append(list, s.more)
	}
	return list
}

// CRL returns a revocation list with the serial numbers of signers; a zero next leaves its end out.
func (a *CardAuthority) CRL(at, next time.Time, revoked ...*CardSigner) ([]byte, error) {
	algorithm := a.key.scheme().Identifier()
	parts := [][]byte{asn1x.EncodeInt(big.NewInt(1)), algorithm, a.name, utcTime(at)}
	if !next.IsZero() {
		parts = append(parts, utcTime(next))
	}
	var entries [][]byte
	for _, s := range revoked {
		entries = append(entries, asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(s.serial), utcTime(at)))
	}
	if len(entries) > 0 {
		parts = append(parts, asn1x.Encode(asn1x.Sequence, entries...))
	}
	parts = append(parts, asn1x.Encode(asn1x.Context(0), asn1x.Encode(asn1x.Sequence,
		extension(false, oid(2, 5, 29, 35), asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.ContextPrimitive(0), a.key.id()))),
		extension(false, oid(2, 5, 29, 20), asn1x.EncodeInt(big.NewInt(at.Unix()))))))
	tbs := asn1x.Encode(asn1x.Sequence, parts...)
	value, err := a.key.sign(tbs)
	if err != nil {
		return nil, err
	}
	return asn1x.Encode(asn1x.Sequence, tbs, algorithm, bits(value)), nil
}

// MasterList returns a signed list of certificates in DER; what they are does not matter to it.
func (a *CardAuthority) MasterList(at time.Time, certificates ...[]byte) ([]byte, error) {
	key, err := newCardKey(a.cfg.Algorithm)
	if err != nil {
		return nil, err
	}
	signer := &CardSigner{authority: a, key: key, name: cardName(a.cfg.Country, "Master List Signer"), serial: big.NewInt(2)}
	signer.cert, err = a.issue(cardSubject{name: signer.name, key: key, from: a.cfg.From, to: a.cfg.To, keyTo: a.cfg.To,
		serial: signer.serial, lists: true})
	if err != nil {
		return nil, err
	}
	return signer.MasterList(CardConfig{Signed: at, Certificates: [][]byte{a.cert}}, certificates...)
}

func masterList(certificates [][]byte) []byte {
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(new(big.Int)), asn1x.EncodeSetOf(certificates...))
}

func cardName(country, common string) []byte {
	const utf8String = 0x0c
	return rdnSequence(attribute(oid(2, 5, 4, 6), printable(country)),
		attribute(oid(2, 5, 4, 10), asn1x.Encode(utf8String, []byte("Cơ quan mẫu"))),
		attribute(oid(2, 5, 4, 3), asn1x.Encode(utf8String, []byte(common))))
}

func rdnSequence(attributes ...[]byte) []byte {
	var sets [][]byte
	for _, a := range attributes {
		sets = append(sets, asn1x.Encode(asn1x.Set, a))
	}
	return asn1x.Encode(asn1x.Sequence, sets...)
}

func attribute(id []int, value []byte) []byte {
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(id), value)
}

func printable(s string) []byte { return asn1x.Encode(0x13, []byte(s)) }

func utcTime(t time.Time) []byte { return asn1x.Encode(0x17, []byte(t.UTC().Format("060102150405Z"))) }

func extension(critical bool, id []int, value []byte) []byte {
	parts := [][]byte{asn1x.EncodeOID(id)}
	if critical {
		parts = append(parts, []byte{1, 1, 0xff})
	}
	return asn1x.Encode(asn1x.Sequence, append(parts, asn1x.Encode(asn1x.OctetString, value))...)
}

func replace(in, from, to []byte) []byte { return bytes.Replace(in, from, to, 1) }
