package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal"
)

// audits look for the first contradiction between the facts and a table that follows from them. Each yields position,
// stream, seq of it, or no row. The order matters: later ones rely on what earlier ones have shown.
var audits = [...]struct{ rule, query string }{
	// Positions have no gaps, so a fact taken out leaves one, even where its stream was made to agree.
	{"position without a gap", `
		SELECT position + 1, '', 0::bigint FROM (
			SELECT position, lead(position) OVER (ORDER BY position) AS next FROM {schema}.journal_fact) p
		WHERE next <> position + 1 ORDER BY position LIMIT 1`},
	{"head", `
		SELECT f.position, f.stream, f.seq
		FROM (SELECT stream, max(seq) AS seq FROM {schema}.journal_fact GROUP BY stream) g
		JOIN {schema}.journal_fact f ON f.stream = g.stream AND f.seq = g.seq
		LEFT JOIN {schema}.journal_head h ON h.stream = g.stream
		WHERE h.seq IS DISTINCT FROM f.seq OR h.position IS DISTINCT FROM f.position OR h.hash IS DISTINCT FROM f.hash
			OR h.keys IS DISTINCT FROM (SELECT k.keys FROM {schema}.journal_fact k
				WHERE k.stream = f.stream AND k.keys IS NOT NULL ORDER BY k.seq DESC LIMIT 1)
		ORDER BY f.position LIMIT 1`},
	{"head without facts", `
		SELECT h.position, h.stream, h.seq FROM {schema}.journal_head h
		WHERE NOT EXISTS (SELECT 1 FROM {schema}.journal_fact f WHERE f.stream = h.stream) LIMIT 1`},
	{"key missing", `
		SELECT h.position, h.stream, h.seq
		FROM {schema}.journal_head h CROSS JOIN LATERAL json_array_elements(h.keys::json) j
		WHERE NOT EXISTS (SELECT 1 FROM {schema}.journal_key k WHERE k.name = j ->> 'name'
			AND k.value = j ->> 'value' AND k.sort = (j ->> 'sort')::bigint AND k.stream = h.stream) LIMIT 1`},
	{"key without head", `
		SELECT coalesce(h.position, 0), k.stream, coalesce(h.seq, 0)
		FROM {schema}.journal_key k LEFT JOIN {schema}.journal_head h ON h.stream = k.stream
		WHERE NOT EXISTS (SELECT 1 FROM json_array_elements(h.keys::json) j WHERE j ->> 'name' = k.name
			AND j ->> 'value' = k.value AND (j ->> 'sort')::bigint = k.sort) LIMIT 1`},
	// Each partition keeps its own index of sequence numbers; none keeps them apart across partitions.
	{"sequence number given twice", `
		SELECT max(position), stream, seq FROM {schema}.journal_fact GROUP BY stream, seq HAVING count(*) > 1 LIMIT 1`},
	{"command obeyed twice", `
		SELECT max(position), stream, max(seq) FROM {schema}.journal_fact WHERE command IS NOT NULL
		GROUP BY stream, command HAVING count(*) > 1 LIMIT 1`},
}

// AuditIndex implements [journal.Auditor] on one snapshot. PostgreSQL's own pg_amcheck looks at the files.
func (j *Journal) AuditIndex(ctx context.Context) error {
	tx, err := j.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fault("audit", journal.BrokenError{}, err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // it has only read
	for _, audit := range audits {
		at := journal.BrokenError{Rule: audit.rule}
		err := tx.QueryRow(ctx, in(j.cfg.Schema, audit.query)).Scan(&at.Position, &at.Stream, &at.Seq)
		switch {
		case err == nil:
			return &at
		case !errors.Is(err, pgx.ErrNoRows):
			return fault("audit", at, err)
		}
	}
	return nil
}
