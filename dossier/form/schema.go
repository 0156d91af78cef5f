package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is a JSON value whose members keep the order in which they were written, because that is the order of the page.
type node struct {
	value   any // string, json.Number, bool, nil; *node children are in names/members or items
	object  bool
	array   bool
	names   []string
	members map[string]*node
	items   []*node
}

// parse reads the schema within its bounds and refuses what would make a form depend on anything outside it.
func parse(schema []byte) (*node, error) {
	if len(schema) > maxSchema {
		return nil, &InvalidError{Field: "schema", Rule: "at most 256 KiB"}
	}
	if !utf8.Valid(schema) {
		return nil, &InvalidError{Field: "schema", Rule: "UTF-8"}
	}
	dec := json.NewDecoder(bytes.NewReader(schema))
	dec.UseNumber()
	root, err := read(dec, 0)
	if err == nil {
		if _, end := dec.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("data after the schema")
		}
	}
	if err != nil {
		return nil, &InvalidError{Field: "schema", Rule: "one JSON object, at most 32 deep, no member twice", Err: err}
	}
	if draft := root.text("$schema"); draft != "" && draft != draft2020 {
		return nil, &InvalidError{Field: "$schema", Rule: draft2020}
	}
	return root, root.closed("schema")
}

func read(dec *json.Decoder, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return &node{value: token}, nil
	}
	n := &node{object: delim == '{', array: delim == '['}
	if n.object {
		n.members = map[string]*node{}
	}
	for dec.More() {
		if n.object {
			if err := n.member(dec, depth); err != nil {
				return nil, err
			}
			continue
		}
		item, err := read(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	_, err = dec.Token()
	return n, err
}

func (n *node) member(dec *json.Decoder, depth int) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	name, ok := token.(string)
	if !ok {
		return errors.New("member without a name")
	}
	if n.members[name] != nil {
		return fmt.Errorf("member %q twice", name)
	}
	n.names = append(n.names, name)
	n.members[name], err = read(dec, depth+1)
	return err
}

// plain is the value as the schema compiler wants it.
func (n *node) plain() any {
	switch {
	case n.object:
		out := make(map[string]any, len(n.members))
		for name, m := range n.members {
			out[name] = m.plain()
		}
		return out
	case n.array:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.plain()
		}
		return out
	}
	return n.value
}

