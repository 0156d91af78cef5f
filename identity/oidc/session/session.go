package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/oidc"
)

// Session is who is signed in. It prints without personal data.
type Session struct {
	Subject identity.Subject
	Officer oidc.OfficerClaims
	// Account is that of the login, SID the provider's name for its session.
	Account identity.Pseudonym
	SID     string
	// At is when the login was finished, AuthTime when the provider says the person was authenticated.
	At, AuthTime time.Time
	// Renewal asks the provider again, zero if it gave no right to.
	Renewal oidc.Renewal
	// Hint is the id_token, for the provider's logout.
	Hint string
}

func newSession(l oidc.Login) Session {
	return Session{
		Subject: l.Subject, Officer: l.Officer, Account: l.Account, SID: l.SID, At: l.At, AuthTime: l.AuthTime,
		Renewal: l.Renewal, Hint: l.Hint.Reveal(),
	}
}

// String returns kind and pseudonym.
func (s Session) String() string {
	return "session.Session(" + s.Subject.Kind.String() + " " + s.Account.String() + ")"
}

// Format answers every verb like String.
func (s Session) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, s.String()) }

// LogValue gives loggers what String gives.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText gives encoders what String gives.
func (s Session) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// clock is a session's own times.
type clock struct{ Began, Seen, Rotated time.Time }

// stored is a session as the store keeps it: values in clear, for identity's types print redacted.
type stored struct {
	Clock                                        clock
	Kind                                         identity.SubjectKind
	Pseudonym, Account                           identity.Pseudonym
	Person, OldNumber, Passport, Name, BirthDate string
	Sex                                          identity.Sex
	Tax, Org, OrgName                            string
	Assurance                                    identity.Assurance
	Provenance                                   []identity.Provenance
	Conflicts                                    []identity.Conflict
	Representation                               *identity.Representation
	Officer                                      oidc.OfficerClaims
	SID, Hint, Renewal                           string
	At, AuthTime                                 time.Time
}

func encode(s Session, c clock) ([]byte, error) {
	p := s.Subject
	return json.Marshal(stored{
		Clock: c, Kind: p.Kind, Pseudonym: p.Pseudonym, Account: s.Account, Person: p.Person.Reveal(),
		OldNumber: p.OldNumber.Reveal(), Passport: p.Passport.Reveal(), Name: p.Name.Reveal(),
		BirthDate: p.BirthDate.Reveal(), Sex: p.Sex, Tax: p.Tax.Reveal(), Org: p.Org.Reveal(), OrgName: p.OrgName.Reveal(),
		Assurance: p.Assurance, Provenance: p.Provenance, Conflicts: p.Conflicts, Representation: p.Representation,
		Officer: s.Officer, SID: s.SID, Hint: s.Hint, Renewal: s.Renewal.Reveal(), At: s.At, AuthTime: s.AuthTime,
	})
}

func decode(raw []byte) (Session, clock, error) {
	var k stored
	if err := json.Unmarshal(raw, &k); err != nil {
		return Session{}, clock{}, err
	}
	var errs []error
	s := Session{
		Subject: identity.Subject{
			Kind: k.Kind, Pseudonym: k.Pseudonym, Sex: k.Sex, Assurance: k.Assurance, Provenance: k.Provenance,
			Conflicts: k.Conflicts, Representation: k.Representation,
			Person:    read(&errs, k.Person, identity.ParsePersonID),
			OldNumber: read(&errs, k.OldNumber, identity.ParseCMND),
			Passport:  read(&errs, k.Passport, identity.ParsePassport),
			Name:      read(&errs, k.Name, identity.ParseName),
			BirthDate: read(&errs, k.BirthDate, identity.ParseBirthDate),
			Tax:       read(&errs, k.Tax, identity.ParseTaxCode),
			Org:       read(&errs, k.Org, identity.ParseOrgID),
			OrgName:   read(&errs, k.OrgName, identity.ParseOrgName),
		},
		Officer: k.Officer, Account: k.Account, SID: k.SID, Hint: k.Hint, At: k.At, AuthTime: k.AuthTime,
		Renewal: read(&errs, k.Renewal, oidc.ParseRenewal),
	}
	if k.Account.IsZero() {
		errs = append(errs, ErrNone)
	}
	return s, k.Clock, errors.Join(errs...)
}

func read[T any](errs *[]error, text string, parse func(string) (T, error)) T {
	var none T
	if text == "" {
		return none
	}
	value, err := parse(text)
	if err != nil {
		*errs = append(*errs, err)
		return none
	}
	return value
}
