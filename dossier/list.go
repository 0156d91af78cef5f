package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
)

// Query asks for dossiers. Exactly one of Unit, Officer, Applicant, Agency, Due and Waiting says which list; State only
// narrows Unit.
type Query struct {
	Unit  AgencyID // open work of a unit, due first
	State State    // with Unit: only this state
	// Officer is the pseudonym of whom the work is assigned to: open work, due first.
	Officer string
	// Applicant is the pseudonym of owner or submitter: all dossiers, by filing.
	Applicant string
	// Agency is the accepting agency: all dossiers, by filing.
	Agency AgencyID
	// Due lists the dossiers whose clock runs, due first; Waiting those that wait for a supplement until a set day.
	Due, Waiting bool
	// From and Until bound the time the list is ordered by: From <= t < Until; zero is open.
	From, Until time.Time
	Descending  bool
	// Cursor is List.Next of the page before. Limit is the page's size: 0 means 50, at most journal.MaxPage.
	Cursor string
	Limit  int
}

// List is one page of dossiers.
type List struct {
	Rows []Summary
	// Next is the cursor of the following page, empty when there is none.
	Next string
}

func (q *Query) key() (name, value string, err error) {
	lists := 0
	use := func(set bool, n, v string) {
		if set {
			name, value = n, v
			lists++
		}
	}
	use(!q.Unit.IsZero() && q.State == 0, keyUnit, q.Unit.String())
	use(!q.Unit.IsZero() && q.State != 0, keyUnitState, q.Unit.String()+"/"+q.State.String())
	use(q.Officer != "", keyOfficer, q.Officer)
	use(q.Applicant != "", keyApplicant, q.Applicant)
	use(!q.Agency.IsZero(), keyAgency, q.Agency.String())
	use(q.Due, keyDue, "open")
	use(q.Waiting, keyWaiting, "supplement")
	if lists != 1 || q.State != 0 && (q.Unit.IsZero() || !q.State.IsValid()) {
		return "", "", &InvalidError{Field: "query", Rule: "exactly one list, and State only with Unit"}
	}
	return name, value, nil
}

// List returns one page of rows. It is one query to the journal, whatever the page's size.
func (k *Desk) List(ctx context.Context, q Query) (List, error) {
	name, value, err := q.key()
	if err != nil {
		return List{}, err
	}
	find := journal.Query{Name: name, Value: value, Descending: q.Descending, Cursor: q.Cursor, Limit: q.Limit}
	if !q.From.IsZero() {
		find.From = unix(q.From)
	}
	if !q.Until.IsZero() {
		find.Until = max(unix(q.Until), 1)
	}
	page, err := k.journal.Find(ctx, find)
	if err != nil {
		return List{}, fmt.Errorf("dossier: list: %w", err)
	}
	list := List{Next: page.Next, Rows: make([]Summary, 0, len(page.Hits))}
	for i := range page.Hits {
		body, err := readBody(&page.Hits[i].Head)
		if err != nil {
			return List{}, &BrokenError{Version: page.Hits[i].Head.Seq, Rule: "a body that can be read", Err: err}
		}
		list.Rows = append(list.Rows, body.Summary)
	}
	return list, nil
}

// Get returns a dossier. Whether the reader may see it is the application's to decide. Errors: *[NotFoundError],
// *[BrokenError].
func (k *Desk) Get(ctx context.Context, id ID) (*Dossier, error) {
	stream, err := id.Stream()
	if err != nil {
		return nil, &NotFoundError{What: "dossier", Key: id.String()}
	}
	records, err := journal.Load(ctx, k.journal, stream)
	if err != nil {
		return nil, fmt.Errorf("dossier: read: %w", err)
	}
	if len(records) == 0 {
		return nil, &NotFoundError{What: "dossier", Key: id.String()}
	}
	return rebuild(records)
}

// ByCode returns the dossier of a code. Errors as for Get.
func (k *Desk) ByCode(ctx context.Context, code Code) (*Dossier, error) {
	if code.IsZero() {
		return nil, &NotFoundError{What: "dossier"}
	}
	page, err := k.journal.Find(ctx, journal.Query{Name: keyCode, Value: code.String(), Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("dossier: find: %w", err)
	}
	if len(page.Hits) == 0 {
		return nil, &NotFoundError{What: "dossier", Key: code.String()}
	}
	id, err := ParseID(page.Hits[0].Head.Stream.ID())
	if err != nil {
		return nil, &BrokenError{Version: page.Hits[0].Head.Seq, Rule: "a dossier's stream", Err: err}
	}
	return k.Get(ctx, id)
}

// Procedure returns the version of the procedure a dossier has pinned. Errors: *[NotFoundError].
func (k *Desk) Procedure(s *Summary) (*Procedure, error) {
	return k.catalogue.Version(s.ProcedureVersion)
}
