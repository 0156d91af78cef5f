package qr

import (
	"sort"
	"unicode/utf8"
)

// maxSeries is the number of symbols that can follow each other.
const maxSeries = 16

// EncodeSeries splits a text that is too long for one handy symbol over up to 16 symbols of one version (structured
// append, clause 8.3). Each says its place, the number of symbols and the parity of the whole text, so that a scanner
// puts them together and does not mix two series. A text that fits one symbol gives one plain symbol.
// Each part is whole UTF-8 and is marked as such on its own.
//
// Scanners of telephones often show one part and stop: a series is for a reader that is known. The error is an
// *InvalidError, or a *TooLongError if 16 symbols do not hold the text.
func EncodeSeries(text string, level Level, version int) ([]*Symbol, error) {
	switch {
	case level > H:
		return nil, &InvalidError{Field: "level", Rule: "L, M, Q or H"}
	case version < minVersion || version > maxVersion:
		return nil, &InvalidError{Field: "version", Rule: "1 to 40"}
	case text == "":
		return nil, &InvalidError{Field: "text", Rule: "not empty"}
	case !utf8.ValidString(text):
		return nil, &InvalidError{Field: "text", Rule: "UTF-8"}
	}
	capacity := 8 * dataCodewords(version, level)
	if len(text) > maxSeries*maxNumerals {
		return nil, &TooLongError{Level: level, Bits: len(text) * sixths[numeric] / 6, Capacity: maxSeries * capacity}
	}
	if p, err := planSegments(text, level, part{}); err == nil && p.version <= version {
		return []*Symbol{p.symbol(text, level)}, nil
	}
	var pieces []string
	for rest := text; rest != ""; {
		n := longestPart(rest, level, version)
		if n == 0 || len(pieces) == maxSeries {
			return nil, &TooLongError{Level: level, Bits: len(text) * sixths[numeric] / 6, Capacity: maxSeries * capacity}
		}
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	of := part{total: len(pieces)}
	for i := range len(text) {
		of.parity ^= text[i]
	}
	symbols := make([]*Symbol, len(pieces))
	for i, piece := range pieces {
		of.index = i
		p, err := planSegments(piece, level, of)
		if err != nil {
			return nil, err
		}
		p.version = version
		symbols[i] = p.symbolAt(piece, level)
	}
	return symbols, nil
}

// symbolAt draws in the version that is set, whose class of lengths may be another than that of the smallest version.
func (p *plan) symbolAt(text string, level Level) *Symbol {
	for class, last := range lastOfClass {
		if p.version <= last {
			if p.class != class {
				p.class, p.bits = class, p.optimise(text, class, make([]uint8, len(text)))
			}
			return p.symbol(text, level)
		}
	}
	return p.symbol(text, level)
}

// longestPart returns how many bytes of the text fit one part of a series; more bytes never take fewer bits.
func longestPart(text string, level Level, version int) int {
	fits := func(n int) bool {
		p := plan{part: part{total: 1}, modes: make([]mode, n)}
		for i := range n {
			p.eci = p.eci || text[i] > 127
		}
		class := 0
		for lastOfClass[class] < version {
			class++
		}
		return p.optimise(text[:n], class, make([]uint8, n)) <= 8*dataCodewords(version, level)
	}
	most := min(len(text), maxNumerals)
	n := sort.Search(most, func(i int) bool { return !fits(i + 1) })
	for n > 0 && n < len(text) && !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}
