package pdf

import (
	"errors"
	"io"
	"slices"
)

// Repair reads a file whose cross-reference cannot be followed by looking for objects from its first byte to its last, as
// viewers do: of two with one number the later counts. What it finds is a guess, and need not be what any other software
// shows. Such a document cannot be updated.
func Repair(r io.ReaderAt, size int64, limits Limits) (*Document, error) {
	d := &Document{r: r, size: size, end: size, src: newSource(r, size), streams: map[int]*objectStream{}, repaired: true}
	d.work = limits.Work
	if d.work == 0 {
		d.work = 16<<20 + 4*size
	}
	search := finder{d: d}
	if err := search.run(); err != nil {
		return nil, err
	}
	g, err := d.survey(search.objects)
	if err != nil {
		return nil, err
	}
	trailer := d.lastTrailer(search.trailers, g)
	if trailer == nil {
		return nil, syntax(-1, "a trailer or a catalog anywhere in the file")
	}
	d.sections = []Section{{Pos: size, Trailer: trailer}}
	if err := d.setUp(); err != nil {
		return nil, err
	}
	if err := d.unpack(g.containers); err != nil {
		return nil, err
	}
	if d.src.err != nil {
		return nil, &Error{ErrSyntax, -1, "a readable file", d.src.err}
	}
	return d, nil
}

// Repaired reports whether the document comes from [Repair].
func (d *Document) Repaired() bool { return d.repaired }

// finder looks for "number generation obj" and for trailers, word by word.
type finder struct {
	d        *Document
	word     [16]byte
	n        int   // of the word, which may be longer than its room
	start    int64 // of the word
	before   [2]found
	objects  []sighting
	trailers []int64 // offsets after the keyword
}

// sighting is a place where an object seems to begin.
type sighting struct {
	num int
	entry
}

// found is an integer that stood before the word, at an offset; ok is false when something else did.
type found struct {
	value, at int64
	ok        bool
}

func (f *finder) run() error {
	if err := f.d.spend(f.d.size); err != nil {
		return err
	}
	for pos := int64(0); ; {
		window := f.d.src.window(pos)
		if len(window) == 0 {
			f.end(pos)
			return nil
		}
		if len(f.objects) > maxObjects {
			return limit(pos, "at most 1048576 objects")
		}
		for _, b := range window {
			switch {
			case isSpace(b):
				f.end(pos)
			case isDelimiter(b):
				f.end(pos)
				f.before = [2]found{}
			default:
				if f.n == 0 {
					f.start = pos
				}
				if f.n < len(f.word) {
					f.word[f.n] = b
				}
				f.n++
			}
			pos++
		}
	}
}

// end takes the word that ends at pos.
func (f *finder) end(pos int64) {
	if f.n == 0 {
		return
	}
	word := f.word[:min(f.n, len(f.word))]
	whole := f.n <= len(f.word)
	f.n = 0
	if v, ok := decimal(word); ok && whole {
		f.before = [2]found{f.before[1], {v, f.start, true}}
		return
	}
	num, gen := f.before[0], f.before[1]
	f.before = [2]found{}
	switch {
	case string(word) == "obj" && num.ok && gen.ok && num.value < maxObjects && gen.value <= 65535:
		f.objects = append(f.objects, sighting{int(num.value), entry{kind: entryOffset, off: num.at, aux: int32(gen.value)}})
	case string(word) == "trailer" && len(f.trailers) < maxSections:
		f.trailers = append(f.trailers, pos)
	}
}

func decimal(word []byte) (v int64, ok bool) {
	if len(word) > 10 {
		return 0, false
	}
	for _, b := range word {
		if !isDigit(b) {
			return 0, false
		}
		v = 10*v + int64(b-'0')
	}
	return v, true
}

// find records an object; a later one replaces an earlier one.
func (d *Document) find(num int, e entry) {
	for num >= len(d.entries) {
		d.entries = append(d.entries, entry{})
	}
	d.entries[num] = e
}

// guesses are what the objects of a file without a cross-reference look like.
type guesses struct {
	containers []int // object streams, in the order of the file
	trailer    Dict  // of the last cross-reference stream with a root
	at         int64
	catalog    Ref
}

// survey parses every object once, and lists those that can be parsed.
func (d *Document) survey(objects []sighting) (g guesses, err error) {
	for _, o := range objects {
		ref := Ref{o.num, int(o.aux)}
		v, _, err := d.objectAt(o.off, ref)
		if errors.Is(err, ErrLimit) {
			return g, err
		}
		if err != nil {
			continue
		}
		d.find(o.num, o.entry)
		switch v := v.(type) {
		case Dict:
			if v["Type"] == Name("Catalog") {
				g.catalog = ref
			}
		case *Stream:
			_, rooted := v.Dict["Root"].(Ref)
			switch {
			case v.Dict["Type"] == Name("ObjStm"):
				g.containers = append(g.containers, o.num)
			case v.Dict["Type"] == Name("XRef") && rooted:
				g.trailer, g.at = v.Dict, o.off
			}
		}
	}
	return g, nil
}

// lastTrailer is the last dictionary behind the keyword that names a root, that of the last cross-reference stream, or one
// made up for a catalog; nil when there is none of them.
func (d *Document) lastTrailer(at []int64, g guesses) Dict {
	for _, pos := range slices.Backward(at) {
		l := lexer{src: d.src, pos: pos}
		v, err := l.value(0)
		if d.spend(l.pos-pos) != nil {
			return nil
		}
		if dict, ok := v.(Dict); ok && err == nil {
			if _, rooted := dict["Root"].(Ref); rooted && pos > g.at {
				return dict
			}
		}
	}
	if g.trailer == nil && g.catalog != (Ref{}) {
		return Dict{"Root": g.catalog, "Size": int64(len(d.entries))}
	}
	return g.trailer
}

// unpack lists what the object streams hold. A later stream, or a later object in the file itself, counts.
func (d *Document) unpack(containers []int) error {
	for _, num := range containers {
		at := d.entry(num).off
		s, err := d.objectStream(num)
		if errors.Is(err, ErrLimit) {
			return err
		}
		if err != nil {
			continue
		}
		for i, n := range s.numbers {
			if e := d.entry(n); n < maxObjects && n != num && (e.kind != entryOffset || e.off < at) {
				d.find(n, entry{kind: entryPacked, off: int64(num), aux: int32(i)})
			}
		}
	}
	return nil
}
