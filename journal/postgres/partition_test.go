package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres"
)

func TestPartition(t *testing.T) {
	j := open(t)
	fill := func(from, until int) {
		for i := from; i < until; i++ {
			f := noted(i)
			f.Command = journal.NewCommand(fmt.Sprintf("key-%d", i))
			mustAppend(t, j, fmt.Sprintf("dossier/%d", i%3), int64(i/3), f)
		}
	}
	fill(0, 9)
	first, err := j.Partition(t.Context(), 3)
	if err != nil || first != 13 {
		t.Fatalf("got border %d, %v, want 13", first, err)
	}
	fill(9, 18)
	if first, err = j.Partition(t.Context(), 0); err != nil || first != 19 {
		t.Fatalf("got border %d, %v, want 19", first, err)
	}
	fill(18, 24)
	for table, want := range map[string]int{"journal_fact_1": 12, "journal_fact_2": 6, "journal_fact_3": 6} {
		var got int
		if err := j.Pool().QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&got); err != nil || got != want {
			t.Errorf("%s has %d facts, %v, want %d", table, got, err, want)
		}
	}
	if sum := verify(t, j); sum.Facts != 24 || sum.Last != 24 {
		t.Errorf("got %+v, want 24 facts", sum)
	}
	records, err := journal.Load(t.Context(), j, stream(t, "dossier/1"))
	if err != nil || len(records) != 8 {
		t.Errorf("a dossier across three partitions has %d records, %v, want 8", len(records), err)
	}
	old := noted(1) // a command obeyed in the first partition
	old.Command = journal.NewCommand("key-1")
	if again := mustAppend(t, j, "dossier/1", 0, old); again[0].Position != 2 {
		t.Errorf("the command was obeyed again at %d, want 2", again[0].Position)
	}
	guarded(t, j)
	if _, err := j.Partition(t.Context(), -1); err == nil {
		t.Error("a border in the past was taken")
	}
}

// TestPartitionUnderLoad moves the border while others write and follow.
func TestPartitionUnderLoad(t *testing.T) {
	const writers, each = 6, 60
	j := open(t)
	var done sync.WaitGroup
	for w := range writers {
		name := fmt.Sprintf("dossier/%d", w)
		done.Go(func() {
			for i := range each {
				if _, err := j.Append(context.Background(), stream(t, name), int64(i), noted(i)); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	for range 3 {
		if _, err := j.Partition(t.Context(), 1000); err != nil {
			var invalid *journal.InvalidError
			if !errors.As(err, &invalid) { // the border before is still ahead
				t.Error(err)
			}
		}
	}
	done.Wait()
	if sum := verify(t, j); sum.Facts != writers*each {
		t.Errorf("%d facts, want %d", sum.Facts, writers*each)
	}
}

// TestFindIsOneRange holds the plan that any number of executions ends up with: a page walks one range of the key's
// index, and reads each head and each fact by its key; with partitions too.
func TestFindIsOneRange(t *testing.T) {
	j := open(t)
	mustAppend(t, j, "dossier/1", 0, noted(1))
	if _, err := j.Partition(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, "dossier/2", 0, noted(2))
	for name, query := range j.FindQueries() {
		tx := begin(t, j)
		for _, setting := range []string{"plan_cache_mode = force_generic_plan", "enable_seqscan = off"} { // tables this small
			execute(t, tx, "SET LOCAL "+setting)
		}
		execute(t, tx, "PREPARE find AS "+query)
		rows, err := tx.Query(t.Context(), "EXPLAIN EXECUTE find('unit', 'H26.1', 0, '', 1099511627776, 51)")
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, line)
		}
		execute(t, tx, "DEALLOCATE find")
		has := func(text string) bool {
			return slices.ContainsFunc(plan, func(line string) bool { return strings.Contains(line, text) })
		}
		for want, present := range map[string]bool{
			"journal_key_pkey": true, "journal_head_pkey": true, "journal_fact_1_pkey": true,
			"journal_fact_2_pkey": true, "Sort  ": false, "Seq Scan": false, "Hash": false,
		} {
			if has(want) != present {
				t.Errorf("%s: %q in the plan is %v, want %v:\n%s", name, want, !present, present, strings.Join(plan, "\n"))
			}
		}
		_ = tx.Rollback(t.Context())
	}
}

func TestPartitionOfAReader(t *testing.T) {
	j := open(t)
	reader, err := postgres.New(t.Context(), j.Pool(), postgres.Config{Schema: schemaOf(j), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Partition(t.Context(), 0); !errors.Is(err, postgres.ErrReadOnly) {
		t.Errorf("got %v, want ErrReadOnly", err)
	}
}
