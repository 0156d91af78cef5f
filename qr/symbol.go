package qr

import (
	"strconv"
	"unicode/utf8"
)

// Level is the error correction level of a symbol: how much of it may be lost.
type Level uint8

// The four levels of ISO/IEC 18004. Use [M] for screens and [Q] for paper.
const (
	L Level = iota // about 7 % of the codewords
	M              // about 15 %
	Q              // about 25 %
	H              // about 30 %
)

// String returns the letter of the standard.
func (l Level) String() string {
	if l > H {
		return "Level(" + strconv.Itoa(int(l)) + ")"
	}
	return "LMQH"[l : l+1]
}

// Symbol is an encoded QR code, TCVN 7322:2009 (ISO/IEC 18004:2006), model 2. It never changes and may be used by
// many goroutines. Its quiet zone is not part of it; the writers add four light modules on every side.
type Symbol struct {
	version int
	level   Level
	mask    int
	size    int
	stride  int
	rows    []uint64 // stride words a row, module x is bit x&63 of word x>>6
}

// quietZone is the light margin the standard asks for, in modules.
const quietZone = 4

// Encode makes the smallest symbol that holds the text at the level, or at a higher level if that takes no larger
// symbol. The text is UTF-8; as soon as one character is not ASCII the symbol says so (ECI 26), because scanners guess
// and guess wrongly: without it one in two reads Vietnamese as Chinese. Digits and the 45 characters of the
// alphanumeric mode are packed, in the split that takes the fewest bits.
//
// The error is an *InvalidError if the text is empty or no UTF-8, and a *TooLongError if no symbol holds it.
func Encode(text string, level Level) (*Symbol, error) {
	switch {
	case level > H:
		return nil, &InvalidError{Field: "level", Rule: "L, M, Q or H"}
	case text == "":
		return nil, &InvalidError{Field: "text", Rule: "not empty"}
	case !utf8.ValidString(text):
		return nil, &InvalidError{Field: "text", Rule: "UTF-8"}
	}
	plan, err := planSegments(text, level, part{})
	if err != nil {
		return nil, err
	}
	return plan.symbol(text, level), nil
}

// symbol draws what is planned.
func (p *plan) symbol(text string, level Level) *Symbol {
	for level < H && p.bits <= 8*dataCodewords(p.version, level+1) {
		level++
	}
	codewords := p.codewords(text, dataCodewords(p.version, level))
	canvas := newCanvas(p.version)
	canvas.drawFunctionPatterns()
	canvas.place(interleave(codewords, p.version, level))
	s := &Symbol{version: p.version, level: level, size: canvas.size, stride: canvas.stride}
	s.mask, s.rows = canvas.bestMask(level)
	return s
}

// Size is the number of modules on a side, without the quiet zone: 21 to 177.
func (s *Symbol) Size() int { return s.size }

// Dark reports whether the module in column x and row y is dark, counted from the top left. Outside it is light.
func (s *Symbol) Dark(x, y int) bool {
	if x < 0 || y < 0 || x >= s.size || y >= s.size {
		return false
	}
	return s.rows[y*s.stride+x>>6]>>(x&63)&1 != 0
}

// Version is the version of the symbol, 1 to 40: its size is 17 + 4 versions.
func (s *Symbol) Version() int { return s.version }

// Level is the error correction level of the symbol, at least the one asked for.
func (s *Symbol) Level() Level { return s.level }

// Mask is the number of the data mask, 0 to 7.
func (s *Symbol) Mask() int { return s.mask }
