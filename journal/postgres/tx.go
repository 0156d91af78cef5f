package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/journal"
)

// Tx is the journal inside a transaction of the vendor's: what it appends is written when that transaction commits, and
// its reads see what the transaction has written. It serves one goroutine, as long as the transaction lives.
type Tx struct {
	view
	journal *Journal
	tx      pgx.Tx
}

var _ journal.Journal = (*Tx)(nil)

// WithTx returns the journal inside tx, a READ COMMITTED transaction on the journal's database. From the first append on
// the transaction holds the pen: other appends wait until it ends, so append last and commit at once. The transaction's
// own lock_timeout and statement_timeout hold.
func (j *Journal) WithTx(tx pgx.Tx) *Tx {
	return &Tx{view: view{id: j.id, sql: j.sql, db: tx}, journal: j, tx: tx}
}

const savepoint = "journal_append"

// Append implements [journal.Journal]; the facts become durable with the transaction. After an error nothing of this
// append is in it, and it may go on, unless its connection is lost or ctx has ended.
func (t *Tx) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.journal.writer == nil {
		return nil, ErrReadOnly
	}
	r := &request{ctx: ctx, stream: stream, after: after, facts: facts}
	p := newPlan(t.sql, t.id, []*request{r})
	opening := &pgx.Batch{}
	opening.Queue("SAVEPOINT " + savepoint)
	if err := p.look(ctx, t.tx, opening); err != nil {
		return nil, t.undo(ctx, err)
	}
	p.decide()
	if len(p.records) == 0 {
		if err := t.undo(ctx, r.err); err != nil {
			return nil, err
		}
		return t.obeyed(ctx, stream, r.obeyed)
	}
	if err := p.write(ctx, t.tx, "RELEASE SAVEPOINT "+savepoint); err != nil {
		return nil, t.undo(ctx, err)
	}
	return r.records, nil
}

// undo takes the transaction back to where the append began and returns err with its meaning.
func (t *Tx) undo(ctx context.Context, err error) error {
	if t.tx.Conn().IsClosed() {
		return fault("append", journal.BrokenError{}, err)
	}
	// The simple protocol takes both at once, and prepares nothing while the transaction is failed.
	const back = "ROLLBACK TO SAVEPOINT " + savepoint + "; RELEASE SAVEPOINT " + savepoint
	if _, undo := t.tx.Exec(ctx, back, pgx.QueryExecModeSimpleProtocol); undo != nil {
		return fault("undo append", journal.BrokenError{}, undo)
	}
	if err == nil || isVerdict(err) {
		return err
	}
	return fault("append", journal.BrokenError{}, err)
}
