package identity

import (
	"slices"
	"time"
)

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

// Representation says who acts for whom, on which ground, for what, and how long. It holds pseudonyms only, so that its
// JSON can be a journal's evidence as it stands; both [Representation.Parties] are to be told of what is done.
type Representation struct {
	Acting Pseudonym `json:"acting"` // the natural person who acts
	For    Pseudonym `json:"for"`    // the party in whose name the act is done
	Basis  Basis     `json:"basis"`
	// Evidence refers to the document of the ground: a register entry, or the hash of an uploaded authority. It holds no
	// personal data.
	Evidence string `json:"evidence,omitempty"`
	// Scope names what the authority covers, procedures by code; "*" covers all. A power of attorney must name its scope
	// (Civil Code Art. 141); on the other grounds an empty scope covers all.
	Scope []string `json:"scope,omitempty"`
	// Since and Until bound the validity; zero means open. Until itself is no longer in force.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

const maxScope = 256 // entries

// Check asks whether the representation is complete and in force. Errors: *InvalidError.
func (r Representation) Check(at time.Time) error {
	switch {
	case r.Acting.IsZero() || r.For.IsZero() || r.Acting == r.For:
		return &InvalidError{Field: "subject", Rule: "representation"}
	case r.Basis != LegalRepresentative && r.Evidence == "", len(r.Evidence) > 200:
		return &InvalidError{Field: "subject", Rule: "representation"}
	case r.Basis == PowerOfAttorney && len(r.Scope) == 0, len(r.Scope) > maxScope:
		return &InvalidError{Field: "subject", Rule: "scope"}
	case at.Before(r.Since) || !r.Until.IsZero() && !at.Before(r.Until):
		return &InvalidError{Field: "subject", Rule: "expired"}
	}
	switch r.Basis {
	case LegalRepresentative, PowerOfAttorney, Guardian, CounterOfficer, OrganisationAccount:
		return nil
	}
	return &InvalidError{Field: "subject", Rule: "representation"}
}

// Covers asks whether the representation is in force at this time for this procedure. Errors: *InvalidError, with rule
// "scope" when it is in force for others.
func (r Representation) Covers(at time.Time, procedure string) error {
	if err := r.Check(at); err != nil {
		return err
	}
	if len(r.Scope) > 0 && !slices.Contains(r.Scope, "*") && !slices.Contains(r.Scope, procedure) {
		return &InvalidError{Field: "subject", Rule: "scope"}
	}
	return nil
}

// CoversChild is Covers for a guardian, who stands for a child only: child is the person represented, and from the day
// of the eighteenth birthday nobody is their guardian by age (Civil Code Art. 21). Errors: *InvalidError, with rule
// "of-age".
func (r Representation) CoversChild(at time.Time, procedure string, child BirthDate) error {
	if err := r.Covers(at, procedure); err != nil {
		return err
	}
	if r.Basis == Guardian && child.AtLeast(18, at) != No {
		return &InvalidError{Field: "subject", Rule: "of-age"}
	}
	return nil
}

// Parties returns the two who are to be notified of an act: who acts and for whom.
func (r Representation) Parties() []Pseudonym { return []Pseudonym{r.Acting, r.For} }
