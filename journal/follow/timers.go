package follow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
)

// Due names the streams a timer is for: those whose current keys have Name and Value, and a sort value that is a time.
type Due struct {
	Name, Value string
	// Unit is what the sort value counts since 1970; 0 means seconds.
	Unit time.Duration
}

// TimerHandler is shown a stream whose time has come, with its newest record. It acts so that the stream is no longer
// due: by an append behind hit.Head.Seq that states other keys. That check-and-set is what keeps two workers, or a
// worker and a person, from acting twice.
type TimerHandler func(ctx context.Context, hit journal.Hit) error

// Timers calls a handler for streams whose time has come. The keys are the timers: setting, moving and stopping one is
// part of the append that changes the stream, so there is none to forget. A stream that stays due is shown again after a
// growing time, without end, and each time reported; [Later] keeps all of them waiting. One goroutine at a time may call
// Run or Drain; Wake is safe for concurrent use.
type Timers struct {
	post
	name    string
	due     Due
	handler TimerHandler
	cfg     Config
	wake    chan struct{}
	tried   map[journal.Stream]tried
	pause   time.Time
	pauses  int
}

// tried is what a worker remembers of a stream that is still due. Another one may show it earlier.
type tried struct {
	seq      int64
	sort     int64
	attempts int
	next     time.Time
	content  bool // the handler was, and yet the stream is due
}

// maxDue bounds how many streams one worker remembers at a time.
const maxDue = 20_000

// NewTimers returns a worker of a name of timers; names of followers are others. Errors: *InvalidError.
func NewTimers(j journal.Journal, name string, due Due, handler TimerHandler, cfg Config) (*Timers, error) {
	if j == nil || handler == nil {
		return nil, &InvalidError{Field: "journal", Rule: "a journal and a handler"}
	}
	if !isName(name) {
		return nil, &InvalidError{Field: "name", Rule: "lower-case letters, digits, '.' and '-', at most 64"}
	}
	if due.Unit == 0 {
		due.Unit = time.Second
	}
	if due.Unit < time.Microsecond || due.Unit > time.Hour {
		return nil, &InvalidError{Field: "due.unit", Rule: "a microsecond to an hour"}
	}
	if _, err := (journal.Query{Name: due.Name, Value: due.Value}).Check(); err != nil {
		return nil, &InvalidError{Field: "due", Rule: "name and value of a journal's key", Err: err}
	}
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	stream, err := journal.ParseStream(kindTimers + "/" + name)
	if err != nil {
		return nil, err
	}
	t := &Timers{name: name, due: due, handler: handler, cfg: cfg, wake: make(chan struct{}, 1),
		tried: make(map[journal.Stream]tried)}
	t.post = post{journal: j, cfg: &t.cfg, stream: stream, key: journal.Key{Name: keyCursor, Value: kindTimers + "/" + name},
		worker: rand.Text()}
	return t, nil
}

// Run calls the handler for what is due and what becomes due, until ctx ends; then it waits for the handler and returns
// the context's error. Errors of the journal are reported and outlived.
func (t *Timers) Run(ctx context.Context) error {
	return run(ctx, &t.cfg, t.wake, func() (int, error) { return t.Drain(ctx) })
}

// Wake makes an idle Run look for what is due at once. It never blocks.
func (t *Timers) Wake() { wakeUp(t.wake) }

// Drain calls the handler for every stream that is due now and not waiting to be tried again, and returns how often it
// was content. Errors: the context's, those of the journal.
func (t *Timers) Drain(ctx context.Context) (int, error) {
	for total := 0; ; {
		if t.cfg.Now().Before(t.pause) {
			return total, ctx.Err()
		}
		if work, err := t.each(ctx, func(journal.Hit) (bool, error) { return false, nil }); work == 0 || err != nil {
			return total, err
		}
		done, more, err := t.turn(ctx)
		total += done
		if err != nil || !more {
			return total, err
		}
	}
}

