package main

import (
	"fmt"
	"math"
	"strings"
)

// The plots' measures, in SVG units.
const (
	plotWidth, plotHeight = 860, 420
	plotLeft, plotBottom  = 70, 360
	plotRight, plotTop    = 640, 50
)

// line is one line of a plot.
type line struct {
	name string
	x, y []float64
}

// chart draws lines over two axes, both logarithmic or both linear; every line has its name in words beside its colour
// and a dash of its own.
type chart struct {
	title, xName, yName string
	logarithmic         bool
	lines               []line
}

func (r *report) latencyPlot() string {
	c := chart{title: "Latency from the intended beginning, by size", xName: "dossiers", yName: "ms", logarithmic: true}
	for _, group := range []string{allActs, allLists} {
		for _, quantile := range []struct {
			name string
			of   func(result) float64
		}{
			{"p50", func(r result) float64 { return r.P50 }}, {"p95", func(r result) float64 { return r.P95 }},
			{"p99", func(r result) float64 { return r.P99 }},
		} {
			l := line{name: quantile.name + " of " + group}
			for i := range r.Stages {
				if found, ok := r.Stages[i].find(group); ok {
					l.x, l.y = append(l.x, float64(r.Stages[i].Dossiers)), append(l.y, quantile.of(found))
				}
			}
			c.lines = append(c.lines, l)
		}
	}
	return c.svg()
}

// fillingPlot is the rate of acts over the number of dossiers.
func (r *report) fillingPlot() string {
	c := chart{title: "Filling: acts a second, by size", xName: "dossiers", yName: "acts a second"}
	l := line{name: "acts a second"}
	const pieces = 50
	for from, i := 0, 1; i < len(r.Filling); i++ {
		before, now := r.Filling[from], r.Filling[i]
		if now.Dossiers-before.Dossiers < r.Filling[len(r.Filling)-1].Dossiers/pieces || now.Dossiers == before.Dossiers ||
			now.Seconds <= before.Seconds {
			continue
		}
		from = i
		l.x = append(l.x, float64(now.Dossiers))
		l.y = append(l.y, float64(now.Acts-before.Acts)/(now.Seconds-before.Seconds))
	}
	c.lines = []line{l}
	return c.svg()
}

// axis maps values to places.
type axis struct {
	low, high, from, to float64
	logarithmic         bool
}

func (a axis) place(v float64) float64 {
	low, high := a.low, a.high
	if a.logarithmic {
		low, high, v = math.Log10(low), math.Log10(high), math.Log10(max(v, a.low))
	}
	return a.from + (a.to-a.from)*(v-low)/(high-low)
}

// ticks are the powers of ten, or a round step with some four of them.
func (a axis) ticks() []float64 {
	var out []float64
	if a.logarithmic {
		for t := a.low; t <= a.high*1.001; t *= 10 {
			out = append(out, t)
		}
		return out
	}
	step := math.Pow(10, math.Floor(math.Log10(a.high/2)))
	for a.high/step > 6 {
		step *= 2
	}
	for t := 0.0; t <= a.high*1.001; t += step {
		out = append(out, t)
	}
	return out
}

// axes spans the values of all lines.
func (c *chart) axes() (x, y axis) {
	span := func(pick func(line) []float64) (low, high float64) {
		low, high = math.Inf(1), 0
		for _, l := range c.lines {
			for _, v := range pick(l) {
				low, high = min(low, v), max(high, v)
			}
		}
		if high == 0 {
			return 1, 10
		}
		if !c.logarithmic {
			return 0, high
		}
		low, high = math.Pow(10, math.Floor(math.Log10(max(low, 1e-3)))), math.Pow(10, math.Ceil(math.Log10(high)))
		return low, max(high, low*10)
	}
	x = axis{from: plotLeft, to: plotRight, logarithmic: c.logarithmic}
	y = axis{from: plotBottom, to: plotTop, logarithmic: c.logarithmic}
	x.low, x.high = span(func(l line) []float64 { return l.x })
	y.low, y.high = span(func(l line) []float64 { return l.y })
	return x, y
}

func (c *chart) svg() string {
	x, y := c.axes()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s" `+
		`font-family="sans-serif" font-size="14"><rect width="100%%" height="100%%" fill="#fff"/>`+
		`<text x="%d" y="28" font-size="18">%s</text>`, plotWidth, plotHeight, c.title, plotLeft, c.title)
	for _, t := range x.ticks() {
		fmt.Fprintf(&b, `<path d="M%.1f %d V%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`,
			x.place(t), plotTop, plotBottom, x.place(t), plotBottom+20, short(t))
	}
	for _, t := range y.ticks() {
		fmt.Fprintf(&b, `<path d="M%d %.1f H%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			plotLeft, y.place(t), plotRight, plotLeft-8, y.place(t)+5, short(t))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><text x="8" y="%d">%s</text>`, plotRight,
		plotBottom+42, c.xName, plotTop-8, c.yName)
	for i, l := range c.lines {
		c.draw(&b, i, l, x, y)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (c *chart) draw(b *strings.Builder, i int, l line, x, y axis) {
	colours := [...]string{"#0b5cad", "#0b5cad", "#0b5cad", "#b3261e", "#b3261e", "#b3261e"}
	dashes := [...]string{"2 4", "8 4", ""}
	colour, dash := colours[i%len(colours)], dashes[(i+len(dashes)-1+min(len(c.lines)-1, 1))%len(dashes)]
	var path strings.Builder
	for k := range l.x {
		fmt.Fprintf(&path, "%c%.1f %.1f ", "ML"[min(k, 1)], x.place(l.x[k]), y.place(l.y[k]))
	}
	at := plotTop + 20 + 24*i
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+
		`<path d="M%d %d h30" stroke="%s" stroke-width="2" stroke-dasharray="%s"/><text x="%d" y="%d">%s</text>`,
		strings.TrimSpace(path.String()), colour, dash, plotRight+20, at-5, colour, dash, plotRight+58, at, l.name)
}

// short writes 10000 as 10 k.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%g M", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%g k", v/1e3)
	}
	return fmt.Sprintf("%g", math.Round(v*1e4)/1e4)
}
