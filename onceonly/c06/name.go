package c06

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plain writes a name in capitals without diacritics and with single spaces: "NGUYEN TRONG NGHIA".
func plain(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.Join(strings.Fields(name), " ")) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			b.WriteByte('D')
		default:
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// joined leaves only the letters and digits of the plain form.
func joined(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, plain(name))
}

// sameName compares names as far as the register can be asked for them: without case, diacritics and spaces. Beside an
// equal personal number that is enough to tell a wrong number from a name written another way (hoà, hòa).
func sameName(a, b string) bool { return joined(a) == joined(b) }
