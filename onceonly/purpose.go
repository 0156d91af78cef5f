package onceonly

import (
	"slices"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
)

// Purpose is what data is fetched for (mục đích). It is shown to the citizen as it stands and must hold no personal
// data; a run of nine digits is refused.
type Purpose struct {
	// Code is the purpose's stable key: "prefill".
	Code string
	// Text says it in Vietnamese: "Điền sẵn tờ khai đăng ký khai sinh".
	Text string
	// Sensitive names the sensitive fields this purpose cannot do without; only these are fetched.
	Sensitive []Field
}

// Basis is the kind of ground on which personal data may be processed.
type Basis string

// The grounds. Law 91/2025/QH15: Art. 9 consent; Art. 19 processing without consent.
const (
	ByLaw     Basis = "law"     // nhiệm vụ của cơ quan nhà nước theo quy định của pháp luật
	ByConsent Basis = "consent" // sự đồng ý của chủ thể dữ liệu
)

// LegalBasis is the ground of one lookup (căn cứ pháp lý).
type LegalBasis struct {
	Kind Basis
	// Provision is the article that orders or allows the procedure to have the data; required with ByLaw.
	Provision string
	// Consent is required with ByConsent.
	Consent Consent
}

// Consent is a person's agreement (sự đồng ý) to have some fields fetched for one purpose. Never by default, never by
// silence; the evidence is kept (Law 91/2025/QH15 Art. 9, Decree 356/2025/NĐ-CP).
type Consent struct {
	// ID finds the consent in its register. It goes into the journal.
	ID string
	// Subject is the person who agreed.
	Subject identity.Pseudonym
	// Purpose is the code of the purpose agreed to; it holds for no other.
	Purpose string
	Fields  []Field
	// Controller is who may process: the agency's code or name.
	Controller string
	GivenAt    time.Time
	// ExpiresAt ends the consent; zero means when it is withdrawn.
	ExpiresAt time.Time
	// WithdrawnAt is when the person withdrew it, zero if not.
	WithdrawnAt time.Time
	// Receipt is the digest of the evidence: what the person saw and how she agreed.
	Receipt journal.Hash
}

// Covers refuses unless the consent is complete, in force at a time, and given by this person for this purpose and all
// these fields. Errors: *RequestError with field "consent".
func (c Consent) Covers(at time.Time, subject identity.Pseudonym, purpose string, fields []Field) error {
	refuse := func(rule string) error { return &RequestError{Field: "consent", Rule: rule} }
	switch {
	case c.ID == "" || len(c.ID) > journal.MaxText || c.Controller == "" || c.GivenAt.IsZero(),
		c.Receipt == (journal.Hash{}):
		return refuse("complete")
	case c.Subject.IsZero() || c.Subject != subject:
		return refuse("subject")
	case c.Purpose != purpose:
		return refuse("purpose")
	case at.Before(c.GivenAt):
		return refuse("given")
	case !c.WithdrawnAt.IsZero() && !at.Before(c.WithdrawnAt):
		return refuse("withdrawn")
	case !c.ExpiresAt.IsZero() && !at.Before(c.ExpiresAt):
		return refuse("expired")
	}
	for _, field := range fields {
		if !slices.Contains(c.Fields, field) {
			return refuse("fields")
		}
	}
	return nil
}

// Allowance is a row of law as data: what a procedure may fetch, since when and until when. What no row allows is
// refused.
type Allowance struct {
	// Procedure is the code of the administrative procedure: "1.001193".
	Procedure string
	Fields    []Field
	// Since and Until bound the row; zero means open. Until itself is no longer in force.
	Since, Until time.Time
	// Law is the instrument and article. Provisional marks a row whose source is not confirmed.
	Law         string
	Provisional bool
}

func (a Allowance) inForce(at time.Time) bool {
	return !at.Before(a.Since) && (a.Until.IsZero() || at.Before(a.Until))
}
