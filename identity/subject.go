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
	// Tax, Org and OrgName are those of an organisation or business.
	Tax     TaxCode
	Org     OrgID
	OrgName Name
	// Assurance says how sure the identity is.
	Assurance Assurance
	// Representation says on whose behalf the subject acts; nil means on its own.
	Representation *Representation
}

// Check holds the parts together: a citizen has a personal number that agrees with the date of birth and sex; an
// organisation has a code or a name; a representation is complete and in force. Errors: *InvalidError.
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
	if s.Representation != nil {
		return s.Representation.Check(at)
	}
	return nil
}

// LogValue gives loggers the kind, the pseudonym and the level, and nothing else.
func (s Subject) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("kind", s.Kind.String()),
		slog.String("pseudonym", s.Pseudonym.String()),
		slog.Int("level", int(s.Assurance.Level)),
	)
}

// Basis is the ground on which somebody acts for another.
type Basis string

// The grounds (căn cứ đại diện). Civil Code 91/2015/QH13 Art. 134-143.
const (
	LegalRepresentative Basis = "legal-representative" // người đại diện theo pháp luật
	PowerOfAttorney     Basis = "power-of-attorney"    // ủy quyền
	Guardian            Basis = "guardian"             // cha, mẹ hoặc người giám hộ
	CounterOfficer      Basis = "counter-officer"      // cán bộ nộp thay tại quầy
	// OrganisationAccount is the use of the organisation's own account (tài khoản định danh điện tử của tổ chức), which
	// the legal representative or a person authorised registers: Decree 69/2024/NĐ-CP.
	OrganisationAccount Basis = "organisation-account"
)

// Representation says who acts for whom, on which ground, and how long. Both parties are notified.
type Representation struct {
	Acting Pseudonym // the natural person who acts
	For    Pseudonym // the party in whose name the act is done
	Basis  Basis
	// Evidence refers to the document of the ground: a register entry, or the hash of an uploaded authority.
	Evidence string
	// Since and Until bound the validity; zero means open. Until itself is no longer in force.
	Since, Until time.Time
}

// Check asks whether the representation is complete and in force. Errors: *InvalidError.
func (r Representation) Check(at time.Time) error {
	switch {
	case r.Acting.IsZero() || r.For.IsZero() || r.Acting == r.For:
		return &InvalidError{Field: "subject", Rule: "representation"}
	case r.Basis != LegalRepresentative && r.Evidence == "":
		return &InvalidError{Field: "subject", Rule: "representation"}
	case at.Before(r.Since) || !r.Until.IsZero() && !at.Before(r.Until):
		return &InvalidError{Field: "subject", Rule: "expired"}
	}
	switch r.Basis {
	case LegalRepresentative, PowerOfAttorney, Guardian, CounterOfficer, OrganisationAccount:
		return nil
	}
	return &InvalidError{Field: "subject", Rule: "representation"}
}
