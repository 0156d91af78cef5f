package follow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/motcua/motcua/journal"
)

// Handler is shown one record. It returns nil when the record is done with; [Permanent] and [Later] say more about an
// error. Its context ends with the follower, or when the lease is lost.
type Handler func(ctx context.Context, record journal.Record) error

// The kinds of the streams of this package, which no follower is shown.
const (
	kindCursor = "cursor"
	kindParked = "parked"
	kindTimers = "timers"
)

const keyCursor = "follow.cursor"

// maxScan is how far a partition without records of its own runs ahead of its written cursor.
const maxScan = 4096

// maxTrouble is the longest an error of the journal keeps Run from looking again.
const maxTrouble = 30 * time.Second

// maxFalls is how often workers may vanish over one record before it is parked.
const maxFalls = 3

// Follower is one worker of a name. One goroutine at a time may call Run or Drain; the other methods are safe for
// concurrent use.
type Follower struct {
	journal journal.Journal
	name    string
	handler Handler
	cfg     Config
	parts   []*partition
	first   int // the partition to begin with, so that workers do not queue up behind one another
	wake    chan struct{}
}

// partition is what a worker remembers of a part of the streams between two turns. The journal knows better.
type partition struct {
	post
	number  int
	at      place
	scanned int64 // there is nothing of ours up to here
	parked  map[journal.Stream]bool
	known   int64 // the place up to which parked is right: nobody else has held the lease since
	pause   time.Time
	pauses  int
}

// New returns a worker of a name. The name has one cursor, whoever works for it. Errors: *InvalidError.
func New(j journal.Journal, name string, handler Handler, cfg Config) (*Follower, error) {
	if j == nil || handler == nil {
		return nil, &InvalidError{Field: "journal", Rule: "a journal and a handler"}
	}
	if !isName(name) {
		return nil, &InvalidError{Field: "name", Rule: "lower-case letters, digits, '.' and '-', at most 64"}
	}
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	f := &Follower{journal: j, name: name, handler: handler, cfg: cfg, wake: make(chan struct{}, 1)}
	worker := rand.Text()
	f.first = int(worker[0]) % cfg.Partitions
	for n := range cfg.Partitions {
		stream, err := journal.ParseStream(kindCursor + "/" + name + ":" + strconv.Itoa(n))
		if err != nil {
			return nil, err
		}
		key := journal.Key{Name: keyCursor, Value: name, Sort: int64(n)}
		f.parts = append(f.parts, &partition{number: n, parked: make(map[journal.Stream]bool), known: -1,
			post: post{journal: j, cfg: &f.cfg, stream: stream, key: key, worker: worker}})
	}
	return f, nil
}

// Run hands over what there is and what comes, until ctx ends; then it waits for the handler, writes the cursor and
// returns the context's error. Errors of the journal are reported and outlived; *InvalidError, for a name that began
// with another number of partitions, ends it.
func (f *Follower) Run(ctx context.Context) error {
	return run(ctx, &f.cfg, f.wake, func() (int, error) { return f.Drain(ctx) })
}

func run(ctx context.Context, cfg *Config, wake <-chan struct{}, drain func() (int, error)) error {
	failures := 0
	for {
		_, err := drain()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, ok := errors.AsType[*InvalidError](err); ok {
			return err
		}
		wait := cfg.Poll
		if failures++; err == nil {
			failures = 0
		} else {
			cfg.Report(ctx, err)
			wait = max(wait, min(cfg.backoff(failures, journal.Stream{}), maxTrouble))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Wake makes an idle Run look for records at once. It never blocks.
func (f *Follower) Wake() { wakeUp(f.wake) }

func wakeUp(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// Drain hands over what there is now and this worker can get, and returns how many records were handled without an
// error. What is parked and not yet due is left. Errors: *InvalidError, the context's, those of the journal.
func (f *Follower) Drain(ctx context.Context) (int, error) {
	for total := 0; ; {
		if err := f.look(ctx); err != nil {
			return total, err
		}
		worked, errs := false, error(nil)
		for i := range f.parts {
			done, more, err := f.turn(ctx, f.parts[(f.first+i)%len(f.parts)])
			total += done
			worked = worked || more
			errs = errors.Join(errs, err)
			if ctx.Err() != nil {
				return total, errors.Join(ctx.Err(), errs)
			}
		}
		if !worked || errs != nil {
			return total, errs
		}
	}
}

// look reads where all partitions stand, in one query.
func (f *Follower) look(ctx context.Context) error {
	page, err := f.journal.Find(ctx, journal.Query{Name: keyCursor, Value: f.name, Limit: maxPartitions})
	if err != nil {
		return fmt.Errorf("follow: read cursors: %w", err)
	}
	for _, p := range f.parts {
		p.at = place{state: state{Partitions: len(f.parts), Partition: p.number, Cursor: f.cfg.From}}
	}
	for i := range page.Hits {
		at, err := readPlace(&page.Hits[i].Head)
		if err != nil {
			return err
		}
		if at.state.Partitions != len(f.parts) || at.state.Partition < 0 || at.state.Partition >= len(f.parts) {
			return &InvalidError{Field: "config.partitions", Rule: "the number that the name began with"}
		}
		f.parts[at.state.Partition].at = at
	}
	return nil
}

// follows reports whether a record is for the handler, in this partition.
func (f *Follower) follows(stream journal.Stream, p *partition) bool {
	switch kind := stream.Kind(); {
	case kind == kindCursor || kind == kindParked || kind == kindTimers:
		return false
	case f.cfg.Kinds != nil && !slices.Contains(f.cfg.Kinds, kind):
		return false
	}
	return len(f.parts) == 1 || hashOf(stream)%uint64(len(f.parts)) == uint64(p.number)
}

// call is the handler with its panic caught.
func (f *Follower) call(ctx context.Context, r journal.Record) error {
	return guarded(func() error { return f.handler(ctx, r) })
}

func guarded(handler func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	return handler()
}
