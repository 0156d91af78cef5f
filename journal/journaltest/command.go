package journaltest

import (
	"errors"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal"
)

func (s suite) commandAgain(t *testing.T) {
	j, name := s.open(t), stream(t, "order/again")
	mustAppend(t, j, name, 0, fact(`{}`))
	request := []journal.Fact{full(1), fact(`{"n":2}`), fact(`{"n":3}`)}
	first := mustAppend(t, j, name, 1, request...)
	mustAppend(t, j, name, 4, full(2))
	for _, after := range []int64{1, 5, 0, 77} {
		wantSame(t, mustAppend(t, j, name, after, request...), first)
	}
	later := request[0]
	later.At = later.At.Add(1e9)
	later.Body = []byte(`{"retry":true}`)
	again, err := j.Append(t.Context(), name, 5, later) // the sum is what counts
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, again, first)
	if got := len(load(t, j, name)); got != 5 {
		t.Errorf("the stream has %d records, want 5", got)
	}
	mustAppend(t, j, stream(t, "order/other"), 0, request...) // a key is its stream's
	verify(t, j)
}

func (s suite) commandReused(t *testing.T) {
	j, name := s.open(t), stream(t, "order/reused")
	first := mustAppend(t, j, name, 0, full(1))
	other := full(1)
	other.Command = command("key-1", "refuse")
	for _, after := range []int64{0, 1} {
		if _, err := j.Append(t.Context(), name, after, other); !errors.Is(err, journal.ErrCommandReused) {
			t.Errorf("after %d: got %v, want ErrCommandReused", after, err)
		}
	}
	wantSame(t, load(t, j, name), first)
}

// commandTogether sends one command many times at once: it is obeyed once and everybody hears the same.
func (s suite) commandTogether(t *testing.T) {
	j, name := s.open(t), stream(t, "order/together")
	var mu sync.Mutex
	var answers [][]journal.Record
	together(rivals, func(int) {
		records, err := j.Append(t.Context(), name, 0, full(1), fact(`{"n":2}`))
		if err != nil {
			t.Errorf("append: %v", err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		answers = append(answers, records)
	})
	stored := load(t, j, name)
	if len(stored) != 2 {
		t.Fatalf("the stream has %d records, want 2", len(stored))
	}
	for _, answer := range answers {
		wantSame(t, answer, stored)
	}
}
