package dossier

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// The picture has three columns: the way every dossier hopes to go in the middle, what ends it early on the left, what
// it waits for on the right. States left and right stand between the rows of the middle, so that lines across pass
// between boxes.
const (
	boxWidth, boxHeight = 200.0, 54.0
	rowHeight           = 150.0
	topMargin           = 190.0
	pictureWidth        = 1100.0
	legendLine          = 17.0
)

type point struct{ x, y float64 }

// place is the middle of a state's box.
func place(s State) point {
	column := map[State]float64{0: 550, 1: 550, 2: 550, 4: 550, 9: 550, 10: 550, 3: 160, 7: 160, 8: 160, 5: 940, 6: 940}
	row := map[State]float64{0: -0.75, 1: 0, 2: 1, 4: 2, 9: 3, 10: 3.75, 3: -0.35, 7: 0.5, 8: 1.5, 5: 0.5, 6: 1.5}
	return point{column[s], topMargin + row[s]*rowHeight}
}

// curve is one edge as drawn.
type curve struct {
	number     int
	edge       *Edge
	from, to   point // on the boundaries of the boxes
	start, end side
	badge      point
	lead       float64 // x up to which the line runs straight, to pass between boxes; 0 for none
}

type side int

const (
	left side = iota
	right
	top
	bottom
)

// SVG draws the graph as a self-contained picture with a legend, labels in "vi" (also for any other tag) or "en". Each
// number on a line stands in the legend with the act, who performs it, and the law.
func (g *Graph) SVG(lang string) string {
	curves, loops := g.route()
	height := topMargin + 3.75*rowHeight + boxHeight/2 + 40
	var legend strings.Builder
	legendTop := height
	for i := range g.Edges {
		height = writeLegend(&legend, i+1, &g.Edges[i], lang, height)
	}
	title := g.Procedure.String() + " " + g.Name.In(lang)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img" `+
		`aria-labelledby="t d" font-family="'Be Vietnam Pro', 'Noto Sans', Arial, sans-serif" font-size="14">`+"\n",
		pictureWidth, height+20, pictureWidth, height+20)
	fmt.Fprintf(&b, "<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n", html.EscapeString(title),
		html.EscapeString(g.describe(lang)))
	b.WriteString(`<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" ` +
		`orient="auto"><path d="M0 0L10 5L0 10z"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/><text x="24" y="34" font-size="20" font-weight="600">%s</text>`+"\n",
		html.EscapeString(title))
	for i := range curves {
		fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="#505a5f" stroke-width="1.6" marker-end="url(#a)"/>`+"\n", curves[i].path())
	}
	for _, s := range g.States() {
		writeState(&b, s, lang, loops[s])
	}
	at := place(0)
	fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="8"/>`+"\n", at.x, at.y)
	for i := range curves {
		writeBadge(&b, curves[i].badge, fmt.Sprint(curves[i].number))
	}
	heading := []string{"Số", "Thao tác", "Người thực hiện", "Căn cứ"}
	if lang == "en" {
		heading = []string{"No.", "Act", "By", "Law"}
	}
	writeRow(&b, heading, legendTop, ` font-weight="600"`)
	b.WriteString(legend.String() + "</svg>\n")
	return b.String()
}

func (g *Graph) describe(lang string) string {
	var parts []string
	for _, e := range g.Edges {
		var names []string
		for _, a := range e.Acts {
			names = append(names, a.Act.Label(lang))
		}
		parts = append(parts, e.From.Label(lang)+" → "+e.To.Label(lang)+": "+strings.Join(names, ", "))
	}
	return strings.Join(parts, "; ") + "."
}

