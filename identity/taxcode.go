package identity

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// TaxCode is a tax code (mã số thuế) in one of its three legal shapes: 10 digits with a check digit, 13 digits of a
// dependent unit, or the 12-digit personal identification number, which replaces the tax code of individuals,
// households and household businesses from 2025-07-01 (Circular 86/2024/TT-BTC; before it Circular 105/2020/TT-BTC).
//
// It prints redacted, for the code of an individual is personal data. The zero value is none.
type TaxCode struct {
	n    hidden
	form TaxForm
}

// TaxForm is the shape of a tax code.
type TaxForm int

// The shapes.
const (
	TaxFormNone     TaxForm = iota
	TaxFormTen              // 10 digits, the last one a check digit
	TaxFormUnit             // 13 digits: ten of the enterprise, three of the dependent unit
	TaxFormPersonal         // 12 digits: the personal identification number
)

// ParseTaxCode reads any of the three shapes. A space, dot or hyphen may stand between digits. Errors: *InvalidError.
func ParseTaxCode(s string) (TaxCode, error) {
	digits, ok := joinDigits(s)
	if !ok {
		return TaxCode{}, &InvalidError{Field: "taxcode", Rule: "form"}
	}
	if len(digits) == 12 {
		person, err := ParsePersonID(string(digits))
		if err != nil {
			return TaxCode{}, &InvalidError{Field: "taxcode", Rule: "personid"}
		}
		return TaxCode{person.n, TaxFormPersonal}, nil
	}
	n, form, rule := parseEnterprise(digits)
	if rule != "" {
		return TaxCode{}, &InvalidError{Field: "taxcode", Rule: rule}
	}
	return TaxCode{n, form}, nil
}

// Form returns the shape.
func (c TaxCode) Form() TaxForm { return c.form }

// Person returns the personal identification number, when the code is one.
func (c TaxCode) Person() (PersonID, bool) {
	if c.form != TaxFormPersonal {
		return PersonID{}, false
	}
	return PersonID{c.n}, true
}

// Check asks whether a holder of this kind used this shape on this day. Individuals and household businesses had a
// 10-digit code until 2025-06-30 and use the personal number from 2025-07-01; of KindUnknown only the personal number
// before its time is refused. Errors: *InvalidError with rule "not-yet" or "replaced".
func (c TaxCode) Check(at time.Time, holder SubjectKind) error {
	personal := !at.Before(vntime.Date(2025, time.July, 1)) // Circular 86/2024/TT-BTC
	switch {
	case c.IsZero():
		return &InvalidError{Field: "taxcode", Rule: "form"}
	case c.form == TaxFormPersonal && !personal:
		return &InvalidError{Field: "taxcode", Rule: "not-yet"}
	case c.form != TaxFormPersonal && personal && (holder == Citizen || holder == HouseholdBusiness):
		return &InvalidError{Field: "taxcode", Rule: "replaced"}
	}
	return nil
}

// IsZero reports whether c holds no code.
func (c TaxCode) IsZero() bool { return c.form == TaxFormNone }

// Reveal returns the code in its canonical form, "0100109106", "0100109106-001" or twelve digits.
func (c TaxCode) Reveal() string {
	if c.form == TaxFormPersonal {
		return c.n.digits(12)
	}
	return enterpriseDigits(c.n, c.form)
}

// String returns the code redacted to its first digits.
func (c TaxCode) String() string {
	if c.form == TaxFormPersonal {
		return PersonID{c.n}.String()
	}
	return redactEnterprise(c.n, c.form)
}

// Format answers every verb with the redacted form.
func (c TaxCode) Format(state fmt.State, verb rune) {
	writeRedacted(state, verb, "TaxCode", c.String())
}

// LogValue gives loggers the redacted form.
func (c TaxCode) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText gives encoders the redacted form.
func (c TaxCode) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// joinDigits drops single separators between digits; it gives up on anything else and on more than 13 digits.
func joinDigits(s string) (string, bool) {
	if len(s) > 26 {
		return "", false
	}
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			continue
		}
		plain = false
		if !strings.ContainsRune(" .-", rune(s[i])) || i == 0 || i == len(s)-1 || s[i-1] < '0' || s[i-1] > '9' {
			return "", false
		}
	}
	if plain {
		return s, len(s) <= 13
	}
	joined := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(s)
	return joined, len(joined) <= 13
}

// parseEnterprise checks the ten digits and, of a dependent unit, the three behind them. The check digit is
// 10 - (weighted sum modulo 11); where that is 10 no number exists.
func parseEnterprise(digits string) (hidden, TaxForm, string) {
	n, ok := parseDigits(digits, len(digits))
	form := TaxFormTen
	switch {
	case !ok || len(digits) != 10 && len(digits) != 13:
		return 0, TaxFormNone, "form"
	case digits[2:9] == "0000000":
		return 0, TaxFormNone, "serial"
	case len(digits) == 13 && digits[10:] == "000":
		return 0, TaxFormNone, "serial"
	case len(digits) == 13:
		form = TaxFormUnit
	}
	sum := 0
	for i, weight := range [...]int{31, 29, 23, 19, 17, 13, 7, 5, 3} {
		sum += weight * int(digits[i]-'0')
	}
	if 10-sum%11 != int(digits[9]-'0') {
		return 0, TaxFormNone, "checkdigit"
	}
	return hide(n), form, ""
}

func enterpriseDigits(n hidden, form TaxForm) string {
	switch form {
	case TaxFormTen:
		return n.digits(10)
	case TaxFormUnit:
		digits := n.digits(13)
		return digits[:10] + "-" + digits[10:]
	}
	return ""
}

func redactEnterprise(n hidden, form TaxForm) string {
	digits := enterpriseDigits(n, form)
	if digits == "" {
		return ""
	}
	return digits[:2] + strings.Repeat("*", 8) + strings.Repeat("*", len(digits)-10)
}
