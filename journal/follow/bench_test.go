package follow_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
	"github.com/motcua/motcua/journal/sqlite"
)

// BenchmarkFollow sets a follower with a handler that does nothing beside reading the same tail by hand, on a journal of
// 20,000 facts on disk. The figure is the time for one fact.
func BenchmarkFollow(b *testing.B) {
	const streams, each, all = 200, 100, 20_000
	j, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	for s := range streams {
		batch := make([]journal.Fact, 0, each)
		for n := range each {
			batch = append(batch, noted(n))
		}
		write(b, j, fmt.Sprintf("dossier/%d", s), batch[:50]...)
		write(b, j, fmt.Sprintf("dossier/%d", s), batch[50:]...)
	}
	nothing := func(context.Context, journal.Record) error { return nil }
	perFact := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/all, "ns/fact")
	}
	b.Run("tail by hand", func(b *testing.B) {
		for b.Loop() {
			seen := 0
			for r, err := range j.Tail(b.Context(), 0) {
				if err != nil {
					b.Fatal(err)
				}
				if r.Stream.Kind() == "dossier" {
					seen++
				}
			}
			if seen != all {
				b.Fatal(seen)
			}
		}
		perFact(b)
	})
	for _, batch := range []int{16, 256} {
		round := 0
		b.Run(fmt.Sprint("follower/batch ", batch), func(b *testing.B) {
			for b.Loop() {
				round++
				f := newFollower(b, j, fmt.Sprintf("bench-%d-%d", batch, round), nothing, follow.Config{Batch: batch})
				if done, err := f.Drain(b.Context()); done != all || err != nil {
					b.Fatal(done, err)
				}
			}
			perFact(b)
		})
	}
}
