package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/motcua/motcua/journal"
)

// appender writes inside one transaction.
type appender struct {
	tx *sql.Tx
	*statements
}

type headRow struct {
	journal.Head
	keys     []journal.Key
	keysText sql.NullString
}

// append decides and writes. Whatever the port promises to refuse is refused before the first row is written.
func (a *appender) append(ctx context.Context, stream journal.Stream, after int64, facts []journal.Fact,
) ([]journal.Record, error) {
	head, err := a.headOf(ctx, stream)
	if err != nil {
		return nil, err
	}
	if head.Seq > 0 && len(facts) > 0 && facts[0].Command.Key != "" {
		done, err := a.obeyed(ctx, stream, facts[0].Command)
		if done != nil || err != nil {
			return done, err
		}
	}
	records, err := journal.Link(stream, head.Head, facts)
	if err != nil {
		return nil, err
	}
	if after != head.Seq {
		return nil, &journal.ConflictError{Stream: stream, After: after, Head: head.Seq}
	}
	return records, a.write(ctx, head, records)
}

func (a *appender) headOf(ctx context.Context, stream journal.Stream) (headRow, error) {
	var h headRow
	var hash []byte
	err := a.tx.StmtContext(ctx, a.head).QueryRowContext(ctx, stream.String()).Scan(&h.Seq, &hash, &h.keysText)
	if errors.Is(err, sql.ErrNoRows) {
		return h, nil
	}
	at := journal.BrokenError{Stream: stream.String(), Seq: h.Seq, Rule: "head"}
	if err != nil {
		return h, fault("append", at, err)
	}
	if h.keysText.Valid {
		h.keys, err = parseKeys(h.keysText.String)
	}
	if err != nil || copy(h.Hash[:], hash) != len(h.Hash) || h.Seq < 1 {
		at.Err = err
		return h, &at
	}
	return h, nil
}

// obeyed returns the records of the append that carried the command, or nil when there is none.
func (a *appender) obeyed(ctx context.Context, stream journal.Stream, command journal.Command,
) ([]journal.Record, error) {
	var seq int64
	var sum []byte
	err := a.tx.StmtContext(ctx, a.command).QueryRowContext(ctx, stream.String(), command.Key).Scan(&seq, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fault("append", journal.BrokenError{Stream: stream.String()}, err)
	}
	if string(sum) != string(command.Sum[:]) {
		return nil, journal.ErrCommandReused
	}
	var records []journal.Record
	within := view{statements: a.statements, tx: a.tx, rows: journal.MaxFacts}
	for record, err := range within.Read(ctx, stream, seq-1) {
		if err != nil {
			return nil, err
		}
		if len(records) > 0 && record.Part == 0 {
			break
		}
		records = append(records, record)
	}
	if len(records) == 0 {
		return nil, &journal.BrokenError{Stream: stream.String(), Seq: seq, Rule: "command"}
	}
	return records, nil
}

func (a *appender) write(ctx context.Context, head headRow, records []journal.Record) error {
	at := journal.BrokenError{Stream: records[0].Stream.String(), Seq: records[0].Seq}
	insert := a.tx.StmtContext(ctx, a.insertFact)
	keys := any(head.keysText)
	for i := range records {
		r := &records[i]
		text := keysText(r.Keys)
		if text != nil {
			keys = text
		}
		var sum []byte
		if r.Command.Key != "" {
			sum = r.Command.Sum[:]
		}
		result, err := insert.ExecContext(ctx, at.Stream, r.Seq, r.Part, r.Kind, r.Actor, r.At.UnixMicro(),
			string(r.Body), orNull(r.Private), orNull(r.Subject), orNull(r.Command.Key), orNull(sum), text,
			r.Prev[:], r.Hash[:])
		if err != nil {
			return fault("append", at, err)
		}
		if r.Position, err = result.LastInsertId(); err != nil {
			return fault("append", at, err)
		}
	}
	last := &records[len(records)-1]
	statement := a.updateHead
	if head.Seq == 0 {
		statement = a.insertHead
	}
	_, err := a.tx.StmtContext(ctx, statement).ExecContext(ctx, last.Seq, last.Position, last.Hash[:], keys, at.Stream)
	if err != nil {
		return fault("append", at, err)
	}
	return a.replaceKeys(ctx, at, head.keys, journal.CurrentKeys(head.keys, records))
}

// replaceKeys touches only the keys that differ: most facts move a dossier under one or two of them.
func (a *appender) replaceKeys(ctx context.Context, at journal.BrokenError, before, now []journal.Key) error {
	change := func(stmt *sql.Stmt, keys, except []journal.Key) error {
		for _, key := range keys {
			if slices.Contains(except, key) {
				continue
			}
			_, err := a.tx.StmtContext(ctx, stmt).ExecContext(ctx, key.Name, key.Value, key.Sort, at.Stream)
			if err != nil {
				return fault("append", at, err)
			}
		}
		return nil
	}
	if err := change(a.deleteKey, before, now); err != nil {
		return err
	}
	return change(a.insertKey, now, before)
}
