package pdf

// Value is an object of a PDF file: nil (null), bool, int64, [Real], [Name], [String], [Array], [Dict], [Ref] or
// *[Stream]; on writing also *[Data], *[Hole] and *[Gap].
type Value any

// Real is a number with a fraction, kept as it was written.
type Real string

// Name is a name without its slash, decoded.
type Name string

// String is a string with the place it was read from.
type String struct {
	Bytes []byte
	// Pos and End are the offsets of the opening delimiter and just after the closing one; 0, 0 for a string that
	// was not read from the file itself.
	Pos, End int64
	Hex      bool
	// Solid says that a hexadecimal string was read that is nothing but pairs of digits.
	Solid bool
}

// Array is an array.
type Array []Value

// Dict is a dictionary.
type Dict map[Name]Value

// Ref names an indirect object.
type Ref struct{ Num, Gen int }

// Stream is a stream object. Pos is the offset of its first byte in the file.
type Stream struct {
	Dict Dict
	Pos  int64
	ref  Ref
}

// Data is a stream to be written, without filters.
type Data struct {
	Dict  Dict
	Bytes []byte
}

// Equal reports whether two values are the same, without following references. Streams are equal by dictionary only.
func Equal(a, b Value) bool {
	switch x := a.(type) {
	case String:
		y, ok := b.(String)
		return ok && string(x.Bytes) == string(y.Bytes)
	case Array:
		y, ok := b.(Array)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !Equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case Dict:
		y, ok := b.(Dict)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			w, ok := y[k]
			if !ok || !Equal(v, w) {
				return false
			}
		}
		return true
	case *Stream:
		y, ok := b.(*Stream)
		return ok && Equal(x.Dict, y.Dict)
	}
	switch b.(type) {
	case String, Array, Dict, *Stream:
		return false
	}
	return a == b
}
