package oidc

import (
	"context"
	"sync/atomic"
	"time"
)

// cached keeps one thing fetched from the provider. One caller fetches; the others use the old value if it will do and
// wait if not. Between two attempts lies a minimum interval, so that unknown key ids in forged tokens cannot make us
// hammer the provider.
type cached[T any] struct {
	fetch func(ctx context.Context) (T, error)
	now   func() time.Time

	value atomic.Pointer[fetched[T]]
	turn  chan struct{} // holds one token; whoever has it may fetch and touch what follows
	last  time.Time     // of the last attempt
	err   error         // of the last attempt
}

type fetched[T any] struct {
	got T
	at  time.Time
}

const (
	freshFor   = time.Hour        // a value is used without asking
	hardAge    = 24 * time.Hour   // a value is used when asking fails
	pause      = 30 * time.Second // between two attempts while there is a value
	firstPause = 2 * time.Second  // between two attempts while there is none
)

func newCached[T any](now func() time.Time, fetch func(context.Context) (T, error)) *cached[T] {
	c := &cached[T]{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// get returns the value; want says whether it will do. If it will not, the value is fetched anew once, unless that was
// tried less than the pause ago.
func (c *cached[T]) get(ctx context.Context, want func(T) bool) (T, error) {
	var none T
	if old := c.within(freshFor); old != nil && want(old.got) {
		return old.got, nil
	}
	select {
	case <-c.turn:
	default: // somebody is fetching
		if old := c.within(hardAge); old != nil && want(old.got) {
			return old.got, nil
		}
		select {
		case <-c.turn:
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
	defer func() { c.turn <- struct{}{} }()
	if old := c.within(freshFor); old != nil && want(old.got) {
		return old.got, nil // fetched while we waited
	}
	return c.refresh(ctx)
}

// refresh fetches if the pause is over, and falls back on the old value. The caller has the turn.
func (c *cached[T]) refresh(ctx context.Context) (T, error) {
	now := c.now()
	old := c.within(hardAge)
	wait := pause
	if old == nil {
		wait = firstPause
	}
	if since := now.Sub(c.last); since < 0 || since >= wait || c.last.IsZero() {
		c.last = now
		// The fetch serves all who wait, so it does not end with the one who happened to start it; the HTTP client's
		// timeout bounds it.
		got, err := c.fetch(context.WithoutCancel(ctx))
		c.err = err
		if err == nil {
			c.value.Store(&fetched[T]{got, now})
			return got, nil
		}
	}
	if old != nil {
		return old.got, nil
	}
	if c.err == nil {
		c.err = refuse(ErrProvider, "stale")
	}
	var none T
	return none, c.err
}

// within returns the value if it is not older than age.
func (c *cached[T]) within(age time.Duration) *fetched[T] {
	value := c.value.Load()
	if value == nil {
		return nil
	}
	if old := c.now().Sub(value.at); old < 0 || old >= age {
		return nil
	}
	return value
}
