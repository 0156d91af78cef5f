package read

import (
	"fmt"
	"strings"
	"time"
)

// reader takes a seal apart; after the first error it gives zeros.
type reader struct {
	data []byte
	at   int
	err  error
}

func (r *reader) fail(field, rule string) {
	if r.err == nil {
		r.err = broken(field, rule, nil)
	}
}

func (r *reader) peek(n int) []byte {
	if r.err != nil || n < 0 || len(r.data)-r.at < n {
		r.fail("seal", "as many bytes as it says")
		return nil
	}
	return r.data[r.at : r.at+n : r.at+n]
}

func (r *reader) take(n int) []byte {
	b := r.peek(n)
	r.at += len(b)
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// length reads a DER length of at most two bytes.
func (r *reader) length() int {
	n := int(r.byte())
	switch {
	case n < 0x80:
		return n
	case n == 0x81:
		if n = int(r.byte()); n < 0x80 {
			r.fail("seal.length", "the shortest form")
		}
		return n
	case n == 0x82:
		hi, lo := int(r.byte()), int(r.byte())
		if n = hi<<8 | lo; n < 0x100 {
			r.fail("seal.length", "the shortest form")
		}
		return n
	}
	r.fail("seal.length", "at most two bytes")
	return 0
}

// text reads C40 without the fill at its end.
func (r *reader) text(n int) string {
	b := r.take(n)
	if r.err != nil {
		return ""
	}
	text, ok := c40(b)
	if !ok {
		r.fail("seal.text", "C40")
	}
	return text
}

// date reads month, day and year as one number of three bytes: 1012020 is 1 January 2020. Zero is no date.
func (r *reader) date() time.Time {
	b := r.take(3)
	if len(b) != 3 {
		return time.Time{}
	}
	n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
	if n == 0 {
		return time.Time{}
	}
	day, err := time.Parse("01022006", fmt.Sprintf("%08d", n))
	if err != nil {
		r.fail("seal.date", "a day")
	}
	return day
}

// c40 decodes capital letters, digits and space (BSI TR-03137 part 1, annex B). Fill at the end is left out.
func c40(b []byte) (string, bool) {
	if len(b) == 0 || len(b)%2 != 0 {
		return "", false
	}
	var out strings.Builder
	for i := 0; i < len(b); i += 2 {
		if b[i] == 0xFE { // one character in the ASCII scheme, which adds 1
			if i != len(b)-2 || b[i+1] == 0 || !isC40(b[i+1]-1) {
				return "", false
			}
			out.WriteByte(b[i+1] - 1)
			break
		}
		n := int(b[i])<<8 | int(b[i+1])
		if n == 0 {
			return "", false
		}
		n--
		for j, u := range [3]int{n / 1600, n / 40 % 40, n % 40} {
			switch {
			case u == 0 && j == 2 && i == len(b)-2: // fill
			case u < 3:
				return "", false
			case u == 3:
				out.WriteByte(' ')
			case u < 14:
				out.WriteByte(byte('0' + u - 4))
			default:
				out.WriteByte(byte('A' + u - 14))
			}
		}
	}
	return strings.TrimRight(out.String(), " "), true
}

func isC40(c byte) bool { return c == ' ' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }
