package pdf

import (
	"errors"
	"io"
)

const (
	maxObjects  = 1 << 20
	maxSections = 1024     // revisions of a file
	maxDecoded  = 16 << 20 // bytes of one decoded structural stream
	nearTail    = 1 << 10  // where the end of the newest revision is
	farTail     = 64 << 10 // where it is looked for when somebody has appended to it
)

var errNoTail = errors.New("no startxref")

// Limits bound the work on one file. A zero field means the default.
type Limits struct {
	// Work is the number of bytes that may be parsed or decoded; default 16 MiB and four times the file's size.
	Work int64
}

// Document is one state of a PDF file: that of its newest revision. It is not safe for concurrent use.
type Document struct {
	r        io.ReaderAt
	size     int64
	src      *source
	work     int64
	entries  []entry
	sections []Section
	end      int64
	streams  map[int]*objectStream
	order    []int // keys of streams, oldest first

	unpacking bool // an object stream is being decoded
	crypt     *crypt
	catalog   Dict // once it has been read
	repaired  bool
}

// Section is one cross-reference section, newest first in [Document.Sections].
type Section struct {
	Pos     int64
	Stream  bool // a cross-reference stream
	Trailer Dict
}

type entryKind uint8

const (
	entryAbsent entryKind = iota
	entryFree
	entryOffset
	entryPacked // in an object stream
)

// entry is a cross-reference entry. off is the offset, or the number of the object stream; aux is the generation, or
// the index in the object stream.
type entry struct {
	off     int64
	aux     int32
	section uint16
	kind    entryKind
}

// Open reads the structure of the first size bytes of r. The objects themselves are read when asked for.
func Open(r io.ReaderAt, size int64, limits Limits) (*Document, error) {
	d := &Document{r: r, size: size, src: newSource(r, size), streams: map[int]*objectStream{}}
	d.work = limits.Work
	if d.work == 0 {
		d.work = 16<<20 + 4*size
	}
	if err := d.header(); err != nil {
		return nil, err
	}
	start, err := d.tail()
	if err != nil {
		return nil, err
	}
	if err := d.loadSections(start); err != nil {
		return nil, err
	}
	if err := d.setUp(); err != nil {
		return nil, err
	}
	if d.src.err != nil {
		return nil, &Error{ErrSyntax, -1, "a readable file", d.src.err}
	}
	return d, nil
}

func (d *Document) header() error {
	const want = "%PDF-"
	for i := range len(want) {
		if b, ok := d.src.at(int64(i)); !ok || b != want[i] {
			return syntax(0, "the header %PDF- at the first byte")
		}
	}
	return nil
}

// tail finds the last startxref and sets the end of the newest revision.
func (d *Document) tail() (int64, error) {
	start, err := d.tailIn(nearTail)
	if errors.Is(err, errNoTail) {
		start, err = d.tailIn(farTail)
	}
	return start, err
}

// tailIn looks at the last bytes of the file.
func (d *Document) tailIn(window int64) (int64, error) {
	const word = "startxref"
	from := max(0, d.size-window)
	buf := make([]byte, d.size-from)
	if n, err := d.r.ReadAt(buf, from); n < len(buf) {
		return 0, &Error{ErrSyntax, -1, "a readable file", err}
	}
	for i := len(buf) - len(word); i >= 0; i-- {
		if string(buf[i:i+len(word)]) != word {
			continue
		}
		l := lexer{src: d.src, pos: from + int64(i+len(word))}
		start, ok := l.integer()
		if !ok {
			return 0, syntax(l.pos, "an offset after startxref")
		}
		for !l.eof() && isSpace(l.peek()) {
			l.pos++
		}
		for j := range len("%%EOF") {
			if b, ok := d.src.at(l.pos + int64(j)); !ok || b != "%%EOF"[j] {
				return 0, syntax(l.pos, "the mark %%EOF")
			}
		}
		d.end = d.afterLine(l.pos + int64(len("%%EOF")))
		return start, nil
	}
	return 0, &Error{ErrSyntax, d.size, "startxref in the last 64 KiB", errNoTail}
}

// afterLine passes one end of line.
func (d *Document) afterLine(pos int64) int64 {
	if b, ok := d.src.at(pos); ok && b == '\r' {
		pos++
	}
	if b, ok := d.src.at(pos); ok && b == '\n' {
		pos++
	}
	return pos
}

// spend takes n bytes from the work allowed.
func (d *Document) spend(n int64) error {
	if d.work -= n; d.work < 0 {
		return limit(-1, "a file that needs less work")
	}
	return nil
}

// Work is what is left of the work allowed.
func (d *Document) Work() int64 { return d.work }

// Size is the number of bytes the document was opened with.
func (d *Document) Size() int64 { return d.size }

// End is the offset after the newest revision's end-of-file mark and its line end. What follows belongs to nothing.
func (d *Document) End() int64 { return d.end }

// Sections lists the cross-reference sections, newest first.
func (d *Document) Sections() []Section { return d.sections }

// Trailer is the trailer of the newest section.
func (d *Document) Trailer() Dict { return d.sections[0].Trailer }

// Objects is the number below which all object numbers lie.
func (d *Document) Objects() int { return len(d.entries) }

