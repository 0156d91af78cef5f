package identity

import (
	"fmt"
	"log/slog"
	"strings"
)

// CMND is the number of an old identity card (số chứng minh nhân dân): 9 digits without a check digit. The cards are
// out of use, their numbers live on in registers, certificates and card codes. The 12-digit series that some provinces
// printed on the same card is the personal number: read it with [ParsePersonID].
//
// It prints redacted. The zero value is none.
type CMND struct{ n hidden }

// ParseCMND reads exactly 9 digits that are not all zero. Errors: *InvalidError.
func ParseCMND(s string) (CMND, error) {
	n, ok := parseDigits(s, 9)
	switch {
	case !ok:
		return CMND{}, &InvalidError{Field: "cmnd", Rule: "digits"}
	case n == 0:
		return CMND{}, &InvalidError{Field: "cmnd", Rule: "zero"}
	}
	return CMND{hide(n)}, nil
}

// Reveal returns the 9 digits, or "" of the zero value.
func (c CMND) Reveal() string { return c.n.digits(9) }

// IsZero reports whether c holds no number.
func (c CMND) IsZero() bool { return c.n == 0 }

// String returns nine asterisks: the first digits name the province, which with a name is too much already.
func (c CMND) String() string {
	if c.IsZero() {
		return ""
	}
	return strings.Repeat("*", 9)
}

// Format answers every verb with the redacted form.
func (c CMND) Format(state fmt.State, verb rune) { writeRedacted(state, verb, "CMND", c.String()) }

// LogValue gives loggers the redacted form.
func (c CMND) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText gives encoders the redacted form.
func (c CMND) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
