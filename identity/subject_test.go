package identity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
)

func pseudonymizer(t testing.TB, fill string) *identity.Pseudonymizer {
	t.Helper()
	names, err := identity.NewPseudonymizer([]byte(strings.Repeat(fill, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPseudonym(t *testing.T) {
	names := pseudonymizer(t, "k")
	person := must(t, identity.ParsePersonID, "001090000123")
	org := must(t, identity.ParseOrgID, "9901004567")
	all := []identity.Pseudonym{
		names.Person(person), names.Person(must(t, identity.ParsePersonID, "001090000124")), names.Org(org),
		names.Account("https://idp.example", "s"), names.Account("https://idp.example", "s2"),
		names.Account("https://idp.examples", "2"), pseudonymizer(t, "l").Person(person),
	}
	seen := map[identity.Pseudonym]bool{}
	for _, p := range all {
		if seen[p] {
			t.Errorf("%v stands for two", p)
		}
		seen[p] = true
		if back, err := identity.ParsePseudonym(p.String()); err != nil || back != p {
			t.Errorf("%v does not read back: %v", p, err)
		}
		if strings.Contains(p.String(), "0010") || len(p.String()) != 34 {
			t.Errorf("form %v", p)
		}
	}
	if names.Person(person) != pseudonymizer(t, "k").Person(person) {
		t.Error("the same key and person give another pseudonym")
	}
	if got := names.Person(person).String(); got != "p-iguu3jda3b4nxy4rbu4uxkairdy2o632" {
		t.Errorf("the form of a pseudonym has changed: %s", got)
	}
	if !names.Person(identity.PersonID{}).IsZero() || !names.Org(identity.OrgID{}).IsZero() ||
		!names.Account("", "s").IsZero() || !names.Account("i", "").IsZero() {
		t.Error("nobody has a pseudonym")
	}
	for _, in := range []string{"", "p-", "x-" + strings.Repeat("a", 32), "p-" + strings.Repeat("A", 32), "001090000123"} {
		_, err := identity.ParsePseudonym(in)
		checkCode(t, err, "pseudonym.form")
	}
	_, err := identity.NewPseudonymizer(make([]byte, 31))
	checkCode(t, err, "pseudonym.key")
}

func TestSubjectCheck(t *testing.T) {
	names := pseudonymizer(t, "k")
	person := must(t, identity.ParsePersonID, "001090000123")
	org := must(t, identity.ParseOrgID, "9901004567")
	good := identity.Subject{
		Kind: identity.Citizen, Pseudonym: names.Person(person), Person: person,
		Name: must(t, identity.ParseName, "Nguyễn Trọng Nghĩa"), Sex: identity.Male,
		BirthDate: must(t, identity.ParseBirthDate, "15/03/1990"),
	}
	for_ := func(change func(*identity.Representation)) *identity.Representation {
		r := identity.Representation{
			Acting: names.Person(person), For: names.Org(org), Basis: identity.PowerOfAttorney, Evidence: "sha256:00",
			Scope: []string{"1.001193"},
		}
		change(&r)
		return &r
	}
	tests := []struct {
		name   string
		change func(*identity.Subject)
		code   string
	}{
		{"good", func(*identity.Subject) {}, ""},
		{"no pseudonym", func(s *identity.Subject) { s.Pseudonym = identity.Pseudonym{} }, "pseudonym.form"},
		{"unknown kind", func(s *identity.Subject) { s.Kind = identity.KindUnknown }, "subject.kind"},
		{"citizen without number", func(s *identity.Subject) { s.Person = identity.PersonID{} }, "subject.person"},
		{"organisation without code or name", func(s *identity.Subject) { s.Kind = identity.Organisation }, "subject.kind"},
		{"foreigner without number", func(s *identity.Subject) {
			s.Kind, s.Person = identity.Foreigner, identity.PersonID{}
		}, ""},
		{"other year", func(s *identity.Subject) { s.BirthDate = must(t, identity.ParseBirthDate, "1991") },
			"personid.birthdate"},
		{"other sex", func(s *identity.Subject) { s.Sex = identity.Female }, "personid.sex"},
		{"represented", func(s *identity.Subject) { s.Representation = for_(func(*identity.Representation) {}) }, ""},
		{"for itself", func(s *identity.Subject) {
			s.Representation = for_(func(r *identity.Representation) { r.For = r.Acting })
		}, "subject.representation"},
		{"without evidence", func(s *identity.Subject) {
			s.Representation = for_(func(r *identity.Representation) { r.Evidence = "" })
		}, "subject.representation"},
		{"without scope", func(s *identity.Subject) {
			s.Representation = for_(func(r *identity.Representation) { r.Scope = nil })
		}, "subject.scope"},
		{"contradicted", func(s *identity.Subject) {
			s.Conflicts = []identity.Conflict{{Attribute: identity.AttrName, Rule: "differs"}}
		}, "subject.conflict"},
		{"diacritics in doubt", func(s *identity.Subject) {
			s.Conflicts = []identity.Conflict{{Attribute: identity.AttrName, Rule: "folded"}}
		}, ""},
		{"on no ground", func(s *identity.Subject) {
			s.Representation = for_(func(r *identity.Representation) { r.Basis = "friend" })
		}, "subject.representation"},
		{"not yet", func(s *identity.Subject) {
			s.Representation = for_(func(r *identity.Representation) { r.Since = today.Add(time.Second) })
		}, "subject.expired"},
		{"no longer", func(s *identity.Subject) {
			s.Representation = for_(func(r *identity.Representation) { r.Until = today })
		}, "subject.expired"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			tt.change(&s)
			checkCode(t, s.Check(today), tt.code)
		})
	}
}

func TestAssurance(t *testing.T) {
	var unknown identity.Assurance
	if unknown.Meets(identity.Level1) || !unknown.Meets(identity.LevelUnknown) {
		t.Error("an unknown level satisfies a demand")
	}
	if a := (identity.Assurance{Level: identity.Level1}); a.Meets(identity.Level2) || !a.Meets(identity.Level1) {
		t.Error("levels are not ordered")
	}
}

func TestErrorsAreNotAllMismatch(t *testing.T) {
	_, err := identity.ParsePersonID("")
	if errors.Is(err, identity.ErrMismatch) {
		t.Error("a form error is a mismatch")
	}
}
