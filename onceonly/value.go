package onceonly

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/motcua/motcua/identity"
)

// Value is what a register holds under a field: text, a date, a place or a person. It is personal data, so fmt,
// log/slog and encoding/json print "[redacted]"; Reveal, RevealJSON and the typed getters give it away. The zero value
// holds nothing. Values are not comparable with ==.
type Value struct {
	// A function, because fmt prints what lies in unexported fields without asking, but not what a function returns.
	content func() *content
}

type content struct {
	text   string
	date   identity.BirthDate
	place  *Place
	person *Person
}

func hide(c content) Value { return Value{func() *content { return &c }} }

func (v Value) open() *content {
	if v.content == nil {
		return &content{}
	}
	return v.content()
}

// TextValue makes a value of a text or a code; the empty text holds nothing.
func TextValue(s string) Value {
	if s == "" {
		return Value{}
	}
	return hide(content{text: s})
}

// DateValue makes a value of a date of birth, which may be only a year.
func DateValue(d identity.BirthDate) Value {
	if d.IsZero() {
		return Value{}
	}
	return hide(content{date: d})
}

// PlaceValue makes a value of a place; one without any part holds nothing.
func PlaceValue(p Place) Value {
	if p == (Place{}) {
		return Value{}
	}
	return hide(content{place: &p})
}

// PersonValue makes a value of another person; one without any part holds nothing.
func PersonValue(p Person) Value {
	if p == (Person{}) {
		return Value{}
	}
	return hide(content{person: &p})
}

// IsZero reports whether the value holds nothing.
func (v Value) IsZero() bool { return v.content == nil }

// Reveal returns the value as one line for a form: the text itself, "1990-03-15" or "1990", a place's line, a person's
// name.
func (v Value) Reveal() string {
	switch c := v.open(); {
	case c.place != nil:
		return c.place.line()
	case c.person != nil:
		return c.person.Name
	case !c.date.IsZero():
		return c.date.Reveal()
	default:
		return c.text
	}
}

// BirthDate returns the date, if the value is one.
func (v Value) BirthDate() (identity.BirthDate, bool) {
	date := v.open().date
	return date, !date.IsZero()
}

// Place returns the place, if the value is one.
func (v Value) Place() (Place, bool) {
	if p := v.open().place; p != nil {
		return *p, true
	}
	return Place{}, false
}

// Person returns the person, if the value is one.
func (v Value) Person() (Person, bool) {
	if p := v.open().person; p != nil {
		return *p, true
	}
	return Person{}, false
}

// RevealJSON returns the value for a form's data: a string for text and dates, an object for places and persons, null
// for nothing.
func (v Value) RevealJSON() ([]byte, error) {
	if v.IsZero() {
		return []byte("null"), nil
	}
	if p, ok := v.Place(); ok {
		type plain Place // without the methods that redact
		return json.Marshal(plain(p))
	}
	if p, ok := v.Person(); ok {
		type plain Person
		return json.Marshal(plain(p))
	}
	return json.Marshal(v.Reveal())
}

// Place is a place (nơi …) by the codes a register uses and the line it prints; each part may be empty. District (quận,
// huyện) is empty since local government has two levels. It redacts itself like [Value].
type Place struct {
	Province string `json:"province"`
	District string `json:"district,omitempty"`
	Commune  string `json:"commune"`
	Detail   string `json:"detail"`
	Country  string `json:"country"`
}

func (p Place) line() string {
	if p.Detail != "" {
		return p.Detail
	}
	var line []string
	for _, part := range []string{p.Commune, p.District, p.Province, p.Country} {
		if part != "" {
			line = append(line, part)
		}
	}
	return strings.Join(line, ", ")
}

// Person is another person a register names: father, mother, spouse. Each part may be empty. It redacts itself like
// [Value].
type Person struct {
	Name        string `json:"name"`
	PersonalID  string `json:"personalId,omitempty"`
	OldIDNumber string `json:"oldIdNumber,omitempty"`
	Nationality string `json:"nationality,omitempty"`
	Relation    string `json:"relation,omitempty"`
}

const redacted = "[redacted]"

// Format prints no content, whatever the verb.
func (v Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue gives loggers no content.
func (v Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText gives encoders no content.
func (v Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format prints no content, whatever the verb.
func (p Place) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue gives loggers no content.
func (p Place) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText gives encoders no content.
func (p Place) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format prints no content, whatever the verb.
func (p Person) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue gives loggers no content.
func (p Person) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText gives encoders no content.
func (p Person) MarshalText() ([]byte, error) { return []byte(redacted), nil }
