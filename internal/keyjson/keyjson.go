// Package keyjson is the stored form of a stream's look-up keys: a JSON array that SQL can read, in one spelling only, so
// that a byte changed in it does not pass for the original. It reads and writes a key at a time and knows no type of the
// journal.
package keyjson

import (
	"errors"
	"strconv"
	"strings"
)

const (
	keyName  = `{"name":"`
	keyValue = `","value":"`
	keySort  = `","sort":`
)

var errSpelling = errors.New("keys are not spelt as they were written")

// Open begins an array in b.
func Open(b []byte) []byte { return append(b, '[') }

// Append adds a key to the array begun in b. The name needs no escaping: it is made of letters, digits, '.' and '-'.
func Append(b []byte, name, value string, sort int64) []byte {
	if b[len(b)-1] != '[' {
		b = append(b, ',')
	}
	b = append(append(b, keyName...), name...)
	b = append(appendEscaped(append(b, keyValue...), value), keySort...)
	return append(strconv.AppendInt(b, sort, 10), '}')
}

// Close ends the array.
func Close(b []byte) []byte { return append(b, ']') }

// Parse reads what was written and calls add for each key, at most limit times. Any other spelling is an error.
func Parse(text string, limit int, add func(name, value string, sort int64)) error {
	if text == "[]" {
		return nil
	}
	for n, sep := 0, "["; sep == "[" || text != "]"; n, sep = n+1, "," {
		var ok [5]bool
		var name, value, digits string
		text, ok[0] = strings.CutPrefix(text, sep+keyName)
		name, text, ok[1] = strings.Cut(text, keyValue)
		value, text, ok[2] = cutEscaped(text)
		text, ok[3] = strings.CutPrefix(text, keySort)
		digits, text, ok[4] = strings.Cut(text, "}")
		sort, err := strconv.ParseInt(digits, 10, 64)
		if ok != [5]bool{true, true, true, true, true} || err != nil || strconv.FormatInt(sort, 10) != digits ||
			n == limit || !plain(name) {
			return errSpelling
		}
		add(name, value, sort)
	}
	return nil
}

// plain reports whether a name holds nothing that Append would have had to escape.
func plain(name string) bool {
	for i := range len(name) {
		if name[i] < 0x20 || name[i] == '"' || name[i] == '\\' {
			return false
		}
	}
	return true
}

const hexDigits = "0123456789abcdef"

func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}

// cutEscaped splits text before the first quote that is not escaped, and returns what stands before it in clear.
func cutEscaped(text string) (value, rest string, ok bool) {
	end := 0
	for end < len(text) && text[end] != '"' && text[end] != '\\' && text[end] >= 0x20 {
		end++
	}
	if end < len(text) && text[end] == '"' {
		return text[:end], text[end:], true
	}
	var clear []byte
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return string(clear), text[i:], string(appendEscaped(nil, string(clear))) == text[:i]
		case text[i] != '\\':
			clear = append(clear, text[i])
		case i+5 < len(text) && text[i+1] == 'u':
			n, err := strconv.ParseUint(text[i+2:i+6], 16, 8)
			if err != nil {
				return "", "", false
			}
			clear = append(clear, byte(n))
			i += 5
		case i+1 < len(text):
			i++
			clear = append(clear, text[i])
		}
	}
	return "", "", false
}
