package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal"
)

// Fault is one way a store fails under a journal that is open.
type Fault struct {
	Name string
	// Strike makes the store behind j fail from now on, until mend is called. It may skip the test when this machine
	// cannot do that.
	Strike func(tb testing.TB, j journal.Journal) (mend func())
	// Is reports whether an error is what the driver says of this fault; nil takes every error but the port's verdicts.
	Is func(error) bool
	// Blind means that nothing can be read either while it lasts.
	Blind bool
}

const (
	faultBefore = 10   // appends of each writer before the fault
	faultTries  = 5000 // appends of each writer by which the fault must be felt
	faultAfter  = 5    // and after it
)

// Faults strikes journals made by open with each fault while several writers append. Every append the fault hits must
// fail with an error that is no verdict; what was acknowledged must be there and readable throughout; after mending, the
// commands that failed are sent again, and each must be there once, in order, on an intact chain: on the open journal
// and, with cfg.Reopen, after opening it again.
func Faults(t *testing.T, open func(tb testing.TB) journal.Journal, faults []Fault, cfg Config) {
	for _, fault := range faults {
		t.Run(fault.Name, func(t *testing.T) {
			f := &faulty{fault: fault, j: open(t)}
			f.each(t, func(w *faultWriter) { w.append(t, f.j, faultBefore) })
			mend := fault.Strike(t, f.j)
			f.each(t, func(w *faultWriter) { w.appendUntilFailure(t, f) })
			f.each(t, func(w *faultWriter) { w.appendUntilFailure(t, f) }) // it still lasts
			if !fault.Blind {
				f.check(t, 2) // a failed append may be there: its outcome was unknown
			}
			mend()
			f.each(t, func(w *faultWriter) { w.append(t, f.j, faultAfter) })
			f.check(t, 0)
			verify(t, f.j)
			if cfg.Reopen != nil {
				f.j = cfg.Reopen(t, f.j)
				f.check(t, 0)
				verify(t, f.j)
			}
		})
	}
}

type faulty struct {
	fault   Fault
	j       journal.Journal
	writers [crashWriters]faultWriter
}

type faultWriter struct {
	name journal.Stream
	done int64 // facts acknowledged
}

// each lets all writers do the same at once.
func (f *faulty) each(t *testing.T, do func(*faultWriter)) {
	t.Helper()
	var all sync.WaitGroup
	for i := range f.writers {
		w := &f.writers[i]
		w.name = stream(t, fmt.Sprintf("dossier/writer-%d", i))
		all.Go(func() { do(w) })
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func (w *faultWriter) append(t *testing.T, j journal.Journal, times int) {
	for range times {
		if _, err := j.Append(context.Background(), w.name, w.done, crashFacts(w.done/2)...); err != nil {
			t.Errorf("%s after %d: %v", w.name, w.done, err)
			return
		}
		w.done += 2
	}
}

func (w *faultWriter) appendUntilFailure(t *testing.T, f *faulty) {
	for range faultTries {
		records, err := f.j.Append(context.Background(), w.name, w.done, crashFacts(w.done/2)...)
		if err != nil {
			f.judge(t, err, records)
			return
		}
		w.done += 2
	}
	t.Errorf("%s: the fault was not felt in %d appends", w.name, faultTries)
}

func (f *faulty) judge(t *testing.T, err error, records []journal.Record) {
	var invalid *journal.InvalidError
	switch {
	case errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrCommandReused) || errors.As(err, &invalid):
		t.Errorf("a failing store gave a verdict: %v", err)
	case f.fault.Is != nil && !f.fault.Is(err):
		t.Errorf("the error does not name the fault: %v", err)
	case records != nil:
		t.Errorf("records came back beside the error %v", err)
	}
}

// check wants every acknowledged append once and in order, and at most spare facts more.
func (f *faulty) check(t *testing.T, spare int64) {
	t.Helper()
	for i := range f.writers {
		w := &f.writers[i]
		checkStream(t, f.j, w.name, w.done)
		end, err := journal.VerifyStream(t.Context(), f.j, w.name)
		if err != nil || end.Seq > w.done+spare {
			t.Fatalf("%s ends at %d, %v, want %d", w.name, end.Seq, err, w.done)
		}
		page := find(t, f.j, journal.Query{Name: "code", Value: crashFacts(end.Seq/2 - 1)[0].Keys[1].Value, Limit: 500})
		if !found(page, w.name, end.Seq) {
			t.Fatalf("%s is not found under the keys of its last append", w.name)
		}
	}
}

func found(page journal.Page, name journal.Stream, seq int64) bool {
	for _, hit := range page.Hits {
		if hit.Head.Stream == name && hit.Head.Seq == seq {
			return true
		}
	}
	return false
}
