package qr_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/qr"
)

var update = flag.Bool("update", false, "write the golden files anew")

func encode(tb testing.TB, text string, level qr.Level) *qr.Symbol {
	tb.Helper()
	s, err := qr.Encode(text, level)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestPNGIsExact(t *testing.T) {
	for _, scale := range []int{1, 3, 8, 64} {
		s := encode(t, "Nguyễn Trọng Nghĩa", qr.M)
		var file bytes.Buffer
		if err := s.WritePNG(&file, scale); err != nil {
			t.Fatal(err)
		}
		if depth := file.Bytes()[24]; depth != 1 {
			t.Errorf("%d bits a pixel, want 1", depth)
		}
		img, err := png.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		side := (s.Size() + 8) * scale
		if img.Bounds().Dx() != side || img.Bounds().Dy() != side {
			t.Fatalf("picture %v, want %d a side", img.Bounds(), side)
		}
		for y := range side {
			for x := range side {
				red, _, _, _ := img.At(x, y).RGBA()
				inside := x >= 4*scale && y >= 4*scale
				if dark := red == 0; dark != (inside && s.Dark(x/scale-4, y/scale-4)) {
					t.Fatalf("scale %d: pixel %d, %d is dark: %v", scale, x, y, dark)
				}
			}
		}
	}
}

func TestSVGIsExact(t *testing.T) {
	for _, text := range []string{"Nguyễn Trọng Nghĩa", strings.Repeat("VN1:", 90), strings.Repeat("<&>", 300)} {
		s := encode(t, text, qr.M)
		var file bytes.Buffer
		if err := s.WriteSVG(&file, "Mã của <hồ sơ> & kết quả"); err != nil {
			t.Fatal(err)
		}
		var svg struct {
			ViewBox string `xml:"viewBox,attr"`
			Role    string `xml:"role,attr"`
			Title   string `xml:"title"`
			Paths   []struct {
				D string `xml:"d,attr"`
			} `xml:"path"`
		}
		if err := xml.Unmarshal(file.Bytes(), &svg); err != nil {
			t.Fatal(err)
		}
		side := s.Size() + 8
		if svg.ViewBox != fmt.Sprintf("0 0 %d %d", side, side) || svg.Title != "Mã của <hồ sơ> & kết quả" ||
			svg.Role != "img" || len(svg.Paths) != 2 {
			t.Fatalf("view %q, title %q, %d paths", svg.ViewBox, svg.Title, len(svg.Paths))
		}
		dark := map[[2]int]bool{}
		for _, box := range strings.Split(strings.TrimSuffix(svg.Paths[1].D, "z"), "z") {
			var x, y, width, back int
			if _, err := fmt.Sscanf(box, "M%d %dh%dv1h-%d", &x, &y, &width, &back); err != nil || width != back {
				t.Fatalf("box %q: %v", box, err)
			}
			for i := range width {
				dark[[2]int{x + i - 4, y - 4}] = true
			}
		}
		for y := -4; y < s.Size()+4; y++ {
			for x := -4; x < s.Size()+4; x++ {
				if s.Dark(x, y) != dark[[2]int{x, y}] {
					t.Fatalf("module %d, %d is dark: %v, in the picture: %v", x, y, s.Dark(x, y), dark[[2]int{x, y}])
				}
			}
		}
	}
}

func TestGoldenPictures(t *testing.T) {
	s := encode(t, "VN1:QED8WEX0", qr.Q)
	var svg bytes.Buffer
	if err := s.WriteSVG(&svg, "Mã tra cứu kết quả"); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"symbol.svg": svg.String(), "symbol.txt": s.Terminal()} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s differs from its golden file: %v", name, err)
		}
	}
}

func TestTerminalIsExact(t *testing.T) {
	for _, text := range []string{"1", strings.Repeat("Vĩnh Phúc ", 20)} {
		s := encode(t, text, qr.L)
		lines := strings.Split(strings.TrimSuffix(s.Terminal(), "\n"), "\n")
		if len(lines) != (s.Size()+9)/2 {
			t.Fatalf("%d lines for %d modules", len(lines), s.Size())
		}
		for n, line := range lines {
			cells := []rune(line)
			if len(cells) != s.Size()+8 {
				t.Fatalf("line %d has %d cells", n, len(cells))
			}
			for x, cell := range cells {
				above, below := cell == ' ' || cell == '▄', cell == ' ' || cell == '▀'
				if above != s.Dark(x-4, 2*n-4) || below != s.Dark(x-4, 2*n-3) && n < len(lines)-1 {
					t.Fatalf("line %d, cell %d is %q", n, x, cell)
				}
			}
		}
	}
}

func TestWritersRefuse(t *testing.T) {
	s := encode(t, "1", qr.L)
	invalid := (*qr.InvalidError)(nil)
	for _, scale := range []int{-1, 0, 65} {
		if err := s.WritePNG(new(bytes.Buffer), scale); !errors.As(err, &invalid) {
			t.Errorf("scale %d: %v", scale, err)
		}
	}
	if err := s.WriteSVG(new(bytes.Buffer), ""); !errors.As(err, &invalid) {
		t.Errorf("no title: %v", err)
	}
	broken := errors.New("full")
	if err := s.WritePNG(failing{broken}, 1); !errors.Is(err, broken) {
		t.Errorf("PNG to a full disk: %v", err)
	}
	if err := s.WriteSVG(failing{broken}, "x"); !errors.Is(err, broken) {
		t.Errorf("SVG to a full disk: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestErrorsHaveWords(t *testing.T) {
	_, cardErr := qr.ParseCitizenCard("1|2")
	_, longErr := qr.Encode(strings.Repeat("x", 3000), qr.H)
	_, claimErr := newOffice(t).issuer(t).Issue(qr.Claims{})
	codes := []string{"qr.invalid.card", "qr.toolong", "qr.invalid.claims.body"}
	for i, err := range []error{cardErr, longErr, claimErr} {
		shown, ok := err.(interface {
			Code() string
			Text(lang string) string
		})
		if !ok || shown.Code() != codes[i] || shown.Text("vi") == shown.Text("en") || shown.Text("") != shown.Text("vi") {
			t.Errorf("%v has no words for people", err)
		}
	}
}

// TestEveryRefusalHasWords walks all verdicts and reasons.
func TestEveryRefusalHasWords(t *testing.T) {
	for v := qr.Malformed; v <= qr.Valid; v++ {
		if v.Text("vi") == "" || v.Text("en") == "" || v.Text("vi") == v.Text("en") || v.Text("fr") != v.Text("vi") {
			t.Errorf("%v: %q, %q", v, v.Text("vi"), v.Text("en"))
		}
	}
	keys := map[string]bool{}
	for r := qr.Reason(1); r.Code() != ""; r++ {
		if keys[r.Code()] || r.Text("vi") == "" || r.Text("en") == "" || r.Text("vi") == r.Text("en") {
			t.Errorf("%v: %q, %q", r, r.Text("vi"), r.Text("en"))
		}
		keys[r.Code()] = true
	}
	if len(keys) < 25 || qr.Reason(255).Text("vi") != "" || qr.Verdict(255).Text("en") != qr.Malformed.Text("en") {
		t.Errorf("%d reasons", len(keys))
	}
}
