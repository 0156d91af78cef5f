package dossier

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

func writeState(b *strings.Builder, s State, lang string, loop int) {
	at := place(s)
	width := 1.5
	if !s.Open() {
		width = 4 // nothing leads out of it
	}
	fill := "#eef3f8"
	if s.Ends(true) {
		fill = "#f3f2f1"
	}
	fmt.Fprintf(b, `<rect x="%g" y="%g" width="%g" height="%g" rx="8" fill="%s" stroke="#0b0c0c" stroke-width="%g"/>`+"\n",
		at.x-boxWidth/2, at.y-boxHeight/2, boxWidth, boxHeight, fill, width)
	lines := wrap(s.String()+". "+s.Label(lang), 24)
	for i, line := range lines {
		y := at.y + 5 + 18*(float64(i)-float64(len(lines)-1)/2)
		fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">%s</text>`+"\n", at.x, y, html.EscapeString(line))
	}
	if loop > 0 {
		corner := point{at.x + boxWidth/2 - 14, at.y + boxHeight/2}
		writeBadge(b, corner, fmt.Sprintf("↻%d", loop))
	}
}

func writeBadge(b *strings.Builder, at point, text string) {
	width := 10 + 8*float64(utf8.RuneCountInString(text))
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%g" height="20" rx="10" fill="#fff" stroke="#1d70b8"/>`+
		`<text x="%.1f" y="%.1f" text-anchor="middle" font-size="12" font-weight="600">%s</text>`+"\n",
		at.x-width/2, at.y-10, width, at.x, at.y+4, text)
}

// The legend's columns, and how many letters fit into each.
var (
	columnAt    = [4]float64{24, 70, 290, 560}
	columnWidth = [4]int{5, 30, 38, 74}
)

// writeLegend writes what stands behind a number and returns where the next row begins.
func writeLegend(b *strings.Builder, number int, e *Edge, lang string, y float64) float64 {
	for i := range e.Acts {
		a := &e.Acts[i]
		cells := []string{"", a.Act.Label(lang), a.roles(lang), a.law(lang)}
		if i == 0 {
			cells[0] = fmt.Sprint(number)
		}
		y += legendLine + 7
		y += legendLine * float64(writeRow(b, cells, y, "")-1)
	}
	return y
}

// writeRow writes cells, wrapped, and returns the number of lines.
func writeRow(b *strings.Builder, cells []string, y float64, style string) int {
	most := 1
	for i, cell := range cells {
		lines := wrap(cell, columnWidth[i])
		for j, line := range lines {
			fmt.Fprintf(b, `<text x="%g" y="%g" font-size="13"%s>%s</text>`+"\n", columnAt[i], y+legendLine*float64(j), style,
				html.EscapeString(line))
		}
		most = max(most, len(lines))
	}
	return most
}

// wrap breaks text between words into lines of at most width letters; a longer word stands alone.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
