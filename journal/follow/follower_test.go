package follow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
)

func TestCursorIsDurable(t *testing.T) {
	j := journal.NewMemory()
	fill(t, j, 3, 40)
	first := &book{}
	drain(t, newFollower(t, j, "notices", first.handle, follow.Config{}), 120)
	first.wantOrder(t, 3, 40, false)
	idle := facts(t, j)
	second := &book{}
	f := newFollower(t, j, "notices", second.handle, follow.Config{})
	drain(t, f, 0)
	drain(t, f, 0)
	if got := facts(t, j); got != idle {
		t.Errorf("idleness has written %d facts", got-idle)
	}
	write(t, j, "dossier/1", noted(41))
	drain(t, f, 1)
	drain(t, newFollower(t, j, "notices", second.handle, follow.Config{}), 0)
	if got := second.names(); !slices.Equal(got, []string{"dossier/1#41"}) {
		t.Errorf("got %v", got)
	}
	if got := facts(t, j) - idle - 1; got != 2 {
		t.Errorf("a burst of one record has cost %d facts, want 2", got)
	}
	other := &book{} // another name has its own cursor, and is not shown this one's
	drain(t, newFollower(t, j, "portal", other.handle, follow.Config{}), 121)
	if got := other.names(); len(got) != 121 || got[120] != "dossier/1#41" {
		t.Errorf("another name was shown %d records", len(got))
	}
}

func TestFromAndKinds(t *testing.T) {
	j := journal.NewMemory()
	fill(t, j, 1, 10)
	write(t, j, "order/1", noted(1), noted(2))
	for _, test := range []struct {
		name string
		cfg  follow.Config
		want []string
	}{
		{"from", follow.Config{From: 10}, []string{"order/1#1", "order/1#2"}},
		{"kinds", follow.Config{Kinds: []string{"order", "lookup"}}, []string{"order/1#1", "order/1#2"}},
		{"nothing", follow.Config{Kinds: []string{"lookup"}}, nil},
		{"beyond", follow.Config{From: 99}, nil},
	} {
		b := &book{}
		drain(t, newFollower(t, j, "f-"+test.name, b.handle, test.cfg), len(test.want))
		if got := b.names(); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// Run hands over what is there and what comes, and leaves a cursor behind when it is stopped.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, b := journal.NewMemory(), &book{}
		fill(t, j, 2, 5)
		f := newFollower(t, j, "notices", b.handle, follow.Config{Poll: time.Minute})
		stop := goRun(t, f)
		synctest.Wait()
		fill(t, j, 2, 5)
		began := time.Now()
		f.Wake()
		synctest.Wait()
		b.wantOrder(t, 2, 10, false)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a woken follower waited %s", waited)
		}
		fill(t, j, 2, 1)
		time.Sleep(time.Minute + time.Second)
		b.wantOrder(t, 2, 11, false)
		stop()
		drain(t, newFollower(t, j, "notices", b.handle, follow.Config{}), 0)
	})
}

// Workers share the partitions of a name; each stream stays in order, and nothing is shown twice.
func TestWorkersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers, streams, each = 3, 24, 8
		j := journal.NewMemory()
		fill(t, j, streams, each)
		var mu sync.Mutex
		var all book
		busy, share := make(map[journal.Stream]bool), make([]int, workers)
		var stops []func()
		for w := range workers {
			b := &book{on: func(ctx context.Context, r journal.Record) error {
				mu.Lock()
				if busy[r.Stream] {
					t.Errorf("%s is handled by two at once", r.Stream)
				}
				busy[r.Stream] = true
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				busy[r.Stream] = false
				share[w]++
				return all.handle(ctx, r)
			}}
			stops = append(stops, goRun(t, newFollower(t, j, "notices", b.handle, follow.Config{Partitions: 8, Batch: 4})))
		}
		time.Sleep(time.Minute)
		for _, stop := range stops {
			stop()
		}
		all.wantOrder(t, streams, each, false)
		if slices.Min(share) < streams*each/10 {
			t.Errorf("the workers' shares are %v", share)
		}
	})
}

