package onceonly

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
)

// Window is a part of a list of lookups.
type Window struct {
	// From and Until bound the time of asking: From <= time < Until. Zero means open.
	From, Until time.Time
	// Cursor is UsePage.Next of the page before, empty for the first.
	Cursor string
	// Limit is the most entries of the page: 0 means 50, at most 500.
	Limit int
}

// UsePage is a part of a list of lookups.
type UsePage struct {
	Uses []Use
	// Next is the cursor of the following page, empty when there is none.
	Next string
}

// Usage is the citizen's view: who looked at a person's data, when, what for and on what ground, newest first. Reading
// it leaves a record too, under the reader, before anything is handed out. Errors: *RequestError, *RecordError.
func (b *Broker) Usage(ctx context.Context, reader Actor, subject identity.Pseudonym, window Window) (UsePage, error) {
	if subject.IsZero() {
		return UsePage{}, &RequestError{Field: "subject", Rule: "check"}
	}
	if reader.Kind == identity.Citizen && reader.Pseudonym != subject {
		return UsePage{}, &RequestError{Field: "actor", Rule: "own"}
	}
	return b.read(ctx, reader, journal.Query{Name: keySubject, Value: subject.String(), Descending: true}, window)
}

// DossierUsage is the list of lookups made for one dossier, newest first. It is for officers, and recorded like
// [Broker.Usage].
func (b *Broker) DossierUsage(ctx context.Context, reader Actor, dossier string, window Window) (UsePage, error) {
	if reader.Kind != identity.Officer {
		return UsePage{}, &RequestError{Field: "actor", Rule: "officer"}
	}
	if dossier == "" || len(dossier) > journal.MaxText {
		return UsePage{}, &RequestError{Field: "dossier", Rule: "form"}
	}
	return b.read(ctx, reader, journal.Query{Name: keyDossier, Value: dossier, Descending: true}, window)
}

// Open lists the lookups without an outcome, oldest first: those on their way, and those a crash cut off. Operators
// call it with a window that ends a few timeouts ago.
func (b *Broker) Open(ctx context.Context, window Window) (UsePage, error) {
	return b.find(ctx, journal.Query{Name: keyOpen, Value: "yes"}, window)
}

// Abandon closes an open lookup whose process is gone. Its outcome stays unknown, and says so. A lookup that is still
// on its way then fails to record its outcome and hands nothing out. Errors: *RequestError with field "lookup",
// *RecordError.
func (b *Broker) Abandon(ctx context.Context, actor Actor, lookup string) error {
	if err := actor.check(); err != nil {
		return err
	}
	stream, err := journal.ParseStream("lookup/" + lookup)
	if err != nil {
		return &RequestError{Field: "lookup", Rule: "unknown", Err: err}
	}
	records, err := journal.Load(ctx, b.journal, stream)
	if err != nil {
		return &RecordError{Step: "reading", Err: err}
	}
	if len(records) != 1 {
		return &RequestError{Field: "lookup", Rule: "unknown"}
	}
	use, err := decodeUse(records[0])
	if err != nil {
		return err
	}
	use.State = Abandoned
	fact, err := use.fact("onceonly.lookup-abandoned", actor.Pseudonym.String(), b.cfg.Now())
	if err == nil {
		_, err = b.journal.Append(ctx, stream, records[0].Seq, fact)
	}
	if err != nil {
		return &RecordError{Step: "outcome", Err: err}
	}
	return nil
}

type reading struct {
	Reader string `json:"reader"`
	Kind   string `json:"readerKind"`
	Unit   string `json:"unit,omitempty"`
	By     string `json:"by"`
	Value  string `json:"value"`
	Found  int    `json:"found"`
}

func (b *Broker) read(ctx context.Context, reader Actor, query journal.Query, window Window) (UsePage, error) {
	if err := reader.check(); err != nil {
		return UsePage{}, err
	}
	page, err := b.find(ctx, query, window)
	if err != nil {
		return UsePage{}, err
	}
	stream, err := journal.ParseStream("lookup-reading/" + strings.ToLower(rand.Text()))
	if err != nil {
		return UsePage{}, &RecordError{Step: "reading", Err: err}
	}
	now, name := b.cfg.Now(), reader.Pseudonym.String()
	body, err := journal.EncodeBody(reading{Reader: name, Kind: reader.Kind.String(), Unit: reader.Unit, By: query.Name,
		Value: query.Value, Found: len(page.Uses)})
	if err != nil {
		return UsePage{}, &RecordError{Step: "reading", Err: err}
	}
	fact := journal.Fact{Kind: "onceonly.usage-read", Actor: name, At: now, Body: body,
		Keys: []journal.Key{{Name: "onceonly.reader", Value: name, Sort: now.UnixMicro()}}}
	_, err = b.journal.Append(ctx, stream, 0, fact)
	if err != nil {
		return UsePage{}, &RecordError{Step: "reading", Err: err}
	}
	return page, nil
}

// find asks the journal for one page; each head says all there is to say, so a page is one query.
func (b *Broker) find(ctx context.Context, query journal.Query, window Window) (UsePage, error) {
	query.Cursor, query.Limit = window.Cursor, window.Limit
	if !window.From.IsZero() {
		query.From = max(window.From.UnixMicro(), 0)
	}
	if !window.Until.IsZero() {
		query.Until = max(window.Until.UnixMicro(), 1)
	}
	found, err := b.journal.Find(ctx, query)
	if err != nil {
		return UsePage{}, &RecordError{Step: "reading", Err: err}
	}
	page := UsePage{Next: found.Next}
	for _, hit := range found.Hits {
		use, err := decodeUse(hit.Head)
		if err != nil {
			return UsePage{}, err
		}
		page.Uses = append(page.Uses, use)
	}
	return page, nil
}
