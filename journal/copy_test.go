package journal_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

// TestCopyRefuses makes copies of what does not hold, and onto what is not a copy.
func TestCopyRefuses(t *testing.T) {
	stream, err := journal.ParseStream("dossier/1")
	if err != nil {
		t.Fatal(err)
	}
	alien := journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: time.Unix(1.8e9, 0), Body: []byte(`{"n":99}`)}
	longer := written(t)
	if _, err := longer.Append(t.Context(), stream, 4, alien); err != nil {
		t.Fatal(err)
	}
	other := journal.NewMemory()
	if _, err := other.Append(t.Context(), stream, 0, alien); err != nil {
		t.Fatal(err)
	}
	var broken *journal.BrokenError
	var differs *journal.CopyError
	for _, test := range []struct {
		name     string
		from, to journal.Journal
		want     any
		position int64
	}{
		{"an edited record", edited{written(t), func(r *journal.Record) {
			if r.Position == 5 {
				r.Actor = "officer-8"
			}
		}}, journal.NewMemory(), &broken, 5},
		{"another journal in its place", written(t), other, &differs, 1},
		{"a copy that goes on by itself", written(t), longer, &differs, 13},
		{"a copy edited since", written(t), edited{written(t), func(r *journal.Record) {
			if r.Position == 7 {
				r.Body[5] ^= 1
			}
		}}, &differs, 7},
		{"a copy that counts otherwise", written(t), edited{written(t), func(r *journal.Record) { r.Position++ }}, &differs, 2},
		{"positions with gaps", gaps{written(t)}, journal.NewMemory(), &differs, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := journal.Copy(t.Context(), test.from, test.to, nil)
			if !errors.As(err, test.want) {
				t.Fatalf("got %v", err)
			}
			got := int64(0)
			if test.want == any(&broken) {
				got = broken.Position
			} else {
				got = differs.Position
			}
			if got != test.position {
				t.Errorf("got position %d, want %d: %v", got, test.position, err)
			}
		})
	}
}

// gaps shows a journal whose positions leave numbers out.
type gaps struct{ journal.Journal }

func (g gaps) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for r, err := range g.Journal.Tail(ctx, position) {
			r.Position *= 2
			if !yield(r, err) {
				return
			}
		}
	}
}

// TestCopyStopsWithItsContext leaves a copy that goes on from where it is.
func TestCopyStopsWithItsContext(t *testing.T) {
	from, to := written(t), journal.NewMemory()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := journal.Copy(ctx, from, to, func(r journal.Record) {
		if r.Position == 5 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	sum, err := journal.Copy(t.Context(), from, to, nil)
	if err != nil || sum.Facts != 12 || sum.Streams != 3 {
		t.Errorf("taken up again: %+v, %v", sum, err)
	}
}

// TestCopyOfHalfAnAppend puts nothing behind a copy that has lost the rest of an append.
func TestCopyOfHalfAnAppend(t *testing.T) {
	stream, err := journal.ParseStream("dossier/1")
	if err != nil {
		t.Fatal(err)
	}
	fact := func(n int) journal.Fact {
		return journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: time.Unix(1.8e9, 0), Body: fmt.Appendf(nil, `{"n":%d}`, n)}
	}
	from, to := journal.NewMemory(), journal.NewMemory()
	for j, facts := range map[*journal.Memory][]journal.Fact{from: {fact(1), fact(2)}, to: {fact(1)}} {
		if _, err := j.Append(t.Context(), stream, 0, facts...); err != nil {
			t.Fatal(err)
		}
	}
	var differs *journal.CopyError
	if _, err := journal.Copy(t.Context(), from, to, nil); !errors.As(err, &differs) || differs.Position != 2 {
		t.Errorf("got %v", err)
	}
	if sum, err := journal.Verify(t.Context(), to); err != nil || sum.Facts != 1 {
		t.Errorf("the copy has %d facts, %v", sum.Facts, err)
	}
}
