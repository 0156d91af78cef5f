package qr

import "strings"

// Terminal returns the symbol with its quiet zone as text for a terminal with light letters on a dark ground, two rows
// of modules a line: a light module is a filled half block.
func (s *Symbol) Terminal() string {
	var b strings.Builder
	b.Grow((s.size + 9) * (s.size + 9) * 3 / 2)
	for y := -quietZone; y < s.size+quietZone; y += 2 {
		for x := -quietZone; x < s.size+quietZone; x++ {
			below := s.Dark(x, y+1) || y+1 >= s.size+quietZone
			switch above := s.Dark(x, y); {
			case above && below:
				b.WriteByte(' ')
			case above:
				b.WriteRune('▄')
			case below:
				b.WriteRune('▀')
			default:
				b.WriteRune('█')
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
