package dossier_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
)

// TestBadInput gives the desk one wrong thing at a time. Each is refused by name, with words, and nothing is written.
func TestBadInput(t *testing.T) {
	long := dossier.NewPersonal(strings.Repeat("a", 10000))
	filing := func(change func(*dossier.Filing)) func(*dossier.Command) {
		return func(c *dossier.Command) { change(c.Filing) }
	}
	for _, tt := range []struct {
		name   string
		act    dossier.Act
		role   dossier.Role
		change func(*dossier.Command)
		want   string
	}{
		{"no key", dossier.File, dossier.Applicant, func(c *dossier.Command) { c.Key = "" }, "dossier.invalid.key"},
		{"key with control character", dossier.File, dossier.Applicant, func(c *dossier.Command) { c.Key = "a\x00" }, "dossier.invalid.key"},
		{"no act", "", dossier.Applicant, func(*dossier.Command) {}, "dossier.invalid.act"},
		{"no role", dossier.File, "", func(*dossier.Command) {}, "dossier.invalid.actor.role"},
		{"personal number as actor", dossier.File, dossier.Applicant, func(c *dossier.Command) { c.Actor.ID = "001090000123" }, "dossier.invalid.actor.id"},
		{"nothing to file", dossier.File, dossier.Applicant, func(c *dossier.Command) { c.Filing = nil }, "dossier.invalid.filing"},
		{"unknown procedure", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Procedure = mustProcedure("9.999999") }), "dossier.not-found"},
		{"no procedure", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Procedure = dossier.ProcedureCode{} }), "dossier.invalid.filing.procedure"},
		{"no agency", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Agency = dossier.AgencyID{} }), "dossier.invalid.filing.agency"},
		{"post", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Channel = dossier.Post }), "dossier.channel"},
		{"no name", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Owner.Name = identity.Name{} }), "dossier.invalid.filing.owner.name"},
		{"personal number as pseudonym", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Owner.Pseudonym = "001090000123" }), "dossier.invalid.filing.owner.pseudonym"},
		{"for somebody else", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Owner.Pseudonym = "p-other" }), "dossier.not-yours"},
		{"address too long", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Owner.Address = long }), "dossier.invalid.filing.owner.contact"},
		{"no form", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Form = dossier.Personal{} }), "dossier.invalid.filing.form"},
		{"form of another kind", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Form = dossier.NewPersonal("[1]") }), "dossier.form"},
		{"form with an unknown field", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Form = dossier.NewPersonal(`{"x":1}`) }), "dossier.form"},
		{"form that is no JSON", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Form = dossier.NewPersonal("{") }), "dossier.form"},
		{"form too large", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Form = dossier.NewPersonal(strings.Repeat(" ", 600000) + "{}") }), "dossier.invalid.form"},
		{"paper missing", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Files = nil }), "dossier.invalid.files.don"},
		{"paper of another procedure", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Files[0].Component = "x" }), "dossier.invalid.files[0].component"},
		{"wrong media type", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Files[0].Media = "image/png" }), "dossier.invalid.files[0].media"},
		{"empty file", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Files[0].Size = 0 }), "dossier.invalid.files[0].size"},
		{"file too large", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Files[0].Size = 1001 }), "dossier.invalid.files[0].size"},
		{"no hash", dossier.File, dossier.Applicant, filing(func(f *dossier.Filing) { f.Files[0].Hash = "A" + hashA[1:] }), "dossier.invalid.files[0].hash"},
		{"an officer files online", dossier.File, dossier.Officer, filing(func(f *dossier.Filing) { f.Channel = dossier.Online }), "dossier.invalid.filing.channel"},
		{"officer of another agency", dossier.Accept, dossier.Officer, func(c *dossier.Command) { c.Actor.Unit = mustAgency("H27") }, "dossier.unit"},
		{"officer without unit", dossier.Accept, dossier.Officer, func(c *dossier.Command) { c.Actor.Unit = dossier.AgencyID{} }, "dossier.unit"},
		{"another citizen", dossier.Withdraw, dossier.Applicant, func(c *dossier.Command) { c.Actor.ID = "p-other" }, "dossier.not-yours"},
		{"no version", dossier.Accept, dossier.Officer, func(c *dossier.Command) { c.Seen = 0 }, "dossier.invalid.dossier"},
		{"a version to come", dossier.Accept, dossier.Officer, func(c *dossier.Command) { c.Seen = 7 }, "dossier.stale"},
		{"refusal without reason", dossier.Refuse, dossier.Officer, func(c *dossier.Command) { c.Reason = dossier.Personal{} }, "dossier.invalid.reason"},
		{"reason too long", dossier.Refuse, dossier.Officer, func(c *dossier.Command) { c.Reason = long }, "dossier.invalid.reason"},
		{"reason with NUL", dossier.Refuse, dossier.Officer, func(c *dossier.Command) { c.Reason = dossier.NewPersonal("a\x00") }, "dossier.invalid.reason"},
		{"a field of another act", dossier.Accept, dossier.Officer, func(c *dossier.Command) { c.Officer = "x" }, "dossier.invalid.officer"},
		{"asked for no paper of the procedure", dossier.RequestSupplement, dossier.Officer, func(c *dossier.Command) { c.Components = []string{"x"} }, "dossier.invalid.components"},
		{"asked for a paper twice", dossier.RequestSupplement, dossier.Officer, func(c *dossier.Command) { c.Components = []string{"anh", "anh"} }, "dossier.invalid.components"},
		{"nothing to correct", dossier.Correct, dossier.Officer, func(c *dossier.Command) { c.Form = dossier.Personal{} }, "dossier.invalid.form"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, journal.NewMemory(), nil)
			var d *dossier.Dossier
			if tt.act != dossier.File {
				d = o.do(nil, dossier.File, dossier.Applicant)
			}
			before := count(t, o.journal)
			if d == nil {
				d = &dossier.Dossier{}
			}
			_, err := o.try(d, tt.act, tt.role, tt.change)
			if got := codeOf(err); got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
			var said interface{ Text(string) string }
			if errors.As(err, &said) && (said.Text("vi") == "" || said.Text("fr") != said.Text("vi") || said.Text("en") == said.Text("vi")) {
				t.Errorf("words: %q, %q", said.Text("vi"), said.Text("en"))
			}
			if count(t, o.journal) != before {
				t.Error("something was written")
			}
		})
	}
}

