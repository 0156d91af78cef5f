package form

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind is what a field holds, and so what a page asks with.
type Kind string

// The kinds.
const (
	Line    Kind = "line"    // one line of text
	Date    Kind = "date"    // a day; yyyy-mm-dd in the values, unless the format is date-vn
	Integer Kind = "integer" // a whole number
	Tick    Kind = "tick"    // yes or no
	Choice  Kind = "choice"  // one of Options
	Choices Kind = "choices" // any of Options
)

// Field is one field as a page shows it.
type Field struct {
	Name  string // dotted path in the values, also the name of the HTML control
	Kind  Kind
	Title Text
	Help  Text
	Group Text // title of the object around it; empty at the top

	Required     bool
	Format       string // JSON Schema format
	Widget       string // hint: textarea, radio, select …
	Autocomplete string // HTML autocomplete token
	MinLength    int    // letters
	MaxLength    int    // letters; never 0 for text
	Options      []Option

	// Prefill names the register and its field that fills this one; empty when the citizen does.
	Prefill Prefill
	// Locked fields cannot be changed once a register has filled them.
	Locked bool

	note Text
}

// Option is one value of a choice.
type Option struct {
	Value string
	Title Text
}

// Prefill names where a field's value comes from.
type Prefill struct {
	Source string `json:"source"`
	Field  string `json:"field"`
}

// Values is a filled form by JSON member; groups are nested objects. It holds personal data: fmt shows none of it.
type Values map[string]any

// Format keeps personal data out of fmt and logs.
func (v Values) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "form.Values(%d fields)", len(v)) }

// Get returns the value at a dotted path.
func (v Values) Get(name string) (any, bool) {
	var at any = map[string]any(v)
	for part := range strings.SplitSeq(name, ".") {
		object, ok := asObject(at)
		if !ok {
			return nil, false
		}
		if at, ok = object[part]; !ok {
			return nil, false
		}
	}
	return at, true
}

// set writes the value at a dotted path and makes the groups on the way. Groups are copied first when shared.
func (v Values) set(name string, value any) {
	object := map[string]any(v)
	parts := strings.Split(name, ".")
	for _, part := range parts[:len(parts)-1] {
		inner, ok := asObject(object[part])
		if !ok {
			inner = map[string]any{}
			object[part] = inner
		}
		object = inner
	}
	object[parts[len(parts)-1]] = value
}

func (v Values) clone() Values {
	out := Values{}
	for name, value := range v {
		if inner, ok := asObject(value); ok {
			value = map[string]any(Values(inner).clone())
		}
		out[name] = value
	}
	return out
}

func asObject(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case Values:
		return v, true
	}
	return nil, false
}

// Show writes the field's value for a page to read: options by title, days as dd/MM/yyyy. Empty when there is none.
func (f *Field) Show(values Values, lang string) string {
	value, ok := values.Get(f.Name)
	if !ok || value == nil {
		return ""
	}
	switch v := value.(type) {
	case string:
		return f.showText(v, lang)
	case bool:
		return yes(v, lang)
	case []any:
		var list []string
		for _, item := range v {
			list = append(list, f.showText(fmt.Sprint(item), lang))
		}
		return strings.Join(list, ", ")
	case json.Number:
		return v.String()
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return fmt.Sprint(value)
}

func (f *Field) showText(s, lang string) string {
	for _, o := range f.Options {
		if o.Value == s {
			return o.Title.In(lang)
		}
	}
	if f.Kind == Date && f.Format == "date" {
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return t.Format("02/01/2006")
		}
	}
	return s
}

func yes(v bool, lang string) string {
	switch {
	case v && lang == "en":
		return "Yes"
	case v:
		return "Có"
	case lang == "en":
		return "No"
	}
	return "Không"
}
