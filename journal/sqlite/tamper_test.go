package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/sqlite"
)

// tampers edit every column of every table. Dropping the triggers is what somebody with the file can do.
func tampers() []journaltest.Tamper {
	edit := func(name string, broken func(p int64) int64, statements ...string) journaltest.Tamper {
		return journaltest.Tamper{Name: name, Edit: func(tb testing.TB, j journal.Journal, position int64) int64 {
			tb.Helper()
			db := j.(*sqlite.Journal).DB()
			var triggers string // put back afterwards, so that the damage has to be found by itself
			if err := db.QueryRow(`SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type = 'trigger'`).Scan(&triggers); err != nil {
				tb.Fatal(err)
			}
			drop := `DROP TRIGGER journal_fact_never_changes; DROP TRIGGER journal_fact_never_leaves`
			for _, statement := range slices.Concat([]string{drop}, statements, []string{triggers}) {
				if _, err := db.Exec(statement, position); err != nil {
					tb.Fatal(err)
				}
			}
			return broken(position)
		}}
	}
	here := func(p int64) int64 { return p }
	next := func(p int64) int64 { return p + 3 } // the next of the same stream, and its last
	nowhere := func(int64) int64 { return 0 }    // damage without a place among the records
	set := func(column, value string) journaltest.Tamper {
		return edit(column+" = "+value, here, fmt.Sprintf(`UPDATE journal_fact SET %s = %s WHERE position = ?`, column, value))
	}
	const headOf = ` WHERE stream = (SELECT stream FROM journal_fact WHERE position = ?)`
	return []journaltest.Tamper{
		set("stream", `'dossier/7'`), set("stream", `'Dossier 7'`), set("seq", "seq + 100"), set("part", "1"),
		set("part", "-1"), set("kind", `kind || 'x'`), set("actor", `'officer-8'`), set("at", "at + 1"),
		set("body", `replace(body, 'xử', 'sử')`), set("body", `body || ' '`), set("private", `NULL`),
		set("private", `cast(substr(private, 1, 8) || x'00' AS BLOB)`), set("subject", `NULL`), set("subject", `'subject-32'`),
		set("command", `'key-x'`), set("command", `NULL`), set("command_sum", `zeroblob(32)`),
		set("command_sum", `x'00'`), set("keys", `NULL`), set("keys", `'[]'`), set("keys", `'['`),
		set("keys", `replace(keys, 'H26.1', 'H26.2')`), set("prev", `zeroblob(32)`), set("prev", `x''`),
		set("hash", `prev`), set("hash", `cast(hash || x'00' AS BLOB)`),
		edit("fact removed", next, `DELETE FROM journal_fact WHERE position = ?`),
		edit("fact moved behind", func(int64) int64 { return 11 }, // its successor comes first
			`UPDATE journal_fact SET position = 1000 WHERE position = ?`),
		edit("last fact removed", func(int64) int64 { return 12 }, `DELETE FROM journal_fact WHERE position = 12`,
			`UPDATE journal_head SET (seq, position, hash, keys) =
				(SELECT seq, position, hash, keys FROM journal_fact WHERE position = 9) WHERE stream = 'dossier/2'`,
			`DELETE FROM journal_key WHERE stream = 'dossier/2'`,
			`INSERT INTO journal_key SELECT j.value ->> 'name', j.value ->> 'value', j.value ->> 'sort', stream
				FROM journal_head h, json_each(h.keys) j WHERE stream = 'dossier/2'`),
		edit("head.seq", next, `UPDATE journal_head SET seq = seq + 1`+headOf),
		edit("head.position", next, `UPDATE journal_head SET position = 1`+headOf),
		edit("head.hash", next, `UPDATE journal_head SET hash = zeroblob(32)`+headOf),
		edit("head.keys", next, `UPDATE journal_head SET keys = '['`+headOf),
		edit("head removed", next, `DELETE FROM journal_head`+headOf),
		edit("head added", func(int64) int64 { return 5 },
			`INSERT INTO journal_head VALUES ('dossier/9', 1, 5, zeroblob(32), NULL)`),
		edit("key.name", next, `UPDATE journal_key SET name = 'x'`+headOf+` AND name = 'unit'`),
		edit("key.value", next, `UPDATE journal_key SET value = 'x'`+headOf+` AND name = 'unit'`),
		edit("key.sort", next, `UPDATE journal_key SET sort = 99`+headOf+` AND name = 'unit'`),
		edit("key removed", next, `DELETE FROM journal_key`+headOf+` AND name = 'unit'`),
		edit("key added", next, `INSERT INTO journal_key SELECT 'x', 'y', 0, stream FROM journal_fact WHERE position = ?`),
		{Name: "trigger dropped", Edit: func(tb testing.TB, j journal.Journal, _ int64) int64 {
			tb.Helper()
			if _, err := j.(*sqlite.Journal).DB().Exec(`DROP TRIGGER journal_fact_never_changes`); err != nil {
				tb.Fatal(err)
			}
			return 0
		}},
		edit("table changed", nowhere, `ALTER TABLE journal_key ADD COLUMN note TEXT`),
		edit("trigger added", nowhere, `CREATE TRIGGER journal_key_watch AFTER DELETE ON journal_key BEGIN SELECT 1; END`),
		edit("last position forgotten", func(int64) int64 { return 12 }, `UPDATE sqlite_sequence SET name = 'x' WHERE name = 'journal_fact'`),
		edit("key of nobody", nowhere, `INSERT INTO journal_key VALUES ('x', 'y', 0, 'dossier/9')`),
	}
}

