package status

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strconv"
)

// Value is the status of one code.
type Value uint8

// The values that the draft defines. All others are for an application to define, and this one has not.
const (
	Good      Value = 0 // VALID
	Revoked   Value = 1 // INVALID: taken back for good, thu hồi
	Suspended Value = 2 // SUSPENDED: on hold, tạm dừng hiệu lực
)

// String returns the stable name.
func (v Value) String() string {
	switch v {
	case Good:
		return "good"
	case Revoked:
		return "revoked"
	case Suspended:
		return "suspended"
	}
	return "Value(" + strconv.Itoa(int(v)) + ")"
}

// MaxSize bounds a table: 2^26 places, 16 MiB at two bits.
const MaxSize = 1 << 26

// MaxPacked bounds what [Inflate] takes, in bytes.
const MaxPacked = 4 << 20

// Error names what a table refuses.
type Error struct {
	Field string // "size", "bits", "index", "value", "packed"
	Rule  string // what is wanted
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("status: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Table holds the statuses. Reading from many goroutines is safe while nobody writes.
type Table struct {
	data  []byte
	size  uint64
	shift uint8 // 1 << shift bits a value
}

// New makes a table of size places of 1, 2, 4 or 8 bits, all [Good].
func New(size uint64, bits int) (*Table, error) {
	shift, ok := shiftOf(bits)
	switch {
	case !ok:
		return nil, &Error{Field: "bits", Rule: "1, 2, 4 or 8"}
	case size == 0 || size > MaxSize:
		return nil, &Error{Field: "size", Rule: "1 to 2^26"}
	}
	return &Table{data: make([]byte, (size<<shift+7)/8), size: size, shift: shift}, nil
}

func shiftOf(bits int) (uint8, bool) {
	for shift := range uint8(4) {
		if bits == 1<<shift {
			return shift, true
		}
	}
	return 0, false
}

// Size is the number of places.
func (t *Table) Size() uint64 { return t.size }

// Bits is the width of a place.
func (t *Table) Bits() int { return 1 << t.shift }

// At returns the status at an index, and false if the table does not reach so far.
func (t *Table) At(index uint64) (Value, bool) {
	if index >= t.size {
		return 0, false
	}
	bit := index << t.shift
	return Value(t.data[bit>>3]>>(bit&7)) & (1<<(1<<t.shift) - 1), true
}

// Set writes the status at an index.
func (t *Table) Set(index uint64, v Value) error {
	mask := byte(1<<(1<<t.shift) - 1)
	switch {
	case index >= t.size:
		return &Error{Field: "index", Rule: "below the size of the table"}
	case byte(v) > mask:
		return &Error{Field: "value", Rule: "what fits the bits of a place"}
	}
	bit := index << t.shift
	t.data[bit>>3] = t.data[bit>>3]&^(mask<<(bit&7)) | byte(v)<<(bit&7)
	return nil
}

// Clone returns a table of its own with the same places.
func (t *Table) Clone() *Table {
	c := *t
	c.data = bytes.Clone(t.data)
	return &c
}

// Bytes returns a copy of the packed places, the first in the lowest bits of the first byte.
func (t *Table) Bytes() []byte { return bytes.Clone(t.data) }

// Deflate compresses the table as the draft asks, with zlib at its best level.
func (t *Table) Deflate() ([]byte, error) {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(t.data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Inflate reads what [Table.Deflate] has written, for a size and width that are known. The room is taken once, and a
// stream with another number of bytes is refused, as is anything behind it and any bit behind the last place. The
// error is an *Error.
func Inflate(packed []byte, size uint64, bits int) (*Table, error) {
	if len(packed) > MaxPacked {
		return nil, &Error{Field: "packed", Rule: "at most 4 MiB"}
	}
	t, err := New(size, bits)
	if err != nil {
		return nil, err
	}
	rest := bytes.NewReader(packed)
	z, err := zlib.NewReader(rest)
	if err != nil {
		return nil, &Error{Field: "packed", Rule: "a zlib stream", Err: err}
	}
	if _, err := io.ReadFull(z, t.data); err != nil {
		return nil, &Error{Field: "packed", Rule: "as many bytes as the size says", Err: err}
	}
	var one [1]byte
	if n, err := z.Read(one[:]); n != 0 || err != io.EOF {
		return nil, &Error{Field: "packed", Rule: "as many bytes as the size says", Err: err}
	}
	if rest.Len() != 0 {
		return nil, &Error{Field: "packed", Rule: "nothing behind the stream"}
	}
	if used := size << t.shift & 7; used != 0 && t.data[len(t.data)-1]>>used != 0 {
		return nil, &Error{Field: "packed", Rule: "no bits behind the last place"}
	}
	return t, nil
}
