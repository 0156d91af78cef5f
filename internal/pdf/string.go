package pdf

import (
	"encoding/binary"
	"slices"
)

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
