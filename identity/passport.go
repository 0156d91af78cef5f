package identity

import (
	"fmt"
	"log/slog"
)

// Passport is the number of a passport (số hộ chiếu) of any country: up to 9 letters and digits, ICAO Doc 9303-4. It
// prints redacted. The zero value is none.
type Passport struct{ n hidden }

// ParsePassport reads 6 to 9 letters and digits with at least one digit; small letters become capitals. That a
// Vietnamese one is a letter and 7 or 8 digits is a [Finding] when it does not hold, for no rule was seen. Errors:
// *InvalidError.
func ParsePassport(s string) (Passport, error) {
	if len(s) < 6 || len(s) > 9 {
		return Passport{}, &InvalidError{Field: "passport", Rule: "form"}
	}
	var n uint64
	digit := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch letter := c &^ 0x20; {
		case c >= '0' && c <= '9':
			n = n*37 + uint64(c-'0') + 1
			digit = true
		case letter >= 'A' && letter <= 'Z':
			n = n*37 + uint64(letter-'A') + 11
		default:
			return Passport{}, &InvalidError{Field: "passport", Rule: "form"}
		}
	}
	if !digit {
		return Passport{}, &InvalidError{Field: "passport", Rule: "form"}
	}
	return Passport{hide(n)}, nil
}

// Reveal returns the number, or "" of the zero value.
func (p Passport) Reveal() string {
	if p.IsZero() {
		return ""
	}
	var buf [9]byte
	at := len(buf)
	for n := p.n.number(); n > 0; n /= 37 {
		at--
		buf[at] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n%37-1]
	}
	return string(buf[at:])
}

// Findings says when the number has not the form of a Vietnamese passport.
func (p Passport) Findings() []Finding {
	number := p.Reveal()
	if number == "" {
		return nil
	}
	_, digits := parseDigits(number[1:], len(number)-1)
	if number[0] >= 'A' && digits && len(number) >= 8 {
		return nil
	}
	return []Finding{{Field: "passport", Rule: "foreign-form"}}
}

// IsZero reports whether p holds no number.
func (p Passport) IsZero() bool { return p.n == 0 }

// String returns asterisks.
func (p Passport) String() string {
	if p.IsZero() {
		return ""
	}
	return "*********"
}

// Format answers every verb with the redacted form.
func (p Passport) Format(state fmt.State, verb rune) {
	writeRedacted(state, verb, "Passport", p.String())
}

// LogValue gives loggers the redacted form.
func (p Passport) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText gives encoders the redacted form.
func (p Passport) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
