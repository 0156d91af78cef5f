package sqlite

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/motcua/motcua/journal"
)

// Tx is the journal inside a transaction of the vendor's: what it appends is written when that transaction commits, and
// its reads see what the transaction has written. It serves one goroutine, as long as the transaction lives.
type Tx struct{ view }

var _ journal.Journal = (*Tx)(nil)

// WithTx returns the journal inside tx, which must have been begun on [Journal.DB].
func (j *Journal) WithTx(tx *sql.Tx) *Tx {
	return &Tx{view{id: j.id, statements: cmp.Or(j.writing, j.statements), tx: tx}}
}

// Append implements [journal.Journal]; the facts become durable with the transaction. After an error nothing of this
// append is in it, and it may go on.
func (t *Tx) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.statements.insertFact == nil {
		return nil, ErrReadOnly
	}
	// From here on the engine does not watch ctx: a half-written append must be taken back, not abandoned.
	ctx = context.WithoutCancel(ctx)
	if _, err := t.tx.ExecContext(ctx, "SAVEPOINT journal_append"); err != nil {
		return nil, fault("append", journal.BrokenError{}, err)
	}
	a := appender{tx: t.tx, statements: t.statements}
	records, err := a.append(ctx, stream, after, facts)
	if err != nil {
		if _, undo := t.tx.ExecContext(ctx, "ROLLBACK TO journal_append"); undo != nil {
			return nil, fault("undo append", journal.BrokenError{}, undo)
		}
		records = nil
	}
	if _, release := t.tx.ExecContext(ctx, "RELEASE journal_append"); release != nil {
		return nil, fault("append", journal.BrokenError{}, release)
	}
	return records, err
}
