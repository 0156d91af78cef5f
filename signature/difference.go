package signature

import (
	"bytes"
	"io"
	"slices"

	"github.com/motcua/motcua/internal/pdf"
)

const maxListed = 200 // changes listed in a report

// difference compares the document as it was signed with the document as it is, object by object. What is not on the
// list of permitted changes is not permitted.
type difference struct {
	j      *judgement
	c      *candidate
	old    *pdf.Document
	new    *pdf.Document
	shown  map[int]bool // objects that the signed document leads to, its information and validation data left out
	absent map[int]bool // objects it leads to that were not there
	roles  map[int]role
	added  map[int]bool // fields that were added with a signature
}

// role is the part an object plays in the signed document, if it is one that later signatures may touch.
type role int

const (
	roleNone role = iota
	roleCatalog
	roleForm
	roleList // an array of fields or annotations
	rolePage
	roleField // an empty signature field
	roleInformation
	roleMetadata
	roleValidation
)

// checkDifference adds the changes after a signature to its report, and reasons for those not permitted.
func (j *judgement) checkDifference(c *candidate, signed *pdf.Document) {
	d := &difference{j: j, c: c, old: signed, new: j.doc, shown: map[int]bool{}, absent: map[int]bool{},
		roles: map[int]role{}, added: map[int]bool{}}
	if err := d.prepare(); err != nil {
		c.fail("document.revision")
		return
	}
	refused := map[string][]int{}
	if now := j.doc.Trailer()["Root"].(pdf.Ref); signed.Trailer()["Root"] != pdf.Value(now) && !d.mayMoveRoot() {
		refused["document.changed"] = append(refused["document.changed"], now.Num)
	}
	for num := range max(signed.Objects(), j.doc.Objects()) {
		if num == 0 || signed.Same(num, j.doc) {
			continue
		}
		change := d.judge(num)
		d.explain(&change)
		if len(c.out.Changes) < maxListed || !change.Permitted {
			c.out.Changes = append(c.out.Changes, change)
		}
		if !change.Permitted {
			code := codeOf(change.Kind)
			if len(refused[code]) < maxListed {
				refused[code] = append(refused[code], num)
			}
		}
	}
	for _, code := range []string{codeOf(ContentEdited), codeOf(FormEdited), codeOf(InformationEdited)} {
		if len(refused[code]) > 0 {
			c.fail(code, refused[code]...)
		}
	}
	d.checkLock()
	d.checkFieldLock()
}

func newChange(num int, kind ChangeKind, permitted bool) Change {
	return Change{Object: num, Kind: kind, Permitted: permitted}
}

func codeOf(kind ChangeKind) string {
	switch kind {
	case FormEdited:
		return "document.form-changed"
	case InformationEdited:
		return "document.information-changed"
	}
	return "document.changed"
}

// checkLock keeps a certifying signature's ban on changes (DocMDP, P = 1); validation data and document time stamps may
// still be added (ISO 32000-2, 12.8.2.2).
func (d *difference) checkLock() {
	level, err := d.old.MDP(d.c.dict)
	if err != nil {
		d.c.fail("document.revision", d.c.ref.Num)
		return
	}
	if level != 1 {
		return
	}
	for _, change := range d.c.out.Changes {
		if change.Kind == SignatureAdded && !d.j.isStampField(change.Object) {
			d.c.fail("document.locked", change.Object)
			return
		}
	}
}

// isStampField reports whether an object is the field of a document time stamp.
func (j *judgement) isStampField(num int) bool {
	return slices.ContainsFunc(j.candidates, func(c *candidate) bool { return c.isStamp && c.field.Ref.Num == num })
}

// prepare walks the signed document and gives its objects their roles.
func (d *difference) prepare() error {
	catalog, err := d.old.Catalog()
	if err != nil {
		return err
	}
	root := d.old.Trailer()["Root"].(pdf.Ref)
	d.roles[root.Num] = roleCatalog
	d.shown[root.Num] = true
	var start, validation []pdf.Value
	for key, v := range catalog {
		switch ref, _ := v.(pdf.Ref); key {
		case "Metadata":
			d.roles[ref.Num] = roleMetadata
		case "DSS":
			validation = append(validation, v)
		case "AcroForm":
			d.roles[ref.Num] = roleForm
			start = append(start, v)
		default:
			start = append(start, v)
		}
	}
	if info, ok := d.old.Trailer()["Info"].(pdf.Ref); ok {
		d.roles[info.Num] = roleInformation
	}
	form, err := d.old.Dict(catalog["AcroForm"])
	if err != nil {
		return err
	}
	d.list(form["Fields"])
	if err := d.walk(start, d.cast); err != nil {
		return err
	}
	if err := d.markValidation(validation); err != nil {
		return err
	}
	return d.prepareAdded()
}

