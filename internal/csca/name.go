package csca

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/asn1x"
)

// Object identifiers of name attributes, as contents octets.
const (
	attrCommonName = "\x55\x04\x03"
	attrSerial     = "\x55\x04\x05"
	attrCountry    = "\x55\x04\x06"
	attrLocality   = "\x55\x04\x07"
	attrOrg        = "\x55\x04\x0a"
	attrUnit       = "\x55\x04\x0b"
)

var attrNames = map[string]string{
	attrCommonName: "CN", attrSerial: "serialNumber", attrCountry: "C", attrLocality: "L", attrOrg: "O", attrUnit: "OU",
}

// maxRDN bounds the attributes of a name.
const maxRDN = 64

// Name is a distinguished name.
type Name struct {
	Raw []byte
	// Country is countryName in capitals, "" when there is none. Locality is localityName.
	Country, Locality string
}

// String returns the name as people read it, such as "C=VN, O=…, CN=…".
func (n Name) String() string {
	var list []string
	_ = eachAttribute(n.Raw, func(kind string, value asn1x.Element) {
		label := attrNames[kind]
		if label == "" {
			label = "other"
		}
		list = append(list, label+"="+text(value))
	})
	return strings.Join(list, ", ")
}

// Same reports whether two names are equal once encoding, case and doubled spaces are set aside (RFC 5280, 7.1). Old
// certificates write one name as PrintableString here and UTF8String there.
func (n Name) Same(m Name) bool {
	if len(n.Raw) == 0 || len(m.Raw) == 0 {
		return false
	}
	if bytes.Equal(n.Raw, m.Raw) {
		return true
	}
	folded := n.folded()
	return folded != "" && folded == m.folded()
}

func (n Name) folded() string {
	var b strings.Builder
	_ = eachAttribute(n.Raw, func(kind string, value asn1x.Element) {
		b.WriteString(kind + "=" + strings.ToLower(strings.Join(strings.Fields(text(value)), " ")) + "\x00")
	})
	return b.String()
}

func parseName(raw []byte) (Name, error) {
	n := Name{Raw: raw}
	return n, eachAttribute(raw, func(kind string, value asn1x.Element) {
		switch kind {
		case attrCountry:
			n.Country = strings.ToUpper(strings.TrimSpace(text(value)))
		case attrLocality:
			n.Locality = text(value)
		}
	})
}

// eachAttribute walks a name.
func eachAttribute(raw []byte, visit func(kind string, value asn1x.Element)) error {
	seq, err := asn1x.Open(raw).Take(asn1x.Sequence)
	if err != nil {
		return err
	}
	count := 0
	for c := asn1x.Open(seq.Body); !c.Done(); {
		set, err := c.Take(asn1x.Set)
		if err != nil {
			return err
		}
		for in := asn1x.Open(set.Body); !in.Done(); count++ {
			kind, value, err := attribute(in)
			if err != nil {
				return err
			}
			if count == maxRDN {
				return fail("a name of at most 64 attributes")
			}
			visit(kind, value)
		}
	}
	return nil
}

func attribute(in *asn1x.Cursor) (kind string, value asn1x.Element, err error) {
	seq, err := in.Take(asn1x.Sequence)
	if err != nil {
		return "", value, err
	}
	c := asn1x.Open(seq.Body)
	id, err := c.Take(asn1x.OID)
	if err != nil {
		return "", value, err
	}
	if value, err = c.Next(); err != nil {
		return "", value, err
	}
	return string(id.Body), value, c.End()
}

// text decodes a DirectoryString; letters that are none become U+FFFD.
func text(e asn1x.Element) string {
	const bmpString, teletexString = 0x1e, 0x14
	switch {
	case e.Tag == bmpString && len(e.Body)%2 == 0:
		units := make([]uint16, len(e.Body)/2)
		for i := range units {
			units[i] = uint16(e.Body[2*i])<<8 | uint16(e.Body[2*i+1])
		}
		return string(utf16.Decode(units))
	case e.Tag == teletexString && !utf8.Valid(e.Body):
		runes := make([]rune, len(e.Body))
		for i, b := range e.Body { // what writers mean by it is Latin-1
			runes[i] = rune(b)
		}
		return string(runes)
	}
	return strings.ToValidUTF8(string(e.Body), "\ufffd")
}
