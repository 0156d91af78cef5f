package jetstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/motcua/motcua/journal"
)

// InboxConfig holds what is optional about an inbox.
type InboxConfig struct {
	// From is the position in the source's journal behind which a new inbox begins; 0 means the oldest event there is.
	// An inbox that exists goes on where it was.
	From int64
	// AckWait is after how long an event goes out again when its handler's process is gone: 0 means 30 s. A handler
	// that lives may take as long as it wants.
	AckWait time.Duration
	// Pause is how long an event that failed waits before its second try, twice as long before the third, and so on up
	// to 64 times as long: 0 means 1 s. Those behind it wait with it.
	Pause time.Duration
	// Tries is after how many an event is handed to Failed and put aside: 0 means never.
	Tries int
	// Failed keeps an event that was put aside, and with an error says that it could not; then it is tried again. It also
	// gets messages that are no event of the source, at the first try; without Failed these end Run.
	Failed func(context.Context, Letter) error
	// Retry, if given, hears of each handler's error and of each failure of NATS before the next try. It must not block.
	Retry func(error)
}

// Letter is an event that could not be handled (a dead letter). The stream keeps it; [Inbox.Replay] gets it again.
type Letter struct {
	// Event is zero when the message is no event of the source.
	Event Event
	// Data is the message, Sequence its number in the stream.
	Data     []byte
	Sequence uint64
	Tries    int
	Err      error
}

// Inbox is the place in a source's stream up to which one listener has heard, kept by JetStream as a durable consumer.
// Its methods are safe for concurrent use.
type Inbox struct {
	conn   *nats.Conn
	name   string
	source Source
	kinds  kinds
	cfg    InboxConfig
	// heard is the position of the last event handled here since the consumer was created: what comes again below it
	// was handled before.
	heard   atomic.Int64
	created atomic.Int64
}

// NewInbox returns the inbox of a listener's name, made of letters, digits, '-' and '_', at the source's stream. It
// hears events of the kinds given: a kind, "dossier.*" for all that begin with "dossier.", or "*" for every one. The
// connection stays the caller's. Errors: *journal.InvalidError.
func NewInbox(conn *nats.Conn, name string, source Source, kinds []string, cfg InboxConfig) (*Inbox, error) {
	if err := checkSource(conn, source); err != nil {
		return nil, err
	}
	cfg.AckWait = cmp.Or(cfg.AckWait, 30*time.Second)
	cfg.Pause = cmp.Or(cfg.Pause, time.Second)
	switch {
	case !isInboxName(name):
		return nil, &journal.InvalidError{Field: "name", Rule: "1 to 64 letters, digits, '-' and '_'"}
	case cfg.From < 0 || cfg.AckWait < 0 || cfg.Pause < 0 || cfg.Tries < 0:
		return nil, &journal.InvalidError{Field: "config", Rule: "nothing negative"}
	case cfg.Tries > 0 && cfg.Failed == nil:
		return nil, &journal.InvalidError{Field: "config.failed", Rule: "given when tries are bounded"}
	}
	parsed, err := parseKinds(kinds)
	if err != nil {
		return nil, err
	}
	return &Inbox{conn: conn, name: name, source: source, kinds: parsed, cfg: cfg}, nil
}

