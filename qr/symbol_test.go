package qr_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/motcua/motcua/qr"
)

func picture(s *qr.Symbol, scale int) image.Image {
	side := (s.Size() + 8) * scale
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			if !s.Dark(x/scale-4, y/scale-4) || x < 4*scale || y < 4*scale {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return img
}

func TestQuick(t *testing.T) {
	for _, text := range []string{"0123456789", "HELLO WORLD", "Nguyễn Trọng Nghĩa, Vĩnh Phúc"} {
		s, err := qr.Encode(text, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		bm, err := gozxing.NewBinaryBitmapFromImage(picture(s, 4))
		if err != nil {
			t.Fatal(err)
		}
		r, err := qrcode.NewQRCodeReader().Decode(bm, nil)
		if err != nil {
			t.Fatal(err, "\n"+s.Terminal())
		}
		if r.GetText() != text {
			t.Errorf("%q", r.GetText())
		}
	}
}
