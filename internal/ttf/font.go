package ttf

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Kinds of failure.
var (
	ErrFormat  = errors.New("ttf: not a TrueType font that can be read")
	ErrLicence = errors.New("ttf: the font's licence forbids embedding")
	ErrGlyph   = errors.New("ttf: the font lacks a letter of the text")
)

func malformed(what string) error { return fmt.Errorf("%w: want %s", ErrFormat, what) }

// MaxSize bounds a font file.
const MaxSize = 32 << 20

// Font is a parsed TrueType font.
type Font struct {
	tables map[string][]byte
	// Units are those of the em square; the other measures are in them.
	Units                  int
	Ascent, Descent        int
	XMin, YMin, XMax, YMax int

	glyphs   int
	metrics  int // entries of hmtx with a width of their own
	longLoca bool
	cmap     []byte // format 4 or 12
}

// Parse reads a font. Errors: [ErrFormat], [ErrLicence].
func Parse(data []byte) (*Font, error) {
	if len(data) > MaxSize || len(data) < 12 {
		return nil, malformed("a file of at most 32 MiB")
	}
	if v := binary.BigEndian.Uint32(data); v != 0x00010000 && v != 0x74727565 {
		return nil, malformed("TrueType outlines")
	}
	f := &Font{tables: map[string][]byte{}}
	count := int(binary.BigEndian.Uint16(data[4:]))
	if count > 64 || len(data) < 12+16*count {
		return nil, malformed("a table directory")
	}
	for i := range count {
		row := data[12+16*i:]
		off, size := int64(binary.BigEndian.Uint32(row[8:])), int64(binary.BigEndian.Uint32(row[12:]))
		if off+size > int64(len(data)) {
			return nil, malformed("tables inside the file")
		}
		f.tables[string(row[:4])] = data[off : off+size]
	}
	for _, check := range []func() error{f.readHead, f.readMetrics, f.readLicence, f.readCmap} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func i16(b []byte) int { return int(int16(binary.BigEndian.Uint16(b))) }
func u16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }
func u32(b []byte) int { return int(binary.BigEndian.Uint32(b)) }

func (f *Font) readHead() error {
	head, maxp := f.tables["head"], f.tables["maxp"]
	if len(head) < 54 || len(maxp) < 6 || f.tables["glyf"] == nil {
		return malformed("tables head, maxp and glyf")
	}
	f.Units = u16(head[18:])
	f.XMin, f.YMin, f.XMax, f.YMax = i16(head[36:]), i16(head[38:]), i16(head[40:]), i16(head[42:])
	f.longLoca = u16(head[50:]) == 1
	f.glyphs = u16(maxp[4:])
	width := 2
	if f.longLoca {
		width = 4
	}
	if f.Units < 16 || f.Units > 16384 || f.glyphs == 0 || len(f.tables["loca"]) < (f.glyphs+1)*width {
		return malformed("a loca table for all glyphs")
	}
	return nil
}

func (f *Font) readMetrics() error {
	hhea := f.tables["hhea"]
	if len(hhea) < 36 {
		return malformed("table hhea")
	}
	f.Ascent, f.Descent, f.metrics = i16(hhea[4:]), i16(hhea[6:]), u16(hhea[34:])
	if f.metrics == 0 || f.metrics > f.glyphs || len(f.tables["hmtx"]) < 4*f.metrics+2*(f.glyphs-f.metrics) {
		return malformed("a hmtx table for all glyphs")
	}
	return nil
}

// readLicence refuses fonts whose OS/2 table says "restricted licence embedding".
func (f *Font) readLicence() error {
	if os2 := f.tables["OS/2"]; len(os2) >= 10 && u16(os2[8:])&0x000f == 0x0002 {
		return ErrLicence
	}
	return nil
}

// readCmap chooses the widest Unicode table.
func (f *Font) readCmap() error {
	cmap := f.tables["cmap"]
	if len(cmap) < 4 {
		return malformed("table cmap")
	}
	best := 0
	for i := range u16(cmap[2:]) {
		if len(cmap) < 4+8*(i+1) {
			return malformed("table cmap")
		}
		row := cmap[4+8*i:]
		platform, encoding, off := u16(row), u16(row[2:]), u32(row[4:])
		if platform != 0 && (platform != 3 || encoding != 1 && encoding != 10) || off > len(cmap)-16 {
			continue
		}
		if format := u16(cmap[off:]); (format == 4 || format == 12) && format > best {
			best, f.cmap = format, cmap[off:]
		}
	}
	if best == 0 {
		return malformed("a Unicode character map")
	}
	return nil
}

// Glyph returns the glyph of a letter, 0 when there is none.
func (f *Font) Glyph(r rune) int {
	g := 0
	if u16(f.cmap) == 12 {
		g = f.glyph12(int(r))
	} else if r <= 0xffff {
		g = f.glyph4(int(r))
	}
	if g >= f.glyphs {
		return 0
	}
	return g
}

func (f *Font) glyph12(r int) int {
	groups := u32(f.cmap[12:])
	for i := range min(groups, (len(f.cmap)-16)/12) {
		row := f.cmap[16+12*i:]
		if first, last := u32(row), u32(row[4:]); r >= first && r <= last {
			return u32(row[8:]) + r - first
		}
	}
	return 0
}

func (f *Font) glyph4(r int) int {
	double := u16(f.cmap[6:])
	if len(f.cmap) < 16+4*double {
		return 0
	}
	for i := 0; i < double; i += 2 {
		if r > u16(f.cmap[14+i:]) {
			continue
		}
		first := u16(f.cmap[16+double+i:])
		if r < first {
			return 0
		}
		delta, at := u16(f.cmap[16+2*double+i:]), 16+3*double+i
		off := u16(f.cmap[at:])
		if off == 0 {
			return (r + delta) & 0xffff
		}
		at += off + 2*(r-first)
		if at+2 > len(f.cmap) {
			return 0
		}
		if g := u16(f.cmap[at:]); g != 0 {
			return (g + delta) & 0xffff
		}
		return 0
	}
	return 0
}

// Glyphs returns the glyphs of a text. Errors: [ErrGlyph].
func (f *Font) Glyphs(text string) ([]int, error) {
	var out []int
	for _, r := range text {
		g := f.Glyph(r)
		if g == 0 {
			return nil, ErrGlyph
		}
		out = append(out, g)
	}
	return out, nil
}

// Width returns the advance of a glyph in thousandths of the em square, as PDF counts.
func (f *Font) Width(glyph int) int {
	i := min(glyph, f.metrics-1)
	return u16(f.tables["hmtx"][4*i:]) * 1000 / f.Units
}

// Scale converts a measure of the font to thousandths.
func (f *Font) Scale(n int) int { return n * 1000 / f.Units }
