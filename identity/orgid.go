package identity

import (
	"fmt"
	"log/slog"
)

// OrgID is an enterprise code (mã số doanh nghiệp), which is also the enterprise's tax code: 10 digits with a check
// digit, or 13 of a dependent unit. A household business has none; it goes by its owner's personal number. Agencies
// have codes of another kind, see package dossier.
//
// It prints redacted like every identifier of this package. The zero value is none.
type OrgID struct {
	n    hidden
	form TaxForm
}

// ParseOrgID reads 10 or 13 digits. A space, dot or hyphen may stand between digits. Errors: *InvalidError.
func ParseOrgID(s string) (OrgID, error) {
	digits, ok := joinDigits(s)
	if !ok {
		return OrgID{}, &InvalidError{Field: "orgid", Rule: "form"}
	}
	n, form, rule := parseEnterprise(digits)
	if rule != "" {
		return OrgID{}, &InvalidError{Field: "orgid", Rule: rule}
	}
	return OrgID{n, form}, nil
}

// TaxCode returns the same number as a tax code.
func (o OrgID) TaxCode() TaxCode { return TaxCode(o) }

// IsUnit reports whether the code is that of a dependent unit (đơn vị phụ thuộc).
func (o OrgID) IsUnit() bool { return o.form == TaxFormUnit }

// IsZero reports whether o holds no code.
func (o OrgID) IsZero() bool { return o.form == TaxFormNone }

// Reveal returns the code in its canonical form, "0100109106" or "0100109106-001".
func (o OrgID) Reveal() string { return enterpriseDigits(o.n, o.form) }

// String returns the code redacted to its first two digits.
func (o OrgID) String() string { return redactEnterprise(o.n, o.form) }

// Format answers every verb with the redacted form.
func (o OrgID) Format(state fmt.State, verb rune) { writeRedacted(state, verb, "OrgID", o.String()) }

// LogValue gives loggers the redacted form.
func (o OrgID) LogValue() slog.Value { return slog.StringValue(o.String()) }

// MarshalText gives encoders the redacted form.
func (o OrgID) MarshalText() ([]byte, error) { return []byte(o.String()), nil }
