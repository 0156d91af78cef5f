package attacktest

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/signaturetest"
)

// shadows are attacks by somebody who prepares the document before it is signed: what the signer sees is not what it will
// show.
func shadows(b *builder) {
	b.family = "shadow"
	text := b.kit.cfg.Text
	b.shadow("hide: a cover is taken away", covered(text), uncovered)
	b.shadow("hide: a cover is emptied", covered(text), emptied)
	b.shadow("replace: a font shows other digits", ownFont(text), otherDigits)
	b.shadow("replace: a field shows another text", ownField(text), otherAppearance(text))
	b.shadow("replace: a missing object is supplied", dangling, supplied(text))
	b.twoDocuments("hide and replace: the trailer leads to a second document", func(s shadowed) []byte { return s.trailer() })
	b.twoDocuments("hide and replace: the cross-reference leads to a second content", func(s shadowed) []byte { return s.entry() })
}

// shadow prepares, has signed, and alters. prepare returns the object that alter then works on.
func (b *builder) shadow(name string, prepare func(*pdf.Document, *pdf.Update) (pdf.Ref, error),
	alter func(pdf.Ref) func(*pdf.Document, *pdf.Update) error) {
	var ref pdf.Ref
	prepared, err := revise(b.document, func(doc *pdf.Document, update *pdf.Update) (err error) {
		ref, err = prepare(doc, update)
		return err
	})
	if err != nil {
		b.add(name, signature.TotalFailed, nil, err)
		return
	}
	file, err := revise(b.sign(prepared, b.kit.victim, 0), alter(ref))
	b.add(name, signature.Indeterminate, file, err)
}

// newContent gives the first page contents of several streams.
func newContent(doc *pdf.Document, update *pdf.Update, resources pdf.Dict, parts ...pdf.Value) error {
	ref, page, err := doc.FirstPage()
	if err != nil {
		return err
	}
	page["Contents"] = pdf.Array(parts)
	update.Set(ref, page)
	return name(doc, page, resources)
}

// covered puts the attacker's text on the page and an innocent one over it. What covers is an object of its own.
func covered(text string) func(*pdf.Document, *pdf.Update) (pdf.Ref, error) {
	return func(doc *pdf.Document, update *pdf.Update) (pdf.Ref, error) {
		cover := update.Add(picture("PAY 1"))
		content := showing(text)
		content.Bytes = append(content.Bytes, "q /MotcuaF Do Q\n"...)
		return cover, newContent(doc, update, pdf.Dict{"Font": helvetica(), "XObject": cover}, update.Add(content))
	}
}

func uncovered(cover pdf.Ref) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		update.Set(cover, nil)
		return nil
	}
}

func emptied(cover pdf.Ref) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		update.Set(cover, &pdf.Data{Bytes: []byte(" ")})
		return nil
	}
}

// ownFont shows a text in a font that is an object of its own.
func ownFont(text string) func(*pdf.Document, *pdf.Update) (pdf.Ref, error) {
	return func(doc *pdf.Document, update *pdf.Update) (pdf.Ref, error) {
		font := update.Add(helvetica())
		return font, newContent(doc, update, pdf.Dict{"Font": font}, update.Add(showing("PAY 1,111")))
	}
}

// otherDigits lets the font draw a nine where the page says one.
func otherDigits(ref pdf.Ref) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		font := helvetica()
		font["Encoding"] = pdf.Dict{"Type": pdf.Name("Encoding"), "Differences": pdf.Array{int64('1'), pdf.Name("nine")}}
		update.Set(ref, font)
		return nil
	}
}

// ownField adds a text field to the document. What it shows is an object of its own.
func ownField(string) func(*pdf.Document, *pdf.Update) (pdf.Ref, error) {
	return func(doc *pdf.Document, update *pdf.Update) (pdf.Ref, error) {
		pageRef, page, err := doc.FirstPage()
		if err != nil {
			return pdf.Ref{}, err
		}
		look := update.Add(picture("PAY 1"))
		field := update.Add(pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "FT": pdf.Name("Tx"),
			"T": pdf.Text("shadow"), "V": pdf.Text("PAY 1"), "F": int64(4), "P": pageRef, "Rect": coverAll(), "AP": pdf.Dict{"N": look}})
		if err := listIn(doc, page, "Annots", field); err != nil {
			return pdf.Ref{}, err
		}
		update.Set(pageRef, page)
		return look, addField(doc, update, field)
	}
}

func otherAppearance(text string) func(pdf.Ref) func(*pdf.Document, *pdf.Update) error {
	return func(look pdf.Ref) func(*pdf.Document, *pdf.Update) error {
		return func(doc *pdf.Document, update *pdf.Update) error {
			update.Set(look, picture(text))
			return nil
		}
	}
}

// picture is a form that shows a text.
func picture(text string) *pdf.Data {
	d := showing(text)
	d.Dict = pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "BBox": coverAll(),
		"Resources": pdf.Dict{"Font": pdf.Dict{"MotcuaF": helvetica()}}}
	return d
}

func coverAll() pdf.Array { return pdf.Array{int64(0), int64(0), int64(595), int64(842)} }

