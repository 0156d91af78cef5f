package identity_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
)

func origin(source identity.Source, trust identity.Trust) identity.Origin {
	return identity.Origin{Source: source, Trust: trust, By: "test", At: today.Add(-time.Hour)}
}

// nghiaBy is what a source says of Nguyễn Trọng Nghĩa.
func nghiaBy(t testing.TB, from identity.Origin, change func(*identity.Statement)) identity.Statement {
	s := identity.Statement{
		Origin: from, Person: must(t, identity.ParsePersonID, "001090000123"), Sex: identity.Male,
		Name: must(t, identity.ParseName, "Nguyễn Trọng Nghĩa"), BirthDate: must(t, identity.ParseBirthDate, "15/03/1990"),
	}
	if change != nil {
		change(&s)
	}
	return s
}

func codes(conflicts []identity.Conflict) string {
	var list []string
	for _, c := range conflicts {
		list = append(list, c.Code()+" "+string(c.Sources[0])+"/"+string(c.Sources[1]))
	}
	return strings.Join(list, ", ")
}

func TestCorroborate(t *testing.T) {
	login := origin(identity.FromLogin, identity.Attested)
	card, zone := origin(identity.FromCardQR, identity.Claimed), origin(identity.FromMRZ, identity.Claimed)
	chip := origin(identity.FromChip, identity.Verified)
	tests := []struct {
		name       string
		statements []identity.Statement
		want       string
		blocks     bool
	}{
		{"one source", []identity.Statement{nghiaBy(t, login, nil)}, "", false},
		{"three agree", []identity.Statement{nghiaBy(t, card, nil), nghiaBy(t, chip, nil), nghiaBy(t, login, nil)}, "", false},
		{"year only agrees", []identity.Statement{nghiaBy(t, login, nil), nghiaBy(t, card, func(s *identity.Statement) {
			s.BirthDate = must(t, identity.ParseBirthDate, "1990")
		})}, "", false},
		{"spelling of the name agrees", []identity.Statement{nghiaBy(t, login, nil), nghiaBy(t, card, func(s *identity.Statement) {
			s.Name = must(t, identity.ParseName, "NGUYỄN TRỌNG NGHĨA")
		})}, "", false},
		{"a machine-readable zone cuts and folds", []identity.Statement{nghiaBy(t, login, nil), nghiaBy(t, zone, func(s *identity.Statement) {
			s.Name, s.NamePartial = must(t, identity.ParseName, "NGUYEN TRONG NGH"), true
		})}, "", false},
		{"another zone does not", []identity.Statement{nghiaBy(t, login, nil), nghiaBy(t, zone, func(s *identity.Statement) {
			s.Name, s.NamePartial = must(t, identity.ParseName, "NGUYEN VAN"), true
		})}, "conflict.name.differs login/mrz", true},
		{"diacritics differ", []identity.Statement{nghiaBy(t, login, nil), nghiaBy(t, card, func(s *identity.Statement) {
			s.Name = must(t, identity.ParseName, "Nguyễn Trọng Nghia")
		})}, "conflict.name.folded login/card-qr", false},
		{"somebody else's card", []identity.Statement{nghiaBy(t, login, nil), nghiaBy(t, card, func(s *identity.Statement) {
			s.Person = must(t, identity.ParsePersonID, "001090000124")
		})}, "conflict.person.differs login/card-qr", true},
		{"day of birth differs", []identity.Statement{nghiaBy(t, card, func(s *identity.Statement) {
			s.BirthDate = must(t, identity.ParseBirthDate, "16/03/1990")
		}), nghiaBy(t, chip, nil)}, "conflict.birth-date.differs chip/card-qr", true},
		{"digits against another source", []identity.Statement{
			{Origin: card, Person: must(t, identity.ParsePersonID, "001090000123")},
			{Origin: login, BirthDate: must(t, identity.ParseBirthDate, "1991"), Sex: identity.Female},
		}, "conflict.birth-date.digits card-qr/login, conflict.sex.digits card-qr/login", true},
		{"old numbers differ", []identity.Statement{
			{Origin: login, OldNumber: must(t, identity.ParseCMND, "199999990")},
			{Origin: card, OldNumber: must(t, identity.ParseCMND, "199999991")},
		}, "conflict.old-number.differs login/card-qr", true},
		{"passports differ", []identity.Statement{
			{Origin: login, Passport: must(t, identity.ParsePassport, "C7654321")},
			{Origin: zone, Passport: must(t, identity.ParsePassport, "C7654322")},
		}, "conflict.passport.differs login/mrz", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := identity.Subject{}.Corroborate(today, tt.statements...)
			if err != nil || codes(got.Conflicts) != tt.want {
				t.Fatalf("%v, conflicts %s, want %s", err, codes(got.Conflicts), tt.want)
			}
			for _, c := range got.Conflicts {
				if vi, en := c.Text("vi"), c.Text("en"); vi == en || vi == (identity.Conflict{}).Text("vi") || c.Blocks() != tt.blocks {
					t.Errorf("%s: texts %q, %q, blocks %v", c.Code(), vi, en, c.Blocks())
				}
			}
		})
	}
}

