package journaltest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/motcua/motcua/journal"
)

func (s suite) chainLinks(t *testing.T) {
	j := s.open(t)
	left, right := stream(t, "dossier/left"), stream(t, "dossier/right")
	mustAppend(t, j, left, 0, full(1), fact(`{"n":2}`))
	mustAppend(t, j, right, 0, full(1))
	mustAppend(t, j, left, 2, full(3))
	prev, last := make(map[journal.Stream]journal.Hash), int64(0)
	for _, record := range tail(t, j, 0) {
		if record.Prev != prev[record.Stream] || record.Digest() != record.Hash || record.Position <= last {
			t.Errorf("position %d does not link", record.Position)
		}
		prev[record.Stream], last = record.Hash, record.Position
	}
	if prev[left] == prev[right] {
		t.Error("two streams end in the same hash")
	}
	if sum := verify(t, j); sum != (journal.Summary{Facts: 4, Streams: 2, Last: last}) {
		t.Errorf("got summary %+v, want 4 facts of 2 streams up to %d", sum, last)
	}
}

func (s suite) reopen(t *testing.T) {
	if s.cfg.Reopen == nil {
		t.Skip("the driver does not reopen")
	}
	j, name := s.open(t), stream(t, "dossier/kept")
	records := mustAppend(t, j, name, 0, full(1), fact(`{"n":2}`))
	populate(t, j, "u", 6)
	query := journal.Query{Name: "unit", Value: "u", Limit: 2}
	before := find(t, j, query)
	query.Cursor = before.Next
	for range 3 {
		j = s.cfg.Reopen(t, j)
		wantSame(t, load(t, j, name), records)
		wantSame(t, mustAppend(t, j, name, 0, full(1), fact(`{"n":2}`)), records)
		if got := findAll(t, j, query); len(got) != 4 {
			t.Errorf("behind the cursor of before: %d hits, want 4", len(got))
		}
		verify(t, j)
	}
	added := mustAppend(t, j, name, 2, full(4))
	if all := tail(t, j, 0); added[0].Position != all[len(all)-1].Position || added[0].Prev != records[1].Hash {
		t.Error("what is appended after reopening does not link to what was there")
	}
}

func (s suite) tampers(t *testing.T) {
	if len(s.cfg.Tampers) == 0 {
		t.Skip("the driver names no edits")
	}
	for _, tamper := range s.cfg.Tampers {
		t.Run(tamper.Name, func(t *testing.T) {
			j := s.open(t)
			var position int64
			for i := range 4 {
				for k := range 3 {
					name := stream(t, fmt.Sprintf("dossier/%d", k))
					record := mustAppend(t, j, name, int64(i), full(10*k+i))[0]
					if i == 2 && k == 1 {
						position = record.Position
					}
				}
			}
			want := tamper.Edit(t, j, position)
			_, err := journal.Verify(t.Context(), j)
			var broken *journal.BrokenError
			if !errors.As(err, &broken) || !errors.Is(err, journal.ErrBroken) {
				t.Fatalf("verify: got %v, want *BrokenError", err)
			}
			if broken.Position != want || broken.Rule == "" {
				t.Errorf("verify names position %d (%s), want %d", broken.Position, broken.Rule, want)
			}
		})
	}
}
