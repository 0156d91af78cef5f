package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	driver "modernc.org/sqlite"

	"github.com/motcua/motcua/journal"
)

// Config holds what is optional; the zero value is right for a server on one machine.
type Config struct {
	// ReadOnly opens an existing journal without ever writing to it. Of a file that another process is writing it
	// shows what is committed. SQLite may leave two files beside it, "-wal" and "-shm", with nothing in them.
	ReadOnly bool
	// Wait bounds the waiting for the writer when another process or a vendor's transaction holds it. 0 means 5 s.
	Wait time.Duration
	// Readers bounds how many reads run at once. 0 means 8.
	Readers int
}

// Journal is a journal in one SQLite file. Its methods are safe for concurrent use.
type Journal struct {
	view
	writer  *writer
	read    *sql.DB
	write   *sql.DB // nil when read-only
	writing *statements

	path, mode string // what else opens the file as this journal does
	cfg        Config
}

var (
	_ journal.Journal = (*Journal)(nil)
	_ journal.Auditor = (*Journal)(nil)
)

// Open opens the journal in the file at path and creates both if need be, with access for the owner alone. Errors:
// *[SchemaError], [ErrNotJournal], [ErrBusy], *journal.BrokenError when the file is damaged, *journal.InvalidError.
func Open(ctx context.Context, path string, cfg Config) (*Journal, error) {
	cfg.Wait = cmp.Or(cfg.Wait, 5*time.Second)
	cfg.Readers = cmp.Or(cfg.Readers, 8)
	if cfg.Wait < 0 || cfg.Readers < 0 {
		return nil, &journal.InvalidError{Field: "config", Rule: "no negative wait or readers"}
	}
	full, err := checkPath(path)
	if err != nil {
		return nil, err
	}
	if cfg.ReadOnly {
		return openReadOnly(ctx, full, cfg)
	}
	if err := touch(full); err != nil {
		return nil, err
	}
	return open(ctx, full, cfg, "")
}

// openReadOnly falls back to SQLite's immutable mode for a journal that nobody has open and whose folder cannot take
// the shared-memory file which WAL wants.
func openReadOnly(ctx context.Context, path string, cfg Config) (*Journal, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	j, err := open(ctx, path, cfg, "mode=ro")
	if c := code(err); c != codeCantOpen && c != codeReadOnly {
		return j, err
	}
	if _, missing := os.Stat(path + "-wal"); !errors.Is(missing, fs.ErrNotExist) {
		return nil, err
	}
	return open(ctx, path, cfg, "mode=ro&immutable=1")
}

func open(ctx context.Context, path string, cfg Config, mode string) (_ *Journal, err error) {
	j := &Journal{path: path, cfg: cfg, mode: mode}
	defer func() {
		if err != nil {
			j.Close()
		}
	}()
	if !cfg.ReadOnly {
		if j.write, err = pool(path, cfg, 1, "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate"); err != nil {
			return nil, err
		}
		if err := migrate(ctx, j.write); err != nil {
			return nil, err
		}
		if j.writing, err = prepare(ctx, j.write, true); err != nil {
			return nil, err
		}
		j.writer = newWriter(j.write, j.writing, cfg.Wait)
	}
	if j.read, err = pool(path, cfg, cfg.Readers, strings.TrimPrefix(mode+"&_query_only=1", "&")); err != nil {
		return nil, err
	}
	if _, j.id, err = readMeta(ctx, j.read); err != nil {
		return nil, err
	}
	if j.statements, err = prepare(ctx, j.read, false); err != nil {
		return nil, err
	}
	return j, nil
}

// checkPath refuses what SQLite would take for something else than a file.
func checkPath(path string) (string, error) {
	if path == "" || strings.HasPrefix(path, ":") || strings.HasPrefix(path, "file:") || strings.Contains(path, "\x00") {
		return "", &journal.InvalidError{Field: "path", Rule: "a file name; journal.NewMemory serves without a file"}
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", &journal.InvalidError{Field: "path", Rule: "a file name", Err: err}
	}
	return full, nil
}

// touch creates the file readable by its owner alone; SQLite gives the same access to the files beside it.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func pool(path string, cfg Config, size int, query string) (*sql.DB, error) {
	wait := strconv.FormatInt(cfg.Wait.Milliseconds(), 10)
	query += "&_busy_timeout=" + wait + "&_foreign_keys=1&_defensive=1&_dqs=0&_error_rc=1" +
		"&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)&_pragma=cache_size(-8192)" // 8 MiB a connection
	dsn := url.URL{Scheme: "file", Path: slashed(path), RawQuery: query}
	connector, err := driver.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// slashed is a path as it stands in a URL.
func slashed(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	return path
}

// DB is the pool of the one connection that writes, for the vendor's own tables in the same file: transactions begin
// immediate and wait for one another. It is nil when the journal is read-only. Inside such a transaction append through
// [Journal.WithTx]: Journal.Append would wait for the transaction to end. The pool belongs to the journal; do not close
// it.
func (j *Journal) DB() *sql.DB { return j.write }

// Close waits for appends under way, refuses later ones with [ErrClosed], and closes the file.
func (j *Journal) Close() error {
	if j.writer != nil {
		j.writer.close()
	}
	var errs []error
	for _, db := range []*sql.DB{j.read, j.write} { // the writer last: it folds the WAL into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Append implements [journal.Journal]. It is durable when it returns. An error that is none of the port's leaves it
// open whether the facts were written; a Command makes trying again safe.
func (j *Journal) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if j.writer == nil {
		return nil, ErrReadOnly
	}
	return j.writer.append(&request{ctx: ctx, stream: stream, after: after, facts: facts})
}