// cast gives pages and empty signature fields their roles.
func (d *difference) cast(num int, v pdf.Value) {
	dict, _ := v.(pdf.Dict)
	switch {
	case dict == nil:
	case dict["Type"] == pdf.Name("Page"):
		d.roles[num] = rolePage
		d.list(dict["Annots"])
	case dict["FT"] == pdf.Name("Sig") && dict["V"] == nil:
		d.roles[num] = roleField
	}
}

// list gives an array that is an object of its own its role.
func (d *difference) list(v pdf.Value) {
	if ref, ok := v.(pdf.Ref); ok {
		d.roles[ref.Num] = roleList
	}
}

// walk visits every object that the values lead to, once, without recursion over objects.
func (d *difference) walk(start []pdf.Value, visit func(num int, v pdf.Value)) error {
	var open []pdf.Ref
	seen := map[pdf.Ref]bool{} // by generation too: "4 1 R" may be nothing where "4 0 R" is a page
	for _, v := range start {
		open = references(v, open)
	}
	for steps := 0; len(open) > 0; steps++ {
		if steps%256 == 0 && d.j.ctx.Err() != nil {
			return d.j.ctx.Err()
		}
		ref := open[len(open)-1]
		open = open[:len(open)-1]
		if seen[ref] {
			continue
		}
		seen[ref], d.shown[ref.Num] = true, true
		v, err := d.old.Object(ref)
		if err != nil {
			return err
		}
		if v == nil {
			d.absent[ref.Num] = true
			continue
		}
		if s, ok := v.(*pdf.Stream); ok {
			if _, err := d.old.Raw(s); err != nil { // a stream that reaches beyond what was signed
				return err
			}
		}
		visit(ref.Num, v)
		open = references(v, open)
	}
	return nil
}

// references appends the references in a value.
func references(v pdf.Value, out []pdf.Ref) []pdf.Ref {
	switch v := v.(type) {
	case pdf.Ref:
		out = append(out, v)
	case pdf.Array:
		for _, e := range v {
			out = references(e, out)
		}
	case pdf.Dict:
		for _, e := range v {
			out = references(e, out)
		}
	case *pdf.Stream:
		out = references(v.Dict, out)
	}
	return out
}

// markValidation gives the objects of the document security store their role, unless the document shows them too.
func (d *difference) markValidation(start []pdf.Value) error {
	aside := &difference{j: d.j, old: d.old, shown: map[int]bool{}, absent: map[int]bool{}}
	return aside.walk(start, func(num int, _ pdf.Value) {
		if !d.shown[num] {
			d.roles[num] = roleValidation
		}
	})
}

// prepareAdded finds the fields that later signatures brought.
func (d *difference) prepareAdded() error {
	for _, c := range d.j.candidates {
		ref := c.field.Ref
		if !c.sound || c.tail <= d.c.tail || ref == (pdf.Ref{}) {
			continue
		}
		before, err := d.old.Object(ref)
		if err != nil {
			return err
		}
		if before == nil && !d.absent[ref.Num] && bareField(c.field.Dict) {
			d.added[ref.Num] = true
		}
	}
	return nil
}

// fieldKeys are what the dictionary of an added signature field may hold: no actions, no kids. A default value (DV) is the
// value, as LibreOffice writes it.
var fieldKeys = []pdf.Name{"Type", "Subtype", "FT", "T", "TU", "TM", "V", "DV", "P", "F", "Ff", "Rect", "AP", "MK", "DA", "DR",
	"NM", "M", "Lock", "SV", "Border", "BS", "H", "Parent"}

