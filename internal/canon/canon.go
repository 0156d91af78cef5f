// Package canon gives one byte sequence to one JSON value, so that a hash over it means something: RFC 8785 (JCS)
// restricted to what the journal needs. Object members are sorted by UTF-16 code units, no white space, shortest
// escapes, valid UTF-8, no duplicate members, and numbers are integers within ±(2^53−1): a journal counts đồng, days
// and sequence numbers, and no two machines disagree about an integer.
package canon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth bounds how deep arrays and objects may nest.
const MaxDepth = 64

const maxInteger = 1<<53 - 1

// ErrNotCanonical is returned by [Check] for JSON that is valid but written another way.
var ErrNotCanonical = errors.New("canon: not in canonical form")

// Marshal encodes v as encoding/json does and rewrites the result in canonical form.
func Marshal(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("canon: encode: %w", err)
	}
	return Rewrite(raw)
}

// Rewrite returns the canonical form of one JSON value.
func Rewrite(raw []byte) ([]byte, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("canon: not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	out, err := appendValue(make([]byte, 0, len(raw)), dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("canon: data after the value")
	}
	return out, nil
}

// Check reports whether raw is one JSON object in canonical form.
func Check(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return errors.New("canon: not a JSON object")
	}
	want, err := Rewrite(raw)
	if err != nil {
		return err
	}
	if !bytes.Equal(raw, want) {
		return ErrNotCanonical
	}
	return nil
}

func appendValue(out []byte, dec *json.Decoder, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("canon: nested deeper than %d", MaxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("canon: parse: %w", err)
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return appendObject(out, dec, depth)
		}
		return appendArray(out, dec, depth)
	case string:
		return appendString(out, t), nil
	case json.Number:
		return appendNumber(out, t)
	case bool:
		return strconv.AppendBool(out, t), nil
	default:
		return append(out, "null"...), nil
	}
}

func appendArray(out []byte, dec *json.Decoder, depth int) ([]byte, error) {
	out = append(out, '[')
	for first := true; dec.More(); first = false {
		if !first {
			out = append(out, ',')
		}
		var err error
		if out, err = appendValue(out, dec, depth+1); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("canon: parse: %w", err)
	}
	return append(out, ']'), nil
}

type member struct {
	name  string
	units []uint16
	value []byte
}

func appendObject(out []byte, dec *json.Decoder, depth int) ([]byte, error) {
	var members []member
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("canon: parse: %w", err)
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("canon: parse: member without a name")
		}
		value, err := appendValue(nil, dec, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, utf16.Encode([]rune(name)), value})
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("canon: parse: %w", err)
	}
	slices.SortFunc(members, func(a, b member) int { return slices.Compare(a.units, b.units) })
	out = append(out, '{')
	for i, m := range members {
		if i > 0 {
			if m.name == members[i-1].name {
				return nil, fmt.Errorf("canon: member %q twice", m.name)
			}
			out = append(out, ',')
		}
		out = append(appendString(out, m.name), ':')
		out = append(out, m.value...)
	}
	return append(out, '}'), nil
}

func appendNumber(out []byte, n json.Number) ([]byte, error) {
	v, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil || v > maxInteger || v < -maxInteger {
		return nil, fmt.Errorf("canon: number %q is not an integer within 2^53-1", n.String())
	}
	return strconv.AppendInt(out, v, 10), nil
}

const hexDigits = "0123456789abcdef"

func appendString(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c >= 0x20:
			out = append(out, c)
		case c == '\b':
			out = append(out, '\\', 'b')
		case c == '\f':
			out = append(out, '\\', 'f')
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\r':
			out = append(out, '\\', 'r')
		case c == '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(out, '"')
}
