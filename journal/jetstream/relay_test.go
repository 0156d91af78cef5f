package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/jetstream/jetstreamtest"
)

// sameAsJournal holds the stream to the journal: each fact once, in order, byte for byte.
func sameAsJournal(t *testing.T, conn *nats.Conn, source jetstream.Source, j journal.Journal) {
	t.Helper()
	events := replay(t, conn, source, 0, "*")
	count := 0
	for r, err := range j.Tail(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if count >= len(events) {
			t.Fatalf("the stream ends after %d events", count)
		}
		got, want := events[count], jetstream.NewEvent(source, r)
		if got.ID() != want.ID() || got.Command() != want.Command() || !bytes.Equal(got.Body, r.Body) {
			t.Fatalf("event %d: got %+v, want %+v", count, got, want)
		}
		count++
	}
	if count != len(events) {
		t.Errorf("the stream has %d events, the journal %d facts", len(events), count)
	}
}

func TestRelay(t *testing.T) {
	conn, source := setup(t, one)
	j := journal.NewMemory()
	write(t, j, "a", "dossier.filed", 3)
	write(t, j, "b", "dossier.filed", 2000) // more than may be under way
	r, stop := relay(t, j, conn, source)
	await(t, "what was there", func() bool { return r.Position() == 2003 })
	write(t, j, "a", "dossier.accepted", 1)
	await(t, "what came later", func() bool { return r.Position() == 2004 })
	stop()
	sameAsJournal(t, conn, source, j)

	write(t, j, "a", "dossier.returned", 7)
	r, stop = relay(t, j, conn, source)
	await(t, "what came while nobody relayed", func() bool { return r.Position() == 2011 })
	stop()
	sameAsJournal(t, conn, source, j)
}

func TestRelaySendsOnlyTheKindsNamed(t *testing.T) {
	conn, source := setup(t, one)
	j := journal.NewMemory()
	for _, kind := range []string{"dossier.filed", "login.succeeded", "dossier.consulted", "dossier.consulted.again",
		"dossier"} {
		write(t, j, "a", kind, 1)
	}
	kinds := []string{"dossier.consulted.*", "dossier.filed"}
	r, err := jetstream.NewRelay(j, conn, source, kinds, jetstream.RelayConfig{})
	if err != nil {
		t.Fatal(err)
	}
	start(t, r.Run)
	await(t, "the relay", func() bool { return r.Position() == 5 })
	var got []string
	for _, e := range replay(t, conn, source, 0, "*") {
		got = append(got, e.Kind)
	}
	if len(got) != 2 || got[0] != "dossier.filed" || got[1] != "dossier.consulted.again" {
		t.Errorf("got %v", got)
	}
}

// TestRelaysRace lets three relays push the same journal. The stream forgets identifiers after a tenth of a second, so
// that it is the expected sequence that holds the doubles off.
func TestRelaysRace(t *testing.T) {
	conn := connect(t, shared.url)
	source := parseSource(t, "H26.race")
	client, err := js.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	forgetful := js.StreamConfig{Name: source.Stream(), Subjects: []string{source.Subject("*")}, Discard: js.DiscardNew,
		DenyDelete: true, Duplicates: 100 * time.Millisecond}
	if _, err := client.CreateStream(t.Context(), forgetful); err != nil {
		t.Fatal(err)
	}
	j := journal.NewMemory()
	var relays []*jetstream.Relay
	for range 3 {
		r, _ := relay(t, j, connect(t, shared.url), source)
		relays = append(relays, r)
	}
	for range 20 {
		write(t, j, "a", "dossier.noted", 100)
	}
	for _, r := range relays {
		await(t, "each relay", func() bool { return r.Position() == 2000 })
	}
	sameAsJournal(t, conn, source, j)
}

