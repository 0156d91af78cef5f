package sdjwt

import (
	"time"

	"github.com/motcua/motcua/identity"
)

// Verdict is what a verification comes to. The zero value refuses.
type Verdict int

// The verdicts. Only Valid lets claims be used.
const (
	Refused   Verdict = iota // not what it claims to be, or not for us
	Unsettled                // genuine, but its status cannot be told now: ask again later
	Suspended                // genuine, on hold
	Revoked                  // genuine, taken back
	Valid
)

// String returns the stable name.
func (v Verdict) String() string {
	switch v {
	case Unsettled:
		return "unsettled"
	case Suspended:
		return "suspended"
	case Revoked:
		return "revoked"
	case Valid:
		return "valid"
	}
	return "refused"
}

// Outcome is how one step ended.
type Outcome int

// The outcomes. What follows a step that failed is not reached and does not appear.
const (
	Failed Outcome = iota
	Skipped
	Passed
)

// String returns the stable name.
func (o Outcome) String() string {
	switch o {
	case Passed:
		return "passed"
	case Skipped:
		return "skipped"
	}
	return "failed"
}

// Step is one check of a verification. It holds no personal data.
type Step struct {
	// Name is what was checked: "signature", "disclosures" … and Clause where that is demanded.
	Name, Clause string
	Outcome      Outcome
	// Reason is the rule that does not hold, or why the step was skipped; empty if it passed.
	Reason string
}

// Code returns the stable key, such as "sdjwt.binding.proof-nonce" or "sdjwt.signature.passed".
func (s Step) Code() string {
	if s.Reason == "" {
		return "sdjwt." + s.Name + "." + s.Outcome.String()
	}
	return "sdjwt." + s.Name + "." + s.Reason
}

// Text says what was found: in English for "en", in Vietnamese for everything else.
func (s Step) Text(lang string) string {
	code, list := s.Reason, reasons[:]
	if code == "" {
		code, list = s.Name, stepTexts[:]
	}
	for _, m := range list {
		if m.code == code {
			return m.text(lang)
		}
	}
	return reasons[0].text(lang)
}

// Report says what became of a presentation, and why. It prints without personal data.
type Report struct {
	Verdict Verdict
	// Steps are the checks in order, the last one the one that failed.
	Steps []Step
	// Issuer and Type are known once the issuer is; what is said by nobody trusted is not repeated.
	Issuer, Type string
	// IssuedAt, NotBefore and Expires are the credential's, zero where it has none. BoundAt is when the holder signed.
	IssuedAt, NotBefore, Expires, BoundAt time.Time
	// StatusAsOf is when the status list was made; zero for a credential without status.
	StatusAsOf time.Time
	// CheckedAt is the time the report is about.
	CheckedAt time.Time

	state  bool
	claims Claims
}

// Claims returns what the credential says; nothing unless the verdict is [Valid].
func (r Report) Claims() Claims {
	if r.Verdict != Valid {
		return Claims{}
	}
	return r.claims
}

// Only returns the report with only the claims at these paths in it: what a purpose may see.
func (r Report) Only(paths ...Path) Report {
	r.claims = r.claims.Only(paths...)
	return r
}

// Failure returns the step that failed; ok is false when none did.
func (r Report) Failure() (step Step, ok bool) {
	if len(r.Steps) == 0 || r.Verdict == Valid {
		return Step{}, false
	}
	return r.Steps[len(r.Steps)-1], true
}

// Err returns nil for a valid report, and a *VerifyError for any other.
func (r Report) Err() error {
	if r.Verdict == Valid {
		return nil
	}
	step, _ := r.Failure()
	return &VerifyError{Verdict: r.Verdict, Step: step}
}

// VerifyError is a verdict that is not [Valid].
type VerifyError struct {
	Verdict Verdict
	Step    Step
}

func (e *VerifyError) Error() string { return "sdjwt: " + e.Verdict.String() + ": " + e.Step.Code() }

// Code returns the code of the step that failed.
func (e *VerifyError) Code() string { return e.Step.Code() }

// Text returns the text of the step that failed: in English for "en", in Vietnamese for everything else.
func (e *VerifyError) Text(lang string) string { return e.Step.Text(lang) }

// Mapping says under which names a kind of credential carries a person's identity. Empty paths are not looked at.
type Mapping struct {
	Person, FullName, FamilyName, GivenName, BirthDate, Sex, OldNumber, Passport Path
}

// PIDMapping is that of the European PID (Commission Regulation (EU) 2024/2977), with a full name beside. No Vietnamese
// credential was seen: for one, it is provisional.
func PIDMapping() Mapping {
	return Mapping{
		Person: Path{"personal_administrative_number"}, FullName: Path{"name"}, FamilyName: Path{"family_name"},
		GivenName: Path{"given_name"}, BirthDate: Path{"birthdate"}, Sex: Path{"sex"},
	}
}

// Statement returns what a valid credential says of a natural person, with its source: [identity.FromCredential], verified
// if the issuer is the State's, attested if not. A claim that is there but does not parse is an error; one that was not
// disclosed says nothing. Errors: *Error, *identity.InvalidError.
func (r Report) Statement(m Mapping) (identity.Statement, error) {
	if r.Verdict != Valid {
		return identity.Statement{}, refuse("report", "verdict")
	}
	s := identity.Statement{Origin: identity.Origin{
		Source: identity.FromCredential, Trust: identity.Attested, By: r.Issuer, At: r.CheckedAt,
	}}
	if r.state {
		s.Origin.Trust = identity.Verified
	}
	err := first(
		read(r.claims, m.Person, &s.Person, identity.ParsePersonID),
		read(r.claims, m.OldNumber, &s.OldNumber, identity.ParseCMND),
		read(r.claims, m.Passport, &s.Passport, identity.ParsePassport),
		read(r.claims, m.BirthDate, &s.BirthDate, identity.ParseBirthDate),
		read(r.claims, m.FullName, &s.Name, identity.ParseName),
	)
	if err == nil && s.Name.IsZero() {
		err = readName(r.claims, m, &s)
	}
	if err != nil {
		return identity.Statement{}, err
	}
	s.Sex = readSex(r.claims, m.Sex)
	return s, nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func read[T any](c Claims, path Path, into *T, parse func(string) (T, error)) error {
	text := c.Text(path...)
	if text == "" {
		if c.Has(path) {
			return refuse("report", "claim-kind")
		}
		return nil
	}
	value, err := parse(text)
	if err == nil {
		*into = value
	}
	return err
}

// readName joins family and given name as Vietnamese names are written. One without the other is no name.
func readName(c Claims, m Mapping, s *identity.Statement) error {
	family, given := c.Text(m.FamilyName...), c.Text(m.GivenName...)
	if family == "" || given == "" {
		return nil
	}
	name, err := identity.ParseName(family + " " + given)
	s.Name = name
	return err
}

// readSex knows words and ISO/IEC 5218 numbers.
func readSex(c Claims, path Path) identity.Sex {
	value, _ := c.Reveal(path...)
	switch text := value.(type) {
	case string:
		return identity.ParseSex(text)
	case interface{ Int64() (int64, error) }:
		if n, err := text.Int64(); err == nil && (n == 1 || n == 2) {
			return identity.Sex(n)
		}
	}
	return identity.SexUnknown
}
