package jetstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/canon"
	"github.com/motcua/motcua/journal"
)

const (
	// mediaType is the content type of a structured CloudEvent in JSON.
	mediaType = "application/cloudevents+json; charset=utf-8"
	// timeLayout is RFC 3339 with the microseconds a journal keeps.
	timeLayout = "2006-01-02T15:04:05.000000Z"
	// maxEvent bounds a message: the largest body and what stands around it.
	maxEvent = journal.MaxBody + 4<<10
)

// Event is the public half of a fact, as another agency gets to know it.
type Event struct {
	Source Source
	// Position is the fact's place in the source's journal. Source and Position together are the event's identity.
	Position int64
	// Kind is the fact's kind: CloudEvents' type.
	Kind string
	// Stream is the fact's stream, such as the dossier's: CloudEvents' subject.
	Stream journal.Stream
	// Seq is the fact's place in its stream. Between two events of one stream numbers may be missing, when facts of
	// kinds that are not relayed lie between.
	Seq int64
	// At is when it happened, in UTC.
	At time.Time
	// Body is the fact's Body: a canonical JSON object without personal data.
	Body []byte
}

// NewEvent takes from a record what may leave the agency.
func NewEvent(source Source, record journal.Record) Event {
	return Event{Source: source, Position: record.Position, Kind: record.Kind, Stream: record.Stream, Seq: record.Seq,
		At: record.At.UTC(), Body: record.Body}
}

// ID returns the event's identity, "H26.35.12:1203": CloudEvents' id, and the Nats-Msg-Id.
func (e Event) ID() string { return e.Source.name + ":" + strconv.FormatInt(e.Position, 10) }

// Command is the idempotency key under which a handler appends what it does about the event: the same event a second
// time then changes nothing.
func (e Event) Command() journal.Command { return journal.NewCommand(e.ID(), e.encode()) }

// MarshalJSON writes the event as a structured CloudEvent 1.0, in canonical JSON (RFC 8785). "sequence" is the
// documented extension of that name and holds the position, "streamseq" is ours and holds Seq. Errors: *EventError when
// a field breaks a rule.
func (e Event) MarshalJSON() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return e.encode(), nil
}

// encode writes the members in canonical order. No text in it has a character that JSON escapes: sources, kinds and
// streams are made of letters, digits and a few marks.
func (e Event) encode() []byte {
	b := make([]byte, 0, len(e.Body)+len(e.Stream.String())+len(e.Kind)+3*len(e.Source.name)+320)
	b = append(b, `{"data":`...)
	b = append(b, e.Body...)
	b = append(b, `,"datacontenttype":"application/json","id":"`...)
	b = append(b, e.Source.name...)
	b = append(b, ':')
	b = strconv.AppendInt(b, e.Position, 10)
	b = append(b, `","sequence":"`...)
	b = fmt.Appendf(b, "%019d", e.Position)
	b = append(b, `","source":"`+uriRoot...)
	b = append(b, e.Source.name...)
	b = append(b, `","specversion":"1.0","streamseq":"`...)
	b = strconv.AppendInt(b, e.Seq, 10)
	b = append(b, `","subject":"`...)
	b = append(b, e.Stream.String()...)
	b = append(b, `","time":"`...)
	b = e.At.UTC().AppendFormat(b, timeLayout)
	b = append(b, `","type":"`...)
	b = append(b, e.Kind...)
	return append(b, `"}`...)
}

// UnmarshalJSON reads what MarshalJSON writes; attributes it does not know are left aside. Errors: *EventError.
func (e *Event) UnmarshalJSON(data []byte) error {
	read, err := ParseEvent(data)
	if err == nil {
		*e = read
	}
	return err
}

// ParseEvent reads a structured CloudEvent of this package: canonical JSON with all its attributes, in agreement with
// one another. Attributes it does not know are left aside. Errors: *EventError.
func ParseEvent(data []byte) (Event, error) {
	if len(data) > maxEvent {
		return Event{}, &EventError{Field: "event", Rule: "at most 260 KiB"}
	}
	if e, ok := readOwn(data); ok {
		return e, nil
	}
	if err := canon.Check(data); err != nil {
		return Event{}, &EventError{Field: "event", Rule: "one JSON object in canonical form", Err: err}
	}
	return readMembers(data)
}

// readMembers reads an event from any canonical JSON object.
func readMembers(data []byte) (Event, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return Event{}, &EventError{Field: "event", Rule: "a JSON object", Err: err}
	}
	var e Event
	for _, attribute := range attributes {
		if err := attribute.read(&e, members[attribute.name]); err != nil {
			return Event{}, &EventError{Field: attribute.name, Rule: attribute.rule, Err: err}
		}
	}
	if err := e.check(); err != nil {
		return Event{}, err
	}
	return e, nil
}

