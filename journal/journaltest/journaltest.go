// Package journaltest is what a journal driver must pass: the promises of [journal.Journal], asked of any
// implementation from outside. A vendor's own driver runs it as ours do.
//
// The happy path is one call in the driver's test, and two more when the driver is durable:
//
//	func TestJournal(t *testing.T) { journaltest.Run(t, open, journaltest.Config{Reopen: reopen}) }
//	func TestCrash(t *testing.T)   { journaltest.Crash(t, openDir, 100) }
//	func TestFaults(t *testing.T)  { journaltest.Faults(t, open, faults(), journaltest.Config{Reopen: reopen}) }
//
// Run asks for check-and-set under contention, command keys, the bounds of every field, reading, tailing in commit
// order, finding with cursors while streams move, and an intact chain; Crash kills a writing process again and again;
// Faults lets the store fail under writers and mends it. A driver that keeps its tables open to edits names them in
// Config.Tampers, and each edit must be found where it is.
//
// Stable: [Run], [Crash], [Faults] and [Config]. What they ask grows with the port's promises.
package journaltest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

// Config names what a driver can do beyond the port; the zero value is a driver that can do nothing beyond.
type Config struct {
	// Reopen closes the journal and opens the same store again. Without it the journal counts as not durable.
	Reopen func(tb testing.TB, j journal.Journal) journal.Journal
	// Tampers edit the store behind the journal's back.
	Tampers []Tamper
	// MaxPrivate is the most bytes of a private half that the journal takes, a multiple of four: less than
	// journal.MaxPrivate, the default, for one that adds something of its own to it.
	MaxPrivate int
}

// Tamper is one edit that [journal.Verify] must find.
type Tamper struct {
	Name string
	// Edit changes the record at position, which is neither the first nor the last of its stream, or what is kept
	// beside it. It returns the position at which Verify must report it; 0 when the edit has none.
	Edit func(tb testing.TB, j journal.Journal, position int64) int64
}

// Run asks every promise of the port of journals made by open. Each call of open gives an empty journal of its own,
// which open closes through tb.Cleanup.
func Run(t *testing.T, open func(tb testing.TB) journal.Journal, cfg Config) {
	cfg.MaxPrivate = cmp.Or(cfg.MaxPrivate, journal.MaxPrivate)
	s := suite{open, cfg}
	for _, part := range []struct {
		name string
		ask  func(*testing.T)
	}{
		{"append/one winner", s.oneWinner},
		{"append/counter", s.counter},
		{"append/all or none", s.allOrNone},
		{"append/bounds refused", s.boundsRefused},
		{"append/bounds kept", s.boundsKept},
		{"append/cancelled", s.cancelled},
		{"append/caller's memory", s.callersMemory},
		{"command/again", s.commandAgain},
		{"command/reused", s.commandReused},
		{"command/together", s.commandTogether},
		{"read/pages", s.readPages},
		{"read/break and append within", s.readBreak},
		{"tail/commit order", s.tailOrder},
		{"find/order and pages", s.findPages},
		{"find/ranges", s.findRanges},
		{"find/keys move", s.findKeysMove},
		{"find/bounds", s.findBounds},
		{"find/cursors", s.findCursors},
		{"find/while streams move", s.findWhileMoving},
		{"chain/links", s.chainLinks},
		{"chain/reopen", s.reopen},
		{"chain/tampers", s.tampers},
		{"copy/in", s.copyIn},
		{"copy/out", s.copyOut},
	} {
		t.Run(part.name, part.ask)
	}
}

type suite struct {
	open func(testing.TB) journal.Journal
	cfg  Config
}

// at is the time of every fact of the suite; a fixed one, as facts differ by what they say.
var at = time.Date(2026, 11, 21, 8, 30, 0, 123456000, time.UTC)

func fact(format string, args ...any) journal.Fact {
	return journal.Fact{
		Kind:  "dossier.noted",
		Actor: "officer-7",
		At:    at,
		Body:  fmt.Appendf(nil, format, args...),
	}
}

// full is a fact that uses every field.
func full(n int) journal.Fact {
	f := fact(`{"note":"phiếu số %d","state":"xử lý"}`, n)
	f.Private = []byte{0, 0xff, 'N', 'g', 'h', 0xc4, 0xa9, 'a', byte(n)}
	f.Subject = "subject-31"
	f.Command = command(fmt.Sprintf("key-%d", n), "accept")
	f.Keys = []journal.Key{
		{Name: "unit", Value: "H26.1", Sort: int64(n)},
		{Name: "code", Value: fmt.Sprintf("H26.1-%06d", n), Sort: 0},
	}
	return f
}

func command(key string, parts ...string) journal.Command {
	var raw [][]byte
	for _, part := range parts {
		raw = append(raw, []byte(part))
	}
	return journal.NewCommand(key, raw...)
}

func stream(tb testing.TB, name string) journal.Stream {
	tb.Helper()
	s, err := journal.ParseStream(name)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func mustAppend(tb testing.TB, j journal.Journal, s journal.Stream, after int64, facts ...journal.Fact,
) []journal.Record {
	tb.Helper()
	records, err := j.Append(context.Background(), s, after, facts...)
	if err != nil {
		tb.Fatalf("append to %s after %d: %v", s, after, err)
	}
	if len(records) != len(facts) {
		tb.Fatalf("append of %d facts returned %d records", len(facts), len(records))
	}
	return records
}

func load(tb testing.TB, j journal.Journal, s journal.Stream) []journal.Record {
	tb.Helper()
	records, err := journal.Load(context.Background(), j, s)
	if err != nil {
		tb.Fatal(err)
	}
	return records
}

func tail(tb testing.TB, j journal.Journal, position int64) []journal.Record {
	tb.Helper()
	var records []journal.Record
	for record, err := range j.Tail(context.Background(), position) {
		if err != nil {
			tb.Fatal(err)
		}
		records = append(records, record)
	}
	return records
}

func verify(tb testing.TB, j journal.Journal) journal.Summary {
	tb.Helper()
	sum, err := journal.Verify(context.Background(), j)
	if err != nil {
		tb.Fatal(err)
	}
	return sum
}

// wantSame fails unless both are the same records, to the byte.
func wantSame(tb testing.TB, got, want []journal.Record) {
	tb.Helper()
	if len(got) != len(want) {
		tb.Fatalf("got %d records, want %d", len(got), len(want))
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if g.Position != w.Position || g.Digest() != w.Digest() || g.Hash != w.Hash || g.Stream != w.Stream ||
			!bytes.Equal(g.Private, w.Private) || !bytes.Equal(g.Body, w.Body) || !g.At.Equal(w.At) {
			tb.Fatalf("record %d: got %+v, want %+v", i, *g, *w)
		}
	}
}

func wantInvalid(tb testing.TB, err error, field string) {
	tb.Helper()
	var invalid *journal.InvalidError
	if !errors.As(err, &invalid) {
		tb.Fatalf("got error %v, want *InvalidError for %s", err, field)
	}
	if invalid.Field != field || invalid.Rule == "" {
		tb.Fatalf("got field %q and rule %q, want field %q and a rule", invalid.Field, invalid.Rule, field)
	}
}

func text(n int) string { return strings.Repeat("x", n) }
