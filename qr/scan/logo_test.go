package scan_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/scan"
)

// emblem is a red disc with a yellow middle on nothing.
func emblem(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			dx, dy := 2*x-width, 2*y-height
			switch d := dx*dx + dy*dy; {
			case d < width*height/9:
				img.Set(x, y, color.NRGBA{255, 221, 0, 255})
			case d < width*height:
				img.Set(x, y, color.NRGBA{200, 16, 46, 255})
			}
		}
	}
	return img
}

func TestWriteWithLogo(t *testing.T) {
	black := image.NewUniform(color.Black)
	tests := []struct {
		name  string
		text  string
		level qr.Level
		logo  image.Image
	}{
		{"emblem on a code", "VN1:" + strings.Repeat("6BF+70790T9WJWG.", 16), qr.Q, emblem(300, 300)},
		{"emblem on a link", "https://dichvucong.gov.vn/tra-cuu?ma=H26.12-261120-0001", qr.H, emblem(64, 64)},
		{"small logo", "Nguyễn Trọng Nghĩa, phường Vĩnh Phúc, Hà Nội", qr.H, emblem(7, 9)},
		{"wide logo", strings.Repeat("Vĩnh Phúc ", 12), qr.Q, emblem(400, 100)},
	}
	for _, tt := range tests {
		s, err := qr.Encode(tt.text, tt.level)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := scan.WriteWithLogo(&out, s, tt.logo, 6); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		picture, err := png.Decode(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		texts, err := scan.ReadImage(&out, scan.Config{})
		if err != nil || !slices.Equal(texts, []string{tt.text}) {
			t.Errorf("%s: read %q, %v", tt.name, texts, err)
		}
		changed := 0
		for y := range s.Size() {
			for x := range s.Size() {
				r, g, b, _ := picture.At((x+4)*6+3, (y+4)*6+3).RGBA()
				if dark := r+g+b == 0; dark != s.Dark(x, y) || r != g {
					changed++
				}
			}
		}
		if share := float64(changed) / float64(s.Size()*s.Size()); share > 0.06 || changed == 0 {
			t.Errorf("%s: %.1f %% of the modules changed", tt.name, 100*share)
		}
	}
	q, err := qr.Encode("x", qr.Q)
	if err != nil {
		t.Fatal(err)
	}
	m, err := qr.Encode(strings.Repeat("x", 26), qr.M)
	if err != nil {
		t.Fatal(err)
	}
	refused := []struct {
		name   string
		symbol *qr.Symbol
		logo   image.Image
		scale  int
		field  string
	}{
		{"level M", m, emblem(9, 9), 6, "symbol"},
		{"no symbol", nil, emblem(9, 9), 6, "symbol"},
		{"no logo", q, nil, 6, "logo"},
		{"an empty logo", q, image.NewGray(image.Rectangle{}), 6, "logo"},
		{"an endless logo", q, black, 6, "logo"},
		{"three pixels a module", q, emblem(9, 9), 3, "scale"},
		{"a poster", q, emblem(9, 9), 33, "scale"},
	}
	for _, tt := range refused {
		var out bytes.Buffer
		err := scan.WriteWithLogo(&out, tt.symbol, tt.logo, tt.scale)
		if invalid := (*qr.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != tt.field || out.Len() != 0 {
			t.Errorf("%s: %v, %d bytes", tt.name, err, out.Len())
		}
	}
}

// TestUnreadableIsNotWritten takes logos at random until one spoils a symbol for the decoder, if any does: nothing may be
// written then, and all that is written must be read.
func TestUnreadableIsNotWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 100))
	for n := range 12 {
		noise := image.NewGray(image.Rect(0, 0, 40, 40))
		for i := range noise.Pix {
			noise.Pix[i] = byte(r.IntN(2) * 255)
		}
		s, err := qr.Encode(strings.Repeat("Nghĩa ", 1+n), qr.Q)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		switch err := scan.WriteWithLogo(&out, s, noise, 5); {
		case errors.Is(err, scan.ErrUnreadable):
			if out.Len() != 0 {
				t.Errorf("%d bytes of an unreadable symbol", out.Len())
			}
		case err != nil:
			t.Fatal(err)
		default:
			if texts, err := scan.ReadImage(&out, scan.Config{}); err != nil || len(texts) != 1 {
				t.Errorf("written and not readable: %q, %v", texts, err)
			}
		}
	}
	// A logo that is a code itself: half of the readers would follow it.
	inner := symbol(t, "https://example.com", qr.L, 12)
	s, err := qr.Encode("https://dichvucong.gov.vn/"+strings.Repeat("tra-cuu/", 20), qr.Q)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := scan.WriteWithLogo(&out, s, inner, 32); !errors.Is(err, scan.ErrUnreadable) || out.Len() != 0 {
		t.Errorf("a code for a logo: %v, %d bytes", err, out.Len())
	}
}
