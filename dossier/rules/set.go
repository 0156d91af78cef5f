package rules

import (
	"slices"
	"time"
)

// Transition is one row of the law: in state From, whoever has one of the roles By may perform Act, if all conditions
// of When hold, and the dossier is then in state To. States are the national codes 1 to 10; 0 is "no dossier yet".
type Transition struct {
	From int      `json:"from"`
	Act  string   `json:"act"`
	To   int      `json:"to"`
	By   []string `json:"by"`
	// When names conditions the reader of the table knows how to test: "accepted", "unapproved" …
	When []string `json:"when,omitempty"`
	// Optional acts are available only in procedures that provide for them.
	Optional bool `json:"optional,omitempty"`
	Law      Law  `json:"law"`
}

// Limit is a number or a policy the law sets.
type Limit struct {
	Name string `json:"name"` // "supplement.requests"
	// Number counts Unit: "times", "day", "workingDay", "minuteOfDay".
	Number int64 `json:"number,omitempty"`
	// Value is the name of a policy, with Unit "policy".
	Value string `json:"value,omitempty"`
	Unit  string `json:"unit"`
	Law   Law    `json:"law"`
}

// Set is the law in force between two days: from Since to the day before Until; a zero Until is open. It is immutable.
type Set struct {
	id, digest   string
	since, until time.Time
	instruments  []string
	unread       []string
	transitions  []Transition
	limits       []Limit
}

// ID names the set: the first day it is in force, "2026-08-05". It never changes for a set that has been published.
func (s *Set) ID() string { return s.id }

// Digest is the SHA-256 of the set's rows in hexadecimal. It differs when a row was corrected later.
func (s *Set) Digest() string { return s.digest }

// Since is the first instant at which the set is in force, in Vietnam.
func (s *Set) Since() time.Time { return s.since }

// Until is the first instant at which it no longer is; zero when the end is not known.
func (s *Set) Until() time.Time { return s.until }

// Instruments lists the legal instruments in force, oldest first.
func (s *Set) Instruments() []string { return slices.Clone(s.instruments) }

// Unread lists instruments in force whose full text the rows do not reflect yet.
func (s *Set) Unread() []string { return slices.Clone(s.unread) }

// Transitions returns all rows, by state, act and target.
func (s *Set) Transitions() []Transition { return slices.Clone(s.transitions) }

// From returns the rows for an act in a state; there may be several with different conditions.
func (s *Set) From(state int, act string) []Transition {
	var rows []Transition
	for _, row := range s.transitions {
		if row.From == state && row.Act == act {
			rows = append(rows, row)
		}
	}
	return rows
}

// Limit returns the limit of that name. Without one the law in force sets none.
func (s *Set) Limit(name string) (Limit, bool) {
	for _, limit := range s.limits {
		if limit.Name == name {
			return limit, true
		}
	}
	return Limit{}, false
}

// Limits returns all limits by name.
func (s *Set) Limits() []Limit { return slices.Clone(s.limits) }
