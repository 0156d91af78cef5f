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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

// crashArgument marks the child among the test binary's arguments; the directory and the generation follow.
const crashArgument = "journaltest-crash"

const (
	crashWriters = 8
	// crashGeneration is after how many kills the writers turn to new streams in a new directory, and crashAudit after
	// how many the whole journal is verified, and not only the streams being written: a run of thousands stays linear.
	crashGeneration = 50
	crashAudit      = 10
)

// Crash has a child process append to the store in one directory, kills it without warning (SIGKILL) at a random
// moment, opens the store again and checks that everything acknowledged is there, nothing is there twice, commands whose
// fate was unknown can be sent again, and the chain holds. It does so as often as kills says, on one growing store; every
// fifty kills a new directory is handed out, for drivers that keep their store there.
//
// The child is this test binary again, so the calling test must be a top-level one and open must need nothing but the
// directory.
func Crash(t *testing.T, open func(tb testing.TB, dir string) journal.Journal, kills int) {
	if args := flag.Args(); len(args) == 3 && args[0] == crashArgument {
		crashChild(t, open(t, args[1]), args[2])
		return
	}
	var c *crash
	total := 0
	for kill := range kills {
		if kill%crashGeneration == 0 {
			c = &crash{dir: t.TempDir(), generation: strconv.Itoa(kill / crashGeneration), acknowledged: make(map[string]int64)}
		}
		total += c.runAndKill(t)
		t.Run(fmt.Sprintf("kill %d", kill), func(t *testing.T) {
			j := open(t, c.dir)
			c.check(t, j)
			if kill%crashAudit == crashAudit-1 || kill == kills-1 {
				verify(t, j)
			}
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d appends acknowledged", kills, total)
}

// crash is one generation of writers.
type crash struct {
	dir, generation string
	acknowledged    map[string]int64 // by stream: the highest sequence number a child has reported
}

func crashStream(tb testing.TB, generation string, writer int) journal.Stream {
	tb.Helper()
	return stream(tb, fmt.Sprintf("dossier/writer-%s-%d", generation, writer))
}

// crashFact is the n-th append of a writer, the same in every process.
func crashFacts(n int64) []journal.Fact {
	first := full(int(n % 200))
	first.Command = command(fmt.Sprintf("append-%d", n))
	return []journal.Fact{first, fact(`{"of":%d}`, n)}
}

// crashChild appends until it is killed, and reports what was acknowledged.
func crashChild(t *testing.T, j journal.Journal, generation string) {
	var writers sync.WaitGroup
	for w := range crashWriters {
		name := crashStream(t, generation, w)
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
func (c *crash) runAndKill(t *testing.T) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run=^"+regexp.QuoteMeta(t.Name())+"$", "-test.count=1", crashArgument, c.dir,
		c.generation)
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
		c.acknowledged[name] = max(c.acknowledged[name], seq)
		count++
	}
	if count == 0 {
		_, err := io.Copy(io.Discard, output)
		t.Fatalf("the child acknowledged nothing: %v", errors.Join(err, child.Wait()))
	}
	return count
}

func (c *crash) check(t *testing.T, j journal.Journal) {
	for w := range crashWriters {
		name := crashStream(t, c.generation, w)
		seq := c.acknowledged[name.String()]
		checkStream(t, j, name, seq)
		// The command whose fate is unknown, and the one before it, sent again.
		for _, n := range []int64{seq/2 - 1, seq / 2} {
			if n >= 0 {
				mustAppend(t, j, name, 2*n, crashFacts(n)...)
			}
		}
		checkStream(t, j, name, seq+2)
		c.acknowledged[name.String()] = seq + 2
		if end, err := journal.VerifyStream(t.Context(), j, name); err != nil || end.Seq != seq+2 {
			t.Fatalf("%s ends at %d, %v, want %d", name, end.Seq, err, seq+2)
		}
	}
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
