package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/sqlite"
)

var at = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

func openAt(tb testing.TB, path string) *sqlite.Journal {
	tb.Helper()
	j, err := sqlite.Open(context.Background(), path, sqlite.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { j.Close() })
	return j
}

func open(tb testing.TB) *sqlite.Journal {
	return openAt(tb, filepath.Join(tb.TempDir(), "hồ sơ #1?.db"))
}

func stream(tb testing.TB, name string) journal.Stream {
	tb.Helper()
	s, err := journal.ParseStream(name)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func noted(n int) journal.Fact {
	return journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: at, Body: fmt.Appendf(nil, `{"n":%d}`, n),
		Keys: []journal.Key{{Name: "unit", Value: "H26.1", Sort: int64(n)}}}
}

func mustAppend(tb testing.TB, j journal.Journal, name string, after int64, facts ...journal.Fact) []journal.Record {
	tb.Helper()
	records, err := j.Append(context.Background(), stream(tb, name), after, facts...)
	if err != nil {
		tb.Fatal(err)
	}
	return records
}

func pathOf(tb testing.TB, db *sql.DB) string {
	tb.Helper()
	var path string
	if err := db.QueryRow(`SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestJournal(t *testing.T) {
	journaltest.Run(t, func(tb testing.TB) journal.Journal { return open(tb) }, journaltest.Config{
		Reopen: reopen, Tampers: tampers(),
	})
}

func reopen(tb testing.TB, j journal.Journal) journal.Journal {
	tb.Helper()
	path := pathOf(tb, j.(*sqlite.Journal).DB())
	if err := j.(*sqlite.Journal).Close(); err != nil {
		tb.Fatal(err)
	}
	return openAt(tb, path)
}

// inTx is the journal as a vendor sees it who wraps each append in a transaction of his own.
type inTx struct{ *sqlite.Journal }

func (j inTx) Append(ctx context.Context, s journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	tx, err := j.DB().BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	records, err := j.WithTx(tx).Append(ctx, s, after, facts...)
	if err != nil {
		return nil, err
	}
	return records, tx.Commit()
}

func TestJournalInTransactions(t *testing.T) {
	journaltest.Run(t, func(tb testing.TB) journal.Journal { return inTx{open(tb)} }, journaltest.Config{})
}

// TestCrash kills a writer a hundred times, or as often as MOTCUA_CRASH_KILLS says; two thousand times at night
// (MOTCUA_NIGHTLY=1 with -timeout 60m).
func TestCrash(t *testing.T) {
	t.Parallel()
	kills := 100
	if testing.Short() {
		kills = 10
	}
	if os.Getenv("MOTCUA_NIGHTLY") != "" {
		kills = 2000
	}
	if text := os.Getenv("MOTCUA_CRASH_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	journaltest.Crash(t, func(tb testing.TB, dir string) journal.Journal {
		return openAt(tb, filepath.Join(dir, "crash.db"))
	}, kills)
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"", ":memory:", "file:x.db", "a\x00b"} {
		var invalid *journal.InvalidError
		if _, err := sqlite.Open(t.Context(), path, sqlite.Config{}); !errors.As(err, &invalid) {
			t.Errorf("path %q: got %v, want *InvalidError", path, err)
		}
	}
	if _, err := sqlite.Open(t.Context(), filepath.Join(dir, "none.db"), sqlite.Config{ReadOnly: true}); !errors.Is(err,
		os.ErrNotExist) {
		t.Errorf("read-only, no file: got %v, want os.ErrNotExist", err)
	}
	if _, err := sqlite.Open(t.Context(), filepath.Join(dir, "no", "folder.db"), sqlite.Config{}); err == nil {
		t.Error("no folder: got no error")
	}
	noise := filepath.Join(dir, "noise.db")
	letter := []byte("this is a letter, not a database; it is long enough to be looked at")
	if err := os.WriteFile(noise, letter, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		if _, err := sqlite.Open(t.Context(), noise, sqlite.Config{ReadOnly: readOnly}); !errors.Is(err, journal.ErrBroken) {
			t.Errorf("noise, read-only %v: got %v, want ErrBroken", readOnly, err)
		}
	}
}

func TestNewerSchemaRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newer.db")
	j := openAt(t, path)
	if _, err := j.DB().Exec(`UPDATE journal_meta SET value = '999' WHERE name = 'schema'`); err != nil {
		t.Fatal(err)
	}
	j.Close()
	for _, readOnly := range []bool{false, true} {
		_, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: readOnly})
		var schema *sqlite.SchemaError
		if !errors.As(err, &schema) || schema.Found != 999 || schema.Known < 1 {
			t.Errorf("read-only %v: got %v, want *SchemaError for 999", readOnly, err)
		}
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true}); !errors.Is(err, sqlite.ErrNotJournal) {
		t.Errorf("a database without journal: got %v, want ErrNotJournal", err)
	}
	writer := openAt(t, path)
	mustAppend(t, writer, "dossier/1", 0, noted(1), noted(2))
	reader, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Append(t.Context(), stream(t, "dossier/1"), 2, noted(3)); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("append: got %v, want ErrReadOnly", err)
	}
	if reader.DB() != nil {
		t.Error("a read-only journal hands out a pool that writes")
	}
	mustAppend(t, writer, "dossier/1", 2, noted(3)) // what is committed meanwhile is seen
	if sum, err := journal.Verify(t.Context(), reader); err != nil || sum.Facts != 3 {
		t.Errorf("verify: got %+v, %v, want 3 facts", sum, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the file is open to others: %v, %v", info.Mode(), err)
	}
}

func TestClosed(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/1", 0, noted(1))
	for range 2 {
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := j.Append(t.Context(), stream(t, "dossier/1"), 1, noted(2)); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("append: got %v, want ErrClosed", err)
	}
	for _, err := range j.Read(t.Context(), stream(t, "dossier/1"), 0) {
		if err == nil {
			t.Error("a closed journal still reads")
		}
	}
}

func TestFactsAreHeldByTheFile(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/1", 0, noted(1))
	for _, statement := range []string{`UPDATE journal_fact SET kind = 'x'`, `DELETE FROM journal_fact`} {
		if _, err := j.DB().Exec(statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Error(err)
	}
}

// TestFindIsOneRange holds the query plan: a page walks one range of the key table, sorts nothing, and reads each head
// and each fact by its key.
func TestFindIsOneRange(t *testing.T) {
	j := open(t)
	for name, query := range sqlite.FindQueries {
		rows, err := j.DB().Query("EXPLAIN QUERY PLAN "+query, "unit", "H26.1", 0, "", 1<<40, 51)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		if len(plan) != 3 || !strings.HasPrefix(plan[0], "SEARCH k USING PRIMARY KEY (name=? AND value=? AND ") ||
			!strings.HasPrefix(plan[1], "SEARCH h USING PRIMARY KEY") ||
			!strings.HasPrefix(plan[2], "SEARCH f USING INTEGER PRIMARY KEY") {
			t.Errorf("%s: plan %q", name, plan)
		}
	}
}