// listIn appends a reference to an array of a dictionary.
func listIn(doc *pdf.Document, owner pdf.Dict, key pdf.Name, ref pdf.Ref) error {
	list, err := doc.Array(owner[key])
	if err != nil {
		return err
	}
	owner[key] = append(append(pdf.Array{}, list...), ref)
	return nil
}

// addField lists a field in the document's form.
func addField(doc *pdf.Document, update *pdf.Update, field pdf.Ref) error {
	catalog, err := doc.Catalog()
	if err != nil {
		return err
	}
	form, err := doc.Dict(catalog["AcroForm"])
	if err != nil {
		return err
	}
	form = cloned(form)
	if err := listIn(doc, form, "Fields", field); err != nil {
		return err
	}
	catalog["AcroForm"] = form
	update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
	return nil
}

const danglingObject = 1 << 16

// dangling lets the page's contents name an object that is not there.
func dangling(doc *pdf.Document, update *pdf.Update) (pdf.Ref, error) {
	ref := pdf.Ref{Num: danglingObject}
	return ref, newContent(doc, update, pdf.Dict{"Font": helvetica()}, update.Add(showing("PAY 1")), ref)
}

func supplied(text string) func(pdf.Ref) func(*pdf.Document, *pdf.Update) error {
	return func(ref pdf.Ref) func(*pdf.Document, *pdf.Update) error {
		return func(doc *pdf.Document, update *pdf.Update) error {
			update.Set(ref, showing(text))
			return nil
		}
	}
}

// shadowed is a signed file that holds a second document nobody is led to.
type shadowed struct {
	signed  []byte
	size    int
	section int64
	catalog int   // of the second document
	content int   // of the first document's page
	hidden  int64 // where a second object of that number stands
}

// twoDocuments hides a second document in the first one before it is signed. The revision afterwards holds no object, only
// a cross-reference.
func (b *builder) twoDocuments(name string, switched func(shadowed) []byte) {
	var s shadowed
	var first, second pdf.Ref
	prepared, err := revise(b.document, func(doc *pdf.Document, update *pdf.Update) error {
		second = update.Add(showing(b.kit.cfg.Text))
		for first = second; len(strconv.Itoa(first.Num)) != len(strconv.Itoa(second.Num)) || first == second; {
			first, second = second, update.Add(showing(b.kit.cfg.Text))
		}
		update.Set(first, showing("PAY 1"))
		if err := newContent(doc, update, pdf.Dict{"Font": helvetica()}, first); err != nil {
			return err
		}
		catalog, err := doc.Catalog()
		if err != nil {
			return err
		}
		form, err := doc.Dict(catalog["AcroForm"]) // one for both, in which the signature will be listed
		if err != nil {
			return err
		}
		form = cloned(form)
		if form["Fields"] == nil {
			form["Fields"] = pdf.Array{}
		}
		catalog["AcroForm"] = update.Add(form)
		update.Set(doc.Trailer()["Root"].(pdf.Ref), cloned(catalog))
		if catalog["Pages"], err = newPages(doc, update, b.kit.cfg.Text); err != nil {
			return err
		}
		s.catalog = update.Add(catalog).Num
		return nil
	})
	if err != nil {
		b.add(name, signature.TotalFailed, nil, err)
		return
	}
	// The hidden content gets the number of the shown one: same length, nobody looks there.
	from, to := fmt.Appendf(nil, "\n%d 0 obj\n", second.Num), fmt.Appendf(nil, "\n%d 0 obj\n", first.Num)
	at := bytes.LastIndex(prepared, from)
	if at < 0 || len(from) != len(to) {
		b.add(name, signature.TotalFailed, nil, signaturetest.ErrTarget)
		return
	}
	copy(prepared[at:], to)
	s.hidden, s.content = int64(at+1), first.Num
	if s.signed = b.sign(prepared, b.kit.victim, 0); s.signed == nil {
		return
	}
	doc, err := pdf.Open(bytes.NewReader(s.signed), int64(len(s.signed)), pdf.Limits{})
	if err != nil {
		b.add(name, signature.TotalFailed, nil, err)
		return
	}
	s.size, s.section = doc.Objects(), doc.Sections()[0].Pos
	root, _ := doc.Trailer()["Root"].(pdf.Ref)
	if s.catalog == root.Num {
		err = signaturetest.ErrTarget
	}
	b.add(name, signature.TotalFailed, switched(s), err)
}

// trailer appends a cross-reference whose trailer leads to the second document.
func (s shadowed) trailer() []byte {
	return fmt.Appendf(bytes.Clone(s.signed), "xref\n0 1\n0000000000 65535 f\r\ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		s.size, s.catalog, s.section, len(s.signed))
}

// entry appends a cross-reference that says the content stands where the hidden one is.
func (s shadowed) entry() []byte {
	doc, err := pdf.Open(bytes.NewReader(s.signed), int64(len(s.signed)), pdf.Limits{})
	if err != nil {
		return nil
	}
	root, _ := doc.Trailer()["Root"].(pdf.Ref)
	return fmt.Appendf(bytes.Clone(s.signed), "xref\n%d 1\n%010d 00000 n\r\ntrailer\n<</Size %d/Root %d %d R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		s.content, s.hidden, s.size, root.Num, root.Gen, s.section, len(s.signed))
}
