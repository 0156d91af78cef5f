package calendar

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Geometry of the drawing, in user units.
const (
	cellWidth  = 92
	cellHeight = 66
	headHeight = 26
	margin     = 6
)

// Faces of the words. They are attributes and not a style sheet: one inside a page would reach other drawings, and pages
// that allow no inline styles would not apply it.
const (
	faceDate   = `font-size="13" fill="#0b0c0c"`
	faceNumber = `font-size="20" font-weight="700" fill="#0b0c0c"`
	faceHours  = `font-size="15" font-weight="700" fill="#0b0c0c"`
	faceWord   = `font-size="12" fill="#0b0c0c"`
	faceHead   = `font-size="12" fill="#505a5f"`
)

const svgPatterns = `<defs>` +
	`<pattern id="weekend" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
	`<rect width="8" height="8" fill="#fff"/><rect width="2" height="8" fill="#d5d9dc"/></pattern>` +
	`<pattern id="holiday" width="8" height="8" patternUnits="userSpaceOnUse">` +
	`<rect width="8" height="8" fill="#fdf0ee"/><circle cx="4" cy="4" r="1.4" fill="#e3a59c"/></pattern>` +
	`<pattern id="swap" width="10" height="10" patternUnits="userSpaceOnUse">` +
	`<rect width="10" height="10" fill="#fff7e0"/><path d="M0 5h10M5 0v10" stroke="#e2c877"/></pattern></defs>`

// SVG draws the days as a sheet of weeks, Monday first. Kinds of days differ by a word and a pattern, not by colour
// alone, and each cell's title holds the full reason. lang is "vi" (also any other tag) or "en".
func (e Explanation) SVG(lang string) string {
	if len(e.Days) == 0 {
		return ""
	}
	w := wordsOf(lang)
	first := e.Days[0].Date
	lead := column(first)
	weeks := (lead + len(e.Days) + 6) / 7
	width, height := 7*cellWidth+2*margin, headHeight+weeks*cellHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" `,
		width, height, width, height)
	b.WriteString(`font-family="Be Vietnam Pro, system-ui, sans-serif">`)
	fmt.Fprintf(&b, `<title>%s: %s. %s: %s</title>`, w.limit, e.period(w), w.due, vntime.FormatDate(e.Due))
	b.WriteString(svgPatterns)
	for i := range 7 {
		fmt.Fprintf(&b, `<text %s x="%d" y="%d">%s</text>`, faceHead, margin+i*cellWidth+6, margin+17,
			w.weekdays[(i+1)%7])
	}
	for i, l := range e.Days {
		at := lead + i
		e.cell(&b, l, margin+at%7*cellWidth, margin+headHeight+at/7*cellHeight, i == len(e.Days)-1, lang)
	}
	b.WriteString(`</svg>`)
	return b.String()
}

func (e Explanation) cell(b *strings.Builder, l Line, x, y int, last bool, lang string) {
	look := lookOf(l, lang)
	stroke, thick := "#b1b4b6", 1
	if last {
		stroke, thick = "#0b0c0c", 3
	}
	law := l.Law
	if law != "" {
		law = " (" + law + ")"
	}
	fmt.Fprintf(b, `<g><title>%s: %s%s</title>`, vntime.FormatDate(l.Date), escape(l.Reason.Text(lang)), escape(law))
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s" stroke="%s" stroke-width="%d"%s/>`,
		x+2, y+2, cellWidth-4, cellHeight-4, look.fill, stroke, thick, look.border)
	fmt.Fprintf(b, `<text %s x="%d" y="%d">%s</text>`, faceDate, x+8, y+19, l.Date.Format("02/01"))
	if l.Counted {
		face, number, down := faceNumber, fmt.Sprint(l.No), 26
		if e.timed() { // longer than a number: below the date, not beside it
			face, number, down = faceHours, fmt.Sprintf("%d:%02d", int(l.Worked/time.Hour), int(l.Worked%time.Hour/time.Minute)), 37
		}
		fmt.Fprintf(b, `<text %s x="%d" y="%d" text-anchor="end">%s</text>`, face, x+cellWidth-9, y+down, number)
	}
	word := look.word
	if last {
		word = dueWord(lang)
	}
	fmt.Fprintf(b, `<text %s x="%d" y="%d">%s</text></g>`, faceWord, x+8, y+cellHeight-12, word)
}

type look struct{ fill, border, word string }

func lookOf(l Line, lang string) look {
	vi := lang != "en"
	pick := func(a, b string) string {
		if vi {
			return a
		}
		return b
	}
	const dashed = ` stroke-dasharray="5 3"`
	switch {
	case l.Reason.Code == Start || l.Reason.Code == CutOff:
		return look{"#fff", dashed, pick("tiếp nhận", "received")}
	case l.Reason.Code == MakeUp:
		return look{"#d9ead7", "", pick("làm bù", "make-up day")}
	case l.Reason.Code == Weekend:
		return look{"url(#weekend)", "", pick("cuối tuần", "weekend")}
	case l.Reason.Code == Swap:
		return look{"url(#swap)", "", pick("nghỉ hoán đổi", "swapped off")}
	case l.Reason.Code == Compensatory:
		return look{"url(#holiday)", "", pick("nghỉ bù", "in lieu")}
	case !l.Working:
		return look{"url(#holiday)", "", pick("nghỉ lễ, Tết", "holiday")}
	case l.Counted:
		return look{"#e1edf8", "", pick("làm việc", "working")}
	}
	return look{"#fff", "", pick("không tính", "not counted")}
}

func dueWord(lang string) string {
	if lang == "en" {
		return "due"
	}
	return "hẹn trả"
}

// column is 0 for Monday to 6 for Sunday.
func column(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return b.String()
}