func TestRelayStopsAtAFork(t *testing.T) {
	mine := func(t *testing.T) *journal.Memory {
		j := journal.NewMemory()
		write(t, j, "a", "dossier.filed", 5)
		return j
	}
	other := mine(t)
	write(t, other, "b", "dossier.filed", 1) // where mine goes on otherwise
	short := journal.NewMemory()
	write(t, short, "a", "dossier.filed", 3)
	for name, j := range map[string]journal.Journal{"another journal": other, "an older backup": short,
		"a new one": journal.NewMemory()} {
		t.Run(name, func(t *testing.T) {
			conn, source := setup(t, one)
			original := mine(t)
			write(t, original, "a", "dossier.accepted", 1)
			r, stop := relay(t, original, conn, source)
			await(t, "the relay", func() bool { return r.Position() == 6 })
			stop()
			r, err := jetstream.NewRelay(j, conn, source, []string{"*"}, jetstream.RelayConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Run(t.Context()); !errors.Is(err, jetstream.ErrForked) {
				t.Errorf("got %v, want ErrForked", err)
			}
			sameAsJournal(t, conn, source, original)
		})
	}
	t.Run("a foreign message", func(t *testing.T) {
		conn, source := setup(t, one)
		if _, err := conn.Request(source.Subject("dossier.filed"), []byte(`{}`), time.Second); err != nil {
			t.Fatal(err)
		}
		r, err := jetstream.NewRelay(mine(t), conn, source, []string{"*"}, jetstream.RelayConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Run(t.Context()); !errors.Is(err, jetstream.ErrForked) {
			t.Errorf("got %v, want ErrForked", err)
		}
	})
}

// TestStreamsThatLoseAreRefused goes through the settings under which a stream would lose events or the place.
func TestStreamsThatLoseAreRefused(t *testing.T) {
	conn := connect(t, shared.url)
	client, err := js.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*js.StreamConfig){
		"age":         func(c *js.StreamConfig) { c.MaxAge = time.Hour },
		"count":       func(c *js.StreamConfig) { c.MaxMsgs = 10 },
		"per-subject": func(c *js.StreamConfig) { c.MaxMsgsPerSubject = 1 },
		"discard":     func(c *js.StreamConfig) { c.Discard = js.DiscardOld },
		"retention":   func(c *js.StreamConfig) { c.Retention = js.InterestPolicy },
		"delete":      func(c *js.StreamConfig) { c.DenyDelete = false },
		"rollup":      func(c *js.StreamConfig) { c.AllowRollup = true },
		"subjects":    func(c *js.StreamConfig) { c.Subjects = append(c.Subjects, "other."+c.Name) },
		"ttl":         func(c *js.StreamConfig) { c.AllowMsgTTL = true },
		"no-ack":      func(c *js.StreamConfig) { c.NoAck = true },
	} {
		t.Run(name, func(t *testing.T) {
			source := parseSource(t, "H26.bad."+name)
			cfg := js.StreamConfig{Name: source.Stream(), Subjects: []string{source.Subject("*")}, Discard: js.DiscardNew,
				DenyDelete: true}
			spoil(&cfg)
			if _, err := client.CreateStream(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			r, err := jetstream.NewRelay(journal.NewMemory(), conn, source, []string{"*"}, jetstream.RelayConfig{})
			if err != nil {
				t.Fatal(err)
			}
			var setting *jetstream.StreamError
			if err := r.Run(t.Context()); !errors.As(err, &setting) {
				t.Errorf("relay: got %v, want *StreamError", err)
			}
			if err := jetstream.CreateStream(t.Context(), conn, source, one); !errors.As(err, &setting) {
				t.Errorf("create: got %v, want *StreamError", err)
			}
		})
	}
}

func TestCreateStreamTwice(t *testing.T) {
	conn, source := setup(t, one)
	if err := jetstream.CreateStream(t.Context(), conn, source, one); err != nil {
		t.Errorf("got %v, want what is there to do", err)
	}
	for name, cfg := range map[string]jetstream.StreamConfig{"replicas": {Replicas: 6}, "negative": {Replicas: -1},
		"size": {MaxBytes: -1}} {
		var invalid *journal.InvalidError
		if err := jetstream.CreateStream(t.Context(), conn, source, cfg); !errors.As(err, &invalid) {
			t.Errorf("%s: got %v, want *InvalidError", name, err)
		}
	}
}

// TestPurgedByHand is a stream that no longer says where the relay stands.
func TestPurgedByHand(t *testing.T) {
	conn, source := setup(t, one)
	j := journal.NewMemory()
	write(t, j, "a", "dossier.filed", 3)
	r, stop := relay(t, j, conn, source)
	await(t, "the relay", func() bool { return r.Position() == 3 })
	stop()
	client, err := js.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := client.Stream(t.Context(), source.Stream())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	var setting *jetstream.StreamError
	if err := r.Run(t.Context()); !errors.As(err, &setting) {
		t.Errorf("got %v, want *StreamError", err)
	}
	if err := client.DeleteStream(t.Context(), source.Stream()); err != nil {
		t.Fatal(err)
	}
	if err := jetstream.CreateStream(t.Context(), conn, source, one); err != nil {
		t.Fatal(err)
	}
	r, _ = relay(t, j, conn, source)
	await(t, "all of it again", func() bool { return r.Position() == 3 })
	sameAsJournal(t, conn, source, j)
}

// TestFullStreamHoldsTheRelayBack: what does not fit waits in the journal, and Trim makes room once it was heard.
func TestFullStreamHoldsTheRelayBack(t *testing.T) {
	t.Run("one server", func(t *testing.T) {
		conn, source := setup(t, jetstream.StreamConfig{Replicas: 1, MaxBytes: 64 << 10})
		holdsBack(t, conn, source)
	})
	t.Run("batches", func(t *testing.T) { // of which the first does not fit
		cluster, err := jetstreamtest.Start(t.TempDir(), 3)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cluster.Close() })
		conn, source := connect(t, cluster.URL()), parseSource(t, "agency.full")
		if err := jetstream.CreateStream(t.Context(), conn, source, jetstream.StreamConfig{MaxBytes: 64 << 10}); err != nil {
			t.Fatal(err)
		}
		holdsBack(t, conn, source)
	})
}

