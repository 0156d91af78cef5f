package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress is a bar on one line of a terminal; a nil one is silent.
type progress struct {
	w     io.Writer
	begun time.Time
	from  int64
}

func newProgress(w io.Writer, from int64) *progress {
	return &progress{w: w, begun: time.Now(), from: from}
}

// show draws the bar at done of total.
func (p *progress) show(done, total int64) {
	if p == nil || total <= 0 {
		return
	}
	const width = 40
	filled := int(width * done / total)
	rate := float64(done-p.from) / max(time.Since(p.begun).Seconds(), 1e-3)
	left := "?"
	if rate > 0 {
		left = time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second).String()
	}
	fmt.Fprintf(p.w, "\r[%s%s] %3d%% %d of %d dossiers, %.0f a second, %s left   ", strings.Repeat("#", filled),
		strings.Repeat("-", width-filled), 100*done/total, done, total, rate, left)
}

// end leaves the line.
func (p *progress) end() {
	if p != nil {
		fmt.Fprintln(p.w)
	}
}
