package update

import (
	"context"
	"encoding/binary"
	"io"
	"time"
)

// firstRetry is the wait after a first failure; each further one doubles it up to the usual wait.
const firstRetry = time.Minute

// leastWait keeps a list with a tiny TTL from making a verifier ask without end.
const leastWait = 30 * time.Second

// Run refreshes until ctx ends and hands each outcome to use, on the caller's goroutine: the lists, nil as long as there
// is no trust list, and what went wrong. It returns ctx's error, or the random source's.
func (u *Updater) Run(ctx context.Context, use func(*Lists, error)) error {
	retry := firstRetry
	for {
		lists, err := u.Refresh(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		use(lists, err)
		wait := u.wait(lists)
		if err != nil {
			wait = min(wait, retry)
			retry = min(2*retry, u.every)
		} else {
			retry = firstRetry
		}
		if wait, err = u.spread(max(wait, leastWait)); err != nil {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// wait is the usual wait, or the shortest TTL if that is less.
func (u *Updater) wait(lists *Lists) time.Duration {
	wait := u.every
	if lists == nil {
		return wait
	}
	for _, list := range lists.Status {
		if ttl := list.TTL(); ttl > 0 {
			wait = min(wait, ttl)
		}
	}
	return wait
}

// spread returns a wait between four and six fifths of d.
func (u *Updater) spread(d time.Duration) (time.Duration, error) {
	var b [8]byte
	if _, err := io.ReadFull(u.random, b[:]); err != nil {
		return 0, err
	}
	part := float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53)
	return time.Duration(float64(d) * (0.8 + 0.4*part)), nil
}
