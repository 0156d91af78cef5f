package pdf

import (
	"encoding/binary"
	"slices"
	"strconv"
)

const (
	maxDepth  = 64      // nesting of arrays and dictionaries
	maxString = 4 << 20 // bytes of one string
	maxName   = 1 << 10
	maxValues = 1 << 17 // values in one object
)

// lexer parses objects at a position. inFile says whether positions are offsets in the file.
type lexer struct {
	src    *source
	pos    int64
	values int
	inFile bool
}

func isSpace(b byte) bool {
	return b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == '\f' || b == 0
}

func isDelimiter(b byte) bool {
	switch b {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// peek returns the byte at the position, 0 at the end of the file.
func (l *lexer) peek() byte {
	b, _ := l.src.at(l.pos)
	return b
}

func (l *lexer) eof() bool { return l.pos >= l.src.size }

// skip passes white space and comments.
func (l *lexer) skip() {
	for !l.eof() {
		b, ok := l.src.at(l.pos)
		switch {
		case !ok:
			return
		case isSpace(b):
			l.pos++
		case b == '%':
			for !l.eof() && l.peek() != '\n' && l.peek() != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// word reads regular characters, at most 32.
func (l *lexer) word() string {
	var buf [32]byte
	n := 0
	for n < len(buf) {
		b, ok := l.src.at(l.pos)
		if !ok || isSpace(b) || isDelimiter(b) {
			break
		}
		buf[n] = b
		n++
		l.pos++
	}
	return string(buf[:n])
}

// keyword passes white space and the word, or stays where it is.
func (l *lexer) keyword(want string) bool {
	start := l.pos
	l.skip()
	if l.word() == want {
		return true
	}
	l.pos = start
	return false
}

// integer passes white space and an unsigned integer, or stays where it is.
func (l *lexer) integer() (int64, bool) {
	start := l.pos
	l.skip()
	var n int64
	digits := 0
	for {
		b, ok := l.src.at(l.pos)
		if !ok || !isDigit(b) {
			break
		}
		if digits++; digits > 15 {
			break
		}
		n = n*10 + int64(b-'0')
		l.pos++
	}
	if b, ok := l.src.at(l.pos); digits == 0 || digits > 15 || ok && !isSpace(b) && !isDelimiter(b) {
		l.pos = start
		return 0, false
	}
	return n, true
}

// value parses one direct object or reference.
func (l *lexer) value(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, limit(l.pos, "at most 64 levels")
	}
	if l.values++; l.values > maxValues {
		return nil, limit(l.pos, "at most 131072 values in an object")
	}
	l.skip()
	switch b := l.peek(); {
	case b == '/':
		return l.name()
	case b == '(':
		return l.literal()
	case b == '[':
		return l.array(depth)
	case b == '<':
		if next, _ := l.src.at(l.pos + 1); next == '<' {
			return l.dict(depth)
		}
		return l.hex()
	case isDigit(b):
		return l.numberOrRef()
	case b == '+' || b == '-' || b == '.':
		return l.number()
	}
	start := l.pos
	switch l.word() {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	return nil, syntax(start, "an object")
}

func (l *lexer) numberOrRef() (Value, error) {
	start := l.pos
	if num, ok := l.integer(); ok {
		after := l.pos
		if gen, ok := l.integer(); ok && l.keyword("R") {
			if num > maxObjects || gen > 65535 {
				return nil, limit(start, "an object number within bounds")
			}
			return Ref{int(num), int(gen)}, nil
		}
		l.pos = after
		return num, nil
	}
	return l.number()
}

func (l *lexer) number() (Value, error) {
	start := l.pos
	text := l.word()
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	digits, dots := 0, 0
	for i := range len(text) {
		switch b := text[i]; {
		case isDigit(b):
			digits++
		case b == '.':
			dots++
		case i == 0 && (b == '+' || b == '-'):
		default:
			return nil, syntax(start, "a number")
		}
	}
	if digits == 0 || dots > 1 || len(text) > 31 {
		return nil, syntax(start, "a number")
	}
	return Real(text), nil
}

func (l *lexer) name() (Value, error) {
	start := l.pos
	l.pos++
	var buf [32]byte
	out := buf[:0]
	for {
		b, ok := l.src.at(l.pos)
		if !ok || isSpace(b) || isDelimiter(b) {
			return Name(out), nil
		}
		l.pos++
		if b == '#' {
			hi, _ := l.src.at(l.pos)
			lo, _ := l.src.at(l.pos + 1)
			h, ok1 := unhex(hi)
			w, ok2 := unhex(lo)
			if !ok1 || !ok2 {
				return nil, syntax(l.pos, "two hexadecimal digits after #")
			}
			b = h<<4 | w
			l.pos += 2
		}
		if out = append(out, b); len(out) > maxName {
			return nil, limit(start, "a name of at most 1024 bytes")
		}
	}
}

// noHex marks a byte that is no hexadecimal digit.
const noHex = 0xff

// hexValues are the values of the hexadecimal digits.
var hexValues = func() (table [256]byte) {
	for b := range table {
		table[b] = noHex
	}
	for i, b := range []byte("0123456789ABCDEF") {
		table[b] = byte(i)
	}
	for i, b := range []byte("abcdef") {
		table[b] = byte(10 + i)
	}
	return table
}()

func unhex(b byte) (byte, bool) { return hexValues[b], hexValues[b] != noHex }

func (l *lexer) text(out []byte, start int64, hex bool) String {
	s := String{Bytes: out, Hex: hex}
	if l.inFile {
		s.Pos, s.End = start, l.pos
	}
	return s
}

// hex reads a hexadecimal string, window by window: the longest strings of a file are its signatures.
func (l *lexer) hex() (Value, error) {
	start := l.pos
	l.pos++
	out := make([]byte, 0, 64)
	half, loose := false, false
	for {
		window := l.src.window(l.pos)
		if len(window) == 0 {
			return nil, syntax(start, "the end of a hexadecimal string")
		}
		if !half {
			var whole int
			out, whole = appendHex(out, window)
			l.pos += int64(whole)
			window = window[whole:]
		}
		for _, b := range window[:min(len(window), 1)] { // half a pair, or what is no digit
			l.pos++
			d, ok := unhex(b)
			switch {
			case !ok && b == '>':
				s := l.text(out, start, true)
				s.Solid = !half && !loose
				return s, nil
			case !ok && isSpace(b):
				loose = true
				continue
			case !ok:
				return nil, syntax(l.pos-1, "a hexadecimal digit")
			case half:
				out[len(out)-1] |= d
			default:
				out = append(out, d<<4)
			}
			half = !half
		}
		if len(out) > maxString {
			return nil, limit(start, "a string of at most 4 MiB")
		}
	}
}

const zeros = 0x3030303030303030 // eight digits 0

// appendHex decodes the pairs of digits that a window begins with, and returns how long they are.
func appendHex(out, window []byte) ([]byte, int) {
	at, from := len(out), len(out)
	if need := len(window) / 2; need > cap(out)-at { // by large steps: these are the longest strings of a file
		out = slices.Grow(out, max(need, 3*at))
	}
	out = out[:at+len(window)/2]
	for rest := window; len(rest) >= 2; rest = rest[2:] {
		for len(rest) >= 8 && binary.NativeEndian.Uint64(rest) == zeros { // the room that a signature leaves
			clear(out[at : at+4])
			at, rest = at+4, rest[8:]
		}
		if len(rest) >= 8 {
			r, to := rest[:8:8], out[at:at+4:at+4]
			a, b, c, d := hexValues[r[0]], hexValues[r[2]], hexValues[r[4]], hexValues[r[6]]
			e, f, g, h := hexValues[r[1]], hexValues[r[3]], hexValues[r[5]], hexValues[r[7]]
			if a|b|c|d|e|f|g|h != noHex {
				to[0], to[1], to[2], to[3] = a<<4|e, b<<4|f, c<<4|g, d<<4|h
				at, rest = at+4, rest[6:]
				continue
			}
		}
		if len(rest) < 2 {
			break
		}
		hi, lo := hexValues[rest[0]], hexValues[rest[1]]
		if hi|lo == noHex {
			break
		}
		out[at] = hi<<4 | lo
		at++
	}
	return out[:at], 2 * (at - from)
}

func (l *lexer) literal() (Value, error) {
	start := l.pos
	l.pos++
	var out []byte
	for open := 1; ; {
		b, ok := l.src.at(l.pos)
		if !ok {
			return nil, syntax(start, "the end of a string")
		}
		l.pos++
		switch b {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return l.text(out, start, false), nil
			}
		case '\\':
			out = l.escape(out)
			continue
		case '\r': // an end of line of any form reads as one line feed
			if l.peek() == '\n' {
				l.pos++
			}
			b = '\n'
		}
		if out = append(out, b); len(out) > maxString {
			return nil, limit(start, "a string of at most 4 MiB")
		}
	}
}

var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

// escape reads what follows a backslash.
func (l *lexer) escape(out []byte) []byte {
	b := l.peek()
	l.pos++
	switch {
	case b == '\r':
		if l.peek() == '\n' {
			l.pos++
		}
		return out
	case b == '\n':
		return out
	case b >= '0' && b <= '7':
		n := b - '0'
		for range 2 {
			if d := l.peek(); d >= '0' && d <= '7' {
				n = n<<3 | (d - '0')
				l.pos++
			} else {
				break
			}
		}
		return append(out, n)
	}
	if c, ok := escapes[b]; ok {
		b = c
	}
	return append(out, b)
}

func (l *lexer) array(depth int) (Value, error) {
	l.pos++
	out := Array{}
	for {
		l.skip()
		if l.peek() == ']' {
			l.pos++
			return out, nil
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
}

func (l *lexer) dict(depth int) (Value, error) {
	l.pos += 2
	out := Dict{}
	for {
		l.skip()
		if l.peek() == '>' {
			if next, _ := l.src.at(l.pos + 1); next != '>' {
				return nil, syntax(l.pos, "the end of a dictionary")
			}
			l.pos += 2
			return out, nil
		}
		start := l.pos
		if l.peek() != '/' {
			return nil, syntax(start, "a key")
		}
		key, err := l.name()
		if err != nil {
			return nil, err
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, twice := out[key.(Name)]; twice {
			return nil, syntax(start, "each key of a dictionary once")
		}
		out[key.(Name)] = v
	}
}
