package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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
		SELECT coalesce(s.seq, f.last, 0), '', 0 FROM (SELECT max(position) AS last FROM journal_fact) f
		LEFT JOIN sqlite_sequence s ON s.name = 'journal_fact' WHERE s.seq IS NOT f.last LIMIT 1`},
}

// AuditIndex implements [journal.Auditor] on one snapshot. It also holds the schema to what this package creates: a trigger
// gone is how somebody would begin to rewrite. Then it runs SQLite's integrity check, which covers the vendor's
// tables in the same file and the index of commands.
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
	if err := auditSchema(ctx, tx); err != nil {
		return err
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

// sqlSchema lists what bears the journal's name; an index or a trigger of another name is the vendor's.
const sqlSchema = `SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name GLOB 'journal_*'`

// auditSchema compares the file's schema, to the letter, with that of an empty journal.
func auditSchema(ctx context.Context, tx *sql.Tx) error {
	empty, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return fault("audit", journal.BrokenError{}, err)
	}
	defer empty.Close()
	empty.SetMaxOpenConns(1) // each connection would be a database of its own
	if err := migrate(ctx, empty); err != nil {
		return err
	}
	want, err := schemaOf(ctx, empty)
	if err != nil {
		return err
	}
	found, err := schemaOf(ctx, tx)
	if err != nil {
		return err
	}
	for name, text := range found {
		if text != want[name] {
			return &journal.BrokenError{Rule: "schema", Err: fmt.Errorf("%s is not as this package creates it", name)}
		}
		delete(want, name)
	}
	for name := range want {
		return &journal.BrokenError{Rule: "schema", Err: fmt.Errorf("%s is missing", name)}
	}
	return nil
}

func schemaOf(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, sqlSchema)
	if err != nil {
		return nil, fault("audit", journal.BrokenError{}, err)
	}
	defer rows.Close()
	texts := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, fault("audit", journal.BrokenError{}, err)
		}
		texts[name] = text
	}
	if err := rows.Err(); err != nil {
		return nil, fault("audit", journal.BrokenError{}, err)
	}
	return texts, nil
}
