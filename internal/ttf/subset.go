package ttf

import (
	"encoding/binary"
	"slices"
)

const maxParts = 4096 // glyphs that composite glyphs bring in

// Subset returns a font with the given glyphs, those they are composed of, and glyph 0. Glyph numbers stay; what comes
// after the last one is cut off.
func (f *Font) Subset(glyphs []int) ([]byte, error) {
	keep := map[int]bool{0: true}
	last := 0
	for open := slices.Clone(glyphs); len(open) > 0; {
		g := open[len(open)-1]
		open = open[:len(open)-1]
		if keep[g] && g != 0 {
			continue
		}
		if g < 0 || g >= f.glyphs || len(keep) > maxParts {
			return nil, malformed("glyphs of the font")
		}
		keep[g], last = true, max(last, g)
		outline, err := f.outline(g)
		if err != nil {
			return nil, err
		}
		open = append(open, parts(outline)...)
	}
	var glyf []byte
	loca := make([]byte, 0, 4*(last+2))
	for g := range last + 1 {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if keep[g] {
			outline, err := f.outline(g)
			if err != nil {
				return nil, err
			}
			glyf = append(glyf, outline...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	return f.assemble(last+1, glyf, loca), nil
}

// outline returns the data of a glyph, empty for one without an outline.
func (f *Font) outline(g int) ([]byte, error) {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to int
	if f.longLoca {
		from, to = u32(loca[4*g:]), u32(loca[4*g+4:])
	} else {
		from, to = 2*u16(loca[2*g:]), 2*u16(loca[2*g+2:])
	}
	if from > to || to > len(glyf) {
		return nil, malformed("outlines inside the font")
	}
	return glyf[from:to], nil
}

// parts lists the glyphs that a composite glyph refers to.
func parts(outline []byte) (out []int) {
	if len(outline) < 10 || i16(outline) >= 0 {
		return nil
	}
	const words, scale, more, scale2, matrix = 1, 8, 32, 64, 128
	for at := 10; at+4 <= len(outline); {
		flags := u16(outline[at:])
		out = append(out, u16(outline[at+2:]))
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&scale2 != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			break
		}
	}
	return out
}

// assemble writes the font file.
func (f *Font) assemble(glyphs int, glyf, loca []byte) []byte {
	metrics := min(f.metrics, glyphs)
	head, hhea, maxp := slices.Clone(f.tables["head"]), slices.Clone(f.tables["hhea"]), slices.Clone(f.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(metrics))
	binary.BigEndian.PutUint16(maxp[4:], uint16(glyphs))
	tables := map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "glyf": glyf, "loca": loca,
		"hmtx": f.tables["hmtx"][:4*metrics+2*(glyphs-metrics)]}
	for _, name := range []string{"cvt ", "fpgm", "prep"} {
		if t := f.tables[name]; t != nil {
			tables[name] = t
		}
	}
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	power, exponent := 1, 0
	for 2*power <= len(names) {
		power, exponent = 2*power, exponent+1
	}
	for _, n := range []int{len(names), 16 * power, exponent, 16 * (len(names) - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	offset := 12 + 16*len(names)
	var body []byte
	for _, name := range names {
		t := tables[name]
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, checksum(t))
		out = binary.BigEndian.AppendUint32(out, uint32(offset+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t)))
		body = append(body, t...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(out, body...)
}

func checksum(t []byte) (sum uint32) {
	for ; len(t) >= 4; t = t[4:] {
		sum += binary.BigEndian.Uint32(t)
	}
	var rest [4]byte
	copy(rest[:], t)
	return sum + binary.BigEndian.Uint32(rest[:])
}
