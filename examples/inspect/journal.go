package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"strconv"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
	"github.com/motcua/motcua/journal/sqlite"
)

// journalCommand verifies a journal on SQLite: every hash, link and look-up table, and with the flags of proving what was
// signed for.
func journalCommand(flags *flag.FlagSet) func() (judge, error) {
	more := provingFlags(flags)
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
		proved
	}
	verify := func(ctx context.Context, path string) (any, bool) {
		if _, err := os.Stat(path); err != nil {
			return answer{verdict: refuse(unopened())}, false
		}
		j, err := sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
		if err != nil {
			return answer{verdict: refuse(fault{"journal.unreadable", "Tệp không phải là sổ theo dõi, hoặc đã hỏng đến mức không mở được.",
				"The file is not a journal, or is damaged beyond opening: " + err.Error()})}, false
		}
		defer j.Close()
		var extra proved
		sum, err := more.verify(ctx, j, &extra)
		if err == nil {
			err = more.run(ctx, path, j, &extra)
		}
		a := answer{verdict: verdict{Valid: err == nil, Reasons: []reason{}}, Facts: sum.Facts, Streams: sum.Streams, Last: sum.Last,
			proved: extra}
		if err == nil {
			return a, true
		}
		a.Reasons = []reason{reasonOf(err)}
		if broken := new(journal.BrokenError); errors.As(err, &broken) {
			a.Position, a.Stream, a.Seq, a.Rule = broken.Position, broken.Stream, broken.Seq, broken.Rule
			a.Reasons = []reason{brokenReason(broken)}
		}
		if found := new(audit.FindingError); errors.As(err, &found) {
			a.Position, a.Rule = found.Position, found.Rule
		}
		return a, false
	}
	return func() (judge, error) { return verify, more.check() }
}

// brokenReason says where a journal does not hold. Damage to the database itself has no place among the records.
func brokenReason(broken *journal.BrokenError) reason {
	if broken.Position == 0 {
		return reason{Code: "journal.damaged", VI: "Tệp của sổ theo dõi bị hỏng hoặc bị sửa đổi ở ngoài các ghi nhận: " + broken.Rule + ".",
			EN: "The journal's file is damaged or altered outside its records: " + broken.Rule + "."}
	}
	at := strconv.FormatInt(broken.Position, 10)
	return reason{Code: "journal.broken", VI: "Sổ theo dõi bị sửa đổi tại vị trí " + at + ": " + broken.Rule + " không khớp.",
		EN: "The journal has been altered at position " + at + ": " + broken.Rule + " does not hold."}
}
