package qr

import (
	"io"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// WriteSVG writes the symbol with its quiet zone as an SVG image of one path, one unit a module, without a size of its
// own: it fills what it is placed in. The title, at most 200 bytes, is what a screen reader says; it must say where the
// code leads. The error is an *InvalidError of the title, or w's own.
func (s *Symbol) WriteSVG(w io.Writer, title string) error {
	if title == "" || !isPlain(title) {
		return &InvalidError{Field: "title", Rule: "1 to 200 bytes of plain text: a screen reader needs it"}
	}
	side := strconv.Itoa(s.size + 2*quietZone)
	escaped := title
	if strings.ContainsAny(title, "&<>") {
		escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title)
	}
	b := make([]byte, 0, 320+len(escaped)+s.size*s.size*4)
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `+side+` `+side+
		`" role="img" shape-rendering="crispEdges"><title>`+escaped+
		`</title><path fill="#fff" d="M0 0h`+side+`v`+side+`H0z"/><path d="`...)
	b = s.appendPath(b)
	b = append(b, `"/></svg>`+"\n"...)
	_, err := w.Write(b)
	return err
}

// maxRun is what one box takes at most: "M184 184h184v1h-184z".
const maxRun = 20

// appendPath adds each horizontal run of dark modules as one closed box. The numbers are written digit by digit into
// room that is made once: this is where a picture's time goes.
func (s *Symbol) appendPath(b []byte) []byte {
	var tail [8]byte // " 184h", the same for a whole row
	for y := range s.size {
		row := s.rows[y*s.stride : (y+1)*s.stride]
		mid := append(appendSmall(append(tail[:0], ' '), y+quietZone), 'h')
		b = slices.Grow(b, s.size/2*maxRun+maxRun)
		for start := nextModule(row, 0, 0); start < s.size; {
			end := nextModule(row, start, ^uint64(0))
			b = append(appendSmall(append(b, 'M'), start+quietZone), mid...)
			width := len(b)
			b = appendSmall(b, end-start)
			digits := b[width:]
			b = append(append(b, "v1h-"...), digits...)
			b = append(b, 'z')
			start = nextModule(row, end, 0)
		}
	}
	return b
}

// appendSmall writes a number below 1,000.
func appendSmall(b []byte, v int) []byte {
	switch {
	case v < 10:
		return append(b, byte('0'+v))
	case v < 100:
		return append(b, byte('0'+v/10), byte('0'+v%10))
	}
	return append(b, byte('0'+v/100), byte('0'+v/10%10), byte('0'+v%10))
}

// nextModule returns the first column from x on whose module is dark, or with flip all ones the first light one. Behind
// the words of the row it returns their end.
func nextModule(row []uint64, x int, flip uint64) int {
	for w := x >> 6; w < len(row); w++ {
		if rest := (row[w] ^ flip) >> (x & 63) << (x & 63); rest != 0 {
			return w<<6 + bits.TrailingZeros64(rest)
		}
		x = 0
	}
	return len(row) << 6
}
