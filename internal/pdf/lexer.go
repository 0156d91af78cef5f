package pdf

import (
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
