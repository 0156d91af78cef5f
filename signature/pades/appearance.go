package pades

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/internal/ttf"
)

const (
	maxLines  = 20
	maxPixels = 4 << 20 // of an image
	maxImage  = 8 << 20 // bytes of a PNG file
	maxPoints = 14400   // of a page, either way
)

// Appearance is what a signature shows on a page. The zero value shows nothing.
type Appearance struct {
	// Page begins at 1, which is the default.
	Page int
	// X, Y, Width and Height are in points (1/72 inch) from the lower left corner of the page as it is shown, turned and
	// cropped. Where an empty field is signed that has a rectangle of its own, that one counts.
	X, Y, Width, Height float64
	// Image is a PNG, with or without transparency, drawn as large as fits, in the middle.
	Image []byte
	// Lines are written over it from the top, in Font, which is a TrueType font of the caller's with all their letters: it
	// is embedded with the letters used. Size is in points; default 10.
	Lines []string
	Font  []byte
	Size  float64

	corner bool // X and Y are the distances from the page's upper right corner
}

func (a Appearance) visible() bool { return len(a.Image) > 0 || len(a.Lines) > 0 }

// normalize checks what can be checked without the document.
func (a Appearance) normalize() (Appearance, error) {
	if a.Page == 0 {
		a.Page = 1
	}
	if a.Size == 0 {
		a.Size = 10
	}
	fits := func(v float64) bool { return v >= 0 && v <= maxPoints }
	if !a.visible() {
		return a, nil
	}
	switch {
	case a.Page < 1 || a.Page > 1<<16:
		return a, &ConfigError{"Appearance", "a page from 1"}
	case !fits(a.X) || !fits(a.Y) || !fits(a.Width) || !fits(a.Height):
		return a, &ConfigError{"Appearance", "a rectangle of 0 to 14400 points"}
	case !(a.Size >= 1 && a.Size <= 200):
		return a, &ConfigError{"Appearance", "a size of 1 to 200 points"}
	case len(a.Lines) > maxLines || len(a.Image) > maxImage:
		return a, &ConfigError{"Appearance", "at most 20 lines and an image of 8 MiB"}
	}
	for _, line := range a.Lines {
		if !utf8.ValidString(line) || utf8.RuneCountInString(line) > maxText || strings.ContainsAny(line, "\r\n\t") {
			return a, &ConfigError{"Appearance", "lines of at most 1000 characters of UTF-8"}
		}
	}
	return a, nil
}

// numbers reads a rectangle, its corners in order.
func numbers(doc *pdf.Document, rect pdf.Array) (v [4]float64, err error) {
	for i, side := range rect[:4] {
		if side, err = doc.Resolve(side); err != nil {
			return v, err
		}
		switch n := side.(type) {
		case int64:
			v[i] = float64(n)
		case pdf.Real:
			if v[i], err = strconv.ParseFloat(string(n), 64); err != nil {
				return v, &ConfigError{"Field", "a field with a rectangle"}
			}
		}
	}
	return [4]float64{min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])}, nil
}

// draw adds the appearance stream for a rectangle of that size, as it is shown on a page that is turned, and returns where
// it stands.
func (a Appearance) draw(update *pdf.Update, width, height float64, turned turn) (pdf.Ref, error) {
	var content bytes.Buffer
	resources := pdf.Dict{}
	if len(a.Image) > 0 {
		ref, w, h, err := addImage(update, a.Image)
		if err != nil {
			return pdf.Ref{}, err
		}
		resources["XObject"] = pdf.Dict{"Im": ref}
		scale := min(width/float64(w), height/float64(h))
		dw, dh := scale*float64(w), scale*float64(h)
		fmt.Fprintf(&content, "q %.3f 0 0 %.3f %.3f %.3f cm /Im Do Q\n", dw, dh, (width-dw)/2, (height-dh)/2)
	}
	if len(a.Lines) > 0 {
		font, err := ttf.Parse(a.Font)
		if err != nil {
			return pdf.Ref{}, fmt.Errorf("%w: %w", ErrAppearance, err)
		}
		ref, err := a.write(update, &content, font, height)
		if err != nil {
			return pdf.Ref{}, err
		}
		resources["Font"] = pdf.Dict{"F": ref}
	}
	form := pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"),
		"BBox": pdf.Array{int64(0), int64(0), real(width), real(height)}, "Resources": resources}
	if turned != 0 {
		form["Matrix"] = turned.matrix(width, height)
	}
	return update.Add(&pdf.Data{Dict: form, Bytes: content.Bytes()}), nil
}

func real(v float64) pdf.Real { return pdf.Real(fmt.Sprintf("%.3f", v)) }

