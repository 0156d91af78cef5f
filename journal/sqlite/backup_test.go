package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// state is what a checkpoint of a journal says: where it ends, and the hash of every record up to there.
type state struct {
	sum  journal.Summary
	last journal.Hash
	all  []journal.Hash
}

// stateUpTo verifies a journal and returns its state, of an earlier time when until is not 0.
func stateUpTo(t *testing.T, j journal.Journal, until int64) state {
	t.Helper()
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	var s state
	streams := make(map[journal.Stream]bool)
	for r, err := range j.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if until != 0 && r.Position > until {
			break
		}
		streams[r.Stream] = true
		s.all, s.last = append(s.all, r.Hash), r.Hash
		s.sum = journal.Summary{Facts: s.sum.Facts + 1, Streams: int64(len(streams)), Last: r.Position}
	}
	return s
}

func wantState(t *testing.T, got, want state) {
	t.Helper()
	if got.sum != want.sum || got.last != want.last {
		t.Fatalf("got %+v ending in %s, want %+v ending in %s", got.sum, got.last, want.sum, want.last)
	}
	for i := range want.all {
		if got.all[i] != want.all[i] {
			t.Fatalf("record %d differs", i)
		}
	}
}

// TestRestoreDrill backs up while four writers append, loses the journal, restores, and compares with what was there at
// the time; then the office goes on.
func TestRestoreDrill(t *testing.T) {
	dir := t.TempDir()
	path, copyPath := filepath.Join(dir, "office.db"), filepath.Join(dir, "kept", "office.db")
	if err := os.Mkdir(filepath.Dir(copyPath), 0o700); err != nil {
		t.Fatal(err)
	}
	j := openAt(t, path)
	vendor := `CREATE TABLE vendor_queue (number INTEGER PRIMARY KEY) STRICT; INSERT INTO vendor_queue VALUES (7)`
	if _, err := j.DB().Exec(vendor); err != nil {
		t.Fatal(err)
	}
	for n := range 12 { // so that the copying takes several steps, with appends between them
		f := noted(n)
		f.Private, f.Subject = make([]byte, journal.MaxPrivate), "subject-1"
		mustAppend(t, j, "dossier/large", int64(n), f)
	}
	last := backupUnderLoad(t, j, copyPath)
	then := stateUpTo(t, j, last)
	query := journal.Query{Name: "unit", Value: "H26.1", Limit: 2}
	page, err := j.Find(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil { // the disk of the office is gone
		t.Fatal(err)
	}
	restore(t, copyPath, path)
	back := openAt(t, path)
	wantState(t, stateUpTo(t, back, 0), then)
	var number int
	if err := back.DB().QueryRow(`SELECT number FROM vendor_queue`).Scan(&number); err != nil || number != 7 {
		t.Errorf("the vendor's table: %d, %v", number, err)
	}
	query.Cursor = page.Next
	if _, err := back.Find(t.Context(), query); err != nil {
		t.Errorf("a cursor of before: %v", err)
	}
	for w := range 4 {
		name := fmt.Sprintf("dossier/w-%d", w)
		records, err := journal.Load(t.Context(), back, stream(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if added := mustAppend(t, back, name, int64(len(records)), noted(w)); added[0].Position <= last {
			t.Errorf("a position was given twice: %d", added[0].Position)
		}
	}
	if _, err := journal.Verify(t.Context(), back); err != nil {
		t.Error(err)
	}
}

// backupUnderLoad backs up in the midst of appends and returns the last position of the copy.
func backupUnderLoad(t *testing.T, j *sqlite.Journal, to string) int64 {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writers sync.WaitGroup
	started := make(chan struct{}, 4)
	for w := range 4 {
		name := stream(t, fmt.Sprintf("dossier/w-%d", w))
		writers.Go(func() {
			for n := int64(0); ctx.Err() == nil; n++ {
				if _, err := j.Append(context.Background(), name, n, noted(int(n))); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				if n == 20 {
					started <- struct{}{}
				}
			}
		})
	}
	for range 4 {
		<-started
	}
	last, err := j.Backup(t.Context(), to)
	stop()
	writers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if last < 80 {
		t.Errorf("the copy ends at %d, before what was acknowledged when it began", last)
	}
	return last
}

// restore is what an operator does: the backup of a backup.
func restore(t *testing.T, from, to string) {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), from, sqlite.Config{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if _, err := journal.Verify(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
}

func TestBackupRefuses(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, filepath.Join(dir, "office.db"))
	mustAppend(t, j, "dossier/1", 0, noted(1))
	for _, name := range []string{"", "-wal", "-shm", "-journal", ".part"} {
		path := filepath.Join(dir, "taken"+name+".d", "copy.db")
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+name, []byte("another's"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := j.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("with a file at %q: got %v, want fs.ErrExist", name, err)
		}
		if raw, err := os.ReadFile(path + name); err != nil || string(raw) != "another's" {
			t.Errorf("the file at %q was changed: %q, %v", name, raw, err)
		}
		wantFiles(t, filepath.Dir(path), 1)
	}
	var invalid *journal.InvalidError
	if _, err := j.Backup(t.Context(), ":memory:"); !errors.As(err, &invalid) {
		t.Errorf("no file name: got %v, want *InvalidError", err)
	}
	if _, err := j.Backup(t.Context(), filepath.Join(dir, "none", "copy.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: got %v, want fs.ErrNotExist", err)
	}
}

func wantFiles(t *testing.T, dir string, n int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != n {
		t.Errorf("%d files in the folder, want %d: %v, %v", len(entries), n, entries, err)
	}
}

// TestBackupLeavesNothingHalf ends backups before and in the midst of copying, and has another take the name meanwhile.
func TestBackupLeavesNothingHalf(t *testing.T) {
	dir, kept := t.TempDir(), t.TempDir()
	j := openAt(t, filepath.Join(dir, "office.db"))
	for n := range 16 {
		f := noted(n)
		f.Private, f.Subject = make([]byte, journal.MaxPrivate), "subject-1"
		mustAppend(t, j, "dossier/1", int64(n), f)
	}
	path := filepath.Join(kept, "copy.db")
	copying := func() bool { // the first step is done
		info, err := os.Stat(path + ".part")
		return err == nil && info.Size() > 0
	}
	if _, err := j.Backup(&watched{Context: t.Context(), ends: func() bool { return true }}, path); !errors.Is(err,
		context.Canceled) {
		t.Errorf("cancelled before: got %v", err)
	}
	wantFiles(t, kept, 0)
	if _, err := j.Backup(&watched{Context: t.Context(), ends: copying}, path); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled in the midst: got %v", err)
	}
	wantFiles(t, kept, 0)
	var once sync.Once // it is asked from several sides, and writing again would empty the file for a moment
	taken := func() bool {
		if copying() {
			once.Do(func() {
				if err := os.WriteFile(path, []byte("another's"), 0o600); err != nil {
					t.Error(err)
				}
			})
		}
		return false
	}
	if _, err := j.Backup(&watched{Context: t.Context(), ends: taken}, path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the name was taken in the midst: got %v", err)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "another's" {
		t.Errorf("the other's file was changed: %v", err)
	}
	wantFiles(t, kept, 1)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Backup(t.Context(), filepath.Join(kept, "closed.db")); err != nil {
		t.Errorf("a closed journal is a file like another: %v", err)
	}
}

// watched is a context that looks at the world each time it is asked whether it has ended.
type watched struct {
	context.Context
	ends func() bool
}

func (c *watched) Err() error {
	if c.ends() {
		return context.Canceled
	}
	return nil
}

// TestDurabilityIsOn holds the setting that no test by kill can show, because a killed process leaves the system's
// buffers behind: every commit waits for the disk.
func TestDurabilityIsOn(t *testing.T) {
	j := open(t)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := j.DB().QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", pragma, got, err, want)
		}
	}
}

