package csca

import (
	"strings"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
)

// maxExtensions bounds the extensions of a certificate.
const maxExtensions = 64

// Extensions are those of Doc 9303-12, table 6.
type Extensions struct {
	SubjectKeyID, AuthorityKeyID []byte
	// CA and PathLen are the basic constraints; PathLen is -1 when there is none.
	CA      bool
	PathLen int
	// KeyUsage is 0 when the extension is missing, and only then.
	KeyUsage Usage
	// KeyFrom and KeyTo bound the use of the private key (privateKeyUsagePeriod); zero when not given.
	KeyFrom, KeyTo time.Time
	// DocumentTypes are those a document signer may sign; nil when the extension is missing.
	DocumentTypes []string
	// SubjectState is the three-letter code in subjectAltName (Doc 9303-12, 7.1.1.2), "" when there is none.
	SubjectState string
	// CRLPoints are the addresses of revocation lists.
	CRLPoints []string
	// ExtendedUsage are the contents of object identifiers.
	ExtendedUsage []string
	// UnknownCritical is set when there is a critical extension that is not known here; Defects names known extensions
	// that could not be read or stand twice.
	UnknownCritical bool
	Defects         []string

	seen map[string]bool
}

// Usage are bits of keyUsage.
type Usage int

// The bits that matter here.
const (
	DigitalSignature Usage = 1 << iota
	CertSign
	CRLSign
	otherUsage
)

// MasterListSigner is the extended key usage id-icao-mrtd-security-masterListSigner… 2.23.136.1.1.3, as contents octets.
const MasterListSigner = "\x67\x81\x08\x01\x01\x03"

type extensionReader struct {
	name string
	read func(*Extensions, *asn1x.Cursor) error
}

var extensionReaders = map[string]extensionReader{
	"\x55\x1d\x0e":                     {"subjectKeyIdentifier", readSKI},
	"\x55\x1d\x23":                     {"authorityKeyIdentifier", readAKI},
	"\x55\x1d\x13":                     {"basicConstraints", readConstraints},
	"\x55\x1d\x0f":                     {"keyUsage", readUsage},
	"\x55\x1d\x10":                     {"privateKeyUsagePeriod", readPeriod},
	"\x55\x1d\x11":                     {"subjectAltName", readAltName},
	"\x55\x1d\x1f":                     {"cRLDistributionPoints", readPoints},
	"\x55\x1d\x25":                     {"extKeyUsage", readExtended},
	"\x67\x81\x08\x01\x01\x06\x02":     {"documentTypeList", readDocumentTypes},
	"\x55\x1d\x12":                     {"issuerAltName", readNothing},
	"\x55\x1d\x20":                     {"certificatePolicies", readNothing},
	"\x67\x81\x08\x01\x01\x06\x01":     {"nameChange", readNothing},
	"\x2b\x06\x01\x05\x05\x07\x01\x01": {"authorityInfoAccess", readNothing},
}

func (x *Extensions) parseExtensions(body []byte) error {
	seq, err := asn1x.Open(body).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	x.seen = make(map[string]bool, 12)
	count := 0
	for c := asn1x.Open(seq.Body); !c.Done(); count++ {
		e, err := c.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		if count >= maxExtensions {
			return fail("at most 64 extensions")
		}
		if err := x.parseExtension(asn1x.Open(e.Body)); err != nil {
			return err
		}
	}
	x.seen = nil
	return nil
}

func (x *Extensions) parseExtension(c *asn1x.Cursor) error {
	const boolean = 0x01
	id, err := c.Take(asn1x.OID)
	if err != nil {
		return err
	}
	critical := false
	if e, ok, err := c.Optional(boolean); err != nil {
		return err
	} else if ok {
		critical = len(e.Body) == 1 && e.Body[0] != 0
	}
	value, err := c.Take(asn1x.OctetString)
	if err != nil {
		return err
	}
	reader, known := extensionReaders[string(id.Body)]
	if !known {
		x.UnknownCritical = x.UnknownCritical || critical
		return c.End()
	}
	if x.seen[reader.name] || reader.read(x, asn1x.Open(value.Body)) != nil {
		x.Defects = append(x.Defects, reader.name)
	}
	x.seen[reader.name] = true
	return c.End()
}

func readNothing(*Extensions, *asn1x.Cursor) error { return nil }

func readSKI(x *Extensions, c *asn1x.Cursor) error {
	e, err := c.Take(asn1x.OctetString)
	x.SubjectKeyID = e.Body
	return err
}

func readAKI(x *Extensions, c *asn1x.Cursor) error {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	e, _, err := asn1x.Open(seq.Body).Optional(asn1x.ContextPrimitive(0))
	x.AuthorityKeyID = e.Body
	return err
}

