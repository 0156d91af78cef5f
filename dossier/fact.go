package dossier

import (
	"encoding/json"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// factBody is the half of a fact everybody may read. It never holds personal data.
type factBody struct {
	Summary Summary   `json:"summary"`
	From    State     `json:"from,omitzero"` // absent in the first fact
	Role    Role      `json:"role"`
	Law     rules.Law `json:"law"`
	Detail  detail    `json:"detail"`
}

// detail is what an act says beside where the dossier stands.
type detail struct {
	Unit       AgencyID        `json:"unit,omitzero"`
	Components []string        `json:"components,omitempty"`
	Deadline   json.RawMessage `json:"deadline,omitempty"`
	DueBefore  time.Time       `json:"dueBefore,omitzero"`
	DueAfter   time.Time       `json:"dueAfter,omitzero"`
}

// factPrivate is the half that may hold personal data and is erased with it.
type factPrivate struct {
	Owner  *storedParty    `json:"owner,omitempty"`
	By     *storedParty    `json:"by,omitempty"`
	Form   json.RawMessage `json:"form,omitempty"`
	Files  []storedFile    `json:"files,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Note   string          `json:"note,omitempty"`
}

func (p *factPrivate) isZero() bool {
	return p.Owner == nil && p.By == nil && len(p.Form) == 0 && len(p.Files) == 0 && p.Reason == "" && p.Note == ""
}

// readBody decodes the public half of a record that a list or a stream holds.
func readBody(r *journal.Record) (factBody, error) {
	var body factBody
	if err := decodeBody(r.Body, &body); err != nil {
		return body, err
	}
	s := &body.Summary
	s.Version, s.At = r.Seq, vntime.In(r.At)
	for _, t := range []*time.Time{&s.Filed, &s.Accepted, &s.Due, &s.IndexDue, &s.Ended, &s.Handed, &s.SupplementAsked,
		&s.SupplementDue, &s.DutyAsked, &body.Detail.DueBefore, &body.Detail.DueAfter} {
		if !t.IsZero() {
			*t = vntime.In(*t)
		}
	}
	return body, nil
}

// fold puts one more record behind a dossier. The zero Dossier is one without facts.
func (d *Dossier) fold(r *journal.Record) error {
	broken := func(rule string, err error) error {
		return &BrokenError{Dossier: d.ID, Version: r.Seq, Rule: rule, Err: err}
	}
	body, err := readBody(r)
	if err != nil {
		return broken("a body that can be read", err)
	}
	known, ok := deedOf(body.Summary.Act)
	switch {
	case r.Seq != d.Version+1:
		return broken("its place in the stream", nil)
	case !ok || known.fact != r.Kind:
		return broken("an act this program knows", nil)
	case body.From != d.State:
		return broken("the state it starts from", nil)
	case d.Version > 0 && body.Summary.ID != d.ID || body.Summary.ID.String() != r.Stream.ID():
		return broken("the dossier it is about", nil)
	case d.Version > 0 && !d.Code.IsZero() && body.Summary.Code != d.Code:
		return broken("a code that never changes", nil)
	}
	deadline, err := readExplanation(body.Detail.Deadline)
	if err != nil {
		return broken("a deadline that can be read", err)
	}
	d.Summary = body.Summary
	if !deadline.Due.IsZero() {
		d.Deadline = deadline
	}
	entry := newEntry(r, &body, deadline)
	if err := d.foldPrivate(r, &entry); err != nil {
		return broken("a private half that can be read", err)
	}
	d.History = append(d.History, entry)
	return nil
}

func newEntry(r *journal.Record, body *factBody, deadline calendar.Explanation) Entry {
	s := &body.Summary
	e := Entry{Version: r.Seq, At: s.At, Act: s.Act, Actor: r.Actor, Role: body.Role, From: body.From, To: s.State,
		Law: body.Law, RuleSet: s.RuleSet, Unit: s.Unit, Officer: s.Officer, Components: body.Detail.Components,
		Deadline: deadline, DueBefore: body.Detail.DueBefore, DueAfter: body.Detail.DueAfter}
	if !body.Detail.Unit.IsZero() {
		e.Unit = body.Detail.Unit
	}
	return e
}

func (d *Dossier) foldPrivate(r *journal.Record, e *Entry) error {
	if len(r.Private) == 0 {
		d.Erased = d.Erased || r.Subject != ""
		return nil
	}
	var private factPrivate
	if err := json.Unmarshal(r.Private, &private); err != nil {
		return err
	}
	if private.Owner != nil {
		owner, err := private.Owner.party()
		if err != nil {
			return err
		}
		d.Owner, d.By = owner, owner
	}
	if private.By != nil {
		by, err := private.By.party()
		if err != nil {
			return err
		}
		d.By = by
	}
	if len(private.Form) > 0 {
		d.Form = NewPersonal(string(private.Form))
	}
	var refs []FileRef
	for _, stored := range private.Files {
		refs = append(refs, stored.ref())
	}
	if e.Act != AttachResult {
		d.Files = mergeFiles(d.Files, refs)
	}
	e.Reason, e.Note = NewPersonal(private.Reason), NewPersonal(private.Note)
	return nil
}
