package seal

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/journal"
)

// Config holds what is optional; the zero value is right for a journal that was sealed from its first fact.
type Config struct {
	// ClearUntil is the last position that was written before sealing began: an unsealed half up to there is read as it
	// is, and no erasure reaches it. Behind it an unsealed half is an error.
	ClearUntil int64
	// Now is the clock of the facts that Erase writes; nil means time.Now.
	Now func() time.Time
}

// Journal is a journal whose private halves are sealed in the one below. It is safe for concurrent use and holds nothing
// open of its own.
type Journal struct {
	below journal.Journal
	keys  KeyStore
	cfg   Config
}

var (
	_ journal.Journal = (*Journal)(nil)
	_ journal.Auditor = (*Journal)(nil)
)

// New returns the journal below with its private halves sealed under the keys of the store. Errors: *InvalidError.
func New(below journal.Journal, keys KeyStore, cfg Config) (*Journal, error) {
	if below == nil || keys == nil {
		return nil, &InvalidError{Field: "journal", Rule: "a journal and a key store"}
	}
	if cfg.ClearUntil < 0 {
		return nil, &InvalidError{Field: "config.clearUntil", Rule: "not negative"}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Journal{below, keys, cfg}, nil
}

// Over returns the same sealing over another view of the journal below, such as that of a vendor's transaction:
// j.Over(driver.WithTx(tx)).
func (j *Journal) Over(below journal.Journal) *Journal { return &Journal{below, j.keys, j.cfg} }

// Append implements [journal.Journal]. Errors beside those of the port: *KeyError.
func (j *Journal) Append(ctx context.Context, stream journal.Stream, after int64, facts ...journal.Fact,
) ([]journal.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(facts) > journal.MaxFacts {
		return nil, &journal.InvalidError{Field: "facts", Rule: "1 to 64"}
	}
	sealed, err := j.seal(ctx, stream, after, facts)
	if err != nil {
		return nil, err
	}
	records, err := j.below.Append(ctx, stream, after, sealed...)
	if err != nil {
		return nil, err
	}
	var look lookUp
	for i := range records {
		r := &records[i]
		// What comes back is what was just sealed, unless a command was repeated.
		if i < len(facts) && len(facts[i].Private) > 0 && bytes.Equal(r.Private, sealed[i].Private) {
			r.Sealed, r.Private = r.Private, bytes.Clone(facts[i].Private)
			continue
		}
		if err := j.open(ctx, r, &look); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// seal returns the facts as they are to be stored. Nobody's key is made for what is bound to be refused.
func (j *Journal) seal(ctx context.Context, stream journal.Stream, after int64, facts []journal.Fact,
) ([]journal.Fact, error) {
	for _, f := range facts {
		if err := checkHalf(f); err != nil {
			return nil, err
		}
	}
	sealed := slices.Clone(facts)
	keys := make(map[string]Key, 1)
	for i := range sealed {
		f := &sealed[i]
		if len(f.Private) == 0 {
			continue
		}
		key, ok := keys[f.Subject]
		if !ok {
			var err error
			if key, err = j.keys.Current(ctx, f.Subject); err != nil {
				return nil, keyError("make", KeyID{}, err)
			}
			keys[f.Subject] = key
		}
		var err error
		place := journal.Record{Stream: stream, Seq: after + 1 + int64(i), Part: i, Fact: *f}
		if f.Private, err = sealHalf(key, &place); err != nil {
			return nil, &KeyError{Act: "use", ID: key.id, Err: err}
		}
	}
	return sealed, nil
}

func checkHalf(f journal.Fact) error {
	switch {
	case len(f.Private) == 0:
		return nil
	case len(f.Private) > MaxPrivate:
		return &journal.InvalidError{Field: "private", Rule: "at most 1 MiB less 48 bytes, as it is sealed"}
	case f.Subject == "" || !isText(f.Subject):
		return &journal.InvalidError{Field: "subject", Rule: "named when there is a private half, at most 200 bytes"}
	}
	return nil
}

// Read implements [journal.Journal]. What was erased comes with Private nil; [journal.Record.IsErased] tells. Errors
// beside those of the port: *KeyError; *journal.BrokenError for a half that was moved or changed.
func (j *Journal) Read(ctx context.Context, stream journal.Stream, after int64) iter.Seq2[journal.Record, error] {
	return j.opened(ctx, j.below.Read(ctx, stream, after))
}

// Tail implements [journal.Journal]; see [Journal.Read].
func (j *Journal) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return j.opened(ctx, j.below.Tail(ctx, position))
}

func (j *Journal) opened(ctx context.Context, records iter.Seq2[journal.Record, error],
) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		var look lookUp
		for r, err := range records {
			if err == nil {
				err = j.open(ctx, &r, &look)
			}
			if err != nil {
				yield(journal.Record{}, err)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Find implements [journal.Journal]; see [Journal.Read].
func (j *Journal) Find(ctx context.Context, query journal.Query) (journal.Page, error) {
	page, err := j.below.Find(ctx, query)
	if err != nil {
		return journal.Page{}, err
	}
	var look lookUp
	for i := range page.Hits {
		if err := j.open(ctx, &page.Hits[i].Head, &look); err != nil {
			return journal.Page{}, err
		}
	}
	return page, nil
}

// AuditIndex implements [journal.Auditor] where the journal below does. It needs no key.
func (j *Journal) AuditIndex(ctx context.Context) error {
	if auditor, ok := j.below.(journal.Auditor); ok {
		return auditor.AuditIndex(ctx)
	}
	return nil
}

// open takes the private half out of its envelope, which stays in Sealed.
func (j *Journal) open(ctx context.Context, r *journal.Record, look *lookUp) error {
	if len(r.Private) == 0 {
		return nil
	}
	broken := func(err error) error {
		return &journal.BrokenError{Position: r.Position, Stream: r.Stream.String(), Seq: r.Seq, Rule: "sealed half", Err: err}
	}
	id, err := keyOf(r.Private)
	if err != nil {
		if r.Position <= j.cfg.ClearUntil {
			return nil
		}
		return broken(err)
	}
	r.Sealed, r.Private = r.Private, nil
	key, err := look.key(ctx, j.keys, r.Subject, id)
	if errors.Is(err, ErrErased) {
		return nil
	}
	if err != nil {
		return keyError("read", id, err)
	}
	if r.Private, err = openHalf(key, r); err != nil {
		return broken(err)
	}
	return nil
}

// maxLookUp is how many records in a row one asking of the key store serves. It bounds what a reading that was under way
// may still show of what is erased meanwhile.
const maxLookUp = 64

// lookUp remembers the last key of one reading, since neighbours mostly share it.
type lookUp struct {
	subject string
	id      KeyID
	found   Key
	err     error
	left    int
}

func (l *lookUp) key(ctx context.Context, keys KeyStore, subject string, id KeyID) (Key, error) {
	if l.left == 0 || l.subject != subject || l.id != id {
		*l = lookUp{subject: subject, id: id, left: maxLookUp}
		l.found, l.err = keys.Key(ctx, subject, id)
	}
	l.left--
	return l.found, l.err
}

// isText accepts what the journal accepts as a subject.
func isText(s string) bool {
	return len(s) <= journal.MaxText && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