func isInboxName(name string) bool {
	for _, c := range []byte(name) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// Run hands the events to handle, in the order of the source's journal, until the context ends, and returns its error
// then. An event is done with when handle returns nil; an error has it handed over again, before any other. The same
// event may come a second time, and handle must not mind. While NATS or the stream is away Run waits and tries again.
// Of several Runs of one name, in whatever process, one at a time has an event. Errors that end it: *StreamError,
// *EventError (without Failed), [ErrTrimmed] (a new inbox whose From was trimmed).
func (b *Inbox) Run(ctx context.Context, handle func(context.Context, Event) error) error {
	client, err := js.New(b.conn, js.WithDefaultTimeout(apiWait))
	if err != nil {
		return fmt.Errorf("jetstream: %w", err)
	}
	for wait := firstPause; ; {
		before := b.heard.Load()
		err := b.listen(ctx, client, handle)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var foreign *EventError
		if isFinal(err) || errors.As(err, &foreign) || errors.Is(err, ErrTrimmed) {
			return err
		}
		b.report(err)
		if b.heard.Load() > before {
			wait = firstPause
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, lastPause)
	}
}

// Reset forgets up to where the inbox has heard and lets it begin again behind a position of the source's journal. No
// Run of its name may be under way.
func (b *Inbox) Reset(ctx context.Context, position int64) error {
	client, err := js.New(b.conn, js.WithDefaultTimeout(apiWait))
	if err != nil {
		return fmt.Errorf("jetstream: %w", err)
	}
	stream, err := openStream(ctx, client, b.source)
	if err != nil {
		return err
	}
	from, err := stream.after(ctx, max(position, 0))
	if err != nil {
		return err
	}
	if err := stream.DeleteConsumer(ctx, b.name); err != nil && !errors.Is(err, js.ErrConsumerNotFound) {
		return fmt.Errorf("jetstream: reset inbox %s: %w", b.name, err)
	}
	_, err = b.create(ctx, stream, from)
	return err
}

// listen binds the consumer and hands on what it yields until something fails.
func (b *Inbox) listen(ctx context.Context, client js.JetStream, handle func(context.Context, Event) error) error {
	consumer, err := b.bind(ctx, client)
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(js.PullExpiry(10*time.Second), js.PullHeartbeat(2*time.Second))
	if err != nil {
		return fmt.Errorf("jetstream: inbox %s: %w", b.name, err)
	}
	defer messages.Stop()
	work := startWork(b.cfg.AckWait / 3)
	defer work.stop()
	for {
		message, err := messages.Next(js.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("jetstream: inbox %s: %w", b.name, err)
		}
		if err := b.deliver(ctx, message, work, handle); err != nil {
			return err
		}
	}
}

// bind finds the durable consumer, or creates it where From says.
func (b *Inbox) bind(ctx context.Context, client js.JetStream) (js.Consumer, error) {
	stream, err := openStream(ctx, client, b.source)
	if err != nil {
		return nil, err
	}
	consumer, err := stream.Consumer(ctx, b.name)
	switch {
	case errors.Is(err, js.ErrConsumerNotFound):
		from, err := stream.after(ctx, b.cfg.From)
		if err != nil {
			return nil, err
		}
		return b.create(ctx, stream, from)
	case err != nil:
		return nil, fmt.Errorf("jetstream: inbox %s: %w", b.name, err)
	}
	have := consumer.CachedInfo().Config
	want := b.config(have.OptStartSeq)
	same := slices.Equal(have.FilterSubjects, want.FilterSubjects) && have.FilterSubject == want.FilterSubject
	if same && have.AckWait == want.AckWait && have.MaxAckPending == 1 && have.AckPolicy == js.AckExplicitPolicy {
		return b.known(consumer), nil
	}
	want.DeliverPolicy, want.OptStartTime = have.DeliverPolicy, have.OptStartTime
	if consumer, err = stream.UpdateConsumer(ctx, want); err != nil {
		return nil, fmt.Errorf("jetstream: change inbox %s: %w", b.name, err)
	}
	return b.known(consumer), nil
}

// known forgets what was heard when the consumer is a new one: somebody wants it all again, or the stream is new.
func (b *Inbox) known(consumer js.Consumer) js.Consumer {
	if created := consumer.CachedInfo().Created.UnixNano(); b.created.Swap(created) != created {
		b.heard.Store(0)
	}
	return consumer
}

func (b *Inbox) create(ctx context.Context, stream sourceStream, from uint64) (js.Consumer, error) {
	consumer, err := stream.CreateConsumer(ctx, b.config(from))
	if err != nil {
		return nil, fmt.Errorf("jetstream: create inbox %s: %w", b.name, err)
	}
	return b.known(consumer), nil
}

// config is the consumer's. One event out at a time is what keeps the order when one fails or its process dies.
func (b *Inbox) config(from uint64) js.ConsumerConfig {
	cfg := js.ConsumerConfig{
		Durable:       b.name,
		DeliverPolicy: js.DeliverByStartSequencePolicy,
		OptStartSeq:   from,
		AckPolicy:     js.AckExplicitPolicy,
		AckWait:       b.cfg.AckWait,
		MaxAckPending: 1,
		MaxDeliver:    -1,
	}
	if subjects := b.kinds.subjects(b.source); len(subjects) == 1 {
		cfg.FilterSubject = subjects[0]
	} else {
		cfg.FilterSubjects = subjects
	}
	return cfg
}

// deliver handles one message and answers the stream. An answer that gets lost brings the message again.
func (b *Inbox) deliver(ctx context.Context, message js.Msg, work *work, handle func(context.Context, Event) error,
) error {
	meta, err := message.Metadata()
	if err != nil {
		return fmt.Errorf("jetstream: inbox %s: %w", b.name, err)
	}
	letter := Letter{Data: message.Data(), Sequence: meta.Sequence.Stream, Tries: int(meta.NumDelivered)}
	letter.Event, letter.Err = b.open(message)
	if letter.Err != nil {
		if b.cfg.Failed == nil {
			return letter.Err
		}
		return b.putAside(ctx, message, letter)
	}
	if letter.Event.Position > b.heard.Load() {
		work.set(message)
		letter.Err = handle(ctx, letter.Event)
		work.set(nil)
		if letter.Err != nil {
			return b.refuse(ctx, message, letter)
		}
		b.heard.Store(letter.Event.Position)
	}
	return b.answer(message.Ack())
}

// open reads the message and holds it to the subject it came under, which is what the servers give permission for.
func (b *Inbox) open(message js.Msg) (Event, error) {
	event, err := ParseEvent(message.Data())
	if err != nil {
		return Event{}, err
	}
	if event.Source != b.source || b.source.Subject(event.Kind) != message.Subject() {
		return Event{}, &EventError{Field: "event", Rule: "source and kind as in the subject"}
	}
	return event, nil
}

// refuse has the message come again after a while, or puts it aside when it has been tried often enough.
func (b *Inbox) refuse(ctx context.Context, message js.Msg, letter Letter) error {
	if ctx.Err() != nil {
		return b.answer(message.Nak())
	}
	if b.cfg.Tries > 0 && letter.Tries >= b.cfg.Tries {
		return b.putAside(ctx, message, letter)
	}
	b.report(letter.Err)
	return b.answer(message.NakWithDelay(b.cfg.Pause << min(letter.Tries-1, 6)))
}

func (b *Inbox) putAside(ctx context.Context, message js.Msg, letter Letter) error {
	if err := b.cfg.Failed(ctx, letter); err != nil {
		b.report(err)
		return b.answer(message.NakWithDelay(b.cfg.Pause << min(max(letter.Tries-1, 0), 6)))
	}
	b.heard.Store(max(b.heard.Load(), letter.Event.Position))
	return b.answer(message.Term())
}

func (b *Inbox) answer(err error) error {
	if err != nil {
		return fmt.Errorf("jetstream: inbox %s: answer: %w", b.name, err)
	}
	return nil
}

func (b *Inbox) report(err error) {
	if b.cfg.Retry != nil {
		b.cfg.Retry(err)
	}
}
