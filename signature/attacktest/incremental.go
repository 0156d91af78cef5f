package attacktest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/signaturetest"
)

// revise appends a revision that a reader takes for the document's newest state.
func revise(file []byte, edit func(*pdf.Document, *pdf.Update) error) ([]byte, error) {
	if file == nil {
		return nil, nil
	}
	doc, err := pdf.Open(bytes.NewReader(file), int64(len(file)), pdf.Limits{})
	if err != nil {
		return nil, err
	}
	update := doc.Update()
	if err := edit(doc, update); err != nil {
		return nil, err
	}
	revision, err := update.Encode()
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(file), revision...), nil
}

// showing is a page's content that shows the text, over a white ground.
func showing(text string) *pdf.Data {
	return &pdf.Data{Bytes: fmt.Appendf(nil, "q 1 g 0 0 2000 2000 re f 0 g BT /MotcuaF 24 Tf 72 720 Td <%X> Tj ET Q\n", text)}
}

// name gives a page resources of the kit's own, one of a kind.
func name(doc *pdf.Document, page, kinds pdf.Dict) error {
	resources, err := doc.Dict(page["Resources"])
	if err != nil {
		return err
	}
	resources = cloned(resources)
	for kind, v := range kinds {
		named, err := doc.Dict(resources[kind])
		if err != nil {
			return err
		}
		named = cloned(named)
		named["MotcuaF"] = v
		resources[kind] = named
	}
	page["Resources"] = resources
	return nil
}

func cloned(d pdf.Dict) pdf.Dict {
	if d == nil {
		return pdf.Dict{}
	}
	return maps.Clone(d)
}

func helvetica() pdf.Dict {
	return pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Helvetica")}
}

// replaced gives the first page other contents.
func replaced(text string) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		ref, page, err := doc.FirstPage()
		if err != nil {
			return err
		}
		page["Contents"] = update.Add(showing(text))
		update.Set(ref, page)
		return name(doc, page, pdf.Dict{"Font": helvetica()})
	}
}

// incremental is the incremental saving attack: something is appended to a signed file.
func incremental(b *builder) {
	b.family = "incremental saving"
	text := b.kit.cfg.Text
	signed := b.sign(b.document, b.kit.victim, 0)
	if signed == nil {
		return
	}
	file, err := revise(signed, replaced(text))
	b.add("page shows another text", signature.TotalFailed, file, err)
	file, err = revise(signed, otherPages(text))
	b.add("catalog leads to other pages", signature.TotalFailed, file, err)
	file, err = revise(signed, otherCatalog(text))
	b.add("trailer leads to another catalog", signature.TotalFailed, file, err)
	file, err = revise(signed, withCopiedSignature(text))
	b.add("with a copy of the signature on top", signature.TotalFailed, file, err)
	file, err = signaturetest.HideObject(signed, text)
	b.add("object that the cross-reference does not list", signature.Indeterminate, file, err)
	b.add("object without a cross-reference", signature.Indeterminate, loose(signed, text), nil)
	file, err = revise(signed, stamp(coverAll))
	b.add("stamp over the page", signature.TotalFailed, file, err)
	b.add("bytes that belong to nothing", signature.Indeterminate, signaturetest.AppendGarbage(signed, 777), nil)
	file, err = changedByte(signed)
	b.add("one signed byte", signature.TotalFailed, file, err)
}

func otherPages(text string) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		catalog, err := doc.Catalog()
		if err != nil {
			return err
		}
		if catalog["Pages"], err = newPages(doc, update, text); err != nil {
			return err
		}
		update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
		return nil
	}
}

func otherCatalog(text string) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		catalog, err := doc.Catalog()
		if err != nil {
			return err
		}
		if catalog["Pages"], err = newPages(doc, update, text); err != nil {
			return err
		}
		update.SetRoot(update.Add(catalog))
		return nil
	}
}

// newPages adds a tree with one page.
func newPages(doc *pdf.Document, update *pdf.Update, text string) (pdf.Ref, error) {
	_, page, err := doc.FirstPage()
	if err != nil {
		return pdf.Ref{}, err
	}
	tree := pdf.Dict{"Type": pdf.Name("Pages"), "Count": int64(1)}
	ref := update.Add(tree)
	page["Contents"], page["Parent"] = update.Add(showing(text)), ref
	if err := name(doc, page, pdf.Dict{"Font": helvetica()}); err != nil {
		return pdf.Ref{}, err
	}
	tree["Kids"] = pdf.Array{update.Add(page)}
	return ref, nil
}

// withCopiedSignature replaces the page and lets the field's value be a copy of the signature, word for word, that stands
// at the end of the file.
func withCopiedSignature(text string) func(*pdf.Document, *pdf.Update) error {
	return func(doc *pdf.Document, update *pdf.Update) error {
		if err := replaced(text)(doc, update); err != nil {
			return err
		}
		fields, err := doc.Fields()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(fields, func(f pdf.Field) bool { return f.Type == "Sig" && f.Value != nil })
		if at < 0 {
			return signaturetest.ErrTarget
		}
		value, err := doc.Dict(fields[at].Value)
		if err != nil {
			return err
		}
		field := cloned(fields[at].Dict)
		field["V"] = update.Add(value)
		update.Set(fields[at].Ref, field)
		return nil
	}
}

// loose appends an object with the number of the first page's content, and nothing that leads to it.
func loose(signed []byte, text string) []byte {
	doc, err := pdf.Open(bytes.NewReader(signed), int64(len(signed)), pdf.Limits{})
	if err != nil {
		return nil
	}
	num := 1
	if _, page, err := doc.FirstPage(); err == nil {
		if ref, ok := page["Contents"].(pdf.Ref); ok {
			num = ref.Num
		}
	}
	content := fmt.Sprintf("BT /F1 24 Tf 72 720 Td <%X> Tj ET\n", text)
	return fmt.Appendf(bytes.Clone(signed), "%d 0 obj\n<</Length %d>>\nstream\n%sendstream\nendobj\n", num, len(content), content)
}

// changedByte changes a byte of the document itself, before the signature's revision.
func changedByte(signed []byte) ([]byte, error) {
	at := bytes.Index(signed, []byte("endobj"))
	if at < 1 {
		return nil, signaturetest.ErrTarget
	}
	out := bytes.Clone(signed)
	for at--; at > 0; at-- { // white space before the keyword, whatever the object is
		switch out[at] {
		case '\n':
			out[at] = ' '
			return out, nil
		case ' ':
			out[at] = '\n'
			return out, nil
		}
	}
	return nil, signaturetest.ErrTarget
}

// wrapping is the signature wrapping attack.
func wrapping(b *builder) {
	b.family = "signature wrapping"
	file, err := []byte(nil), error(nil)
	if signed := b.sign(b.document, b.kit.victim, 0); signed != nil {
		file, err = signaturetest.Wrap(signed, b.kit.cfg.Text)
	}
	b.add("second range moved, hole filled", signature.TotalFailed, file, err)
}

// forgeries is the universal signature forgery, and messages that are none.
func forgeries(b *builder) {
	b.family = "universal forgery"
	signed := b.sign(b.document, b.kit.victim, 0)
	if signed == nil {
		return
	}
	files, err := signaturetest.Forgeries(signed)
	if err != nil {
		b.add("all", signature.TotalFailed, nil, err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		want := signature.TotalFailed
		if name == "without SubFilter" {
			want = signature.Indeterminate
		}
		b.add(name, want, files[name], nil)
	}
	file, err := signaturetest.ReplaceContents(signed, nil)
	b.add("Contents all zero", signature.TotalFailed, file, err)
}
