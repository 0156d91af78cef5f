package follow_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
	"github.com/motcua/motcua/journal/seal"
)

// poison is a book whose handler does not manage one record until it is cured.
type poison struct {
	book
	stream string
	seq    int64
	err    error // what it says; nil: cured
	tries  []time.Time
}

func newPoison(stream string, seq int64, err error) *poison {
	p := &poison{stream: stream, seq: seq, err: err}
	p.on = func(_ context.Context, r journal.Record) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.Stream.String() != p.stream || r.Seq != p.seq {
			return nil
		}
		p.tries = append(p.tries, time.Now())
		return p.err
	}
	return p
}

func (p *poison) cure() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = nil
}

var errMail = errors.New("mailbox of Trần Thị Mỹ Vĩnh is full")

// A record that fails is tried again after growing times; its stream waits in order, the others go on.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, p := journal.NewMemory(), newPoison("dossier/1", 2, errMail)
		var told reports
		fill(t, j, 3, 3)
		stop := goRun(t, newFollower(t, j, "notices", p.handle, follow.Config{Report: told.add}))
		time.Sleep(time.Minute)
		want := []string{"dossier/0#1", "dossier/1#1", "dossier/2#1", "dossier/0#2", "dossier/2#2", "dossier/0#3", "dossier/2#3"}
		if got := p.names(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		write(t, j, "dossier/1", noted(4)) // behind the poison
		p.cure()
		time.Sleep(3 * time.Minute)
		stop()
		if got := p.names()[len(want):]; !slices.Equal(got, []string{"dossier/1#2", "dossier/1#3", "dossier/1#4"}) {
			t.Errorf("after the cure: got %v", got)
		}
		for i, failure := range told.failures() {
			if failure.Attempts != i+1 || failure.Dead || failure.Seq != 2 || !errors.Is(failure, errMail) ||
				strings.Contains(failure.Error(), "Vĩnh") {
				t.Errorf("failure %d: %v", i, failure)
			}
			if wait := p.tries[i+1].Sub(p.tries[i]); wait < 7*time.Second/10<<i || wait > 2*time.Second+time.Second<<i {
				t.Errorf("try %d came %s after the one before", i+2, wait)
			}
		}
		write(t, j, "dossier/1", noted(5)) // the stream is in its turn again
		drain(t, newFollower(t, j, "notices", p.handle, follow.Config{}), 1)
	})
}

// What is given up waits for somebody, with its stream; both ways back are on record.
func TestDeadLetters(t *testing.T) {
	for _, skip := range []bool{false, true} {
		t.Run(fmt.Sprint("skip ", skip), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, p := journal.NewMemory(), newPoison("dossier/1", 2, errMail)
				var told reports
				fill(t, j, 2, 4)
				f := newFollower(t, j, "notices", p.handle, follow.Config{Report: told.add, Attempts: 4, MaxBackoff: time.Minute})
				stop := goRun(t, f)
				defer stop()
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				if len(p.tries) != 4 || len(p.names()) != 5 {
					t.Fatalf("%d tries, and %d records shown, want 4 and 5", len(p.tries), len(p.names()))
				}
				if last := told.failures()[3]; !last.Dead || last.Attempts != 4 {
					t.Errorf("the last failure is %v", last)
				}
				page, err := f.Letters(t.Context(), "", 10)
				if err != nil || len(page.Letters) != 1 || page.Next != "" {
					t.Fatalf("got %+v, %v, want one letter", page, err)
				}
				letter := page.Letters[0]
				if letter.Stream.String() != "dossier/1" || letter.Seq != 2 || letter.Attempts != 4 || letter.Position != 4 ||
					letter.Reason != errMail.Error() || !letter.Since.Before(letter.Died) {
					t.Errorf("got %+v", letter)
				}
				want := []string{"dossier/1#2", "dossier/1#3", "dossier/1#4"}
				if skip {
					err, want = f.Skip(t.Context(), letter, "officer-7", "told by letter"), want[1:]
				} else {
					p.cure()
					err = f.Retry(t.Context(), letter, "officer-7")
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := f.Retry(t.Context(), letter, "officer-8"); !errors.Is(err, journal.ErrConflict) {
					t.Errorf("a letter that was decided about: got %v", err)
				}
				time.Sleep(time.Second)
				if got := p.names()[5:]; !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
				if page, err := f.Letters(t.Context(), "", 10); err != nil || len(page.Letters) != 0 {
					t.Errorf("letters afterwards: %+v, %v", page, err)
				}
				onRecord := kinds(t, j, "parked")
				if how := map[bool]string{false: "follow.requeued", true: "follow.skipped"}[skip]; !slices.Contains(onRecord, how) ||
					onRecord[len(onRecord)-1] != "follow.resumed" {
					t.Errorf("on record: %v", onRecord)
				}
			})
		})
	}
}

