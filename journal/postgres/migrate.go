package postgres

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/motcua/motcua/journal"
)

//go:embed migrations
var migrationFiles embed.FS

// migrations bring a schema from version i to i+1. One that was ever released is never edited.
var migrations = [...]string{"0001_tables.sql", "0002_guards.sql"}

// Migrate creates the journal in a schema, and the schema if need be, or brings it to the version this package works
// with; where that is done it changes nothing. "" means "public". It is one transaction: several processes may call it at
// once. Errors: *[SchemaError] when the schema is newer, *journal.InvalidError, and those of the database.
func Migrate(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	cfg, err := Config{Schema: schema}.check()
	if err != nil {
		return err
	}
	if version, _, err := readMeta(ctx, pool, cfg.Schema); err == nil && version == len(migrations) {
		return nil
	}
	pause, cancel := pauses(ctx, time.Minute)
	defer cancel()
	for {
		err := migrate(ctx, pool, cfg.Schema, len(migrations))
		// Two that create the same table at once are told so in several ways; the second finds it there.
		c := code(err)
		if c != codeUnique && c != codeTableExists && c != codeSchemaExists && c != codeSerialization || !pause() {
			return err
		}
	}
}

// migrate goes up to one version in one transaction.
func migrate(ctx context.Context, pool *pgxpool.Pool, schema string, target int) error {
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite})
	if err != nil {
		return fault("migrate", journal.BrokenError{}, err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after the commit there is nothing to roll back
	if err := createMeta(ctx, tx, schema); err != nil {
		return migrating(err)
	}
	version, _, err := readMeta(ctx, tx, schema)
	if err != nil {
		return err
	}
	for ; version < target; version++ {
		script, err := migrationFiles.ReadFile("migrations/" + migrations[version])
		if err != nil {
			return err
		}
		// The simple protocol takes a script of many statements.
		if _, err := tx.Exec(ctx, in(schema, string(script)), pgx.QueryExecModeSimpleProtocol); err != nil {
			return migrating(err)
		}
	}
	const set = `UPDATE {schema}.journal_meta SET value = $1 WHERE name = 'schema'`
	if _, err := tx.Exec(ctx, in(schema, set), strconv.Itoa(version)); err != nil {
		return migrating(err)
	}
	return migrating(tx.Commit(ctx))
}

// createMeta makes the schema and the table of the version where they are missing, and locks the version's row.
func createMeta(ctx context.Context, tx pgx.Tx, schema string) error {
	var exists bool
	if err := tx.QueryRow(ctx, `SELECT to_regnamespace($1) IS NOT NULL`, schema).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		if _, err := tx.Exec(ctx, in(schema, `CREATE SCHEMA {schema}`)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, in(schema, `CREATE TABLE IF NOT EXISTS {schema}.journal_meta (
		name text COLLATE "C" NOT NULL PRIMARY KEY, value text COLLATE "C" NOT NULL)`))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, in(schema, `INSERT INTO {schema}.journal_meta (name, value) VALUES ('id', $1), ('schema', '0')
		ON CONFLICT (name) DO NOTHING`), rand.Text())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, in(schema, `SELECT value FROM {schema}.journal_meta WHERE name = 'schema' FOR UPDATE`))
	return err
}

func migrating(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("journal/postgres: migrate: %w", err)
}

// readMeta returns the schema's version and the journal's id.
func readMeta(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, schema string,
) (version int, id string, err error) {
	var exists bool
	row := db.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, schema+".journal_meta")
	if err := row.Scan(&exists); err != nil {
		return 0, "", fault("open", journal.BrokenError{}, err)
	}
	if !exists {
		return 0, "", ErrNotJournal
	}
	var text string
	row = db.QueryRow(ctx, in(schema, `SELECT v.value, i.value FROM {schema}.journal_meta v, {schema}.journal_meta i
		WHERE v.name = 'schema' AND i.name = 'id'`))
	if err := row.Scan(&text, &id); errors.Is(err, pgx.ErrNoRows) {
		return 0, "", ErrNotJournal
	} else if err != nil {
		return 0, "", fault("open", journal.BrokenError{}, err)
	}
	version, err = strconv.Atoi(text)
	switch {
	case err != nil || version < 0 || id == "":
		return 0, "", &journal.BrokenError{Rule: "schema number", Err: err}
	case version > len(migrations):
		return 0, "", &SchemaError{Found: version, Known: len(migrations)}
	}
	return version, id, nil
}

// in writes a schema's name into a statement.
func in(schema, sql string) string {
	return strings.ReplaceAll(sql, "{schema}", pgx.Identifier{schema}.Sanitize())
}
