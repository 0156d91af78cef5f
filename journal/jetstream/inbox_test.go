package jetstream_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
)

// filled is a stream with count facts of dossier a in it.
func filled(tb testing.TB, count int) (*nats.Conn, jetstream.Source, *journal.Memory) {
	tb.Helper()
	conn, source := setup(tb, one)
	j := journal.NewMemory()
	write(tb, j, "a", "dossier.noted", count)
	r, stop := relay(tb, j, conn, source)
	await(tb, "the relay", func() bool { return r.Position() == int64(count) })
	stop()
	return conn, source, j
}

// notes collects positions, from any goroutine.
type notes struct {
	mu        sync.Mutex
	positions []int64
}

func (n *notes) add(position int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.positions = append(n.positions, position)
}

func (n *notes) all() []int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.positions)
}

// upTo is first, first+1 … last.
func upTo(first, last int64) (all []int64) {
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}

func newInbox(tb testing.TB, conn *nats.Conn, source jetstream.Source, cfg jetstream.InboxConfig) *jetstream.Inbox {
	tb.Helper()
	inbox, err := jetstream.NewInbox(conn, "tax-office", source, []string{"*"}, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return inbox
}

func TestInboxGoesOnWhereItWas(t *testing.T) {
	conn, source, _ := filled(t, 100)
	var heard notes
	failing := errors.New("full")
	for _, last := range []int64{30, 31, 100} { // three lives of one listener, each dying over an event
		inbox := newInbox(t, conn, source, jetstream.InboxConfig{})
		stop := listen(t, inbox, func(_ context.Context, e jetstream.Event) error {
			if e.Position > last {
				return failing
			}
			heard.add(e.Position)
			return nil
		})
		await(t, "the events", func() bool { return len(heard.all()) == int(last) })
		stop()
	}
	if got := heard.all(); !slices.Equal(got, upTo(1, 100)) {
		t.Errorf("got %v", got)
	}
}

// TestFailureHoldsBackWhatIsBehind: an event that fails twice is handled before any later one.
func TestFailureHoldsBackWhatIsBehind(t *testing.T) {
	conn, source, _ := filled(t, 20)
	var heard notes
	var errs, tries atomic.Int64
	inbox := newInbox(t, conn, source, jetstream.InboxConfig{Pause: time.Millisecond, Retry: func(error) { errs.Add(1) }})
	listen(t, inbox, func(_ context.Context, e jetstream.Event) error {
		if e.Position == 7 && tries.Add(1) < 3 {
			return errors.New("not yet")
		}
		heard.add(e.Position)
		return nil
	})
	await(t, "all events", func() bool { return len(heard.all()) == 20 })
	if got := heard.all(); !slices.Equal(got, upTo(1, 20)) || errs.Load() != 2 {
		t.Errorf("got %v after %d errors", got, errs.Load())
	}
}

func TestPutAside(t *testing.T) {
	conn, source, _ := filled(t, 5)
	var heard notes
	var mu sync.Mutex
	var letters []jetstream.Letter
	failing := errors.New("never")
	inbox := newInbox(t, conn, source, jetstream.InboxConfig{Pause: time.Millisecond, Tries: 3,
		Failed: func(_ context.Context, l jetstream.Letter) error {
			mu.Lock()
			defer mu.Unlock()
			if letters = append(letters, l); len(letters) == 1 {
				return errors.New("nowhere to keep it")
			}
			return nil
		}})
	listen(t, inbox, func(_ context.Context, e jetstream.Event) error {
		if e.Position == 3 {
			return failing
		}
		heard.add(e.Position)
		return nil
	})
	await(t, "the others", func() bool { return len(heard.all()) == 4 })
	if got := heard.all(); !slices.Equal(got, []int64{1, 2, 4, 5}) {
		t.Errorf("heard %v", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(letters) != 2 || letters[1].Event.Position != 3 || letters[1].Tries != 4 ||
		letters[1].Err != failing || letters[1].Sequence != 3 {
		t.Errorf("letters: got %+v", letters)
	}
	for event, err := range inbox.Replay(t.Context(), letters[1].Event.Position-1) { // the way back
		if err != nil || event.ID() != letters[1].Event.ID() {
			t.Errorf("replay: got %+v, %v", event, err)
		}
		break
	}
}

// TestForeignMessages are put under the source's subjects by somebody else, which permissions of NATS ought to prevent.
func TestForeignMessages(t *testing.T) {
	lie := jetstream.NewEvent(parseSource(t, "H26.liar"), record(t))
	liar, err := lie.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"not an event": []byte("x"), "another source": liar} {
		t.Run(name, func(t *testing.T) {
			conn, source, _ := filled(t, 2)
			if _, err := conn.Request(source.Subject(lie.Kind), data, 5*time.Second); err != nil {
				t.Fatal(err)
			}
			accept := func(context.Context, jetstream.Event) error { return nil }
			var foreign *jetstream.EventError
			inbox := newInbox(t, conn, source, jetstream.InboxConfig{})
			if err := inbox.Run(t.Context(), accept); !errors.As(err, &foreign) {
				t.Errorf("got %v, want *EventError", err)
			}
			for _, err := range inbox.Replay(t.Context(), 2) {
				if !errors.As(err, &foreign) {
					t.Errorf("replay: got %v, want *EventError", err)
				}
			}
			kept := make(chan jetstream.Letter, 9)
			// The message is still out to the inbox above; it comes again after AckWait.
			listen(t, newInbox(t, conn, source, jetstream.InboxConfig{AckWait: 100 * time.Millisecond,
				Failed: func(_ context.Context, l jetstream.Letter) error { kept <- l; return nil }}), accept)
			if l := <-kept; string(l.Data) != string(data) || l.Sequence != 3 || !errors.As(l.Err, &foreign) {
				t.Errorf("put aside: got %+v", l)
			}
		})
	}
}

// TestSlowHandlerIsNotOvertaken: AckWait is for handlers that died, not for slow ones.
func TestSlowHandlerIsNotOvertaken(t *testing.T) {
	conn, source, _ := filled(t, 3)
	var heard notes
	inbox := newInbox(t, conn, source, jetstream.InboxConfig{AckWait: 60 * time.Millisecond})
	listen(t, inbox, func(ctx context.Context, e jetstream.Event) error {
		if e.Position == 2 {
			slow, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
			defer cancel()
			<-slow.Done()
		}
		heard.add(e.Position)
		return nil
	})
	await(t, "all three", func() bool { return len(heard.all()) >= 3 })
	if got := heard.all(); !slices.Equal(got, upTo(1, 3)) {
		t.Errorf("got %v", got)
	}
}

// TestTwoWorkers share an inbox: each event goes to one of them, in order over both.
func TestTwoWorkers(t *testing.T) {
	_, source, _ := filled(t, 200)
	var heard notes
	var busy atomic.Int64
	for range 2 {
		inbox := newInbox(t, connect(t, shared.url), source, jetstream.InboxConfig{})
		listen(t, inbox, func(_ context.Context, e jetstream.Event) error {
			if busy.Add(1) > 1 {
				t.Error("two at once")
			}
			heard.add(e.Position)
			busy.Add(-1)
			return nil
		})
	}
	await(t, "all events", func() bool { return len(heard.all()) >= 200 })
	if got := heard.all(); !slices.Equal(got, upTo(1, 200)) {
		t.Errorf("got %v", got)
	}
}

func TestFromResetAndReplay(t *testing.T) {
	conn, source, _ := filled(t, 40)
	var heard notes
	inbox := newInbox(t, conn, source, jetstream.InboxConfig{From: 25})
	again := func() (stop func()) {
		return listen(t, inbox, func(_ context.Context, e jetstream.Event) error { heard.add(e.Position); return nil })
	}
	stop := again()
	await(t, "those behind 25", func() bool { return len(heard.all()) == 15 })
	stop()
	if err := inbox.Reset(t.Context(), 38); err != nil {
		t.Fatal(err)
	}
	stop = again()
	await(t, "those behind 38 again", func() bool { return len(heard.all()) == 17 })
	stop()
	if got, want := heard.all(), append(upTo(26, 40), 39, 40); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for position := range int64(42) {
		var got []int64
		for _, e := range replay(t, conn, source, position, "*") {
			got = append(got, e.Position)
		}
		if want := upTo(position+1, 40); !slices.Equal(got, want) {
			t.Errorf("behind %d: got %v", position, got)
		}
	}
	if got := replay(t, conn, source, 0, "order.*", "dossier.accepted"); len(got) != 0 {
		t.Errorf("of kinds that are not there: got %v", got)
	}
}

func TestTrim(t *testing.T) {
	conn, source, j := filled(t, 30)
	inbox := newInbox(t, conn, source, jetstream.InboxConfig{})
	trim := func(before time.Time, want int64) {
		t.Helper()
		if got, err := jetstream.Trim(t.Context(), conn, source, before); got != want || err != nil {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	var heard atomic.Int64
	stop := listen(t, inbox, func(_ context.Context, e jetstream.Event) error {
		if e.Position > 12 {
			return errors.New("later")
		}
		heard.Store(e.Position)
		return nil
	})
	await(t, "twelve", func() bool { return heard.Load() == 12 })
	stop()
	await(t, "twelve acknowledged", func() bool {
		n, err := jetstream.Trim(t.Context(), conn, source, time.Now().Add(time.Hour))
		return err == nil && n > 0 && len(replay(t, conn, source, 0, "*")) == 18
	})
	trim(time.Now().Add(-time.Hour), 0)
	trim(time.Now().Add(time.Hour), 0) // somebody has not heard the rest yet
	for _, err := range inbox.Replay(t.Context(), 11) {
		if !errors.Is(err, jetstream.ErrTrimmed) {
			t.Errorf("behind 11: got %v, want ErrTrimmed", err)
		}
	}
	if got := replay(t, conn, source, 12, "*"); len(got) != 18 || got[0].Position != 13 {
		t.Errorf("behind 12: got %d events", len(got))
	}
	stop = listen(t, inbox, func(_ context.Context, e jetstream.Event) error { heard.Store(e.Position); return nil })
	await(t, "thirty", func() bool { return heard.Load() == 30 })
	stop()
	await(t, "all but the last trimmed", func() bool {
		_, err := jetstream.Trim(t.Context(), conn, source, time.Now().Add(time.Hour))
		return err == nil && len(replay(t, conn, source, 0, "*")) == 1
	})
	write(t, j, "a", "dossier.noted", 5) // and the relay knows where it was
	r, _ := relay(t, j, conn, source)
	await(t, "the relay", func() bool { return r.Position() == 35 })
	if got := replay(t, conn, source, 30, "*"); len(got) != 5 || got[0].Position != 31 {
		t.Errorf("behind 30: got %d events", len(got))
	}
}

func TestNewInboxRefuses(t *testing.T) {
	conn, source := setup(t, one)
	for _, test := range []struct {
		name, inbox, field string
		cfg                jetstream.InboxConfig
	}{
		{"no name", "", "name", jetstream.InboxConfig{}}, {"a dot", "a.b", "name", jetstream.InboxConfig{}},
		{"a letter of Vietnam", "thuế", "name", jetstream.InboxConfig{}},
		{"negative", "x", "config", jetstream.InboxConfig{From: -1}},
		{"bounded tries, and nobody to keep what failed", "x", "config.failed", jetstream.InboxConfig{Tries: 3}},
	} {
		var invalid *journal.InvalidError
		_, err := jetstream.NewInbox(conn, test.inbox, source, []string{"*"}, test.cfg)
		if !errors.As(err, &invalid) || invalid.Field != test.field {
			t.Errorf("%s: got %v, want *InvalidError for %s", test.name, err, test.field)
		}
	}
	var invalid *journal.InvalidError
	if _, err := jetstream.NewInbox(nil, "x", source, []string{"*"}, jetstream.InboxConfig{}); !errors.As(err, &invalid) {
		t.Errorf("no connection: got %v", err)
	}
	_, err := jetstream.NewInbox(conn, "x", jetstream.Source{}, []string{"*"}, jetstream.InboxConfig{})
	if !errors.As(err, &invalid) {
		t.Errorf("no source: got %v", err)
	}
}

// TestEventTwice loses an acknowledgement: the handler's process dies behind its own commit. The next life gets the
// event again, and [Event.Command] keeps it from being written again.
func TestEventTwice(t *testing.T) {
	_, source, _ := filled(t, 6)
	other := &listener{journal: journal.NewMemory(), heads: make(map[journal.Stream]int64)}
	conn := connect(t, shared.url)
	died := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- newInbox(t, conn, source, jetstream.InboxConfig{AckWait: 100 * time.Millisecond}).Run(context.Background(),
			func(ctx context.Context, e jetstream.Event) error {
				err := other.handle(ctx, e)
				if e.Position == 4 {
					conn.Close()
					close(died)
				}
				return err
			})
	}()
	<-died
	if err := <-ended; !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("the first life ended with %v, want ErrConnectionClosed", err)
	}
	second := newInbox(t, connect(t, shared.url), source, jetstream.InboxConfig{AckWait: 100 * time.Millisecond})
	listen(t, second, other.handle)
	await(t, "the rest", func() bool { return other.count() == 6 })
	if other.heard != 7 {
		t.Errorf("handled %d times, want one event twice", other.heard)
	}
	if sum, err := journal.Verify(t.Context(), other.journal); err != nil || sum.Facts != 6 {
		t.Errorf("kept %d facts, %v", sum.Facts, err)
	}
}
