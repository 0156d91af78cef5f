package paper

import (
	_ "embed"
	"encoding/binary"
)

//go:embed face/LiberationSerif-Regular.ttf
var faceRegular []byte

//go:embed face/LiberationSerif-Bold.ttf
var faceBold []byte

//go:embed face/LiberationSerif-Italic.ttf
var faceItalic []byte

// drawable reports whether all three styles have a glyph for the character.
func drawable(r rune) bool {
	return hasGlyph(faceRegular, r) && hasGlyph(faceBold, r) && hasGlyph(faceItalic, r)
}

// hasGlyph looks a character of the basic plane up in the font's character map (OpenType cmap, format 4). The embedded
// files are known to be well formed.
func hasGlyph(font []byte, r rune) bool {
	if r <= 0 || r > 0xFFFF {
		return false
	}
	table := unicodeMap(font)
	if table == nil {
		return false
	}
	be := binary.BigEndian
	segments := int(be.Uint16(table[6:])) / 2
	ends, starts := table[14:], table[16+2*segments:]
	deltas, offsets := table[16+4*segments:], table[16+6*segments:]
	for i := range segments {
		if be.Uint16(ends[2*i:]) < uint16(r) {
			continue
		}
		start := be.Uint16(starts[2*i:])
		if start > uint16(r) {
			return false
		}
		offset := int(be.Uint16(offsets[2*i:]))
		if offset == 0 {
			return uint16(r)+be.Uint16(deltas[2*i:]) != 0
		}
		return be.Uint16(offsets[2*i+offset+2*int(uint16(r)-start):]) != 0
	}
	return false
}

// unicodeMap returns the Windows Unicode sub-table (3, 1) of the character map.
func unicodeMap(font []byte) []byte {
	be := binary.BigEndian
	for i := range int(be.Uint16(font[4:])) {
		record := font[12+16*i:]
		if string(record[:4]) != "cmap" {
			continue
		}
		cmap := font[be.Uint32(record[8:]):]
		for j := range int(be.Uint16(cmap[2:])) {
			entry := cmap[4+8*j:]
			sub := cmap[be.Uint32(entry[4:]):]
			if be.Uint16(entry) == 3 && be.Uint16(entry[2:]) == 1 && be.Uint16(sub) == 4 {
				return sub
			}
		}
	}
	return nil
}
