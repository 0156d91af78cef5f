package qr

import (
	"io"
	"math/bits"
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
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(title)
	b := make([]byte, 0, 320+len(escaped)+s.size*s.size*6)
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `+side+` `+side+
		`" role="img" shape-rendering="crispEdges"><title>`+escaped+
		`</title><path fill="#fff" d="M0 0h`+side+`v`+side+`H0z"/><path d="`...)
	b = s.appendPath(b)
	b = append(b, `"/></svg>`+"\n"...)
	_, err := w.Write(b)
	return err
}

// appendPath adds each horizontal run of dark modules as one closed box.
func (s *Symbol) appendPath(b []byte) []byte {
	for y := range s.size {
		row := s.rows[y*s.stride : (y+1)*s.stride]
		for start := nextModule(row, 0, 0); start < s.size; {
			end := nextModule(row, start, ^uint64(0))
			b = strconv.AppendInt(append(b, 'M'), int64(start+quietZone), 10)
			b = strconv.AppendInt(append(b, ' '), int64(y+quietZone), 10)
			b = strconv.AppendInt(append(b, 'h'), int64(end-start), 10)
			b = strconv.AppendInt(append(b, "v1h-"...), int64(end-start), 10)
			b = append(b, 'z')
			start = nextModule(row, end, 0)
		}
	}
	return b
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
