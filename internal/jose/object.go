package jose

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

const (
	maxDepth   = 16
	maxMembers = 4096
)

var errJSON = errors.New("jose: not one strict JSON value")

// Object reads one JSON object and nothing behind it (RFC 8259). encoding/json lets the last of two equal members
// win and mends bad UTF-8; a signed statement must not depend on who reads it, so both are refused, as are depth and
// bulk. Its own pass over the bytes costs a fifth of encoding/json's tokens. Numbers are kept as they are written.
func Object(raw []byte) (map[string]any, error) {
	s := scanner{raw: raw, budget: maxMembers}
	if !utf8.Valid(raw) || s.next() != '{' {
		return nil, errJSON
	}
	object, ok := s.object(0)
	if !ok || s.next() != 0 || s.at != len(raw) {
		return nil, errJSON
	}
	return object, nil
}

// List reads one JSON array by the rules of [Object].
func List(raw []byte) ([]any, error) {
	s := scanner{raw: raw, budget: maxMembers}
	if !utf8.Valid(raw) || s.next() != '[' {
		return nil, errJSON
	}
	list, ok := s.array(0)
	if !ok || s.next() != 0 || s.at != len(raw) {
		return nil, errJSON
	}
	return list, nil
}

// scanner walks over valid UTF-8.
type scanner struct {
	raw    []byte
	at     int
	budget int // values still allowed
}

// next skips white space and returns the byte that follows, without taking it; 0 at the end.
func (s *scanner) next() byte {
	for s.at < len(s.raw) {
		switch c := s.raw[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take skips white space and takes the byte if it is the one wanted.
func (s *scanner) take(want byte) bool {
	if s.next() != want {
		return false
	}
	s.at++
	return true
}

func (s *scanner) value(depth int) (any, bool) {
	s.budget--
	if depth > maxDepth || s.budget < 0 {
		return nil, false
	}
	switch c := s.next(); c {
	case '{':
		return s.object(depth)
	case '[':
		return s.array(depth)
	case '"':
		return s.text()
	case 't':
		return true, s.word("true")
	case 'f':
		return false, s.word("false")
	case 'n':
		return nil, s.word("null")
	default:
		return s.number()
	}
}

func (s *scanner) word(want string) bool {
	if len(s.raw)-s.at < len(want) || string(s.raw[s.at:s.at+len(want)]) != want {
		return false
	}
	s.at += len(want)
	return true
}

func (s *scanner) object(depth int) (map[string]any, bool) {
	s.at++ // the brace
	object := make(map[string]any, 16)
	if s.take('}') {
		return object, true
	}
	for {
		if s.next() != '"' {
			return nil, false
		}
		name, ok := s.text()
		if _, twice := object[name]; !ok || twice || !s.take(':') {
			return nil, false
		}
		if object[name], ok = s.value(depth + 1); !ok {
			return nil, false
		}
		if !s.take(',') {
			return object, s.take('}')
		}
	}
}

func (s *scanner) array(depth int) ([]any, bool) {
	s.at++ // the bracket
	list := []any{}
	if s.take(']') {
		return list, true
	}
	for {
		value, ok := s.value(depth + 1)
		if !ok {
			return nil, false
		}
		list = append(list, value)
		if !s.take(',') {
			return list, s.take(']')
		}
	}
}

// text reads a string. One with escapes is left to encoding/json, which knows surrogates.
func (s *scanner) text() (string, bool) {
	start, escaped := s.at, false
	for s.at++; s.at < len(s.raw); s.at++ {
		switch c := s.raw[s.at]; {
		case c == '"':
			s.at++
			if !escaped {
				return string(s.raw[start+1 : s.at-1]), true
			}
			var text string
			err := json.Unmarshal(s.raw[start:s.at], &text)
			return text, err == nil
		case c == '\\':
			escaped = true
			s.at++
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (s *scanner) number() (json.Number, bool) {
	start := s.at
	s.skip("-")
	leading := s.at
	if s.digits() == 0 || s.raw[leading] == '0' && s.at > leading+1 {
		return "", false
	}
	if s.skip(".") && s.digits() == 0 {
		return "", false
	}
	if s.skip("eE") {
		s.skip("+-")
		if s.digits() == 0 {
			return "", false
		}
	}
	return json.Number(s.raw[start:s.at]), s.at-start <= 64
}

// skip takes one byte if it is one of these.
func (s *scanner) skip(set string) bool {
	for i := range len(set) {
		if s.at < len(s.raw) && s.raw[s.at] == set[i] {
			s.at++
			return true
		}
	}
	return false
}

func (s *scanner) digits() int {
	start := s.at
	for s.at < len(s.raw) && s.raw[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at - start
}
