package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

// TestFaults is the fault suite of the port on a server that is stopped, set read-only, and held by somebody else.
func TestFaults(t *testing.T) {
	server := postgrestest.New(t, postgrestest.Config{})
	number := 0
	open := func(tb testing.TB) journal.Journal {
		number++
		schema := fmt.Sprintf("f%d", number)
		return openAt(tb, server.DSN("postgres")+" search_path="+schema, postgres.Config{
			Schema: schema, Migrate: true, Retry: 100 * time.Millisecond, Wait: 100 * time.Millisecond,
		})
	}
	journaltest.Faults(t, open, []journaltest.Fault{
		{
			Name: "server stopped", Blind: true, Is: is(postgres.ErrUnavailable, postgres.ErrUnknown),
			Strike: func(tb testing.TB, _ journal.Journal) func() {
				server.Crash()
				return func() {
					if err := server.Start(); err != nil {
						tb.Fatal(err)
					}
				}
			},
		},
		{
			Name: "server read-only", Is: is(postgres.ErrReadOnly),
			Strike: func(tb testing.TB, _ journal.Journal) func() {
				readOnly(tb, server, `ALTER SYSTEM SET default_transaction_read_only = on`)
				return func() { readOnly(tb, server, `ALTER SYSTEM RESET default_transaction_read_only`) }
			},
		},
		{
			Name: "pen held", Is: is(postgres.ErrBusy),
			Strike: func(tb testing.TB, j journal.Journal) func() {
				tx, err := j.(*postgres.Journal).Pool().Begin(context.Background())
				if err != nil {
					tb.Fatal(err)
				}
				execute(tb, tx, `SELECT 1 FROM journal_meta WHERE name = 'id' FOR UPDATE`)
				return func() {
					if err := tx.Rollback(context.Background()); err != nil {
						tb.Error(err)
					}
				}
			},
		},
	}, journaltest.Config{Reopen: reopen})
}

// is takes the errors that a fault is known by.
func is(targets ...error) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

// readOnly changes the server's setting and returns when every session has heard of it.
func readOnly(tb testing.TB, server *postgrestest.Server, statement string) {
	tb.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server.DSN("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(ctx)
	watcher, err := pgx.Connect(ctx, server.DSN("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	defer watcher.Close(ctx)
	setting := func() (value string) {
		if err := watcher.QueryRow(ctx, `SELECT current_setting('default_transaction_read_only')`).Scan(&value); err != nil {
			tb.Fatal(err)
		}
		return value
	}
	before := setting()
	for _, s := range []string{`SET default_transaction_read_only = off`, statement, `SELECT pg_reload_conf()`} {
		execute(tb, conn, s)
	}
	for tries := 0; setting() == before; tries++ {
		if tries > 10000 {
			tb.Fatal("the server does not take up its new setting")
		}
	}
	// Sessions hear of it one by one; those that begin now have heard.
	execute(tb, conn, `SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
}
