package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
)

func TestWithTx(t *testing.T) {
	j := open(t)
	execute(t, j.Pool(), `CREATE TABLE vendor_queue (number int PRIMARY KEY)`)
	in := func(commit bool, do func(tx pgx.Tx, inside *postgres.Tx)) {
		t.Helper()
		tx := begin(t, j)
		do(tx, j.WithTx(tx))
		end := tx.Rollback
		if commit {
			end = tx.Commit
		}
		if err := end(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, rows, facts int64) {
		t.Helper()
		var got int64
		if err := j.Pool().QueryRow(t.Context(), `SELECT count(*) FROM vendor_queue`).Scan(&got); err != nil || got != rows {
			t.Errorf("%s: %d rows, %v, want %d", what, got, err, rows)
		}
		if sum := verify(t, j); sum.Facts != facts {
			t.Errorf("%s: %d facts, want %d", what, sum.Facts, facts)
		}
	}
	both := func(number int, after int64) func(pgx.Tx, *postgres.Tx) {
		return func(tx pgx.Tx, inside *postgres.Tx) {
			execute(t, tx, `INSERT INTO vendor_queue VALUES ($1)`, number)
			mustAppend(t, inside, "dossier/1", after, noted(number))
		}
	}
	in(true, both(1, 0))
	expect("committed", 1, 1)
	in(false, both(2, 1))
	expect("rolled back", 1, 1)
	in(true, func(tx pgx.Tx, inside *postgres.Tx) {
		both(3, 1)(tx, inside)
		if _, err := inside.Append(t.Context(), stream(t, "dossier/1"), 1, noted(4)); !errors.Is(err, journal.ErrConflict) {
			t.Errorf("stale append inside: got %v, want ErrConflict", err)
		}
		page, err := inside.Find(t.Context(), journal.Query{Name: "unit", Value: "H26.1"})
		if err != nil || len(page.Hits) != 1 || page.Hits[0].Head.Seq != 2 {
			t.Errorf("inside, its own write is not found: %+v, %v", page, err)
		}
	})
	expect("a refusal inside spoils nothing", 2, 2)
	refuseActor(t, j, "bad")
	in(true, func(tx pgx.Tx, inside *postgres.Tx) {
		both(5, 2)(tx, inside)
		bad := noted(7)
		bad.Actor = "bad"
		if _, err := inside.Append(t.Context(), stream(t, "dossier/1"), 3, noted(6), bad); err == nil {
			t.Error("the second fact is refused by the database, and the append went through")
		}
	})
	expect("a failure inside leaves nothing of its append", 3, 3)
}

// refuseActor has the database refuse some facts, as a vendor's own trigger might.
func refuseActor(t *testing.T, j *postgres.Journal, actor string) {
	t.Helper()
	execute(t, j.Pool(), `CREATE FUNCTION vendor_refuse() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'no'; END $$`)
	execute(t, j.Pool(), `CREATE TRIGGER vendor BEFORE INSERT ON journal_fact FOR EACH ROW WHEN (new.actor = '`+actor+`')
		EXECUTE FUNCTION vendor_refuse()`)
}

// TestTwoOpenTransactions is the promise of Tail: a position that is committed later is never passed over. The second
// transaction to append waits for the first, so that there is none.
func TestTwoOpenTransactions(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/0", 0, noted(0))
	first, second := begin(t, j), begin(t, j)
	early := mustAppend(t, j.WithTx(first), "dossier/1", 0, noted(1))
	appended := make(chan []journal.Record, 1)
	go func() {
		records, err := j.WithTx(second).Append(context.Background(), stream(t, "dossier/2"), 0, noted(2))
		if err == nil {
			err = second.Commit(context.Background())
		}
		if err != nil {
			t.Errorf("the second transaction: %v", err)
		}
		appended <- records
	}()
	awaitLock(t, j, 1)
	var last int64
	for record, err := range j.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		last = record.Position
	}
	if last != 1 {
		t.Errorf("while both are open the journal ends at %d, want 1", last)
	}
	if err := first.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	late := <-appended
	if early[0].Position != 2 || len(late) != 1 || late[0].Position != 3 {
		t.Errorf("positions %+v and %+v, want 2 and 3", early, late)
	}
	var got []int64
	for record, err := range j.Tail(t.Context(), last) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, record.Position)
	}
	if len(got) != 2 || got[0] != 2 || got[1] != 3 {
		t.Errorf("a follower that stood at 1 sees %v next, want 2 and 3", got)
	}
}

// TestRolledBackLeavesNoGap has the first of two transactions give up.
func TestRolledBackLeavesNoGap(t *testing.T) {
	j := open(t)
	tx := begin(t, j)
	mustAppend(t, j.WithTx(tx), "dossier/1", 0, noted(1))
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := mustAppend(t, j, "dossier/2", 0, noted(2)); got[0].Position != 1 {
		t.Errorf("position %d, want 1", got[0].Position)
	}
	verify(t, j)
}

func TestPenHeldTooLong(t *testing.T) {
	held := open(t)
	j, err := postgres.New(t.Context(), held.Pool(), postgres.Config{Schema: schemaOf(held), Wait: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	tx := begin(t, held)
	mustAppend(t, held.WithTx(tx), "dossier/1", 0, noted(1))
	if _, err := j.Append(t.Context(), stream(t, "dossier/2"), 0, noted(2)); !errors.Is(err, postgres.ErrBusy) {
		t.Errorf("append while the pen is held: got %v, want ErrBusy", err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, "dossier/2", 0, noted(2))
	if sum := verify(t, j); sum.Facts != 2 {
		t.Errorf("%d facts, want 2", sum.Facts)
	}
}

func TestOtherIsolationRefused(t *testing.T) {
	j := open(t)
	for _, level := range []pgx.TxIsoLevel{pgx.RepeatableRead, pgx.Serializable} {
		tx, err := j.Pool().BeginTx(t.Context(), pgx.TxOptions{IsoLevel: level})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.WithTx(tx).Append(t.Context(), stream(t, "dossier/1"), 0, noted(1)); !errors.Is(err,
			postgres.ErrIsolation) {
			t.Errorf("%s: got %v, want ErrIsolation", level, err)
		}
		if _, err := tx.Exec(t.Context(), `SELECT 1`); err != nil {
			t.Errorf("%s: the transaction is spoiled: %v", level, err)
		}
		_ = tx.Rollback(t.Context())
	}
}

// awaitLock returns when n sessions of this database wait for a lock.
func awaitLock(t *testing.T, j *postgres.Journal, n int) {
	t.Helper()
	await(t, "sessions waiting for a lock", func() bool {
		var waiting int
		err := j.Pool().QueryRow(t.Context(), `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
			WHERE NOT l.granted AND a.datname = current_database() AND a.query LIKE '%' || $1 || '%'`, schemaOf(j)).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
		return waiting >= n
	})
}

func await(t *testing.T, what string, true func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !true() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
