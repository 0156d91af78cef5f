package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/motcua/motcua/journal"
)

// Errors the caller branches on.
var (
	// ErrBusy means another transaction held the pen for longer than Config.Wait, or a statement ran longer than
	// Config.Statement. Nothing was written.
	ErrBusy = errors.New("journal/postgres: busy")
	// ErrClosed means the journal has been closed. Nothing was written.
	ErrClosed = errors.New("journal/postgres: closed")
	// ErrReadOnly means the journal was opened with Config.ReadOnly, or the server is a replica.
	ErrReadOnly = errors.New("journal/postgres: read-only")
	// ErrFull means the server has no room left on a disk of its tables. Nothing was written; what was acknowledged is safe, and
	// reading goes on. When there is room again the journal goes on by itself. (A server that has no room for its log of
	// changes stops instead: [ErrUnavailable].)
	ErrFull = errors.New("journal/postgres: disk is full")
	// ErrNotJournal means the schema has no journal in it: [Migrate] makes one.
	ErrNotJournal = errors.New("journal/postgres: no journal in this schema")
	// ErrUnavailable means no server could be reached for Config.Retry. Nothing was written.
	ErrUnavailable = errors.New("journal/postgres: server unavailable")
	// ErrUnknown means the append may or may not be written: the caller's context ended, or no server could be reached,
	// while the commit was on its way. Send it again with its Command, or read the stream.
	ErrUnknown = errors.New("journal/postgres: outcome unknown")
	// ErrIsolation means the transaction given to [Journal.WithTx] is not READ COMMITTED. A snapshot taken before the
	// pen was held shows heads that have moved.
	ErrIsolation = errors.New("journal/postgres: transaction is not read committed")
)

// SchemaError says that the tables are of another version of this package.
type SchemaError struct {
	Found int // the database's schema
	Known int // the one this package works with
}

func (e *SchemaError) Error() string {
	if e.Found < e.Known {
		return fmt.Sprintf("journal/postgres: open: schema %d is older than %d: migrate first", e.Found, e.Known)
	}
	return fmt.Sprintf("journal/postgres: open: schema %d is newer than %d", e.Found, e.Known)
}

// SettingError says that the server is set to forget what it has acknowledged, should it crash.
type SettingError struct {
	Name string // of the server's setting, such as "fsync"
}

func (e *SettingError) Error() string {
	return fmt.Sprintf("journal/postgres: open: %s is off: acknowledged appends could be lost", e.Name)
}

// PostgreSQL's error codes that mean something here (appendix A of its manual).
const (
	codeReadOnly      = "25006"
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeLockWait      = "55P03"
	codeCanceled      = "57014"
	codeUnique        = "23505"
	codeBadText       = "22P02"
	codeCorruptData   = "XX001"
	codeCorruptIndex  = "XX002"
	codeDiskFull      = "53100"
	codeNoTable       = "42P01"
	codeNoColumn      = "42703"
	codeNoSchema      = "3F000"
	codeTableExists   = "42P07"
	codeSchemaExists  = "42P06"
)

// code returns the SQLSTATE of a server's error, or "".
func code(err error) string {
	var failed *pgconn.PgError
	if errors.As(err, &failed) {
		return failed.Code
	}
	return ""
}

// lost reports whether err leaves no connection to go on with, so that another try begins with another one.
func lost(err error) bool {
	for _, ours := range []error{journal.ErrBroken, ErrIsolation, ErrBusy, errNotCommitted, puddle.ErrClosedPool} {
		if errors.Is(err, ours) {
			return false
		}
	}
	var failed *pgconn.PgError
	if !errors.As(err, &failed) {
		return true // no verdict of the server
	}
	if class := failed.Code[:2]; class == "28" || class == "3D" {
		return false // who we are, or which database, does not get better by trying
	}
	if severity := failed.SeverityUnlocalized; severity == "FATAL" || severity == "PANIC" {
		return true
	}
	return failed.Code[:2] == "57" && failed.Code != codeCanceled // shutting down, starting up
}

// again reports whether another try of the same transaction may succeed.
func again(err error) bool {
	c := code(err)
	return c == codeSerialization || c == codeDeadlock || lost(err)
}

// fault gives an error of the server its meaning: at is the record that could not be read or written, as far as known.
func fault(act string, at journal.BrokenError, err error) error {
	if errors.Is(err, journal.ErrBroken) || errors.Is(err, ErrIsolation) || errors.Is(err, ErrBusy) {
		return err
	}
	if errors.Is(err, puddle.ErrClosedPool) {
		return fmt.Errorf("%w: %s", ErrClosed, act)
	}
	switch code(err) {
	case codeLockWait, codeCanceled:
		return fmt.Errorf("%w: %s: %w", ErrBusy, act, err)
	case codeReadOnly:
		return fmt.Errorf("%w: %s: %w", ErrReadOnly, act, err)
	case codeDiskFull:
		return fmt.Errorf("%w: %s: %w", ErrFull, act, err)
	case codeNoTable, codeNoSchema:
		return fmt.Errorf("%w: %s: %w", ErrNotJournal, act, err)
	case codeCorruptData, codeCorruptIndex:
		at.Rule, at.Err = "database file", err
		return &at
	case codeUnique, codeBadText: // what the head did not know is there all the same, or keys are not as written
		at.Rule, at.Err = "index", err
		return &at
	case codeNoColumn: // our tables lack what our statements name
		at.Rule, at.Err = "schema", err
		return &at
	}
	return fmt.Errorf("journal/postgres: %s: %w", act, err)
}

// isVerdict tells a refusal by the port, which comes before anything is written, from a failure of the server.
func isVerdict(err error) bool {
	var invalid *journal.InvalidError
	return errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrCommandReused) || errors.As(err, &invalid)
}
