package jetstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/motcua/motcua/journal"
)

// StreamConfig holds what is optional about a stream.
type StreamConfig struct {
	// Replicas is on how many servers the stream is kept: 0 means 3, which survives the loss of one.
	Replicas int
	// MaxBytes bounds the stream; 0 is no bound. A full stream refuses further events until [Trim] makes room, and the
	// relay waits: nothing is dropped.
	MaxBytes int64
	// Placement is a server tag, such as a data centre, that all replicas must have; empty for any.
	Placement string
}

// CreateStream creates the source's stream, or holds the one that is there to what a relay needs. It changes no
// existing stream. Whoever administers the NATS account calls it, once. Errors: *StreamError, *journal.InvalidError,
// and those of NATS.
func CreateStream(ctx context.Context, conn *nats.Conn, source Source, cfg StreamConfig) error {
	if err := checkSource(conn, source); err != nil {
		return err
	}
	if cfg.Replicas < 0 || cfg.Replicas > 5 || cfg.MaxBytes < 0 {
		return &journal.InvalidError{Field: "config", Rule: "up to 5 replicas, no negative size"}
	}
	stream, err := js.New(conn)
	if err != nil {
		return fmt.Errorf("jetstream: %w", err)
	}
	want := js.StreamConfig{
		Name:        source.Stream(),
		Description: "Facts of journal " + source.name,
		Subjects:    []string{source.Subject("*")},
		Retention:   js.LimitsPolicy,
		Discard:     js.DiscardNew,
		MaxBytes:    cmp.Or(cfg.MaxBytes, -1),
		Storage:     js.FileStorage,
		Replicas:    cmp.Or(cfg.Replicas, 3),
		DenyDelete:  true,
		// A server before 2.12 does not know it, and says so by leaving it out of its answer.
		AllowAtomicPublish: true,
	}
	if cfg.Placement != "" {
		want.Placement = &js.Placement{Tags: []string{cfg.Placement}}
	}
	switch _, err := stream.CreateStream(ctx, want); {
	case err == nil:
		return nil
	case !errors.Is(err, js.ErrStreamNameAlreadyInUse):
		return fmt.Errorf("jetstream: create stream %s: %w", want.Name, err)
	}
	_, err = openStream(ctx, stream, source)
	return err
}

// Trim removes from the source's stream the events stored before a time, as far as every durable consumer of the stream
// has acknowledged them, and never the last one, which says where the relay stands. It returns how many went. The
// journal keeps the facts.
func Trim(ctx context.Context, conn *nats.Conn, source Source, before time.Time) (int64, error) {
	if err := checkSource(conn, source); err != nil {
		return 0, err
	}
	client, err := js.New(conn)
	if err != nil {
		return 0, fmt.Errorf("jetstream: %w", err)
	}
	stream, err := openStream(ctx, client, source)
	if err != nil {
		return 0, err
	}
	keep, err := stream.search(ctx, func(m *js.RawStreamMsg) (bool, error) { return !m.Time.Before(before), nil })
	if err != nil {
		return 0, err
	}
	state := stream.CachedInfo().State
	keep = min(keep, state.LastSeq)
	list := stream.ListConsumers(ctx)
	for info := range list.Info() {
		if info.Config.Durable != "" {
			keep = min(keep, info.AckFloor.Stream+1)
		}
	}
	if err := list.Err(); err != nil {
		return 0, fmt.Errorf("jetstream: consumers of %s: %w", source.Stream(), err)
	}
	if keep <= state.FirstSeq {
		return 0, nil
	}
	if err := stream.Purge(ctx, js.WithPurgeSequence(keep)); err != nil {
		return 0, fmt.Errorf("jetstream: trim %s: %w", source.Stream(), err)
	}
	return int64(keep - state.FirstSeq), nil
}

// sourceStream is the stream of a source, known to have the settings of one.
type sourceStream struct {
	js.Stream
	source Source
}

