package sqlite

import (
	"database/sql"
	"time"

	"github.com/motcua/motcua/journal"
)

// scanRecord reads factColumns, behind further columns. A row that no append could have written is broken, whatever
// the engine thinks of it.
func scanRecord(rows *sql.Rows, before ...any) (journal.Record, error) {
	var (
		r                      journal.Record
		stream                 string
		at                     int64
		subject, command, keys any // strings or NULL: this way nothing is copied
		commandSum, prev, hash sql.RawBytes
	)
	err := rows.Scan(append(before, &r.Position, &stream, &r.Seq, &r.Part, &r.Kind, &r.Actor, &at, &r.Body, &r.Private,
		&subject, &command, &commandSum, &keys, &prev, &hash)...)
	if err != nil {
		return r, broken(&r, stream, "stored type", err)
	}
	if r.Stream, err = journal.ParseStream(stream); err != nil {
		return r, broken(&r, "", "stream name", err)
	}
	r.At = time.UnixMicro(at).UTC()
	r.Subject, _ = subject.(string)
	r.Command.Key, _ = command.(string)
	if text, ok := keys.(string); ok {
		r.Keys, err = parseKeys(text)
	}
	if err != nil {
		return r, broken(&r, stream, "keys", err)
	}
	if copy(r.Prev[:], prev) != len(prev) || len(prev) != len(r.Prev) ||
		copy(r.Hash[:], hash) != len(hash) || len(hash) != len(r.Hash) ||
		(command != nil) != (commandSum != nil) || commandSum != nil && len(commandSum) != len(r.Command.Sum) {
		return r, broken(&r, stream, "stored length", errShape)
	}
	copy(r.Command.Sum[:], commandSum)
	return r, nil
}

func broken(r *journal.Record, stream, rule string, err error) error {
	return &journal.BrokenError{Position: r.Position, Stream: stream, Seq: r.Seq, Rule: rule, Err: err}
}

func orNull[T string | []byte](v T) any {
	if len(v) == 0 {
		return nil
	}
	return v
}
