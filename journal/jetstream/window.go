package jetstream

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
)

// What may be under way to the stream before the journal is read further.
const (
	maxInFlight      = 1024
	maxInFlightBytes = 8 << 20
)

// window sends events one behind the other without waiting for each, and takes the confirmations in the same order.
type window struct {
	client js.JetStream
	source Source
	// at is the position up to which everything is confirmed.
	at *atomic.Int64
	// patience is how long a verdict may take before the event counts as not sent.
	patience time.Duration
	// sequence is the number of the last event sent, read the position up to which the journal has been read.
	sequence uint64
	read     int64
	flight   []flying
	bytes    int
}

type flying struct {
	future   js.PubAckFuture
	position int64
	sequence uint64
	size     int
}

// send publishes an event on the condition that it comes right behind the last one sent, and first waits for older ones
// if too many are under way.
func (w *window) send(ctx context.Context, event Event) error {
	if len(w.flight) >= maxInFlight || w.bytes >= maxInFlightBytes {
		if err := w.settle(ctx, maxInFlight/2); err != nil {
			return err
		}
	}
	data := event.encode()
	future, err := w.client.PublishMsgAsync(&nats.Msg{
		Subject: event.Source.Subject(event.Kind),
		Data:    data,
		Header: nats.Header{
			"Content-Type":           {mediaType},
			js.MsgIDHeader:           {event.ID()},
			js.ExpectedStreamHeader:  {w.source.Stream()},
			js.ExpectedLastSeqHeader: {strconv.FormatUint(w.sequence, 10)},
		},
	})
	if err != nil {
		return fmt.Errorf("jetstream: send event %d: %w", event.Position, err)
	}
	w.sequence++
	w.bytes += len(data)
	w.flight = append(w.flight, flying{future, event.Position, w.sequence, len(data)})
	return nil
}

// settle waits until at most left events, of half the bytes allowed, are under way.
func (w *window) settle(ctx context.Context, left int) error {
	for len(w.flight) > left || left > 0 && w.bytes > maxInFlightBytes/2 {
		f := w.flight[0]
		w.flight, w.bytes = w.flight[1:], w.bytes-f.size
		ack, err := w.verdict(ctx, f)
		if err != nil {
			return fmt.Errorf("jetstream: send event %d: %w", f.position, err)
		}
		// An event the stream has had before is confirmed with the number it has.
		if ack.Sequence != f.sequence {
			return fmt.Errorf("jetstream: send event %d: number %d, want %d", f.position, ack.Sequence, f.sequence)
		}
		w.at.Store(f.position)
	}
	return nil
}

// verdict waits for the stream's word on an event. The client has a limit of its own, which comes first; it does not
// hold through every reconnection.
func (w *window) verdict(ctx context.Context, f flying) (*js.PubAck, error) {
	select {
	case ack := <-f.future.Ok():
		return ack, nil
	default:
	}
	late := time.NewTimer(w.patience)
	defer late.Stop()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-late.C:
		return nil, js.ErrAsyncPublishTimeout
	case err := <-f.future.Err():
		return nil, err
	case ack := <-f.future.Ok():
		return ack, nil
	}
}

// abandon waits for the verdict on everything else under way: what the stream took before it
// failed is its last event when the relay looks again.
func (w *window) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	for _, f := range w.flight {
		_, _ = w.verdict(ctx, f)
	}
}
