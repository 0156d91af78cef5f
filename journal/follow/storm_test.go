package follow_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
)

// weather is a journal on a bad day: some appends are lost, and of some the answer is.
type weather struct {
	journal.Journal
	mu     sync.Mutex
	random *rand.Rand
	calm   bool
}

func (w *weather) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calm {
		return n
	}
	return w.random.IntN(n)
}

func (w *weather) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	chance := w.roll(20)
	if chance == 0 {
		return nil, errCut
	}
	records, err := w.Journal.Append(ctx, stream, after, facts...)
	if chance == 1 && err == nil {
		return nil, errCut // written, and nobody knows
	}
	return records, err
}

// TestStorm has workers come and go, handlers fail and linger, and a journal that loses appends and answers: whatever
// happens, every record is handed over, and never before one that stands earlier in its stream.
func TestStorm(t *testing.T) {
	seeds := uint64(25)
	if os.Getenv("MOTCUA_NIGHTLY") == "1" {
		seeds = 2000
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { storm(t, seed) })
		})
	}
}

func storm(t *testing.T, seed uint64) {
	const streams, each, workers = 9, 12, 3
	w := &weather{Journal: journal.NewMemory(), random: rand.New(rand.NewPCG(seed, 7))}
	cfg := follow.Config{Partitions: 1 + int(seed%3), Batch: 1 + int(seed%9), MaxBackoff: time.Minute, Attempts: 1000}
	var all book
	handler := func(ctx context.Context, r journal.Record) error {
		switch w.roll(12) {
		case 0:
			return errMail
		case 1:
			return follow.Later(errMail)
		case 2:
			panic("storm")
		case 3: // lingers, with or without an ear for its context
			time.Sleep(time.Duration(w.roll(90)) * time.Second)
		case 4:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(w.roll(90)) * time.Second):
			}
		}
		return all.handle(ctx, r)
	}
	ctx, end := context.WithCancel(t.Context())
	var crew sync.WaitGroup
	for range workers {
		crew.Go(func() {
			for ctx.Err() == nil {
				life, stop := context.WithTimeout(ctx, time.Duration(30+w.roll(300))*time.Second)
				err := newFollower(t, w, "notices", handler, cfg).Run(life)
				stop()
				if life.Err() == nil {
					t.Errorf("run ended with %v", err)
					return
				}
			}
		})
	}
	for range each {
		for s := range streams {
			write(t, w.Journal, fmt.Sprintf("dossier/%d", s), noted(s))
		}
		time.Sleep(time.Duration(w.roll(120)) * time.Second)
	}
	w.mu.Lock()
	w.calm = true
	w.mu.Unlock()
	time.Sleep(30 * time.Minute)
	end()
	crew.Wait()
	all.wantOrder(t, streams, each, true)
	if _, err := journal.Verify(t.Context(), w.Journal); err != nil {
		t.Error(err)
	}
	if left := kinds(t, w.Journal, "parked"); len(left) > 0 && left[len(left)-1] != "follow.resumed" {
		t.Errorf("a stream is left behind: %v", left[max(0, len(left)-3):])
	}
}

// TestStormOfTimers: every stream that is due is acted on exactly once, whoever comes and goes.
func TestStormOfTimers(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const streams = 40
				w := &weather{Journal: journal.NewMemory(), random: rand.New(rand.NewPCG(seed, 9))}
				a := newAlarm(w.Journal)
				a.err = func(journal.Hit) error {
					switch w.roll(10) {
					case 0:
						return errMail
					case 1:
						return follow.Later(errMail)
					case 2:
						time.Sleep(time.Duration(w.roll(90)) * time.Second)
					}
					return errEndIt
				}
				for n := range streams {
					write(t, w.Journal, fmt.Sprintf("dossier/%d", n), due(1, time.Now().Add(time.Duration(w.roll(3600))*time.Second)))
				}
				var stops []func()
				for range 3 {
					stops = append(stops, goRun(t, newTimers(t, w, a.ring, follow.Config{MaxBackoff: time.Minute, Batch: 5})))
				}
				time.Sleep(time.Hour)
				w.mu.Lock()
				w.calm = true
				w.mu.Unlock()
				time.Sleep(time.Hour)
				for _, stop := range stops {
					stop()
				}
				ends := slices.DeleteFunc(kinds(t, w.Journal, "dossier"), func(kind string) bool { return kind != "dossier.overdue" })
				if len(ends) != streams {
					t.Errorf("%d streams were acted on, want %d, once each", len(ends), streams)
				}
			})
		})
	}
}
