package sqlite

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/motcua/motcua/journal"
)

// scanRecord reads factColumns, behind further columns. A row that no append could have written is broken, whatever
// the engine thinks of it.
func scanRecord(rows *sql.Rows, before ...any) (journal.Record, error) {
	var (
		r                            journal.Record
		stream                       string
		at                           int64
		subject, command, keys       sql.NullString
		body, commandSum, prev, hash sql.RawBytes
		private                      []byte
	)
	err := rows.Scan(append(before, &r.Position, &stream, &r.Seq, &r.Part, &r.Kind, &r.Actor, &at, &body, &private,
		&subject, &command, &commandSum, &keys, &prev, &hash)...)
	if err != nil {
		return r, broken(&r, stream, "stored type", err)
	}
	if r.Stream, err = journal.ParseStream(stream); err != nil {
		return r, broken(&r, "", "stream name", err)
	}
	r.At = time.UnixMicro(at).UTC()
	r.Body = append([]byte(nil), body...)
	r.Private = private
	r.Subject, r.Command.Key = subject.String, command.String
	if keys.Valid {
		r.Keys, err = parseKeys(keys.String)
	}
	if err != nil {
		return r, broken(&r, stream, "keys", err)
	}
	if copy(r.Prev[:], prev) != len(prev) || len(prev) != len(r.Prev) ||
		copy(r.Hash[:], hash) != len(hash) || len(hash) != len(r.Hash) ||
		command.Valid != (commandSum != nil) || commandSum != nil && len(commandSum) != len(r.Command.Sum) {
		return r, broken(&r, stream, "stored length", errShape)
	}
	copy(r.Command.Sum[:], commandSum)
	return r, nil
}

func broken(r *journal.Record, stream, rule string, err error) error {
	return &journal.BrokenError{Position: r.Position, Stream: stream, Seq: r.Seq, Rule: rule, Err: err}
}

// parseKeys reads what keysText wrote; an empty array is not nil: it says that the stream has no keys.
func parseKeys(text string) ([]journal.Key, error) {
	keys := []journal.Key{}
	if err := json.Unmarshal([]byte(text), &keys); err != nil {
		return nil, err
	}
	if keys == nil {
		return nil, errShape
	}
	return keys, nil
}

// keysText returns the stored form: NULL for nil, which leaves the stream's keys as they are.
func keysText(keys []journal.Key) (any, error) {
	if keys == nil {
		return nil, nil
	}
	text, err := json.Marshal(keys)
	return string(text), err
}

func orNull[T string | []byte](v T) any {
	if len(v) == 0 {
		return nil
	}
	return v
}
