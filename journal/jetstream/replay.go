package jetstream

import (
	"context"
	"fmt"
	"iter"
	"time"

	js "github.com/nats-io/nats.go/jetstream"
)

// Replay yields the events of the inbox's kinds behind a position of the source's journal, oldest first and each once,
// up to the last one in the stream when it gets there. It changes nothing about what [Inbox.Run] has heard. Iteration
// ends at the first error, which is yielded: *StreamError, *EventError, [ErrTrimmed], those of NATS and of the context.
func (b *Inbox) Replay(ctx context.Context, position int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		if err := b.replay(ctx, position, func(e Event) bool { return yield(e, nil) }); err != nil {
			yield(Event{}, err)
		}
	}
}

func (b *Inbox) replay(ctx context.Context, position int64, yield func(Event) bool) error {
	client, err := js.New(b.conn)
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
	consumer, err := stream.OrderedConsumer(ctx, js.OrderedConsumerConfig{
		FilterSubjects: b.kinds.subjects(b.source), DeliverPolicy: js.DeliverByStartSequencePolicy, OptStartSeq: from,
		InactiveThreshold: time.Minute,
	})
	if err != nil {
		return fmt.Errorf("jetstream: replay %s: %w", b.source.Stream(), err)
	}
	if consumer.CachedInfo().NumPending == 0 {
		return nil
	}
	messages, err := consumer.Messages(js.PullHeartbeat(2*time.Second), js.PullExpiry(10*time.Second))
	if err != nil {
		return fmt.Errorf("jetstream: replay %s: %w", b.source.Stream(), err)
	}
	defer messages.Stop()
	for {
		message, err := messages.Next(js.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("jetstream: replay %s: %w", b.source.Stream(), err)
		}
		event, err := b.open(message)
		if err != nil {
			return err
		}
		meta, err := message.Metadata()
		if err != nil {
			return fmt.Errorf("jetstream: replay %s: %w", b.source.Stream(), err)
		}
		if !yield(event) || meta.NumPending == 0 {
			return nil
		}
	}
}
