package qr_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/qr"
)

func ExampleEncodeSeries() {
	symbols, err := qr.EncodeSeries(strings.Repeat("Giấy chứng nhận đăng ký kinh doanh. ", 20), qr.M, 15)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range symbols {
		fmt.Println(s.Version(), s.Level() >= qr.M)
	}
	// Output:
	// 15 true
	// 15 true
	// 15 true
}

// readPart reads a symbol of a series with the peer: its text, place and number (one byte), and parity.
func readPart(tb testing.TB, s *qr.Symbol) (string, int, int) {
	tb.Helper()
	var buf bytes.Buffer
	if err := s.WritePNG(&buf, 2); err != nil {
		tb.Fatal(err)
	}
	img, err := png.Decode(&buf)
	if err != nil {
		tb.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		tb.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		tb.Fatal(err)
	}
	meta := result.GetResultMetadata()
	sequence, ok := meta[gozxing.ResultMetadataType_STRUCTURED_APPEND_SEQUENCE].(int)
	if !ok {
		sequence = -1
	}
	parity, _ := meta[gozxing.ResultMetadataType_STRUCTURED_APPEND_PARITY].(int)
	return result.GetText(), sequence, parity
}

func TestSeriesReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 18004))
	for n := range 60 {
		text := randomText(r, n%5, 40+r.IntN(1500))
		version, level := 3+r.IntN(25), qr.Level(r.IntN(4))
		symbols, err := qr.EncodeSeries(text, level, version)
		if err != nil {
			if !errors.As(err, new(*qr.TooLongError)) {
				t.Errorf("%d bytes at %d-%v: %v", len(text), version, level, err)
			}
			continue
		}
		parity := 0
		for _, c := range []byte(text) {
			parity ^= int(c)
		}
		var joined string
		for i, s := range symbols {
			part, sequence, got := readPart(t, s)
			joined += part
			if len(symbols) == 1 {
				if sequence != -1 || s.Version() > version {
					t.Errorf("one symbol of version %d, sequence %d", s.Version(), sequence)
				}
				continue
			}
			if sequence != i<<4|(len(symbols)-1) || got != parity || s.Version() != version || s.Level() < level {
				t.Errorf("part %d of %d: sequence %#x, parity %d of %d, version %d of %d", i, len(symbols), sequence, got, parity,
					s.Version(), version)
			}
		}
		if joined != text {
			t.Errorf("%d symbols read %q, want %q", len(symbols), joined, text)
		}
	}
}

func TestSeriesIsFull(t *testing.T) {
	whole := strings.Repeat("7", 16*7080)
	symbols, err := qr.EncodeSeries(whole, qr.L, 40)
	if err != nil || len(symbols) != 16 {
		t.Errorf("%d symbols, %v; want 16", len(symbols), err)
	}
	tests := []struct {
		name, text string
		level      qr.Level
		version    int
		field      string // empty: too long
	}{
		{"more than 16 symbols", strings.Repeat("a", 300), qr.H, 1, ""},
		{"more than anything", strings.Repeat("7", 16*7090), qr.L, 40, ""},
		{"nothing", "", qr.M, 10, "text"},
		{"half a character", "\xe1\xbb", qr.M, 10, "text"},
		{"version 0", "x", qr.M, 0, "version"},
		{"version 41", "x", qr.M, 41, "version"},
		{"no level", "x", qr.H + 1, 10, "level"},
	}
	for _, tt := range tests {
		_, err := qr.EncodeSeries(tt.text, tt.level, tt.version)
		invalid := (*qr.InvalidError)(nil)
		if tt.field == "" && !errors.As(err, new(*qr.TooLongError)) ||
			tt.field != "" && (!errors.As(err, &invalid) || invalid.Field != tt.field) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// page makes a PDF of one page, 200 by 100 points, of content.
func pdfPage(content []byte) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(s string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), s)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<<>>>>")
	object(fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.Bytes()
}

// TestPDFIsRendered lets poppler draw two symbols on a page and zbar read them.
func TestPDFIsRendered(t *testing.T) {
	pdftoppm, zbar := enginetest.Need(t, "pdftoppm"), enginetest.Need(t, "zbarimg")
	left, right := "Nguyễn Trọng Nghĩa", citizenCode
	content := encode(t, left, qr.Q).AppendPDF([]byte("0.8 g 0 0 200 100 re f\n"), 10.5, 20.25, 60)
	content = encode(t, right, qr.Q).AppendPDF(content, 95, 3, 92)
	dir := t.TempDir()
	file := filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(file, pdfPage(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(pdftoppm, "-png", "-r", "300", "-singlefile", file, filepath.Join(dir, "page")).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
	out, err := exec.Command(zbar, "-q", "--raw", "-Sdisable", "-Sqrcode.enable", filepath.Join(dir, "page.png")).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	if !strings.Contains(string(out), left) || !strings.Contains(string(out), right) {
		t.Errorf("zbarimg reads %q", out)
	}
}

func TestPDFKeepsTheState(t *testing.T) {
	s := encode(t, "x", qr.M)
	out := string(s.AppendPDF([]byte("before\n"), 1, 2, 29))
	if !strings.HasPrefix(out, "before\nq ") || !strings.HasSuffix(out, " Q\n") || strings.Count(out, "q ") != 1 {
		t.Errorf("operators %q", out)
	}
	dark := 0
	for y := range s.Size() {
		for x := range s.Size() {
			if s.Dark(x, y) && !s.Dark(x-1, y) {
				dark++
			}
		}
	}
	if got := strings.Count(out, " re\n"); got != dark {
		t.Errorf("%d boxes for %d runs of dark modules", got, dark)
	}
	for _, bad := range [][3]float64{{math.NaN(), 0, 1}, {0, math.Inf(1), 1}, {0, 0, 0}, {0, 0, -1}, {1e9, 0, 1}} {
		if got := s.AppendPDF(nil, bad[0], bad[1], bad[2]); len(got) != 0 {
			t.Errorf("%v draws %q", bad, got)
		}
	}
}

func FuzzEncodeSeries(f *testing.F) {
	f.Add("Nguyễn Trọng Nghĩa", uint8(1), uint8(1))
	f.Add(strings.Repeat("012345ABC xyz", 9), uint8(3), uint8(4))
	f.Fuzz(func(t *testing.T, text string, level, version uint8) {
		if len(text) > 600 {
			return
		}
		symbols, err := qr.EncodeSeries(text, qr.Level(level%4), int(version%12)+1)
		if err != nil {
			return
		}
		joined := ""
		for _, s := range symbols {
			part, _, _ := readPart(t, s)
			joined += part
		}
		if joined != text {
			t.Fatalf("read %q, want %q", joined, text)
		}
	})
}
