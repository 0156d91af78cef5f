package form

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Answer is what a register said about one of its fields. Value holds personal data, so fmt shows none of it.
type Answer struct {
	Source string // as in x-prefill
	Field  string // as in x-prefill
	Value  any    // string, int64 or bool; nil means the register does not know
	Ref    string // identifies the answer in the journal
	At     time.Time
}

// Format keeps personal data out of fmt and logs.
func (a Answer) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "form.Answer(%s %s)", a.Source, a.Field) }

// Origin says where the value of a field comes from. It holds no personal data.
type Origin struct {
	Source string    `json:"source"`
	Field  string    `json:"field"`
	Ref    string    `json:"ref,omitempty"`
	At     time.Time `json:"at"`
	Locked bool      `json:"locked"`
}

// Filled is a form with what registers filled in, and where each such value comes from, by dotted path.
type Filled struct {
	Values  Values
	Origins map[string]Origin
}

// Prefill writes the answers into the fields whose x-prefill asks for them, over what values already hold; values itself
// does not change. A field no register answered for stays open to the citizen, even a locked one. An answer that the schema
// does not take is a fault of that field and is left out. The error is an *[InvalidError] if two answers speak for one field.
func (f *Form) Prefill(values Values, answers []Answer) (Filled, []*FieldError, error) {
	filled := Filled{Values: values.clone(), Origins: map[string]Origin{}}
	bySource := map[Prefill]Answer{}
	for _, a := range answers {
		key := Prefill{a.Source, a.Field}
		if _, ok := bySource[key]; ok {
			return Filled{}, nil, &InvalidError{Field: a.Source + "." + a.Field, Rule: "one answer"}
		}
		bySource[key] = a
	}
	var faults []*FieldError
	for i := range f.fields {
		field := &f.fields[i]
		a, ok := bySource[field.Prefill]
		if !ok || a.Value == nil || field.Prefill == (Prefill{}) {
			continue
		}
		value, rule, limit := field.take(a.Value)
		if rule == "" && value != nil {
			rule, limit = f.refuses(field.Name, value)
		}
		if rule != "" {
			faults = append(faults, &FieldError{Field: field.Name, Title: field.Title, Rule: rule, Limit: limit})
			continue
		}
		if value == nil {
			continue
		}
		filled.Values.set(field.Name, value)
		filled.Origins[field.Name] = Origin{a.Source, a.Field, a.Ref, a.At, field.Locked}
	}
	return filled, faults, nil
}

// take reads a register's value as [Form.Decode] would read the citizen's.
func (f *Field) take(v any) (value any, rule string, limit int64) {
	switch v := v.(type) {
	case string:
		return f.decode([]string{v})
	case bool:
		return v, "", 0
	case int:
		return int64(v), "", 0
	case int64:
		return v, "", 0
	case json.Number:
		return f.decode([]string{v.String()})
	}
	return nil, "type", 0
}

// refuses validates one value alone: what the schema says about other fields does not count yet.
func (f *Form) refuses(name string, value any) (rule string, limit int64) {
	alone := Values{}
	alone.set(name, value)
	for _, e := range f.Validate(alone) {
		if e.Field == name {
			return e.Rule, e.Limit
		}
	}
	return "", 0
}

// Merge takes what the browser posted over a prefilled form: open fields are the citizen's, locked ones stay as the
// register filled them. A locked field may be absent from the post or come back unchanged; another value is a
// *[LockedError]. Changing a field that is prefilled and open makes it the citizen's, so its origin is dropped.
func (f *Form) Merge(filled Filled, posted Values) (Filled, error) {
	out := Filled{Values: posted.clone(), Origins: map[string]Origin{}}
	var locked LockedError
	for i := range f.fields {
		field := &f.fields[i]
		origin, ok := filled.Origins[field.Name]
		if !ok {
			continue
		}
		was, _ := filled.Values.Get(field.Name)
		now, given := posted.Get(field.Name)
		same := given && equal(was, now)
		if origin.Locked && given && !same {
			locked.Fields = append(locked.Fields, field.Name)
			locked.Titles = append(locked.Titles, field.Title)
		}
		if origin.Locked {
			out.Values.set(field.Name, was)
		}
		if origin.Locked || same {
			out.Origins[field.Name] = origin
		}
	}
	if len(locked.Fields) > 0 {
		slices.Sort(locked.Fields)
		return Filled{}, &locked
	}
	return out, nil
}

// equal compares as JSON, because a prefilled form may have been stored in between.
func equal(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}
