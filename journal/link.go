package journal

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Head is where a stream ends: the zero value is a stream that does not exist yet.
type Head struct {
	Seq  int64
	Hash Hash
}

// Link checks facts against the bounds and chains them behind the head; positions are still zero. Every driver calls
// it, inside the transaction that has read the head, so that all drivers agree on what is valid and on each hash.
func Link(stream Stream, head Head, facts []Fact) ([]Record, error) {
	if stream.IsZero() {
		return nil, &InvalidError{Field: "stream", Rule: "a stream"}
	}
	if len(facts) == 0 || len(facts) > MaxFacts {
		return nil, &InvalidError{Field: "facts", Rule: "1 to 64"}
	}
	records := make([]Record, len(facts))
	for i, fact := range facts {
		fact.At = fact.At.UTC().Truncate(time.Microsecond)
		fact.Keys = sortedKeys(fact.Keys)
		if len(fact.Private) == 0 {
			fact.Private = nil
		}
		if err := checkFact(fact, i); err != nil {
			return nil, fmt.Errorf("journal: fact %d: %w", i, err)
		}
		r := &records[i]
		*r = Record{Stream: stream, Seq: head.Seq + 1, Part: i, Fact: fact, Prev: head.Hash}
		r.Hash = r.Digest()
		head = Head{r.Seq, r.Hash}
	}
	return records, nil
}

// CurrentKeys returns the keys a stream has after records: those of the last fact that states any, else before.
func CurrentKeys(before []Key, records []Record) []Key {
	for _, record := range records {
		if record.Keys != nil {
			before = record.Keys
		}
	}
	return before
}

var earliest = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
var latest = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func checkFact(f Fact, part int) error {
	switch {
	case !isName(f.Kind):
		return &InvalidError{Field: "kind", Rule: "lower-case letters, digits, '.' and '-', at most 64"}
	case f.Actor == "" || !isText(f.Actor):
		return &InvalidError{Field: "actor", Rule: "1 to 200 bytes of UTF-8 without NUL"}
	case f.At.Before(earliest) || !f.At.Before(latest):
		return &InvalidError{Field: "at", Rule: "a time between 1900 and 9999"}
	case len(f.Body) > MaxBody:
		return &InvalidError{Field: "body", Rule: "at most 256 KiB"}
	case len(f.Private) > MaxPrivate:
		return &InvalidError{Field: "private", Rule: "at most 1 MiB"}
	case len(f.Private) > 0 && f.Subject == "" || !isText(f.Subject):
		return &InvalidError{Field: "subject", Rule: "named when there is a private half, at most 200 bytes"}
	case f.Command != (Command{}) && part > 0:
		return &InvalidError{Field: "command", Rule: "only on the first fact of an append"}
	case f.Command.Key == "" && f.Command.Sum != (Hash{}) || !isText(f.Command.Key):
		return &InvalidError{Field: "command.key", Rule: "1 to 200 bytes of UTF-8 without NUL"}
	}
	if err := checkBody(f.Body); err != nil {
		return &InvalidError{Field: "body", Rule: "a canonical JSON object", Err: err}
	}
	return checkKeys(f.Keys)
}

// isText accepts what every store keeps byte for byte; PostgreSQL has no NUL in text.
func isText(s string) bool {
	return len(s) <= MaxText && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
