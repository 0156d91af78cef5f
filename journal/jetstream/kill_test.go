package jetstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/jetstream/jetstreamtest"
)

// processes is a cluster of which each server is a process, so that it can be killed.
type processes struct {
	tb      testing.TB
	servers []jetstreamtest.Server
	running []*exec.Cmd
}

func startProcesses(tb testing.TB, count int) *processes {
	tb.Helper()
	servers, err := jetstreamtest.Plan(tb.TempDir(), count)
	if err != nil {
		tb.Fatal(err)
	}
	p := &processes{tb, servers, make([]*exec.Cmd, count)}
	tb.Cleanup(func() {
		for i := range p.running {
			p.kill(i)
		}
	})
	for i := range servers {
		p.start(i)
	}
	return p
}

func (p *processes) start(i int) {
	p.tb.Helper()
	plan, err := json.Marshal(p.servers[i])
	if err != nil {
		p.tb.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MOTCUA_TEST_NATS_SERVER="+string(plan))
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		p.tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.tb.Fatal(err)
	}
	p.running[i] = cmd
}

// kill is SIGKILL: the server gets no word out.
func (p *processes) kill(i int) {
	if cmd := p.running[i]; cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		p.running[i] = nil
	}
}

// healthy asks every server as an operator's probe would. A cluster of three survives one failure at a time: the next
// may come when the last is mended.
func (p *processes) healthy() bool {
	client := http.Client{Timeout: time.Second}
	for _, server := range p.servers {
		response, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/healthz", server.Monitor))
		if err != nil {
			return false
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return false
		}
	}
	return true
}

// listener is an agency that appends what it hears to a journal of its own, once.
type listener struct {
	journal *journal.Memory
	mu      sync.Mutex
	heads   map[journal.Stream]int64
	heard   int // calls of handle
	kept    int64
	last    int64 // position of the newest event
}

func (l *listener) handle(ctx context.Context, e jetstream.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard++
	records, err := l.journal.Append(ctx, e.Stream, l.heads[e.Stream],
		journal.Fact{Kind: e.Kind, Actor: "inbox", At: e.At, Body: e.Body, Command: e.Command()})
	if err != nil {
		return err
	}
	if seq := records[0].Seq; seq > l.heads[e.Stream] {
		l.heads[e.Stream] = seq
		l.kept++
	}
	l.last = max(l.last, e.Position)
	return nil
}

func (l *listener) count() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}

// TestServersAreKilled kills every server of three in turn, the stream's leader first, while facts are written, relayed
// and heard without a pause. At the end the listener's journal holds each fact once, every dossier in order, and so
// does the stream. MOTCUA_NIGHTLY=1 makes it ten rounds, with three relays instead of one.
func TestServersAreKilled(t *testing.T) {
	t.Parallel()
	rounds, relays := 1, 1
	if os.Getenv("MOTCUA_NIGHTLY") != "" {
		rounds, relays = 10, 3
	}
	cluster := startProcesses(t, 3)
	conn := connect(t, jetstreamtest.URLs(cluster.servers))
	source := parseSource(t, "H26.35.12")
	await(t, "the cluster", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return jetstream.CreateStream(ctx, conn, source, jetstream.StreamConfig{}) == nil
	})

	office := journal.NewMemory()
	for range relays {
		speaking := connect(t, jetstreamtest.URLs(cluster.servers))
		r, err := jetstream.NewRelay(office, speaking, source, []string{"dossier.*"},
			jetstream.RelayConfig{Poll: 5 * time.Millisecond, AckWait: time.Second,
				Retry: func(err error) { t.Log("relay:", err) }})
		if err != nil {
			t.Fatal(err)
		}
		start(t, r.Run)
	}
	other := &listener{journal: journal.NewMemory(), heads: make(map[journal.Stream]int64)}
	listening := connect(t, jetstreamtest.URLs(cluster.servers))
	inbox, err := jetstream.NewInbox(listening, "tax-office", source, []string{"dossier.*"},
		jetstream.InboxConfig{AckWait: time.Second, Retry: func(err error) { t.Log("inbox:", err) }})
	if err != nil {
		t.Fatal(err)
	}
	listen(t, inbox, other.handle)

	stopWriting := start(t, func(ctx context.Context) error { return writeOn(ctx, t, office) })
	await(t, "the first events", func() bool { return other.count() > 0 })
	for round := range rounds {
		victim := leader(t, conn, source, cluster.servers)
		for n := range cluster.servers {
			i := (victim + n) % len(cluster.servers)
			began, before := time.Now(), other.count()
			cluster.kill(i)
			await(t, "events while a server is gone", func() bool { return other.count() >= before+300 })
			t.Logf("round %d: killed %s; 300 events heard within %v", round+1, cluster.servers[i].Name,
				time.Since(began).Round(10*time.Millisecond))
			cluster.start(i)
			await(t, "the cluster to be whole", cluster.healthy)
			await(t, "all replicas", func() bool { return current(conn, source) })
		}
	}
	stopWriting()

	sum, err := journal.Verify(t.Context(), office)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the last event", func() bool { return other.count() == sum.Facts })
	t.Logf("%d facts of %d dossiers; handler called %d times", sum.Facts, sum.Streams, other.heard)
	compareJournals(t, office, other.journal)
	sameAsJournal(t, conn, source, office)
}

