package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Decode reads what a browser posted into typed values: text trimmed, in NFC, with line breaks as \n; days from
// dd/MM/yyyy or yyyy-mm-dd; ticks as true. A field left empty is absent. Names the form does not know are passed over,
// because pages have controls of their own. A value that cannot be read gives a fault and is absent from the values, so
// join the faults with those of [Form.Validate].
func (f *Form) Decode(posted url.Values) (Values, []*FieldError) {
	values := Values{}
	var faults []*FieldError
	for i := range f.fields {
		field := &f.fields[i]
		given := posted[field.Name]
		value, rule, limit := field.decode(given)
		if rule != "" {
			faults = append(faults, &FieldError{Field: field.Name, Title: field.Title, Rule: rule, Limit: limit})
			continue
		}
		if value != nil {
			values.set(field.Name, value)
		}
	}
	return values, faults
}

// decode returns nil for nothing given, and the name of a rule for what cannot be read.
func (f *Field) decode(given []string) (value any, rule string, limit int64) {
	if f.Kind == Choices {
		return f.decodeMany(given)
	}
	if len(given) == 0 {
		return nil, "", 0
	}
	if len(given) > 1 {
		return nil, "repeated", 0
	}
	text, rule, limit := f.clean(given[0])
	if rule != "" || text == "" {
		return nil, rule, limit
	}
	switch f.Kind {
	case Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n > 1<<53-1 || n < -(1<<53-1) {
			return nil, "integer", 0
		}
		return n, "", 0
	case Tick:
		return decodeTick(text)
	case Date:
		return f.decodeDate(text)
	}
	return text, "", 0
}

func (f *Field) decodeMany(given []string) (value any, rule string, limit int64) {
	var list []any
	for _, s := range given {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == s }) {
			return nil, "option", 0
		}
		if slices.Contains(list, any(s)) {
			return nil, "repeated", 0
		}
		list = append(list, s)
	}
	if list == nil {
		return nil, "", 0
	}
	return list, "", 0
}

func (f *Field) clean(s string) (text, rule string, limit int64) {
	most := f.MaxLength
	if most == 0 {
		most = maxLetters
	}
	if len(s) > 16*most { // a letter takes at most this, decomposed
		return "", "max-length", int64(most)
	}
	if !utf8.ValidString(s) {
		return "", "characters", 0
	}
	s = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(norm.NFC.String(s), "\r\n", "\n"), "\r", "\n"))
	for _, r := range s {
		if unicode.IsControl(r) && (r != '\n' || f.Widget != "textarea") && r != '\t' ||
			r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r) {
			return "", "characters", 0
		}
	}
	if utf8.RuneCountInString(s) > most {
		return "", "max-length", int64(most)
	}
	return s, "", 0
}

func decodeTick(text string) (value any, rule string, limit int64) {
	switch text {
	case "on", "true", "1":
		return true, "", 0
	case "false", "0":
		return false, "", 0
	}
	return nil, "type", 0
}

func (f *Field) decodeDate(text string) (value any, rule string, limit int64) {
	for _, layout := range []string{"02/01/2006", "2/1/2006", time.DateOnly} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if f.Format == "date-vn" {
			return t.Format("02/01/2006"), "", 0
		}
		return t.Format(time.DateOnly), "", 0
	}
	return nil, "date", 0
}
