package paper

import (
	"strings"
)

// block is a column to set text in.
type block struct{ x, width float64 }

// run is a piece of text in one style: "", "B" or "I".
type run struct{ style, text string }

func (s *sheet) set(style string, size float64) { s.pdf.SetFont("serif", style, size) }

func (s *sheet) width(text, style string, size float64) float64 {
	s.set(style, size)
	return s.pdf.GetStringWidth(text)
}

// fit returns the largest size up to size, in half points, at which the text is at most width wide.
func (s *sheet) fit(text, style string, size, width float64) float64 {
	for size > 6 && s.width(text, style, size) > width {
		size -= 0.5
	}
	return size
}

func (s *sheet) centred(b block, style string, size float64, text string) {
	for _, line := range s.wrap([]run{{style, text}}, size, b.width) {
		s.line(line, size, b.x+(b.width-line.width)/2)
	}
}

// rule draws the short line under a name, as a part of the block's width.
func (s *sheet) rule(b block, part float64) {
	s.pdf.SetLineWidth(0.25)
	y := s.y + 0.9
	s.pdf.Line(b.x+b.width*(1-part)/2, y, b.x+b.width*(1+part)/2, y)
	s.skip(2.1)
}

// paragraph sets runs one after another over the whole column.
func (s *sheet) paragraph(runs ...run) {
	for _, line := range s.wrap(runs, s.f.text, s.body()) {
		s.line(line, s.f.text, s.f.left)
	}
	s.skip(leading(s.f.text) * 0.14)
}

// field sets "label: value" and leaves empty values out.
func (s *sheet) field(label, value string) {
	if value != "" {
		s.paragraph(run{"", label + ": "}, run{"", value})
	}
}

func (s *sheet) strong(label, value string) {
	if value != "" {
		s.paragraph(run{"", label + ": "}, run{"B", value})
	}
}

func (s *sheet) title(text, sub string) {
	whole := block{s.f.left, s.body()}
	s.centred(whole, "B", s.f.title, text)
	if sub != "" {
		s.centred(whole, "I", s.f.text, sub)
	}
	s.skip(leading(s.f.text) * 0.5)
}

// line is a set line: its pieces and their width.
type line struct {
	pieces []run
	width  float64
}

func (s *sheet) line(l line, size, x float64) {
	s.room(leading(size))
	base := s.y + leading(size)*0.78
	for _, p := range l.pieces {
		s.set(p.style, size)
		s.pdf.Text(x, base, p.text)
		x += s.pdf.GetStringWidth(p.text)
	}
	s.skip(leading(size))
}

// wrap breaks runs into lines of at most width at spaces; a word wider than that is broken where it must be.
func (s *sheet) wrap(runs []run, size, width float64) []line {
	w := wrapper{s: s, size: size, limit: width + 0.05} // what rounding adds is no reason to break a line
	for _, r := range runs {
		for i, part := range strings.Split(r.text, "\n") {
			if i > 0 {
				w.flush()
			}
			for j, word := range strings.Split(part, " ") {
				if j > 0 {
					w.space(r.style)
				}
				if word != "" {
					w.word(r.style, word)
				}
			}
		}
	}
	w.flush()
	return w.lines
}

type wrapper struct {
	s     *sheet
	size  float64
	limit float64
	lines []line
	now   line
	gap   string // style of a space that waits for a word, "-" for none
	open  bool
}

func (w *wrapper) space(style string) {
	if len(w.now.pieces) > 0 {
		w.gap, w.open = style, true
	}
}

func (w *wrapper) word(style, word string) {
	need := w.s.width(word, style, w.size)
	if w.open {
		gap := w.s.width(" ", w.gap, w.size)
		if w.now.width+gap+need > w.limit {
			w.flush()
		} else {
			w.put(w.gap, " ", gap)
		}
		w.open = false
	}
	for need > w.limit-w.now.width {
		cut := w.cut(style, word, w.limit-w.now.width)
		if cut == 0 && len(w.now.pieces) > 0 {
			w.flush()
			continue
		}
		if cut == 0 {
			break // narrower than one letter: let it stand out
		}
		w.put(style, word[:cut], w.s.width(word[:cut], style, w.size))
		w.flush()
		word = word[cut:]
		need = w.s.width(word, style, w.size)
	}
	if word != "" {
		w.put(style, word, need)
	}
}

// cut is the number of bytes of the word that fit into room.
func (w *wrapper) cut(style, word string, room float64) int {
	fits := 0
	for i := range word {
		if i > 0 && w.s.width(word[:i], style, w.size) > room {
			break
		}
		fits = i
	}
	return fits
}

func (w *wrapper) put(style, text string, width float64) {
	if n := len(w.now.pieces); n > 0 && w.now.pieces[n-1].style == style {
		w.now.pieces[n-1].text += text
	} else {
		w.now.pieces = append(w.now.pieces, run{style, text})
	}
	w.now.width += width
}

func (w *wrapper) flush() {
	w.lines = append(w.lines, w.now)
	w.now, w.open = line{}, false
}
