package office

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/signature"
)

// revision is one signed state of a document: a signature or a time stamp, and what came after it.
type revision struct {
	No         int
	What       string // "Chữ ký", "Dấu thời gian"
	Who, When  string
	State      string
	Class      string // good, warn, bad
	After      string
	AfterClass string
	Changes    []changeLine
	end        int64
}

// changeLine sums the changes of one kind up.
type changeLine struct {
	Kind      string
	aid       bool // part of another change
	Count     int
	Permitted bool
	Objects   string
	Why       string
}

// maxObjects bounds the object numbers that a page lists of one kind.
const maxObjects = 12

// revisions puts signatures and time stamps of a document in the order in which they were added.
func (o *Office) revisions(lang string, report *signature.Report) []revision {
	say := func(code string, args ...any) string { return o.pages.words.say(lang, code, args...) }
	var list []revision
	for _, s := range report.Signatures {
		r := revision{What: say("revision.signature"), When: say("revision.notime"), State: s.Indication.Text(lang),
			Class: indicationClass(s.Indication), end: endOf(s.ByteRange), Changes: o.changeLines(lang, &s)}
		if s.Signer != nil {
			r.Who = s.Signer.CommonName
		}
		switch {
		case s.ProvenTime != nil:
			r.When = formatMinute(*s.ProvenTime)
		case s.ClaimedTime != nil:
			r.When = say("revision.claimed", formatMinute(*s.ClaimedTime))
		}
		list = append(list, r)
	}
	for _, t := range report.DocumentTimestamps {
		r := revision{What: say("revision.timestamp"), When: formatMinute(t.Time), State: t.Indication.Text(lang),
			Class: indicationClass(t.Indication), end: endOf(t.ByteRange), Changes: o.lines(lang, t.Changes, nil)}
		if t.Authority != nil {
			r.Who = t.Authority.CommonName
		}
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b revision) int { return cmp.Compare(a.end, b.end) })
	for i := range list {
		list[i].No = i + 1
		list[i].After, list[i].AfterClass = after(list[i].Changes, say)
	}
	return list
}

func endOf(byteRange []int64) int64 {
	if len(byteRange) != 4 {
		return 0
	}
	return byteRange[2] + byteRange[3]
}

func indicationClass(i signature.Indication) string {
	switch i {
	case signature.TotalPassed:
		return "good"
	case signature.TotalFailed:
		return "bad"
	}
	return "warn"
}

// after says in one line what followed a signature.
func after(changes []changeLine, say func(string, ...any) string) (text, class string) {
	if len(changes) == 0 {
		return say("revision.nothing"), "calm"
	}
	var kinds []string
	class = "calm"
	for _, c := range changes {
		if !c.Permitted {
			class = "bad"
		}
	}
	onlyAids := !slices.ContainsFunc(changes, func(c changeLine) bool { return c.Permitted && !c.aid })
	for _, c := range changes {
		if c.Permitted == (class == "calm") && (!c.Permitted || !c.aid || onlyAids) {
			kinds = append(kinds, c.Kind)
		}
	}
	if class == "bad" {
		return say("revision.forbidden", strings.Join(kinds, ", ")), class
	}
	return say("revision.permitted", strings.Join(kinds, ", ")), class
}

func (o *Office) changeLines(lang string, s *signature.Signature) []changeLine {
	whys := make(map[string]string)
	for _, r := range s.Reasons {
		whys[r.Code] = r.Text(lang)
	}
	return o.lines(lang, s.Changes, whys)
}

