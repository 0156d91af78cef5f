package scan_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/scan"
)

func ExampleReadImage() {
	symbol, err := qr.Encode("Nguyễn Trọng Nghĩa, Vĩnh Phúc", qr.M)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := symbol.WritePNG(&file, 4); err != nil {
		fmt.Println(err)
		return
	}
	texts, err := scan.ReadImage(&file, scan.Config{})
	fmt.Println(texts, err)
	// Output: [Nguyễn Trọng Nghĩa, Vĩnh Phúc] <nil>
}

// symbol draws a symbol with its quiet zone.
func symbol(tb testing.TB, text string, level qr.Level, scale int) image.Image {
	tb.Helper()
	s, err := qr.Encode(text, level)
	if err != nil {
		tb.Fatal(err)
	}
	var file bytes.Buffer
	if err := s.WritePNG(&file, scale); err != nil {
		tb.Fatal(err)
	}
	img, err := png.Decode(&file)
	if err != nil {
		tb.Fatal(err)
	}
	return img
}

// page is a grey sheet of paper with noise and the pictures at their places.
func page(width, height int, at map[image.Point]image.Image) *image.Gray {
	r := rand.New(rand.NewPCG(uint64(width), uint64(height)))
	sheet := image.NewGray(image.Rect(0, 0, width, height))
	for i := range sheet.Pix {
		sheet.Pix[i] = byte(225 + r.IntN(25))
	}
	for p, img := range at {
		draw.Draw(sheet, img.Bounds().Add(p), img, image.Point{}, draw.Src)
	}
	return sheet
}

func turned(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dy()-1-y, x, img.At(x, y))
		}
	}
	return out
}

func negative(img image.Image) image.Image {
	out := image.NewGray(img.Bounds())
	for i := range out.Pix {
		out.Pix[i] = 255 - color.GrayModel.Convert(img.At(i%out.Stride, i/out.Stride)).(color.Gray).Y
	}
	return out
}

// clear turns the white of a picture transparent.
func clear(img image.Image) image.Image {
	out := image.NewNRGBA(img.Bounds())
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 128 {
				out.Set(x, y, color.Black)
			}
		}
	}
	return out
}

func TestReadImage(t *testing.T) {
	const name, second = "Trần Thị Mỹ Vĩnh", "VN1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5"
	long := strings.Repeat("VN1 KIỂM TRA ", 30)
	tests := []struct {
		name string
		img  image.Image
		want []string
	}{
		{"one pixel a module", symbol(t, name, qr.L, 1), []string{name}},
		{"large symbol", symbol(t, long, qr.Q, 3), []string{long}},
		{"on a page", page(900, 1200, map[image.Point]image.Image{{40, 40}: symbol(t, name, qr.Q, 4)}), []string{name}},
		{"two on a page", page(900, 1200, map[image.Point]image.Image{
			{500, 800}: symbol(t, second, qr.M, 5), {40, 40}: symbol(t, name, qr.Q, 4)}), []string{name, second}},
		{"twice the same", page(900, 600, map[image.Point]image.Image{
			{500, 100}: symbol(t, name, qr.M, 5), {40, 40}: symbol(t, name, qr.Q, 4)}), []string{name}},
		{"on its side", turned(page(600, 700, map[image.Point]image.Image{{90, 70}: symbol(t, name, qr.Q, 5)})), []string{name}},
		{"photograph of 10 million pixels", page(2800, 3600, map[image.Point]image.Image{
			{1800, 200}: symbol(t, name, qr.Q, 14)}), []string{name}},
		{"small symbol on a large page", page(2400, 3400, map[image.Point]image.Image{
			{1800, 200}: symbol(t, name, qr.Q, 2)}), []string{name}},
		{"negative", negative(symbol(t, name, qr.M, 5)), []string{name}},
		{"transparent ground", clear(symbol(t, name, qr.M, 5)), []string{name}},
		{"empty page", page(600, 800, nil), nil},
	}
	for _, tt := range tests {
		files := map[string]func(io.Writer) error{
			"png":  func(w io.Writer) error { return png.Encode(w, tt.img) },
			"jpeg": func(w io.Writer) error { return jpeg.Encode(w, tt.img, &jpeg.Options{Quality: 80}) },
		}
		for format, encode := range files {
			_, seeThrough := tt.img.(*image.NRGBA)
			if wide := tt.img.Bounds().Dx(); format == "jpeg" && (seeThrough || wide < 60) || format == "png" && wide > 2000 {
				continue // JPEG has no transparency and does not keep single pixels; photographs are JPEG
			}
			var file bytes.Buffer
			if err := encode(&file); err != nil {
				t.Fatal(err)
			}
			got, err := scan.ReadImage(&file, scan.Config{})
			if !slices.Equal(got, tt.want) || (err == nil) != (tt.want != nil) || err != nil && !errors.Is(err, scan.ErrNotFound) {
				t.Errorf("%s as %s: %q, %v; want %q", tt.name, format, got, err, tt.want)
			}
		}
	}
}

