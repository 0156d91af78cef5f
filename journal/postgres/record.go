package postgres

import (
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/motcua/motcua/internal/keyjson"
	"github.com/motcua/motcua/journal"
)

var errShape = errors.New("stored value has another type or length")

// scanner reads factColumns row by row into the same variables.
type scanner struct {
	rows   pgx.Rows
	target []any

	r                      journal.Record
	stream                 string
	at                     time.Time
	subject, command, keys pgtype.Text
	commandSum, prev, hash pgtype.DriverBytes // the connection's memory, good until the next row
}

// newScanner reads factColumns behind further columns.
func newScanner(rows pgx.Rows, before ...any) *scanner {
	s := &scanner{rows: rows}
	s.target = append(before, &s.r.Position, &s.stream, &s.r.Seq, &s.r.Part, &s.r.Kind, &s.r.Actor, &s.at, &s.r.Body,
		&s.r.Private, &s.subject, &s.command, &s.commandSum, &s.keys, &s.prev, &s.hash)
	return s
}

// record returns the row the cursor stands on. One that no append could have written is broken, whatever the server
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
	r.At = s.at.UTC()
	r.Subject, r.Command.Key = s.subject.String, s.command.String
	if s.keys.Valid {
		if r.Keys, err = parseKeys(s.keys.String); err != nil {
			return s.broken("keys", err)
		}
	}
	if !fill(&r.Prev, s.prev) || !fill(&r.Hash, s.hash) || s.command.Valid != (s.commandSum != nil) ||
		s.command.Valid && !fill(&r.Command.Sum, s.commandSum) {
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

// keysText returns the stored form: nil for nil, which leaves the stream's keys as they are.
func keysText(keys []journal.Key) *string {
	if keys == nil {
		return nil
	}
	b := keyjson.Open(make([]byte, 0, 2+96*len(keys)))
	for _, key := range keys {
		b = keyjson.Append(b, key.Name, key.Value, key.Sort)
	}
	text := string(keyjson.Close(b))
	return &text
}

// parseKeys reads what keysText wrote. An empty array is not nil: it says that the stream has no keys.
func parseKeys(text string) ([]journal.Key, error) {
	keys := make([]journal.Key, 0, 4)
	err := keyjson.Parse(text, journal.MaxKeys, func(name, value string, sort int64) {
		keys = append(keys, journal.Key{Name: name, Value: value, Sort: sort})
	})
	return keys, err
}
