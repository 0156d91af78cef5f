package dossier

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
)

// fact is what the journal is to hold of the decision.
func (x *decision) fact(request journal.Command) (journal.Fact, error) {
	known, _ := deedOf(x.command.Act)
	written := factBody{Summary: x.next, From: x.before.State, Role: x.command.Actor.Role, Law: x.row.Law, Detail: x.detail}
	body, err := written.encode()
	if err != nil {
		return journal.Fact{}, fmt.Errorf("dossier: encode: %w", err)
	}
	fact := journal.Fact{Kind: known.fact, Actor: x.command.Actor.ID, At: x.now, Body: body, Command: request,
		Keys: x.next.keys()}
	if !x.private.isZero() {
		if fact.Private, err = json.Marshal(x.private); err != nil {
			return journal.Fact{}, fmt.Errorf("dossier: encode: %w", err)
		}
		fact.Subject = x.next.Applicant
	}
	return fact, nil
}

// The names of the keys a dossier is found under.
const (
	keyCode      = "dossier.code"       // the code
	keyUnit      = "dossier.unit"       // unit: open work, due first
	keyUnitState = "dossier.unit-state" // unit and state: open work, due first
	keyOfficer   = "dossier.officer"    // officer: open work, due first
	keyApplicant = "dossier.applicant"  // applicant or submitter: all, by filing
	keyAgency    = "dossier.agency"     // agency: all, by filing
	keyDue       = "dossier.due"        // "open": the clock runs, due first
	keyWaiting   = "dossier.waiting"    // "supplement": the applicant's time to answer, earliest end first
)

// keys are the keys a dossier is found under where it stands now.
func (s *Summary) keys() []journal.Key {
	filed := unix(s.Filed)
	keys := []journal.Key{
		{Name: keyApplicant, Value: s.Applicant, Sort: filed},
		{Name: keyAgency, Value: s.Agency.String(), Sort: filed},
	}
	add := func(name, value string, at int64) {
		keys = append(keys, journal.Key{Name: name, Value: value, Sort: at})
	}
	if s.Submitter != s.Applicant {
		add(keyApplicant, s.Submitter, filed)
	}
	if !s.Code.IsZero() {
		add(keyCode, s.Code.String(), 0)
	}
	if s.State.Open() {
		due := filed
		if !s.Due.IsZero() {
			due = unix(s.Due)
		}
		add(keyUnit, s.Unit.String(), due)
		add(keyUnitState, s.Unit.String()+"/"+s.State.String(), due)
		if s.Officer != "" {
			add(keyOfficer, s.Officer, due)
		}
	}
	if s.State == Accepted || s.State == Processing {
		add(keyDue, "open", unix(s.Due))
	}
	if s.State == SupplementRequested && !s.SupplementDue.IsZero() {
		add(keyWaiting, "supplement", unix(s.SupplementDue))
	}
	return keys
}

// unix is a time as a sort value, which is never negative.
func unix(t time.Time) int64 { return max(t.Unix(), 0) }