// readOwn reads what encode writes, which nearly every message is, without a JSON decoder: it takes the parts from
// where they must be, and if the event made of them is written as data again, data was that event in canonical form.
// ParseEvent has the word on everything else.
func readOwn(data []byte) (e Event, ok bool) {
	const head, behind = `{"data":`, `,"datacontenttype":"application/json","id":"`
	end := bytes.LastIndex(data, []byte(behind))
	if end < len(head) {
		return Event{}, false
	}
	rest := string(data[end+len(behind):])
	take := func(until string) string {
		part, after, found := strings.Cut(rest, until)
		ok, rest = ok && found, after
		return part
	}
	ok = true
	name, position := take(":"), take(`","sequence":"`)
	take(`","specversion":"1.0","streamseq":"`)
	seq, stream, at, kind := take(`","subject":"`), take(`","time":"`), take(`","type":"`), take(`"}`)
	if !ok {
		return Event{}, false
	}
	e = Event{Kind: kind, Body: bytes.Clone(data[len(head):end])}
	for _, read := range [...]func() error{
		func() (err error) { e.Source, err = ParseSource(name); return err },
		func() (err error) { e.Position, err = number(position); return err },
		func() (err error) { e.Seq, err = number(seq); return err },
		func() (err error) { e.Stream, err = journal.ParseStream(stream); return err },
		func() (err error) { e.At, err = time.Parse(timeLayout, at); return err },
		func() error { return e.check() },
	} {
		if read() != nil {
			return Event{}, false
		}
	}
	return e, bytes.Equal(e.encode(), data)
}

// check holds the event to what a journal could have written.
func (e Event) check() error {
	switch {
	case e.Source.IsZero():
		return &EventError{Field: "source", Rule: "a source"}
	case e.Position < 1:
		return &EventError{Field: "sequence", Rule: "a position"}
	case e.Stream.IsZero():
		return &EventError{Field: "subject", Rule: "a stream"}
	case e.Seq < 1:
		return &EventError{Field: "streamseq", Rule: "a number from 1"}
	}
	if err := checkFact(journal.Fact{Kind: e.Kind, Actor: "-", At: e.At, Body: e.Body}); err != nil {
		return &EventError{Field: "data", Rule: "the kind, time and body of a fact", Err: err}
	}
	return nil
}

// attribute is one member of an event and how it is read. Those behind may look at those before.
type attribute struct {
	name, rule string
	read       func(*Event, json.RawMessage) error
}

var attributes = [...]attribute{
	{"specversion", `"1.0"`, exactly(func(*Event) string { return "1.0" })},
	{"datacontenttype", `"application/json"`, exactly(func(*Event) string { return "application/json" })},
	{"source", "a source behind " + uriRoot, text(func(e *Event, s string) (err error) {
		name, ok := strings.CutPrefix(s, uriRoot)
		if !ok {
			return errNotThis
		}
		e.Source, err = ParseSource(name)
		return err
	})},
	{"sequence", "19 digits", text(func(e *Event, s string) (err error) {
		if len(s) != 19 {
			return errNotThis
		}
		e.Position, err = number(strings.TrimLeft(s, "0"))
		return err
	})},
	{"id", "source and position", exactly(func(e *Event) string { return e.ID() })},
	{"streamseq", "a number from 1", text(func(e *Event, s string) (err error) {
		e.Seq, err = number(s)
		return err
	})},
	{"subject", "a stream", text(func(e *Event, s string) (err error) {
		e.Stream, err = journal.ParseStream(s)
		return err
	})},
	{"time", "RFC 3339 in UTC with microseconds", text(func(e *Event, s string) (err error) {
		if e.At, err = time.Parse(timeLayout, s); err == nil && e.At.Format(timeLayout) != s {
			return errNotThis
		}
		return err
	})},
	{"type", "a kind", text(func(e *Event, s string) error { e.Kind = s; return nil })},
	{"data", "an object", func(e *Event, raw json.RawMessage) error { e.Body = raw; return nil }},
}

func text(read func(*Event, string) error) func(*Event, json.RawMessage) error {
	return func(e *Event, raw json.RawMessage) error {
		var s *string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		if s == nil {
			return errNotThis
		}
		return read(e, *s)
	}
}

func exactly(want func(*Event) string) func(*Event, json.RawMessage) error {
	return text(func(e *Event, s string) error {
		if s != want(e) {
			return errNotThis
		}
		return nil
	})
}

// number reads a positive decimal number in its one spelling.
func number(s string) (int64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 || n > math.MaxInt64 || s[0] == '0' {
		return 0, errNotThis
	}
	return int64(n), nil
}
