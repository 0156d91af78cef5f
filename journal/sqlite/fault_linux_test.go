package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/sqlite"
)

// smallDisk mounts a disk of its own, which only root may.
func smallDisk(tb testing.TB, size string) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		tb.Skipf("no disk of its own can be mounted here: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			tb.Error(err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	journaltest.Faults(t, func(tb testing.TB) journal.Journal {
		return openAt(tb, filepath.Join(smallDisk(tb, "24m"), "office.db"))
	}, []journaltest.Fault{{Name: "disk full", Is: is(sqlite.ErrFull), Strike: fillDisk}}, journaltest.Config{Reopen: reopen})
}

// fillDisk leaves some pages free beside the journal.
func fillDisk(tb testing.TB, j journal.Journal) (mend func()) {
	tb.Helper()
	dir := filepath.Dir(pathOf(tb, j.(*sqlite.Journal).DB()))
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		tb.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, int64(disk.Bavail)*disk.Bsize-64<<10), 0o600); err != nil {
		tb.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			tb.Error(err)
		}
	}
}

// TestWritesFail takes writing past a size from the process: the kernel refuses in the midst of a file.
func TestWritesFail(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	journaltest.Faults(t, func(tb testing.TB) journal.Journal { return open(tb) }, []journaltest.Fault{
		{Name: "file size limit", Strike: func(tb testing.TB, j journal.Journal) func() {
			var before syscall.Rlimit
			if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
				tb.Fatal(err)
			}
			info, err := os.Stat(pathOf(tb, j.(*sqlite.Journal).DB()) + "-wal")
			if err != nil {
				tb.Fatal(err)
			}
			// The middle of a page: the last write is cut short.
			low := syscall.Rlimit{Cur: uint64(info.Size())/4096*4096 + 20*4096 + 1234, Max: before.Max}
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &low); err != nil {
				tb.Fatal(err)
			}
			return func() {
				if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
					tb.Fatal(err)
				}
			}
		}},
	}, journaltest.Config{Reopen: reopen})
}

// TestReadOnlyDisk opens a journal on a disk that takes no writes.
func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t, "8m")
	path := filepath.Join(dir, "office.db")
	j := openAt(t, path)
	mustAppend(t, j, "dossier/1", 0, noted(1))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("the disk cannot be made read-only here: %v", err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Config{}); err == nil || errors.Is(err, journal.ErrBroken) {
		t.Errorf("opened for writing: got %v, want an error that does not call the file broken", err)
	}
	kept, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if sum, err := journal.Verify(t.Context(), kept); err != nil || sum.Facts != 1 {
		t.Errorf("verify: %+v, %v", sum, err)
	}
	if _, err := kept.Append(t.Context(), stream(t, "dossier/1"), 1, noted(2)); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("append: got %v, want ErrReadOnly", err)
	}
	if _, err := kept.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); err != nil {
		t.Errorf("backup from a read-only disk: %v", err)
	}
	if _, err := kept.Backup(t.Context(), filepath.Join(dir, "copy.db")); !errors.Is(err, syscall.EROFS) {
		t.Errorf("backup to a read-only disk: got %v, want EROFS", err)
	}
}

// TestSlowFlush has the disk take a third of a second to sync, for real: each acknowledgement has waited for it, readers have
// not, and those that came meanwhile share the next.
func TestSlowFlush(t *testing.T) {
	const delay, waiting = 300 * time.Millisecond, 40
	j := open(t)
	mustAppend(t, j, "dossier/before", 0, noted(0))
	mend := enginetest.SlowFlush(t, delay, os.Getpid())
	var done sync.WaitGroup
	var slow atomic.Bool
	var verdicts [waiting + 1]error
	begun := time.Now()
	slow.Store(true)
	done.Go(func() {
		_, verdicts[waiting] = j.Append(t.Context(), stream(t, "dossier/slow"), 0, noted(waiting))
		slow.Store(false)
	})
	if records, err := journal.Load(t.Context(), j, stream(t, "dossier/before")); err != nil || len(records) != 1 {
		t.Errorf("a reader behind a slow disk: %d records, %v", len(records), err)
	}
	if !slow.Load() {
		t.Error("the append was over before anybody read: nothing was shown")
	}
	for i := range waiting {
		done.Go(func() { _, verdicts[i] = j.Append(t.Context(), stream(t, fmt.Sprintf("dossier/%d", i)), 0, noted(i)) })
	}
	done.Wait()
	took := time.Since(begun)
	mend()
	if err := errors.Join(verdicts[:]...); err != nil {
		t.Error(err)
	}
	if took < delay {
		t.Errorf("%d appends were acknowledged after %v, before the disk can have synced", waiting+1, took)
	}
	if took > waiting*delay/2 {
		t.Errorf("%d appends took %v: they did not share", waiting+1, took)
	}
	if sum, err := journal.Verify(t.Context(), j); err != nil || sum.Facts != waiting+2 {
		t.Errorf("verify: %+v, %v", sum, err)
	}
}
