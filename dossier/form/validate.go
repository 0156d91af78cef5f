package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/motcua/motcua/internal/canon"
)

// Validate holds the values to the schema and returns the faults in the order of the fields, one a field; none when the
// form is in order.
func (f *Form) Validate(values Values) []*FieldError {
	raw, err := json.Marshal(map[string]any(values))
	if err != nil {
		return []*FieldError{{Rule: "unreadable"}}
	}
	return f.ValidateJSON(raw)
}

// ValidateJSON is [Form.Validate] for values in JSON: one object, without a member twice, and whole numbers only, as a
// dossier keeps them.
func (f *Form) ValidateJSON(raw []byte) []*FieldError {
	if len(raw) > maxValues {
		return []*FieldError{{Rule: "too-large"}}
	}
	plain, err := canon.Rewrite(raw)
	if err != nil {
		return []*FieldError{{Rule: "unreadable"}}
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		return []*FieldError{{Rule: "unreadable"}}
	}
	if err = f.schema.Validate(value); err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []*FieldError{{Rule: "invalid"}}
	}
	return f.sorted(f.collect(nil, invalid))
}

// collect turns the leaves of the library's error tree into faults. Branches of a choice are no faults of their own.
func (f *Form) collect(list []*FieldError, e *jsonschema.ValidationError) []*FieldError {
	path := strings.Join(e.InstanceLocation, ".")
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return append(list, f.missing(path, k.Missing)...)
	case *kind.DependentRequired:
		return append(list, f.missing(path, k.Missing)...)
	case *kind.OneOf, *kind.AnyOf, *kind.Not, *kind.Contains:
		return append(list, f.fault(path, e.ErrorKind))
	}
	if len(e.Causes) == 0 {
		return append(list, f.fault(path, e.ErrorKind))
	}
	for _, cause := range e.Causes {
		list = f.collect(list, cause)
	}
	return list
}

// missing names what is lacking; a group that is lacking as a whole stands for its required fields.
func (f *Form) missing(path string, names []string) []*FieldError {
	var list []*FieldError
	for _, name := range names {
		full := strings.TrimPrefix(path+"."+name, ".")
		if field, ok := f.Field(full); ok {
			list = append(list, &FieldError{Field: full, Title: field.Title, Rule: requiredRule(field.Kind)})
			continue
		}
		for _, field := range f.fields {
			if field.Required && strings.HasPrefix(field.Name, full+".") {
				list = append(list, &FieldError{Field: field.Name, Title: field.Title, Rule: requiredRule(field.Kind)})
			}
		}
		if len(list) == 0 {
			list = append(list, &FieldError{Field: full, Rule: "required"})
		}
	}
	return list
}

func requiredRule(k Kind) string {
	if k == Choice || k == Choices || k == Tick {
		return "choose"
	}
	return "required"
}

func (f *Form) fault(path string, k jsonschema.ErrorKind) *FieldError {
	name, field, known := path, Field{}, false
	for name != "" && !known { // an item of a list is a fault of the list
		if field, known = f.Field(name); !known {
			name = name[:max(strings.LastIndexByte(name, '.'), 0)]
		}
	}
	if !known {
		name = path
	}
	e := &FieldError{Field: name, Title: field.Title}
	e.Rule, e.Limit = ruleOf(k, field)
	if e.Rule == "pattern" || e.Rule == "format" {
		e.note = field.note
		var said interface{ Text(string) string }
		if format, ok := k.(*kind.Format); ok && e.note.Vi == "" && errors.As(format.Err, &said) {
			e.note = Text{said.Text("vi"), said.Text("en")}
		}
	}
	return e
}

func ruleOf(k jsonschema.ErrorKind, field Field) (rule string, limit int64) {
	switch k := k.(type) {
	case *kind.MinLength:
		if k.Got == 0 {
			return requiredRule(field.Kind), 0
		}
		return "min-length", int64(k.Want)
	case *kind.MaxLength:
		return "max-length", int64(k.Want)
	case *kind.Pattern:
		return "pattern", 0
	case *kind.Format:
		return formatRule(k.Want), 0
	case *kind.Minimum:
		return "minimum", ceil(k.Want)
	case *kind.ExclusiveMinimum:
		return "minimum", floor(k.Want) + 1
	case *kind.Maximum:
		return "maximum", floor(k.Want)
	case *kind.ExclusiveMaximum:
		return "maximum", ceil(k.Want) - 1
	case *kind.MinItems:
		return "min-items", int64(k.Want)
	case *kind.MaxItems:
		return "max-items", int64(k.Want)
	case *kind.UniqueItems:
		return "repeated", 0
	case *kind.OneOf, *kind.AnyOf, *kind.Enum:
		return "option", 0
	case *kind.Const:
		return requiredRule(field.Kind), 0
	case *kind.AdditionalProperties, *kind.PropertyNames, *kind.FalseSchema:
		return "unknown", 0
	case *kind.Type:
		if field.Kind == Integer {
			return "integer", 0
		}
		return "type", 0
	}
	return "invalid", 0
}

func formatRule(format string) string {
	switch format {
	case "date", "date-vn":
		return "date"
	case "phone-vn":
		return "phone"
	case "email":
		return "email"
	}
	return "format"
}

// floor and ceil give the whole number a bound means for whole numbers.
func floor(r *big.Rat) int64 {
	q, m := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	_ = m // Euclidean: the denominator is positive, so the quotient is the floor
	return q.Int64()
}

func ceil(r *big.Rat) int64 { return -floor(new(big.Rat).Neg(r)) }

// Join puts faults of several checks together: in the order of the fields, the first of each. So a field that could not be
// read is not called empty as well.
func (f *Form) Join(lists ...[]*FieldError) []*FieldError { return f.sorted(slices.Concat(lists...)) }

// sorted orders faults by field and keeps the first of each.
func (f *Form) sorted(list []*FieldError) []*FieldError {
	place := func(e *FieldError) int {
		if i, ok := f.byName[e.Field]; ok {
			return i
		}
		return len(f.fields)
	}
	slices.SortStableFunc(list, func(a, b *FieldError) int { return place(a) - place(b) })
	return slices.CompactFunc(list, func(a, b *FieldError) bool { return a.Field == b.Field })
}
