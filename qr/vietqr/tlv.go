package vietqr

import (
	"strconv"
	"unicode/utf8"

	"github.com/motcua/motcua/qr"
)

const (
	maxText   = 512 // characters of a payload; the specification's own bound
	maxFields = 64
)

// field is one ID, length and value.
type field struct{ id, value string }

func broken(at, rule string) error {
	name := "vietqr"
	if at != "" {
		name += "." + at
	}
	return &qr.InvalidError{Field: name, Rule: rule}
}

// counting says what a length counts.
type counting func(s string, n int) (size int, ok bool)

// inBytes takes n bytes.
func inBytes(s string, n int) (int, bool) {
	return n, n <= len(s) && (n == len(s) || utf8.RuneStart(s[n]))
}

// inCharacters takes n Unicode characters.
func inCharacters(s string, n int) (int, bool) {
	size := 0
	for range n {
		if size >= len(s) {
			return 0, false
		}
		_, width := utf8.DecodeRuneInString(s[size:])
		size += width
	}
	return size, true
}

// split takes a text apart into fields to its very end. at names the enclosing field.
func split(s, at string, count counting) ([]field, error) {
	var fields []field
	seen := make(map[string]bool)
	for len(s) > 0 {
		if len(s) < 4 || !isDigits(s[:4]) || len(fields) == maxFields {
			return nil, broken(at, "fields of two digits, a length of two digits and a value")
		}
		id := s[:2]
		n, err := strconv.Atoi(s[2:4])
		if err != nil {
			return nil, broken(path(at, id), "a length")
		}
		size, ok := count(s[4:], n)
		switch {
		case !ok || n == 0:
			return nil, broken(path(at, id), "a value as long as its length says")
		case seen[id]:
			return nil, broken(path(at, id), "each field once")
		}
		seen[id] = true
		fields = append(fields, field{id, s[4 : 4+size]})
		s = s[4+size:]
	}
	return fields, nil
}

func path(at, id string) string {
	if at == "" {
		return id
	}
	return at + "." + id
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// crc is CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, nothing reflected.
func crc(s string) uint16 {
	sum := uint16(0xFFFF)
	for i := range len(s) {
		sum ^= uint16(s[i]) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}
