package jetstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/jetstream/jetstreamtest"
)

// shared is one server for all tests that need nothing special; each has a source of its own.
var shared struct {
	url  string
	last atomic.Int64
}

// TestMain also is the server process that the kill test kills.
func TestMain(m *testing.M) {
	if plan := os.Getenv("MOTCUA_TEST_NATS_SERVER"); plan != "" {
		if err := serve(plan); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(m))
}

// serve runs a server until its parent closes the standard input, by will or by dying.
func serve(plan string) error {
	var server jetstreamtest.Server
	if err := json.Unmarshal([]byte(plan), &server); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	return server.Run(ctx)
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "jetstream")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	cluster, err := jetstreamtest.Start(dir, 1)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cluster.Close()
	shared.url = cluster.URL()
	return m.Run()
}

// one is a stream on one server.
var one = jetstream.StreamConfig{Replicas: 1}

// setup returns a connection to the shared server, and the stream of a new source.
func setup(tb testing.TB, cfg jetstream.StreamConfig) (*nats.Conn, jetstream.Source) {
	tb.Helper()
	conn := connect(tb, shared.url)
	source := parseSource(tb, fmt.Sprintf("H26.35.%d", shared.last.Add(1)))
	if err := jetstream.CreateStream(context.Background(), conn, source, cfg); err != nil {
		tb.Fatal(err)
	}
	return conn, source
}

func connect(tb testing.TB, url string) *nats.Conn {
	tb.Helper()
	conn, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond),
		nats.RetryOnFailedConnect(true))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(conn.Close)
	return conn
}

func parseSource(tb testing.TB, name string) jetstream.Source {
	tb.Helper()
	source, err := jetstream.ParseSource(name)
	if err != nil {
		tb.Fatal(err)
	}
	return source
}

// write appends count facts of one kind behind the end of a dossier's stream.
func write(tb testing.TB, j journal.Journal, dossier, kind string, count int) {
	tb.Helper()
	stream, err := journal.ParseStream("dossier/" + dossier)
	if err != nil {
		tb.Fatal(err)
	}
	records, err := journal.Load(context.Background(), j, stream)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range count {
		seq := len(records) + i
		fact := journal.Fact{Kind: kind, Actor: "officer-7", At: time.Unix(1_800_000_000+int64(seq), 123_456_000),
			Body: fmt.Appendf(nil, `{"n":%d}`, seq+1), Private: []byte("Trần Thị Mỹ Vĩnh"), Subject: "subject-52",
			Keys: []journal.Key{{Name: "unit", Value: "H26.35.12", Sort: int64(seq)}}}
		if _, err := j.Append(context.Background(), stream, int64(seq), fact); err != nil {
			tb.Fatal(err)
		}
	}
}

// start runs f until the test ends, or the function it returns is called, and fails the test when f ends on its own.
func start(tb testing.TB, f func(context.Context) error) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = sync.OnceFunc(func() {
		early := len(done) > 0
		cancel()
		if err := <-done; early || !errors.Is(err, context.Canceled) {
			tb.Errorf("ended early (%v) or with %v", early, err)
		}
	})
	tb.Cleanup(stop)
	return stop
}

// listen starts an inbox.
func listen(tb testing.TB, inbox *jetstream.Inbox, handle func(context.Context, jetstream.Event) error) (stop func()) {
	tb.Helper()
	return start(tb, func(ctx context.Context) error { return inbox.Run(ctx, handle) })
}

// relay starts a relay of everything.
func relay(tb testing.TB, j journal.Journal, conn *nats.Conn, source jetstream.Source) (*jetstream.Relay, func()) {
	tb.Helper()
	r, err := jetstream.NewRelay(j, conn, source, []string{"*"}, jetstream.RelayConfig{Poll: 5 * time.Millisecond,
		Retry: func(err error) { tb.Log("relay:", err) }})
	if err != nil {
		tb.Fatal(err)
	}
	return r, start(tb, r.Run)
}

// await waits for a condition that background work brings about.
func await(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.NewTimer(time.Minute); !holds(); {
		select {
		case <-ticker.C:
		case <-deadline.C:
			tb.Fatalf("waited in vain for %s", what)
		}
	}
}

// replay collects what the stream holds of the kinds.
func replay(tb testing.TB, conn *nats.Conn, source jetstream.Source, position int64, kinds ...string,
) []jetstream.Event {
	tb.Helper()
	inbox, err := jetstream.NewInbox(conn, "replay", source, kinds, jetstream.InboxConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	var events []jetstream.Event
	for event, err := range inbox.Replay(context.Background(), position) {
		if err != nil {
			tb.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}
