package journal

import (
	"bytes"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/canon"
)

// checkBody is canon.Check with a way past it: every append asks, and bodies nearly always are canonical, which a
// reader that builds nothing can tell. Where that reader is not sure, canon.Check has the word.
func checkBody(body []byte) error {
	if s := (canonical{rest: body}); utf8.Valid(body) && s.next('{') && s.object(0) && len(s.rest) == 0 {
		return nil
	}
	return canon.Check(body)
}

// canonical reads canonical JSON. Its methods take a value off the front of rest and say whether it surely was
// canonical.
type canonical struct{ rest []byte }

func (s *canonical) next(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *canonical) value(depth int) bool {
	if depth > canon.MaxDepth || len(s.rest) == 0 {
		return false
	}
	switch c := s.rest[0]; c {
	case '"':
		s.rest = s.rest[1:]
		_, ok := s.text()
		return ok
	case '{':
		s.rest = s.rest[1:]
		return s.object(depth)
	case '[':
		s.rest = s.rest[1:]
		return s.array(depth)
	case 't', 'f', 'n':
		for _, word := range [...]string{"true", "false", "null"} {
			if word[0] == c {
				var ok bool
				s.rest, ok = bytes.CutPrefix(s.rest, []byte(word))
				return ok
			}
		}
	}
	return s.integer()
}

// object reads what follows the opening brace. The order of names is that of UTF-16 units, which is the order of bytes
// as long as no name has an escape or a character of four bytes.
func (s *canonical) object(depth int) bool {
	if s.next('}') {
		return true
	}
	for before := []byte(nil); ; {
		if !s.next('"') {
			return false
		}
		name, ok := s.text()
		if !ok || bytes.ContainsFunc(name, func(r rune) bool { return r == '\\' || r > 0xffff }) ||
			before != nil && bytes.Compare(before, name) >= 0 {
			return false
		}
		if !s.next(':') || !s.value(depth+1) {
			return false
		}
		if !s.next(',') {
			return s.next('}')
		}
		before = name
	}
}

func (s *canonical) array(depth int) bool {
	if s.next(']') {
		return true
	}
	for s.value(depth + 1) {
		if !s.next(',') {
			return s.next(']')
		}
	}
	return false
}

// text reads what follows the opening quote, up to and with the closing one. Escapes other than the two most usual are
// left to canon.Check.
func (s *canonical) text() (raw []byte, ok bool) {
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			raw, s.rest = s.rest[:i:i], s.rest[i+1:]
			return raw, true
		case c < 0x20:
			return nil, false
		case c == '\\':
			if i++; i == len(s.rest) || s.rest[i] != '"' && s.rest[i] != '\\' && s.rest[i] != 'n' {
				return nil, false
			}
		}
	}
	return nil, false
}

// integer reads up to fifteen digits; longer ones may pass the limit of canon.
func (s *canonical) integer() bool {
	digits := s.rest
	if digits[0] == '-' {
		digits = digits[1:]
	}
	n := 0
	for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
		n++
	}
	if n == 0 || n > 15 || digits[0] == '0' && (n > 1 || len(digits) < len(s.rest)) {
		return false
	}
	s.rest = digits[n:]
	return true
}
