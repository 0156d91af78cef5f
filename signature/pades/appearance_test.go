package pades_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// face is the serif of the house, whose measures are those of Times New Roman.
func face(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "dossier", "paper", "face", "LiberationSerif-Regular.ttf"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// seal is a red ring on transparent ground.
func seal(tb testing.TB, c color.NRGBA) []byte {
	tb.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for y := range 100 {
		for x := range 100 {
			if d := (x-50)*(x-50) + (y-50)*(y-50); d > 1600 && d < 2400 {
				picture.SetNRGBA(x, y, c)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

var (
	red  = color.NRGBA{200, 0, 0, 255}
	blue = color.NRGBA{0, 0, 200, 255}
)

func write(tb testing.TB, doc []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Every Vietnamese letter is shown, and comes back as text.
func TestAppearanceShowsEveryLetter(t *testing.T) {
	pdftotext := enginetest.Need(t, "pdftotext")
	ca := newCA(t)
	const vowels = "aăâeêioôơuưy"
	var letters []string
	for _, base := range vowels + strings.ToUpper(vowels) {
		for _, tone := range []rune{0, '\u0300', '\u0301', '\u0303', '\u0309', '\u0323'} {
			letters = append(letters, compose(base, tone))
		}
	}
	lines := []string{"Nguyễn Trọng Nghĩa", "Trần Thị Mỹ Vĩnh (Đ đ) \\ ĩ Ĩ", strings.Join(letters[:72], ""), strings.Join(letters[72:], "")}
	for name, stream := range map[string]bool{"table": false, "stream": true} {
		t.Run(name, func(t *testing.T) {
			doc, err := sign(signaturetest.NewPDF(signaturetest.File{XRefStream: stream}), issue(t, ca, signaturetest.Subject{}),
				pades.Config{Appearance: pades.Appearance{X: 40, Y: 500, Width: 520, Height: 60, Lines: lines, Font: face(t), Size: 8}})
			if err != nil {
				t.Fatal(err)
			}
			passes(t, ca, doc, 1)
			out, err := exec.CommandContext(t.Context(), pdftotext, "-layout", write(t, doc), "-").CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, line := range lines {
				if !strings.Contains(string(out), line) {
					t.Errorf("%q does not come back:\n%s", line, out)
				}
			}
			if len(doc) > 120<<10 {
				t.Errorf("%d bytes: the font is not cut down to its letters", len(doc))
			}
		})
	}
}

// compose makes a precomposed Vietnamese letter; the standard library has no normalisation.
func compose(base, tone rune) string {
	const table = "aàáãảạăằắẵẳặâầấẫẩậeèéẽẻẹêềếễểệiìíĩỉịoòóõỏọôồốỗổộơờớỡởợuùúũủụưừứữửựyỳýỹỷỵ" +
		"AÀÁÃẢẠĂẰẮẴẲẶÂẦẤẪẨẬEÈÉẼẺẸÊỀẾỄỂỆIÌÍĨỈỊOÒÓÕỎỌÔỒỐỖỔỘƠỜỚỠỞỢUÙÚŨỦỤƯỪỨỮỬỰYỲÝỸỶỴ"
	offset := map[rune]int{0: 0, '\u0300': 1, '\u0301': 2, '\u0303': 3, '\u0309': 4, '\u0323': 5}[tone]
	runes := []rune(table)
	for i := 0; i < len(runes); i += 6 {
		if runes[i] == base {
			return string(runes[i+offset])
		}
	}
	return string(base)
}

// pixel renders the first page at 72 dpi and returns the colour at a place counted from the lower left.
func pixel(t *testing.T, doc []byte, x, y int) color.NRGBA {
	t.Helper()
	program := enginetest.Need(t, "pdftoppm")
	out, err := exec.CommandContext(t.Context(), program, "-png", "-cropbox", "-r", "72", "-singlefile", write(t, doc)).Output()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return color.NRGBAModel.Convert(picture.At(x, picture.Bounds().Dy()-y)).(color.NRGBA)
}

func official(t *testing.T, o pades.Official) pades.Config {
	t.Helper()
	cfg, err := o.Config()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Now = clock
	return cfg
}

// The acts of Decree 30: where they stand, and in what order.
func TestOfficialActs(t *testing.T) {
	ca := newCA(t)
	leader, agency := issue(t, ca, signaturetest.Subject{}), issue(t, ca, signaturetest.Subject{CommonName: "UBND xã Vĩnh Mỹ"})
	place := pades.Official{X: 300, Y: 200, Width: 120, Height: 60}
	approve, stamp := place, place
	approve.Act, approve.Image = pades.Approve, seal(t, blue)
	stamp.Act, stamp.Image = pades.Seal, seal(t, red)
	plain := signaturetest.NewPDF(signaturetest.File{})
	if _, err := sign(plain, agency, official(t, stamp)); !errors.Is(err, pades.ErrOrder) {
		t.Errorf("a seal on nothing: %v", err)
	}
	approved, err := sign(plain, leader, official(t, approve))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sign(approved, agency, official(t, stamp))
	if err != nil {
		t.Fatal(err)
	}
	passes(t, ca, sealed, 2)
	for name, cfg := range map[string]pades.Official{"an approval after the seal": approve, "a second seal": stamp,
		"SAO Y of an electronic document": {Act: pades.CopyOriginal, Agency: "UBND xã Vĩnh Mỹ", At: now, Font: face(t)},
		"an attachment that is sealed":    {Act: pades.Attachment, Number: "12/QĐ-UBND", At: now, Font: face(t)}} {
		if _, err := sign(sealed, leader, official(t, cfg)); !errors.Is(err, pades.ErrOrder) {
			t.Errorf("%s: %v", name, err)
		}
	}
	attached, err := sign(plain, agency, official(t, pades.Official{Act: pades.Attachment, Number: "12/QĐ-UBND", At: now, Font: face(t)}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign(attached, leader, official(t, approve)); !errors.Is(err, pades.ErrOrder) {
		t.Errorf("an attachment signed by the leader: %v", err)
	}
	// The approval is a ring of 60 points in the middle of its rectangle; the seal lies over its left third.
	if c := pixel(t, sealed, 360+26, 230); c.B < 150 || c.R > 120 {
		t.Errorf("no blue signature: %v", c)
	}
	left := 300 + 40 - 105 + 5
	if c := pixel(t, sealed, left, 230); c.R < 150 || c.B > 120 {
		t.Errorf("no red seal: %v", c)
	}
}

func TestOfficialText(t *testing.T) {
	pdftotext := enginetest.Need(t, "pdftotext")
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{CommonName: "UBND xã Vĩnh Mỹ"})
	for want, o := range map[string]pades.Official{
		"SAO Y; UBND xã Vĩnh Mỹ":     {Act: pades.CopyOriginal, Agency: "UBND xã Vĩnh Mỹ"},
		"TRÍCH SAO; UBND xã Vĩnh Mỹ": {Act: pades.CopyExtract, Agency: "UBND xã Vĩnh Mỹ"},
		"SAO LỤC; UBND xã Vĩnh Mỹ":   {Act: pades.CopyDuplicate, Agency: "UBND xã Vĩnh Mỹ"},
		"12/QĐ-UBND":                 {Act: pades.Attachment, Number: "12/QĐ-UBND"},
	} {
		o.At, o.Font = now, face(t)
		doc, err := sign(signaturetest.NewPDF(signaturetest.File{}), id, official(t, o))
		if err != nil {
			t.Fatal(err)
		}
		passes(t, ca, doc, 1)
		fields, err := open(t, doc).Fields()
		if rect, ok := fields[0].Dict["Rect"].(pdf.Array); err != nil || !ok || rect[2] != pdf.Real("567.280") || rect[3] != pdf.Real("821.890") {
			t.Errorf("%s stands at %v, not at the top right", want, fields[0].Dict["Rect"])
		}
		out, err := exec.CommandContext(t.Context(), pdftotext, "-layout", write(t, doc), "-").Output()
		if err != nil || !strings.Contains(string(out), want) || !strings.Contains(string(out), "21/11/2026 09:00:00 +07:00") {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

func TestAppearanceRefusals(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	box := pades.Appearance{Width: 100, Height: 50}
	with := func(change func(*pades.Appearance)) pades.Appearance {
		a := box
		change(&a)
		return a
	}
	for name, tt := range map[string]struct {
		a    pades.Appearance
		want error
	}{
		"no font":             {with(func(a *pades.Appearance) { a.Lines = []string{"x"} }), pades.ErrAppearance},
		"a font that is none": {with(func(a *pades.Appearance) { a.Lines, a.Font = []string{"x"}, []byte("OTTO not a font") }), pades.ErrAppearance},
		"a letter too many":   {with(func(a *pades.Appearance) { a.Lines, a.Font = []string{"漢"}, face(t) }), pades.ErrAppearance},
		"no image":            {with(func(a *pades.Appearance) { a.Image = []byte("GIF89a") }), nil},
		"no such page":        {with(func(a *pades.Appearance) { a.Image, a.Page = seal(t, red), 9 }), nil},
		"no room":             {pades.Appearance{Image: seal(t, red)}, nil},
		"a negative page":     {with(func(a *pades.Appearance) { a.Image, a.Page = seal(t, red), -1 }), nil},
		"a line break":        {with(func(a *pades.Appearance) { a.Lines = []string{"a\nb"} }), nil},
	} {
		doc, err := sign(signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{Appearance: tt.a})
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) || len(doc) != 0 {
			t.Errorf("%s: %v, %d bytes written", name, err, len(doc))
		}
	}
	for _, o := range []pades.Official{{}, {Act: pades.Approve}, {Act: pades.CopyOriginal, At: now}, {Act: pades.CopyOriginal, Agency: "a"},
		{Act: pades.Attachment, At: now}} {
		if _, err := o.Config(); !errors.As(err, new(*pades.ConfigError)) {
			t.Errorf("%+v: %v", o.Act, err)
		}
	}
}

// A copy made from paper carries the mark of the agency at the top of its first page.
func ExampleOfficial_Config() {
	font, err := os.ReadFile("../../dossier/paper/face/LiberationSerif-Regular.ttf")
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg, err := pades.Official{Act: pades.CopyOriginal, Agency: "UBND xã Vĩnh Mỹ", At: now, Font: font}.Config()
	fmt.Println(err)
	fmt.Println(strings.Join(cfg.Appearance.Lines, "\n"))
	// Output:
	// <nil>
	// SAO Y; UBND xã Vĩnh Mỹ
	// 21/11/2026 09:00:00 +07:00
}
