package journaltest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal"
)

// manyRecords is more than any driver's page.
const manyRecords = 700

// fill writes manyRecords facts, round-robin over streams, and returns them in order.
func fill(tb testing.TB, j journal.Journal, streams ...journal.Stream) []journal.Record {
	tb.Helper()
	var all []journal.Record
	after := make([]int64, len(streams))
	for i := 0; len(all) < manyRecords; i = (i + 1) % len(streams) {
		n := min(journal.MaxFacts, 7+i, manyRecords-len(all))
		facts := make([]journal.Fact, n)
		for k := range facts {
			facts[k] = fact(`{"n":%d}`, len(all)+k)
		}
		all = append(all, mustAppend(tb, j, streams[i], after[i], facts...)...)
		after[i] += int64(n)
	}
	return all
}

func (s suite) readPages(t *testing.T) {
	j := s.open(t)
	left, right := stream(t, "dossier/left"), stream(t, "dossier/right")
	for range load(t, j, left) {
		t.Error("a stream that does not exist yields a record")
	}
	all := fill(t, j, left, right)
	var wantLeft []journal.Record
	for _, record := range all {
		if record.Stream == left {
			wantLeft = append(wantLeft, record)
		}
	}
	wantSame(t, load(t, j, left), wantLeft)
	wantSame(t, tail(t, j, 0), all)
	for _, after := range []int{1, 255, 256, 257, len(wantLeft) - 1, len(wantLeft), len(wantLeft) + 5} {
		var got []journal.Record
		for record, err := range j.Read(t.Context(), left, int64(after)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, record)
		}
		wantSame(t, got, wantLeft[min(after, len(wantLeft)):])
	}
	wantSame(t, tail(t, j, all[400].Position), all[401:])
	wantSame(t, tail(t, j, all[len(all)-1].Position), nil)
}

// readBreak leaves many iterations in the middle, and appends and asks from within one.
func (s suite) readBreak(t *testing.T) {
	j := s.open(t)
	left, right := stream(t, "dossier/left"), stream(t, "dossier/right")
	all := fill(t, j, left)
	for range 40 {
		for range j.Tail(t.Context(), 0) {
			break
		}
		for range j.Read(t.Context(), left, 0) {
			break
		}
	}
	seen := int64(0)
	for record, err := range j.Read(t.Context(), left, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen%50 == 0 {
			mustAppend(t, j, right, seen/50-1, fact(`{"seen":%d}`, record.Seq))
			load(t, j, right)
		}
	}
	if seen != int64(len(all)) {
		t.Errorf("read %d records, want %d", seen, len(all))
	}
}

// tailOrder follows the journal while others write: what it collects on the way is the journal.
func (s suite) tailOrder(t *testing.T) {
	const writers, each = 12, 20
	j := s.open(t)
	var done sync.WaitGroup
	finished := make(chan struct{})
	for w := range writers {
		name := stream(t, fmt.Sprintf("order/writer-%d", w))
		done.Go(func() {
			for i := range int64(each) {
				if _, err := j.Append(t.Context(), name, 2*i, fact(`{"n":%d}`, i), fact(`{}`)); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	go func() { done.Wait(); close(finished) }()
	var collected []journal.Record
	for last, running := int64(0), true; running; {
		select {
		case <-finished:
			running = false // one more round, for what came last
		default:
		}
		for _, record := range tail(t, j, last) {
			if record.Position <= last {
				t.Fatalf("position %d after %d", record.Position, last)
			}
			last = record.Position
			collected = append(collected, record)
		}
	}
	if len(collected) != writers*each*2 {
		t.Errorf("collected %d records, want %d", len(collected), writers*each*2)
	}
	wantSame(t, collected, tail(t, j, 0))
	verify(t, j)
}
