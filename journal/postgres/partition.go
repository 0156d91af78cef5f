package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal"
)

// Partition begins a new partition of the facts, ahead positions behind the journal's present end, and returns its first
// position. Facts before it stay where they are: their partition can be moved to a slower disk, backed up once and
// compressed, but no fact ever leaves the journal. Run it at the turn of a year, with the owner's role.
//
// The old partition is read once, while appends go on, to show that nothing in it lies behind the border; only then does
// the border move, which stops readers and writers for some milliseconds. So ahead must be more than what is appended
// meanwhile: ahead facts are accepted in between, and those beyond are refused until the call returns.
func (j *Journal) Partition(ctx context.Context, ahead int64) (first int64, err error) {
	switch {
	case j.writer == nil:
		return 0, ErrReadOnly
	case ahead < 0:
		return 0, &journal.InvalidError{Field: "ahead", Rule: "not negative"}
	}
	last, err := j.lastPartition(ctx)
	if err != nil {
		return 0, err
	}
	var end int64
	row := j.pool.QueryRow(ctx, j.in(`SELECT coalesce(max(position), 0) FROM {schema}.journal_fact`))
	if err := row.Scan(&end); err != nil {
		return 0, fault("partition", journal.BrokenError{}, err)
	}
	if first = end + 1 + ahead; first <= last.from {
		return 0, &journal.InvalidError{Field: "ahead", Rule: "behind the beginning of the last partition"}
	}
	return first, j.closePartition(ctx, last, first)
}

// closePartition shows that a partition holds nothing from first on, while appends go on, and then moves the border.
func (j *Journal) closePartition(ctx context.Context, last partition, first int64) (err error) {
	constraint := pgx.Identifier{last.name + "_end"}.Sanitize()
	drop := `ALTER TABLE {schema}.` + last.name + ` DROP CONSTRAINT IF EXISTS ` + constraint
	run := func(ctx context.Context, statement string) error {
		if _, err := j.pool.Exec(ctx, j.in(statement)); err != nil {
			return fault("partition", journal.BrokenError{}, err)
		}
		return nil
	}
	defer func() { // it has done its work, or would stop the journal at a border that never came
		err = cmp.Or(err, run(context.WithoutCancel(ctx), drop))
	}()
	for _, statement := range []string{
		drop, // left behind by a call that was killed
		fmt.Sprintf(`ALTER TABLE {schema}.%s ADD CONSTRAINT %s CHECK (position < %d) NOT VALID`, last.name, constraint, first),
		fmt.Sprintf(`ALTER TABLE {schema}.%s VALIDATE CONSTRAINT %s`, last.name, constraint),
	} {
		if err := run(ctx, statement); err != nil {
			return err
		}
	}
	return j.split(ctx, last, first)
}

// partition is a table of facts, from a position on.
type partition struct {
	name   string
	number int
	from   int64  // 0 for the first, which has no beginning
	bound  string // from, as SQL
}

var errBound = errors.New("the last partition has other bounds than this package gives")

func (j *Journal) lastPartition(ctx context.Context) (partition, error) {
	const query = `SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i
		JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass($1)
		AND pg_get_expr(c.relpartbound, c.oid) LIKE '%TO (MAXVALUE)'`
	p := partition{bound: "MINVALUE"}
	var bounds string
	err := j.pool.QueryRow(ctx, query, j.cfg.Schema+".journal_fact").Scan(&p.name, &bounds)
	if err != nil {
		return p, fault("partition", journal.BrokenError{}, err)
	}
	number, ours := strings.CutPrefix(p.name, "journal_fact_")
	if p.number, err = strconv.Atoi(number); err != nil || !ours {
		return p, &journal.BrokenError{Rule: "partition", Err: errBound}
	}
	if bounds == "FOR VALUES FROM (MINVALUE) TO (MAXVALUE)" {
		return p, nil
	}
	if _, err := fmt.Sscanf(bounds, "FOR VALUES FROM ('%d') TO (MAXVALUE)", &p.from); err != nil {
		return p, &journal.BrokenError{Rule: "partition", Err: errBound}
	}
	p.bound = strconv.FormatInt(p.from, 10)
	return p, nil
}

// split moves the border in one transaction that holds the pen.
func (j *Journal) split(ctx context.Context, last partition, first int64) error {
	next := fmt.Sprintf("journal_fact_%d", last.number+1)
	statements := []string{
		j.sql.pen,
		`ALTER TABLE {schema}.journal_fact DETACH PARTITION {schema}.` + last.name,
		fmt.Sprintf(`ALTER TABLE {schema}.journal_fact ATTACH PARTITION {schema}.%s FOR VALUES FROM (%s) TO (%d)`,
			last.name, last.bound, first),
		fmt.Sprintf(`CREATE TABLE {schema}.%s PARTITION OF {schema}.journal_fact FOR VALUES FROM (%d) TO (MAXVALUE)`,
			next, first),
		`CREATE UNIQUE INDEX ` + next + `_stream ON {schema}.` + next + ` (stream, seq)`,
		`CREATE UNIQUE INDEX ` + next + `_command ON {schema}.` + next + ` (stream, command) WHERE command IS NOT NULL`,
		`CREATE TRIGGER ` + next + `_never_leaves BEFORE TRUNCATE ON {schema}.` + next +
			` FOR EACH STATEMENT EXECUTE FUNCTION {schema}.journal_refuse()`,
	}
	tx, err := j.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite})
	if err != nil {
		return fault("partition", journal.BrokenError{}, err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after the commit there is nothing to roll back
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, j.in(statement)); err != nil {
			return fault("partition", journal.BrokenError{}, err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fault("partition", journal.BrokenError{}, err)
	}
	return nil
}

func (j *Journal) in(sql string) string { return in(j.cfg.Schema, sql) }
