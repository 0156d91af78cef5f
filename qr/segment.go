package qr

import "strings"

// mode is a way to pack characters.
type mode uint8

const (
	numeric mode = iota
	alphanumeric
	octets // "byte mode" of the standard
	modeCount
)

const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// modeIndicator and countBits are clauses 8.4.1 and 8.4.1 table 3: the count's width depends on the class of versions
// 1-9, 10-26 and 27-40.
var (
	modeIndicator = [modeCount]uint32{1, 2, 4}
	countBits     = [3][modeCount]uint8{{10, 9, 8}, {12, 11, 16}, {14, 13, 16}}
	lastOfClass   = [3]int{9, 26, 40}
	// sixths is what one character costs in sixths of a bit, so that three digits in ten bits stay integers.
	sixths = [modeCount]int{20, 33, 48}
)

const (
	eciBits    = 12 // mode indicator 0111 and the eight bits of designator 26
	seriesBits = 20 // mode indicator 0011, place, number of symbols, parity
	never      = 1 << 40
)

// plan is the cheapest split of a text into segments.
type plan struct {
	version int
	class   int
	bits    int
	eci     bool
	part    part
	modes   []mode // of each byte of the text
}

// part is the place of a symbol in a series (clause 8.3, structured append); the zero value is a symbol of its own.
type part struct {
	index, total int
	parity       byte
}

// bits is what the head of a part takes.
func (p part) bits() int {
	if p.total == 0 {
		return 0
	}
	return seriesBits
}

// planSegments finds the smallest version that holds the text, and the split that takes the fewest bits in it.
func planSegments(text string, level Level, of part) (plan, error) {
	p := plan{part: of, eci: strings.IndexFunc(text, func(r rune) bool { return r > 127 }) >= 0}
	if len(text) > maxNumerals {
		capacity := 8 * dataCodewords(maxVersion, level)
		return p, &TooLongError{Level: level, Bits: len(text) * sixths[numeric] / 6, Capacity: capacity}
	}
	p.modes = make([]mode, len(text))
	froms := make([]uint8, len(text))
	first := minVersion
	for class, last := range lastOfClass {
		// A text whose digits alone overflow the class needs no closer look.
		if len(text)*sixths[numeric]/6 <= 8*dataCodewords(last, level) {
			p.class, p.bits = class, p.optimise(text, class, froms)
			for v := first; v <= last; v++ {
				if p.bits <= 8*dataCodewords(v, level) {
					p.version = v
					return p, nil
				}
			}
		}
		first = last + 1
	}
	p.class, p.bits = 2, p.optimise(text, 2, froms)
	return p, &TooLongError{Level: level, Bits: p.bits, Capacity: 8 * dataCodewords(maxVersion, level)}
}

// optimise fills p.modes with the best mode of each byte by dynamic programming over the three modes and returns the
// bits the text takes. froms has room for one byte a character: two bits a mode that say which mode came before.
func (p *plan) optimise(text string, class int, froms []uint8) int {
	var head [modeCount]int
	for m := range modeCount {
		head[m] = 6 * (4 + int(countBits[class][m]))
	}
	cost := head // the first character opens a segment in each mode
	for i := range len(text) {
		cost, froms[i] = advance(cost, head, modesOf(text[i]), i > 0)
	}
	last := numeric
	for m := range modeCount {
		if (cost[m]+5)/6 < (cost[last]+5)/6 {
			last = m
		}
	}
	bits := (cost[last] + 5) / 6
	for i := len(text) - 1; i >= 0; i-- {
		p.modes[i] = last
		last = mode(froms[i] >> (2 * last) & 3)
	}
	if p.eci {
		bits += eciBits
	}
	return bits + p.part.bits()
}

