package onceonly

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
)

// Actor is who looks something up.
type Actor struct {
	// Kind is identity.Citizen or identity.Officer.
	Kind identity.SubjectKind
	// Pseudonym stands for the actor in the journal.
	Pseudonym identity.Pseudonym
	// Account is the officer's account with the registers (mã cán bộ); sources send it, the journal does not keep it.
	Account string
	// Unit is the code of the officer's agency (mã đơn vị), which the citizen is shown.
	Unit string
}

// Request is one lookup.
type Request struct {
	// Subject is whom the data is about: pseudonym, personal number, name and date of birth, as the register asks.
	Subject identity.Subject
	// Fields are asked for by name; each must be in the procedure's list of allowed fields.
	Fields []Field
	// Source, if not empty, is the only register to ask. Otherwise each field comes from the first source that holds
	// it.
	Source string
	// Procedure is the code of the administrative procedure; Dossier the dossier's identifier, or empty before filing.
	Procedure string
	Dossier   string
	Actor     Actor
	Purpose   Purpose
	Basis     LegalBasis
	// Command is the client's idempotency key: the same actor's same key never asks a register twice. Empty for none.
	Command string
}

// MaxFields bounds the fields of one lookup.
const MaxFields = 40

// check holds the request to everything that needs no register.
func (r *Request) check(at time.Time, allowances []Allowance) error {
	refuse := func(field, rule string) error { return &RequestError{Field: field, Rule: rule} }
	switch {
	case r.Purpose.Code == "" || strings.TrimSpace(r.Purpose.Text) == "":
		return refuse("purpose", "missing")
	case !isWord(r.Purpose.Code) || !isClean(r.Purpose.Text, 500):
		return refuse("purpose", "form")
	case r.Procedure == "":
		return refuse("procedure", "missing")
	case !isClean(r.Procedure, journal.MaxText):
		return refuse("procedure", "form")
	case len(r.Dossier) > journal.MaxText || !utf8.ValidString(r.Dossier):
		return refuse("dossier", "form")
	case len(r.Command) > journal.MaxText || !utf8.ValidString(r.Command):
		return refuse("command", "form")
	}
	if err := r.Actor.check(); err != nil {
		return err
	}
	if err := r.Subject.Check(at); err != nil {
		return &RequestError{Field: "subject", Rule: "check", Err: err}
	}
	if err := r.checkFields(at, allowances); err != nil {
		return err
	}
	return r.checkBasis(at)
}

func (r *Request) checkFields(at time.Time, allowances []Allowance) error {
	if len(r.Fields) == 0 {
		return &RequestError{Field: "fields", Rule: "missing"}
	}
	if len(r.Fields) > MaxFields || len(r.Purpose.Sensitive) > MaxFields {
		return &RequestError{Field: "fields", Rule: "many"}
	}
	for i, field := range r.Fields {
		if _, err := ParseField(string(field)); err != nil {
			return err
		}
		switch {
		case slices.Contains(r.Fields[:i], field):
			return &RequestError{Field: "fields", Rule: "twice", Name: field}
		case !isAllowed(allowances, r.Procedure, field, at):
			return &RequestError{Field: "fields", Rule: "allowed", Name: field}
		case field.Class() == Sensitive && !slices.Contains(r.Purpose.Sensitive, field):
			return &RequestError{Field: "fields", Rule: "sensitive", Name: field}
		}
	}
	return nil
}

func isAllowed(allowances []Allowance, procedure string, field Field, at time.Time) bool {
	return slices.ContainsFunc(allowances, func(a Allowance) bool {
		return a.Procedure == procedure && a.inForce(at) && slices.Contains(a.Fields, field)
	})
}

func (r *Request) checkBasis(at time.Time) error {
	// A citizen sees the own data; somebody else's only by that person's consent.
	if r.Actor.Kind == identity.Citizen && r.Actor.Pseudonym != r.Subject.Pseudonym && r.Basis.Kind != ByConsent {
		return &RequestError{Field: "actor", Rule: "own"}
	}
	switch r.Basis.Kind {
	case ByLaw:
		if strings.TrimSpace(r.Basis.Provision) == "" {
			return &RequestError{Field: "basis", Rule: "provision"}
		}
		if !isClean(r.Basis.Provision, 500) {
			return &RequestError{Field: "basis", Rule: "form"}
		}
		return nil
	case ByConsent:
		return r.Basis.Consent.Covers(at, r.Subject.Pseudonym, r.Purpose.Code, r.Fields)
	}
	return &RequestError{Field: "basis", Rule: "missing"}
}

func (a Actor) check() error {
	switch {
	case a.Pseudonym.IsZero():
		return &RequestError{Field: "actor", Rule: "missing"}
	case a.Kind != identity.Citizen && a.Kind != identity.Officer:
		return &RequestError{Field: "actor", Rule: "kind"}
	case len(a.Account) > maxWord || !utf8.ValidString(a.Account):
		return &RequestError{Field: "actor", Rule: "account"}
	case !isClean(a.Unit, maxWord) || a.Kind == identity.Officer && a.Unit == "":
		return &RequestError{Field: "actor", Rule: "unit"}
	}
	return nil
}

// isClean accepts text for the journal and for the citizen's eyes: valid, bounded, and without a run of nine digits,
// which would be somebody's number.
func isClean(s string, limit int) bool {
	if len(s) > limit || !utf8.ValidString(s) {
		return false
	}
	run := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			run = 0
		} else if run++; run == 9 {
			return false
		}
	}
	return true
}
