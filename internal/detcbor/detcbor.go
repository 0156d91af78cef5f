// Package detcbor reads and writes the deterministic encoding of CBOR (RFC 8949, 4.2.1) as far as signed codes need
// it: integers, booleans, byte and text strings, arrays, maps with integer keys, tags. The reader takes only what the
// writer would have written: shortest heads, definite lengths, map keys ascending and each once, valid UTF-8, nothing behind
// the end. So one value has one encoding, and a signature over it cannot be moved to other bytes.
//
// The caller asks for the items his schema expects, so nesting is as deep as the schema and no deeper. The first error
// stays: every later call returns a zero value.
package detcbor

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// Major types.
const (
	unsigned = iota
	negative
	octets
	text
	array
	dict
	tag
	simple
)

// The simple values false and true.
const (
	encodedFalse = simple<<5 | 20
	encodedTrue  = simple<<5 | 21
)

// AppendUint adds an unsigned integer.
func AppendUint(b []byte, v uint64) []byte { return appendHead(b, unsigned, v) }

// AppendInt adds an integer.
func AppendInt(b []byte, v int64) []byte {
	if v < 0 {
		return appendHead(b, negative, uint64(-1-v))
	}
	return appendHead(b, unsigned, uint64(v))
}

// AppendBytes adds a byte string.
func AppendBytes(b, v []byte) []byte { return append(appendHead(b, octets, uint64(len(v))), v...) }

// AppendText adds a text string, which must be UTF-8.
func AppendText(b []byte, v string) []byte { return append(appendHead(b, text, uint64(len(v))), v...) }

// AppendArray opens an array; its n items follow.
func AppendArray(b []byte, n int) []byte { return appendHead(b, array, uint64(n)) }

// AppendMap opens a map; its n keys and values follow, keys from [AppendInt]: 0, 1, 2 … then -1, -2, -3 …
func AppendMap(b []byte, n int) []byte { return appendHead(b, dict, uint64(n)) }

// AppendBool adds false or true.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, encodedTrue)
	}
	return append(b, encodedFalse)
}

// AppendTag adds a tag; the tagged item follows.
func AppendTag(b []byte, v uint64) []byte { return appendHead(b, tag, v) }

func appendHead(b []byte, major byte, v uint64) []byte {
	switch major <<= 5; {
	case v < 24:
		return append(b, major|byte(v))
	case v <= math.MaxUint8:
		return append(b, major|24, byte(v))
	case v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), v)
}

// Error says where the bytes leave the deterministic encoding or the schema.
type Error struct {
	Offset int
	Want   string
}

func (e *Error) Error() string { return fmt.Sprintf("detcbor: offset %d: want %s", e.Offset, e.Want) }

// Reader reads items one after the other.
type Reader struct {
	data []byte
	at   int
	err  error
}

// NewReader returns a reader of data. The byte strings it returns are parts of data.
func NewReader(data []byte) Reader { return Reader{data: data} }

// Err returns the first error, an *Error.
func (r *Reader) Err() error { return r.err }

// End returns the first error, or one if bytes are left over.
func (r *Reader) End() error {
	if r.at != len(r.data) {
		r.Fail("nothing behind the last item")
	}
	return r.err
}

// Offset is where the next item begins.
func (r *Reader) Offset() int { return r.at }

// Fail records that the schema is broken, unless an error is there already.
func (r *Reader) Fail(want string) {
	if r.err == nil {
		r.err = &Error{Offset: r.at, Want: want}
	}
}

// Uint reads an unsigned integer.
func (r *Reader) Uint() uint64 { return r.head(unsigned, "an unsigned integer") }

// Int reads an integer that fits an int64.
func (r *Reader) Int() int64 {
	if r.at < len(r.data) && r.data[r.at]>>5 == negative {
		v := r.head(negative, "an integer")
		if v > math.MaxInt64 {
			r.Fail("an integer of 64 bits")
			return 0
		}
		return -1 - int64(v)
	}
	v := r.head(unsigned, "an integer")
	if v > math.MaxInt64 {
		r.Fail("an integer of 64 bits")
		return 0
	}
	return int64(v)
}

