package oidc

import (
	"context"
	"time"
)

// cached keeps one thing fetched from the provider. One caller fetches, the others wait for the result; between two
// attempts lies a minimum interval, so that unknown key ids in forged tokens cannot make us hammer the provider.
type cached[T any] struct {
	fetch func(ctx context.Context) (T, error)
	now   func() time.Time
	// fresh is how long a value is used without asking, hard how long when asking fails, pause the time between attempts.
	fresh, hard, pause time.Duration

	turn chan struct{} // holds one token; whoever has it may touch what follows
	have bool
	got  T
	at   time.Time // of the last success
	last time.Time // of the last attempt
	err  error     // of the last attempt
}

func newCached[T any](now func() time.Time, fetch func(context.Context) (T, error)) *cached[T] {
	c := &cached[T]{
		fetch: fetch, now: now,
		fresh: time.Hour, hard: 24 * time.Hour, pause: 30 * time.Second,
		turn: make(chan struct{}, 1),
	}
	c.turn <- struct{}{}
	return c
}

// get returns the value; want says whether it will do. If it will not, the value is fetched anew once, unless that was
// tried less than the pause ago.
func (c *cached[T]) get(ctx context.Context, want func(T) bool) (T, error) {
	var none T
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return none, ctx.Err()
	}
	now := c.now()
	age := now.Sub(c.at)
	if c.have && age >= 0 && age < c.fresh && want(c.got) {
		return c.got, nil
	}
	if since := now.Sub(c.last); since < 0 || since >= c.pause || c.last.IsZero() {
		c.last = now
		// The fetch serves all who wait, so it does not end with the one who happened to start it; the HTTP client's
		// timeout bounds it.
		got, err := c.fetch(context.WithoutCancel(ctx))
		c.err = err
		if err == nil {
			c.got, c.at, c.have = got, now, true
			return got, nil
		}
	}
	if c.have && c.now().Sub(c.at) < c.hard {
		return c.got, nil
	}
	if c.err == nil {
		c.err = refuse(ErrProvider, "stale")
	}
	return none, c.err
}
