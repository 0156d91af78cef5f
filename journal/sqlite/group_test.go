package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// hold takes the writing connection, so that appends queue up until release.
func hold(t *testing.T, j *sqlite.Journal) (release func()) {
	t.Helper()
	tx, err := j.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

func awaitQueue(t *testing.T, j *sqlite.Journal, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); j.Waiting() != n; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d appends wait, want %d", j.Waiting(), n)
		}
	}
}

// queued starts n appends to n streams while the writer is held, and returns their verdicts once it is free.
func queued(t *testing.T, j *sqlite.Journal, n int, fact func(i int) journal.Fact) []error {
	t.Helper()
	release := hold(t, j)
	verdicts := make([]error, n)
	var done sync.WaitGroup
	for i := range n {
		name := stream(t, fmt.Sprintf("dossier/q-%d", i))
		done.Go(func() { _, verdicts[i] = j.Append(t.Context(), name, 0, fact(i)) })
	}
	awaitQueue(t, j, n)
	release()
	done.Wait()
	return verdicts
}

func TestGroupIsOneCommit(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/q-3", 0, noted(0)) // one of them meets a conflict
	for i, err := range queued(t, j, 40, noted) {
		if i == 3 != errors.Is(err, journal.ErrConflict) || i != 3 && err != nil {
			t.Errorf("append %d: %v", i, err)
		}
	}
	if got := j.LastGroup(); got != 40 {
		t.Errorf("the last commit held %d appends, want 40", got)
	}
	if sum, err := journal.Verify(t.Context(), j); err != nil || sum.Facts != 40 {
		t.Errorf("verify: %+v, %v", sum, err)
	}
}

// TestGroupMemberFailsAlone has the file itself refuse some of a group, in the midst of writing them.
func TestGroupMemberFailsAlone(t *testing.T) {
	j := open(t)
	refuse := `CREATE TRIGGER vendor BEFORE INSERT ON journal_key WHEN new.value = 'bad'
		BEGIN SELECT raise(ABORT, 'no'); END`
	if _, err := j.DB().Exec(refuse); err != nil {
		t.Fatal(err)
	}
	bad := func(i int) bool { return i%7 == 2 }
	verdicts := queued(t, j, 30, func(i int) journal.Fact {
		f := noted(i)
		if bad(i) {
			f.Keys[0].Value = "bad"
		}
		return f
	})
	for i, err := range verdicts {
		if bad(i) != (err != nil) {
			t.Errorf("append %d: %v", i, err)
		}
		records, err := journal.Load(t.Context(), j, stream(t, fmt.Sprintf("dossier/q-%d", i)))
		if err != nil || bad(i) != (len(records) == 0) {
			t.Errorf("append %d left %d records, %v", i, len(records), err)
		}
	}
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Error(err)
	}
}

// TestGivingUpWhileWaiting cancels appends that wait: the one that is to write next as well as those behind it.
func TestGivingUpWhileWaiting(t *testing.T) {
	j := open(t)
	release := hold(t, j)
	const n = 9
	var done sync.WaitGroup
	verdicts, cancels := make([]error, n), make([]context.CancelFunc, n)
	for i := range n {
		var ctx context.Context
		ctx, cancels[i] = context.WithCancel(t.Context())
		name := stream(t, fmt.Sprintf("dossier/g-%d", i))
		done.Go(func() { _, verdicts[i] = j.Append(ctx, name, 0, noted(i)) })
		awaitQueue(t, j, i+1)
	}
	givesUp := func(i int) bool { return i%3 == 0 } // also the first, which leads
	left := n
	for i, cancel := range cancels {
		defer cancel()
		if givesUp(i) {
			cancel()
			left--
		}
	}
	awaitQueue(t, j, left)
	release()
	done.Wait()
	for i, err := range verdicts {
		if givesUp(i) != errors.Is(err, context.Canceled) || !givesUp(i) && err != nil {
			t.Errorf("append %d: %v", i, err)
		}
	}
	if sum, err := journal.Verify(t.Context(), j); err != nil || sum.Facts != int64(left) {
		t.Errorf("verify: %+v, %v, want %d facts", sum, err, left)
	}
}

