package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	driver "modernc.org/sqlite"

	"github.com/motcua/motcua/journal"
)

// backupPages is how many pages are copied between two looks at the context: 4 MiB.
const backupPages = 1024

// Backup copies the journal, and the vendor's tables beside it, into a new file at path while appends go on, and returns
// the position of the last fact in the copy: what was committed when the copying began, whole, and nothing later. The
// file appears under its name only when it is complete and on disk (fsync), with access for the owner alone.
//
// The copy is an ordinary journal with the same cursors. It is made page by page, damage included, so [journal.Verify]
// should read it before anybody relies on it. To restore, open it read-only and back it up to the place of the lost one.
// While the copying lasts the "-wal" file of the journal grows by what is written.
//
// Nothing is ever overwritten: when there is a file at path, or one SQLite would take as part of it, the error is
// fs.ErrExist. The copy in the making is called path with ".part" behind it; only a crash leaves one behind. Other
// errors: *journal.BrokenError, *journal.InvalidError, [ErrBusy], those of the file system.
func (j *Journal) Backup(ctx context.Context, path string) (last int64, err error) {
	full, err := checkPath(path)
	if err != nil {
		return 0, err
	}
	for _, name := range []string{full, full + "-wal", full + "-shm", full + "-journal"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return 0, &fs.PathError{Op: "backup", Path: name, Err: fs.ErrExist}
		}
	}
	part := full + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if gone := os.Remove(part); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	if err := file.Close(); err != nil {
		return 0, err
	}
	if last, err = j.copyTo(ctx, part); err != nil {
		return 0, err
	}
	if err := j.checkCopy(ctx, part, last); err != nil {
		return 0, err
	}
	if err = syncPath(part, os.O_RDWR); err == nil {
		err = publish(part, full)
	}
	if err != nil {
		return 0, fmt.Errorf("journal/sqlite: backup: %w", err)
	}
	return last, nil
}

// copyTo copies one snapshot, held by a transaction on a connection of its own, so that no writer makes it begin again.
func (j *Journal) copyTo(ctx context.Context, part string) (last int64, err error) {
	db, err := pool(j.path, j.cfg, 1, j.mode)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, fault("backup", journal.BrokenError{}, err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return 0, fault("backup", journal.BrokenError{}, err)
	}
	if last, err = lastPosition(ctx, conn); err != nil {
		return 0, err
	}
	// The file is synced as a whole afterwards and dropped after a crash.
	target := url.URL{Scheme: "file", Path: slashed(part), RawQuery: "_pragma=journal_mode(off)&_pragma=synchronous(off)"}
	err = conn.Raw(func(raw any) error { return copyPages(ctx, raw, target.String()) })
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, fault("backup", journal.BrokenError{}, err)
	}
	return last, nil
}

func copyPages(ctx context.Context, raw any, target string) error {
	source, ok := raw.(interface {
		NewBackup(string) (*driver.Backup, error)
	})
	if !ok {
		return errors.New("the driver has no backups")
	}
	backup, err := source.NewBackup(target)
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		if err = ctx.Err(); err == nil {
			more, err = backup.Step(backupPages)
		}
	}
	return errors.Join(err, backup.Finish())
}

func lastPosition(ctx context.Context, db rower) (last int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(position), 0) FROM journal_fact`).Scan(&last)
	if err != nil {
		return 0, fault("backup", journal.BrokenError{}, err)
	}
	return last, nil
}

// checkCopy opens the copy as SQLite finds it and asks which journal it is and where it ends.
func (j *Journal) checkCopy(ctx context.Context, part string, last int64) error {
	db, err := pool(part, j.cfg, 1, "mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer db.Close()
	_, id, err := readMeta(ctx, db)
	if err != nil {
		return err
	}
	end, err := lastPosition(ctx, db)
	if err == nil && (id != j.id || end != last) {
		err = &journal.BrokenError{Rule: "backup", Position: last}
	}
	return err
}

// publish gives the finished file its name, without taking the name from another file, and makes that durable. On a file
// system without hard links it renames.
func publish(part, full string) error {
	err := os.Link(part, full)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		if _, taken := os.Lstat(full); !errors.Is(taken, fs.ErrNotExist) {
			return &fs.PathError{Op: "backup", Path: full, Err: fs.ErrExist}
		}
		err = os.Rename(part, full)
	}
	if err != nil || runtime.GOOS == "windows" { // which syncs no folder
		return err
	}
	return syncPath(filepath.Dir(full), os.O_RDONLY)
}

func syncPath(path string, flag int) error {
	file, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
