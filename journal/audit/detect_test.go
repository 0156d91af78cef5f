package audit_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// edited shows another journal's records as somebody has changed them.
type edited struct {
	journal.Journal
	edit func(*journal.Record)
}

func (e edited) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for r, err := range e.Journal.Tail(ctx, position) {
			e.edit(&r)
			if !yield(r, err) {
				return
			}
		}
	}
}

type records = []journal.Record

// forgeries are what somebody with the store can do who also writes every hash anew. Position is the first that differs.
var forgeries = []struct {
	name, rule string
	kind       error
	position   int64
	edit       func(records) records
}{
	{"edit", "edited", audit.ErrAltered, 41, func(all records) records { all[40].Actor = "officer-8"; return all }},
	{"edit of a private half", "edited", audit.ErrAltered, 40, func(all records) records { all[39].Private = []byte("x"); return all }},
	{"edit of a time by a microsecond", "edited", audit.ErrAltered, 41,
		func(all records) records { all[40].At = all[40].At.Add(time.Microsecond); return all }},
	{"edit of the last record", "edited", audit.ErrAltered, 100, func(all records) records { all[99].Keys = nil; all[99].Body = []byte(`{}`); return all }},
	{"delete", "deleted", audit.ErrAltered, 56, func(all records) records { return slices.Delete(all, 55, 56) }},
	{"insert", "inserted", audit.ErrAltered, 21, func(all records) records {
		extra := all[0]
		extra.Stream, _ = journal.ParseStream("dossier/more")
		return slices.Insert(all, 20, extra)
	}},
	{"reorder", "moved", audit.ErrAltered, 51, func(all records) records { all[50], all[51] = all[51], all[50]; return all }},
	{"tail cut", "cut", audit.ErrCut, 89, func(all records) records { return all[:89] }},
	{"everything cut", "cut", audit.ErrCut, 0, func(records) records { return nil }},
}

// TestCompareFinds holds forged journals to the log's own folder: the place and the kind of every change.
func TestCompareFinds(t *testing.T) {
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			j := written(t, 100)
			o := newOffice(t, j)
			o.checkpoint()
			if sum, err := o.log.Compare(t.Context()); err != nil || sum.Facts != 100 || sum.Covered != 100 {
				t.Fatalf("before: %+v, %v", sum, err)
			}
			o.open(rewritten(t, j, f.edit))
			_, err := o.log.Compare(t.Context())
			if got := wantFinding(t, err, f.kind, f.rule); got.Position != f.position {
				t.Errorf("found at position %d, want %d", got.Position, f.position)
			}
		})
	}
}

// TestJournalAgainstWitness holds forged journals to nothing but checkpoints kept elsewhere.
func TestJournalAgainstWitness(t *testing.T) {
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			j := journal.NewMemory()
			o := newOffice(t, j)
			var kept []audit.Checkpoint
			for n := 0; n < 100; n += 10 {
				write(t, j, n, n+10)
				o.now = start.Add(time.Duration(n+10) * time.Second)
				kept = append(kept, o.checkpoint())
			}
			sum, err := o.verifier.Journal(t.Context(), j, seen(kept...))
			if err != nil || sum.Facts != 100 || sum.Checkpoints != 10 || sum.Covered != 100 {
				t.Fatalf("before: %+v, %v", sum, err)
			}
			_, err = o.verifier.Journal(t.Context(), rewritten(t, j, f.edit), seen(kept...))
			var got *audit.FindingError
			if !errors.As(err, &got) || !errors.Is(err, f.kind) || got.Rule != "root" && got.Rule != "cut" {
				t.Fatalf("got %v, want %v", err, f.kind)
			}
			if got.Position > f.position || got.Position < f.position-10 {
				t.Errorf("found from position %d on, want within ten before %d", got.Position, f.position)
			}
		})
	}
}

// TestLogWontSignForAnEditedEnd finds at the next checkpoint that the last record signed for is gone or another.
func TestLogWontSignForAnEditedEnd(t *testing.T) {
	for _, f := range forgeries[3:] {
		if f.rule == "inserted" || f.rule == "moved" {
			continue // in the middle: Compare and the witness find those
		}
		t.Run(f.name, func(t *testing.T) {
			j := written(t, 100)
			o := newOffice(t, j)
			o.checkpoint()
			o.open(rewritten(t, j, f.edit))
			for range 2 { // refused is refused, also when asked again
				_, err := o.log.Checkpoint(t.Context())
				if !errors.Is(err, f.kind) && !errors.Is(err, audit.ErrCut) {
					t.Errorf("got %v, want %v", err, f.kind)
				}
			}
		})
	}
}