func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "busy.db")
	j, err := sqlite.Open(t.Context(), path, sqlite.Config{Wait: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	release := hold(t, j) // a vendor's transaction in this process
	if _, err := j.Append(t.Context(), stream(t, "dossier/1"), 0, noted(1)); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("behind a transaction: got %v, want ErrBusy", err)
	}
	release()
	other := openAt(t, path) // another process
	release = hold(t, other)
	if _, err := j.Append(t.Context(), stream(t, "dossier/1"), 0, noted(1)); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("behind another process: got %v, want ErrBusy", err)
	}
	release()
	mustAppend(t, j, "dossier/1", 0, noted(1))
	mustAppend(t, other, "dossier/1", 1, noted(2))
	mustAppend(t, j, "dossier/1", 2, noted(3))
}

func TestCloseWaitsForTheQueue(t *testing.T) {
	j := open(t)
	release := hold(t, j)
	var done sync.WaitGroup
	verdicts := make([]error, 5)
	for i := range verdicts {
		name := stream(t, fmt.Sprintf("dossier/c-%d", i))
		done.Go(func() { _, verdicts[i] = j.Append(t.Context(), name, 0, noted(i)) })
	}
	awaitQueue(t, j, len(verdicts))
	done.Go(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	release()
	done.Wait()
	for i, err := range verdicts {
		if err != nil {
			t.Errorf("append %d, accepted before the close: %v", i, err)
		}
	}
}

func TestVendorTransaction(t *testing.T) {
	j := open(t)
	if _, err := j.DB().Exec(`CREATE TABLE vendor_queue (number INTEGER PRIMARY KEY) STRICT`); err != nil {
		t.Fatal(err)
	}
	in := func(commit bool, act func(tx *sql.Tx, j *sqlite.Tx)) {
		t.Helper()
		tx, err := j.DB().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		act(tx, j.WithTx(tx))
		if commit {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, numbers, facts int64) {
		t.Helper()
		var got int64
		if err := j.DB().QueryRow(`SELECT count(*) FROM vendor_queue`).Scan(&got); err != nil || got != numbers {
			t.Errorf("%s: %d numbers, %v, want %d", what, got, err, numbers)
		}
		if sum, err := journal.Verify(t.Context(), j); err != nil || sum.Facts != facts {
			t.Errorf("%s: %d facts, %v, want %d", what, sum.Facts, err, facts)
		}
	}
	both := func(number int, after int64) func(tx *sql.Tx, j *sqlite.Tx) {
		return func(tx *sql.Tx, j *sqlite.Tx) {
			if _, err := tx.Exec(`INSERT INTO vendor_queue VALUES (?)`, number); err != nil {
				t.Fatal(err)
			}
			mustAppend(t, j, "dossier/1", after, noted(number))
		}
	}
	in(true, both(1, 0))
	expect("committed", 1, 1)
	in(false, both(2, 1))
	expect("rolled back", 1, 1)
	in(true, func(tx *sql.Tx, inside *sqlite.Tx) {
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
	refuse := `CREATE TRIGGER vendor BEFORE INSERT ON journal_fact WHEN new.actor = 'bad'
		BEGIN SELECT raise(ABORT, 'no'); END`
	if _, err := j.DB().Exec(refuse); err != nil {
		t.Fatal(err)
	}
	in(true, func(tx *sql.Tx, inside *sqlite.Tx) {
		both(5, 2)(tx, inside)
		bad := noted(7)
		bad.Actor = "bad"
		if _, err := inside.Append(t.Context(), stream(t, "dossier/1"), 3, noted(6), bad); err == nil {
			t.Error("the second fact is refused by the file, and the append went through")
		}
	})
	expect("a failure inside leaves nothing of its append", 3, 3)
}

func TestForeignTransaction(t *testing.T) {
	j, other := open(t), open(t)
	tx, err := other.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := j.WithTx(tx).Append(t.Context(), stream(t, "dossier/1"), 0, noted(1)); err == nil {
		t.Error("a transaction of another file was taken")
	}
	path := pathOf(t, j.DB())
	reader, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.WithTx(tx).Append(t.Context(), stream(t, "dossier/1"), 0, noted(1)); !errors.Is(err,
		sqlite.ErrReadOnly) {
		t.Errorf("append to a read-only journal: got %v, want ErrReadOnly", err)
	}
}
