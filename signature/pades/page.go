package pades

import (
	"github.com/motcua/motcua/internal/pdf"
)

// turn is how many quarters a page is turned clockwise when it is shown: 0 to 3.
type turn int

// turnOf reads /Rotate, which must be a multiple of 90. Anything else is shown unturned.
func turnOf(v pdf.Value) turn {
	n, ok := v.(int64)
	if !ok || n%90 != 0 {
		return 0
	}
	return turn((n/90%4 + 4) % 4)
}

func (t turn) degrees() int64 { return 90 * int64(t) }

// lying reports whether width and height change places.
func (t turn) lying() bool { return t%2 == 1 }

// matrix turns what is drawn upright, width by height, so that the turned page shows it upright.
func (t turn) matrix(width, height float64) pdf.Array {
	zero, one, minus := real(0), real(1), real(-1)
	switch t {
	case 1:
		return pdf.Array{zero, one, minus, zero, real(height), zero}
	case 2:
		return pdf.Array{minus, zero, zero, minus, real(width), real(height)}
	case 3:
		return pdf.Array{zero, minus, one, zero, zero, real(width)}
	}
	return pdf.Array{one, zero, zero, one, zero, zero}
}

// unturn takes a point of the page as it is shown, from its lower left corner, to the page's own coordinates, whose size is
// width by height.
func (t turn) unturn(x, y, width, height float64) (float64, float64) {
	switch t {
	case 1:
		return width - y, x
	case 2:
		return width - x, height - y
	case 3:
		return y, height - x
	}
	return x, y
}

// inherited returns what a page or the nodes above it say under a key; nil when none does.
func inherited(doc *pdf.Document, page pdf.Dict, key pdf.Name) (pdf.Value, error) {
	for range 32 {
		v, err := doc.Resolve(page[key])
		if err != nil || v != nil {
			return v, err
		}
		if page, err = doc.Dict(page["Parent"]); err != nil || page == nil {
			return nil, err
		}
	}
	return nil, nil
}

// sheet is a page as it is shown.
type sheet struct {
	box    [4]float64 // its crop box or media box, A4 when it has none
	turned turn
}

func sheetOf(doc *pdf.Document, page pdf.Dict) (s sheet, err error) {
	s.box = [4]float64{0, 0, 595.28, 841.89}
	for _, key := range []pdf.Name{"CropBox", "MediaBox"} {
		v, err := inherited(doc, page, key)
		if err != nil {
			return s, err
		}
		if box, ok := v.(pdf.Array); ok && len(box) == 4 {
			if s.box, err = numbers(doc, box); err != nil {
				return s, err
			}
			break
		}
	}
	v, err := inherited(doc, page, "Rotate")
	s.turned = turnOf(v)
	return s, err
}

// place returns the rectangle of an appearance in the page's own coordinates.
func (s sheet) place(a Appearance) pdf.Array {
	width, height := s.box[2]-s.box[0], s.box[3]-s.box[1]
	shownWidth, shownHeight := width, height
	if s.turned.lying() {
		shownWidth, shownHeight = height, width
	}
	x, y := a.X, a.Y
	if a.corner {
		x, y = shownWidth-a.X-a.Width, shownHeight-a.Y-a.Height
	}
	x1, y1 := s.turned.unturn(x, y, width, height)
	x2, y2 := s.turned.unturn(x+a.Width, y+a.Height, width, height)
	return pdf.Array{real(s.box[0] + min(x1, x2)), real(s.box[1] + min(y1, y2)), real(s.box[0] + max(x1, x2)),
		real(s.box[1] + max(y1, y2))}
}
