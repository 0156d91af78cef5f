package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Hole is a hexadecimal string of Size zero bytes, to be filled later. Encoding sets Pos and End, the offsets of the
// opening delimiter and just after the closing one.
type Hole struct {
	Size     int
	Pos, End int64
}

// Gap is Width bytes of white space, to be overwritten later. Encoding sets Pos.
type Gap struct {
	Width int
	Pos   int64
}

// encoder writes values and knows the offset they will have in the file.
type encoder struct {
	bytes.Buffer
	base int64
}

func (e *encoder) pos() int64 { return e.base + int64(e.Len()) }

// value writes v. Dictionary keys are sorted, so that equal values are equal bytes.
func (e *encoder) value(v Value) error {
	switch v := v.(type) {
	case nil:
		e.WriteString("null")
	case bool:
		e.WriteString(strconv.FormatBool(v))
	case int64:
		e.WriteString(strconv.FormatInt(v, 10))
	case Real:
		e.WriteString(string(v))
	case Name:
		e.name(v)
	case String:
		e.text(v)
	case Ref:
		fmt.Fprintf(e, "%d %d R", v.Num, v.Gen)
	case Array:
		return e.array(v)
	case Dict:
		return e.dict(v)
	default:
		return e.special(v)
	}
	return nil
}

// special writes the values that exist only on writing.
func (e *encoder) special(v Value) error {
	switch v := v.(type) {
	case *Data:
		return e.data(v)
	case *Hole:
		v.Pos = e.pos()
		e.WriteByte('<')
		e.Write(bytes.Repeat([]byte{'0'}, 2*v.Size))
		e.WriteByte('>')
		v.End = e.pos()
	case *Gap:
		v.Pos = e.pos()
		e.Write(bytes.Repeat([]byte{' '}, v.Width))
	default:
		return &Error{Kind: ErrUnsupported, Offset: -1, Rule: fmt.Sprintf("a value to write, not %T", v)}
	}
	return nil
}

func (e *encoder) data(v *Data) error {
	dict := Dict{}
	maps.Copy(dict, v.Dict)
	dict["Length"] = int64(len(v.Bytes))
	if err := e.dict(dict); err != nil {
		return err
	}
	e.WriteString("\nstream\n")
	e.Write(v.Bytes)
	e.WriteString("\nendstream")
	return nil
}

func (e *encoder) array(a Array) error {
	e.WriteByte('[')
	for i, v := range a {
		if i > 0 {
			e.WriteByte(' ')
		}
		if err := e.value(v); err != nil {
			return err
		}
	}
	e.WriteByte(']')
	return nil
}

func (e *encoder) dict(d Dict) error {
	e.WriteString("<<")
	for _, key := range slices.Sorted(maps.Keys(d)) {
		e.name(key)
		e.WriteByte(' ')
		if err := e.value(d[key]); err != nil {
			return err
		}
		e.WriteByte('\n')
	}
	e.WriteString(">>")
	return nil
}

func (e *encoder) name(n Name) {
	e.WriteByte('/')
	for i := range len(n) {
		if b := n[i]; b <= ' ' || b >= 0x7f || b == '#' || isDelimiter(b) {
			fmt.Fprintf(e, "#%02X", b)
		} else {
			e.WriteByte(b)
		}
	}
}

// text writes a string as a literal when all of it is printable ASCII, else in hexadecimal, where no byte can be
// mistaken for a delimiter: the low byte of the Vietnamese ĩ is a closing parenthesis.
func (e *encoder) text(s String) {
	printable := !s.Hex
	for _, b := range s.Bytes {
		printable = printable && b >= 0x20 && b < 0x7f
	}
	if !printable {
		fmt.Fprintf(e, "<%X>", s.Bytes)
		return
	}
	e.WriteByte('(')
	for _, b := range s.Bytes {
		if b == '(' || b == ')' || b == '\\' {
			e.WriteByte('\\')
		}
		e.WriteByte(b)
	}
	e.WriteByte(')')
}
