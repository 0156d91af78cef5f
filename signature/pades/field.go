package pades

import (
	"fmt"
	"maps"

	"github.com/motcua/motcua/internal/pdf"
)

// addField fills the empty signature field of that name or adds a field with an invisible widget to the first page.
func (l layout) addField(value pdf.Ref) error {
	doc, update, name := l.doc, l.update, l.field
	fields, err := doc.Fields()
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, f := range fields {
		names[f.Name] = true
		if f.Name != name || name == "" {
			continue
		}
		if f.Type != "Sig" || f.Value != nil || f.Ref == (pdf.Ref{}) {
			return &ConfigError{"Field", "a new name or that of an empty signature field"}
		}
		filled := maps.Clone(f.Dict)
		filled["V"] = value
		if err := l.fill(filled); err != nil {
			return err
		}
		update.Set(f.Ref, filled)
		return l.setFlags(nil, value)
	}
	for n := 1; name == "" || names[name]; n++ {
		name = fmt.Sprintf("%s%d", l.prefix, n)
	}
	pageRef, page, err := doc.Page(max(l.show.Page, 1))
	if err != nil {
		return err
	}
	widget := pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.Text(name),
		"V": value, "P": pageRef, "F": int64(132), // print, locked
		"Rect": pdf.Array{int64(0), int64(0), int64(0), int64(0)},
	}
	if l.show.visible() {
		shown, err := sheetOf(doc, page)
		if err != nil {
			return err
		}
		widget["Rect"] = shown.place(l.show)
		if err := l.fill(widget); err != nil {
			return err
		}
	}
	field := update.Add(widget)
	if err := extend(doc, update, page, "Annots", field, func() { update.Set(pageRef, page) }); err != nil {
		return err
	}
	return l.setFlags(&field, value)
}

// fill draws the appearance into the widget's rectangle.
func (l layout) fill(widget pdf.Dict) error {
	if !l.show.visible() {
		return nil
	}
	rect, err := l.doc.Array(widget["Rect"])
	if err != nil || len(rect) != 4 {
		return &ConfigError{"Field", "a field with a rectangle"}
	}
	v, err := numbers(l.doc, rect)
	if err != nil {
		return err
	}
	width, height := v[2]-v[0], v[3]-v[1]
	if !(width >= 1 && width <= maxPoints && height >= 1 && height <= maxPoints) {
		return &ConfigError{"Appearance", "a rectangle of at least a point"}
	}
	page, err := l.doc.Dict(widget["P"])
	if err != nil {
		return err
	}
	shown, err := sheetOf(l.doc, page)
	if err != nil {
		return err
	}
	if shown.turned.lying() {
		width, height = height, width
	}
	stream, err := l.show.draw(l.update, width, height, shown.turned)
	if err != nil {
		return err
	}
	widget["AP"] = pdf.Dict{"N": stream}
	return l.orient(widget, shown.turned)
}

// orient tells software that draws a field anew how the page is turned.
func (l layout) orient(widget pdf.Dict, turned turn) error {
	if turned == 0 {
		return nil
	}
	look, err := l.doc.Dict(widget["MK"])
	if err != nil {
		return err
	}
	if look = maps.Clone(look); look == nil {
		look = pdf.Dict{}
	}
	look["R"] = turned.degrees()
	widget["MK"] = look
	return nil
}

// setFlags marks the form as signed and append-only, adds field to it if there is one, and lets the catalog name the
// certifying signature.
func (l layout) setFlags(field *pdf.Ref, value pdf.Ref) error {
	doc, update := l.doc, l.update
	catalog, err := doc.Catalog()
	if err != nil {
		return err
	}
	catalog = maps.Clone(catalog)
	changedCatalog := false
	if l.certify {
		perms, err := doc.Dict(catalog["Perms"])
		if err != nil {
			return err
		}
		catalog["Perms"], changedCatalog = permit(perms, value), true
	}
	form, err := doc.Dict(catalog["AcroForm"])
	if err != nil {
		return err
	}
	form = maps.Clone(form)
	if form == nil {
		form = pdf.Dict{}
	}
	changed := form["SigFlags"] != int64(3)
	form["SigFlags"] = int64(3)
	if field != nil {
		if err := extend(doc, update, form, "Fields", *field, func() { changed = true }); err != nil {
			return err
		}
	}
	if ref, ok := catalog["AcroForm"].(pdf.Ref); ok && changed {
		update.Set(ref, form)
	} else if changed {
		catalog["AcroForm"], changedCatalog = form, true
	}
	if changedCatalog {
		update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
	}
	return nil
}

// extend appends a reference to the array under a key: in the array's own object if it has one, else in the owner,
// which changed then writes. Everything the array holds, inline dictionaries too, stays.
func extend(doc *pdf.Document, update *pdf.Update, owner pdf.Dict, key pdf.Name, ref pdf.Ref, changed func()) error {
	array, err := doc.Array(owner[key])
	if err != nil {
		return err
	}
	longer := append(append(pdf.Array{}, array...), ref)
	if own, ok := owner[key].(pdf.Ref); ok && array != nil {
		update.Set(own, longer)
		return nil
	}
	owner[key] = longer
	changed()
	return nil
}