func TestCorroborateKeepsWhatIsHeld(t *testing.T) {
	login, card := origin(identity.FromLogin, identity.Attested), origin(identity.FromCardQR, identity.Claimed)
	held, err := identity.Subject{}.Corroborate(today, nghiaBy(t, login, nil))
	if err != nil {
		t.Fatal(err)
	}
	before := held
	got, err := held.Corroborate(today, nghiaBy(t, card, func(s *identity.Statement) {
		s.Person = must(t, identity.ParsePersonID, "001188000456")
		s.Name, s.BirthDate = must(t, identity.ParseName, "Trần Thị Mỹ Vĩnh"), identity.BirthDate{}
		s.OldNumber = must(t, identity.ParseCMND, "199999990")
	}), nghiaBy(t, origin(identity.FromChip, identity.Verified), nil))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(held, before) {
		t.Error("the subject asked was changed")
	}
	if got.Person != held.Person || got.Name != held.Name || !got.OldNumber.IsZero() {
		t.Error("somebody else's card wrote into the subject")
	}
	p, ok := got.ProvenanceOf(identity.AttrName)
	if !ok || p.Origin.Source != identity.FromChip || !reflect.DeepEqual(p.Agreeing, []identity.Source{identity.FromLogin}) {
		t.Errorf("provenance of the name: %+v", p)
	}
	if _, ok := got.ProvenanceOf(identity.AttrPassport); ok {
		t.Error("a passport nobody spoke of has a source")
	}
	again, err := got.Corroborate(today, nghiaBy(t, login, nil))
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("the same statement twice changes the subject: %+v", again.Provenance)
	}
}

func TestStatementsAreHeldToTheirSource(t *testing.T) {
	tests := []struct {
		name   string
		change func(*identity.Origin)
		code   string
	}{
		{"fine", func(*identity.Origin) {}, ""},
		{"no source", func(o *identity.Origin) { o.Source = "" }, "statement.source"},
		{"a printed code is never attested", func(o *identity.Origin) { o.Trust = identity.Attested }, "statement.trust"},
		{"a login is never verified", func(o *identity.Origin) {
			o.Source, o.Trust = identity.FromLogin, identity.Verified
		}, "statement.trust"},
		{"below claimed", func(o *identity.Origin) { o.Trust = -1 }, "statement.trust"},
		{"no time", func(o *identity.Origin) { o.At = time.Time{} }, "statement.time"},
		{"tomorrow", func(o *identity.Origin) { o.At = today.AddDate(0, 0, 1) }, "statement.time"},
		{"long name", func(o *identity.Origin) { o.By = strings.Repeat("x", 201) }, "statement.by"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from := origin(identity.FromCardQR, identity.Claimed)
			tt.change(&from)
			got, err := identity.Subject{}.Corroborate(today, nghiaBy(t, from, nil))
			checkCode(t, err, tt.code)
			if (err == nil) == got.Person.IsZero() {
				t.Error("taken over and refused do not fit")
			}
		})
	}
	_, err := identity.Subject{}.Corroborate(today, make([]identity.Statement, 33)...)
	checkCode(t, err, "statement.count")
}

