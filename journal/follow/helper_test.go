package follow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
)

func stream(tb testing.TB, name string) journal.Stream {
	tb.Helper()
	s, err := journal.ParseStream(name)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func noted(n int) journal.Fact {
	return journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: time.Unix(1.8e9, 0), Body: fmt.Appendf(nil, `{"n":%d}`, n)}
}

// write appends facts to a stream, behind what is there.
func write(tb testing.TB, j journal.Journal, name string, facts ...journal.Fact) []journal.Record {
	tb.Helper()
	s := stream(tb, name)
	records, err := journal.Load(context.Background(), j, s)
	if err == nil {
		records, err = j.Append(context.Background(), s, int64(len(records)), facts...)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return records
}

// fill writes each records to every one of so many streams, in turn.
func fill(tb testing.TB, j journal.Journal, streams, each int) {
	tb.Helper()
	for n := range each {
		for s := range streams {
			write(tb, j, fmt.Sprintf("dossier/%d", s), noted(n))
		}
	}
}

// book is a handler that writes down what it is shown.
type book struct {
	mu   sync.Mutex
	seen []journal.Record
	at   []time.Time
	on   func(ctx context.Context, r journal.Record) error // nil is content
}

func (b *book) handle(ctx context.Context, r journal.Record) error {
	if b.on != nil {
		if err := b.on(ctx, r); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen, b.at = append(b.seen, r), append(b.at, time.Now())
	return nil
}

// names lists what was seen, as "dossier/1#3".
func (b *book) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for _, r := range b.seen {
		names = append(names, fmt.Sprintf("%s#%d", r.Stream, r.Seq))
	}
	return names
}

// wantOrder fails unless every stream's records came in order and none is missing; repetitions are allowed if so said.
func (b *book) wantOrder(tb testing.TB, streams, each int, repeats bool) {
	tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	last := make(map[journal.Stream]int64)
	for _, r := range b.seen {
		if r.Seq > last[r.Stream]+1 || !repeats && r.Seq != last[r.Stream]+1 {
			tb.Errorf("%s: no. %d after no. %d", r.Stream, r.Seq, last[r.Stream])
		}
		last[r.Stream] = max(last[r.Stream], r.Seq)
	}
	for s := range streams {
		if got := last[stream(tb, fmt.Sprintf("dossier/%d", s))]; got != int64(each) {
			tb.Errorf("dossier/%d: seen up to no. %d, want %d", s, got, each)
		}
	}
}

func newFollower(tb testing.TB, j journal.Journal, name string, h follow.Handler, cfg follow.Config) *follow.Follower {
	tb.Helper()
	f, err := follow.New(j, name, h, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func drain(tb testing.TB, f interface {
	Drain(context.Context) (int, error)
}, want int) {
	tb.Helper()
	if got, err := f.Drain(context.Background()); got != want || err != nil {
		tb.Fatalf("drained %d, %v, want %d", got, err, want)
	}
}

// goRun runs a worker until the returned function is called.
func goRun(tb testing.TB, f interface{ Run(context.Context) error }) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	return func() {
		tb.Helper()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			tb.Errorf("run ended with %v", err)
		}
	}
}

func facts(tb testing.TB, j journal.Journal) int64 {
	tb.Helper()
	sum, err := journal.Verify(context.Background(), j)
	if err != nil {
		tb.Fatal(err)
	}
	return sum.Facts
}

func kinds(tb testing.TB, j journal.Journal, streamKind string) []string {
	tb.Helper()
	var kinds []string
	for r, err := range j.Tail(context.Background(), 0) {
		if err != nil {
			tb.Fatal(err)
		}
		if r.Stream.Kind() == streamKind {
			kinds = append(kinds, r.Kind)
		}
	}
	return kinds
}

var errCut = errors.New("cut off")

// severed is a journal whose process is dead from some moment on: nothing it writes arrives.
type severed struct {
	journal.Journal
	dead atomic.Bool
}

func (s *severed) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	if s.dead.Load() {
		return nil, errCut
	}
	return s.Journal.Append(ctx, stream, after, facts...)
}

// reports collects what is reported.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) add(_ context.Context, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *reports) failures() []*follow.FailureError {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*follow.FailureError
	for _, err := range r.errs {
		if failure, ok := errors.AsType[*follow.FailureError](err); ok {
			all = append(all, failure)
		}
	}
	return all
}

func (r *reports) has(target error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.errs, func(err error) bool { return errors.Is(err, target) })
}
