package identity

import (
	"fmt"
	"io"
	"strconv"
)

// hidden keeps a number of up to 15 digits so that it cannot be read off by accident. fmt, loggers and dumpers reach
// unexported fields of a struct without asking its methods, so the digits are not kept as they are but multiplied by
// an odd constant modulo 2^64, which is one to one: values stay comparable, need no allocation, and print as noise.
// This guards against leaks, not against readers of memory. Zero means absent.
type hidden uint64

const (
	scramble   = 0x9e3779b97f4a7c15
	unscramble = 0xf1de83e19937733d // scramble * unscramble = 1 modulo 2^64
)

func hide(n uint64) hidden { return hidden((n + 1) * scramble) }

func (h hidden) number() uint64 { return uint64(h)*unscramble - 1 }

// digits writes the number with leading zeros.
func (h hidden) digits(width int) string {
	if h == 0 {
		return ""
	}
	var buf [20]byte
	b := strconv.AppendUint(buf[:0], h.number(), 10)
	var out [20]byte
	for i := range width {
		out[i] = '0'
	}
	copy(out[width-len(b):width], b)
	return string(out[:width])
}

// parseDigits reads exactly width ASCII digits.
func parseDigits(s string, width int) (uint64, bool) {
	if len(s) != width {
		return 0, false
	}
	var n uint64
	for i := range width {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + uint64(c)
	}
	return n, true
}

// writeRedacted answers every verb of fmt with the same redacted text.
func writeRedacted(state fmt.State, verb rune, typeName, text string) {
	switch {
	case verb == 'q':
		text = strconv.Quote(text)
	case verb == 'v' && state.Flag('#'):
		text = "identity." + typeName + "(" + text + ")"
	}
	if width, ok := state.Width(); ok && width > len(text) && width <= 256 {
		text = fmt.Sprintf("%*s", width, text)
	}
	_, _ = io.WriteString(state, text)
}