// writeOn appends facts to ten dossiers by turns until the context ends.
func writeOn(ctx context.Context, tb testing.TB, j journal.Journal) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			for range 1 + rand.IntN(3) {
				write(tb, j, fmt.Sprintf("d%d", rand.IntN(10)), "dossier.noted", 1)
			}
		}
	}
}

// leader returns the server that leads the stream.
func leader(tb testing.TB, conn *nats.Conn, source jetstream.Source, servers []jetstreamtest.Server) (found int) {
	tb.Helper()
	await(tb, "a leader", func() bool {
		info, err := streamInfo(conn, source)
		if err != nil || info.Cluster == nil {
			return false
		}
		for i, s := range servers {
			if s.Name == info.Cluster.Leader {
				found = i
				return true
			}
		}
		return false
	})
	return found
}

// current reports whether all replicas are there and have everything.
func current(conn *nats.Conn, source jetstream.Source) bool {
	info, err := streamInfo(conn, source)
	if err != nil || info.Cluster == nil || info.Cluster.Leader == "" || len(info.Cluster.Replicas) != 2 {
		return false
	}
	for _, replica := range info.Cluster.Replicas {
		if !replica.Current || replica.Offline {
			return false
		}
	}
	return true
}

func streamInfo(conn *nats.Conn, source jetstream.Source) (*js.StreamInfo, error) {
	client, err := js.New(conn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	stream, err := client.Stream(ctx, source.Stream())
	if err != nil {
		return nil, err
	}
	return stream.Info(ctx)
}

// compareJournals holds what was heard to what was said: the same facts in the same order, dossier by dossier.
func compareJournals(t *testing.T, said, heard journal.Journal) {
	t.Helper()
	ctx := t.Context()
	if _, err := journal.Verify(ctx, heard); err != nil {
		t.Error(err)
	}
	if a, b := bodies(t, said), bodies(t, heard); len(a) != len(b) {
		t.Errorf("%d dossiers were heard of, of %d", len(b), len(a))
	} else {
		for stream, want := range a {
			if got := b[stream]; got != want {
				t.Errorf("%s: heard %.200s…, said %.200s…", stream, got, want)
			}
		}
	}
}

// bodies are the bodies of each stream, one behind the other.
func bodies(t *testing.T, j journal.Journal) map[journal.Stream]string {
	t.Helper()
	all := make(map[journal.Stream]string)
	var failed error
	for r, err := range j.Tail(t.Context(), 0) {
		failed = errors.Join(failed, err)
		all[r.Stream] += string(r.Body)
	}
	if failed != nil {
		t.Fatal(failed)
	}
	return all
}
