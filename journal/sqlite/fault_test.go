package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	driver "modernc.org/sqlite"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/sqlite"
)

// TestFaults has the engine itself refuse to write. What the operating system does to it is in fault_linux_test.go.
func TestFaults(t *testing.T) {
	journaltest.Faults(t, func(tb testing.TB) journal.Journal { return open(tb) }, []journaltest.Fault{
		{Name: "no more pages", Is: is(sqlite.ErrFull), Strike: func(tb testing.TB, j journal.Journal) func() {
			db := j.(*sqlite.Journal).DB()
			var pages int
			if err := db.QueryRow(`PRAGMA page_count`).Scan(&pages); err != nil {
				tb.Fatal(err)
			}
			exec(tb, j, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+20))
			return func() { exec(tb, j, `PRAGMA max_page_count = 1073741823`) }
		}},
		{Name: "no more writing", Is: is(sqlite.ErrReadOnly), Strike: func(tb testing.TB, j journal.Journal) func() {
			exec(tb, j, `PRAGMA query_only = 1`)
			return func() { exec(tb, j, `PRAGMA query_only = 0`) }
		}},
		{Name: "commits refused", Strike: func(tb testing.TB, j journal.Journal) func() {
			var refuse atomic.Bool
			refuse.Store(true)
			onCommit(tb, j, func() int32 {
				if refuse.Load() {
					return 1
				}
				return 0
			})
			return func() { refuse.Store(false) }
		}},
	}, journaltest.Config{Reopen: reopen})
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func exec(tb testing.TB, j journal.Journal, statement string) {
	tb.Helper()
	if _, err := j.(*sqlite.Journal).DB().Exec(statement); err != nil {
		tb.Fatal(err)
	}
}

// onCommit has the writing connection ask hook before each commit; anything but 0 turns it into a rollback.
func onCommit(tb testing.TB, j journal.Journal, hook func() int32) {
	tb.Helper()
	conn, err := j.(*sqlite.Journal).DB().Conn(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Raw(func(raw any) error {
		raw.(driver.HookRegisterer).RegisterCommitHook(hook)
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
}

// TestSlowDisk holds one commit as long as a disk that is slow to sync: readers go on, who gives up is let go, and all
// that came meanwhile are the next commit together.
func TestSlowDisk(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/before", 0, noted(0))
	const waiting = 40
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	onCommit(t, j, func() int32 {
		once.Do(func() { close(entered); <-release })
		return 0
	})
	var done sync.WaitGroup
	verdicts := make([]error, waiting+1)
	appendOne := func(i int) {
		_, verdicts[i] = j.Append(t.Context(), stream(t, fmt.Sprintf("dossier/%d", i)), 0, noted(i))
	}
	done.Go(func() { appendOne(waiting) })
	<-entered
	for i := range waiting {
		done.Go(func() { appendOne(i) })
	}
	awaitQueue(t, j, waiting)
	if records, err := journal.Load(t.Context(), j, stream(t, "dossier/before")); err != nil || len(records) != 1 {
		t.Errorf("a reader behind a slow commit: %d records, %v", len(records), err)
	}
	if page, err := j.Find(t.Context(), journal.Query{Name: "unit", Value: "H26.1"}); err != nil || len(page.Hits) != 1 {
		t.Errorf("a list behind a slow commit: %d hits, %v", len(page.Hits), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan error)
	go func() { _, err := j.Append(ctx, stream(t, "dossier/impatient"), 0, noted(1)); given <- err }()
	awaitQueue(t, j, waiting+1)
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up: %v", err)
	}
	close(release)
	done.Wait()
	if err := errors.Join(verdicts...); err != nil {
		t.Error(err)
	}
	if got := j.LastGroup(); got != waiting {
		t.Errorf("the commit after the slow one held %d appends, want %d", got, waiting)
	}
	if sum, err := journal.Verify(t.Context(), j); err != nil || sum.Facts != waiting+2 {
		t.Errorf("verify: %+v, %v", sum, err)
	}
}

// TestAnyPage loses or scrambles each page of a file: that is found and typed, or nothing that was written was in it.
func TestAnyPage(t *testing.T) {
	image, facts := damaged(t)
	const size = 4096
	for page := range len(image) / size {
		for name, spoil := range map[string]func([]byte){
			"zeros":    func(p []byte) { clear(p) },
			"noise":    func(p []byte) { noise(p, byte(page)) },
			"half old": func(p []byte) { copy(p[size/2:], image[:size/2]) }, // a torn write
		} {
			changed := bytes.Clone(image)
			spoil(changed[page*size : (page+1)*size])
			records, err := judge(t, changed)
			if err == nil {
				wantRecords(t, records, facts)
				continue
			}
			var schema *sqlite.SchemaError
			if !errors.Is(err, journal.ErrBroken) && !errors.Is(err, sqlite.ErrNotJournal) && !errors.As(err, &schema) {
				t.Errorf("page %d, %s: got %v, want a typed error", page, name, err)
			}
		}
	}
}

func noise(p []byte, seed byte) {
	x := uint32(seed)*2654435761 + 1
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
}

func wantRecords(t *testing.T, got, want []journal.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records verify, %d were written", len(got), len(want))
	}
	for i := range got {
		if got[i].Digest() != want[i].Hash {
			t.Fatalf("position %d verifies but is not what was written", want[i].Position)
		}
	}
}
