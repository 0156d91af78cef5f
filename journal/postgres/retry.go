package postgres

import (
	"context"
	"time"
)

// pauses returns a function that waits a little longer each time and reports false when ctx leaves no time for it.
func pauses(ctx context.Context) func() bool {
	wait := 5 * time.Millisecond
	return func() bool {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		wait = min(2*wait, time.Second)
		select {
		case <-timer.C:
			return ctx.Err() == nil
		case <-ctx.Done():
			return false
		}
	}
}

// retrying runs what only reads until it succeeds, fails for good, or has been tried for as long as a failover may take.
func retrying(ctx context.Context, budget time.Duration, read func(context.Context) error) error {
	err := read(ctx)
	if err == nil || budget == 0 || ctx.Err() != nil || !again(err) {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	for pause := pauses(bounded); pause(); {
		if err = read(bounded); err == nil || !again(err) {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