// advance takes the cheapest ways to one more character: in the mode the text is in, or, if change, by opening a segment
// in another. It returns their costs and where they come from.
func advance(cost, head [modeCount]int, allowed uint8, change bool) (next [modeCount]int, from uint8) {
	for m := range modeCount {
		if allowed&(1<<m) == 0 {
			next[m] = never
			continue
		}
		best, prev := cost[m], m
		for other := range modeCount {
			if c := (cost[other]+5)/6*6 + head[m]; change && other != m && c < best {
				best, prev = c, other
			}
		}
		next[m] = best + sixths[m]
		from |= uint8(prev) << (2 * m)
	}
	return next, from
}

// modesOf returns the set of modes that can write c.
func modesOf(c byte) uint8 {
	switch {
	case c >= '0' && c <= '9':
		return 1<<numeric | 1<<alphanumeric | 1<<octets
	case alphanumericValue(c) < 45:
		return 1<<alphanumeric | 1<<octets
	}
	return 1 << octets
}

// alphanumericValue is table 5 of the standard; 45 means c is not in it.
func alphanumericValue(c byte) uint32 {
	switch {
	case c >= '0' && c <= '9':
		return uint32(c - '0')
	case c >= 'A' && c <= 'Z':
		return uint32(c-'A') + 10
	case c >= 128:
		return 45
	}
	if i := strings.IndexByte(alphanumerics[36:], c); i >= 0 {
		return uint32(i) + 36
	}
	return 45
}

// codewords writes the segments, the terminator and the padding (clause 8.4.9) into size codewords.
func (p *plan) codewords(text string, size int) []byte {
	w := bitWriter{out: make([]byte, 0, size)}
	if p.part.total > 0 {
		w.put(3, 4)
		w.put(uint32(p.part.index), 4)
		w.put(uint32(p.part.total-1), 4)
		w.put(uint32(p.part.parity), 8)
	}
	if p.eci {
		w.put(7, 4)
		w.put(26, 8)
	}
	for start := 0; start < len(text); {
		end := start + 1
		for end < len(text) && p.modes[end] == p.modes[start] {
			end++
		}
		m := p.modes[start]
		w.put(modeIndicator[m], 4)
		w.put(uint32(end-start), int(countBits[p.class][m]))
		w.segment(m, text[start:end])
		start = end
	}
	w.put(0, min(4, 8*size-w.bits()))
	if w.used > 0 {
		w.put(0, 8-w.used)
	}
	for pad := byte(0xEC); len(w.out) < size; pad ^= 0xEC ^ 0x11 {
		w.out = append(w.out, pad)
	}
	return w.out
}

// bitWriter collects bits, the most significant first.
type bitWriter struct {
	out     []byte
	pending uint32
	used    int // bits in pending, fewer than 8
}

func (w *bitWriter) bits() int { return 8*len(w.out) + w.used }

// put appends the low n bits of v, n at most 16.
func (w *bitWriter) put(v uint32, n int) {
	w.pending = w.pending<<n | v
	for w.used += n; w.used >= 8; {
		w.used -= 8
		w.out = append(w.out, byte(w.pending>>w.used))
	}
	w.pending &= 1<<w.used - 1
}

func (w *bitWriter) segment(m mode, s string) {
	switch m {
	case numeric:
		for ; len(s) >= 3; s = s[3:] {
			w.put(uint32(s[0]-'0')*100+uint32(s[1]-'0')*10+uint32(s[2]-'0'), 10)
		}
		switch len(s) {
		case 2:
			w.put(uint32(s[0]-'0')*10+uint32(s[1]-'0'), 7)
		case 1:
			w.put(uint32(s[0]-'0'), 4)
		}
	case alphanumeric:
		for ; len(s) >= 2; s = s[2:] {
			w.put(alphanumericValue(s[0])*45+alphanumericValue(s[1]), 11)
		}
		if len(s) == 1 {
			w.put(alphanumericValue(s[0]), 6)
		}
	default:
		for i := range len(s) {
			w.put(uint32(s[i]), 8)
		}
	}
}