// A worker that is killed in the midst of a handler is replaced after its lease; nothing is skipped.
func TestKilledInHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, all := journal.NewMemory(), &book{}
		fill(t, j, 4, 5)
		process := &severed{Journal: j}
		killed := make(chan struct{})
		b := &book{on: func(ctx context.Context, r journal.Record) error {
			if r.Position == 7 {
				process.dead.Store(true)
				<-killed // it never comes back
				return ctx.Err()
			}
			return all.handle(ctx, r)
		}}
		ctx, kill := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- newFollower(t, process, "notices", b.handle, follow.Config{}).Run(ctx) }()
		synctest.Wait()
		began := time.Now()
		stop := goRun(t, newFollower(t, j, "notices", all.handle, follow.Config{}))
		time.Sleep(29 * time.Second)
		if got := len(all.names()); got != 6 {
			t.Errorf("%d records were shown before the lease has run out, want 6", got)
		}
		time.Sleep(5 * time.Second)
		stop()
		all.wantOrder(t, 4, 5, true)
		if got := len(all.names()); got != 26 {
			t.Errorf("%d records were shown, want 20 and 6 of them again", got)
		}
		if at := all.at[6].Sub(began); at < 29*time.Second || at > 32*time.Second {
			t.Errorf("the other worker began after %s, want the lease of 30 s", at)
		}
		kill()
		close(killed)
		<-gone
	})
}

// A handler may take as long as it likes: its lease is renewed, and the progress before it is written.
func TestSlowHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, b := journal.NewMemory(), &book{}
		fill(t, j, 1, 4)
		b.on = func(ctx context.Context, r journal.Record) error {
			if r.Seq == 2 {
				time.Sleep(10 * time.Minute)
			}
			return ctx.Err()
		}
		one := goRun(t, newFollower(t, j, "notices", b.handle, follow.Config{}))
		two := goRun(t, newFollower(t, j, "notices", b.handle, follow.Config{}))
		time.Sleep(11 * time.Minute)
		one()
		two()
		b.wantOrder(t, 1, 4, false)
	})
}

// A worker that cannot renew its lease has its handler cancelled, and what the handler then says does not count.
func TestLeaseLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, all := journal.NewMemory(), &book{}
		fill(t, j, 2, 3)
		cut, cause := &severed{Journal: j}, error(nil)
		var told reports
		slow := func(ctx context.Context, r journal.Record) error {
			cut.dead.Store(true)
			<-ctx.Done()
			cause = context.Cause(ctx)
			return errors.New("failed since it was cancelled")
		}
		stop := goRun(t, newFollower(t, cut, "notices", slow, follow.Config{Report: told.add}))
		synctest.Wait()
		other := goRun(t, newFollower(t, j, "notices", all.handle, follow.Config{}))
		time.Sleep(2 * time.Minute)
		other()
		stop()
		all.wantOrder(t, 2, 3, false)
		if !errors.Is(cause, follow.ErrLost) {
			t.Errorf("the handler's context ended with %v, want ErrLost", cause)
		}
		if len(told.failures()) != 0 || len(kinds(t, j, "parked")) != 0 {
			t.Error("a handler that was cancelled counts as failed")
		}
	})
}

// Errors of the journal are reported and outlived.
func TestJournalAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told reports
		away, b := &severed{Journal: journal.NewMemory()}, &book{}
		fill(t, away, 1, 3)
		away.dead.Store(true)
		stop := goRun(t, newFollower(t, away, "notices", b.handle, follow.Config{Report: told.add}))
		time.Sleep(time.Hour)
		if len(b.names()) != 0 || !told.has(errCut) {
			t.Error("the journal's error was not reported")
		}
		away.dead.Store(false)
		time.Sleep(time.Minute)
		stop()
		b.wantOrder(t, 1, 3, false)
	})
}

