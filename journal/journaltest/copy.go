package journaltest

import (
	"testing"

	"github.com/motcua/motcua/journal"
)

// original is a journal in memory with everything a record can have, appends of several facts, and streams that mix.
func original(t *testing.T) *journal.Memory {
	t.Helper()
	from := journal.NewMemory()
	left, right := stream(t, "dossier/left"), stream(t, "dossier/right")
	mustAppend(t, from, left, 0, full(1), fact(`{"n":2}`), fact(`{"n":3}`))
	mustAppend(t, from, right, 0, full(1))
	unkeyed := fact(`{"n":4}`)
	unkeyed.Keys = []journal.Key{}
	mustAppend(t, from, left, 3, unkeyed)
	mustAppend(t, from, right, 1, full(2), full2(t))
	return from
}

// full2 may follow in an append: it names no command.
func full2(t *testing.T) journal.Fact {
	t.Helper()
	f := full(3)
	f.Command = journal.Command{}
	return f
}

// copyIn moves a journal to the driver, half first, and wants it to answer as the original does.
func (s suite) copyIn(t *testing.T) {
	if s.cfg.MaxPrivate != journal.MaxPrivate {
		t.Skip("it adds to private halves: a copy is made of the journal below it")
	}
	from, to := original(t), s.open(t)
	half := journal.NewMemory()
	mustAppend(t, half, stream(t, "dossier/left"), 0, full(1), fact(`{"n":2}`), fact(`{"n":3}`))
	for _, source := range []journal.Journal{half, from, from} {
		told := int64(0)
		sum, err := journal.Copy(t.Context(), source, to, func(journal.Record) { told++ })
		if err != nil || sum != verify(t, to) || told != sum.Facts {
			t.Fatalf("copied %+v (told of %d), %v; the copy has %+v", sum, told, err, verify(t, to))
		}
		wantSame(t, tail(t, to, 0), tail(t, source, 0))
	}
	query := journal.Query{Name: "unit", Value: "H26.1"}
	if got := findAll(t, to, query); len(got) != 1 || got[0] != "3 dossier/right" {
		t.Errorf("the copy finds %d streams, want the one that has keys", len(got))
	}
	wantSame(t, mustAppend(t, to, stream(t, "dossier/right"), 0, full(1)), load(t, from, stream(t, "dossier/right"))[:1])
	mustAppend(t, to, stream(t, "dossier/left"), 4, full(9))
}

// copyOut moves the driver's journal to another.
func (s suite) copyOut(t *testing.T) {
	from := s.open(t)
	mustAppend(t, from, stream(t, "dossier/left"), 0, full(1), fact(`{"n":2}`))
	mustAppend(t, from, stream(t, "dossier/right"), 0, full(1))
	mustAppend(t, from, stream(t, "dossier/left"), 2, full(3))
	to := journal.NewMemory()
	sum, err := journal.Copy(t.Context(), from, to, nil)
	if err != nil || sum.Facts != 4 || sum.Streams != 2 {
		t.Fatalf("copied %+v, %v", sum, err)
	}
	all, copied := tail(t, from, 0), tail(t, to, 0)
	for i := range all {
		if all[i].Hash != copied[i].Hash || all[i].Position != copied[i].Position {
			t.Errorf("record %d differs in the copy", i)
		}
	}
}