func TestRepresentationCovers(t *testing.T) {
	names := pseudonymizer(t, "k")
	r := identity.Representation{
		Acting: names.Account("i", "a"), For: names.Account("i", "b"), Basis: identity.Guardian, Evidence: "sha256:00",
		Since: today.AddDate(0, -1, 0), Until: today.AddDate(0, 1, 0),
	}
	checkCode(t, r.Covers(today, "1.001193"), "")
	checkCode(t, r.Covers(r.Until, "1.001193"), "subject.expired")
	checkCode(t, r.CoversChild(today, "1.001193", must(t, identity.ParseBirthDate, "22/11/2008")), "")
	checkCode(t, r.CoversChild(today, "1.001193", must(t, identity.ParseBirthDate, "21/11/2008")), "subject.of-age")
	checkCode(t, r.CoversChild(today, "1.001193", must(t, identity.ParseBirthDate, "2008")), "subject.of-age")
	r.Basis, r.Scope = identity.PowerOfAttorney, []string{"2.000635"}
	checkCode(t, r.Covers(today, "1.001193"), "subject.scope")
	checkCode(t, r.Covers(today, "2.000635"), "")
	checkCode(t, r.CoversChild(today, "2.000635", identity.BirthDate{}), "")
	r.Scope = []string{"*"}
	checkCode(t, r.Covers(today, "1.001193"), "")
	if parties := r.Parties(); len(parties) != 2 || parties[0] != r.Acting || parties[1] != r.For {
		t.Errorf("parties %v", parties)
	}
	raw, err := json.Marshal(r)
	var back identity.Representation
	if err != nil || json.Unmarshal(raw, &back) != nil || back.Check(today) != nil || back.Acting != r.Acting {
		t.Errorf("%s does not read back: %v", raw, err)
	}
}

func TestAtLeast(t *testing.T) {
	tests := []struct {
		birth string
		years int
		want  identity.Answer
	}{
		{"21/11/2008", 18, identity.Yes}, {"22/11/2008", 18, identity.No}, {"2007", 18, identity.Yes},
		{"2008", 18, identity.Unknown}, {"2009", 18, identity.No}, {"2008-11", 18, identity.Unknown},
		{"2008-10", 18, identity.Yes}, {"2008-12", 18, identity.No}, {"29/02/2008", 18, identity.Yes},
		{"21/11/2026", 0, identity.Yes}, {"21/11/2008", -1, identity.Unknown},
	}
	for _, tt := range tests {
		if got := must(t, identity.ParseBirthDate, tt.birth).AtLeast(tt.years, today); got != tt.want {
			t.Errorf("%s at least %d: %v, want %v", tt.birth, tt.years, got, tt.want)
		}
	}
	// Midnight in Vietnam is 17:00 in Greenwich.
	born := must(t, identity.ParseBirthDate, "22/11/2008")
	if born.AtLeast(18, time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)) != identity.Yes ||
		(identity.BirthDate{}).AtLeast(18, today) != identity.Unknown {
		t.Error("the day is not Vietnam's, or an unknown date answers")
	}
	leap := must(t, identity.ParseBirthDate, "29/02/2008")
	if leap.AtLeast(18, time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)) != identity.No ||
		leap.AtLeast(18, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) != identity.Yes {
		t.Error("29 February")
	}
}

func ExampleSubject_Corroborate() {
	at := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	id, _ := identity.ParsePersonID("001090000123")
	name, _ := identity.ParseName("Nguyễn Trọng Nghĩa")
	born, _ := identity.ParseBirthDate("15/03/1990")
	misread, _ := identity.ParseBirthDate("15/03/1991")
	subject, err := identity.Subject{}.Corroborate(at,
		identity.Statement{Origin: identity.Origin{Source: identity.FromCardQR, At: at}, Person: id, BirthDate: misread},
		identity.Statement{Origin: identity.Origin{Source: identity.FromLogin, Trust: identity.Attested, At: at},
			Person: id, Name: name, BirthDate: born})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range subject.Provenance {
		fmt.Println(p.Attribute, p.Origin.Trust, p.Origin.Source, p.Agreeing)
	}
	for _, c := range subject.Conflicts {
		fmt.Println(c.Code(), c.Sources)
	}
	// Output:
	// person attested login [card-qr]
	// birth-date attested login []
	// name attested login []
	// conflict.birth-date.differs [login card-qr]
}
