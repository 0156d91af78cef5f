package paper

// signature is one column of a signature block.
type signature struct {
	heads []string // in bold capitals
	note  string   // in italics under them: ký, ghi rõ họ tên
	name  string
}

// signatures draws one or two signatures side by side and keeps them together. The space of the last is where the
// document is signed. notes, such as the list of recipients, stand in the left column when there is one signature.
func (s *sheet) signatures(notes []string, blocks ...signature) {
	const widest, narrowest = 22.0, 14.0 // mm for the signature itself; less than wanted before a page for it alone
	size, half := s.f.text, s.body()/2
	words := 0.0
	for _, b := range blocks {
		words = max(words, s.wordHeight(b, half))
	}
	s.room(words + narrowest)
	blank := max(narrowest, min(widest, s.f.height-s.f.bottom-s.y-words))
	top := s.y
	bottom := s.y
	for i, b := range blocks {
		s.y = top
		column := block{s.f.left + half*float64(i+2-len(blocks)), half}
		for _, h := range b.heads {
			s.centred(column, "B", size, h)
		}
		if b.note != "" {
			s.centred(column, "I", size-1, b.note)
		}
		s.space = Space{
			Page: s.pdf.PageNo(), X: (column.x + 3) * pointsPerMM, Y: (s.f.height - s.y - blank + 1) * pointsPerMM,
			Width: (column.width - 6) * pointsPerMM, Height: (blank - 2) * pointsPerMM,
		}
		s.skip(blank)
		if b.name != "" {
			s.centred(column, "B", size, b.name)
		}
		bottom = max(bottom, s.y)
	}
	s.y = top
	s.notes(notes, half) // last: should it run over the page, the signature stays where the text ends
	s.y = max(s.y, bottom)
}

// wordHeight is the height of all that is set in a signature block.
func (s *sheet) wordHeight(b signature, width float64) float64 {
	height := 0.0
	for _, h := range append([]string{b.name}, b.heads...) {
		if h != "" {
			height += float64(len(s.wrap([]run{{"B", h}}, s.f.text, width))) * leading(s.f.text)
		}
	}
	if b.note != "" {
		height += leading(s.f.text - 1)
	}
	return height
}

func (s *sheet) notes(notes []string, width float64) {
	size := s.f.text - 2
	for i, n := range notes {
		style := ""
		if i == 0 {
			style = "B"
		}
		for _, l := range s.wrap([]run{{style, n}}, size, width-4) {
			s.line(l, size, s.f.left)
		}
	}
}
