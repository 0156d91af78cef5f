package onceonly

import (
	"time"

	"github.com/motcua/motcua/journal"
)

// Answer is what a lookup brought. Its records are durable before it exists.
type Answer struct {
	// Lookup identifies the lookup in the journal: stream "lookup/" + Lookup.
	Lookup string
	// Fields stand in the order asked; each has its own outcome, so half an answer is an answer.
	Fields []FieldAnswer
}

// FieldAnswer is what is known about one field.
type FieldAnswer struct {
	Field   Field
	Outcome Outcome
	// Value is zero unless the outcome is Fetched.
	Value Value
	// Provenance says where the value, or its absence, comes from.
	Provenance Provenance
}

// Provenance is the origin of one field, good enough to argue about it years later. It holds no personal data.
type Provenance struct {
	// Source and Via are the register and the platform between.
	Source, Via string
	// Asserted is the time the register states for its data; zero when it states none.
	Asserted time.Time
	// Fetched is when the answer arrived here.
	Fetched time.Time
	// RequestID is what the register was asked by; AnswerHash the SHA-256 of the bytes it answered.
	RequestID  string
	AnswerHash journal.Hash
	Class      Class
}

// Get returns the answer about one field, if it was asked for.
func (a Answer) Get(field Field) (FieldAnswer, bool) {
	for _, f := range a.Fields {
		if f.Field == field {
			return f, true
		}
	}
	return FieldAnswer{}, false
}

// AskPaper lists the fields whose papers the office may now ask the citizen for, and why. Empty means: none.
func (a Answer) AskPaper() []Paper {
	var papers []Paper
	for _, f := range a.Fields {
		if f.Outcome.AskPaper() {
			papers = append(papers, newPaper(f.Field, f.Outcome, f.Provenance.Fetched))
		}
	}
	return papers
}
