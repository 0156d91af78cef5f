package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
)

// MaxCRL bounds a CRL in bytes; that of a large authority has a few MiB.
const MaxCRL = 32 << 20

var (
	oidIssuingPoint  = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidDelta         = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidCRLNumber     = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidAuthorityKey  = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidFreshest      = asn1.ObjectIdentifier{2, 5, 29, 46}
	oidCertIssuer    = asn1.ObjectIdentifier{2, 5, 29, 29}
	oidDistribution  = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidEntryReason   = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidEntryInvalid  = asn1.ObjectIdentifier{2, 5, 29, 24}
	knownListExts    = []asn1.ObjectIdentifier{oidIssuingPoint, oidDelta, oidCRLNumber, oidAuthorityKey, oidFreshest}
	knownEntriesExts = []asn1.ObjectIdentifier{oidCertIssuer, oidEntryReason, oidEntryInvalid}
)

// List is a parsed CRL. Its signature has not been verified.
type List struct {
	*x509.RevocationList
	// Base is the number of the CRL that a delta CRL builds on; nil for a complete one.
	Base *big.Int
	// Scope is what the issuing distribution point says.
	Scope Scope
}

// Scope is the issuingDistributionPoint extension (RFC 5280, 5.2.5).
type Scope struct {
	Present                        bool
	Names                          [][]byte // GeneralNames in DER
	OnlyUsers, OnlyCAs, OnlyOthers bool
	Indirect                       bool
	Reasons                        Reasons
}

// ParseCRL reads a CRL in DER.
func ParseCRL(der []byte) (*List, error) {
	if len(der) > MaxCRL {
		return nil, malformed("a CRL of at most 32 MiB")
	}
	parsed, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, malformed("a CRL of RFC 5280")
	}
	l := &List{RevocationList: parsed, Scope: Scope{Reasons: AllReasons}}
	for _, e := range parsed.Extensions {
		switch {
		case e.Id.Equal(oidIssuingPoint):
			if err := l.Scope.parse(e.Value, parsed.RawIssuer); err != nil {
				return nil, malformed("an issuing distribution point")
			}
		case e.Id.Equal(oidDelta):
			if rest, err := asn1.Unmarshal(e.Value, &l.Base); err != nil || len(rest) != 0 {
				return nil, malformed("a base CRL number")
			}
		case e.Critical && !slices.ContainsFunc(knownListExts, e.Id.Equal):
			return nil, malformed("critical extensions that are known")
		}
	}
	for _, entry := range parsed.RevokedCertificateEntries {
		for _, e := range entry.Extensions {
			if e.Critical && !slices.ContainsFunc(knownEntriesExts, e.Id.Equal) {
				return nil, malformed("critical entry extensions that are known")
			}
		}
	}
	return l, nil
}

func (s *Scope) parse(value, issuer []byte) error {
	seq, err := asn1x.Open(value).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	s.Present = true
	for c := asn1x.Open(seq.Body); !c.Done(); {
		e, err := c.Next()
		if err != nil {
			return err
		}
		set := len(e.Body) == 1 && e.Body[0] != 0
		switch e.Tag {
		case asn1x.Context(0):
			names, relative := pointNames(e.Body)
			if relative != nil {
				names = [][]byte{directory(joined(issuer, relative))}
			}
			if s.Names = names; len(names) == 0 {
				return malformed("a name of the distribution point")
			}
		case asn1x.ContextPrimitive(1):
			s.OnlyUsers = set
		case asn1x.ContextPrimitive(2):
			s.OnlyCAs = set
		case asn1x.ContextPrimitive(3):
			s.Reasons = reasonsIn(e.Body)
		case asn1x.ContextPrimitive(4):
			s.Indirect = set
		case asn1x.ContextPrimitive(5):
			s.OnlyOthers = set
		}
	}
	return nil
}

// Entry is a line of a CRL.
type Entry struct {
	At     time.Time
	Reason int
}

// Find returns the line about cert. In an indirect CRL each line belongs to the issuer that was named last.
func (l *List) Find(cert *x509.Certificate) (Entry, bool) {
	issuer := l.RawIssuer
	for _, e := range l.RevokedCertificateEntries {
		if l.Scope.Indirect {
			for _, x := range e.Extensions {
				if x.Id.Equal(oidCertIssuer) {
					issuer = directoryName(x.Value)
				}
			}
		}
		if e.SerialNumber.Cmp(cert.SerialNumber) == 0 && bytes.Equal(issuer, cert.RawIssuer) {
			return Entry{e.RevocationTime, e.ReasonCode}, true
		}
	}
	return Entry{}, false
}

func directoryName(value []byte) []byte {
	names, err := asn1x.Open(value).Take(asn1x.Sequence)
	if err != nil {
		return nil
	}
	for c := asn1x.Open(names.Body); !c.Done(); {
		e, err := c.Next()
		if err != nil {
			return nil
		}
		if e.Tag == asn1x.Context(4) {
			return e.Body
		}
	}
	return nil
}

// Extends reports whether a delta list belongs to base (RFC 5280, 5.2.4).
func (l *List) Extends(base *List) bool {
	return l.Base != nil && base.Base == nil && base.Number != nil && l.Number != nil && bytes.Equal(l.RawIssuer, base.RawIssuer) &&
		bytes.Equal(l.AuthorityKeyId, base.AuthorityKeyId) && l.Base.Cmp(base.Number) <= 0 && l.Number.Cmp(base.Number) >= 0
}
