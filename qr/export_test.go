package qr

// What the tests see of the inside: the steps of the standard that have published examples of their own.

// Interleave returns data and check codewords in the order of placement.
var Interleave = interleave

// PlannedBits returns the bits of the best split of the text in a class of versions (0: 1-9, 1: 10-26, 2: 27-40).
func PlannedBits(text string, class int) int {
	p := plan{modes: make([]mode, len(text))}
	return p.optimise(text, class, make([]uint8, len(text)))
}

// Penalty scores a symbol as the choice of the mask does.
func Penalty(s *Symbol) int {
	c := newCanvas(s.version)
	for y := range s.size {
		for x := range s.size {
			if s.Dark(x, y) {
				c.set(c.dark, x, y)
			}
		}
	}
	return c.penalty(c.dark)
}