func readConstraints(x *Extensions, c *asn1x.Cursor) error {
	const boolean = 0x01
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	in := asn1x.Open(seq.Body)
	e, ok, err := in.Optional(boolean)
	if err != nil {
		return err
	}
	x.CA = ok && len(e.Body) == 1 && e.Body[0] != 0
	if in.Peek() == asn1x.Integer {
		if x.PathLen, err = in.Int(); err != nil || x.PathLen < 0 {
			return fail("a path length")
		}
	}
	return in.End()
}

func readUsage(x *Extensions, c *asn1x.Cursor) error {
	e, err := c.Take(asn1x.BitString)
	if err != nil || len(e.Body) < 2 {
		return fail("a BIT STRING of key usages")
	}
	for bit, usage := range map[byte]Usage{0x80: DigitalSignature, 0x04: CertSign, 0x02: CRLSign, 0x79: otherUsage} {
		if e.Body[1]&bit != 0 {
			x.KeyUsage |= usage
		}
	}
	if x.KeyUsage == 0 {
		x.KeyUsage = otherUsage // bits of the second octet, or none: in any case none that matters here
	}
	return nil
}

func readPeriod(x *Extensions, c *asn1x.Cursor) error {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	in := asn1x.Open(seq.Body)
	for i, at := range []*time.Time{&x.KeyFrom, &x.KeyTo} {
		e, ok, err := in.Optional(asn1x.ContextPrimitive(i))
		if err != nil {
			return err
		}
		if ok {
			if *at, err = parseTime(generalizedTime, string(e.Body)); err != nil {
				return err
			}
		}
	}
	return in.End()
}

// readAltName takes the localityName of the first directoryName.
func readAltName(x *Extensions, c *asn1x.Cursor) error {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	for in := asn1x.Open(seq.Body); !in.Done(); {
		e, err := in.Next()
		if err != nil {
			return err
		}
		if e.Tag != asn1x.Context(4) || x.SubjectState != "" {
			continue
		}
		name, err := parseName(e.Body)
		if err != nil {
			return err
		}
		x.SubjectState = strings.ToUpper(strings.TrimSpace(name.Locality))
	}
	return nil
}

// readPoints collects the URIs of full names.
func readPoints(x *Extensions, c *asn1x.Cursor) error {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	for points := asn1x.Open(seq.Body); !points.Done(); {
		point, err := points.Take(asn1x.Sequence)
		if err != nil {
			return err
		}
		name, ok, err := asn1x.Open(point.Body).Optional(asn1x.Context(0))
		if err != nil || !ok {
			continue
		}
		full, ok, err := asn1x.Open(name.Body).Optional(asn1x.Context(0))
		if err != nil || !ok {
			continue
		}
		for in := asn1x.Open(full.Body); !in.Done(); {
			e, err := in.Next()
			if err != nil {
				return err
			}
			if e.Tag == asn1x.ContextPrimitive(6) && len(x.CRLPoints) < 16 {
				x.CRLPoints = append(x.CRLPoints, strings.ToValidUTF8(string(e.Body), "\ufffd"))
			}
		}
	}
	return nil
}

func readExtended(x *Extensions, c *asn1x.Cursor) error {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	for in := asn1x.Open(seq.Body); !in.Done(); {
		e, err := in.Take(asn1x.OID)
		if err != nil {
			return err
		}
		if len(x.ExtendedUsage) < 16 {
			x.ExtendedUsage = append(x.ExtendedUsage, string(e.Body))
		}
	}
	return nil
}

// readDocumentTypes reads DocumentTypeListSyntax (Doc 9303-12, 7.1.1.6).
func readDocumentTypes(x *Extensions, c *asn1x.Cursor) error {
	seq, err := c.Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	in := asn1x.Open(seq.Body)
	if _, err := in.Int(); err != nil {
		return err
	}
	set, err := in.Take(asn1x.Set)
	if err != nil {
		return err
	}
	x.DocumentTypes = []string{}
	for types := asn1x.Open(set.Body); !types.Done(); {
		e, err := types.Next()
		if err != nil {
			return err
		}
		if len(e.Body) < 1 || len(e.Body) > 2 || len(x.DocumentTypes) >= 64 {
			return fail("document types of one or two letters")
		}
		x.DocumentTypes = append(x.DocumentTypes, strings.ToUpper(strings.TrimRight(string(e.Body), "<")))
	}
	return in.End()
}

// MaySign reports whether a document signer may sign documents with this code of the machine-readable zone ("P", "ID"). A
// single letter in the list stands for all codes that begin with it. Without the extension it may sign all.
func (x Extensions) MaySign(code string) bool {
	if x.DocumentTypes == nil {
		return true
	}
	for _, t := range x.DocumentTypes {
		if t == code || len(t) == 1 && strings.HasPrefix(code, t) {
			return true
		}
	}
	return false
}
