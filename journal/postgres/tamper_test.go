package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/postgres"
)

// dropGuards is what somebody with the owner's role can do.
const dropGuards = `DROP TRIGGER journal_fact_never_changes ON journal_fact; DROP TRIGGER journal_fact_never_leaves ON journal_fact`

// tampers edit every column of every table.
func tampers() []journaltest.Tamper {
	edit := func(name string, broken func(p int64) int64, statements ...string) journaltest.Tamper {
		return journaltest.Tamper{Name: name, Edit: func(tb testing.TB, j journal.Journal, position int64) int64 {
			tb.Helper()
			pool := j.(*postgres.Journal).Pool()
			for _, statement := range append(strings.Split(dropGuards, ";"), statements...) {
				execute(tb, pool, strings.ReplaceAll(statement, "{p}", fmt.Sprint(position)))
			}
			return broken(position)
		}}
	}
	here := func(p int64) int64 { return p }
	next := func(p int64) int64 { return p + 3 } // the next of the same stream, and its last
	nowhere := func(int64) int64 { return 0 }    // damage without a place among the records
	at := func(p int64) func(int64) int64 { return func(int64) int64 { return p } }
	set := func(column, value string) journaltest.Tamper {
		return edit(column+" = "+value, here, fmt.Sprintf(`UPDATE journal_fact SET %s = %s WHERE position = {p}`, column, value))
	}
	const headOf = ` WHERE stream = (SELECT stream FROM journal_fact WHERE position = {p})`
	return []journaltest.Tamper{
		set("stream", `'dossier/7'`), set("stream", `'Dossier 7'`), set("seq", "seq + 100"), set("part", "1"),
		set("part", "-1"), set("kind", `kind || 'x'`), set("actor", `'officer-8'`), set("at", `at + interval '1 microsecond'`),
		set("body", `replace(body, 'xử', 'sử')`), set("body", `body || ' '`), set("private", `NULL`),
		set("private", `substr(private, 1, 8) || '\x00'::bytea`), set("subject", `NULL`), set("subject", `'subject-32'`),
		set("command", `'key-x'`), set("command", `NULL`), set("command_sum", `substr(command_sum, 1, 31) || '\x00'::bytea`),
		set("command_sum", `'\x00'`), set("command_sum", `NULL`), set("keys", `NULL`), set("keys", `'[]'`), set("keys", `'['`),
		set("keys", `replace(keys, 'H26.1', 'H26.2')`), set("prev", `sha256('x')`), set("prev", `''`),
		set("hash", `prev`), set("hash", `hash || '\x00'::bytea`),
		edit("fact removed", next, `DELETE FROM journal_fact WHERE position = {p}`),
		edit("fact moved behind", at(11), // its successor comes first
			`UPDATE journal_fact SET position = 1000 WHERE position = {p}`),
		edit("last fact of a stream removed in agreement", at(10), `DELETE FROM journal_fact WHERE position = 10`,
			`UPDATE journal_head SET (seq, position, hash, keys) =
				(SELECT seq, position, hash, keys FROM journal_fact WHERE position = 7) WHERE stream = 'dossier/0'`,
			`DELETE FROM journal_key WHERE stream = 'dossier/0'`,
			`INSERT INTO journal_key SELECT j ->> 'name', j ->> 'value', (j ->> 'sort')::bigint, stream
				FROM journal_head h, json_array_elements(h.keys::json) j WHERE stream = 'dossier/0'`),
		edit("head.seq", next, `UPDATE journal_head SET seq = seq + 1`+headOf),
		edit("head.position", next, `UPDATE journal_head SET position = 1`+headOf),
		edit("head.hash", next, `UPDATE journal_head SET hash = sha256('x')`+headOf),
		edit("head.keys", next, `UPDATE journal_head SET keys = '['`+headOf),
		edit("head removed", next, `DELETE FROM journal_head`+headOf),
		edit("head added", at(5), `INSERT INTO journal_head VALUES ('dossier/9', 1, 5, sha256('x'), NULL)`),
		edit("key.name", next, `UPDATE journal_key SET name = 'x'`+headOf+` AND name = 'unit'`),
		edit("key.value", next, `UPDATE journal_key SET value = 'x'`+headOf+` AND name = 'unit'`),
		edit("key.sort", next, `UPDATE journal_key SET sort = 99`+headOf+` AND name = 'unit'`),
		edit("key removed", next, `DELETE FROM journal_key`+headOf+` AND name = 'unit'`),
		edit("key added", next, `INSERT INTO journal_key SELECT 'x', 'y', 0, stream FROM journal_fact WHERE position = {p}`),
		edit("key of nobody", nowhere, `INSERT INTO journal_key VALUES ('x', 'y', 0, 'dossier/9')`),
	}
}
