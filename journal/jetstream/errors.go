package jetstream

import (
	"errors"
	"fmt"
)

// Errors the caller branches on.
var (
	// ErrForked means that the stream and the journal tell different stories: the stream's last event is not what the
	// journal holds at that position. The journal was restored from a backup older than the stream, or it is another
	// one. Nothing was sent.
	ErrForked = errors.New("jetstream: stream was not written from this journal")
	// ErrTrimmed means that events behind the position asked for may have been removed by [Trim]; position 0 asks for
	// those that are left.
	ErrTrimmed = errors.New("jetstream: events behind that position were trimmed")
)

// errNotThis is the cause where the rule already says everything.
var errNotThis = errors.New("another value")

// StreamError names the setting of a stream that would lose events, order or the place where a relay stands.
type StreamError struct {
	Stream string
	Rule   string // what is wanted
}

func (e *StreamError) Error() string {
	return fmt.Sprintf("jetstream: stream %s: want %s", e.Stream, e.Rule)
}

// EventError says why a message is not an event of the source it came from. It quotes no values.
type EventError struct {
	Field string // the attribute: "id", "data" …; "event" for the message as a whole
	Rule  string
	Err   error
}

func (e *EventError) Error() string {
	return fmt.Sprintf("jetstream: event: %s: want %s", e.Field, e.Rule)
}

// Unwrap returns the cause, if there is one.
func (e *EventError) Unwrap() error { return e.Err }