// each shows what is due and not waiting, until show returns false; it returns how many were shown.
func (t *Timers) each(ctx context.Context, show func(journal.Hit) (bool, error)) (int, error) {
	now := t.cfg.Now()
	query := journal.Query{Name: t.due.Name, Value: t.due.Value, Until: now.UnixMicro()/t.due.Unit.Microseconds() + 1,
		Limit: t.cfg.page()}
	shown, passed := 0, 0
	for {
		page, err := t.journal.Find(ctx, query)
		if err != nil {
			return shown, fmt.Errorf("follow: look for what is due: %w", err)
		}
		for _, hit := range page.Hits {
			if t.isWaiting(hit, now) {
				if passed++; passed >= maxDue {
					return shown, ErrClogged
				}
				continue
			}
			shown++
			if more, err := show(hit); !more || err != nil {
				return shown, err
			}
		}
		if query.Cursor = page.Next; page.Next == "" {
			return shown, nil
		}
	}
}

func (t *Timers) isWaiting(hit journal.Hit, now time.Time) bool {
	last, ok := t.tried[hit.Head.Stream]
	return ok && last.seq == hit.Head.Seq && last.sort == hit.Sort && now.Before(last.next)
}

// turn takes the lease, calls the handler for a batch, and gives the lease back.
func (t *Timers) turn(ctx context.Context) (done int, more bool, err error) {
	page, err := t.journal.Find(ctx, journal.Query{Name: keyCursor, Value: t.key.Value, Limit: 1})
	if err != nil {
		return 0, false, fmt.Errorf("follow: read lease: %w", err)
	}
	at := place{state: state{Partitions: 1}}
	if len(page.Hits) > 0 {
		if at, err = readPlace(&page.Hits[0].Head); err != nil {
			return 0, false, err
		}
	}
	if t.isTaken(at) {
		return 0, false, nil
	}
	l, err := t.claim(ctx, at)
	if l == nil || err != nil {
		return 0, false, err
	}
	held, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := l.holdWith(held, cancel)
	done, err = t.work(held, l)
	stop()
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(held), ErrLost) {
		err = nil
	}
	paused := t.cfg.Now().Before(t.pause)
	err = errors.Join(ignoreEnd(err), ignoreEnd(l.giveBack(ctx)))
	return done, err == nil && ctx.Err() == nil && !l.lost && !paused, err
}

func (t *Timers) work(ctx context.Context, l *lease) (int, error) {
	done, handled, until := 0, 0, t.cfg.Now().Add(t.cfg.Lease/2)
	_, err := t.each(ctx, func(hit journal.Hit) (bool, error) {
		ok, err := t.show(ctx, l, hit)
		if ok {
			done++
		}
		handled++
		return handled < t.cfg.Batch && !t.cfg.Now().After(until), err
	})
	return done, err
}

// show calls the handler for one stream, and remembers how that ended.
func (t *Timers) show(ctx context.Context, l *lease, hit journal.Hit) (bool, error) {
	fell, err := l.try(ctx, hit.Head.Position)
	if err != nil {
		return false, err
	}
	if err = ErrCrashed; fell < maxFalls {
		err = guarded(func() error { return t.handler(ctx, hit) })
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil && isLater(err):
		t.pauses++
		t.pause = t.cfg.Now().Add(t.cfg.backoff(t.pauses, journal.Stream{}))
		t.cfg.Report(ctx, t.failure(hit, 0, err))
		return false, errEnd
	}
	t.pauses = 0
	t.remember(ctx, hit, err)
	return err == nil, nil
}

func (t *Timers) remember(ctx context.Context, hit journal.Hit, err error) {
	last := t.tried[hit.Head.Stream]
	if last.seq != hit.Head.Seq || last.sort != hit.Sort {
		last = tried{seq: hit.Head.Seq, sort: hit.Sort}
	}
	last.attempts++
	last.next = t.cfg.Now().Add(t.cfg.backoff(last.attempts, hit.Head.Stream))
	if err == nil && last.content {
		err = ErrUnmoved // it was said before that this one is done
	} else {
		last.content = err == nil
	}
	if len(t.tried) >= maxDue {
		t.forget()
	}
	t.tried[hit.Head.Stream] = last
	if err != nil {
		t.cfg.Report(ctx, t.failure(hit, last.attempts, err))
	}
}

// forget drops what has had its next try due for long: it is not due any more, or will be shown again.
func (t *Timers) forget() {
	now := t.cfg.Now()
	for stream, last := range t.tried {
		if last.next.Before(now) {
			delete(t.tried, stream)
		}
	}
}

func (t *Timers) failure(hit journal.Hit, attempts int, err error) error {
	return &FailureError{Name: t.name, Stream: hit.Head.Stream, Seq: hit.Head.Seq, Position: hit.Head.Position,
		Attempts: attempts, Err: err}
}
