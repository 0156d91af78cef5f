package postgres

import (
	"context"
	"time"
)

// pauses returns a function that waits a little longer each time. It reports false when ctx ends, and when the budget,
// which runs from the first pause, is spent.
func pauses(ctx context.Context, budget time.Duration) (pause func() bool, cancel func()) {
	wait, bounded, end := 5*time.Millisecond, context.Context(nil), func() {}
	pause = func() bool {
		if bounded == nil {
			bounded, end = context.WithTimeout(ctx, budget)
		}
		timer := time.NewTimer(wait)
		defer timer.Stop()
		wait = min(2*wait, time.Second)
		select {
		case <-timer.C:
			return bounded.Err() == nil
		case <-bounded.Done():
			return false
		}
	}
	return pause, func() { end() }
}

// retrying runs what only reads until it succeeds, fails for good, or has been tried for as long as a failover may take.
func retrying(ctx context.Context, budget time.Duration, read func() error) error {
	err := read()
	if err == nil || budget == 0 || ctx.Err() != nil || !again(err) {
		return err
	}
	pause, cancel := pauses(ctx, budget)
	defer cancel()
	for pause() {
		if err = read(); err == nil || !again(err) {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
