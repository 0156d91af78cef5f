package signature

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/motcua/motcua/internal/asn1x"
)

// Name constraints (RFC 5280, 4.2.1.10) on directory names, mail addresses and URIs are judged here: crypto/x509 does not
// know those on directory names, and takes a host for its whole domain. Those on DNS names and IP addresses are left to it.

var (
	oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidAlternative     = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidEmailAddress    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// The general names that are judged here, by tag.
const (
	mailName      = 0x81
	directoryName = 0xa4
	uriName       = 0x86
)

// general is a GeneralName, of a certificate or as the base of a subtree.
type general struct {
	tag   byte
	value []byte
}

// constraints are the subtrees that an authority's names below it are held to.
type constraints struct{ permitted, excluded []general }

// constraintsOf reads the extension of a certificate; without it there are none.
func constraintsOf(cert *x509.Certificate) (c constraints, err error) {
	i := slices.IndexFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidNameConstraints) })
	if i < 0 {
		return c, nil
	}
	seq, err := asn1x.Open(cert.Extensions[i].Value).Take(asn1x.Sequence)
	if err != nil {
		return c, err
	}
	for in := asn1x.Open(seq.Body); !in.Done(); {
		e, err := in.Next()
		if err != nil {
			return c, err
		}
		switch e.Tag {
		case asn1x.Context(0):
			c.permitted, err = subtrees(e.Body)
		case asn1x.Context(1):
			c.excluded, err = subtrees(e.Body)
		default:
			err = errConstraints
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

var errConstraints = &asn1x.SyntaxError{Rule: "name constraints of RFC 5280", Kind: asn1x.ErrSyntax}

// subtrees reads GeneralSubtrees. RFC 5280 leaves minimum at 0 and maximum absent.
func subtrees(body []byte) (all []general, err error) {
	for c := asn1x.Open(body); !c.Done(); {
		one, err := c.Take(asn1x.Sequence)
		if err != nil {
			return nil, err
		}
		inside := asn1x.Open(one.Body)
		base, err := inside.Next()
		if err != nil {
			return nil, err
		}
		if !inside.Done() {
			return nil, errConstraints
		}
		all = append(all, general{base.Tag, base.Body})
	}
	return all, nil
}

// unconstrained is what crypto/x509 is given of a certificate: without the constraints that are judged here, if they can
// be read and are all that it does not know.
func unconstrained(cert *x509.Certificate) *x509.Certificate {
	c, err := constraintsOf(cert)
	if err != nil || len(c.permitted)+len(c.excluded) == 0 {
		return cert
	}
	for _, g := range slices.Concat(c.permitted, c.excluded) {
		switch g.tag {
		case mailName, directoryName, uriName, 0x82, 0x87: // the last two: DNS names and IP addresses
		default:
			return cert
		}
	}
	bare := *cert
	bare.PermittedEmailAddresses, bare.ExcludedEmailAddresses = nil, nil
	bare.PermittedURIDomains, bare.ExcludedURIDomains = nil, nil
	bare.UnhandledCriticalExtensions = slices.DeleteFunc(slices.Clone(cert.UnhandledCriticalExtensions), oidNameConstraints.Equal)
	return &bare
}

// obeysNames holds every name of a chain to the constraints of all authorities above it.
func obeysNames(chain []*x509.Certificate) bool {
	for i := len(chain) - 1; i > 0; i-- {
		c, err := constraintsOf(chain[i])
		if err != nil {
			return false
		}
		if len(c.permitted)+len(c.excluded) == 0 {
			continue
		}
		for k, cert := range chain[:i] {
			if k > 0 && bytes.Equal(cert.RawSubject, cert.RawIssuer) {
				continue // a new key of the same authority (RFC 5280, 6.1.3 (b))
			}
			names, err := namesOf(cert)
			if err != nil || slices.ContainsFunc(names, func(n general) bool { return !c.allow(n) }) {
				return false
			}
		}
	}
	return true
}

func (c constraints) allow(name general) bool {
	sameKind := func(base general) bool { return base.tag == name.tag }
	if slices.ContainsFunc(c.excluded, func(base general) bool { return sameKind(base) && within(name, base, true) }) {
		return false
	}
	return !slices.ContainsFunc(c.permitted, sameKind) ||
		slices.ContainsFunc(c.permitted, func(base general) bool { return sameKind(base) && within(name, base, false) })
}

// namesOf lists the names of a certificate that are judged here: its subject, mail addresses in it, alternative names.
func namesOf(cert *x509.Certificate) (all []general, err error) {
	subject, err := relativeNames(cert.RawSubject)
	if err != nil {
		return nil, err
	}
	if len(subject) > 0 {
		all = append(all, general{directoryName, cert.RawSubject})
	}
	for _, name := range cert.Subject.Names {
		if mail, ok := name.Value.(string); ok && name.Type.Equal(oidEmailAddress) {
			all = append(all, general{mailName, []byte(mail)})
		}
	}
	for _, e := range cert.Extensions {
		if !e.Id.Equal(oidAlternative) {
			continue
		}
		seq, err := asn1x.Open(e.Value).Take(asn1x.Sequence)
		if err != nil {
			return nil, err
		}
		for c := asn1x.Open(seq.Body); !c.Done(); {
			name, err := c.Next()
			if err != nil {
				return nil, err
			}
			switch name.Tag {
			case mailName, directoryName, uriName:
				all = append(all, general{name.Tag, name.Body})
			}
		}
	}
	return all, nil
}

// within reports whether a name lies in the subtree of base. Of a name that cannot be read the answer is unclear.
func within(name, base general, unclear bool) bool {
	switch name.tag {
	case mailName:
		at := bytes.LastIndexByte(name.value, '@')
		if at < 0 {
			return unclear
		}
		want := string(base.value)
		if local, host, ok := strings.Cut(want, "@"); ok {
			return local == string(name.value[:at]) && strings.EqualFold(host, string(name.value[at+1:]))
		}
		return hostWithin(string(name.value[at+1:]), want)
	case uriName:
		u, err := url.Parse(string(name.value))
		if err != nil || u.Hostname() == "" {
			return unclear
		}
		return hostWithin(u.Hostname(), string(base.value))
	}
	have, err := relativeNames(name.value)
	want, err2 := relativeNames(base.value)
	if err != nil || err2 != nil {
		return unclear
	}
	return len(have) >= len(want) && slices.Equal(have[:len(want)], want)
}

// hostWithin: a base with a leading period is for all hosts below it, another one for that host alone.
func hostWithin(host, base string) bool {
	host, base = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(base)
	if strings.HasPrefix(base, ".") {
		return strings.HasSuffix(host, base) && len(host) > len(base)
	}
	return host == base
}

// relativeNames brings a Name to a form in which equal names are equal (RFC 5280, 7.1): letters folded, white space
// collapsed, the kinds of strings forgotten.
func relativeNames(der []byte) (out []string, err error) {
	var rdns []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return nil, errConstraints
	}
	for _, rdn := range rdns {
		var attributes []string
		for rest := rdn.Bytes; len(rest) > 0; {
			var a struct {
				Type  asn1.ObjectIdentifier
				Value asn1.RawValue
			}
			if rest, err = asn1.Unmarshal(rest, &a); err != nil {
				return nil, errConstraints
			}
			attributes = append(attributes, a.Type.String()+"="+foldedText(a.Value))
		}
		slices.Sort(attributes)
		out = append(out, strings.Join(attributes, "\x00"))
	}
	return out, nil
}

func foldedText(v asn1.RawValue) string {
	text := ""
	switch v.Tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String, asn1.TagT61String:
		text = string(v.Bytes)
	case asn1.TagBMPString:
		units := make([]uint16, len(v.Bytes)/2)
		for i := range units {
			units[i] = uint16(v.Bytes[2*i])<<8 | uint16(v.Bytes[2*i+1])
		}
		text = string(utf16.Decode(units))
	default:
		return "\x00" + string(v.FullBytes)
	}
	return strings.ToLower(strings.Join(strings.Fields(text), " "))
}
