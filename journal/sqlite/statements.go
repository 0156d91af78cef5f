package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/motcua/motcua/journal"
)

const factColumns = `f.position, f.stream, f.seq, f.part, f.kind, f.actor, f.at, f.body, f.private, f.subject,
	f.command, f.command_sum, f.keys, f.prev, f.hash`

const (
	sqlHead    = `SELECT seq, hash, keys FROM journal_head WHERE stream = ?`
	sqlCommand = `SELECT seq, command_sum FROM journal_fact WHERE stream = ? AND command = ?`

	sqlInsertFact = `INSERT INTO journal_fact (stream, seq, part, kind, actor, at, body, private, subject,
		command, command_sum, keys, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlInsertHead = `INSERT INTO journal_head (seq, position, hash, keys, stream) VALUES (?, ?, ?, ?, ?)`
	sqlUpdateHead = `UPDATE journal_head SET seq = ?, position = ?, hash = ?, keys = ? WHERE stream = ?`
	sqlInsertKey  = `INSERT INTO journal_key (name, value, sort, stream) VALUES (?, ?, ?, ?)`
	sqlDeleteKey  = `DELETE FROM journal_key WHERE name = ? AND value = ? AND sort = ? AND stream = ?`

	sqlRead = `SELECT ` + factColumns + ` FROM journal_fact f WHERE f.stream = ? AND f.seq > ? ORDER BY f.seq LIMIT ?`
	sqlTail = `SELECT ` + factColumns + ` FROM journal_fact f WHERE f.position > ? ORDER BY f.position LIMIT ?`

	// CROSS JOIN holds SQLite to the order of the list, so that a page is one range of journal_key.
	sqlFindFrom = `SELECT k.sort, ` + factColumns + ` FROM journal_key k
		CROSS JOIN journal_head h ON h.stream = k.stream
		CROSS JOIN journal_fact f ON f.position = h.position
		WHERE k.name = ? AND k.value = ? `
	sqlFindUp   = sqlFindFrom + `AND (k.sort, k.stream) > (?, ?) AND k.sort <= ? ORDER BY k.sort, k.stream LIMIT ?`
	sqlFindDown = sqlFindFrom + `AND (k.sort, k.stream) < (?, ?) AND k.sort >= ?
		ORDER BY k.sort DESC, k.stream DESC LIMIT ?`
)

// statements are parsed once; database/sql carries them to each connection of the pool.
type statements struct {
	read, tail, findUp, findDown       *sql.Stmt
	head, command                      *sql.Stmt
	insertFact, insertHead, updateHead *sql.Stmt
	insertKey, deleteKey               *sql.Stmt
}

func prepare(ctx context.Context, db *sql.DB, writing bool) (*statements, error) {
	s := &statements{}
	var errs []error
	add := func(target **sql.Stmt, query string) {
		stmt, err := db.PrepareContext(ctx, query)
		*target = stmt
		errs = append(errs, err)
	}
	add(&s.read, sqlRead)
	add(&s.tail, sqlTail)
	add(&s.findUp, sqlFindUp)
	add(&s.findDown, sqlFindDown)
	if writing {
		add(&s.head, sqlHead)
		add(&s.command, sqlCommand)
		add(&s.insertFact, sqlInsertFact)
		add(&s.insertHead, sqlInsertHead)
		add(&s.updateHead, sqlUpdateHead)
		add(&s.insertKey, sqlInsertKey)
		add(&s.deleteKey, sqlDeleteKey)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fault(actOpen, journal.BrokenError{}, err)
	}
	return s, nil
}
