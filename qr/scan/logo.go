package scan

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"slices"

	"github.com/motcua/motcua/qr"
)

// ErrUnreadable means a symbol with that logo could not be read back, and so was not written.
var ErrUnreadable = errors.New("scan: the symbol cannot be read with the logo")

// Bounds of a logo.
const (
	maxLogoShare = 0.06     // of the symbol's area, its white border included
	maxLogoArea  = 16 << 20 // pixels of the logo
	minLogoScale = 4
	maxLogoScale = 32
)

// WriteWithLogo writes a symbol as a PNG with a picture in its middle. The picture with a white border of one module
// covers at most 6 % of the symbol, which must be of level Q or H: the error correction has to make up for it, and is
// not there any more for dirt and scratches. Before anything is written the result is read back, as it is, small, and
// on a grey page; if any of these does not give the text of the symbol without a logo, the error is [ErrUnreadable] and
// nothing is written. Other errors: a *qr.InvalidError, or w's own.
//
// One widespread decoder, zbar, has blind spots with any logo. A code that must be read everywhere carries none.
func WriteWithLogo(w io.Writer, symbol *qr.Symbol, logo image.Image, scale int) error {
	switch {
	case symbol == nil || symbol.Level() < qr.Q:
		return &qr.InvalidError{Field: "symbol", Rule: "a symbol of level Q or H"}
	case logo == nil || logo.Bounds().Empty() || logo.Bounds().Dx() > maxLogoArea/logo.Bounds().Dy():
		return &qr.InvalidError{Field: "logo", Rule: "a picture of at most 16 million pixels"}
	case scale < minLogoScale || scale > maxLogoScale:
		return &qr.InvalidError{Field: "scale", Rule: "4 to 32 pixels a module"}
	}
	var plain bytes.Buffer
	if err := symbol.WritePNG(&plain, scale); err != nil {
		return err
	}
	bare, err := png.Decode(&plain)
	if err != nil {
		return err
	}
	want := search(greyOf(bare))
	if len(want) != 1 {
		return fmt.Errorf("%w: nor without it", ErrUnreadable)
	}
	picture := image.NewRGBA(bare.Bounds())
	draw.Draw(picture, picture.Rect, bare, image.Point{}, draw.Src)
	paste(picture, logo, symbol.Size(), scale)
	for _, view := range views(picture, scale) {
		if got := search(view); !slices.Equal(got, want) {
			return ErrUnreadable
		}
	}
	return png.Encode(w, picture)
}

// paste draws the logo on a white square in the middle.
func paste(picture *image.RGBA, logo image.Image, size, scale int) {
	modules := int(math.Sqrt(maxLogoShare) * float64(size))
	if modules%2 == 0 {
		modules-- // sizes are odd, so an odd square covers whole modules
	}
	middle := picture.Rect.Dx() / 2
	half := modules * scale / 2
	square := image.Rect(middle-half, middle-half, middle-half+modules*scale, middle-half+modules*scale)
	draw.Draw(picture, square, image.White, image.Point{}, draw.Src)
	inside := square.Inset(scale)
	b := logo.Bounds()
	ratio := math.Min(float64(inside.Dx())/float64(b.Dx()), float64(inside.Dy())/float64(b.Dy()))
	width, height := max(1, int(float64(b.Dx())*ratio)), max(1, int(float64(b.Dy())*ratio))
	corner := inside.Min.Add(image.Pt((inside.Dx()-width)/2, (inside.Dy()-height)/2))
	scaled := shrink(logo, width, height)
	draw.Draw(picture, scaled.Rect.Add(corner), scaled, image.Point{}, draw.Over)
}

// shrink scales a picture by taking the mean of the pixels that fall on each new one, or the nearest pixel.
func shrink(src image.Image, width, height int) *image.RGBA64 {
	out := image.NewRGBA64(image.Rect(0, 0, width, height))
	b := src.Bounds()
	for y := range height {
		y0, y1 := b.Min.Y+y*b.Dy()/height, b.Min.Y+(y+1)*b.Dy()/height
		for x := range width {
			x0, x1 := b.Min.X+x*b.Dx()/width, b.Min.X+(x+1)*b.Dx()/width
			out.SetRGBA64(x, y, mean(src, image.Rect(x0, y0, max(x1, x0+1), max(y1, y0+1))))
		}
	}
	return out
}

func mean(src image.Image, area image.Rectangle) color.RGBA64 {
	var red, green, blue, alpha, n uint64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			r, g, b, a := src.At(x, y).RGBA()
			red, green, blue, alpha, n = red+uint64(r), green+uint64(g), blue+uint64(b), alpha+uint64(a), n+1
		}
	}
	return color.RGBA64{R: uint16(red / n), G: uint16(green / n), B: uint16(blue / n), A: uint16(alpha / n)}
}

// views are the ways a picture is looked at before it is let out: as it is, at about three pixels a module, and with
// little contrast on a larger page.
func views(picture image.Image, scale int) []*image.Gray {
	whole := greyOf(picture)
	side := whole.Rect.Dx() * 3 / scale
	small := greyOf(shrink(whole, side, side))
	page := image.NewGray(image.Rect(0, 0, whole.Rect.Dx()*3/2, whole.Rect.Dy()*3/2))
	for i := range page.Pix {
		page.Pix[i] = 200
	}
	corner := whole.Rect.Dx() / 5
	for y := range whole.Rect.Dy() {
		for x := range whole.Rect.Dx() {
			page.Pix[(y+corner)*page.Stride+x+corner] = 60 + whole.Pix[y*whole.Stride+x]/255*140
		}
	}
	return []*image.Gray{whole, small, page}
}
