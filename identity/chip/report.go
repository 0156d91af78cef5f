package chip

import (
	"slices"
	"time"
)

// Verdict is what comes out of a verification. The zero value is none of them.
type Verdict string

// The verdicts.
const (
	// Accepted: every check that is needed was done and passed.
	Accepted Verdict = "accepted"
	// Rejected: at least one check says that this is not what the authority issued, or not any more.
	Rejected Verdict = "rejected"
	// Incomplete: nothing speaks against it, but something needed could not be checked: an unknown authority, no fresh
	// revocation list, a file that was not read.
	Incomplete Verdict = "incomplete"
)

// Outcome is what came out of one check.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	NotDone Outcome = "not-done"
	Warning Outcome = "warning" // readable, but not as it should be; does not change the verdict
)

// Step is one check with its outcome and the reason. It holds no personal data.
type Step struct {
	// Name is the check: "com", "sod", "signer", "signature", "chain", "signing-time", "validity", "revocation", "hash",
	// "content", "agreement", "document", "country", "expiry", "active-authentication", "chip-authentication", "clone-proof".
	Name string `json:"step"`
	// File is set for checks of one file.
	File    File    `json:"file,omitzero"`
	Outcome Outcome `json:"outcome"`
	// Reason is the last part of the code, "ok" for a check that passed without more to say.
	Reason string `json:"reason"`
	// Needed says whether the verdict rests on the check.
	Needed bool `json:"needed"`
	// Detail adds what a person looking into it wants to know: algorithms, dates of certificates, an inner code.
	Detail string `json:"detail,omitempty"`
}

// Code returns the stable key, such as "chip.hash.differs".
func (s Step) Code() string { return "chip." + s.Name + "." + s.Reason }

// Text says in plain words what was found: in English for "en", in Vietnamese for everything else.
func (s Step) Text(lang string) string {
	text := textOf(s.Code(), lang)
	if s.File != 0 {
		text = s.File.String() + ": " + text
	}
	return text
}

// Report is the whole of a verification, check by check. It holds no personal data and may go into a journal.
type Report struct {
	Verdict Verdict   `json:"verdict"`
	At      time.Time `json:"at"`
	// Kind and State are those of the machine-readable zone: the kind of document, and who issued it ("VNM").
	Kind  Kind   `json:"kind,omitzero"`
	State string `json:"state,omitempty"`
	// Digest and Scheme are how the data groups are hashed and the list of hashes is signed.
	Digest string `json:"digest,omitempty"`
	Scheme string `json:"scheme,omitempty"`
	// Signer is the document signer, Authority who stands behind it; nil while not found. Until the verdict is Accepted they
	// are what the chip claims.
	Signer    *Certificate `json:"signer,omitempty"`
	Authority *Certificate `json:"authority,omitempty"`
	Steps     []Step       `json:"steps"`

	document Document
}

// Document returns what the chip holds, verified. ok is false, and the document empty, unless the verdict is Accepted.
func (r *Report) Document() (d Document, ok bool) {
	if r.Verdict != Accepted {
		return Document{}, false
	}
	return r.document, true
}

// Reasons returns the steps that did not simply pass, those that the verdict rests on first.
func (r *Report) Reasons() []Step {
	var list []Step
	for _, s := range r.Steps {
		if s.Outcome != Passed {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b Step) int { return weight(a) - weight(b) })
	return list
}

func weight(s Step) int {
	switch {
	case s.Outcome == Failed:
		return 0
	case s.Outcome == NotDone && s.Needed:
		return 1
	case s.Outcome == Warning:
		return 2
	}
	return 3
}

// conclude draws the verdict.
func (r *Report) conclude() {
	r.Verdict = Accepted
	for _, s := range r.Steps {
		switch {
		case s.Outcome == Failed:
			r.Verdict = Rejected
			return
		case s.Needed && s.Outcome == NotDone:
			r.Verdict = Incomplete
		}
	}
}

func (r *Report) add(s Step) { r.Steps = append(r.Steps, s) }
