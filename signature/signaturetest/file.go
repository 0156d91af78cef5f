package signaturetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// File shapes a small PDF. The zero value is one page in a file with a cross-reference table.
type File struct {
	// Text stands on the page; ASCII only, default "PAY 1,000,000".
	Text string
	// Fields are text fields of a form that is there before any signature.
	Fields []string
	// EmptySignature is the name of a signature field that waits to be signed.
	EmptySignature string
	// Annotation adds a link as a dictionary that stands directly in the page, not as an object of its own.
	Annotation bool
	// XRefStream writes a cross-reference stream and packs the catalog and the page into an object stream.
	XRefStream bool
	// Padding adds a stream of that many bytes that no page uses.
	Padding int
	// Zeros adds a run of that many ASCII zeros to the page's content.
	Zeros int
	// NoLineEnd leaves out the end of line after the last mark.
	NoLineEnd bool
}

// NewPDF writes the file. The same File gives the same bytes.
func NewPDF(f File) []byte {
	if f.Text == "" {
		f.Text = "PAY 1,000,000"
	}
	text := strings.NewReplacer("(", "", ")", "", `\`, "").Replace(f.Text)
	content := fmt.Sprintf("BT /F1 24 Tf 72 720 Td (%s) Tj ET\n", text)
	if f.Zeros > 0 {
		content += "%" + strings.Repeat("0", f.Zeros) + "\n"
	}
	objects := f.objects(content)
	if f.XRefStream {
		return f.finish(withStream(objects))
	}
	return f.finish(withTable(objects))
}

func (f File) finish(doc []byte) []byte {
	if f.NoLineEnd {
		return bytes.TrimRight(doc, "\n")
	}
	return doc
}

// objects returns the bodies of objects 1, 2, 3 …: catalog, pages, page, content, font, then what f asks for.
func (f File) objects(content string) []string {
	list := []string{
		"<< /Type /Catalog /Pages 2 0 R%s >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Contents 4 0 R" +
			" /Resources << /Font << /F1 5 0 R >> >>%s >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var annots, fields []string
	add := func(body string) string {
		list = append(list, body)
		return fmt.Sprintf("%d 0 R", len(list))
	}
	if f.Annotation {
		annots = append(annots, "<< /Type /Annot /Subtype /Link /Rect [72 700 200 720] /Border [0 0 0]"+
			" /A << /S /URI /URI (https://example.vn/\\(a\\)) >> >>")
	}
	for i, name := range f.Fields {
		ref := add(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Tx /T (%s) /V (value \\(%d\\)) /F 4 /P 3 0 R"+
			" /DA (/F1 12 Tf 0 g) /Rect [72 %d 300 %d] >>", name, i, 600-30*i, 620-30*i))
		annots, fields = append(annots, ref), append(fields, ref)
	}
	if f.EmptySignature != "" {
		ref := add(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 132 /P 3 0 R /Rect [0 0 0 0] >>",
			f.EmptySignature))
		annots, fields = append(annots, ref), append(fields, ref)
	}
	if f.Padding > 0 {
		padding := strings.Repeat("motcua. ", f.Padding/8+1)[:f.Padding]
		add(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", f.Padding, padding))
	}
	form, onPage := "", ""
	if len(fields) > 0 {
		form = " /AcroForm << /Fields [" + strings.Join(fields, " ") + "]" +
			" /DA (/F1 12 Tf) /DR << /Font << /F1 5 0 R >> >> >>"
	}
	if len(annots) > 0 {
		onPage = " /Annots [" + strings.Join(annots, " ") + "]"
	}
	list[0], list[2] = fmt.Sprintf(list[0], form), fmt.Sprintf(list[2], onPage)
	return list
}

const fileHead = "%PDF-1.7\n%\xc4\x90\xc6\xa1\n"

func withTable(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString(fileHead)
	table := "0000000000 65535 f\r\n"
	for i, body := range objects {
		table += fmt.Sprintf("%010d 00000 n\r\n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R /ID [<00112233445566778899AABBCCDDEEFF>"+
		" <00112233445566778899AABBCCDDEEFF>] >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table, len(objects)+1, start)
	return b.Bytes()
}

// withStream packs objects 1 to 3 into an object stream and lists everything in a cross-reference stream.
func withStream(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString(fileHead)
	const packed = 3
	container, self := len(objects)+1, len(objects)+2
	rows := []byte{0, 0, 0, 0, 0, 0, 0}
	row := func(kind byte, field2 int, field3 uint16) {
		rows = append(rows, kind)
		rows = binary.BigEndian.AppendUint32(rows, uint32(field2))
		rows = binary.BigEndian.AppendUint16(rows, field3)
	}
	var numbers, bodies string
	for i, body := range objects {
		if i < packed {
			row(2, container, uint16(i))
			numbers += fmt.Sprintf("%d %d ", i+1, len(bodies))
			bodies += body + " "
			continue
		}
		row(1, b.Len(), 0)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	row(1, b.Len(), 0)
	fmt.Fprintf(&b, "%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Length %d >>\nstream\n%s%s\nendstream\nendobj\n",
		container, packed, len(numbers), len(numbers)+len(bodies), numbers, bodies)
	start := b.Len()
	row(1, start, 0)
	fmt.Fprintf(&b, "%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n",
		self, self+1, len(rows))
	b.Write(rows)
	fmt.Fprintf(&b, "\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", start)
	return b.Bytes()
}
