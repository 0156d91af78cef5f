package chip

import (
	"bytes"
	"slices"

	"github.com/motcua/motcua/internal/csca"
)

// Kind is the kind of document a chip sits in.
type Kind int

// The kinds. Each has authorities of its own: who may sign passports may not sign citizen cards.
const (
	Card     Kind = iota + 1 // thẻ căn cước, thẻ căn cước công dân: TD1
	Passport                 // hộ chiếu: TD3
)

// String returns "card" or "passport".
func (k Kind) String() string {
	switch k {
	case Card:
		return "card"
	case Passport:
		return "passport"
	}
	return "unknown"
}

// MarshalText returns the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Anchors are what a verdict rests on: the caller's, there are no others.
type Anchors struct {
	// Cards and Passports are the signing authorities believed for each kind of document. A certificate that is not
	// self-signed is a link from an old key to a new one and believed only through the one that signed it.
	Cards, Passports []*Certificate
	// CRLs are revocation lists in DER. One that none of the authorities signed says nothing.
	CRLs [][]byte
}

// Trust is anchors made ready. It is safe for concurrent use.
type Trust struct {
	pools  map[Kind][]*authority
	crls   []*revocation
	unused []*Certificate
}

// authority is a certificate whose key is believed. parent is where the belief comes from, nil for an anchor.
type authority struct {
	*csca.Certificate
	parent *authority
}

// revocation is a list with those who signed it, by kind of document.
type revocation struct {
	*csca.CRL
	by map[Kind]*authority
}

const maxCRLs = 512

// NewTrust checks the signatures of anchors, links and lists once. Errors: *InvalidError when no authority is usable, or
// for a revocation list that cannot be read.
func NewTrust(a Anchors) (*Trust, error) {
	t := &Trust{pools: make(map[Kind][]*authority)}
	if len(a.CRLs) > maxCRLs || len(a.Cards)+len(a.Passports) > 2*maxCertificates {
		return nil, refuse("trust", "count")
	}
	for kind, list := range map[Kind][]*Certificate{Card: a.Cards, Passport: a.Passports} {
		t.addPool(kind, list)
	}
	if len(t.pools[Card])+len(t.pools[Passport]) == 0 {
		return nil, refuse("trust", "empty")
	}
	for _, der := range a.CRLs {
		l, err := csca.ParseCRL(bytes.Clone(der))
		if err != nil {
			return nil, refuseBy("trust", "crl", err)
		}
		if r := t.attribute(l); len(r.by) > 0 {
			t.crls = append(t.crls, r)
		}
	}
	return t, nil
}

// Unused returns certificates that are not believed: no authority's, signed by a key that is not there, or broken.
func (t *Trust) Unused() []*Certificate { return slices.Clone(t.unused) }

// isAuthority reports whether a certificate may sign others (Doc 9303-12, table 6).
func isAuthority(c *csca.Certificate) bool {
	return c.CA && !c.UnknownCritical && !c.Key.IsZero() && (c.KeyUsage == 0 || c.KeyUsage&csca.CertSign != 0) &&
		!slices.Contains(c.Defects, "keyUsage") && !slices.Contains(c.Defects, "basicConstraints")
}

// addPool believes self-signed certificates, then follows links until none leads further.
func (t *Trust) addPool(kind Kind, list []*Certificate) {
	var links []*csca.Certificate
	var seen [][]byte
	for _, c := range list {
		switch {
		case slices.ContainsFunc(seen, func(raw []byte) bool { return bytes.Equal(raw, c.c.Raw) }):
			continue
		case !isAuthority(c.c):
			t.unused = append(t.unused, c)
		case !c.c.SelfIssued():
			links = append(links, c.c)
		case c.c.CheckSignature(c.c.Key) != nil:
			t.unused = append(t.unused, c)
		default:
			t.pools[kind] = append(t.pools[kind], &authority{c.c, nil})
		}
		seen = append(seen, c.c.Raw)
	}
	// Each authority is held against each link once, those that links bring too.
	for i := 0; i < len(t.pools[kind]); i++ {
		parent := t.pools[kind][i]
		links = slices.DeleteFunc(links, func(link *csca.Certificate) bool {
			if !parent.issued(link) || !parent.mayHaveSigned(link) {
				return false
			}
			t.pools[kind] = append(t.pools[kind], &authority{link, parent})
			return true
		})
	}
	t.unused = append(t.unused, wrap(links)...)
}

// issuerOf finds the authority that signed a certificate, of the same country.
func issuerOf(c *csca.Certificate, pool []*authority) *authority {
	for _, a := range pool {
		if a.issued(c) {
			return a
		}
	}
	return nil
}

func (a *authority) issued(c *csca.Certificate) bool {
	return c.MayBeIssuedBy(a.Certificate) && sameCountry(c.Issuer.Country, a.Subject.Country) && c.CheckSignature(a.Key) == nil
}

// sameCountry compares what names say of countries; a name without one matches none.
func sameCountry(a, b string) bool { return a != "" && a == b }

// attribute finds who signed a list.
func (t *Trust) attribute(l *csca.CRL) *revocation {
	r := &revocation{l, make(map[Kind]*authority)}
	for kind, pool := range t.pools {
		for _, a := range pool {
			if l.MayBeIssuedBy(a.Certificate) && (a.KeyUsage == 0 || a.KeyUsage&csca.CRLSign != 0) && l.CheckSignature(a.Key) == nil {
				r.by[kind] = a
				break
			}
		}
	}
	return r
}

// speaksFor reports whether a list covers certificates of an issuer: it has the issuer's name, key, or one linked to it.
func (r *revocation) speaksFor(kind Kind, issuer *authority) bool {
	by := r.by[kind]
	if by == nil || !sameCountry(by.Subject.Country, issuer.Subject.Country) {
		return false
	}
	if r.Issuer.Same(issuer.Subject) {
		return true
	}
	for a := by; a != nil; a = a.parent {
		if a == issuer || bytes.Equal(a.SubjectKeyID, issuer.SubjectKeyID) {
			return true
		}
	}
	for a := issuer; a != nil; a = a.parent {
		if a == by {
			return true
		}
	}
	return false
}
