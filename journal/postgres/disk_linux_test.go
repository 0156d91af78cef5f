package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/journaltest"
	"github.com/motcua/motcua/journal/postgres"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
)

// smallDisk mounts a disk for tables, which only root may, and makes a database on it.
func smallDisk(t *testing.T, server *postgrestest.Server) (dsn, dir string) {
	t.Helper()
	dir = filepath.Join(server.Dir, "small")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=32m"); err != nil {
		t.Skipf("no disk of its own can be mounted here: %v", err)
	}
	t.Cleanup(func() { // before the server's folder is removed
		server.Stop()
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if err := server.Own(dir); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, server.DSN("postgres"))
	execute(t, conn, fmt.Sprintf(`CREATE TABLESPACE small LOCATION '%s'`, dir))
	execute(t, conn, `CREATE DATABASE office TABLESPACE small`)
	return server.DSN("office"), dir
}

// TestFullDisk takes the room from the disk of the tables; the log of changes has a disk with room.
func TestFullDisk(t *testing.T) {
	server := postgrestest.New(t, postgrestest.Config{})
	dsn, dir := smallDisk(t, server)
	journaltest.Faults(t, func(tb testing.TB) journal.Journal {
		return openAt(tb, dsn, postgres.Config{Migrate: true, Retry: 100 * time.Millisecond})
	}, []journaltest.Fault{{Name: "disk full", Is: is(postgres.ErrFull), Strike: func(tb testing.TB, _ journal.Journal) func() {
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
	}}}, journaltest.Config{Reopen: reopen})
}

// TestSlowFlush has the server's disk take a second and a half to sync: readers go on, who gives up is told that the
// outcome is open, and all that came meanwhile are the next commit together.
func TestSlowFlush(t *testing.T) {
	const waiting = 40
	server := postgrestest.New(t, postgrestest.Config{})
	j := openAt(t, server.DSN("postgres"), postgres.Config{Migrate: true})
	watcher := connect(t, server.DSN("postgres"))
	mustAppend(t, j, "dossier/before", 0, noted(0))
	mend := enginetest.SlowFlush(t, 1500*time.Millisecond, append(childrenOf(t, server.PID()), server.PID())...)
	var done sync.WaitGroup
	var slow atomic.Bool
	impatient, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	var verdicts [waiting + 1]error
	done.Go(func() {
		slow.Store(true)
		_, verdicts[waiting] = j.Append(impatient, stream(t, "dossier/slow"), 0, noted(waiting))
		slow.Store(false)
	})
	await(t, "a commit that waits for the disk", func() (waits bool) {
		err := watcher.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'WALSync' AND query ILIKE 'commit')`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
		return waits
	})
	for i := range waiting {
		done.Go(func() { _, verdicts[i] = j.Append(t.Context(), stream(t, fmt.Sprintf("dossier/%d", i)), 0, noted(i)) })
	}
	await(t, "queued appends", func() bool { return j.Waiting() == waiting })
	if records, err := journal.Load(t.Context(), j, stream(t, "dossier/before")); err != nil || len(records) != 1 {
		t.Errorf("a reader behind a slow commit: %d records, %v", len(records), err)
	}
	if page, err := j.Find(t.Context(), journal.Query{Name: "unit", Value: "H26.1"}); err != nil || len(page.Hits) != 1 {
		t.Errorf("a list behind a slow commit: %d hits, %v", len(page.Hits), err)
	}
	if !slow.Load() {
		t.Error("the slow commit was over before anybody read: nothing was shown")
	}
	giveUp()
	done.Wait()
	if !errors.Is(verdicts[waiting], postgres.ErrUnknown) {
		t.Errorf("who gave up while the commit was on its way: %v", verdicts[waiting])
	}
	if err := errors.Join(verdicts[:waiting]...); err != nil {
		t.Error(err)
	}
	if got := j.LastGroup(); got != waiting {
		t.Errorf("the commit after the slow one held %d appends, want %d", got, waiting)
	}
	mend()
	if sum := verify(t, j); sum.Facts != waiting+2 {
		t.Errorf("%d facts, want %d: the one with an unknown outcome was on its way", sum.Facts, waiting+2)
	}
}

// childrenOf lists the processes a process has started.
func childrenOf(t *testing.T, pid int) (all []int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Skipf("this kernel does not list children: %v", err)
	}
	for _, word := range strings.Fields(string(text)) {
		child, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, child)
	}
	return all
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
