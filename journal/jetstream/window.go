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

// The bounds of an atomic batch (ADR-50 of NATS, server 2.12): the servers agree on a batch once, not on each message. A
// server takes up to 1,000 messages and 50 open batches a stream unless it is set otherwise.
const (
	maxBatch      = 256
	maxBatchBytes = 1 << 20

	batchIDHeader       = "Nats-Batch-Id"
	batchSequenceHeader = "Nats-Batch-Sequence"
	batchCommitHeader   = "Nats-Batch-Commit"
)

// window sends events one behind the other without waiting for each, and takes the confirmations in the same order.
type window struct {
	client js.JetStream
	source Source
	// mayBatch says that the stream takes atomic batches and gains by them, batches that they are used now; their
	// identifiers begin with name.
	mayBatch, batches bool
	name              string
	// at is the position up to which everything is confirmed.
	at *atomic.Int64
	// patience is how long a verdict may take before the event counts as not sent.
	patience time.Duration
	// sequence is the number of the last event sent, read the position up to which the journal has been read.
	sequence uint64
	read     int64
	batch    []*nats.Msg // to be sent together
	last     int64       // position of the batch's last event
	size     int         // of the batch
	flight   []flying
	events   int // in flight
	bytes    int
}

// flying is one event or one batch that waits for its verdict.
type flying struct {
	future   js.PubAckFuture
	position int64 // of its last event
	sequence uint64
	events   int
	size     int
}

// send publishes an event, soon or with those that follow it: [window.flush] sends what is left. It first waits for
// older ones if too many are under way.
func (w *window) send(ctx context.Context, event Event) error {
	data := event.encode()
	w.batch = append(w.batch, &nats.Msg{
		Subject: event.Source.Subject(event.Kind),
		Data:    data,
		Header:  nats.Header{"Content-Type": {mediaType}, js.MsgIDHeader: {event.ID()}},
	})
	w.last, w.size = event.Position, w.size+len(data)
	if w.batches && len(w.batch) < maxBatch && w.size < maxBatchBytes {
		return nil
	}
	return w.flush(ctx)
}

// flush sends what has been gathered, on the condition that it comes right behind the last event sent: all of it or
// nothing.
func (w *window) flush(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	if w.events+len(w.batch) > maxInFlight || w.bytes >= maxInFlightBytes {
		if err := w.settle(ctx, maxInFlight/2); err != nil {
			return err
		}
	}
	batch := w.batch
	w.batch = w.batch[:0]
	batch[0].Header[js.ExpectedStreamHeader] = []string{w.source.Stream()}
	batch[0].Header[js.ExpectedLastSeqHeader] = []string{strconv.FormatUint(w.sequence, 10)}
	end := len(batch) - 1
	if end > 0 {
		id := []string{w.name + "-" + strconv.FormatUint(w.sequence, 10)}
		for i, message := range batch {
			message.Header[batchIDHeader], message.Header[batchSequenceHeader] = id, []string{strconv.Itoa(i + 1)}
		}
		batch[end].Header[batchCommitHeader] = []string{"1"}
	}
	for _, message := range batch[:end] { // these are answered with the last one
		if err := w.client.Conn().PublishMsg(message); err != nil {
			return fmt.Errorf("jetstream: send events before %d: %w", w.last, err)
		}
	}
	future, err := w.client.PublishMsgAsync(batch[end])
	if err != nil {
		return fmt.Errorf("jetstream: send event %d: %w", w.last, err)
	}
	w.sequence += uint64(len(batch))
	w.flight = append(w.flight, flying{future, w.last, w.sequence, len(batch), w.size})
	w.events, w.bytes, w.size = w.events+len(batch), w.bytes+w.size, 0
	return nil
}

// settle waits until at most left events, of half the bytes allowed, are under way.
func (w *window) settle(ctx context.Context, left int) error {
	for w.events > left || left > 0 && w.bytes > maxInFlightBytes/2 {
		f := w.flight[0]
		w.flight, w.events, w.bytes = w.flight[1:], w.events-f.events, w.bytes-f.size
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
