package jetstream

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/motcua/motcua/journal"
)

// The pause between tries while NATS does not answer.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
	apiWait    = 2 * time.Second // for an answer about a stream or consumer
)

// RelayConfig holds what is optional about a relay.
type RelayConfig struct {
	// From is the position behind which a new stream begins; 0 means the journal's beginning. A stream that has events
	// goes on where it ends.
	From int64
	// Poll is how often the journal is asked for something new: 0 means 250 ms.
	Poll time.Duration
	// AckWait is how long the stream may take to confirm an event before it is sent again: 0 means 5 s.
	AckWait time.Duration
	// Look is how often a relay with nothing to send makes sure that the stream still ends where it left it: 0 means one
	// minute.
	Look time.Duration
	// Retry, if given, hears what went wrong each time before the relay tries again. It must not block.
	Retry func(error)
}

// Relay sends the events of a journal to its stream.
type Relay struct {
	journal journal.Journal
	conn    *nats.Conn
	source  Source
	kinds   kinds
	cfg     RelayConfig
	at      atomic.Int64
	full    bool // the stream refused for want of room: what is next goes one by one, as far as there is some
}

// NewRelay returns a relay from j to the stream of source. Only facts of the kinds given leave: a kind, "dossier.*" for
// all that begin with "dossier.", or "*" for every fact. The connection stays the caller's. Errors:
// *journal.InvalidError.
func NewRelay(j journal.Journal, conn *nats.Conn, source Source, kinds []string, cfg RelayConfig) (*Relay, error) {
	if err := checkSource(conn, source); err != nil {
		return nil, err
	}
	if j == nil {
		return nil, &journal.InvalidError{Field: "journal", Rule: "a journal"}
	}
	cfg.Poll = cmp.Or(cfg.Poll, 250*time.Millisecond)
	cfg.AckWait = cmp.Or(cfg.AckWait, 5*time.Second)
	cfg.Look = cmp.Or(cfg.Look, time.Minute)
	if cfg.From < 0 || cfg.Poll < 0 || cfg.AckWait < 0 || cfg.Look < 0 {
		return nil, &journal.InvalidError{Field: "config", Rule: "nothing negative"}
	}
	parsed, err := parseKinds(kinds)
	if err != nil {
		return nil, err
	}
	return &Relay{journal: j, conn: conn, source: source, kinds: parsed, cfg: cfg}, nil
}

// Position is the position up to which everything that is to leave is known to be in the stream.
func (r *Relay) Position() int64 { return r.at.Load() }

// Run relays until the context ends, and returns its error then. While NATS or the stream is away it waits and tries
// again, for as long as it takes. It gives up, with nothing half done, on [ErrForked], on a *StreamError, and on errors
// of the journal. Several relays may run for one journal: the stream takes each event from the first.
func (r *Relay) Run(ctx context.Context) error {
	client, err := js.New(r.conn, js.WithPublishAsyncMaxPending(4*maxInFlight),
		js.WithPublishAsyncTimeout(r.cfg.AckWait), js.WithDefaultTimeout(apiWait))
	if err != nil {
		return fmt.Errorf("jetstream: %w", err)
	}
	defer client.CleanupPublisher()
	for wait := firstPause; ; {
		before := r.at.Load()
		err := r.follow(ctx, client)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if isFinal(err) {
			return err
		}
		r.full = isFull(err)
		if r.cfg.Retry != nil {
			r.cfg.Retry(err)
		}
		if r.at.Load() > before {
			wait = firstPause
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, lastPause)
	}
}

// follow takes up where the stream ends and sends what the journal has and gets, until something fails.
func (r *Relay) follow(ctx context.Context, client js.JetStream) error {
	w, err := r.resume(ctx, client)
	if err != nil {
		return err
	}
	for idle := time.Duration(0); ; {
		read := w.read
		if err := r.send(ctx, w); err != nil {
			w.abandon(ctx)
			return err
		}
		if w.read > read {
			idle = 0
			continue
		}
		if idle >= r.cfg.Look {
			if err := r.look(ctx, client, w); err != nil {
				return err
			}
			idle = 0
		}
		if err := pause(ctx, r.cfg.Poll); err != nil {
			return err
		}
		idle += r.cfg.Poll
	}
}

