package journal

import (
	"context"
	"iter"
)

// Journal is the storage port. Its methods are safe for concurrent use. An acknowledged append survives kill -9 and
// power loss in every driver but [Memory].
type Journal interface {
	// Append adds facts behind the stream's sequence number after (0: the stream must not exist yet), all of them or
	// none. It returns the records as written.
	//
	// If the first fact names a [Command] the stream has already obeyed with the same request, nothing is written and
	// the records of that first time come back, whatever after says. Errors: *InvalidError, [ErrConflict] (as
	// *ConflictError), [ErrCommandReused].
	Append(ctx context.Context, stream Stream, after int64, facts ...Fact) ([]Record, error)

	// Read yields the records of one stream with a sequence number above after, oldest first. A stream without
	// records yields nothing. Iteration ends at the first error, which is yielded.
	Read(ctx context.Context, stream Stream, after int64) iter.Seq2[Record, error]

	// Tail yields all records with a position above position in commit order, up to the last one committed when it
	// gets there. It never passes over a position that is committed later.
	Tail(ctx context.Context, position int64) iter.Seq2[Record, error]

	// Find returns one page of the streams whose current keys match the query. A page is one query to the store.
	Find(ctx context.Context, query Query) (Page, error)
}

// Auditor is a further ability of drivers that keep look-up tables beside the facts. [Verify] asks for it.
type Auditor interface {
	// AuditIndex checks that heads, keys and commands say exactly what the facts say, and the store's own integrity.
	// It returns a *BrokenError that names the first place of disagreement.
	AuditIndex(ctx context.Context) error
}

// Load collects a stream that is known to be short, such as one dossier.
func Load(ctx context.Context, j Journal, stream Stream) ([]Record, error) {
	var records []Record
	for record, err := range j.Read(ctx, stream, 0) {
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}
