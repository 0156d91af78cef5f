package identity

import (
	"fmt"
	"log/slog"
)

// Phone is a Vietnamese mobile phone number (số điện thoại di động): 10 digits beginning with 03, 05, 07, 08 or 09. It
// prints redacted. The zero value is none.
type Phone struct{ n hidden }

// ParsePhone reads "0912345678", "+84912345678" and "84912345678"; a space, dot or hyphen may stand between digits.
// Errors: *InvalidError.
func ParsePhone(s string) (Phone, error) {
	if len(s) > 24 {
		return Phone{}, &InvalidError{Field: "phone", Rule: "form"}
	}
	var digits [12]byte
	count := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9' && count < len(digits):
			digits[count] = c
			count++
		case c == '+' && i == 0:
		case (c == ' ' || c == '.' || c == '-') && i > 0 && i < len(s)-1 && s[i-1] >= '0' && s[i-1] <= '9':
		default:
			return Phone{}, &InvalidError{Field: "phone", Rule: "form"}
		}
	}
	international := count == 11 && digits[0] == '8' && digits[1] == '4'
	national := count == 10 && digits[0] == '0' && s[0] != '+'
	var n uint64
	for _, c := range digits[max(count-9, 0):count] {
		n = n*10 + uint64(c-'0')
	}
	switch first := n / 1e8; {
	case !international && !national, first != 3 && first != 5 && first < 7:
		return Phone{}, &InvalidError{Field: "phone", Rule: "form"}
	}
	return Phone{hide(n)}, nil
}

// Reveal returns the number as it is dialled in the country, "0912345678", or "" of the zero value.
func (p Phone) Reveal() string { return p.with("0") }

// RevealE164 returns the number as it is dialled from anywhere, "+84912345678" (ITU-T E.164).
func (p Phone) RevealE164() string { return p.with("+84") }

func (p Phone) with(prefix string) string {
	if p.IsZero() {
		return ""
	}
	return prefix + p.n.digits(9)
}

// IsZero reports whether p holds no number.
func (p Phone) IsZero() bool { return p.n == 0 }

// String returns the number redacted to its last two digits, by which its owner knows it: "********78".
func (p Phone) String() string {
	if p.IsZero() {
		return ""
	}
	return fmt.Sprintf("********%02d", p.n.number()%100)
}

// Format answers every verb with the redacted form.
func (p Phone) Format(state fmt.State, verb rune) { writeRedacted(state, verb, "Phone", p.String()) }

// LogValue gives loggers the redacted form.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText gives encoders the redacted form.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
