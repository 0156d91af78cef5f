package pades_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// quarters is a picture whose four quarters differ, so that one sees how it lies: red and blue above, green and black below.
func quarters(t *testing.T) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 80, 40))
	for y := range 40 {
		for x := range 80 {
			c := [2][2]color.NRGBA{{{R: 255, A: 255}, {B: 255, A: 255}}, {{G: 255, A: 255}, {A: 255}}}[y/20][x/40]
			picture.SetNRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// turned is a page of 400 by 600 points with further keys, on the page itself or on the node above it.
func turned(page, above string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1" + above + ">>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]" + page + ">>"}
	out, table := "%PDF-1.7\n", "0000000000 65535 f\r\n"
	for i, body := range objects {
		table += fmt.Sprintf("%010d 00000 n\r\n", len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	return fmt.Appendf([]byte(out), "xref\n0 4\n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table, len(out))
}

// Whatever way a page is turned or cropped, an appearance stands where it was asked for on the page as it is shown, upright.
func TestTurnedPages(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	for name, doc := range map[string][]byte{
		"unturned": turned("", ""), "90": turned("/Rotate 90", ""), "180": turned("/Rotate 180", ""), "270": turned("/Rotate 270", ""),
		"-90": turned("/Rotate -90", ""), "450": turned("/Rotate 450", ""), "inherited": turned("", "/Rotate 90"), "45": turned("/Rotate 45", ""),
		"cropped": turned("/CropBox[50 60 350 500]", ""), "cropped and turned": turned("/CropBox[50 60 350 500]/Rotate 90", ""),
		"another origin": []byte(strings.Replace(string(turned("/Rotate 270", "")), "[0 0 400 600]", "[9 8 400 600]", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			signed, err := sign(doc, id, pades.Config{Appearance: pades.Appearance{X: 30, Y: 100, Width: 80, Height: 40, Image: quarters(t)}})
			if err != nil {
				t.Fatal(err)
			}
			passes(t, ca, signed, 1)
			if says := bytes.Contains(signed, []byte("/R 90")); says != (name == "90" || name == "450" || name == "inherited" || name == "cropped and turned") {
				t.Errorf("the field says that the page is turned by 90: %v", says)
			}
			for at, want := range map[[2]int]color.NRGBA{{50, 130}: {R: 255, A: 255}, {90, 130}: {B: 255, A: 255}, {50, 110}: {G: 255, A: 255},
				{90, 110}: {A: 255}, {20, 120}: {255, 255, 255, 255}, {120, 120}: {255, 255, 255, 255}, {70, 90}: {255, 255, 255, 255}, {70, 150}: {255, 255, 255, 255}} {
				got := pixel(t, signed, at[0], at[1])
				near := func(a, b uint8) bool { return max(a, b)-min(a, b) < 40 }
				if !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) {
					t.Errorf("at %v: %v, want %v", at, got, want)
				}
			}
		})
	}
}
