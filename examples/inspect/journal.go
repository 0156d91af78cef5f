package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"strconv"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// journalCommand verifies a journal on SQLite: every hash, link and look-up table.
func journalCommand(*flag.FlagSet) func() (judge, error) {
	type answer struct {
		verdict
		Facts   int64 `json:"facts"`
		Streams int64 `json:"streams"`
		// Last is the position of the last record read; Position of the one that does not hold.
		Last     int64  `json:"last"`
		Position int64  `json:"position,omitempty"`
		Stream   string `json:"stream,omitempty"`
		Seq      int64  `json:"seq,omitempty"`
		Rule     string `json:"rule,omitempty"`
	}
	return ready(func(ctx context.Context, path string) (any, bool) {
		if _, err := os.Stat(path); err != nil {
			return answer{verdict: refuse(errors.New("the file cannot be opened"))}, false
		}
		j, err := sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
		if err != nil {
			return answer{verdict: refuse(err)}, false
		}
		defer j.Close()
		sum, err := journal.Verify(ctx, j)
		a := answer{verdict: verdict{Valid: err == nil, Reasons: []reason{}}, Facts: sum.Facts, Streams: sum.Streams, Last: sum.Last}
		if err == nil {
			return a, true
		}
		a.Reasons = []reason{reasonOf(err)}
		if broken := new(journal.BrokenError); errors.As(err, &broken) {
			a.Position, a.Stream, a.Seq, a.Rule = broken.Position, broken.Stream, broken.Seq, broken.Rule
			at := strconv.FormatInt(broken.Position, 10)
			a.Reasons = []reason{{Code: "journal.broken", VI: "Sổ theo dõi bị sửa đổi tại vị trí " + at + ": " + broken.Rule + " không khớp.",
				EN: "The journal has been altered at position " + at + ": " + broken.Rule + " does not hold."}}
		}
		return a, false
	})
}
