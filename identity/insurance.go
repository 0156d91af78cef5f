package identity

import (
	"fmt"
	"log/slog"
	"strings"
)

// InsuranceID is a social-insurance code (mã số bảo hiểm xã hội): 10 digits, no check digit known. It is also what the
// health-insurance cards of today show alone.
//
// It prints redacted. The zero value is none.
type InsuranceID struct{ n hidden }

// ParseInsuranceID reads exactly 10 digits. Errors: *InvalidError.
func ParseInsuranceID(s string) (InsuranceID, error) {
	n, ok := parseDigits(s, 10)
	if !ok {
		return InsuranceID{}, &InvalidError{Field: "insuranceid", Rule: "digits"}
	}
	return InsuranceID{hide(n)}, nil
}

// Reveal returns the 10 digits, or "" of the zero value.
func (i InsuranceID) Reveal() string { return i.n.digits(10) }

// IsZero reports whether i holds no code.
func (i InsuranceID) IsZero() bool { return i.n == 0 }

// String returns ten asterisks.
func (i InsuranceID) String() string {
	if i.IsZero() {
		return ""
	}
	return strings.Repeat("*", 10)
}

// Format answers every verb with the redacted form.
func (i InsuranceID) Format(state fmt.State, verb rune) {
	writeRedacted(state, verb, "InsuranceID", i.String())
}

// LogValue gives loggers the redacted form.
func (i InsuranceID) LogValue() slog.Value { return slog.StringValue(i.String()) }

// MarshalText gives encoders the redacted form.
func (i InsuranceID) MarshalText() ([]byte, error) { return []byte(i.String()), nil }