func TestDecisionsAreChecked(t *testing.T) {
	j, p := journal.NewMemory(), newPoison("dossier/0", 1, follow.Permanent(errMail))
	fill(t, j, 1, 1)
	f := newFollower(t, j, "notices", p.handle, follow.Config{})
	drain(t, f, 0)
	page, err := f.Letters(t.Context(), "", 0)
	if err != nil || len(page.Letters) != 1 || page.Letters[0].Attempts != 1 {
		t.Fatalf("a permanent failure is no letter: %+v, %v", page, err)
	}
	letter := page.Letters[0]
	other := newFollower(t, j, "other", p.handle, follow.Config{})
	for field, err := range map[string]error{
		"actor":  f.Retry(t.Context(), letter, ""),
		"ground": f.Skip(t.Context(), letter, "officer-7", ""),
		"letter": f.Retry(t.Context(), follow.Letter{}, "officer-7"),
	} {
		if invalid, ok := errors.AsType[*follow.InvalidError](err); !ok || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if err := other.Retry(t.Context(), letter, "officer-7"); err == nil {
		t.Error("another follower decides")
	}
	if _, err := f.Letters(t.Context(), "noise", 0); err == nil {
		t.Error("a cursor of noise is taken")
	}
}

// coded is an error with a stable key.
type coded struct{ error }

func (coded) Code() string { return "mail.full" }

func TestPanicAndCode(t *testing.T) {
	for _, test := range []struct {
		name, want string
		handler    follow.Handler
	}{
		{"panic", "follow.panic", func(context.Context, journal.Record) error { panic("Trần Thị Mỹ Vĩnh") }},
		{"code", "mail.full", func(context.Context, journal.Record) error { return fmt.Errorf("x: %w", coded{errMail}) }},
		{"none", "", func(context.Context, journal.Record) error { return errMail }},
	} {
		t.Run(test.name, func(t *testing.T) {
			j, told := journal.NewMemory(), reports{}
			fill(t, j, 1, 1)
			f := newFollower(t, j, "notices", test.handler, follow.Config{Attempts: 1, Report: told.add})
			drain(t, f, 0)
			page, err := f.Letters(t.Context(), "", 0)
			if err != nil || len(page.Letters) != 1 || page.Letters[0].Code != test.want {
				t.Errorf("got %+v, %v, want code %q", page.Letters, err, test.want)
			}
			if caught, ok := errors.AsType[*follow.PanicError](told.errs[0]); ok != (test.name == "panic") ||
				ok && (len(caught.Stack) == 0 || strings.Contains(caught.Error(), "Vĩnh")) {
				t.Errorf("reported %v", told.errs[0])
			}
		})
	}
}

// While another system is away nothing is parked or counted, and the same record comes again.
func TestLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, p := journal.NewMemory(), newPoison("dossier/1", 1, follow.Later(errMail))
		var told reports
		fill(t, j, 3, 2)
		stop := goRun(t, newFollower(t, j, "notices", p.handle, follow.Config{Report: told.add, MaxBackoff: time.Minute}))
		time.Sleep(time.Hour)
		if got := p.names(); !slices.Equal(got, []string{"dossier/0#1"}) || len(kinds(t, j, "parked")) != 0 {
			t.Errorf("while it is away: %v", got)
		}
		if n := len(p.tries); n < 50 || n > 90 || len(told.failures()) != n {
			t.Errorf("tried %d times in an hour, and reported %d, want about one a minute", n, len(told.failures()))
		}
		p.cure()
		time.Sleep(2 * time.Minute)
		stop()
		p.wantOrder(t, 3, 2, false)
	})
}