// TestRebuiltFromAForgedJournal loses the stored tree and must not sign another history.
func TestRebuiltFromAForgedJournal(t *testing.T) {
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			j := written(t, 100)
			o := newOffice(t, j)
			o.checkpoint()
			if err := flip(o.dir+"/leaves", 5); err != nil {
				t.Fatal(err)
			}
			forged := rewritten(t, j, f.edit)
			o.open(forged)
			for range 2 {
				if c, err := o.log.Checkpoint(t.Context()); !errors.Is(err, audit.ErrAltered) && !errors.Is(err, audit.ErrCut) {
					t.Errorf("signed %v, %v", c, err)
				}
			}
		})
	}
}

func TestForkIsFound(t *testing.T) {
	j := written(t, 100)
	o := newOffice(t, j)
	first := o.checkpoint()

	// The same key signs another history in another folder, with more records behind it.
	fork := &office{tb: t, dir: t.TempDir(), signer: o.signer, verifier: o.verifier, now: o.now.Add(time.Minute),
		journal: rewritten(t, j, func(all records) records { all[3].Actor = "officer-8"; return all })}
	fork.open(fork.journal)
	same := fork.checkpoint()
	write(t, fork.journal, 100, 130)
	longer := fork.checkpoint()

	t.Run("of one size", func(t *testing.T) {
		_, err := o.verifier.Bundle(fork.prove(audit.Selection{Positions: []int64{50}, Under: same}), first)
		if f := wantFinding(t, err, audit.ErrFork, "fork"); len(f.Checkpoints) != 2 {
			t.Errorf("%d checkpoints of evidence, want 2", len(f.Checkpoints))
		}
	})
	t.Run("by a link", func(t *testing.T) {
		_, err := o.verifier.Bundle(fork.prove(audit.Selection{Positions: []int64{50}, Since: []audit.Checkpoint{same}}), first)
		wantFinding(t, err, audit.ErrFork, "fork")
		_, err = fork.log.Prove(t.Context(), audit.Selection{Positions: []int64{50}, Since: []audit.Checkpoint{first}})
		wantFinding(t, err, audit.ErrFork, "fork")
	})
	t.Run("without a link", func(t *testing.T) {
		_, err := o.verifier.Bundle(fork.prove(audit.Selection{Positions: []int64{50}}), first)
		wantFinding(t, err, audit.ErrUnlinked, "unlinked")
	})
	t.Run("by a witness", func(t *testing.T) {
		w := newWitness(t, o.verifier, nil)
		if _, err := w.See(first.Note(), nil, o.now); err != nil {
			t.Fatal(err)
		}
		proof, err := fork.log.Consistency(first.Size(), longer.Size())
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.See(longer.Note(), proof, fork.now)
		wantFinding(t, err, audit.ErrFork, "fork")
		_, err = w.See(same.Note(), nil, fork.now)
		wantFinding(t, err, audit.ErrFork, "fork")
		if w.Last().String() != first.String() {
			t.Error("the witness took in a fork")
		}
	})
	t.Run("in a file", func(t *testing.T) {
		_, err := o.verifier.Journal(t.Context(), j, seen(first, same))
		wantFinding(t, err, audit.ErrFork, "fork")
	})
}

