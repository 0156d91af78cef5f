package pki

import (
	"bytes"
	"crypto/x509"
	"slices"

	"github.com/motcua/motcua/internal/asn1x"
)

// Reasons is a set of reasons for revocation: bit n is bit n of ReasonFlags (RFC 5280, 4.2.1.13).
type Reasons uint16

// AllReasons are those a complete list speaks about.
const AllReasons Reasons = 0x1fe // keyCompromise (1) to aACompromise (8)

// point is a distribution point: where a certificate says its revocation is told (RFC 5280, 4.2.1.13).
type point struct {
	names   [][]byte // of the point: GeneralNames in DER
	issuers [][]byte // of the CRL, when it is not the certificate's: Names in DER
	reasons Reasons
}

// pointsOf lists the distribution points of a certificate, and last the one that every certificate has: its issuer's.
func pointsOf(cert *x509.Certificate) (all []point, err error) {
	for _, e := range cert.Extensions {
		if !e.Id.Equal(oidDistribution) {
			continue
		}
		seq, err := asn1x.Open(e.Value).Take(asn1x.Sequence)
		if err != nil {
			return nil, err
		}
		for c := asn1x.Open(seq.Body); !c.Done(); {
			one, err := c.Take(asn1x.Sequence)
			if err != nil {
				return nil, err
			}
			p, err := parsePoint(one.Body, cert.RawIssuer)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
	}
	return append(all, point{names: [][]byte{directory(cert.RawIssuer)}, reasons: AllReasons}), nil
}

func parsePoint(body, issuer []byte) (p point, err error) {
	p.reasons = AllReasons
	c := asn1x.Open(body)
	var relative []byte
	for !c.Done() {
		e, err := c.Next()
		if err != nil {
			return p, err
		}
		switch e.Tag {
		case asn1x.Context(0):
			p.names, relative = pointNames(e.Body)
		case asn1x.ContextPrimitive(1):
			p.reasons = reasonsIn(e.Body)
		case asn1x.Context(2):
			for names := asn1x.Open(e.Body); !names.Done(); {
				name, err := names.Next()
				if err != nil {
					return p, err
				}
				if name.Tag == asn1x.Context(4) {
					p.issuers = append(p.issuers, name.Body)
				}
			}
		}
	}
	if len(p.issuers) > 0 {
		issuer = p.issuers[0]
	}
	if relative != nil {
		p.names = [][]byte{directory(joined(issuer, relative))}
	}
	if len(p.names) == 0 { // then the CRL's issuer names the point
		for _, name := range p.issuers {
			p.names = append(p.names, directory(name))
		}
	}
	return p, nil
}

// pointNames reads a DistributionPointName: full names, or the rest of one behind its issuer's.
func pointNames(body []byte) (names [][]byte, relative []byte) {
	e, err := asn1x.Open(body).Next()
	switch {
	case err != nil:
		return nil, nil
	case e.Tag == asn1x.Context(1):
		return nil, e.Body
	case e.Tag != asn1x.Context(0):
		return nil, nil
	}
	for c := asn1x.Open(e.Body); !c.Done(); {
		name, err := c.Next()
		if err != nil {
			return names, nil
		}
		names = append(names, name.Full)
	}
	return names, nil
}

// joined is an issuer's Name with one relative distinguished name more.
func joined(issuer, relative []byte) []byte {
	seq, err := asn1x.Open(issuer).Take(asn1x.Sequence)
	if err != nil {
		return nil
	}
	return asn1x.Encode(asn1x.Sequence, seq.Body, asn1x.Encode(asn1x.Set, relative))
}

// directory is a Name as a GeneralName.
func directory(name []byte) []byte { return asn1x.Encode(asn1x.Context(4), name) }

// reasonsIn reads the contents of a BIT STRING of ReasonFlags.
func reasonsIn(body []byte) (r Reasons) {
	if len(body) == 0 {
		return 0
	}
	for n := range min(9, 8*(len(body)-1)) {
		if body[1+n/8]&(0x80>>(n%8)) != 0 {
			r |= 1 << n
		}
	}
	return r & AllReasons
}

// SpeaksOf returns the reasons for which the list, by its scope and issuer, says whether cert is revoked: none when it
// does not speak of cert at all (RFC 5280, 6.3.3 (b) and (c)).
func (l *List) SpeaksOf(cert *x509.Certificate) (r Reasons) {
	s := l.Scope
	if s.OnlyOthers || s.OnlyUsers && cert.IsCA || s.OnlyCAs && !cert.IsCA {
		return 0
	}
	points, err := pointsOf(cert)
	if err != nil {
		return 0
	}
	for _, p := range points {
		if l.isAt(p, cert) {
			r |= s.Reasons & p.reasons
		}
	}
	return r
}

// isAt reports whether the list is one that a distribution point of cert leads to.
func (l *List) isAt(p point, cert *x509.Certificate) bool {
	switch {
	case len(p.issuers) == 0 && !bytes.Equal(l.RawIssuer, cert.RawIssuer):
		return false
	case len(p.issuers) > 0:
		named := slices.ContainsFunc(p.issuers, func(name []byte) bool { return bytes.Equal(name, l.RawIssuer) })
		if !named || !l.Scope.Indirect && !bytes.Equal(l.RawIssuer, cert.RawIssuer) {
			return false
		}
	}
	return len(l.Scope.Names) == 0 || slices.ContainsFunc(l.Scope.Names, func(n []byte) bool {
		return slices.ContainsFunc(p.names, func(m []byte) bool { return bytes.Equal(n, m) })
	})
}