// Later also counts nothing when a parked stream is tried again.
func TestLaterOfParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, p := journal.NewMemory(), newPoison("dossier/1", 1, errMail)
		fill(t, j, 2, 2)
		f := newFollower(t, j, "notices", p.handle, follow.Config{Attempts: 3, MaxBackoff: time.Minute})
		stop := goRun(t, f)
		time.Sleep(time.Second / 2)
		p.mu.Lock()
		p.err = follow.Later(errMail)
		p.mu.Unlock()
		time.Sleep(time.Hour)
		if page, err := f.Letters(t.Context(), "", 0); err != nil || len(page.Letters) != 0 {
			t.Errorf("counted as failures: %+v, %v", page, err)
		}
		p.cure()
		time.Sleep(3 * time.Minute)
		stop()
		p.wantOrder(t, 2, 2, false)
	})
}

// When everything fails the follower stops, instead of parking the whole journal.
func TestClogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, b, told := journal.NewMemory(), &book{}, reports{}
		var cured atomic.Bool
		b.on = func(context.Context, journal.Record) error {
			if !cured.Load() {
				return errMail
			}
			return nil
		}
		fill(t, j, 20, 2)
		stop := goRun(t, newFollower(t, j, "notices", b.handle, follow.Config{MaxParked: 5, Report: told.add}))
		time.Sleep(20 * time.Minute)
		parked := make(map[string]bool)
		for r, err := range j.Tail(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Stream.Kind() == "parked" {
				parked[r.Stream.String()] = true
			}
		}
		if len(parked) != 5 || !told.has(follow.ErrClogged) {
			t.Errorf("%d streams are parked, want 5, and the clog reported", len(parked))
		}
		cured.Store(true)
		time.Sleep(2 * time.Hour)
		stop()
		b.wantOrder(t, 20, 2, false)
	})
}

// The handler's own words are sealed with the record's subject, and erased with it.
func TestReasonIsErased(t *testing.T) {
	dir := t.TempDir()
	ring, err := seal.CreateKeyring(filepath.Join(dir, "ring"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.OpenDir(filepath.Join(dir, "keys"), ring, seal.DirConfig{})
	if err != nil {
		t.Fatal(err)
	}
	below := journal.NewMemory()
	j, err := seal.New(below, keys, seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	fact := noted(1)
	fact.Private, fact.Subject = []byte("Trần Thị Mỹ Vĩnh"), "subject-1"
	write(t, j, "dossier/1", fact)
	f := newFollower(t, j, "notices", func(_ context.Context, r journal.Record) error {
		return follow.Permanent(fmt.Errorf("no mailbox for %s", r.Private))
	}, follow.Config{})
	drain(t, f, 0)
	for _, want := range []string{"no mailbox for Trần Thị Mỹ Vĩnh", ""} {
		page, err := f.Letters(t.Context(), "", 0)
		if err != nil || len(page.Letters) != 1 || page.Letters[0].Reason != want {
			t.Errorf("got %+v, %v, want reason %q", page.Letters, err, want)
		}
		if err := j.Erase(t.Context(), "subject-1", seal.Order{Actor: "officer-7", Ground: "request 12"}); err != nil {
			t.Fatal(err)
		}
	}
	for r, err := range below.Tail(t.Context(), 0) {
		if err != nil || strings.Contains(string(r.Body)+string(r.Private), "Vĩnh") {
			t.Errorf("position %d: in clear, or %v", r.Position, err)
		}
	}
}
