package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/motcua/motcua/journal"
)

// migrations bring a file from schema i to i+1. One that was ever released is never edited.
var migrations = [...]string{schema1}

// schema1: facts are the truth; heads and keys follow from them, as AuditIndex checks. journal_key is its own covering
// index: a page of Find is one range of it. A fact's command is indexed where it stands.
const schema1 = `
CREATE TABLE journal_fact (
	position    INTEGER PRIMARY KEY AUTOINCREMENT,
	stream      TEXT    NOT NULL,
	seq         INTEGER NOT NULL,
	part        INTEGER NOT NULL,
	kind        TEXT    NOT NULL,
	actor       TEXT    NOT NULL,
	at          INTEGER NOT NULL, -- microseconds since 1970, UTC
	body        TEXT    NOT NULL, -- canonical JSON
	private     BLOB,
	subject     TEXT,
	command     TEXT,
	command_sum BLOB,
	keys        TEXT,             -- JSON array; NULL: unchanged
	prev        BLOB    NOT NULL,
	hash        BLOB    NOT NULL,
	UNIQUE (stream, seq)
) STRICT;
CREATE UNIQUE INDEX journal_fact_command ON journal_fact (stream, command) WHERE command IS NOT NULL;
CREATE TABLE journal_head (
	stream   TEXT    NOT NULL PRIMARY KEY,
	seq      INTEGER NOT NULL,
	position INTEGER NOT NULL,
	hash     BLOB    NOT NULL,
	keys     TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE journal_key (
	name   TEXT    NOT NULL,
	value  TEXT    NOT NULL,
	sort   INTEGER NOT NULL,
	stream TEXT    NOT NULL,
	PRIMARY KEY (name, value, sort, stream)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER journal_fact_never_changes BEFORE UPDATE ON journal_fact
BEGIN SELECT raise(ABORT, 'journal: a fact is never changed'); END;
CREATE TRIGGER journal_fact_never_leaves BEFORE DELETE ON journal_fact
BEGIN SELECT raise(ABORT, 'journal: a fact is never removed'); END;
`

const createMeta = `CREATE TABLE IF NOT EXISTS journal_meta (
	name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`

type rower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// migrate brings the file to the newest schema in one transaction, so that two processes opening it agree.
func migrate(ctx context.Context, db *sql.DB) error {
	if version, _, err := readMeta(ctx, db); err == nil && version == len(migrations) {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fault(actOpen, journal.BrokenError{}, err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, createMeta); err != nil {
		return fault(actOpen, journal.BrokenError{}, err)
	}
	version, _, err := readMeta(ctx, tx)
	if errors.Is(err, ErrNotJournal) {
		version, err = 0, setMeta(ctx, tx, "id", rand.Text())
	}
	if err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
			return fault("migrate", journal.BrokenError{}, err)
		}
	}
	if err := setMeta(ctx, tx, "schema", strconv.Itoa(len(migrations))); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fault("migrate", journal.BrokenError{}, err)
	}
	return nil
}

// readMeta returns the file's schema and journal id.
func readMeta(ctx context.Context, db rower) (version int, id string, err error) {
	var tables int
	row := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'journal_meta'`)
	if err := row.Scan(&tables); err != nil {
		return 0, "", fault(actOpen, journal.BrokenError{}, err)
	}
	if tables == 0 {
		return 0, "", ErrNotJournal
	}
	var schema sql.NullString
	var idText sql.NullString
	row = db.QueryRowContext(ctx, `SELECT (SELECT value FROM journal_meta WHERE name = 'schema'),
		(SELECT value FROM journal_meta WHERE name = 'id')`)
	if err := row.Scan(&schema, &idText); err != nil {
		return 0, "", fault(actOpen, journal.BrokenError{}, err)
	}
	if !schema.Valid && !idText.Valid {
		return 0, "", ErrNotJournal
	}
	version, err = strconv.Atoi(schema.String)
	switch {
	case err != nil || version < 1 || idText.String == "":
		return 0, "", &journal.BrokenError{Rule: "schema number", Err: err}
	case version > len(migrations):
		return 0, "", &SchemaError{Found: version, Known: len(migrations)}
	}
	return version, idText.String, nil
}

func setMeta(ctx context.Context, tx *sql.Tx, name, value string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO journal_meta (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fault(fmt.Sprintf("set %s", name), journal.BrokenError{}, err)
	}
	return nil
}
