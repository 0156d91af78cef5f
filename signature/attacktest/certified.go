package attacktest

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/signaturetest"
)

// certified are the attacks on documents whose certifying signature permits some changes: what it permits covers the text.
func certified(b *builder) {
	b.family = "certification"
	text := b.kit.cfg.Text
	for _, level := range []int{1, 2, 3} {
		signed := b.sign(b.document, b.kit.victim, level)
		if signed == nil {
			return
		}
		at := fmt.Sprintf(" (P=%d)", level)
		want := signature.TotalFailed
		if level == 3 { // permitted, but nobody has said that the signer agreed
			want = signature.Indeterminate
		}
		file, err := revise(signed, stamp(coverAll))
		b.add("evil annotation: a stamp"+at, want, file, err)
		file, err = revise(signed, freeText(text))
		b.add("evil annotation: a free text"+at, want, file, err)
		want = signature.Indeterminate
		if level == 1 {
			want = signature.TotalFailed
		}
		file, err = revise(signed, sneakyField(text, nil))
		b.add("sneaky signature: a field that is not signed"+at, want, file, err)
		file, err = b.sneak(signed)
		b.add("sneaky signature: signed by the attacker"+at, want, file, err)
		file, err = revise(signed, replaced(text))
		b.add("page shows another text"+at, signature.TotalFailed, file, err)
		file, err = revise(signed, both(unnamed, replaced(text)))
		b.add("certification struck from the catalog"+at, signature.TotalFailed, file, err)
	}
	file, err := revise(b.sign(b.document, b.kit.victim, 1), both(raised, freeText(text)))
	b.add("permission raised afterwards", signature.Indeterminate, file, err)
}

func both(first, then func(*pdf.Document, *pdf.Update) error) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		if err := first(doc, update); err != nil {
			return err
		}
		return then(doc, update)
	}
}

// annotate adds an annotation to the first page.
func annotate(doc *pdf.Document, update *pdf.Update, note pdf.Dict) (pdf.Ref, error) {
	pageRef, page, err := doc.FirstPage()
	if err != nil {
		return pdf.Ref{}, err
	}
	note["Type"], note["P"], note["F"] = pdf.Name("Annot"), pageRef, int64(4)
	ref := update.Add(note)
	update.Set(pageRef, page)
	return ref, listIn(doc, page, "Annots", ref)
}

// stamp covers the page with a picture.
func stamp(rect func() pdf.Array) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		_, err := annotate(doc, update, pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": rect(),
			"AP": pdf.Dict{"N": update.Add(picture("0"))}})
		return err
	}
}

func freeText(text string) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		_, err := annotate(doc, update, pdf.Dict{"Subtype": pdf.Name("FreeText"), "Rect": coverAll(), "Contents": pdf.Text(text),
			"DA": pdf.String{Bytes: []byte("/MotcuaF 24 Tf 0 g")}})
		return err
	}
}

// sneakyField adds a signature field whose appearance covers the page.
func sneakyField(text string, value pdf.Value) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		widget := pdf.Dict{"Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.Text("Sneaky"), "Rect": coverAll(),
			"AP": pdf.Dict{"N": update.Add(picture(text))}}
		if value != nil {
			widget["V"] = update.Add(value)
		}
		field, err := annotate(doc, update, widget)
		if err != nil {
			return err
		}
		return addField(doc, update, field)
	}
}

// sneak signs such a field with the attacker's key.
func (b *builder) sneak(signed []byte) ([]byte, error) {
	const room = 8192
	hole, gap := &pdf.Hole{Size: room}, &pdf.Gap{Width: 64}
	file, err := revise(signed, sneakyField(b.kit.cfg.Text, pdf.Dict{"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"),
		"SubFilter": pdf.Name("ETSI.CAdES.detached"), "M": pdf.Date(b.kit.cfg.At), "Contents": hole, "ByteRange": gap}))
	if err != nil || file == nil {
		return nil, err
	}
	copy(file[gap.Pos:], fmt.Sprintf("[0 %d %d %d]", hole.Pos, hole.End, int64(len(file))-hole.End))
	h := sha256.New()
	h.Write(file[:hole.Pos])
	h.Write(file[hole.End:])
	by := b.kit.attacker
	scheme, err := cms.SchemeFor(by.Signer.Public(), false)
	if err != nil {
		return nil, err
	}
	attributes := cms.SignedAttributes(by.Certificate, scheme, h.Sum(nil))
	value, err := scheme.Sign(by.Signer, attributes)
	if err != nil {
		return nil, err
	}
	message, err := cms.Assemble(cms.Parts{Certificate: by.Certificate, Chain: by.Chain[1:], Scheme: scheme, Attributes: attributes,
		Value: value})
	if err != nil {
		return nil, err
	}
	copy(file[hole.Pos+1:], bytes.ToUpper(fmt.Appendf(nil, "%x", message)))
	return file, nil
}

// unnamed takes the certifying signature out of the catalog's permissions.
func unnamed(doc *pdf.Document, update *pdf.Update) error {
	catalog, err := doc.Catalog()
	if err != nil {
		return err
	}
	delete(catalog, "Perms")
	update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
	return nil
}

// raised writes the certifying signature again, with the permission to annotate.
func raised(doc *pdf.Document, update *pdf.Update) error {
	fields, err := doc.Fields()
	if err != nil {
		return err
	}
	for _, f := range fields {
		ref, ok := f.Value.(pdf.Ref)
		if f.Type != "Sig" || !ok {
			continue
		}
		value, err := doc.Dict(ref)
		if err != nil {
			return err
		}
		value["Reference"] = pdf.Array{pdf.Dict{"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("DocMDP"),
			"TransformParams": pdf.Dict{"Type": pdf.Name("TransformParams"), "V": pdf.Name("1.2"), "P": int64(3)}}}
		update.Set(ref, value)
		return nil
	}
	return signaturetest.ErrTarget
}