// write sets the lines in glyph numbers of the embedded font, so that no encoding stands between the text and its letters.
func (a Appearance) write(update *pdf.Update, out *bytes.Buffer, font *ttf.Font, height float64) (pdf.Ref, error) {
	letters := map[int]rune{}
	leading := a.Size * 1.2
	top := height - a.Size*float64(font.Scale(font.Ascent))/1000
	fmt.Fprintf(out, "BT 0 g /F %.3f Tf %.3f TL 0 %.3f Td\n", a.Size, leading, max(top, 0))
	for i, line := range a.Lines {
		glyphs, err := font.Glyphs(line)
		if err != nil {
			return pdf.Ref{}, fmt.Errorf("%w: %w", ErrAppearance, err)
		}
		for at, r := range []rune(line) {
			letters[glyphs[at]] = r
		}
		if i > 0 {
			out.WriteString("T* ")
		}
		out.WriteByte('<')
		for _, g := range glyphs {
			fmt.Fprintf(out, "%04X", g)
		}
		out.WriteString("> Tj\n")
	}
	out.WriteString("ET\n")
	return addFont(update, font, letters)
}

// addFont embeds the letters used as a composite font with Identity-H and a ToUnicode map, so that the text can be copied
// and searched.
func addFont(update *pdf.Update, font *ttf.Font, letters map[int]rune) (pdf.Ref, error) {
	glyphs := make([]int, 0, len(letters))
	for g := range letters {
		glyphs = append(glyphs, g)
	}
	slices.Sort(glyphs)
	file, err := font.Subset(glyphs)
	if err != nil {
		return pdf.Ref{}, fmt.Errorf("%w: %w", ErrAppearance, err)
	}
	program := deflated(pdf.Dict{"Length1": int64(len(file))}, file)
	const name = pdf.Name("MOTCUA+Sign")
	descriptor := update.Add(pdf.Dict{"Type": pdf.Name("FontDescriptor"), "FontName": name, "Flags": int64(4),
		"FontBBox": pdf.Array{int64(font.Scale(font.XMin)), int64(font.Scale(font.YMin)), int64(font.Scale(font.XMax)),
			int64(font.Scale(font.YMax))}, "ItalicAngle": int64(0), "Ascent": int64(font.Scale(font.Ascent)),
		"Descent": int64(font.Scale(font.Descent)), "CapHeight": int64(font.Scale(font.Ascent)), "StemV": int64(80),
		"FontFile2": update.Add(program)})
	var widths pdf.Array
	for _, g := range glyphs {
		widths = append(widths, int64(g), pdf.Array{int64(font.Width(g))})
	}
	descendant := update.Add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("CIDFontType2"), "BaseFont": name,
		"CIDSystemInfo":  pdf.Dict{"Registry": pdf.Text("Adobe"), "Ordering": pdf.Text("Identity"), "Supplement": int64(0)},
		"FontDescriptor": descriptor, "W": widths, "DW": int64(1000), "CIDToGIDMap": pdf.Name("Identity")})
	return update.Add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type0"), "BaseFont": name,
		"Encoding": pdf.Name("Identity-H"), "DescendantFonts": pdf.Array{descendant},
		"ToUnicode": update.Add(deflated(pdf.Dict{}, toUnicode(glyphs, letters)))}), nil
}

// toUnicode is the map from glyph numbers to text (ISO 32000-2, 9.10.3).
func toUnicode(glyphs []int, letters map[int]rune) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe)" +
		" /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for part := range slices.Chunk(glyphs, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, g := range part {
			fmt.Fprintf(&b, "<%04X> <", g)
			for _, u := range utf16.Encode([]rune{letters[g]}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// addImage embeds a PNG: colours as they are, transparency as a soft mask.
func addImage(update *pdf.Update, data []byte) (ref pdf.Ref, width, height int, err error) {
	bad := &ConfigError{"Appearance", "a PNG image of at most 4 million pixels"}
	cfg, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || cfg.Width < 1 || cfg.Height < 1 || cfg.Width > maxPixels || cfg.Width*cfg.Height > maxPixels {
		return ref, 0, 0, bad
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return ref, 0, 0, bad
	}
	colours, mask := pixels(picture)
	base := func(space pdf.Name) pdf.Dict {
		return pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Image"), "Width": int64(cfg.Width),
			"Height": int64(cfg.Height), "BitsPerComponent": int64(8), "ColorSpace": space}
	}
	dict := base("DeviceRGB")
	if mask != nil {
		dict["SMask"] = update.Add(deflated(base("DeviceGray"), mask))
	}
	return update.Add(deflated(dict, colours)), cfg.Width, cfg.Height, nil
}

// pixels takes an image apart; mask is nil when nothing is transparent.
func pixels(picture image.Image) (colours, mask []byte) {
	b := picture.Bounds()
	solid := true
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, alpha := picture.At(x, y).RGBA()
			if alpha > 0 && alpha < 0xffff { // colours come multiplied with the transparency
				r, g, bl = r*0xffff/alpha, g*0xffff/alpha, bl*0xffff/alpha
			}
			colours = append(colours, byte(r>>8), byte(g>>8), byte(bl>>8))
			mask = append(mask, byte(alpha>>8))
			solid = solid && alpha == 0xffff
		}
	}
	if solid {
		return colours, nil
	}
	return colours, mask
}

func deflated(dict pdf.Dict, data []byte) *pdf.Data {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // a buffer does not fail
	_ = z.Close()
	dict["Filter"] = pdf.Name("FlateDecode")
	return &pdf.Data{Dict: dict, Bytes: b.Bytes()}
}
