package follow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
)

// due is a fact that makes its stream due at a time.
func due(n int, at time.Time) journal.Fact {
	f := noted(n)
	f.Keys = []journal.Key{{Name: "dossier.due", Value: "open", Sort: at.Unix()}}
	return f
}

var dueKey = follow.Due{Name: "dossier.due", Value: "open"}

// alarm is a timer's handler that ends what is due, by check-and-set.
type alarm struct {
	j   journal.Journal
	mu  sync.Mutex
	at  map[string][]time.Time
	err func(hit journal.Hit) error // in the place of ending it
}

func newAlarm(j journal.Journal) *alarm { return &alarm{j: j, at: make(map[string][]time.Time)} }

func (a *alarm) ring(ctx context.Context, hit journal.Hit) error {
	a.mu.Lock()
	name := hit.Head.Stream.String()
	a.at[name] = append(a.at[name], time.Now())
	a.mu.Unlock()
	if a.err != nil {
		if err := a.err(hit); !errors.Is(err, errEndIt) {
			return err
		}
	}
	f := noted(0)
	f.Kind, f.Keys = "dossier.overdue", []journal.Key{}
	_, err := a.j.Append(ctx, hit.Head.Stream, hit.Head.Seq, f)
	return err
}

// rang is for how many streams.
func (a *alarm) rang() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.at)
}

var errEndIt = errors.New("end it")

func newTimers(tb testing.TB, j journal.Journal, h follow.TimerHandler, cfg follow.Config) *follow.Timers {
	tb.Helper()
	timers, err := follow.NewTimers(j, "overdue", dueKey, h, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return timers
}

func TestTimersRingOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.NewMemory()
		a := newAlarm(j)
		began := time.Now()
		for n := range 10 {
			write(t, j, fmt.Sprintf("dossier/%d", n), due(1, began.Add(time.Duration(n)*time.Hour)))
		}
		write(t, j, "dossier/3", due(2, began.Add(20*time.Hour))) // extended: the key has moved
		stop := goRun(t, newTimers(t, j, a.ring, follow.Config{}))
		other := goRun(t, newTimers(t, j, a.ring, follow.Config{}))
		time.Sleep(30 * time.Hour)
		stop()
		other()
		for n := range 10 {
			at, want := a.at[fmt.Sprintf("dossier/%d", n)], time.Duration(n)*time.Hour
			if n == 3 {
				want = 20 * time.Hour
			}
			if len(at) != 1 || at[0].Sub(began) < want || at[0].Sub(began) > want+2*time.Second {
				t.Errorf("dossier/%d: rang at %v, want once, %s after the start", n, at, want)
			}
		}
		idle := facts(t, j)
		drain(t, newTimers(t, j, a.ring, follow.Config{}), 0)
		if got := facts(t, j); got != idle {
			t.Errorf("idleness has written %d facts", got-idle)
		}
	})
}

func TestTimersFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, told := journal.NewMemory(), reports{}
		a := newAlarm(j)
		write(t, j, "dossier/bad", due(1, time.Now()))
		write(t, j, "dossier/lazy", due(1, time.Now()))
		write(t, j, "dossier/good", due(1, time.Now()))
		a.err = func(hit journal.Hit) error {
			switch hit.Head.Stream.ID() {
			case "bad":
				panic("x")
			case "lazy":
				return nil // content, and does nothing
			}
			return errEndIt
		}
		stop := goRun(t, newTimers(t, j, a.ring, follow.Config{Report: told.add, MaxBackoff: 10 * time.Minute}))
		time.Sleep(2 * time.Hour)
		stop()
		for name, want := range map[string][2]int{"dossier/bad": {15, 30}, "dossier/lazy": {15, 30}, "dossier/good": {1, 1}} {
			if n := len(a.at[name]); n < want[0] || n > want[1] {
				t.Errorf("%s: rang %d times in two hours, want %v", name, n, want)
			}
		}
		if !told.has(follow.ErrUnmoved) || !slices.ContainsFunc(told.failures(), func(f *follow.FailureError) bool {
			_, ok := errors.AsType[*follow.PanicError](f)
			return ok && f.Stream.String() == "dossier/bad"
		}) {
			t.Error("what failed was not reported")
		}
	})
}

func TestTimersLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.NewMemory()
		a := newAlarm(j)
		var back atomic.Bool
		for n := range 5 {
			write(t, j, fmt.Sprintf("dossier/%d", n), due(1, time.Now()))
		}
		a.err = func(journal.Hit) error {
			if !back.Load() {
				return follow.Later(errMail)
			}
			return errEndIt
		}
		stop := goRun(t, newTimers(t, j, a.ring, follow.Config{MaxBackoff: time.Minute}))
		time.Sleep(10 * time.Minute)
		if n := a.rang(); n != 1 {
			t.Errorf("%d timers rang while the system was away, want the first alone", n)
		}
		back.Store(true)
		time.Sleep(2 * time.Minute)
		stop()
		if len(a.at) != 5 {
			t.Errorf("%d timers rang, want all 5", len(a.at))
		}
	})
}

// Many that are due at once are all shown, page by page and lease by lease, while the list moves.
func TestTimersMany(t *testing.T) {
	j := journal.NewMemory()
	a := newAlarm(j)
	for n := range 300 {
		write(t, j, fmt.Sprintf("dossier/%d", n), due(1, time.Unix(1.7e9+int64(n), 0)))
	}
	drain(t, newTimers(t, j, a.ring, follow.Config{Batch: 7}), 300)
	if len(a.at) != 300 {
		t.Errorf("%d rang", len(a.at))
	}
}

// A timer whose handler takes the worker down does not keep the others from ringing.
func TestTimersCrashLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.NewMemory()
		for n := range 3 {
			write(t, j, fmt.Sprintf("dossier/%d", n), due(1, time.Now().Add(time.Duration(n))))
		}
		a := newAlarm(j)
		for range 8 {
			process, ctx, kill := lifetime(t, j)
			h := func(c context.Context, hit journal.Hit) error {
				if hit.Head.Stream.ID() == "0" {
					process.dead.Store(true)
					kill()
					return c.Err()
				}
				return a.ring(c, hit)
			}
			_ = newTimers(t, process, h, follow.Config{MinBackoff: time.Hour}).Run(ctx)
			kill()
			time.Sleep(time.Minute)
		}
		if len(a.at) != 2 {
			t.Errorf("%d of the 2 others rang", len(a.at))
		}
	})
}

func TestNewTimersRefuses(t *testing.T) {
	j, h := journal.NewMemory(), func(context.Context, journal.Hit) error { return nil }
	for _, test := range []struct {
		field, name string
		j           journal.Journal
		h           follow.TimerHandler
		due         follow.Due
		cfg         follow.Config
	}{
		{"journal", "a", nil, h, dueKey, follow.Config{}}, {"journal", "a", j, nil, dueKey, follow.Config{}},
		{"name", "A", j, h, dueKey, follow.Config{}}, {"due", "a", j, h, follow.Due{}, follow.Config{}},
		{"due.unit", "a", j, h, follow.Due{Name: "a", Unit: time.Nanosecond}, follow.Config{}},
		{"config.batch", "a", j, h, dueKey, follow.Config{Batch: -1}},
	} {
		_, err := follow.NewTimers(test.j, test.name, test.due, test.h, test.cfg)
		if invalid, ok := errors.AsType[*follow.InvalidError](err); !ok || invalid.Field != test.field {
			t.Errorf("%s: got %v", test.field, err)
		}
	}
}