// look makes sure that the stream still ends with the last event sent: a cluster may have lost it.
func (r *Relay) look(ctx context.Context, client js.JetStream, w *window) error {
	stream, err := openStream(ctx, client, r.source)
	if err != nil {
		return err
	}
	if end := stream.CachedInfo().State.LastSeq; end != w.sequence {
		return fmt.Errorf("jetstream: stream %s ends with number %d, want %d", r.source.Stream(), end, w.sequence)
	}
	return nil
}

// resume finds the place of the stream's last event in the journal, and makes sure that the journal wrote it.
func (r *Relay) resume(ctx context.Context, client js.JetStream) (*window, error) {
	stream, err := openStream(ctx, client, r.source)
	if err != nil {
		return nil, err
	}
	w := &window{client: client, source: r.source, at: &r.at, read: r.cfg.From, patience: 2 * r.cfg.AckWait,
		name: rand.Text()}
	// One server has nobody to agree with, and takes single messages faster.
	settings := stream.CachedInfo().Config
	w.mayBatch = settings.AllowAtomicPublish && settings.Replicas > 1
	w.batches = w.mayBatch && !r.full
	var data []byte
	if w.sequence, data, err = stream.last(ctx); err != nil {
		return nil, err
	}
	if w.sequence > 0 {
		event, err := ParseEvent(data)
		if err != nil {
			return nil, fmt.Errorf("%w: its last message: %w", ErrForked, err)
		}
		if err := r.compare(ctx, event.Position, data); err != nil {
			return nil, err
		}
		w.read = event.Position
	}
	r.at.Store(w.read)
	return w, nil
}

// compare holds the stream's last event to the record it is said to come from. An event is a function of its record, so
// equal bytes say that this journal wrote it.
func (r *Relay) compare(ctx context.Context, position int64, data []byte) error {
	for record, err := range r.journal.Tail(ctx, position-1) {
		if err != nil {
			return &journalError{err}
		}
		if record.Position == position && bytes.Equal(NewEvent(r.source, record).encode(), data) {
			return nil
		}
		break
	}
	return fmt.Errorf("%w: position %d", ErrForked, position)
}

// send passes on what the journal holds behind the window, and waits for the stream to confirm all of it.
func (r *Relay) send(ctx context.Context, w *window) error {
	for record, err := range r.journal.Tail(ctx, w.read) {
		if err != nil {
			return &journalError{err}
		}
		if r.kinds.has(record.Kind) {
			if err := w.send(ctx, NewEvent(r.source, record)); err != nil {
				return err
			}
		}
		w.read = record.Position
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	if err := w.settle(ctx, 0); err != nil {
		return err
	}
	r.at.Store(w.read)
	w.batches = w.mayBatch
	return nil
}

// journalError marks what came from the journal and not from NATS.
type journalError struct{ err error }

func (e *journalError) Error() string { return "jetstream: read journal: " + e.err.Error() }
func (e *journalError) Unwrap() error { return e.err }

// isFinal reports whether trying again is of no use.
func isFinal(err error) bool {
	var stream *StreamError
	var store *journalError
	return errors.Is(err, ErrForked) || errors.As(err, &stream) || errors.As(err, &store) ||
		errors.Is(err, nats.ErrConnectionClosed)
}

// isFull reports whether the stream has no room for what was sent.
func isFull(err error) bool {
	const storeFailed = 10077 // "maximum bytes exceeded", of a batch as of a message
	var refused *js.APIError
	return errors.As(err, &refused) && refused.ErrorCode == storeFailed
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
