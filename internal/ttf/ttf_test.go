package ttf_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/motcua/motcua/internal/ttf"
)

func face(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "dossier", "paper", "face", "LiberationSerif-Regular.ttf"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestSubset(t *testing.T) {
	font, err := ttf.Parse(face(t))
	if err != nil {
		t.Fatal(err)
	}
	const text = "Nguyễn Trọng Nghĩa"
	glyphs, err := font.Glyphs(text)
	if err != nil || len(glyphs) != len([]rune(text)) {
		t.Fatal(err)
	}
	small, err := font.Subset(glyphs)
	if err != nil {
		t.Fatal(err)
	}
	if len(small) > len(face(t))/4 {
		t.Errorf("%d bytes", len(small))
	}
	again, err := font.Subset(glyphs)
	if err != nil || string(again) != string(small) {
		t.Error("the same letters give other bytes")
	}
	if w := font.Width(glyphs[0]); w < 600 || w > 800 { // N in a Times face
		t.Errorf("width %d", w)
	}
	if _, err := font.Glyphs("漢"); !errors.Is(err, ttf.ErrGlyph) {
		t.Errorf("a letter that is not there: %v", err)
	}
	if _, err := font.Subset([]int{1 << 20}); !errors.Is(err, ttf.ErrFormat) {
		t.Errorf("a glyph that is not there: %v", err)
	}
}

func TestRefused(t *testing.T) {
	whole := face(t)
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("xin chào, đây không phải là phông chữ"), "cut": whole[:5000],
		"PostScript outlines": append([]byte("OTTO"), whole[4:]...)} {
		if _, err := ttf.Parse(data); !errors.Is(err, ttf.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	whole := face(f)
	font, err := ttf.Parse(whole)
	if err != nil {
		f.Fatal(err)
	}
	glyphs, err := font.Glyphs("ĩ")
	if err != nil {
		f.Fatal(err)
	}
	small, err := font.Subset(glyphs)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small[:2000])
	f.Add(whole[:30000])
	f.Fuzz(func(_ *testing.T, data []byte) {
		font, err := ttf.Parse(data)
		if err != nil {
			return
		}
		if glyphs, err := font.Glyphs("Nghĩa"); err == nil {
			for _, g := range glyphs {
				font.Width(g)
			}
			_, _ = font.Subset(glyphs)
		}
	})
}
