package pdf

import "maps"

const (
	maxFields     = 1 << 13
	maxFieldDepth = 32
)

// Field is a terminal field of the document's form.
type Field struct {
	Ref  Ref  // the zero Ref for a field that is a direct object
	Dict Dict // its own dictionary
	// Name is the full name, partial names joined by dots.
	Name string
	// Type and Value are the field's own or inherited /FT and /V. Value is not resolved.
	Type  Name
	Value Value
}

// Fields lists the terminal fields of the form, in the form's order.
func (d *Document) Fields() ([]Field, error) {
	catalog, err := d.Catalog()
	if err != nil {
		return nil, err
	}
	form, err := d.Dict(catalog["AcroForm"])
	if err != nil || form == nil {
		return nil, err
	}
	roots, err := d.Array(form["Fields"])
	if err != nil {
		return nil, err
	}
	w := fieldWalk{d: d, seen: map[Ref]bool{}}
	for _, v := range roots {
		if err := w.visit(v, Field{}, 0); err != nil {
			return nil, err
		}
	}
	return w.out, nil
}

type fieldWalk struct {
	d    *Document
	seen map[Ref]bool
	out  []Field
}

func (w *fieldWalk) visit(v Value, parent Field, depth int) error {
	if depth > maxFieldDepth || len(w.seen) > maxFields || len(w.out) >= maxFields {
		return limit(-1, "at most 8192 fields, 32 levels deep")
	}
	f := Field{Name: parent.Name, Type: parent.Type, Value: parent.Value}
	if ref, ok := v.(Ref); ok {
		if w.seen[ref] {
			return syntax(-1, "each field in the form once")
		}
		w.seen[ref] = true
		f.Ref = ref
	}
	var err error
	if f.Dict, err = w.d.Dict(v); err != nil || f.Dict == nil {
		return err
	}
	if err := w.inherit(&f); err != nil {
		return err
	}
	kids, err := w.d.Array(f.Dict["Kids"])
	if err != nil {
		return err
	}
	terminal := true
	for _, kid := range kids {
		dict, err := w.d.Dict(kid)
		if err != nil {
			return err
		}
		if _, named := dict["T"]; !named {
			continue // a widget of this field
		}
		terminal = false
		if err := w.visit(kid, f, depth+1); err != nil {
			return err
		}
	}
	if terminal {
		w.out = append(w.out, f)
	}
	return nil
}

// inherit adds the field's own name, type and value to what its parents gave.
func (w *fieldWalk) inherit(f *Field) error {
	title, err := w.d.Resolve(f.Dict["T"])
	if err != nil {
		return err
	}
	if t, ok := title.(String); ok {
		if f.Name != "" {
			f.Name += "."
		}
		f.Name += t.Text()
	}
	kind, err := w.d.Resolve(f.Dict["FT"])
	if err != nil {
		return err
	}
	if n, ok := kind.(Name); ok {
		f.Type = n
	}
	if v, ok := f.Dict["V"]; ok {
		f.Value = v
	}
	return nil
}

// Catalog returns the document catalog.
func (d *Document) Catalog() (Dict, error) {
	if _, ok := d.Trailer()["Root"].(Ref); !ok {
		return nil, syntax(-1, "a reference to the catalog")
	}
	if d.catalog == nil {
		catalog, err := d.Dict(d.Trailer()["Root"])
		if err == nil && catalog == nil {
			err = syntax(-1, "a catalog")
		}
		if err != nil {
			return nil, err
		}
		d.catalog = catalog
	}
	return maps.Clone(d.catalog), nil // callers write into it
}

// FirstPage finds the first page.
func (d *Document) FirstPage() (Ref, Dict, error) { return d.Page(1) }

// Page finds a page by its number, which begins at 1.
func (d *Document) Page(number int) (Ref, Dict, error) {
	catalog, err := d.Catalog()
	if err != nil {
		return Ref{}, nil, err
	}
	w := pageWalk{d: d, left: number, seen: map[Ref]bool{}}
	ref, page, err := w.find(catalog["Pages"], 0)
	if err == nil && page == nil {
		err = syntax(-1, "a page of that number")
	}
	return ref, page, err
}

const maxPageNodes = 1 << 16

type pageWalk struct {
	d    *Document
	left int // pages to go
	seen map[Ref]bool
}

func (w *pageWalk) find(v Value, depth int) (Ref, Dict, error) {
	ref, ok := v.(Ref)
	if !ok || w.seen[ref] || len(w.seen) > maxPageNodes || depth > maxFieldDepth {
		return Ref{}, nil, syntax(-1, "a tree of pages")
	}
	w.seen[ref] = true
	node, err := w.d.Dict(ref)
	if err != nil || node == nil {
		return Ref{}, nil, err
	}
	if _, inner := node["Kids"]; !inner {
		if w.left--; w.left == 0 {
			return ref, node, nil
		}
		return Ref{}, nil, nil
	}
	kids, err := w.d.Array(node["Kids"])
	if err != nil {
		return Ref{}, nil, err
	}
	for _, kid := range kids {
		if page, dict, err := w.find(kid, depth+1); err != nil || dict != nil {
			return page, dict, err
		}
	}
	return Ref{}, nil, nil
}
