package form

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Bounds of a schema and of the values.
const (
	maxSchema  = 256 << 10
	maxDepth   = 32
	maxFields  = 300
	maxOptions = 1000
	maxValues  = 256 << 10
	maxLetters = 4000 // of a text whose schema names no maxLength
)

const draft2020 = "https://json-schema.org/draft/2020-12/schema"

// Form is a compiled form. It is immutable and safe for concurrent use.
type Form struct {
	title  Text
	schema *jsonschema.Schema
	fields []Field
	byName map[string]int
}

// Compile reads a JSON Schema 2020-12 of an object with the annotations of this package. Error: *[InvalidError].
func Compile(schema []byte) (*Form, error) {
	root, err := parse(schema)
	if err != nil {
		return nil, err
	}
	f := &Form{title: root.words("title"), byName: map[string]int{}}
	w := walk{root: root, form: f}
	if err := w.object(root, "", Text{}, 0); err != nil {
		return nil, err
	}
	if f.schema, err = compile(root); err != nil {
		return nil, &InvalidError{Field: "schema", Rule: "JSON Schema 2020-12", Err: err}
	}
	return f, nil
}

// Title is the title of the form.
func (f *Form) Title() Text { return f.title }

// Fields returns the fields in the order of the schema. The slice is the caller's.
func (f *Form) Fields() []Field { return append([]Field(nil), f.fields...) }

// Field returns one field by its dotted path.
func (f *Form) Field(name string) (Field, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Field{}, false
	}
	return f.fields[i], true
}

// nothing refuses every address, so that a schema can only refer to itself.
type nothing struct{}

func (nothing) Load(string) (any, error) {
	return nil, errors.New("references outside the schema are not followed")
}

var _ jsonschema.URLLoader = nothing{}

func compile(root *node) (*jsonschema.Schema, error) {
	const address = "urn:motcua:form"
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(nothing{})
	c.AssertFormat()
	for _, format := range formats() {
		c.RegisterFormat(format)
	}
	if err := c.AddResource(address, root.plain()); err != nil {
		return nil, err
	}
	return c.Compile(address)
}
