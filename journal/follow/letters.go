package follow

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/journal"
)

// Letter is a record that was given up, and whose stream waits since.
type Letter struct {
	Stream        journal.Stream
	Seq, Position int64
	Attempts      int
	// Since is when the stream was parked first, Died when the record was given up.
	Since, Died time.Time
	// Code is what the handler's error has for a stable key, "" if it has none.
	Code string
	// Reason is the text of the error. It may hold personal data of the record's subject, and is erased with it.
	Reason string

	entry entry
}

// Letters is a page of dead letters.
type Letters struct {
	Letters []Letter
	// Next is the cursor of the following page, empty when there is none.
	Next string
}

// Letters lists the dead letters of the name, oldest first: limit of them (0 means 50, at most 500), behind the cursor
// of the page before.
func (f *Follower) Letters(ctx context.Context, cursor string, limit int) (Letters, error) {
	page, err := f.journal.Find(ctx, journal.Query{Name: keyDead, Value: f.name, Cursor: cursor, Limit: limit})
	if err != nil {
		return Letters{}, fmt.Errorf("follow: letters: %w", err)
	}
	list := Letters{Next: page.Next}
	for i := range page.Hits {
		head := &page.Hits[i].Head
		e, err := readEntry(head)
		if err != nil {
			return Letters{}, err
		}
		stream, err := journal.ParseStream(e.Stream)
		if err != nil {
			return Letters{}, fmt.Errorf("follow: read parked stream: %w", err)
		}
		list.Letters = append(list.Letters, Letter{Stream: stream, Seq: e.Seq, Position: e.Position, Attempts: e.Attempts,
			Since: time.UnixMicro(e.Since).UTC(), Died: head.At, Code: e.Code, Reason: string(head.Private), entry: *e})
	}
	return list, nil
}

// Retry has a letter tried again, as if it had never failed, by whichever worker is next. The actor is the pseudonym of
// who decides. Errors: *InvalidError, journal.ErrConflict when somebody has decided about it already.
func (f *Follower) Retry(ctx context.Context, letter Letter, actor string) error {
	return f.decide(ctx, letter, journal.Fact{Kind: factRequeued, Actor: actor}, func(*entry) {})
}

// Skip leaves a letter out for good, and goes on behind it. The actor is the pseudonym of who decides, the ground says
// why, without personal data, in at most 200 bytes. Errors as for Retry.
func (f *Follower) Skip(ctx context.Context, letter Letter, actor, ground string) error {
	if ground == "" || len(ground) > journal.MaxText || !utf8.ValidString(ground) {
		return &InvalidError{Field: "ground", Rule: "1 to 200 bytes of UTF-8"}
	}
	return f.decide(ctx, letter, journal.Fact{Kind: factSkipped, Actor: actor}, func(e *entry) {
		e.Seq++
		e.Ground = ground
	})
}

func (f *Follower) decide(ctx context.Context, letter Letter, fact journal.Fact, change func(*entry)) error {
	if actor := fact.Actor; actor == "" || len(actor) > journal.MaxText || !utf8.ValidString(actor) ||
		strings.ContainsRune(actor, 0) {
		return &InvalidError{Field: "actor", Rule: "1 to 200 bytes of UTF-8 without NUL"}
	}
	e := letter.entry
	if e.at.IsZero() || !strings.HasPrefix(e.at.ID(), f.name+":") {
		return &InvalidError{Field: "letter", Rule: "one that Letters has returned"}
	}
	next := e
	next.Dead, next.Attempts, next.Code, next.Due = false, 0, "", f.cfg.Now().UnixMicro()
	change(&next)
	if err := f.writeEntry(ctx, &e, next, fact); err != nil {
		return err
	}
	f.Wake()
	return nil
}