// route gives every edge its line and every act that stays in a state its number at the box.
func (g *Graph) route() (curves []curve, loops map[State]int) {
	loops = make(map[State]int)
	for i := range g.Edges {
		e := &g.Edges[i]
		if e.From == e.To {
			loops[e.From] = i + 1
			continue
		}
		c := curve{number: i + 1, edge: e}
		c.start, c.end = sides(e.From, e.To)
		curves = append(curves, c)
	}
	spread(curves)
	for i := range curves {
		c := &curves[i]
		if a, b := place(c.edge.From), place(c.edge.To); a.x > 700 && b.x < 400 {
			c.lead = 550 - boxWidth/2 - 20
		}
		c.badge = c.freeSpot(curves[:i])
	}
	return curves, loops
}

func sides(from, to State) (start, end side) {
	a, b := place(from), place(to)
	switch {
	case a.x < b.x:
		return right, left
	case a.x > b.x:
		return left, right
	case b.y-a.y > 0 && b.y-a.y < 1.2*rowHeight:
		return bottom, top
	}
	return right, right // past the boxes between
}

// spread gives the ends of lines at one side of a box places of their own, in the order of their other ends.
func spread(curves []curve) {
	type end struct {
		at    *point
		other point
	}
	ends := make(map[State]map[side][]end)
	add := func(s State, on side, at *point, other State) {
		if ends[s] == nil {
			ends[s] = make(map[side][]end)
		}
		ends[s][on] = append(ends[s][on], end{at, place(other)})
	}
	for i := range curves {
		c := &curves[i]
		add(c.edge.From, c.start, &c.from, c.edge.To)
		add(c.edge.To, c.end, &c.to, c.edge.From)
	}
	for s, bySide := range ends {
		for on, list := range bySide {
			slices.SortStableFunc(list, func(a, b end) int { return cmp.Compare(a.other.y, b.other.y) })
			for i, one := range list {
				*one.at = port(s, on, float64(i+1)/float64(len(list)+1))
			}
		}
	}
}

func port(s State, on side, share float64) point {
	at, w, h := place(s), boxWidth/2, boxHeight/2
	if s == 0 {
		w, h = 8, 8
	}
	switch on {
	case left:
		return point{at.x - w, at.y - h + 2*h*share}
	case right:
		return point{at.x + w, at.y - h + 2*h*share}
	case top:
		return point{at.x - w + 2*w*share, at.y - h}
	}
	return point{at.x - w + 2*w*share, at.y + h}
}

// controls are the inner points of the Bézier curve that begins at begin.
func (c *curve) controls() (begin, p, q point) {
	begin = c.from
	if c.lead != 0 {
		begin.x = c.lead
	}
	dx := math.Max(math.Abs(c.to.x-begin.x)/2, 40)
	p, q = begin, c.to
	switch {
	case c.start == bottom:
		dy := (c.to.y - begin.y) / 2
		p.y, q.y = p.y+dy, q.y-dy
	case c.start == right && c.end == right:
		p.x, q.x = p.x+dx+30, q.x+dx+30
	case c.start == right:
		p.x, q.x = p.x+dx, q.x-dx
	default:
		p.x, q.x = p.x-dx, q.x+dx
	}
	return begin, p, q
}

func (c *curve) path() string {
	begin, p, q := c.controls()
	return fmt.Sprintf("M%.1f %.1fL%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", c.from.x, c.from.y, begin.x, begin.y, p.x, p.y,
		q.x, q.y, c.to.x, c.to.y)
}

func (c *curve) at(t float64) point {
	a, p, q := c.controls()
	u := 1 - t
	mix := func(a, b, c, d float64) float64 { return u*u*u*a + 3*u*u*t*b + 3*u*t*t*c + t*t*t*d }
	return point{mix(a.x, p.x, q.x, c.to.x), mix(a.y, p.y, q.y, c.to.y)}
}

// freeSpot finds a place for the number on the line where it hides no other.
func (c *curve) freeSpot(placed []curve) point {
	for _, t := range []float64{0.5, 0.4, 0.6, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8, 0.15, 0.85} {
		spot := c.at(t)
		if !slices.ContainsFunc(placed, func(o curve) bool { return math.Hypot(o.badge.x-spot.x, o.badge.y-spot.y) < 27 }) {
			return spot
		}
	}
	return c.at(0.5)
}
