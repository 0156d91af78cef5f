package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/canon"
)

// compose cuts time at every day on which an instrument or a row begins or ends, and collects what is in force between.
func compose(instruments []instrument) (*Book, error) {
	book := &Book{}
	days := breakDays(instruments)
	for i, day := range days {
		set := &Set{id: day.Format(time.DateOnly), since: day}
		if i+1 < len(days) {
			set.until = days[i+1]
		}
		if err := set.collect(instruments); err != nil {
			return nil, err
		}
		if len(set.instruments) == 0 {
			continue // a gap between two laws is a gap in the book
		}
		if err := set.seal(); err != nil {
			return nil, err
		}
		book.sets = append(book.sets, set)
	}
	return book, nil
}

func breakDays(instruments []instrument) []time.Time {
	var days []time.Time
	add := func(since, until time.Time) {
		days = append(days, since)
		if !until.IsZero() {
			days = append(days, until)
		}
	}
	for i := range instruments {
		in := &instruments[i]
		add(in.Since.Time, in.Until.Time)
		for _, row := range in.Transitions {
			add(in.life(row.dated))
		}
		for _, row := range in.Limits {
			add(in.life(row.dated))
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

func (s *Set) collect(instruments []instrument) error {
	inForce := func(since, until time.Time) bool {
		return !s.since.Before(since) && (until.IsZero() || s.since.Before(until))
	}
	for i := range instruments {
		in := &instruments[i]
		if !inForce(in.Since.Time, in.Until.Time) {
			continue
		}
		s.instruments = append(s.instruments, in.Instrument)
		if !in.Seen {
			s.unread = append(s.unread, in.Instrument)
		}
		for _, row := range in.Transitions {
			if inForce(in.life(row.dated)) {
				s.transitions = append(s.transitions, Transition{From: row.From, Act: row.Act, To: row.To, By: row.By,
					When: row.When, Optional: row.Optional, Law: in.law(row.dated)})
			}
		}
		for _, row := range in.Limits {
			if inForce(in.life(row.dated)) {
				s.limits = append(s.limits, Limit{Name: row.Name, Number: row.Number, Value: row.Value, Unit: row.Unit,
					Law: in.law(row.dated)})
			}
		}
	}
	return s.checkOnce()
}

// checkOnce refuses a set in which two rows answer one question.
func (s *Set) checkOnce() error {
	moves := make(map[string]bool)
	for _, row := range s.transitions {
		key := fmt.Sprintf("%d %s %s", row.From, row.Act, strings.Join(row.When, " "))
		if moves[key] {
			return &FileError{File: "set " + s.id, Row: key, Rule: "one row for a state, act and conditions"}
		}
		moves[key] = true
	}
	names := make(map[string]bool)
	for _, limit := range s.limits {
		if names[limit.Name] {
			return &FileError{File: "set " + s.id, Row: limit.Name, Rule: "one limit of a name"}
		}
		names[limit.Name] = true
	}
	return nil
}

func (s *Set) seal() error {
	slices.SortStableFunc(s.transitions, func(a, b Transition) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Act, b.Act))
	})
	slices.SortFunc(s.limits, func(a, b Limit) int { return cmp.Compare(a.Name, b.Name) })
	raw, err := canon.Marshal(struct {
		Transitions []Transition `json:"transitions"`
		Limits      []Limit      `json:"limits"`
	}{s.transitions, s.limits})
	if err != nil {
		return fmt.Errorf("rules: digest: %w", err)
	}
	sum := sha256.Sum256(raw)
	s.digest = hex.EncodeToString(sum[:])
	return nil
}
