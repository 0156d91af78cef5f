package identity

import (
	"log/slog"
	"time"
)

// SubjectKind is what kind of party stands before the desk. The zero value is unknown and is never taken for a citizen.
type SubjectKind int

// The kinds.
const (
	KindUnknown       SubjectKind = iota
	Citizen                       // công dân
	Foreigner                     // người nước ngoài
	Organisation                  // cơ quan, tổ chức, doanh nghiệp
	HouseholdBusiness             // hộ kinh doanh, by its owner's personal number
	Officer                       // cán bộ, công chức at work
)

// String returns the kind in English: "citizen", "foreigner" …
func (k SubjectKind) String() string {
	switch k {
	case Citizen:
		return "citizen"
	case Foreigner:
		return "foreigner"
	case Organisation:
		return "organisation"
	case HouseholdBusiness:
		return "household-business"
	case Officer:
		return "officer"
	}
	return "unknown"
}

// Subject is somebody identified. Its fields print redacted one by one; nothing in it is a password or a token.
type Subject struct {
	Kind SubjectKind
	// Pseudonym stands for the subject in journals and logs.
	Pseudonym Pseudonym
	// Person is the natural person: the subject itself, or of an organisation the person acting for it.
	Person    PersonID
	Name      Name
	BirthDate BirthDate
	Sex       Sex
	// OldNumber and Passport are further numbers of the person, where a source gave them.
	OldNumber CMND
	Passport  Passport
	// Tax, Org and OrgName are those of an organisation or business.
	Tax     TaxCode
	Org     OrgID
	OrgName Name
	// Assurance says how sure the identity is.
	Assurance Assurance
	// Provenance says of each attribute of the person where it comes from, and Conflicts what was said otherwise; see
	// [Subject.Corroborate].
	Provenance []Provenance
	Conflicts  []Conflict
	// Representation says on whose behalf the subject acts; nil means on its own.
	Representation *Representation
}

// Check holds the parts together: a citizen has a personal number that agrees with the date of birth and sex; an
// organisation has a code or a name; no source contradicts another; a representation is complete and in force. Errors:
// *InvalidError.
func (s Subject) Check(at time.Time) error {
	switch {
	case s.Pseudonym.IsZero():
		return &InvalidError{Field: "pseudonym", Rule: "form"}
	case s.Kind == KindUnknown:
		return &InvalidError{Field: "subject", Rule: "kind"}
	case (s.Kind == Citizen || s.Kind == HouseholdBusiness) && s.Person.IsZero():
		return &InvalidError{Field: "subject", Rule: "person"}
	case s.Kind == Organisation && s.Org.IsZero() && s.OrgName.IsZero():
		return &InvalidError{Field: "subject", Rule: "kind"}
	}
	if err := s.BirthDate.Check(at); err != nil {
		return err
	}
	if !s.Person.IsZero() {
		if err := s.Person.Check(at, s.BirthDate, s.Sex); err != nil {
			return err
		}
	}
	for _, conflict := range s.Conflicts {
		if conflict.Blocks() {
			return &InvalidError{Field: "subject", Rule: "conflict"}
		}
	}
	if s.Representation != nil {
		return s.Representation.Check(at)
	}
	return nil
}

// LogValue gives loggers the kind, the pseudonym, the level and the number of conflicts, and nothing else.
func (s Subject) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("kind", s.Kind.String()),
		slog.String("pseudonym", s.Pseudonym.String()),
		slog.Int("level", int(s.Assurance.Level)),
		slog.Int("conflicts", len(s.Conflicts)),
	)
}
