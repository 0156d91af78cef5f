package identity

import (
	"slices"
	"time"
)

// maxStatements bounds how many statements are combined at once.
const maxStatements = 32

// Corroborate returns the subject with what these sources add to it, surest first. A value the subject has is never
// overwritten: a source that agrees is noted beside it (and becomes its provenance if it is surer), one that disagrees
// is noted in Conflicts. What the subject lacks is filled in, but not from a source that speaks of another personal
// number. The digits of the personal number are held against date of birth and sex, whatever source these come from.
//
// The result is not yet accepted: [Subject.Check] refuses it while a conflict blocks. Errors: *InvalidError for a
// statement that claims more trust than its source can have or that lies in the future; the subject is then unchanged.
func (s Subject) Corroborate(at time.Time, statements ...Statement) (Subject, error) {
	if len(statements) > maxStatements {
		return s, &InvalidError{Field: "statement", Rule: "count"}
	}
	for _, st := range statements {
		if err := st.Origin.Check(); err != nil {
			return s, err
		}
		if st.Origin.At.After(at.Add(time.Minute)) {
			return s, &InvalidError{Field: "statement", Rule: "time"}
		}
	}
	sorted := slices.Clone(statements)
	slices.SortStableFunc(sorted, func(a, b Statement) int {
		if a.Origin.surer(b.Origin) {
			return -1
		}
		if b.Origin.surer(a.Origin) {
			return 1
		}
		return 0
	})
	c := combiner{s: s}
	c.s.Provenance = slices.Clone(s.Provenance)
	for i := range c.s.Provenance {
		c.s.Provenance[i].Agreeing = slices.Clone(c.s.Provenance[i].Agreeing)
	}
	c.s.Conflicts = slices.Clone(s.Conflicts)
	for _, st := range sorted {
		c.add(st)
	}
	c.checkDigits()
	return c.s, nil
}

// ProvenanceOf returns where an attribute comes from; ok is false when no source was noted.
func (s Subject) ProvenanceOf(a Attribute) (p Provenance, ok bool) {
	for _, p := range s.Provenance {
		if p.Attribute == a {
			return p, true
		}
	}
	return Provenance{}, false
}

type combiner struct{ s Subject }

func (c *combiner) add(st Statement) {
	// A surer source of the number makes nobody somebody else: what is held stays.
	same := st.Person.IsZero() || c.s.Person.IsZero() || st.Person == c.s.Person
	merge(c, AttrPerson, &c.s.Person, st.Person, st.Origin, true)
	merge(c, AttrOldNumber, &c.s.OldNumber, st.OldNumber, st.Origin, same)
	merge(c, AttrPassport, &c.s.Passport, st.Passport, st.Origin, same)
	merge(c, AttrSex, &c.s.Sex, st.Sex, st.Origin, same)
	c.addBirthDate(st, same)
	c.addName(st, same)
}

// merge fills in, agrees or conflicts; the zero value of an attribute says nothing.
func merge[T comparable](c *combiner, a Attribute, held *T, stated T, from Origin, mayFill bool) {
	var none T
	switch {
	case stated == none:
	case *held == none:
		if mayFill {
			*held = stated
			c.note(a, from)
		}
	case *held == stated:
		c.note(a, from)
	default:
		c.conflict(a, "differs", from.Source)
	}
}

// addBirthDate lets a date of which only the year or month is known agree with a whole one of the same year and month.
func (c *combiner) addBirthDate(st Statement, same bool) {
	y1, m1, d1 := c.s.BirthDate.Parts()
	y2, m2, d2 := st.BirthDate.Parts()
	partial := y1 == y2 && (m1 == m2 || m1 == 0 || m2 == 0) && (d1 == d2 || d1 == 0 || d2 == 0)
	if c.s.BirthDate.IsZero() || st.BirthDate.IsZero() || !partial {
		merge(c, AttrBirthDate, &c.s.BirthDate, st.BirthDate, st.Origin, same)
		return
	}
	c.note(AttrBirthDate, st.Origin)
}

func (c *combiner) addName(st Statement, same bool) {
	if c.s.Name.IsZero() || st.Name.IsZero() {
		if !st.NamePartial { // half a name is no name to fill in
			merge(c, AttrName, &c.s.Name, st.Name, st.Origin, same)
		}
		return
	}
	match := c.s.Name.Match(st.Name)
	switch {
	case match == NameEqual:
		c.note(AttrName, st.Origin)
	case st.NamePartial && (match == NameFolded || c.s.Name.Begins(st.Name)):
		// It fits as far as it goes, which makes nothing surer.
		c.agree(AttrName, st.Origin.Source)
	case match == NameFolded:
		c.conflict(AttrName, "folded", st.Origin.Source)
	default:
		c.conflict(AttrName, "differs", st.Origin.Source)
	}
}

// note records that a source says what the subject holds.
func (c *combiner) note(a Attribute, from Origin) {
	i := c.index(a)
	p := &c.s.Provenance[i]
	switch {
	case p.Origin.Source == "":
		p.Origin = from
	case p.Origin.Source == from.Source && p.Origin.By == from.By:
		if from.surer(p.Origin) {
			p.Origin = from
		}
	case from.surer(p.Origin):
		was := p.Origin.Source
		p.Origin = from
		c.agree(a, was)
	default:
		c.agree(a, from.Source)
	}
}

func (c *combiner) agree(a Attribute, source Source) {
	p := &c.s.Provenance[c.index(a)]
	if p.Origin.Source != source && !slices.Contains(p.Agreeing, source) {
		p.Agreeing = append(p.Agreeing, source)
	}
	p.Agreeing = slices.DeleteFunc(p.Agreeing, func(s Source) bool { return s == p.Origin.Source })
}

func (c *combiner) index(a Attribute) int {
	for i, p := range c.s.Provenance {
		if p.Attribute == a {
			return i
		}
	}
	c.s.Provenance = append(c.s.Provenance, Provenance{Attribute: a})
	return len(c.s.Provenance) - 1
}

func (c *combiner) conflict(a Attribute, rule string, source Source) {
	c.put(Conflict{Attribute: a, Rule: rule, Sources: [2]Source{c.sourceOf(a), source}})
}

func (c *combiner) put(found Conflict) {
	if !slices.Contains(c.s.Conflicts, found) {
		c.s.Conflicts = append(c.s.Conflicts, found)
	}
}

// sourceOf returns the source of a held attribute; what came without one counts as entered.
func (c *combiner) sourceOf(a Attribute) Source {
	if p, ok := c.s.ProvenanceOf(a); ok && p.Origin.Source != "" {
		return p.Origin.Source
	}
	return FromEntry
}

// checkDigits holds year of birth and sex against the digits of the personal number.
func (c *combiner) checkDigits() {
	if c.s.Person.IsZero() {
		return
	}
	if !c.s.BirthDate.IsZero() && c.s.BirthDate.Year() != c.s.Person.BirthYear() {
		c.put(Conflict{AttrBirthDate, "digits", [2]Source{c.sourceOf(AttrPerson), c.sourceOf(AttrBirthDate)}})
	}
	if c.s.Sex != SexUnknown && c.s.Sex != c.s.Person.Sex() {
		c.put(Conflict{AttrSex, "digits", [2]Source{c.sourceOf(AttrPerson), c.sourceOf(AttrSex)}})
	}
}