// closed refuses references to elsewhere, anywhere in the schema.
func (n *node) closed(path string) error {
	for _, name := range n.names {
		m := n.members[name]
		if name == "$ref" || name == "$dynamicRef" {
			if ref, ok := m.value.(string); !ok || !strings.HasPrefix(ref, "#") {
				return &InvalidError{Field: path + "." + name, Rule: "a reference within the schema"}
			}
		}
		if name == "$id" && path != "schema" && m.value != nil {
			return &InvalidError{Field: path + "." + name, Rule: "no address inside the schema"}
		}
		if err := m.closed(path + "." + name); err != nil {
			return err
		}
	}
	for i, item := range n.items {
		if err := item.closed(path + "." + strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) get(name string) *node {
	if n == nil || !n.object {
		return nil
	}
	return n.members[name]
}

func (n *node) text(name string) string {
	if m := n.get(name); m != nil {
		s, _ := m.value.(string)
		return s
	}
	return ""
}

func (n *node) words(name string) Text { return Text{n.text(name), n.text("x-" + name + "-en")} }

func (n *node) number(name string) int {
	if m := n.get(name); m != nil {
		if number, ok := m.value.(json.Number); ok {
			i, err := strconv.Atoi(number.String())
			if err == nil && i >= 0 {
				return i
			}
		}
	}
	return 0
}

func (n *node) is(name string, want any) bool {
	m := n.get(name)
	return m != nil && !m.object && !m.array && m.value == want
}

func (n *node) strings(name string) []string {
	var list []string
	if m := n.get(name); m != nil {
		for _, item := range m.items {
			if s, ok := item.value.(string); ok {
				list = append(list, s)
			}
		}
	}
	return list
}

var annotations = []string{"x-title-en", "x-description-en", "x-widget", "x-autocomplete", "x-message", "x-message-en",
	"x-prefill", "x-locked"}

// walk turns the objects of the schema into the list of fields.
type walk struct {
	root *node
	form *Form
}

func (w *walk) object(n *node, path string, group Text, depth int) error {
	name := func(part string) string { return strings.TrimPrefix(path+"."+part, ".") }
	switch {
	case depth > 4:
		return &InvalidError{Field: name(""), Rule: "groups at most 4 deep"}
	case !n.is("type", "object") || n.get("properties") == nil:
		return &InvalidError{Field: strings.Trim("schema."+path, "."), Rule: "type object with properties"}
	case !n.is("additionalProperties", false) && !n.is("unevaluatedProperties", false):
		return &InvalidError{Field: strings.Trim("schema."+path, "."), Rule: "additionalProperties false"}
	}
	required := n.strings("required")
	properties := n.get("properties")
	for _, part := range properties.names {
		if part == "" || strings.ContainsAny(part, ". \t\r\n") || len(part) > 64 {
			return &InvalidError{Field: name("…"), Rule: "names of 1 to 64 bytes without dots and spaces"}
		}
		property, err := w.resolve(properties.members[part], name(part))
		if err != nil {
			return err
		}
		if property.is("type", "object") {
			if err := w.object(property, name(part), property.words("title"), depth+1); err != nil {
				return err
			}
			continue
		}
		field, err := newField(property, name(part))
		if err != nil {
			return err
		}
		field.Group, field.Required = group, slices.Contains(required, part)
		if len(w.form.fields) == maxFields {
			return &InvalidError{Field: "schema", Rule: "at most 300 fields"}
		}
		w.form.byName[field.Name] = len(w.form.fields)
		w.form.fields = append(w.form.fields, field)
	}
	return nil
}

// resolve lays a property over the definition it refers to, so that both may say how it looks.
func (w *walk) resolve(n *node, path string) (*node, error) {
	if !n.object {
		return nil, &InvalidError{Field: path, Rule: "an object"}
	}
	for range 8 {
		ref := n.text("$ref")
		if ref == "" {
			return n, nil
		}
		key, ok := strings.CutPrefix(ref, "#/$defs/")
		target := w.root.get("$defs").get(key)
		if !ok || target == nil || !target.object {
			return nil, &InvalidError{Field: path + ".$ref", Rule: "#/$defs/ and a name defined there"}
		}
		merged := &node{object: true, members: map[string]*node{}}
		for _, from := range []*node{target, n} {
			for _, name := range from.names {
				if from == n && name == "$ref" {
					continue
				}
				if merged.members[name] == nil {
					merged.names = append(merged.names, name)
				}
				merged.members[name] = from.members[name]
			}
		}
		n = merged
	}
	return nil, &InvalidError{Field: path + ".$ref", Rule: "a chain of at most 8 references"}
}

func newField(n *node, path string) (Field, error) {
	fail := func(rule string) (Field, error) { return Field{}, &InvalidError{Field: path, Rule: rule} }
	for _, name := range n.names {
		if strings.HasPrefix(name, "x-") && !slices.Contains(annotations, name) {
			return fail("a known annotation instead of " + name)
		}
	}
	f := Field{
		Name: path, Title: n.words("title"), Help: n.words("description"), Format: n.text("format"),
		Widget: n.text("x-widget"), Autocomplete: n.text("x-autocomplete"), note: n.words("x-message"),
		MinLength: n.number("minLength"), MaxLength: n.number("maxLength"), Locked: n.is("x-locked", true),
	}
	f.note.En = n.text("x-message-en")
	if f.Title.Vi == "" {
		return fail("a title")
	}
	if p := n.get("x-prefill"); p != nil {
		f.Prefill = Prefill{p.text("source"), p.text("field")}
		if f.Prefill.Source == "" || f.Prefill.Field == "" {
			return fail("x-prefill with source and field")
		}
	}
	if f.Locked && f.Prefill == (Prefill{}) {
		return fail("x-locked beside x-prefill only")
	}
	var err error
	f.Kind, f.Options, err = kindOf(n, f.Format, path)
	if f.Kind == Line && f.MaxLength == 0 {
		f.MaxLength = maxLetters
	}
	return f, err
}

func kindOf(n *node, format, path string) (Kind, []Option, error) {
	options := optionsOf(n)
	switch {
	case len(options) > maxOptions:
		return "", nil, &InvalidError{Field: path, Rule: "at most 1000 options"}
	case n.is("type", "string") && len(options) > 0:
		return Choice, options, nil
	case n.is("type", "string") && (format == "date" || format == "date-vn"):
		return Date, nil, nil
	case n.is("type", "string"):
		return Line, nil, nil
	case n.is("type", "integer"):
		return Integer, nil, nil
	case n.is("type", "boolean"):
		return Tick, nil, nil
	case n.is("type", "array"):
		items := n.get("items")
		if options = optionsOf(items); items.is("type", "string") && len(options) > 0 && len(options) <= maxOptions {
			return Choices, options, nil
		}
	}
	return "", nil, &InvalidError{Field: path,
		Rule: "type string, integer, boolean, object, or array of strings with options"}
}

func optionsOf(n *node) []Option {
	var list []Option
	if one := n.get("oneOf"); one != nil {
		for _, item := range one.items {
			value := item.text("const")
			if value == "" {
				return nil
			}
			option := Option{value, item.words("title")}
			if option.Title.Vi == "" {
				option.Title.Vi = value
			}
			list = append(list, option)
		}
		return list
	}
	for _, value := range n.strings("enum") {
		list = append(list, Option{value, Text{Vi: value}})
	}
	return list
}