func holdsBack(t *testing.T, conn *nats.Conn, source jetstream.Source) {
	t.Helper()
	j := journal.NewMemory()
	write(t, j, "a", "dossier.noted", 300)
	var refused atomic.Int64
	r, err := jetstream.NewRelay(j, conn, source, []string{"*"},
		jetstream.RelayConfig{Retry: func(err error) { t.Log(err); refused.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	start(t, r.Run)
	await(t, "the first refusal", func() bool { return refused.Load() > 0 })
	inbox, err := jetstream.NewInbox(conn, "listener", source, []string{"*"}, jetstream.InboxConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var heard atomic.Int64
	listen(t, inbox, func(_ context.Context, e jetstream.Event) error {
		if heard.Add(1) != e.Position {
			return fmt.Errorf("heard position %d as number %d", e.Position, heard.Load())
		}
		return nil
	})
	await(t, "the listener to be known to the stream", func() bool { return heard.Load() > 0 })
	await(t, "everything", func() bool {
		if _, err := jetstream.Trim(context.Background(), conn, source, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		return heard.Load() == 300
	})
}

func TestRelayHearsOfTheJournal(t *testing.T) {
	conn, source := setup(t, one)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := jetstream.NewRelay(journal.NewMemory(), conn, source, []string{"*"}, jetstream.RelayConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	conn.Close()
	if err := r.Run(t.Context()); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("got %v, want ErrConnectionClosed", err)
	}
	for name, cfg := range map[string]jetstream.RelayConfig{"from": {From: -1}, "poll": {Poll: -1},
		"wait": {AckWait: -1}, "look": {Look: -1}} {
		var invalid *journal.InvalidError
		if _, err := jetstream.NewRelay(journal.NewMemory(), conn, source, []string{"*"}, cfg); !errors.As(err, &invalid) {
			t.Errorf("%s: got %v, want *InvalidError", name, err)
		}
	}
}
