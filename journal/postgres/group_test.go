package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
)

// hold takes the pen, and has one append wait for it, so that others queue up behind, until release.
func hold(t *testing.T, j *postgres.Journal) (release func()) {
	t.Helper()
	tx := begin(t, j)
	execute(t, tx, `SELECT 1 FROM journal_meta WHERE name = 'id' FOR UPDATE`)
	var done sync.WaitGroup
	done.Go(func() {
		if _, err := j.Append(context.Background(), stream(t, "dossier/first"), 0, noted(0)); err != nil {
			t.Errorf("the first append: %v", err)
		}
	})
	awaitLock(t, j, 1)
	return func() {
		if err := tx.Rollback(context.Background()); err != nil {
			t.Error(err)
		}
		done.Wait()
	}
}

// queued starts n appends to n streams while the pen is held, and returns their verdicts once it is free.
func queued(t *testing.T, j *postgres.Journal, n int, fact func(i int) journal.Fact) []error {
	t.Helper()
	release := hold(t, j)
	verdicts := make([]error, n)
	var done sync.WaitGroup
	for i := range n {
		name := stream(t, fmt.Sprintf("dossier/q-%d", i))
		done.Go(func() { _, verdicts[i] = j.Append(t.Context(), name, 0, fact(i)) })
	}
	await(t, "queued appends", func() bool { return j.Waiting() == n })
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
	if sum := verify(t, j); sum.Facts != 41 {
		t.Errorf("%d facts, want 41", sum.Facts)
	}
	var transactions int
	if err := j.Pool().QueryRow(t.Context(), `SELECT count(DISTINCT xmin::text) FROM journal_fact`).Scan(&transactions); err != nil ||
		transactions != 3 {
		t.Errorf("written in %d transactions, %v, want 3", transactions, err)
	}
}

// TestGroupMemberFailsAlone has the database itself refuse some of a group, in the midst of writing them.
func TestGroupMemberFailsAlone(t *testing.T) {
	j := open(t)
	refuseActor(t, j, "bad")
	bad := func(i int) bool { return i%7 == 2 }
	verdicts := queued(t, j, 30, func(i int) journal.Fact {
		f := noted(i)
		if bad(i) {
			f.Actor = "bad"
		}
		return f
	})
	for i, err := range verdicts {
		if bad(i) != (err != nil) {
			t.Errorf("append %d: %v", i, err)
		}
		records, err := journal.Load(t.Context(), j, stream(t, fmt.Sprintf("dossier/q-%d", i)))
		if err != nil || bad(i) != (len(records) == 0) {
			t.Errorf("append %d: %d records, %v", i, len(records), err)
		}
	}
	verify(t, j)
}

// TestOneStreamInOneGroup has a group in which each append builds on the one before, with keys that move and commands.
func TestOneStreamInOneGroup(t *testing.T) {
	j := open(t)
	release := hold(t, j)
	const n = 12
	name := stream(t, "dossier/steps")
	records := make([][]journal.Record, n+1)
	var done sync.WaitGroup
	start := func(i int, after int64, f journal.Fact) {
		waiting := j.Waiting()
		done.Go(func() {
			var err error
			if records[i], err = j.Append(t.Context(), name, after, f); err != nil {
				t.Errorf("append %d: %v", i, err)
			}
		})
		await(t, "the append in the queue", func() bool { return j.Waiting() == waiting+1 })
	}
	for i := range n {
		f := noted(i)
		f.Command = journal.NewCommand(fmt.Sprintf("key-%d", i))
		start(i, int64(i), f)
	}
	again := noted(4)
	again.Command = journal.NewCommand("key-4")
	start(n, 0, again)
	release()
	done.Wait()
	if len(records[n]) != 1 || len(records[4]) != 1 || records[n][0].Hash != records[4][0].Hash {
		t.Errorf("the same command in the same group: got %+v, want %+v", records[n], records[4])
	}
	if got := j.LastGroup(); got != n+1 {
		t.Errorf("the last commit held %d appends, want %d", got, n+1)
	}
	page, err := j.Find(t.Context(), journal.Query{Name: "unit", Value: "H26.1", From: 1})
	if err != nil || len(page.Hits) != 1 || page.Hits[0].Sort != n-1 {
		t.Errorf("found %+v, %v, want the last place alone", page.Hits, err)
	}
	verify(t, j)
}

// TestCallerLeaves lets callers go: from the queue, with nothing written, and out of the midst of an append.
func TestCallerLeaves(t *testing.T) {
	j := open(t)
	release := hold(t, j)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := j.Append(ctx, stream(t, "dossier/left"), 0, noted(1))
		left <- err
	}()
	await(t, "the append in the queue", func() bool { return j.Waiting() == 1 })
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) || errors.Is(err, postgres.ErrUnknown) {
		t.Errorf("out of the queue: got %v, want context.Canceled alone", err)
	}
	release()
	if sum := verify(t, j); sum.Facts != 1 {
		t.Errorf("%d facts, want the first append's alone", sum.Facts)
	}

	tx := begin(t, j)
	execute(t, tx, `SELECT 1 FROM journal_meta WHERE name = 'id' FOR UPDATE`)
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		_, err := j.Append(ctx, stream(t, "dossier/left"), 0, noted(1))
		left <- err
	}()
	awaitLock(t, j, 1)
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) || errors.Is(err, postgres.ErrUnknown) {
		t.Errorf("while waiting for the pen: got %v, want context.Canceled alone", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, "dossier/left", 0, noted(2))
	if sum := verify(t, j); sum.Facts != 2 {
		t.Errorf("%d facts, want 2", sum.Facts)
	}
}

func TestCloseWaits(t *testing.T) {
	j := open(t)
	release := hold(t, j)
	const n = 10
	var done sync.WaitGroup
	for i := range n {
		name := stream(t, fmt.Sprintf("dossier/q-%d", i))
		done.Go(func() {
			if _, err := j.Append(t.Context(), name, 0, noted(i)); err != nil {
				t.Errorf("append %d: %v", i, err)
			}
		})
	}
	await(t, "queued appends", func() bool { return j.Waiting() == n })
	reader, err := postgres.Open(t.Context(), j.Pool().Config().ConnString(), postgres.Config{Schema: schemaOf(j), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	closed := make(chan error)
	go func() { // release needs the pool that Close waits to close
		closed <- j.Close()
	}()
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	done.Wait()
	if sum := verify(t, reader); sum.Facts != n+1 {
		t.Errorf("%d facts, want %d", sum.Facts, n+1)
	}
}
