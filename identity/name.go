package identity

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
	"unique"

	"golang.org/x/text/unicode/norm"
)

// Name is a person's or organisation's name: Unicode NFC, single spaces. It is comparable and prints redacted;
// [Name.Reveal] gives it. The zero value is none.
type Name struct {
	// A handle instead of a string: fmt prints unexported fields without asking, and would print the name.
	h unique.Handle[string]
}

const (
	maxName    = 200 // bytes, of a person
	maxOrgName = 400 // bytes, of an organisation
)

// ParseName reads a person's full name (họ và tên): letters of any script, spaces, hyphen, apostrophe and full stop, at
// most 200 bytes. It brings combining marks to NFC and runs of spaces to one. Errors: *InvalidError.
func ParseName(s string) (Name, error) {
	return parseName(s, "name", maxName, unicode.IsLetter, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsMark(r) || strings.ContainsRune(" -'’.", r)
	})
}

// ParseOrgName reads an organisation's name: printable characters, at most 400 bytes. Errors: *InvalidError.
func ParseOrgName(s string) (Name, error) {
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return parseName(s, "orgname", maxOrgName, isWord, unicode.IsPrint)
}

func parseName(s, field string, limit int, needs, allows func(rune) bool) (Name, error) {
	if len(s) > 4*limit { // bounds the work of normalising
		return Name{}, &InvalidError{Field: field, Rule: "length"}
	}
	if !utf8.ValidString(s) {
		return Name{}, &InvalidError{Field: field, Rule: "letters"}
	}
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	switch {
	case strings.IndexFunc(s, func(r rune) bool { return !allows(r) }) >= 0:
		return Name{}, &InvalidError{Field: field, Rule: "letters"}
	case strings.IndexFunc(s, needs) < 0:
		return Name{}, &InvalidError{Field: field, Rule: "empty"}
	case len(s) > limit:
		return Name{}, &InvalidError{Field: field, Rule: "length"}
	}
	return Name{unique.Make(s)}, nil
}

// Reveal returns the name.
func (n Name) Reveal() string {
	if n.IsZero() {
		return ""
	}
	return n.h.Value()
}

// IsZero reports whether n holds no name.
func (n Name) IsZero() bool { return n == Name{} }

// String returns "***", or "" of the zero value.
func (n Name) String() string {
	if n.IsZero() {
		return ""
	}
	return "***"
}

// Format answers every verb with the redacted form.
func (n Name) Format(state fmt.State, verb rune) { writeRedacted(state, verb, "Name", n.String()) }

// LogValue gives loggers the redacted form.
func (n Name) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText gives encoders the redacted form.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.String()), nil }
