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
	size := s.f.text
	const blank = 22 // mm for the signature itself
	heads := 0
	for _, b := range blocks {
		heads = max(heads, len(b.heads))
	}
	height := float64(heads+3)*leading(size) + blank
	s.room(min(height, s.f.height-s.f.top-s.f.bottom))
	top := s.y
	half := s.body() / 2
	if len(notes) > 0 {
		s.notes(notes, half)
	}
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
	s.y = bottom
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
