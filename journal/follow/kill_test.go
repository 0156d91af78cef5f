package follow_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/follow"
	"github.com/motcua/motcua/journal/sqlite"
)

const killArgument = "follow-kill"

// TestKilledProcess kills real processes that follow a journal on disk, in the midst of their handlers: across all of
// them every record is handled, in order within its stream.
func TestKilledProcess(t *testing.T) {
	if args := flag.Args(); len(args) == 2 && args[0] == killArgument {
		followUntilKilled(t, args[1])
		return
	}
	const streams, each, kills = 8, 40, 6
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openFile(t, path)
	fill(t, j, streams, each)
	var all book
	for range kills {
		handled(t, path, &all)
	}
	cut := len(all.seen)
	deadline := time.Now().Add(20 * time.Second)
	for f := newFollower(t, j, "notices", all.handle, killConfig); time.Now().Before(deadline) && all.last() < streams*each; {
		if _, err := f.Drain(t.Context()); err != nil { // the last lease has to run out
			t.Fatal(err)
		}
	}
	all.wantOrder(t, streams, each, true)
	if cut == 0 || cut >= streams*each*2 {
		t.Errorf("the killed processes have handled %d records of %d", cut, streams*each)
	}
	t.Logf("%d kills, %d records handled before them, %d in all of %d", kills, cut, len(all.seen), streams*each)
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Error(err)
	}
}

// TestWorkersShareAFile has workers with connections of their own share a journal on disk, while it grows.
func TestWorkersShareAFile(t *testing.T) {
	const workers, streams, each = 4, 12, 20
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openFile(t, path)
	var all book
	var handled atomic.Int64
	finished := make(chan struct{})
	handler := func(ctx context.Context, r journal.Record) error {
		err := all.handle(ctx, r)
		if handled.Add(1) == streams*each {
			close(finished)
		}
		return err
	}
	var stops []func()
	for range workers {
		stops = append(stops, goRun(t, newFollower(t, openFile(t, path), "notices", handler,
			follow.Config{Partitions: 6, Batch: 8, Poll: 2 * time.Millisecond})))
	}
	fill(t, j, streams, each)
	select {
	case <-finished:
	case <-time.After(30 * time.Second):
	}
	for _, stop := range stops {
		stop()
	}
	all.wantOrder(t, streams, each, false)
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Error(err)
	}
}

var killConfig = follow.Config{Batch: 8, Lease: 50 * time.Millisecond, Poll: 5 * time.Millisecond}

func openFile(t *testing.T, path string) *sqlite.Journal {
	t.Helper()
	j, err := sqlite.Open(context.Background(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func (b *book) last() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := int64(0)
	for _, r := range b.seen {
		last = max(last, r.Position)
	}
	return last
}

// followUntilKilled tells each record as its handler ends.
func followUntilKilled(t *testing.T, path string) {
	f := newFollower(t, openFile(t, path), "notices", func(_ context.Context, r journal.Record) error {
		time.Sleep(time.Millisecond)
		_, err := fmt.Fprintf(os.Stdout, "\nhandled %s %d %d\n", r.Stream, r.Seq, r.Position)
		return err
	}, killConfig)
	if err := f.Run(context.Background()); err != nil {
		t.Error(err)
	}
}

// handled runs a process, kills it, and notes what it has handled.
func handled(t *testing.T, path string, all *book) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run=^TestKilledProcess$", "-test.count=1", killArgument, path)
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _, _ = io.Copy(io.Discard, output); _ = child.Wait() }()
	left := 1 + rand.N(40)
	for lines := bufio.NewScanner(output); lines.Scan(); {
		var name string
		var r journal.Record
		if n, _ := fmt.Sscanf(lines.Text(), "handled %s %d %d", &name, &r.Seq, &r.Position); n != 3 {
			continue // also the line the kill has cut
		}
		r.Stream = stream(t, name)
		all.seen = append(all.seen, r)
		if left--; left == 0 {
			_ = child.Process.Kill() // what it told in the meantime is still read
		}
	}
}
