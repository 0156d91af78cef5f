package office

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/motcua/motcua/dossier/form"
	"github.com/motcua/motcua/journal"
)

// draft is a dossier that has not been filed: answers, where they come from, and papers. It lives in the journal, so that
// closing the browser loses nothing, and it is the filing's idempotency key, so that submitting twice files once.
type draft struct {
	ID        string
	Version   int64
	Owner     string
	Procedure string
	Begun     time.Time
	Filed     string // the dossier's identifier once filed
	draftContent
}

// draftContent is the private half: it holds what the citizen has said.
type draftContent struct {
	Values  form.Values            `json:"values"`
	Origins map[string]form.Origin `json:"origins,omitempty"`
	Papers  map[string]attached    `json:"papers,omitempty"`
	// Lookup is how asking the registers ended, as onceonly names it.
	Lookup   string    `json:"lookup,omitempty"`
	LookupAt time.Time `json:"lookupAt,omitzero"`
}

// attached is an uploaded paper.
type attached struct {
	Hash      string `json:"hash"`
	Name      string `json:"name"`
	Size      int64  `json:"size"`
	MediaType string `json:"mediaType"`
	// Finding is what the office found out about its signatures when it was uploaded; nil unless it is a PDF.
	Finding *finding `json:"finding,omitempty"`
}

type draftBody struct {
	Procedure string `json:"procedure"`
	Filed     string `json:"filed,omitempty"`
}

var (
	errNoDraft = failure("error.notfound")
	errStale   = failure("error.stale")
)

// maxTabs bounds how often the end of a draft is tried against others who write to it.
const maxTabs = 8

const (
	draftBegun   = "draft.begun"
	draftChanged = "draft.changed"
	draftFiled   = "draft.filed"
)

func (o *Office) beginDraft(ctx context.Context, owner, procedure string, c draftContent) (*draft, error) {
	d := &draft{ID: rand.Text(), Owner: owner, Procedure: procedure, Begun: o.now(), draftContent: c}
	return d, o.saveDraft(ctx, d, draftBegun)
}

// saveDraft appends the draft behind the version it was read at.
func (o *Office) saveDraft(ctx context.Context, d *draft, kind string) error {
	stream, err := journal.ParseStream("draft/" + d.ID)
	if err != nil {
		return errNoDraft
	}
	body, err := journal.EncodeBody(draftBody{d.Procedure, d.Filed})
	if err != nil {
		return err
	}
	private, err := json.Marshal(d.draftContent)
	if err != nil {
		return err
	}
	keys := []journal.Key{{Name: "draft.owner", Value: d.Owner, Sort: d.Begun.Unix()}}
	if d.Filed != "" {
		keys = []journal.Key{}
	}
	_, err = o.journal.Append(ctx, stream, d.Version, journal.Fact{Kind: kind, Actor: d.Owner, At: o.now(), Body: body,
		Private: private, Subject: d.Owner, Keys: keys})
	if errors.Is(err, journal.ErrConflict) {
		return errStale
	}
	if err == nil {
		d.Version++
	}
	return err
}

// markFiled empties a draft whose dossier exists. What another tab does to the draft at that moment comes too late.
func (o *Office) markFiled(ctx context.Context, d *draft, id string) error {
	for range maxTabs {
		d.Filed, d.draftContent = id, draftContent{} // the dossier has it now
		err := o.saveDraft(ctx, d, draftFiled)
		if !errors.Is(err, errStale) {
			return err
		}
		if d, err = o.draft(ctx, d.ID, d.Owner); err != nil || d.Filed != "" {
			return err
		}
	}
	return errStale
}

// draft reads a draft of this owner; somebody else's does not exist for him.
func (o *Office) draft(ctx context.Context, id, owner string) (*draft, error) {
	stream, err := journal.ParseStream("draft/" + id)
	if err != nil {
		return nil, errNoDraft
	}
	records, err := journal.Load(ctx, o.journal, stream)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 || records[0].Actor != owner {
		return nil, errNoDraft
	}
	return readDraft(id, records[0], records[len(records)-1])
}

// readDraft reads what the last record says. One whose personal half was erased is gone.
func readDraft(id string, first, last journal.Record) (*draft, error) {
	if last.IsErased() {
		return nil, errNoDraft
	}
	d := &draft{ID: id, Version: last.Seq, Owner: last.Subject, Begun: first.At}
	var body draftBody
	if err := json.Unmarshal(last.Body, &body); err != nil {
		return nil, err
	}
	d.Procedure, d.Filed = body.Procedure, body.Filed
	return d, json.Unmarshal(last.Private, &d.draftContent)
}

// drafts lists what an owner has begun and not filed, newest first.
func (o *Office) drafts(ctx context.Context, owner string) ([]*draft, error) {
	page, err := o.journal.Find(ctx, journal.Query{Name: "draft.owner", Value: owner, Descending: true})
	if err != nil {
		return nil, err
	}
	var list []*draft
	for _, hit := range page.Hits {
		d, err := readDraft(hit.Head.Stream.ID(), hit.Head, hit.Head)
		if errors.Is(err, errNoDraft) {
			continue
		}
		if err != nil {
			return nil, err
		}
		d.Begun = time.Unix(hit.Sort, 0)
		list = append(list, d)
	}
	return list, nil
}
