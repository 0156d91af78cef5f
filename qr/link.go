package qr

import (
	"net/netip"
	"net/url"
	"strings"
)

// Link is an address that may be printed as a code, or followed from one: https, to a host on a list. A look-alike
// domain behind a code is the common fraud, and no eye reads the address in a symbol.
type Link struct{ url string }

const maxLink = 500

// ParseLink checks an address against the hosts that are allowed. A host of the form ".gov.vn" allows everything below
// it; any other allows exactly itself. It refuses any scheme but https, a user, another port, an IP address, letters
// outside ASCII (and so look-alikes), and "xn--" hosts unless listed to the letter. The error is an *InvalidError; it
// does not quote the address.
func ParseLink(text string, hosts ...string) (Link, error) {
	u, err := url.Parse(text)
	switch {
	case text == "" || len(text) > maxLink || !isLinkText(text):
		return Link{}, &InvalidError{Field: "link", Rule: "an address of at most 500 characters of ASCII"}
	case err != nil:
		return Link{}, &InvalidError{Field: "link", Rule: "an address"}
	case u.Scheme != "https" || !strings.HasPrefix(text, "https://") || u.Opaque != "":
		return Link{}, &InvalidError{Field: "link.scheme", Rule: "https://, in small letters"}
	case u.User != nil:
		return Link{}, &InvalidError{Field: "link.user", Rule: "no user before the host"}
	case u.Port() != "" || strings.HasSuffix(u.Host, ":"):
		return Link{}, &InvalidError{Field: "link.port", Rule: "no port"}
	}
	if _, err := netip.ParseAddr(strings.Trim(u.Host, "[]")); err == nil || !isAllowed(u.Host, hosts) {
		return Link{}, &InvalidError{Field: "link.host", Rule: "a host on the list of those allowed"}
	}
	return Link{url: text}, nil
}

// isLinkText refuses what is no address in plain sight: blanks, control characters, backslashes and everything that is
// not ASCII.
func isLinkText(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7F || c == '\\' {
			return false
		}
	}
	return true
}

func isAllowed(host string, hosts []string) bool {
	if host != strings.ToLower(host) || strings.HasSuffix(host, ".") {
		return false
	}
	for _, allowed := range hosts {
		switch {
		case allowed == "" || allowed == ".":
		case host == allowed && allowed[0] != '.':
			return true
		case allowed[0] == '.' && len(host) > len(allowed) && strings.HasSuffix(host, allowed) &&
			!strings.Contains(strings.TrimSuffix(host, allowed), "xn--"):
			return true
		}
	}
	return false
}

// String returns the address.
func (l Link) String() string { return l.url }

// Symbol encodes the address; the zero Link has none.
func (l Link) Symbol(level Level) (*Symbol, error) { return Encode(l.url, level) }
