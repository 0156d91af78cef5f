package identity

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// PersonID is a personal identification number (số định danh cá nhân): 12 digits, of which 1-3 name the province or
// country where the birth was registered, 4 the century and sex, 5-6 the year, and 7-12 are random. It has no check
// digit. Law on Identification 26/2023/QH15 Art. 12; Circular 59/2021/TT-BCA Art. 4; Circular 07/2016/TT-BCA annexes.
//
// The type is comparable and prints redacted everywhere; [PersonID.Reveal] gives the number. The zero value is none.
type PersonID struct{ n hidden }

// ParsePersonID reads exactly 12 digits. It checks what needs no clock: form, and a century digit that is in use
// before the year 2100. An unknown place code is no error but a [Finding]. Errors: *InvalidError.
func ParsePersonID(s string) (PersonID, error) {
	n, ok := parseDigits(s, 12)
	if !ok {
		return PersonID{}, &InvalidError{Field: "personid", Rule: "digits"}
	}
	if s[3] > '3' {
		return PersonID{}, &InvalidError{Field: "personid", Rule: "century"}
	}
	return PersonID{hide(n)}, nil
}

// Reveal returns the 12 digits, or "" of the zero value. Store and send it only where the law gives a purpose.
func (p PersonID) Reveal() string { return p.n.digits(12) }

// IsZero reports whether p holds no number.
func (p PersonID) IsZero() bool { return p.n == 0 }

// PlaceCode returns the first three digits, or 0 of the zero value.
func (p PersonID) PlaceCode() int {
	if p.IsZero() {
		return 0
	}
	return int(p.n.number() / 1e9)
}

// Place returns the province or country of birth registration under its name of that time, if the table knows it.
func (p PersonID) Place() (Place, bool) {
	if p.IsZero() {
		return Place{}, false
	}
	return placeOf(p.PlaceCode())
}

// BirthYear returns the year of birth, or 0 of the zero value.
func (p PersonID) BirthYear() int {
	if p.IsZero() {
		return 0
	}
	return 1900 + p.century()/2*100 + int(p.n.number()/1e6%100)
}

// Sex returns the sex the fourth digit tells: even male, odd female.
func (p PersonID) Sex() Sex {
	switch {
	case p.IsZero():
		return SexUnknown
	case p.century()%2 == 0:
		return Male
	}
	return Female
}

func (p PersonID) century() int { return int(p.n.number() / 1e8 % 10) }

// Check compares the digits with the clock and with what else is claimed about the person; a zero birth date and
// SexUnknown claim nothing. Errors: *InvalidError with rule "birthyear", "birthdate" or "sex"; the latter two are
// [ErrMismatch].
func (p PersonID) Check(at time.Time, birth BirthDate, sex Sex) error {
	switch {
	case p.IsZero():
		return &InvalidError{Field: "personid", Rule: "digits"}
	case p.BirthYear() > vntime.In(at).Year():
		return &InvalidError{Field: "personid", Rule: "birthyear"}
	case !birth.IsZero() && birth.Year() != p.BirthYear():
		return &InvalidError{Field: "personid", Rule: "birthdate"}
	case sex != SexUnknown && sex != p.Sex():
		return &InvalidError{Field: "personid", Rule: "sex"}
	}
	return nil
}

// Findings returns remarks that do not make the number invalid: a place code unknown to the table (codes may have been
// added since the mergers of 2025) or not confirmed in it.
func (p PersonID) Findings() []Finding {
	place, ok := p.Place()
	switch {
	case p.IsZero():
		return nil
	case !ok:
		return []Finding{{Field: "personid", Rule: "place-unknown"}}
	case place.Provisional:
		return []Finding{{Field: "personid", Rule: "place-unconfirmed"}}
	}
	return nil
}

// String returns the number redacted to its place code: "001*********".
func (p PersonID) String() string {
	if p.IsZero() {
		return ""
	}
	return fmt.Sprintf("%03d*********", p.PlaceCode())
}

// Format answers every verb with the redacted form.
func (p PersonID) Format(state fmt.State, verb rune) {
	writeRedacted(state, verb, "PersonID", p.String())
}

// LogValue gives loggers the redacted form.
func (p PersonID) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText gives encoders (encoding/json, encoding/xml) the redacted form. There is no way back: store Reveal().
func (p PersonID) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
