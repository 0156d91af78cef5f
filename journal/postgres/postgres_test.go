package postgres_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m)) }

var at = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

func openAt(tb testing.TB, dsn string, cfg postgres.Config) *postgres.Journal {
	tb.Helper()
	j, err := postgres.Open(context.Background(), dsn, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { j.Close() })
	return j
}

func open(tb testing.TB) *postgres.Journal {
	tb.Helper()
	dsn, schema := postgrestest.Schema(tb)
	return openAt(tb, dsn, postgres.Config{Migrate: true, Schema: schema})
}

// schemaOf returns the schema of a journal that open has opened.
func schemaOf(j *postgres.Journal) string {
	return j.Pool().Config().ConnConfig.RuntimeParams["search_path"]
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

func execute(tb testing.TB, db interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, sql string, args ...any) {
	tb.Helper()
	rows, err := db.Query(context.Background(), sql, args...)
	if err == nil {
		rows.Close()
		err = rows.Err()
	}
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
}

func begin(tb testing.TB, j *postgres.Journal) pgx.Tx {
	tb.Helper()
	tx, err := j.Pool().Begin(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func verify(tb testing.TB, j journal.Journal) journal.Summary {
	tb.Helper()
	sum, err := journal.Verify(context.Background(), j)
	if err != nil {
		tb.Fatal(err)
	}
	return sum
}

func reopen(tb testing.TB, j journal.Journal) journal.Journal {
	tb.Helper()
	dsn, schema := j.(*postgres.Journal).Pool().Config().ConnString(), schemaOf(j.(*postgres.Journal))
	if err := j.(*postgres.Journal).Close(); err != nil {
		tb.Fatal(err)
	}
	return openAt(tb, dsn, postgres.Config{Schema: schema})
}

func TestJournal(t *testing.T) {
	journaltest.Run(t, func(tb testing.TB) journal.Journal { return open(tb) }, journaltest.Config{
		Reopen: reopen, Tampers: tampers(),
	})
}

// inTx is the journal as a vendor sees it who wraps each append in a transaction of his own.
type inTx struct{ *postgres.Journal }

func (j inTx) Append(ctx context.Context, s journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	tx, err := j.Pool().Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck
	records, err := j.WithTx(tx).Append(ctx, s, after, facts...)
	if err != nil {
		return nil, err
	}
	return records, tx.Commit(ctx)
}

func TestJournalInTransactions(t *testing.T) {
	journaltest.Run(t, func(tb testing.TB) journal.Journal { return inTx{open(tb)} }, journaltest.Config{})
}

// TestCrash kills the application's process; crash_test.go kills the server.
func TestCrash(t *testing.T) {
	kills := rounds(t, 10, 2000)
	dsn := os.Getenv("MOTCUA_TEST_CRASH_DSN") // the child's, from its parent
	if dsn == "" {
		dsn = postgrestest.Database(t)
		t.Setenv("MOTCUA_TEST_CRASH_DSN", dsn)
	}
	journaltest.Crash(t, func(tb testing.TB, _ string) journal.Journal {
		return openAt(tb, dsn, postgres.Config{Migrate: true})
	}, kills)
}

// rounds is how often a test crashes something: MOTCUA_CRASH_KILLS, or one number at night and another by day.
func rounds(t *testing.T, day, night int) int {
	t.Helper()
	if text := os.Getenv("MOTCUA_CRASH_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if os.Getenv("MOTCUA_NIGHTLY") != "" {
		return night
	}
	return day
}

func newPool(tb testing.TB, dsn string) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}