// damaged is a closed journal to damage copies of.
func damaged(t *testing.T) (image []byte, facts []journal.Record) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	j := openAt(t, path)
	for i := range 60 {
		f := noted(i)
		f.Body = fmt.Appendf(nil, `{"marker":"dấu-%04d","n":%d}`, i, i)
		f.Private, f.Subject = fmt.Appendf(nil, "riêng-%04d", i), "subject-1"
		f.Command = journal.NewCommand(fmt.Sprintf("key-%d", i))
		facts = append(facts, mustAppend(t, j, fmt.Sprintf("dossier/%d", i%5), int64(i/5), f)...)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return image, facts
}

// judge opens a damaged image as a tester's tool does and verifies it.
func judge(t *testing.T, image []byte) ([]journal.Record, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if _, err := journal.Verify(t.Context(), j); err != nil {
		return nil, err
	}
	var records []journal.Record
	for record, err := range j.Tail(context.Background(), 0) {
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func TestOneByteNamesThePosition(t *testing.T) {
	t.Parallel()
	image, facts := damaged(t)
	for _, fact := range facts {
		for name, part := range map[string][]byte{"body": fact.Body, "private": fact.Private, "hash": fact.Hash[:],
			"sum": fact.Command.Sum[:], "keys": fmt.Appendf(nil, `"sort":%d}`, fact.Keys[0].Sort)} {
			found := 0
			for _, place := range places(image, part) { // b-trees leave stale copies in free space, heads repeat keys
				changed := bytes.Clone(image)
				changed[place+len(part)/2] ^= 1
				_, err := judge(t, changed)
				var broken *journal.BrokenError
				switch {
				case err == nil:
				case !errors.As(err, &broken):
					t.Fatalf("position %d, a byte of %s: got %v, want *BrokenError", fact.Position, name, err)
				case broken.Position == fact.Position:
					found++
				}
			}
			if found == 0 {
				t.Fatalf("position %d: no change of its %s is found there", fact.Position, name)
			}
		}
	}
}

func places(image, part []byte) (all []int) {
	for from := 0; ; {
		i := bytes.Index(image[from:], part)
		if i < 0 {
			return all
		}
		all = append(all, from+i)
		from += i + 1
	}
}

// TestAnyByte changes bytes anywhere in the file. Some are in space nobody uses; but what verifies is what was written.
func TestAnyByte(t *testing.T) {
	t.Parallel()
	image, facts := damaged(t)
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	const tries = 400
	for try := range tries {
		changed := bytes.Clone(image)
		place := rng.IntN(len(changed))
		if try < 200 {
			place = try // the header and the root of the schema
		}
		changed[place] ^= byte(1 + rng.IntN(255))
		records, err := judge(t, changed)
		if err != nil {
			found++
			var schema *sqlite.SchemaError
			if !errors.Is(err, journal.ErrBroken) && !errors.Is(err, sqlite.ErrNotJournal) && !errors.As(err, &schema) {
				t.Errorf("byte %d: got %v, want a typed error", place, err)
			}
			continue
		}
		if len(records) != len(facts) {
			t.Fatalf("byte %d: %d records verify, %d were written", place, len(records), len(facts))
		}
		for i := range records {
			if records[i].Digest() != facts[i].Hash || !bytes.Equal(records[i].Private, facts[i].Private) {
				t.Fatalf("byte %d: position %d verifies but is not what was written", place, facts[i].Position)
			}
		}
	}
	t.Logf("%d bytes changed: %d found, the others lie in unused space", tries, found)
}
