package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
)

// turn takes the lease of a partition if there is work in it, does a batch, and gives the lease back. more says that
// there may be further work.
func (f *Follower) turn(ctx context.Context, p *partition) (done int, more bool, err error) {
	if p.isTaken(p.at) || f.cfg.Now().Before(p.pause) {
		return 0, false, ctx.Err()
	}
	if work, err := f.hasWork(ctx, p); !work || err != nil {
		return 0, false, err
	}
	l, err := p.claim(ctx, p.at)
	if l == nil || err != nil {
		return 0, false, err
	}
	if p.known != p.at.seq {
		if err := f.loadParked(ctx, p); err != nil {
			return 0, false, errors.Join(err, ignoreEnd(l.giveBack(ctx)))
		}
	}
	held, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := l.holdWith(held, cancel)
	done, err = f.work(held, p, l)
	stop()
	p.known = -1 // whatever went wrong, what is parked must be read again: an append whose answer was lost may be there
	clean := err == nil
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(held), ErrLost) {
		err = nil
	}
	err = errors.Join(ignoreEnd(err), ignoreEnd(l.giveBack(ctx)))
	if clean && !l.lost {
		p.known = l.at.seq
	}
	return done, err == nil && ctx.Err() == nil && !l.lost && !f.cfg.Now().Before(p.pause), err
}

// errEnd ends a turn that cannot go on for a good reason.
var errEnd = errors.New("follow: turn ends")

// ignoreEnd drops what is no error: a pause, or that somebody else has taken over, which is how workers share.
func ignoreEnd(err error) error {
	if errors.Is(err, ErrLost) || errors.Is(err, errEnd) {
		return nil
	}
	return err
}

// hasWork looks without a lease, so that idleness writes nothing.
func (f *Follower) hasWork(ctx context.Context, p *partition) (bool, error) {
	page, err := f.journal.Find(ctx, f.dueRetries(p, 1))
	if err != nil {
		return false, fmt.Errorf("follow: look for retries: %w", err)
	}
	if len(page.Hits) > 0 {
		return true, nil
	}
	if p.known == p.at.seq && len(p.parked) >= f.cfg.MaxParked {
		return false, ErrClogged
	}
	p.scanned = max(p.scanned, p.at.state.Cursor)
	for r, err := range f.journal.Tail(ctx, p.scanned) {
		if err != nil {
			return false, fmt.Errorf("follow: tail: %w", err)
		}
		if f.follows(r.Stream, p) {
			return true, nil
		}
		p.scanned = r.Position
	}
	return p.scanned-p.at.state.Cursor > maxScan, nil
}

// work tries again what is due, and then goes on behind the cursor.
func (f *Follower) work(ctx context.Context, p *partition, l *lease) (int, error) {
	done, err := f.retry(ctx, p, l)
	if err != nil {
		return done, err
	}
	until := f.cfg.Now().Add(f.cfg.Lease / 2)
	l.pass(p.scanned)
	for r, err := range f.journal.Tail(ctx, l.progress) {
		if err != nil {
			return done, fmt.Errorf("follow: tail: %w", err)
		}
		if f.follows(r.Stream, p) && !p.parked[r.Stream] {
			if done >= f.cfg.Batch || f.cfg.Now().After(until) {
				return done, nil
			}
			if len(p.parked) >= f.cfg.MaxParked {
				return done, ErrClogged
			}
			ok, err := f.deliver(ctx, p, l, r)
			if err != nil {
				return done, err
			}
			if ok {
				done++
			}
		}
		l.pass(r.Position)
	}
	return done, nil
}

// deliver hands one record over, or parks its stream. An error means that neither was done.
func (f *Follower) deliver(ctx context.Context, p *partition, l *lease, r journal.Record) (bool, error) {
	fell, err := l.try(ctx, r.Position)
	if err != nil {
		return false, err
	}
	if err = ErrCrashed; fell < maxFalls {
		err = f.call(ctx, r)
	}
	switch {
	case err == nil:
		p.pauses = 0
		return true, nil
	case ctx.Err() != nil:
		return false, context.Cause(ctx) // whatever the handler says, it was not left in peace
	case isLater(err):
		f.pause(ctx, p, &r, err)
		return false, errEnd
	}
	if err := f.park(ctx, p, &r, err); err != nil {
		return false, err
	}
	p.parked[r.Stream] = true
	return false, nil
}

// pause keeps a partition still for a while.
func (f *Follower) pause(ctx context.Context, p *partition, r *journal.Record, err error) {
	p.pauses++
	p.pause = f.cfg.Now().Add(f.cfg.backoff(p.pauses, journal.Stream{}))
	f.cfg.Report(ctx, &FailureError{Name: f.name, Stream: r.Stream, Seq: r.Seq, Position: r.Position, Err: err})
}

// retry tries the parked streams whose time has come.
func (f *Follower) retry(ctx context.Context, p *partition, l *lease) (int, error) {
	page, err := f.journal.Find(ctx, f.dueRetries(p, f.cfg.page()))
	if err != nil {
		return 0, fmt.Errorf("follow: look for retries: %w", err)
	}
	until := f.cfg.Now().Add(f.cfg.Lease / 2)
	total := 0
	for i := range page.Hits {
		if f.cfg.Now().After(until) {
			break
		}
		e, err := readEntry(&page.Hits[i].Head)
		if err != nil {
			return total, err
		}
		done, err := f.retryStream(ctx, p, l, e, until)
		total += done
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// retryStream hands over what waits in a parked stream, up to the cursor: what lies behind comes in its turn.
func (f *Follower) retryStream(ctx context.Context, p *partition, l *lease, e *entry, until time.Time) (int, error) {
	stream, err := journal.ParseStream(e.Stream)
	if err != nil {
		return 0, fmt.Errorf("follow: read parked stream: %w", err)
	}
	done := 0
	for r, err := range f.journal.Read(ctx, stream, e.Seq-1) {
		if err != nil {
			return done, fmt.Errorf("follow: read %s: %w", stream, err)
		}
		if r.Position > l.begun {
			break
		}
		if done >= f.cfg.Batch || f.cfg.Now().After(until) {
			return done, f.move(ctx, e, &r)
		}
		if again, err := f.tryAgain(ctx, p, e, &r); again || err != nil {
			return done, err
		}
		done++
	}
	delete(p.parked, stream)
	if err := f.resume(ctx, e); err != nil {
		p.parked[stream] = true
		return done, err
	}
	return done, nil
}

// tryAgain reports whether the stream stays parked at this record. Each try is written down before it is made.
func (f *Follower) tryAgain(ctx context.Context, p *partition, e *entry, r *journal.Record) (bool, error) {
	attempts := 1
	if r.Seq == e.Seq {
		attempts = e.Attempts + 1
	}
	if attempts > f.cfg.Attempts { // the last try was written down and never came back
		return true, ended(f.fail(ctx, e, r, f.cfg.Attempts, Permanent(ErrCrashed)))
	}
	if err := f.ahead(ctx, e, r, attempts); err != nil {
		return true, err
	}
	err := f.call(ctx, *r)
	switch {
	case err == nil:
		p.pauses = 0
		return false, nil
	case ctx.Err() != nil:
		return true, context.Cause(ctx)
	case isLater(err):
		f.pause(ctx, p, r, err)
		return true, errors.Join(f.ahead(ctx, e, r, attempts-1), errEnd)
	}
	return true, ended(f.fail(ctx, e, r, attempts, err))
}
