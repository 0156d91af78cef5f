package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

var vietnam = time.FixedZone("+07", 7*60*60)

// narrator prints steps and keeps the story's clock, which moves on by a quarter of an hour a step: the story has the
// same dates whenever it is played.
type narrator struct {
	mu   sync.Mutex
	out  io.Writer
	now  time.Time
	step int
}

func newNarrator(out io.Writer) *narrator {
	return &narrator{out: out, now: time.Date(2026, 11, 18, 8, 30, 0, 0, vietnam)}
}

// Now is the clock of both agencies.
func (n *narrator) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// retry prints what is about to be tried again.
func (n *narrator) retry(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintln(n.out, "      thử lại:", err)
}

// tell prints what somebody did, and details below it.
func (n *narrator) tell(who, what string, details ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.step++
	fmt.Fprintf(n.out, "%2d. [%s] %s: %s\n", n.step, n.now.Format("02/01/2006 15:04"), who, what)
	for _, detail := range details {
		fmt.Fprintf(n.out, "      %s\n", detail)
	}
	n.now = n.now.Add(15 * time.Minute)
}
