package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/motcua/motcua/journal"
)

// The window in which dossiers are filed. What would happen after its end has not happened yet: those are the open ones.
var (
	firstFiling = time.Date(2026, 1, 5, 8, 0, 0, 0, vietnam)
	lastFiling  = time.Date(2026, 11, 20, 17, 0, 0, 0, vietnam)
)

// maxOpen bounds how many open lives are kept in memory for measuring to go on with.
const maxOpen = 4000

// filler writes whole lives as fast as the journal takes them.
type filler struct {
	house    *house
	workers  int
	next     atomic.Int64 // the number of the last life begun
	dossiers atomic.Int64 // that are there
	acts     atomic.Int64

	mu   sync.Mutex
	open []*life
}

// fill continues until so many dossiers are there, with calls of tick now and then, and returns the first error.
func (f *filler) fill(ctx context.Context, goal int, tick func(dossiers, acts int64)) error {
	last := f.next.Load() + int64(goal) - f.dossiers.Load()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	for range f.workers {
		workers.Go(func() {
			if err := f.work(ctx, last); err != nil {
				stop(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			tick(f.dossiers.Load(), f.acts.Load())
			return context.Cause(ctx)
		case <-ticker.C:
			tick(f.dossiers.Load(), f.acts.Load())
		}
	}
}

// work plays one life after another, up to the one with the number last.
func (f *filler) work(ctx context.Context, last int64) error {
	m := &memo{Journal: f.house.journal}
	desk, err := f.house.newCounter(m)
	if err != nil {
		return err
	}
	for {
		n := f.next.Add(1)
		if n > last || ctx.Err() != nil {
			f.next.Add(-1)
			return nil
		}
		l := f.house.newLife(int(n), firstFiling, lastFiling)
		m.begin()
		over, err := f.live(ctx, desk, l)
		if err != nil {
			return err
		}
		f.dossiers.Add(1)
		if !over {
			f.keep(l)
		}
	}
}

// live plays a life up to the present; over says that nothing is left of it.
func (f *filler) live(ctx context.Context, desk *counter, l *life) (over bool, err error) {
	for {
		m, more := l.next()
		if !more {
			return true, nil
		}
		if l.at.After(lastFiling) && l.done > 0 {
			return false, nil
		}
		desk.now = l.at
		if err := l.do(ctx, desk.Desk, f.house, m); err != nil {
			return false, err
		}
		f.acts.Add(1)
	}
}

func (f *filler) keep(l *life) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) < maxOpen {
		f.open = append(f.open, l)
		return
	}
	f.open[l.number%maxOpen] = l // the newest take the place of older ones
}

// take returns an open life, or begins a new one. Until it is put back it is nobody else's.
func (f *filler) take(pick int) *life {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) == 0 {
		return f.begin()
	}
	i, last := pick%len(f.open), len(f.open)-1
	l := f.open[i]
	f.open[i], f.open = f.open[last], f.open[:last]
	return l
}

// begin is a dossier filed today.
func (f *filler) begin() *life {
	return f.house.newLife(int(f.next.Add(1)), lastFiling, lastFiling.Add(hour))
}

var _ journal.Journal = (*memo)(nil)
