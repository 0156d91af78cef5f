package paper

// column is one column of a table.
type column struct {
	title string
	part  float64 // of the width of the text
	mid   bool    // centred
}

const cellPadding = 1.1

// table draws rows in a grid. A row stays on one page if it can; the heading stands on each.
func (s *sheet) table(columns []column, rows [][]string) {
	size := s.f.text - 0.5
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.title
	}
	heading := func() { s.row(columns, head, size, true) }
	first := s.rowHeight(columns, head, size, "B")
	if len(rows) > 0 {
		first += s.rowHeight(columns, rows[0], size, "")
	}
	s.room(min(first, s.f.height-s.f.top-s.f.bottom))
	heading()
	for _, r := range rows {
		if s.room(min(s.rowHeight(columns, r, size, ""), s.f.height-s.f.top-s.f.bottom-30)) {
			heading()
		}
		s.row(columns, r, size, false)
	}
	s.skip(leading(s.f.text) * 0.3)
}

func (s *sheet) rowHeight(columns []column, cells []string, size float64, style string) float64 {
	lines := 1
	for i, c := range columns {
		lines = max(lines, len(s.wrap([]run{{style, cells[i]}}, size, c.part*s.body()-2*cellPadding)))
	}
	return float64(lines)*leading(size) + cellPadding
}

// row draws one row; one that is higher than the page goes on over it.
func (s *sheet) row(columns []column, cells []string, size float64, heading bool) {
	style := ""
	if heading {
		style = "B"
	}
	set := make([][]line, len(columns))
	rest := 0
	for i, c := range columns {
		set[i] = s.wrap([]run{{style, cells[i]}}, size, c.part*s.body()-2*cellPadding)
		rest = max(rest, len(set[i]))
	}
	for from := 0; from < rest; {
		fits := int((s.f.height - s.f.bottom - s.y - cellPadding) / leading(size))
		if fits < 1 {
			s.newPage()
			if s.pdf.Err() {
				return
			}
			continue
		}
		to := min(rest, from+fits)
		s.strip(columns, set, from, to, size, heading)
		from = to
	}
}

// strip draws the lines [from, to) of a row with their borders.
func (s *sheet) strip(columns []column, set [][]line, from, to int, size float64, heading bool) {
	top, x := s.y, s.f.left
	height := float64(to-from)*leading(size) + cellPadding
	s.pdf.SetLineWidth(0.2)
	for i, c := range columns {
		width := c.part * s.body()
		s.pdf.Rect(x, top, width, height, "D")
		s.y = top + cellPadding/2
		for j := from; j < min(to, len(set[i])); j++ {
			l := set[i][j]
			at := x + cellPadding
			if c.mid || heading {
				at = x + (width-l.width)/2
			}
			s.line(l, size, at)
		}
		x += width
	}
	s.y = top + height
}