// lines sums changes up by kind and verdict, the forbidden first.
func (o *Office) lines(lang string, changes []signature.Change, whys map[string]string) []changeLine {
	var list []changeLine
	seen := make(map[signature.Change]int)
	for _, c := range changes {
		key := signature.Change{Kind: c.Kind, Permitted: c.Permitted, Why: c.Why}
		i, ok := seen[key]
		if !ok {
			i = len(list)
			seen[key] = i
			aid := c.Kind == signature.FormExtended || c.Kind == signature.ObjectAdded || c.Kind == signature.Rewritten
			list = append(list, changeLine{Kind: o.pages.words.say(lang, "change."+string(c.Kind)), aid: aid, Permitted: c.Permitted,
				Why: whys[c.Why]})
		}
		switch list[i].Count++; {
		case list[i].Count > maxObjects+1:
		case list[i].Count > maxObjects:
			list[i].Objects += " …"
		default:
			list[i].Objects = strings.TrimSpace(list[i].Objects + " " + itoa(c.Object))
		}
	}
	slices.SortStableFunc(list, func(a, b changeLine) int { return cmp.Compare(boolToInt(a.Permitted), boolToInt(b.Permitted)) })
	return list
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Measures of the drawing, in points that are pixels on a phone of 360.
const (
	drawWidth  = 320
	drawBars   = 6 // signatures whose reach is drawn; more would not leave room for words
	drawStep   = 9
	drawLetter = 31 // letters on a line, in a wide face
	drawLine   = 20
)

// inks are the colours of classes, as in the style sheet: each stands out from white by 4.5 and more.
var inks = map[string]string{"good": "#0a6640", "warn": "#8a4b00", "bad": "#a3141f", "calm": "#4b545c"}

// drawRevisions draws what was signed when, from the top of the document to its end: a bar beside it shows how far each
// signature reaches. Everything in it stands in the table below, too.
func (o *Office) drawRevisions(lang string, list []revision, size int64) []byte {
	if len(list) == 0 {
		return nil
	}
	d := &drawing{text: 24 + drawStep*min(len(list), drawBars)}
	d.words(o.pages.words.say(lang, "revision.begin"), "400", "#14171a")
	var told []string
	for i, r := range list {
		d.y += 14
		d.mark(i, r)
		d.words(fmt.Sprintf("%d. %s", r.No, r.What), "600", "#14171a")
		if r.Who != "" {
			d.words(r.Who, "400", "#14171a")
		}
		d.words(r.When, "400", inks["calm"])
		d.words(r.State, "600", inks[r.Class])
		d.words(r.After, "400", inks[r.AfterClass])
		told = append(told, fmt.Sprintf("%d. %s: %s, %s. %s. %s", r.No, r.What, r.Who, r.When, r.State, r.After))
	}
	d.y += 14
	d.words(o.pages.words.say(lang, "revision.end", itoa(int(size))), "400", inks["calm"])
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="revisions" viewBox="0 0 %d %d" width="%d" height="%d" `,
		drawWidth, d.y+14, drawWidth, d.y+14)
	b.WriteString(`role="img" aria-labelledby="revisions-title revisions-desc">`)
	fmt.Fprintf(&b, `<title id="revisions-title">%s</title><desc id="revisions-desc">%s</desc>`,
		html.EscapeString(o.pages.words.say(lang, "revision.title")), html.EscapeString(strings.Join(told, " ")))
	b.WriteString(d.bars.String() + d.body.String() + `</svg>`)
	return []byte(b.String())
}

// drawing is a picture that grows downwards.
type drawing struct {
	y, text    int
	bars, body strings.Builder
}

// words sets a text, broken into lines.
func (d *drawing) words(text, weight, ink string) {
	for _, line := range wrap(text, drawLetter-d.text/14) {
		d.y += drawLine
		// The colour is the inner element's: a style sheet in another drawing of the page may be meant for every text.
		fmt.Fprintf(&d.body, `<text x="%d" y="%d" font-size="15" font-weight="%s"><tspan fill="%s">%s</tspan></text>`, d.text, d.y,
			weight, ink, html.EscapeString(line))
	}
}

// mark draws how far a signature reaches: a bar from the beginning of the document to here, and a knot at its end.
func (d *drawing) mark(i int, r revision) {
	at, ink := d.y+15, inks[r.Class]
	if i < drawBars {
		x := 8 + drawStep*i
		fmt.Fprintf(&d.bars, `<path d="M%d 4V%d" stroke="%s" stroke-width="4"/>`, x, at, ink)
		fmt.Fprintf(&d.bars, `<path d="M%d %dH%d" stroke="%s" stroke-width="2"/>`, x, at, d.text-8, ink)
	}
	fmt.Fprintf(&d.bars, `<circle cx="%d" cy="%d" r="6" fill="%s"/>`, d.text-10, at, ink)
}

// wrap breaks a text between words into lines of so many letters; a longer word is broken.
func wrap(text string, width int) []string {
	var lines []string
	line := []rune{}
	for _, word := range strings.Fields(text) {
		w := []rune(word)
		for len(w) > width {
			if len(line) > 0 {
				lines, line = append(lines, string(line)), nil
			}
			lines, w = append(lines, string(w[:width])), w[width:]
		}
		if len(line) > 0 && len(line)+1+len(w) > width {
			lines, line = append(lines, string(line)), nil
		}
		if len(line) > 0 {
			line = append(line, ' ')
		}
		line = append(line, w...)
	}
	return append(lines, string(line))
}

// provenText is the time of a signature as a row of the page.
func provenText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return formatMinute(*t)
}