// TestFromPictureToVerdict is the way of a paper: a signed code, its picture on a page, the text in it, the verdict.
func TestFromPictureToVerdict(t *testing.T) {
	text, err := os.ReadFile("../testdata/receipt.vn1")
	if err != nil {
		t.Fatal(err)
	}
	trust, err := os.ReadFile("../testdata/trust.json")
	if err != nil {
		t.Fatal(err)
	}
	list, err := qr.ParseTrustFile(trust)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := qr.NewVerifier(list, qr.VerifyConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	sheet := page(1240, 1754, map[image.Point]image.Image{{90, 90}: symbol(t, string(text), qr.Q, 3)}) // A4 at 150 dpi
	if err := jpeg.Encode(&file, sheet, nil); err != nil {
		t.Fatal(err)
	}
	texts, err := scan.ReadImage(&file, scan.Config{})
	if err != nil || len(texts) != 1 {
		t.Fatalf("read %q, %v", texts, err)
	}
	if report := verifier.Verify(texts[0], list.Issued().AddDate(0, 0, 4)); !report.Valid() {
		t.Errorf("verdict %v %v", report.Verdict, report.Reasons)
	}
}

// pngHeader is the beginning of a PNG that claims a size.
func pngHeader(width, height uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	chunk = append(binary.BigEndian.AppendUint32(chunk, height), 1, 0, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

func TestReadImageRefuses(t *testing.T) {
	var whole bytes.Buffer
	if err := png.Encode(&whole, page(300, 300, nil)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		data []byte
		cfg  scan.Config
	}{
		{"nothing", nil, scan.Config{}},
		{"text", []byte("VN1:6BF+70790T9WJWG"), scan.Config{}},
		{"GIF", []byte("GIF89a\x01\x00\x01\x00"), scan.Config{}},
		{"half a PNG", whole.Bytes()[:whole.Len()/2], scan.Config{}},
		{"start of a JPEG", []byte("\xff\xd8\xff\xe0"), scan.Config{}},
		{"claims 60,000 by 60,000", pngHeader(60_000, 60_000), scan.Config{}},
		{"claims a long strip", pngHeader(100_000, 30), scan.Config{}},
		{"20 pixels wide", pngHeader(20, 100), scan.Config{}},
		{"over the pixels asked for", whole.Bytes(), scan.Config{MaxPixels: 89_999}},
		{"over the bytes asked for", whole.Bytes(), scan.Config{MaxBytes: int64(whole.Len() - 1)}},
	}
	for _, tt := range tests {
		texts, err := scan.ReadImage(bytes.NewReader(tt.data), tt.cfg)
		if invalid := (*qr.InvalidError)(nil); !errors.As(err, &invalid) || texts != nil {
			t.Errorf("%s: %q, %v; want a refusal", tt.name, texts, err)
		}
	}
	broken := errors.New("broken")
	if _, err := scan.ReadImage(io.MultiReader(&whole, failing{broken}), scan.Config{}); !errors.Is(err, broken) {
		t.Errorf("reader that breaks: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestPageOfFinderPatterns is the picture that would cost cubic time: 15,000 finder patterns.
func TestPageOfFinderPatterns(t *testing.T) {
	sheet := image.NewGray(image.Rect(0, 0, 2000, 2000))
	pattern := symbol(t, "x", qr.L, 2)
	for y := 0; y < 2000; y += 16 {
		for x := 0; x < 2000; x += 16 {
			draw.Draw(sheet, image.Rect(x, y, x+16, y+16), pattern, image.Pt(6, 6), draw.Src)
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, sheet); err != nil {
		t.Fatal(err)
	}
	if texts, err := scan.ReadImage(&file, scan.Config{}); !errors.Is(err, scan.ErrNotFound) {
		t.Errorf("read %q, %v", texts, err)
	}
}

func FuzzReadImage(f *testing.F) {
	for scale := 1; scale < 4; scale++ {
		var file bytes.Buffer
		if err := png.Encode(&file, symbol(f, "Nghĩa", qr.Level(scale), scale)); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes(), uint16(0), uint16(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, text, damage uint16) {
		if _, err := scan.ReadImage(bytes.NewReader(data), scan.Config{MaxPixels: 40_000}); err == nil && len(data) < 60 {
			t.Fatal("a code in next to nothing")
		}
		// The decoder behind the picture is reached by damaging pixels of a true symbol.
		img := symbol(t, fmt.Sprint("Nghĩa ", text), qr.Level(text%4), 2).(*image.Gray)
		want := fmt.Sprint("Nghĩa ", text)
		r := rand.New(rand.NewPCG(uint64(text), uint64(damage)))
		for range damage % 600 {
			i := r.IntN(len(img.Pix))
			img.Pix[i] ^= 0xFF
		}
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		texts, err := scan.ReadImage(&file, scan.Config{})
		if err == nil && damage%600 == 0 && !slices.Equal(texts, []string{want}) {
			t.Fatalf("read %q, want %q", texts, want)
		}
		for _, text := range texts {
			if text == "" || !utf8.ValidString(text) {
				t.Fatalf("handed out %q", text)
			}
		}
	})
}
