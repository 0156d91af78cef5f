package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/motcua/motcua/journal"
)

// audits look for the first contradiction between the facts and a table that follows from them. Each yields position,
// stream, seq of it, or no row. The order matters: later ones rely on what earlier ones have shown.
var audits = []struct{ rule, query string }{
	{"head", `
		SELECT f.position, f.stream, f.seq
		FROM (SELECT stream, max(seq) AS seq FROM journal_fact GROUP BY stream) g
		CROSS JOIN journal_fact f ON f.stream = g.stream AND f.seq = g.seq
		LEFT JOIN journal_head h ON h.stream = g.stream
		WHERE h.seq IS NOT f.seq OR h.position IS NOT f.position OR h.hash IS NOT f.hash
			OR h.keys IS NOT (SELECT keys FROM journal_fact k
				WHERE k.stream = f.stream AND k.keys IS NOT NULL ORDER BY k.seq DESC LIMIT 1)
		LIMIT 1`},
	{"head without facts", `
		SELECT h.position, h.stream, h.seq FROM journal_head h
		WHERE NOT EXISTS (SELECT 1 FROM journal_fact f WHERE f.stream = h.stream) LIMIT 1`},
	{"key missing", `
		SELECT h.position, h.stream, h.seq FROM journal_head h, json_each(h.keys) j
		WHERE NOT EXISTS (SELECT 1 FROM journal_key k WHERE k.name = j.value ->> 'name'
			AND k.value = j.value ->> 'value' AND k.sort = j.value ->> 'sort' AND k.stream = h.stream) LIMIT 1`},
	{"key without head", `
		SELECT coalesce(h.position, 0), k.stream, coalesce(h.seq, 0)
		FROM journal_key k LEFT JOIN journal_head h ON h.stream = k.stream
		WHERE NOT EXISTS (SELECT 1 FROM json_each(h.keys) j WHERE j.value ->> 'name' = k.name
			AND j.value ->> 'value' = k.value AND j.value ->> 'sort' = k.sort) LIMIT 1`},
	// SQLite keeps the highest position ever given; a fact cut off the end leaves it behind.
	{"last position", `
		SELECT s.seq, '', 0 FROM sqlite_sequence s WHERE s.name = 'journal_fact'
			AND s.seq IS NOT (SELECT max(position) FROM journal_fact) LIMIT 1`},
}

// AuditIndex implements [journal.Auditor] on one snapshot. It also runs SQLite's integrity check, which covers the
// vendor's tables in the same file and the index of commands.
func (j *Journal) AuditIndex(ctx context.Context) error {
	tx, err := j.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fault("audit", journal.BrokenError{}, err)
	}
	defer tx.Rollback()
	for _, audit := range audits {
		at := journal.BrokenError{Rule: audit.rule}
		err := tx.QueryRowContext(ctx, audit.query).Scan(&at.Position, &at.Stream, &at.Seq)
		switch {
		case err == nil:
			return &at
		case !errors.Is(err, sql.ErrNoRows):
			return fault("audit", at, err)
		}
	}
	var verdict string
	if err := tx.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return fault("audit", journal.BrokenError{}, err)
	}
	if verdict != "ok" {
		return &journal.BrokenError{Rule: "integrity of the database file", Err: errors.New(verdict)}
	}
	return nil
}