// TestErased reads a dossier whose personal halves are gone.
func TestErased(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.accepted()
	erased := newOffice(t, withoutPrivate{o.journal}, nil).mustGet(d)
	if !erased.Erased || !erased.Form.IsZero() || erased.Code != d.Code || erased.Due != d.Due || len(erased.History) != 2 {
		t.Errorf("erased: %+v", erased.Summary)
	}
	if _, err := newOffice(t, withoutPrivate{o.journal}, nil).List(t.Context(), dossier.Query{Unit: unit}); err != nil {
		t.Error(err)
	}
}

func TestBroken(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.accepted()
	stream, err := d.ID.Stream()
	if err != nil {
		t.Fatal(err)
	}
	records, err := journal.Load(t.Context(), o.journal, stream)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, kind, body string }{
		{"unknown kind", "dossier.danced", string(records[1].Body)},
		{"not its place", "dossier.accepted", string(records[1].Body)},
		{"no body", "dossier.assigned", "{}"},
		{"wrong kind of body", "dossier.assigned", `{"summary":7}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := journal.NewMemory()
			for i, r := range records {
				if _, err := j.Append(t.Context(), stream, int64(i), r.Fact); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := j.Append(t.Context(), stream, 2, journal.Fact{Kind: tt.kind, Actor: "x", At: monday, Body: []byte(tt.body)}); err != nil {
				t.Fatal(err)
			}
			broken := newOffice(t, j, nil)
			broken.keys = 100 // its own commands
			if _, err := broken.Get(t.Context(), d.ID); !errors.Is(err, dossier.ErrBroken) {
				t.Errorf("Get = %v", err)
			}
			if _, err := broken.try(d, dossier.Assign, dossier.Officer); !errors.Is(err, dossier.ErrBroken) {
				t.Errorf("Do = %v", err)
			}
		})
	}
}