func TestBackupIsPrivateAndDurable(t *testing.T) {
	dir := t.TempDir()
	j := openAt(t, filepath.Join(dir, "office.db"))
	path := filepath.Join(dir, "copy.db")
	if last, err := j.Backup(t.Context(), path); err != nil || last != 0 {
		t.Fatalf("an empty journal: %d, %v", last, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	back := openAt(t, path)
	mustAppend(t, back, "dossier/1", 0, noted(1))
}

// BenchmarkBackup stands beside a plain copy of the file, synced as well, which is a backup only while nobody writes.
func BenchmarkBackup(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "office.db")
	j := openAt(b, path)
	for n := range 2000 {
		f := noted(n)
		f.Private, f.Subject = make([]byte, 16<<10), "subject-1"
		mustAppend(b, j, "dossier/1", int64(n), f)
	}
	if _, err := j.DB().Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		b.Fatal(err)
	}
	var ours, theirs []time.Duration
	for b.Loop() {
		for _, turn := range []struct {
			took *[]time.Duration
			copy func(to string) error
		}{
			{&ours, func(to string) error { _, err := j.Backup(b.Context(), to); return err }},
			{&theirs, func(to string) error { return copyFile(path, to) }},
		} {
			to := filepath.Join(dir, "copy.db")
			start := time.Now()
			err := turn.copy(to)
			*turn.took = append(*turn.took, time.Since(start))
			if err := errors.Join(err, os.Remove(to)); err != nil {
				b.Fatal(err)
			}
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	report(b, "MB/s", int(info.Size()>>20), ours, theirs)
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}