func bareField(dict pdf.Dict) bool {
	for key := range dict {
		if !slices.Contains(fieldKeys, key) {
			return false
		}
	}
	return dict["FT"] == pdf.Name("Sig") && (dict["DV"] == nil || pdf.Equal(dict["DV"], dict["V"]))
}

// judge says what happened to one object and whether it may.
func (d *difference) judge(num int) Change {
	before, err1 := d.old.Numbered(num)
	after, err2 := d.new.Numbered(num)
	if err1 != nil || err2 != nil {
		return newChange(num, ContentEdited, false)
	}
	if before == nil {
		return d.judgeNew(num, after)
	}
	hidden := !d.shown[num]
	if d.old.Generation(num) != d.new.Generation(num) {
		return newChange(num, ContentEdited, hidden) // references to it lead nowhere now
	}
	if d.equal(before, after) {
		return newChange(num, Rewritten, true)
	}
	if hidden {
		return d.judgeHidden(num, before, after)
	}
	switch d.roles[num] {
	case roleCatalog:
		return extendIf(num, d.catalogMay(before, after))
	case roleForm:
		return d.formChange(num, before, after)
	case roleList:
		return formIf(num, d.mayGrow(before, after))
	case rolePage:
		return extendIf(num, d.mayDiffer(before, after, "Annots") && d.lists(before, after, "Annots"))
	case roleField:
		return formIf(num, d.mayFill(before, after))
	}
	return edited(num, before)
}

// judgeHidden judges an object that the signed document does not show: its information, its validation data, or nothing
// that anything leads to.
func (d *difference) judgeHidden(num int, before, after pdf.Value) Change {
	switch d.roles[num] {
	case roleInformation:
		return newChange(num, InformationEdited, d.followed() && plain(after))
	case roleMetadata:
		return newChange(num, InformationEdited, d.followed() && isMetadata(before) && isMetadata(after))
	case roleValidation:
		return newChange(num, ValidationData, true)
	}
	return newChange(num, Rewritten, true)
}

// followed reports whether a later signature covers what was done: information is edited by the software that signs.
func (d *difference) followed() bool {
	return slices.ContainsFunc(d.j.candidates, func(c *candidate) bool { return c.sound && c.tail > d.c.tail })
}

// edited is a change of something without a role: of the form, or of anything else.
func edited(num int, before pdf.Value) Change {
	dict, ok := before.(pdf.Dict)
	annotation := dict["Type"] == pdf.Name("Annot") || dict["Subtype"] == pdf.Name("Widget")
	if ok && (dict["FT"] != nil || annotation) {
		return newChange(num, FormEdited, false)
	}
	return newChange(num, ContentEdited, false)
}

// judgeNew judges an object that was not there: harmless unless something signed leads to it already.
func (d *difference) judgeNew(num int, after pdf.Value) Change {
	if d.absent[num] && after != nil {
		return newChange(num, ContentEdited, false)
	}
	if d.added[num] {
		return newChange(num, SignatureAdded, true)
	}
	return newChange(num, ObjectAdded, true)
}

func extendIf(num int, permitted bool) Change {
	if permitted {
		return newChange(num, FormExtended, true)
	}
	return newChange(num, ContentEdited, false)
}

func formIf(num int, permitted bool) Change {
	if permitted {
		return newChange(num, FormExtended, true)
	}
	return newChange(num, FormEdited, false)
}

// equal compares two objects; of streams also the bytes.
func (d *difference) equal(a, b pdf.Value) bool {
	if !pdf.Equal(a, b) {
		return false
	}
	x, ok := a.(*pdf.Stream)
	if !ok {
		return true
	}
	y := b.(*pdf.Stream)
	if x.Pos == y.Pos {
		return true
	}
	r, err1 := d.old.Raw(x)
	s, err2 := d.new.Raw(y)
	if err1 != nil || err2 != nil || r.Size() != s.Size() {
		return false
	}
	return sameBytes(r, s)
}

func sameBytes(r, s io.Reader) bool {
	var a, b [8192]byte
	for {
		n, err1 := io.ReadFull(r, a[:])
		m, err2 := io.ReadFull(s, b[:])
		if n != m || !bytes.Equal(a[:n], b[:m]) {
			return false
		}
		if err1 != nil || err2 != nil {
			return (err1 == io.EOF || err1 == io.ErrUnexpectedEOF) && err1 == err2
		}
	}
}
