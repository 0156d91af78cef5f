package story

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// Paper makes the picture of an invented paper: a grey page with lines where text would stand.
func Paper() []byte {
	page := image.NewGray(image.Rect(0, 0, 420, 594))
	for i := range page.Pix {
		page.Pix[i] = 245
	}
	for line := 60; line < 540; line += 24 {
		for x := 40; x < 380-line%7*12; x++ {
			page.SetGray(x, line, color.Gray{Y: 60})
			page.SetGray(x, line+1, color.Gray{Y: 60})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, page) // a buffer takes everything
	return b.Bytes()
}