// Same reports whether object num is the same bytes in both states of one file. An object in an object stream is the
// same only if its stream is.
func (d *Document) Same(num int, other *Document) bool {
	a, b := d.entry(num), other.entry(num)
	if a.kind == entryPacked && b.kind == entryPacked {
		c, e := d.entry(int(a.off)), other.entry(int(b.off))
		return a.off == b.off && a.aux == b.aux && c.kind == entryOffset && e.kind == entryOffset && c.off == e.off
	}
	gone := func(e entry) bool { return e.kind == entryAbsent || e.kind == entryFree }
	return gone(a) && gone(b) || a.kind == b.kind && a.kind == entryOffset && a.off == b.off && a.aux == b.aux
}

// Position returns where object num stands in the file. It is false for objects in object streams and missing ones.
func (d *Document) Position(num int) (int64, bool) {
	e := d.entry(num)
	return e.off, e.kind == entryOffset
}

func (d *Document) entry(num int) entry {
	if num < 0 || num >= len(d.entries) {
		return entry{}
	}
	return d.entries[num]
}

// Resolve follows references until a direct object. A missing object is null.
func (d *Document) Resolve(v Value) (Value, error) {
	for range 16 {
		ref, ok := v.(Ref)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = d.Object(ref); err != nil {
			return nil, err
		}
	}
	return nil, limit(-1, "at most 16 references in a row")
}

// Dict resolves v, which must be a dictionary. Null gives nil.
func (d *Document) Dict(v Value) (Dict, error) {
	v, err := d.Resolve(v)
	if err != nil || v == nil {
		return nil, err
	}
	dict, ok := v.(Dict)
	if !ok {
		return nil, syntax(-1, "a dictionary")
	}
	return dict, nil
}

// Array resolves v, which must be an array. Null gives nil.
func (d *Document) Array(v Value) (Array, error) {
	v, err := d.Resolve(v)
	if err != nil || v == nil {
		return nil, err
	}
	array, ok := v.(Array)
	if !ok {
		return nil, syntax(-1, "an array")
	}
	return array, nil
}

// Object reads an indirect object. A free, missing or newer object is null, as ISO 32000-2, 7.3.10 has it.
func (d *Document) Object(ref Ref) (Value, error) {
	e := d.entry(ref.Num)
	switch e.kind {
	case entryOffset:
		if int(e.aux) != ref.Gen {
			return nil, nil
		}
		v, _, err := d.objectAt(e.off, ref)
		return v, err
	case entryPacked:
		if ref.Gen != 0 {
			return nil, nil
		}
		return d.packed(ref.Num, int(e.off), int(e.aux))
	}
	return nil, nil
}

// Numbered reads the object with a number, whatever its generation.
func (d *Document) Numbered(num int) (Value, error) {
	return d.Object(Ref{num, d.Generation(num)})
}

// Generation returns the generation of the object with a number, 0 when there is none.
func (d *Document) Generation(num int) int {
	if e := d.entry(num); e.kind == entryOffset {
		return int(e.aux)
	}
	return 0
}

// objectAt parses "num gen obj … endobj" and returns the offset after it (for a stream: after the keyword stream).
func (d *Document) objectAt(pos int64, want Ref) (Value, int64, error) {
	if err := d.spend(0); err != nil { // what was refused once is not parsed again
		return nil, 0, err
	}
	l := lexer{src: d.src, pos: pos, inFile: true}
	num, ok1 := l.integer()
	gen, ok2 := l.integer()
	if !ok1 || !ok2 || !l.keyword("obj") || int(num) != want.Num || int(gen) != want.Gen {
		return nil, 0, syntax(pos, "the object that the cross-reference entry names")
	}
	v, err := l.value(0)
	if short := d.spend(l.pos - pos); err == nil {
		err = short
	}
	if err != nil {
		return nil, 0, err
	}
	if dict, ok := v.(Dict); ok && l.keyword("stream") {
		if l.peek() == '\r' {
			l.pos++
		}
		if l.peek() != '\n' {
			return nil, 0, syntax(l.pos, "a line feed after stream")
		}
		s := &Stream{Dict: dict, Pos: l.pos + 1, ref: want}
		if d.encrypts(want, dict) {
			d.crypt.value(s, want)
		}
		return s, l.pos + 1, nil
	}
	if !l.keyword("endobj") {
		return nil, 0, syntax(l.pos, "endobj")
	}
	if d.encrypts(want, nil) {
		v = d.crypt.value(v, want)
	}
	return v, l.pos, nil
}

// encrypts reports whether the strings of an object are encrypted.
func (d *Document) encrypts(ref Ref, stream Dict) bool {
	return d.crypt != nil && ref.Num != d.crypt.dict && stream["Type"] != Name("XRef")
}

// Raw returns the bytes of a stream as they stand in the file.
func (d *Document) Raw(s *Stream) (*io.SectionReader, error) {
	v, err := d.Resolve(s.Dict["Length"])
	if err != nil {
		return nil, err
	}
	n, ok := v.(int64)
	if !ok || n < 0 || n > d.size-s.Pos {
		return nil, syntax(s.Pos, "a stream length inside the file")
	}
	if l := (lexer{src: d.src, pos: s.Pos + n}); !l.keyword("endstream") {
		return nil, syntax(s.Pos+n, "endstream where the length says")
	}
	return io.NewSectionReader(d.r, s.Pos, n), nil
}
