package sqlite

import (
	"database/sql"
	"errors"
	"time"

	"github.com/motcua/motcua/journal"
)

var errShape = errors.New("stored value has another type or length")

// scanner reads factColumns row by row into the same variables.
type scanner struct {
	rows   *sql.Rows
	target []any

	r                      journal.Record
	stream                 string
	at                     int64
	subject, command, keys any // strings or NULL: this way nothing is copied
	commandSum, prev, hash sql.RawBytes
}

// newScanner reads factColumns behind further columns.
func newScanner(rows *sql.Rows, before ...any) *scanner {
	s := &scanner{rows: rows}
	s.target = append(before, &s.r.Position, &s.stream, &s.r.Seq, &s.r.Part, &s.r.Kind, &s.r.Actor, &s.at, &s.r.Body,
		&s.r.Private, &s.subject, &s.command, &s.commandSum, &s.keys, &s.prev, &s.hash)
	return s
}

// record returns the row the cursor stands on. One that no append could have written is broken, whatever the engine
// thinks of it.
func (s *scanner) record() (journal.Record, error) {
	s.r, s.stream = journal.Record{}, ""
	r := &s.r
	err := s.rows.Scan(s.target...)
	if err != nil {
		return s.broken("stored type", err)
	}
	if r.Stream, err = journal.ParseStream(s.stream); err != nil {
		return s.broken("stream name", err)
	}
	r.At = time.UnixMicro(s.at).UTC()
	r.Subject, _ = s.subject.(string)
	r.Command.Key, _ = s.command.(string)
	if text, ok := s.keys.(string); ok {
		if r.Keys, err = parseKeys(text); err != nil {
			return s.broken("keys", err)
		}
	}
	if !fill(&r.Prev, s.prev) || !fill(&r.Hash, s.hash) || (s.command == nil) != (s.commandSum == nil) ||
		s.command != nil && !fill(&r.Command.Sum, s.commandSum) {
		return s.broken("stored length", errShape)
	}
	return *r, nil
}

func (s *scanner) broken(rule string, err error) (journal.Record, error) {
	return journal.Record{}, &journal.BrokenError{
		Position: s.r.Position, Stream: s.r.Stream.String(), Seq: s.r.Seq, Rule: rule, Err: err,
	}
}

func fill(h *journal.Hash, stored []byte) bool {
	return copy(h[:], stored) == len(h) && len(stored) == len(h)
}

func orNull[T string | []byte](v T) any {
	if len(v) == 0 {
		return nil
	}
	return v
}