// Bytes reads a byte string.
func (r *Reader) Bytes() []byte { return r.content(octets, "a byte string") }

// Text reads a text string.
func (r *Reader) Text() string {
	v := r.content(text, "a text string")
	if !utf8.Valid(v) {
		r.Fail("UTF-8")
		return ""
	}
	return string(v)
}

// Bool reads false or true.
func (r *Reader) Bool() bool {
	if r.err != nil || r.at >= len(r.data) || r.data[r.at] != encodedFalse && r.data[r.at] != encodedTrue {
		r.Fail("false or true")
		return false
	}
	r.at++
	return r.data[r.at-1] == encodedTrue
}

// IsUint reports whether the next item is an unsigned integer, for schemas that leave a choice.
func (r *Reader) IsUint() bool {
	return r.err == nil && r.at < len(r.data) && r.data[r.at]>>5 == unsigned
}

// IsArray reports whether the next item is an array.
func (r *Reader) IsArray() bool {
	return r.err == nil && r.at < len(r.data) && r.data[r.at]>>5 == array
}

// Array reads the head of an array of at most limit items and returns their number.
func (r *Reader) Array(limit int) int { return r.count(array, limit, "an array") }

// Tag reads a tag.
func (r *Reader) Tag() uint64 { return r.head(tag, "a tag") }

// Map reads the head of a map of at most limit pairs and returns a cursor over its keys.
func (r *Reader) Map(limit int) Map { return Map{r: r, left: r.count(dict, limit, "a map")} }

// Map walks over the keys of a map; after each key the caller reads the value from the reader.
type Map struct {
	r     *Reader
	left  int
	begun bool
	last  int64
}

// Len returns the number of keys not yet read.
func (m *Map) Len() int { return m.left }

// Next returns the next key, and false at the end or after an error.
func (m *Map) Next() (int64, bool) {
	if m.left == 0 || m.r.err != nil {
		return 0, false
	}
	m.left--
	key := m.r.Int()
	if m.begun && !ascends(m.last, key) {
		m.r.Fail("map keys ascending, each once")
	}
	m.begun, m.last = true, key
	return key, m.r.err == nil
}

// ascends reports whether the encoding of a sorts before that of b.
func ascends(a, b int64) bool {
	if a < 0 && b < 0 {
		return a > b
	}
	return a >= 0 && (b < 0 || a < b)
}

func (r *Reader) count(major byte, limit int, want string) int {
	n := r.head(major, want)
	if n > uint64(limit) {
		r.Fail(want + " within its bounds")
		return 0
	}
	return int(n)
}

func (r *Reader) content(major byte, want string) []byte {
	n := r.head(major, want)
	if n > uint64(len(r.data)-r.at) {
		r.Fail(want + " within the data")
		return nil
	}
	v := r.data[r.at : r.at+int(n) : r.at+int(n)]
	r.at += int(n)
	return v
}

// head reads the head of an item of one major type and returns its argument.
func (r *Reader) head(major byte, want string) uint64 {
	if r.err != nil || r.at >= len(r.data) || r.data[r.at]>>5 != major {
		r.Fail(want)
		return 0
	}
	short := r.data[r.at] & 31
	if short < 24 {
		r.at++
		return uint64(short)
	}
	size := 1 << (short - 24)
	if short > 27 || len(r.data)-r.at-1 < size {
		r.Fail("a definite length")
		return 0
	}
	var v uint64
	for _, c := range r.data[r.at+1 : r.at+1+size] {
		v = v<<8 | uint64(c)
	}
	if size == 1 && v < 24 || size > 1 && v>>(4*size) == 0 {
		r.Fail("the shortest head")
		return 0
	}
	r.at += 1 + size
	return v
}
