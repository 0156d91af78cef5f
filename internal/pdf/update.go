package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// Update is a revision to be appended to a document.
type Update struct {
	doc     *Document
	next    int
	objects map[Ref]Value
	root    Ref
}

// Update begins a revision.
func (d *Document) Update() *Update {
	next := len(d.entries)
	if size, ok := d.Trailer()["Size"].(int64); ok && size > int64(next) && size < maxObjects {
		next = int(size)
	}
	return &Update{doc: d, next: max(next, 1), objects: map[Ref]Value{}}
}

// Add adds a new object.
func (u *Update) Add(v Value) Ref {
	ref := Ref{Num: u.next}
	u.next++
	u.objects[ref] = v
	return ref
}

// Set replaces an existing object.
func (u *Update) Set(ref Ref, v Value) { u.objects[ref] = v }

// SetRoot makes another object the catalog.
func (u *Update) SetRoot(ref Ref) { u.root = ref }

// Encode returns the bytes to append. Holes and gaps among the values then know their offsets in the whole file.
func (u *Update) Encode() ([]byte, error) {
	if u.doc.repaired {
		return nil, syntax(-1, "a file with a cross-reference that can be followed")
	}
	if u.next >= maxObjects {
		return nil, limit(-1, "at most 1048576 objects")
	}
	e := &encoder{base: u.doc.size}
	if b, _ := u.doc.src.at(u.doc.size - 1); b != '\n' && b != '\r' {
		e.WriteByte('\n')
	}
	offsets := map[Ref]int64{}
	for _, ref := range u.refs() {
		offsets[ref] = e.pos()
		fmt.Fprintf(e, "%d %d obj\n", ref.Num, ref.Gen)
		v := u.objects[ref]
		if c := u.doc.crypt; c != nil {
			var err error
			if v, err = c.sealed(v, ref); err != nil {
				return nil, err
			}
		}
		if err := e.value(v); err != nil {
			return nil, err
		}
		e.WriteString("\nendobj\n")
	}
	trailer := u.trailer(e.Bytes())
	start := e.pos()
	var err error
	if u.doc.sections[0].Stream {
		err = u.xrefStream(e, trailer, offsets)
	} else {
		err = u.xrefTable(e, trailer, offsets)
	}
	fmt.Fprintf(e, "startxref\n%d\n%%%%EOF\n", start)
	return e.Bytes(), err
}

func (u *Update) refs() []Ref {
	return slices.SortedFunc(maps.Keys(u.objects), func(a, b Ref) int { return a.Num - b.Num })
}

// trailer carries over what the file's trailer says, with a new second half of /ID.
func (u *Update) trailer(objects []byte) Dict {
	out := maps.Clone(u.doc.Trailer())
	for _, key := range []Name{"XRefStm", "Type", "W", "Index", "Length", "Filter", "DecodeParms", "DL"} {
		delete(out, key)
	}
	out["Prev"] = u.doc.sections[0].Pos
	out["Size"] = int64(u.next)
	if u.root != (Ref{}) {
		out["Root"] = u.root
	}
	if id, ok := out["ID"].(Array); ok && len(id) == 2 {
		sum := sha256.Sum256(objects)
		out["ID"] = Array{id[0], String{Bytes: sum[:16], Hex: true}}
	}
	return out
}

func (u *Update) xrefTable(e *encoder, trailer Dict, offsets map[Ref]int64) error {
	e.WriteString("xref\n")
	for run := range runs(u.refs()) {
		fmt.Fprintf(e, "%d %d\n", run[0].Num, len(run))
		for _, ref := range run {
			if offsets[ref] > 9_999_999_999 {
				return limit(offsets[ref], "an offset of ten digits")
			}
			fmt.Fprintf(e, "%010d %05d n\r\n", offsets[ref], ref.Gen)
		}
	}
	e.WriteString("trailer\n")
	err := e.value(trailer)
	e.WriteByte('\n')
	return err
}

// xrefStream writes the section as a stream, which lists itself.
func (u *Update) xrefStream(e *encoder, trailer Dict, offsets map[Ref]int64) error {
	self := Ref{Num: u.next}
	offsets[self] = e.pos()
	var data []byte
	var index Array
	for run := range runs(append(u.refs(), self)) {
		index = append(index, int64(run[0].Num), int64(len(run)))
		for _, ref := range run {
			data = append(data, 1)
			data = binary.BigEndian.AppendUint64(data, uint64(offsets[ref]))
			data = binary.BigEndian.AppendUint16(data, uint16(ref.Gen))
		}
	}
	trailer["Type"] = Name("XRef")
	trailer["W"] = Array{int64(1), int64(8), int64(2)}
	trailer["Index"] = index
	trailer["Length"] = int64(len(data))
	trailer["Size"] = int64(u.next + 1)
	fmt.Fprintf(e, "%d 0 obj\n", self.Num)
	if err := e.value(trailer); err != nil {
		return err
	}
	e.WriteString("\nstream\n")
	e.Write(data)
	e.WriteString("\nendstream\nendobj\n")
	return nil
}

// runs yields stretches of consecutive object numbers.
func runs(refs []Ref) func(yield func([]Ref) bool) {
	return func(yield func([]Ref) bool) {
		for len(refs) > 0 {
			n := 1
			for n < len(refs) && refs[n].Num == refs[n-1].Num+1 {
				n++
			}
			if !yield(refs[:n]) {
				return
			}
			refs = refs[n:]
		}
	}
}
