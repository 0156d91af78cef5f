package identity

import (
	"fmt"
	"log/slog"
	"strings"
)

// HealthCard is the number of a health-insurance card (số thẻ bảo hiểm y tế): two letters for the group of insured, one
// digit 1-5 for the level of benefit, two for the province, and the ten digits of the social-insurance code. The layout
// is that of public software; the official decision was not seen, see [HealthCard.Findings].
//
// It prints redacted. The zero value is none.
type HealthCard struct{ n hidden }

// ParseHealthCard reads the 15 characters, letters in upper or lower case, a space between the parts allowed. Errors:
// *InvalidError.
func ParseHealthCard(s string) (HealthCard, error) {
	var n uint64
	count := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch letter := c &^ 0x20; {
		case c == ' ' && i > 0 && s[i-1] != ' ' && count < 15:
			continue
		case count < 2 && letter >= 'A' && letter <= 'Z':
			n = n*26 + uint64(letter-'A')
		case count >= 2 && count < 15 && c >= '0' && c <= '9':
			n = n*10 + uint64(c-'0')
			if count == 2 && (c == '0' || c > '5') {
				return HealthCard{}, &InvalidError{Field: "healthcard", Rule: "benefit"}
			}
		default:
			return HealthCard{}, &InvalidError{Field: "healthcard", Rule: "form"}
		}
		count++
	}
	if count != 15 {
		return HealthCard{}, &InvalidError{Field: "healthcard", Rule: "form"}
	}
	return HealthCard{hide(n)}, nil
}

const healthDigits = 1e13 // what stands behind the two letters

// Reveal returns the 15 characters, or "" of the zero value.
func (h HealthCard) Reveal() string {
	if h.IsZero() {
		return ""
	}
	return h.Group() + fmt.Sprintf("%013d", h.n.number()%healthDigits)
}

// Group returns the two letters of the group of insured (mã đối tượng), such as "HS" for pupils.
func (h HealthCard) Group() string {
	if h.IsZero() {
		return ""
	}
	letters := h.n.number() / healthDigits
	return string([]byte{'A' + byte(letters/26), 'A' + byte(letters%26)})
}

// Benefit returns the level of benefit (mức hưởng), 1 to 5, or 0 of the zero value.
func (h HealthCard) Benefit() int {
	if h.IsZero() {
		return 0
	}
	return int(h.n.number() / 1e12 % 10)
}

// Insurance returns the social-insurance code in the number.
func (h HealthCard) Insurance() InsuranceID {
	if h.IsZero() {
		return InsuranceID{}
	}
	return InsuranceID{hide(h.n.number() % 1e10)}
}

// Findings says that the layout is not confirmed by an official document.
func (h HealthCard) Findings() []Finding {
	if h.IsZero() {
		return nil
	}
	return []Finding{{Field: "healthcard", Rule: "layout-unconfirmed"}}
}

// IsZero reports whether h holds no number.
func (h HealthCard) IsZero() bool { return h.n == 0 }

// String returns the number redacted to its group: "HS*************". The group is shared by millions.
func (h HealthCard) String() string {
	if h.IsZero() {
		return ""
	}
	return h.Group() + strings.Repeat("*", 13)
}

// Format answers every verb with the redacted form.
func (h HealthCard) Format(state fmt.State, verb rune) {
	writeRedacted(state, verb, "HealthCard", h.String())
}

// LogValue gives loggers the redacted form.
func (h HealthCard) LogValue() slog.Value { return slog.StringValue(h.String()) }

// MarshalText gives encoders the redacted form.
func (h HealthCard) MarshalText() ([]byte, error) { return []byte(h.String()), nil }