// openStream asks for the stream and its present state.
func openStream(ctx context.Context, client js.JetStream, source Source) (sourceStream, error) {
	stream, err := client.Stream(ctx, source.Stream())
	if err != nil {
		return sourceStream{}, fmt.Errorf("jetstream: stream %s: %w", source.Stream(), err)
	}
	have := stream.CachedInfo().Config
	for _, setting := range []struct {
		holds bool
		rule  string
	}{
		{slices.Equal(have.Subjects, []string{source.Subject("*")}), "the source's subjects and no others"},
		{have.Mirror == nil && len(have.Sources) == 0, "no other stream as a source"},
		{have.Retention == js.LimitsPolicy, "retention by limits"},
		{have.Discard == js.DiscardNew && !have.DiscardNewPerSubject, "what is new discarded when full"},
		{have.MaxMsgs <= 0 && have.MaxMsgsPerSubject <= 0, "no limit on the number of messages"},
		{have.MaxAge == 0 && !have.AllowMsgTTL, "no limit on age; Trim keeps the last event"},
		{have.SubjectTransform == nil, "no transform of subjects"},
		{!have.AllowRollup && have.DenyDelete, "messages that nobody deletes or rolls up"},
		{!have.NoAck && !have.Sealed, "acknowledgements, and not sealed"},
	} {
		if !setting.holds {
			return sourceStream{}, &StreamError{Stream: have.Name, Rule: setting.rule}
		}
	}
	return sourceStream{stream, source}, nil
}

// last returns the sequence number and the event the stream ends with; 0 when the stream is new.
func (s sourceStream) last(ctx context.Context) (uint64, []byte, error) {
	state := s.CachedInfo().State
	if state.LastSeq == 0 {
		return 0, nil, nil
	}
	message, err := s.GetMsg(ctx, state.LastSeq)
	if errors.Is(err, js.ErrMsgNotFound) {
		return 0, nil, &StreamError{Stream: s.source.Stream(), Rule: "its last event; after a purge, to be created anew"}
	}
	if err != nil {
		return 0, nil, fmt.Errorf("jetstream: last event of %s: %w", s.source.Stream(), err)
	}
	return state.LastSeq, message.Data, nil
}

// after returns the sequence number of the first event behind a position of the journal, one above the last when there
// is none; of position 0 that of the oldest event there is. Errors: [ErrTrimmed].
func (s sourceStream) after(ctx context.Context, position int64) (uint64, error) {
	first := max(s.CachedInfo().State.FirstSeq, 1)
	if position == 0 {
		return first, nil
	}
	oldest := int64(0)
	found, err := s.search(ctx, func(m *js.RawStreamMsg) (bool, error) {
		event, err := ParseEvent(m.Data)
		if m.Sequence == first {
			oldest = event.Position
		}
		return event.Position > position, err
	})
	if err == nil && first > 1 && oldest > position+1 {
		return 0, fmt.Errorf("%w: %s begins with position %d", ErrTrimmed, s.source.Stream(), oldest)
	}
	return found, err
}

// search returns the sequence number of the first message for which found holds; messages before it do not, those
// behind it do.
func (s sourceStream) search(ctx context.Context, found func(*js.RawStreamMsg) (bool, error)) (uint64, error) {
	state := s.CachedInfo().State
	low, high := max(state.FirstSeq, 1), state.LastSeq+1
	for low < high {
		middle := low + (high-low)/2
		message, err := s.GetMsg(ctx, middle)
		if err != nil {
			return 0, fmt.Errorf("jetstream: event %d of %s: %w", middle, s.source.Stream(), err)
		}
		ok, err := found(message)
		if err != nil {
			return 0, fmt.Errorf("jetstream: event %d of %s: %w", middle, s.source.Stream(), err)
		}
		if ok {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low, nil
}

func checkSource(conn *nats.Conn, source Source) error {
	switch {
	case conn == nil:
		return &journal.InvalidError{Field: "conn", Rule: "a connection to NATS"}
	case source.IsZero():
		return &journal.InvalidError{Field: "source", Rule: "a source"}
	}
	return nil
}
