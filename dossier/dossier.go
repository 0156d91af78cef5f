package dossier

import (
	"slices"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
)

// Summary is where a dossier stands, without personal data: one row of a work list. The newest fact of a dossier holds
// it whole, so that a list needs no second question.
type Summary struct {
	ID ID `json:"id"`
	// Version is the number of facts, for [Command.Seen].
	Version int64 `json:"-"`
	State   State `json:"state"`
	// Code is zero before acceptance.
	Code             Code          `json:"code,omitzero"`
	Procedure        ProcedureCode `json:"procedure"`
	ProcedureVersion string        `json:"procedureVersion"`
	// Agency accepts and returns, and its identifier is in the code; Unit has the dossier now.
	Agency AgencyID `json:"agency"`
	Unit   AgencyID `json:"unit"`
	// Officer is the pseudonym of who the dossier is assigned to; empty when nobody.
	Officer string  `json:"officer,omitempty"`
	Channel Channel `json:"channel"`
	// Applicant and Submitter are pseudonyms of the owner of the dossier and of who filed it.
	Applicant string `json:"applicant"`
	Submitter string `json:"submitter"`

	Filed    time.Time `json:"filed"`
	Accepted time.Time `json:"accepted,omitzero"`
	// Due is the legal due date (ngày hẹn trả): the clock restarts after a supplement when the rule set says so.
	Due time.Time `json:"due,omitzero"`
	// IndexDue is the due date of the national on-time index, in which the clock pauses during a supplement.
	IndexDue time.Time `json:"indexDue,omitzero"`
	// Ended is when the clock stopped for good, Handed when the result was given.
	Ended  time.Time `json:"ended,omitzero"`
	Handed time.Time `json:"handed,omitzero"`

	// SupplementAsked and DutyAsked are set while the applicant's answer is awaited; SupplementDue is until when.
	SupplementAsked time.Time `json:"supplementAsked,omitzero"`
	SupplementDue   time.Time `json:"supplementDue,omitzero"`
	DutyAsked       time.Time `json:"dutyAsked,omitzero"`
	// Supplements, Reappointments and OpenConsults count.
	Supplements    int `json:"supplements,omitempty"`
	Reappointments int `json:"reappointments,omitempty"`
	OpenConsults   int `json:"openConsults,omitempty"`

	Approved bool `json:"approved,omitempty"`
	// Denied means the result is a refusal with reasons (form 03).
	Denied  bool      `json:"denied,omitempty"`
	Results []FileRef `json:"results,omitempty"`

	// RuleSet and RuleDigest name the rules: pinned on acceptance, tentative before.
	RuleSet    string `json:"ruleSet"`
	RuleDigest string `json:"ruleDigest"`

	// Act is the last act, At when it was done.
	Act Act       `json:"act"`
	At  time.Time `json:"-"`
}

// IsAccepted reports whether the dossier has been accepted: it has a code and a due date from then on.
func (s *Summary) IsAccepted() bool { return !s.Accepted.IsZero() }

// Overdue reports whether the legal due date has passed at t, or had when the clock ended.
func (s *Summary) Overdue(t time.Time) bool {
	if !s.Ended.IsZero() {
		t = s.Ended
	}
	return !s.Due.IsZero() && t.After(s.Due)
}

// Dossier is one dossier (hồ sơ), rebuilt from its facts. What may be personal in it prints redacted.
type Dossier struct {
	Summary
	Owner Party // chủ hồ sơ
	By    Party // người nộp; the owner itself when nobody filed for it
	// Form is what was filled in, as JSON.
	Form  Personal
	Files []FileRef
	// Deadline explains Due: every day counted and skipped. Its zero value before acceptance.
	Deadline calendar.Explanation
	// History is every act in order.
	History []Entry
	// Erased means the personal halves of facts were destroyed; what depended on them is empty.
	Erased bool
}

// Entry is one act in a dossier's history, with the law it stood on.
type Entry struct {
	Version  int64
	At       time.Time
	Act      Act
	Actor    string // pseudonym
	Role     Role
	From, To State
	Law      rules.Law
	RuleSet  string
	Unit     AgencyID // where the dossier was afterwards, or who was consulted
	Officer  string
	// Components are the papers that were asked for.
	Components []string
	// Deadline is set when the act set off or moved a clock that can be explained.
	Deadline calendar.Explanation
	// DueBefore and DueAfter are set when the due date was moved (NgayHenTraTruoc, NgayHenTraMoi).
	DueBefore, DueAfter time.Time
	// Reason was told to the applicant, Note was not.
	Reason, Note Personal
}

// DueText explains the due date for people in "vi" (also for any other tag) or "en"; empty before acceptance.
func (d *Dossier) DueText(lang string) string {
	if d.Deadline.Due.IsZero() {
		return ""
	}
	return d.Deadline.Text(lang)
}

// File returns the newest file that stands for a component.
func (d *Dossier) File(component string) (FileRef, bool) {
	for _, ref := range slices.Backward(d.Files) {
		if ref.Component == component {
			return ref, true
		}
	}
	return FileRef{}, false
}
