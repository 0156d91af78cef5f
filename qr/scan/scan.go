package scan

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/motcua/motcua/qr"
)

// ErrNotFound means the picture is in order and no QR code in it could be read.
var ErrNotFound = errors.New("scan: no QR code found in the picture")

// Config holds the bounds. The zero value is ready.
type Config struct {
	// MaxBytes bounds the file: 0 means 16 MiB.
	MaxBytes int64
	// MaxPixels bounds width times height: 0 means 16 million, a photograph of 4,600 by 3,450.
	MaxPixels int
}

const (
	minSide  = 21         // modules of the smallest symbol
	maxSide  = 1 << 14    // pixels of a side
	easySize = 3_000_000  // pixels above which a smaller copy is tried first
	maxText  = 4 * 7_089  // bytes of the text of one code
	defBytes = 16 << 20   // default of Config.MaxBytes
	defArea  = 16_000_000 // default of Config.MaxPixels
)

// ReadImage reads a PNG or JPEG to its end and returns the texts of the QR codes in it, each once, from top to bottom.
// Errors: [ErrNotFound]; a *qr.InvalidError that names the bound or the format; the reader's own.
func ReadImage(r io.Reader, cfg Config) ([]string, error) {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = defBytes
	}
	if cfg.MaxPixels <= 0 {
		cfg.MaxPixels = defArea
	}
	data, err := io.ReadAll(io.LimitReader(r, cfg.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > cfg.MaxBytes {
		return nil, &qr.InvalidError{Field: "image", Rule: "no larger than the limit in bytes"}
	}
	picture, err := decode(data, cfg.MaxPixels)
	if err != nil {
		return nil, err
	}
	for _, candidate := range sizes(picture) {
		if texts := search(candidate); len(texts) > 0 {
			return texts, nil
		}
	}
	return nil, ErrNotFound
}

// format is a kind of picture: how to learn its size without decoding it, and how to decode it.
type format struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// decode turns the file into grey on a white ground. The size is checked before a pixel is decoded.
func decode(data []byte, maxPixels int) (*image.Gray, error) {
	formats := []format{
		{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
		{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	}
	i := slices.IndexFunc(formats, func(f format) bool { return bytes.HasPrefix(data, []byte(f.magic)) })
	if i < 0 {
		return nil, &qr.InvalidError{Field: "image", Rule: "a PNG or JPEG file"}
	}
	size, err := formats[i].config(bytes.NewReader(data))
	switch {
	case err != nil:
		return nil, &qr.InvalidError{Field: "image", Rule: "a whole PNG or JPEG file", Err: err}
	case size.Width < minSide || size.Height < minSide:
		return nil, &qr.InvalidError{Field: "image", Rule: "at least 21 pixels on a side"}
	case size.Width > maxSide || size.Height > maxSide || size.Width*size.Height > maxPixels:
		return nil, &qr.InvalidError{Field: "image", Rule: "no larger than the limit in pixels"}
	}
	picture, err := formats[i].decode(bytes.NewReader(data))
	if err != nil {
		return nil, &qr.InvalidError{Field: "image", Rule: "a whole PNG or JPEG file", Err: err}
	}
	return greyOf(picture), nil
}

// greyOf returns the brightness of a picture on a white ground, its upper left corner at 0, 0.
func greyOf(picture image.Image) *image.Gray {
	b := picture.Bounds()
	if b.Min == (image.Point{}) {
		switch p := picture.(type) {
		case *image.Gray:
			return p
		case *image.YCbCr:
			return &image.Gray{Pix: p.Y, Stride: p.YStride, Rect: b}
		}
	}
	grey := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(grey, grey.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(grey, grey.Rect, picture, b.Min, draw.Over)
	return grey
}

// sizes returns the copies to be searched: of a large picture first one halved until it is small.
func sizes(picture *image.Gray) []*image.Gray {
	small := picture
	for small.Rect.Dx()*small.Rect.Dy() > easySize && min(small.Rect.Dx(), small.Rect.Dy()) > 2*minSide {
		small = halve(small)
	}
	if small == picture {
		return []*image.Gray{picture}
	}
	return []*image.Gray{small, picture}
}

// halve takes the mean of each square of four pixels.
func halve(p *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, p.Rect.Dx()/2, p.Rect.Dy()/2))
	for y := range out.Rect.Dy() {
		above, below := p.Pix[2*y*p.Stride:], p.Pix[(2*y+1)*p.Stride:]
		for x := range out.Rect.Dx() {
			sum := int(above[2*x]) + int(above[2*x+1]) + int(below[2*x]) + int(below[2*x+1])
			out.Pix[y*out.Stride+x] = byte(sum / 4)
		}
	}
	return out
}

// keep adds a text that is fit to be handed out and is not there yet.
func keep(texts []string, text string) []string {
	if text == "" || len(text) > maxText || !utf8.ValidString(text) || slices.Contains(texts, text) {
		return texts
	}
	return append(texts, text)
}
