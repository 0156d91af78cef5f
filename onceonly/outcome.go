package onceonly

import (
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Kind says how asking a register ended. The kinds are disjoint; above all, a register that is down is never a person
// who is not in it.
type Kind string

// The kinds.
const (
	// Fetched: the register answered for exactly this person.
	Fetched Kind = "fetched"
	// Incomplete: it did, but holds nothing under this field.
	Incomplete Kind = "incomplete"
	// NotFound: it knows nobody by these particulars.
	NotFound Kind = "not-found"
	// Ambiguous: it knows more than one. None is handed out.
	Ambiguous Kind = "ambiguous"
	// Mismatch: its answer is about somebody else, or contradicts what was asked with. It is not handed out.
	Mismatch Kind = "mismatch"
	// Refused: the register's owner declines; [Outcome.Ground] says on what ground.
	Refused Kind = "refused"
	// Unavailable: it could not be reached, or said that it cannot answer now.
	Unavailable Kind = "unavailable"
	// Timeout: it did not answer in time.
	Timeout Kind = "timeout"
	// Malformed: it answered what cannot be understood.
	Malformed Kind = "malformed"
	// Unauthorised: it does not accept our credentials or rights.
	Unauthorised Kind = "unauthorised"
	// RateLimited: it was asked too often; [Outcome.RetryAfter] says how long to wait, if it told.
	RateLimited Kind = "rate-limited"
	// Cancelled: the caller gave up before the answer came.
	Cancelled Kind = "cancelled"
)

// Outcome is how asking a register ended, as far as it may be logged: no personal data.
type Outcome struct {
	Kind Kind
	// Ground is the code or provision of a refusal or fault, never a sentence of the register's.
	Ground string
	// RetryAfter goes with RateLimited; 0 means the register did not say.
	RetryAfter time.Duration
}

// Code returns the stable key of the outcome: "outcome.not-found".
func (o Outcome) Code() string { return "outcome." + string(o.Kind) }

// Text says in plain words what happened and what to do: in English for "en", in Vietnamese for everything else.
func (o Outcome) Text(lang string) string { return messageOf(o.Code()).text(lang) }

// AskPaper reports whether the office may now ask the citizen for the paper that proves a field: only when the register
// could not be used or holds no such data. A person who is not found, found twice or found different is a matter to
// clear up, not to paper over; and our own mistakes (malformed, unauthorised, too many requests) are not the
// citizen's to carry.
func (o Outcome) AskPaper() bool {
	switch o.Kind {
	case Unavailable, Timeout, Incomplete:
		return true
	}
	return false
}

// Paper says that the office may ask the citizen for the paper behind a field, and why; the journal keeps it, because
// an official answers for asking although systems are connected (Law 148/2025/QH15).
type Paper struct {
	Field  Field
	Reason Outcome
	// Correct says that the office also asks the citizen to have the register corrected.
	Correct bool
	// Law is the instrument that opens the paper route at that time, empty when none did.
	Law string
	// Provisional says that the instrument is known from reports of it, not from its text.
	Provisional bool
}

// Code returns the stable key of the reason: "paper.unavailable".
func (p Paper) Code() string { return "paper." + string(p.Reason.Kind) }

// Text says to the citizen why a paper is asked for: in English for "en", in Vietnamese for everything else.
func (p Paper) Text(lang string) string { return messageOf(p.Code()).text(lang) }

// newPaper applies the rule in force at a time: Resolution 66.7/2025/NQ-CP, from 2026-01-01, known from reports only.
func newPaper(field Field, reason Outcome, at time.Time) Paper {
	p := Paper{Field: field, Reason: reason, Correct: reason.Kind == Incomplete}
	if !at.Before(vntime.Date(2026, time.January, 1)) {
		p.Law, p.Provisional = "Nghị quyết 66.7/2025/NQ-CP", true
	}
	return p
}