func TestClockGoingBackIsFound(t *testing.T) {
	back := func(n int, by time.Duration) *journal.Memory {
		j := journal.NewMemory()
		for i := range n {
			f := factOf(i)
			if i == n-1 {
				f.At = f.At.Add(-by)
			}
			if _, err := j.Append(t.Context(), streamOf(t, "dossier/1"), int64(i), f); err != nil {
				t.Fatal(err)
			}
		}
		return j
	}
	for _, tt := range []struct {
		name string
		by   time.Duration
		want bool
	}{{"within the skew", 4 * time.Minute, false}, {"beyond it", 6 * time.Minute, true}} {
		t.Run("records "+tt.name, func(t *testing.T) {
			j := back(20, tt.by)
			o := newOffice(t, j)
			c := o.checkpoint()
			_, err := o.verifier.Journal(t.Context(), j, seen(c))
			_, bundleErr := o.verifier.Bundle(o.prove(audit.Selection{Streams: []journal.Stream{streamOf(t, "dossier/1")}}))
			if !tt.want {
				if err != nil || bundleErr != nil {
					t.Errorf("got %v, %v", err, bundleErr)
				}
				return
			}
			if f := wantFinding(t, err, audit.ErrClock, "clock"); f.Position != 20 {
				t.Errorf("found at %d, want 20", f.Position)
			}
			wantFinding(t, bundleErr, audit.ErrClock, "clock")
		})
	}
	t.Run("a record dated before the checkpoint it follows", func(t *testing.T) {
		j := written(t, 20)
		o := newOffice(t, j)
		first := o.checkpoint() // a day later than the records
		write(t, j, 20, 21)     // dated like the others
		o.checkpoint()
		_, err := o.verifier.Bundle(o.prove(audit.Selection{Positions: []int64{21}, Since: []audit.Checkpoint{first}}))
		wantFinding(t, err, audit.ErrClock, "clock")
	})
	t.Run("checkpoints of a bundle, by less than the skew", func(t *testing.T) {
		j := written(t, 20)
		o := newOffice(t, j)
		first := o.checkpoint()
		f := factOf(20)
		f.At = o.now
		if _, err := j.Append(t.Context(), streamOf(t, "dossier/9"), 0, f); err != nil {
			t.Fatal(err)
		}
		late := &office{tb: t, dir: t.TempDir(), signer: o.signer, now: o.now.Add(-2 * time.Minute), journal: j}
		late.open(j)
		late.checkpoint()
		_, err := o.verifier.Bundle(late.prove(audit.Selection{Positions: []int64{21}, Since: []audit.Checkpoint{first}}))
		wantFinding(t, err, audit.ErrClock, "clock")
	})
	t.Run("checkpoints", func(t *testing.T) {
		j := written(t, 20)
		o := newOffice(t, j)
		first := o.checkpoint()
		write(t, j, 20, 25)
		late := &office{tb: t, dir: t.TempDir(), signer: o.signer, verifier: o.verifier, now: o.now.Add(-time.Hour), journal: j}
		late.open(j)
		second := late.checkpoint()
		_, err := o.verifier.Journal(t.Context(), j, seen(first, second))
		wantFinding(t, err, audit.ErrClock, "clock")
		w := newWitness(t, o.verifier, nil)
		if _, err := w.See(first.Note(), nil, o.now); err != nil {
			t.Fatal(err)
		}
		proof, err := late.log.Consistency(20, 25)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.See(second.Note(), proof, o.now)
		wantFinding(t, err, audit.ErrClock, "clock")
	})
}

func TestVerifyKeepsTheChainsVerdict(t *testing.T) {
	j := written(t, 30)
	o := newOffice(t, j)
	c := o.checkpoint()
	var broken *journal.BrokenError
	_, err := o.verifier.Journal(t.Context(), edited{j, func(r *journal.Record) {
		if r.Position == 12 {
			r.Body = []byte(`{"n":0}`)
		}
	}}, seen(c))
	if !errors.As(err, &broken) || broken.Position != 12 {
		t.Errorf("got %v, want *BrokenError at 12", err)
	}
	sum, err := o.verifier.Journal(t.Context(), j, seen())
	if err != nil || sum.Facts != 30 || sum.Checkpoints != 0 || sum.Covered != 0 {
		t.Errorf("without checkpoints: %+v, %v", sum, err)
	}
}

// TestWontSignForABrokenRecord refuses a record whose hash does not fit its contents.
func TestWontSignForABrokenRecord(t *testing.T) {
	o := newOffice(t, written(t, 30))
	o.open(edited{o.journal, func(r *journal.Record) {
		if r.Position == 12 {
			r.Actor = "officer-8"
		}
	}})
	for range 2 {
		var broken *journal.BrokenError
		if _, err := o.log.Checkpoint(t.Context()); !errors.As(err, &broken) || broken.Position != 12 {
			t.Errorf("got %v, want *BrokenError at 12", err)
		}
	}
}

// TestCompareKeepsTheChainsVerdict names a record whose hash does not fit as journal.Verify does.
func TestCompareKeepsTheChainsVerdict(t *testing.T) {
	o := newOffice(t, written(t, 30))
	o.checkpoint()
	o.open(edited{o.journal, func(r *journal.Record) {
		if r.Position == 12 {
			r.Actor = "officer-8" // and the hash as it was
		}
	}})
	var broken *journal.BrokenError
	if _, err := o.log.Compare(t.Context()); !errors.As(err, &broken) || broken.Position != 12 {
		t.Errorf("got %v, want *BrokenError at 12", err)
	}
}

// TestCheckpointBeforeItsRecords is a log that was told to look away and signed at a time before its records.
func TestCheckpointBeforeItsRecords(t *testing.T) {
	j := written(t, 30)
	s := newSigner(t, "motcua.example.vn/so")
	l, err := audit.Open(t.TempDir(), j, s.Key(), audit.Config{Signer: s, Skew: 240 * time.Hour,
		Now: func() time.Time { return start.Add(-time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, s.Key(), audit.Policy{})
	_, err = v.Journal(t.Context(), j, seen(c))
	wantFinding(t, err, audit.ErrClock, "clock")
	raw, err := l.Prove(t.Context(), audit.Selection{Positions: []int64{1}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Bundle(raw)
	wantFinding(t, err, audit.ErrClock, "clock")
}
