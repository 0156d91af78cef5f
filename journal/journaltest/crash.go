package journaltest

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

// crashArgument marks the child among the test binary's arguments; the directory follows.
const crashArgument = "journaltest-crash"

const crashWriters = 8

// Crash has a child process append to the store in one directory, kills it without warning (SIGKILL) at a random
// moment, opens the store again and checks that everything acknowledged is there, nothing is there twice, commands whose
// fate was unknown can be sent again, and the chain holds. It does so as often as kills says, on one growing store.
//
// The child is this test binary again, so the calling test must be a top-level one and open must need nothing but the
// directory.
func Crash(t *testing.T, open func(tb testing.TB, dir string) journal.Journal, kills int) {
	if args := flag.Args(); len(args) == 2 && args[0] == crashArgument {
		crashChild(t, open(t, args[1]))
		return
	}
	dir := t.TempDir()
	acknowledged := make(map[string]int64) // by stream: the highest sequence number a child has reported
	total := 0
	for kill := range kills {
		n := runAndKill(t, dir, acknowledged)
		total += n
		t.Run(fmt.Sprintf("kill %d", kill), func(t *testing.T) {
			checkCrashed(t, open(t, dir), acknowledged)
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d appends acknowledged", kills, total)
}

// crashFact is the n-th append of a writer, the same in every process.
func crashFacts(n int64) []journal.Fact {
	first := full(int(n % 200))
	first.Command = command(fmt.Sprintf("append-%d", n))
	return []journal.Fact{first, fact(`{"of":%d}`, n)}
}

// crashChild appends until it is killed, and reports what was acknowledged.
func crashChild(t *testing.T, j journal.Journal) {
	var writers sync.WaitGroup
	for w := range crashWriters {
		name := stream(t, fmt.Sprintf("dossier/writer-%d", w))
		seq := int64(len(load(t, j, name)))
		writers.Go(func() {
			for ; ; seq += 2 {
				if _, err := j.Append(context.Background(), name, seq, crashFacts(seq/2)...); err != nil {
					fmt.Printf("\nfailed %v\n", err)
					return
				}
				if _, err := os.Stdout.WriteString(fmt.Sprintf("\nack %s %d\n", name, seq+2)); err != nil {
					return // the parent is gone
				}
			}
		})
	}
	writers.Wait()
}

// runAndKill returns how many appends the child acknowledged before it was killed.
func runAndKill(t *testing.T, dir string, acknowledged map[string]int64) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run=^"+regexp.QuoteMeta(t.Name())+"$", "-test.count=1", crashArgument, dir)
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	count, timer := 0, (*time.Timer)(nil)
	for lines := bufio.NewScanner(output); lines.Scan(); {
		var name string
		var seq int64
		line := lines.Text()
		if strings.HasPrefix(line, "failed") || strings.HasPrefix(line, "--- FAIL") {
			t.Fatalf("child: %s", line)
		}
		if n, _ := fmt.Sscanf(line, "ack %s %d", &name, &seq); n != 2 {
			continue // also the line the kill has cut
		}
		if timer == nil { // the child is at work; it dies in the midst of it
			timer = time.AfterFunc(rand.N(60*time.Millisecond), func() { _ = child.Process.Kill() })
			defer timer.Stop()
		}
		acknowledged[name] = max(acknowledged[name], seq)
		count++
	}
	if count == 0 {
		_, err := io.Copy(io.Discard, output)
		t.Fatalf("the child acknowledged nothing: %v", errors.Join(err, child.Wait()))
	}
	return count
}

func checkCrashed(t *testing.T, j journal.Journal, acknowledged map[string]int64) {
	verify(t, j)
	for w := range crashWriters {
		name := stream(t, fmt.Sprintf("dossier/writer-%d", w))
		checkStream(t, j, name, acknowledged[name.String()])
		// The command whose fate is unknown, and the one before it, sent again.
		seq := acknowledged[name.String()]
		for _, n := range []int64{seq/2 - 1, seq / 2} {
			if n >= 0 {
				mustAppend(t, j, name, 2*n, crashFacts(n)...)
			}
		}
		checkStream(t, j, name, seq+2)
		acknowledged[name.String()] = seq + 2
	}
	verify(t, j)
}

// checkStream wants whole appends, each command once and in order, and at least what was acknowledged. One more may be
// there: written, and killed before the report.
func checkStream(t *testing.T, j journal.Journal, name journal.Stream, acknowledged int64) {
	t.Helper()
	records := load(t, j, name)
	if n := int64(len(records)); n < acknowledged || n > acknowledged+2 || n%2 != 0 {
		t.Fatalf("%s has %d records, %d were acknowledged", name, n, acknowledged)
	}
	for i, record := range records {
		want := crashFacts(int64(i / 2))[i%2]
		if record.Seq != int64(i+1) || record.Command != want.Command || string(record.Body) != string(want.Body) {
			t.Fatalf("%s no. %d is not what was appended there", name, record.Seq)
		}
	}
}