// A record that takes its worker down each time is found, parked and at last given up; the others go on.
func TestCrashLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, all := journal.NewMemory(), &book{}
		fill(t, j, 4, 5) // the poison is position 10, dossier/1#3
		cfg := follow.Config{Attempts: 3, Batch: 16}
		deaths := 0
		for len(kinds(t, j, "parked")) == 0 || !slices.Contains(kinds(t, j, "parked"), "follow.died") {
			if deaths++; deaths > 20 {
				t.Fatal("the workers die for ever")
			}
			process, ctx, kill := lifetime(t, j)
			b := &book{on: func(ctx context.Context, r journal.Record) error {
				if r.Position == 10 {
					process.dead.Store(true)
					kill()
					return ctx.Err()
				}
				return all.handle(ctx, r)
			}}
			_ = newFollower(t, process, "notices", b.handle, cfg).Run(ctx)
			kill()
			time.Sleep(time.Minute)
		}
		f := newFollower(t, j, "notices", all.handle, cfg)
		page, err := f.Letters(t.Context(), "", 0)
		if err != nil || len(page.Letters) != 1 || page.Letters[0].Code != "follow.crashed" || page.Letters[0].Position != 10 {
			t.Fatalf("got %+v, %v, want the poison as a letter", page.Letters, err)
		}
		if err := f.Skip(t.Context(), page.Letters[0], "officer-7", "crashes the notifier"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		names := all.names()
		for s := range 4 {
			for n := 1; n <= 5; n++ {
				if name := fmt.Sprintf("dossier/%d#%d", s, n); slices.Contains(names, name) == (name == "dossier/1#3") {
					t.Errorf("%s: shown %v", name, name != "dossier/1#3")
				}
			}
		}
		t.Logf("%d workers died", deaths)
	})
}

// lifetime is a process that ends after five minutes, if nothing kills it before.
func lifetime(t *testing.T, j journal.Journal) (*severed, context.Context, context.CancelFunc) {
	ctx, kill := context.WithTimeout(t.Context(), 5*time.Minute)
	return &severed{Journal: j}, ctx, kill
}

func TestPartitionsBelongToTheName(t *testing.T) {
	j, b := journal.NewMemory(), &book{}
	fill(t, j, 2, 2)
	drain(t, newFollower(t, j, "notices", b.handle, follow.Config{Partitions: 2}), 4)
	for _, partitions := range []int{1, 3} {
		err := newFollower(t, j, "notices", b.handle, follow.Config{Partitions: partitions}).Run(t.Context())
		invalid, ok := errors.AsType[*follow.InvalidError](err)
		if !ok || invalid.Field != "config.partitions" {
			t.Errorf("%d partitions: got %v", partitions, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	j, h := journal.NewMemory(), func(context.Context, journal.Record) error { return nil }
	for _, test := range []struct {
		field, name string
		j           journal.Journal
		h           follow.Handler
		cfg         follow.Config
	}{
		{"journal", "a", nil, h, follow.Config{}}, {"journal", "a", j, nil, follow.Config{}},
		{"name", "", j, h, follow.Config{}}, {"name", "A", j, h, follow.Config{}}, {"name", "a/b", j, h, follow.Config{}},
		{"name", "9a", j, h, follow.Config{}}, {"name", strings.Repeat("a", 65), j, h, follow.Config{}},
		{"config.partitions", "a", j, h, follow.Config{Partitions: 65}},
		{"config.batch", "a", j, h, follow.Config{Batch: -1}}, {"config.attempts", "a", j, h, follow.Config{Attempts: -1}},
		{"config.maxParked", "a", j, h, follow.Config{MaxParked: 1 << 20}},
		{"config.lease", "a", j, h, follow.Config{Lease: -1}}, {"config.poll", "a", j, h, follow.Config{Poll: 25 * time.Hour}},
		{"config.minBackoff", "a", j, h, follow.Config{MinBackoff: -1}},
		{"config.maxBackoff", "a", j, h, follow.Config{MaxBackoff: -1}}, {"config.from", "a", j, h, follow.Config{From: -1}},
		{"config.worker", "a", j, h, follow.Config{Worker: "a\x00"}},
		{"config.worker", "a", j, h, follow.Config{Worker: "a\xff"}},
	} {
		f, err := follow.New(test.j, test.name, test.h, test.cfg)
		invalid, ok := errors.AsType[*follow.InvalidError](err)
		if !ok || invalid.Field != test.field || f != nil {
			t.Errorf("%s: got %v", test.field, err)
		}
	}
}
