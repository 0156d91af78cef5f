package identity

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// BirthDate is a date of birth (ngày, tháng, năm sinh). Old registers know only the year, or year and month, and that
// is legal: the missing parts are 0. It is comparable and prints redacted. The zero value is none.
type BirthDate struct{ n hidden }

const (
	minBirthYear = 1850
	maxBirthYear = 2099
)

// ParseBirthDate reads "15/03/1990", "1990-03-15", "19900315", "1990-03" and "1990". Errors: *InvalidError.
func ParseBirthDate(s string) (BirthDate, error) {
	var y, m, d uint64
	ok := false
	switch {
	case len(s) == 4:
		y, ok = parseDigits(s, 4)
	case len(s) == 7 && s[4] == '-':
		y, m, d, ok = threeNumbers(s[:4], s[5:], "00")
		ok = ok && m != 0
	case len(s) == 8:
		y, m, d, ok = threeNumbers(s[:4], s[4:6], s[6:])
	case len(s) == 10 && s[4] == '-' && s[7] == '-':
		y, m, d, ok = threeNumbers(s[:4], s[5:7], s[8:])
	case len(s) == 10 && s[2] == '/' && s[5] == '/':
		y, m, d, ok = threeNumbers(s[6:], s[3:5], s[:2])
	}
	switch {
	case !ok:
		return BirthDate{}, &InvalidError{Field: "birthdate", Rule: "form"}
	case y < minBirthYear || y > maxBirthYear:
		return BirthDate{}, &InvalidError{Field: "birthdate", Rule: "range"}
	case m > 12 || m == 0 && d != 0 || d != 0 && !isDay(int(y), int(m), int(d)):
		return BirthDate{}, &InvalidError{Field: "birthdate", Rule: "calendar"}
	}
	return BirthDate{hide(y*10000 + m*100 + d)}, nil
}

func threeNumbers(y, m, d string) (year, month, day uint64, ok bool) {
	year, okYear := parseDigits(y, 4)
	month, okMonth := parseDigits(m, 2)
	day, okDay := parseDigits(d, 2)
	return year, month, day, okYear && okMonth && okDay
}

func isDay(y, m, d int) bool {
	return vntime.Date(y, time.Month(m), d).Day() == d
}

// Parts returns year, month and day; what is not known is 0.
func (b BirthDate) Parts() (year, month, day int) {
	if b.IsZero() {
		return 0, 0, 0
	}
	n := int(b.n.number())
	return n / 10000, n / 100 % 100, n % 100
}

// Year returns the year of birth.
func (b BirthDate) Year() int { year, _, _ := b.Parts(); return year }

// Check refuses a date of birth behind at, in Vietnam. Errors: *InvalidError with rule "future".
func (b BirthDate) Check(at time.Time) error {
	y, m, d := b.Parts()
	if vntime.Date(y, time.Month(max(m, 1)), max(d, 1)).After(at) {
		return &InvalidError{Field: "birthdate", Rule: "future"}
	}
	return nil
}

// IsZero reports whether b holds no date.
func (b BirthDate) IsZero() bool { return b.n == 0 }

// Reveal returns "1990-03-15", "1990-03" or "1990", as much as is known; ParseBirthDate reads it back.
func (b BirthDate) Reveal() string {
	y, m, d := b.Parts()
	switch {
	case b.IsZero():
		return ""
	case m == 0:
		return fmt.Sprintf("%04d", y)
	case d == 0:
		return fmt.Sprintf("%04d-%02d", y, m)
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

// String returns "****-**-**", or "" of the zero value.
func (b BirthDate) String() string {
	if b.IsZero() {
		return ""
	}
	return "****-**-**"
}

// Format answers every verb with the redacted form.
func (b BirthDate) Format(state fmt.State, verb rune) {
	writeRedacted(state, verb, "BirthDate", b.String())
}

// LogValue gives loggers the redacted form.
func (b BirthDate) LogValue() slog.Value { return slog.StringValue(b.String()) }

// MarshalText gives encoders the redacted form.
func (b BirthDate) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
