package qr

import (
	"math"
	"strconv"
)

// AppendPDF adds the operators of a PDF content stream (ISO 32000-1, clause 8.5) that draw the symbol with its quiet
// zone as a square, dark on white. X and y are the lower left corner and side the length of an edge, in the units of the
// page, usually points of 1/72 inch; the graphics state is left as it was. Side includes the quiet zone: 0.38 mm a module
// are 1.08 points times Size() + 8. A corner or side that is no finite number, or a side that is not positive, draws
// nothing.
func (s *Symbol) AppendPDF(b []byte, x, y, side float64) []byte {
	for _, v := range [...]float64{x, y, side} {
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return b
		}
	}
	if side <= 0 {
		return b
	}
	number := func(v float64) {
		b = append(strconv.AppendFloat(b, v, 'f', 5, 64), ' ')
	}
	modules := s.size + 2*quietZone
	b = append(b, "q 1 g "...)
	number(x)
	number(y)
	number(side)
	number(side)
	b = append(b, "re f 0 g "...)
	// From here one unit is a module, counted from the upper left corner downwards, as in the symbol.
	unit := side / float64(modules)
	number(unit)
	b = append(b, "0 0 "...)
	number(-unit)
	number(x)
	number(y + side)
	b = append(b, "cm\n"...)
	for row := range s.size {
		line := s.rows[row*s.stride : (row+1)*s.stride]
		for start := nextModule(line, 0, 0); start < s.size; {
			end := nextModule(line, start, ^uint64(0))
			b = append(strconv.AppendInt(b, int64(start+quietZone), 10), ' ')
			b = append(strconv.AppendInt(b, int64(row+quietZone), 10), ' ')
			b = append(strconv.AppendInt(b, int64(end-start), 10), " 1 re\n"...)
			start = nextModule(line, end, 0)
		}
	}
	return append(b, "f Q\n"...)
}
