package sqlite

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"

	"github.com/motcua/motcua/journal"
)

// Errors the caller branches on.
var (
	// ErrBusy means another process, or a transaction of the vendor's, held the writer for longer than Config.Wait.
	// Nothing was written.
	ErrBusy = errors.New("journal/sqlite: writer is busy")
	// ErrClosed means the journal has been closed. Nothing was written.
	ErrClosed = errors.New("journal/sqlite: closed")
	// ErrReadOnly means the journal was opened with Config.ReadOnly, or the disk takes no writes.
	ErrReadOnly = errors.New("journal/sqlite: read-only")
	// ErrFull means there is no room left on the disk. What was acknowledged is safe, and reading goes on; when there is
	// room again, so does appending.
	ErrFull = errors.New("journal/sqlite: disk is full")
	// ErrNotJournal means the file is a SQLite database without a journal in it.
	ErrNotJournal = errors.New("journal/sqlite: no journal in this file")
)

// SchemaError says that a newer version of this package has written the file.
type SchemaError struct {
	Found int // the file's schema
	Known int // the newest this package knows
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("journal/sqlite: open: schema %d is newer than %d", e.Found, e.Known)
}

// SQLite's primary result codes that mean something to a caller (https://www.sqlite.org/rescode.html).
const (
	codeError    = 1
	codeBusy     = 5
	codeLocked   = 6
	codeReadOnly = 8
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNotADB   = 26
	// Extended codes.
	codePrimaryKey = 1555
	codeUnique     = 2067
)

// code returns SQLite's primary result code of err, or the extended one that says which constraint failed; else 0.
func code(err error) int {
	var failed *driver.Error
	if !errors.As(err, &failed) {
		return 0
	}
	if c := failed.Code(); c == codePrimaryKey || c == codeUnique {
		return c
	}
	return failed.Code() & 0xff
}

const actOpen = "open"

// fault gives an error of the engine its meaning: at is the record that could not be read or written, as far as known.
func fault(act string, at journal.BrokenError, err error) error {
	switch code(err) {
	case codeBusy, codeLocked:
		return fmt.Errorf("%w: %s: %w", ErrBusy, act, err)
	case codeReadOnly:
		return fmt.Errorf("%w: %s: %w", ErrReadOnly, act, err)
	case codeFull:
		return fmt.Errorf("%w: %s: %w", ErrFull, act, err)
	case codeCorrupt, codeNotADB:
		at.Rule, at.Err = "database file", err
		return &at
	case codePrimaryKey, codeUnique: // what the head did not know is there all the same
		at.Rule, at.Err = "index", err
		return &at
	case codeError:
		if act == actOpen { // our tables lack what our statements name
			at.Rule, at.Err = "schema", err
			return &at
		}
	}
	return fmt.Errorf("journal/sqlite: %s: %w", act, err)
}
