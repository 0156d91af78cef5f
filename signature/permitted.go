package signature

import (
	"slices"

	"github.com/motcua/motcua/internal/pdf"
)

// The permitted changes, one function each. before and after are an object's two states.

// mayDiffer reports whether two dictionaries are the same but for the keys.
func (d *difference) mayDiffer(before, after pdf.Value, keys ...pdf.Name) bool {
	a, ok1 := before.(pdf.Dict)
	b, ok2 := after.(pdf.Dict)
	if !ok1 || !ok2 {
		return false
	}
	for key, v := range a {
		if w, ok := b[key]; !slices.Contains(keys, key) && (!ok || !pdf.Equal(v, w)) {
			return false
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok && !slices.Contains(keys, key) {
			return false
		}
	}
	return true
}

// lists judges an array under a key of a changed dictionary: the same reference (then the array is judged as an object
// of its own), or the old members and added signature fields.
func (d *difference) lists(before, after pdf.Value, key pdf.Name) bool {
	a, b := before.(pdf.Dict)[key], after.(pdf.Dict)[key]
	if _, ok := a.(pdf.Ref); ok && a == b {
		return true
	}
	return d.mayGrow(a, b)
}

// mayGrow reports whether after is before and then nothing but fields that came with a later signature.
func (d *difference) mayGrow(before, after pdf.Value) bool {
	a, err1 := d.old.Array(before)
	b, err2 := d.new.Array(after)
	if err1 != nil || err2 != nil || len(b) < len(a) || len(a) > 0 && !pdf.Equal(a, b[:len(a)]) {
		return false
	}
	for _, v := range b[len(a):] {
		ref, ok := v.(pdf.Ref)
		if !ok || !d.added[ref.Num] {
			return false
		}
	}
	return true
}

// catalogMay permits a form (new or extended), validation data, developer extensions, metadata and a later version.
func (d *difference) catalogMay(before, after pdf.Value) bool {
	if !d.mayDiffer(before, after, "AcroForm", "DSS", "Extensions", "Metadata", "Version") {
		return false
	}
	a, b := before.(pdf.Dict), after.(pdf.Dict)
	if !versionMay(a["Version"], b["Version"]) {
		return false
	}
	if v, ok := b["Extensions"]; ok && !plainTree(v) {
		return false
	}
	if !pdf.Equal(a["Metadata"], b["Metadata"]) {
		v, err := d.new.Resolve(b["Metadata"])
		if err != nil || !d.followed() || !isMetadata(v) {
			return false
		}
	}
	if !pdf.Equal(a["DSS"], b["DSS"]) {
		if v, err := d.new.Dict(b["DSS"]); err != nil || v == nil {
			return false
		}
	}
	return d.formReferenceMay(a["AcroForm"], b["AcroForm"])
}

// mayMoveRoot permits a catalog under another number, as some signing software writes it, if it says what the signed
// one says.
func (d *difference) mayMoveRoot() bool {
	before, err1 := d.old.Catalog()
	after, err2 := d.new.Catalog()
	return err1 == nil && err2 == nil && d.catalogMay(before, after)
}

// formReferenceMay judges the catalog's entry for the form.
func (d *difference) formReferenceMay(before, after pdf.Value) bool {
	if _, ok := before.(pdf.Ref); ok && before == after {
		return true // judged as an object of its own
	}
	a, err1 := d.old.Dict(before)
	b, err2 := d.new.Dict(after)
	if err1 != nil || err2 != nil {
		return false
	}
	if a == nil && b == nil {
		return true
	}
	if a == nil {
		return d.mayDiffer(pdf.Dict{}, b, "Fields", "SigFlags", "DA", "DR") && d.mayGrow(nil, b["Fields"])
	}
	return b != nil && d.formMay(a, b)
}

// formMay permits more fields and the signature flags.
func (d *difference) formMay(before, after pdf.Dict) bool {
	flags, ok := after["SigFlags"].(int64)
	if after["SigFlags"] != nil && (!ok || flags < 0 || flags > 3) {
		return false
	}
	keys := []pdf.Name{"Fields", "SigFlags"}
	if d.signaturesAlone() { // then nothing is drawn with the form's own font and resources
		keys = append(keys, "DA", "DR")
	}
	return d.mayDiffer(before, after, keys...) && d.lists(before, after, "Fields")
}

// signaturesAlone reports whether the signed document's form has no fields but signatures.
func (d *difference) signaturesAlone() bool {
	fields, err := d.old.Fields()
	return err == nil && !slices.ContainsFunc(fields, func(f pdf.Field) bool { return f.Type != "Sig" })
}

// versionMay permits the catalog to name the same version of PDF or a later one.
func versionMay(before, after pdf.Value) bool {
	a, _ := before.(pdf.Name)
	b, ok := after.(pdf.Name)
	return before == nil && after == nil || ok && slices.Contains(versions, b) && a <= b
}

var versions = []pdf.Name{"1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"}

func (d *difference) formChange(num int, before, after pdf.Value) Change {
	a, ok1 := before.(pdf.Dict)
	b, ok2 := after.(pdf.Dict)
	return formIf(num, ok1 && ok2 && d.formMay(a, b))
}

// mayFill permits a value, with its appearance, in a signature field that was empty.
func (d *difference) mayFill(before, after pdf.Value) bool {
	if !d.mayDiffer(before, after, "V", "AP", "M") {
		return false
	}
	value, ok := after.(pdf.Dict)["V"].(pdf.Ref)
	return ok && slices.ContainsFunc(d.j.candidates, func(c *candidate) bool {
		return c.sound && c.ref == value && c.tail > d.c.tail
	})
}

// plain reports whether a value is a dictionary of scalars.
func plain(v pdf.Value) bool {
	dict, ok := v.(pdf.Dict)
	for _, e := range dict {
		switch e.(type) {
		case pdf.Ref, pdf.Array, pdf.Dict, *pdf.Stream:
			return false
		}
	}
	return ok
}

// plainTree reports whether a value is made of scalars, arrays and dictionaries, without references.
func plainTree(v pdf.Value) bool { return len(references(v, nil)) == 0 }

func isMetadata(v pdf.Value) bool {
	s, ok := v.(*pdf.Stream)
	return ok && s.Dict["Type"] == pdf.Name("Metadata")
}
