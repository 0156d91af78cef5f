package onceonly_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
	"github.com/motcua/motcua/onceonly"
)

func TestUsage(t *testing.T) {
	ctx, j := context.Background(), journal.NewMemory()
	b := newBroker(t, j, population(t))
	own := request(t)
	own.Actor, own.Dossier = citizen(own.Subject), ""
	for _, r := range []onceonly.Request{request(t), own} {
		if _, err := b.Lookup(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	page, err := b.Usage(ctx, citizen(own.Subject), own.Subject.Pseudonym, onceonly.Window{})
	if err != nil || len(page.Uses) != 2 {
		t.Fatalf("got %d uses, %v", len(page.Uses), err)
	}
	newest, oldest := page.Uses[0], page.Uses[1]
	if newest.ActorKind != "citizen" || oldest.ActorKind != "officer" || !newest.AskedAt.After(oldest.AskedAt) {
		t.Fatalf("not newest first: %+v", page.Uses)
	}
	if oldest.Unit != "H26.1" || oldest.Actor != officer(t).Pseudonym.String() || oldest.Procedure != birthRegistration ||
		oldest.Dossier != "D-7" || oldest.PurposeText == "" || oldest.Provision == "" || oldest.Basis != onceonly.ByLaw ||
		len(oldest.Fields) != 2 || oldest.State != onceonly.Closed || oldest.AnsweredAt.Before(oldest.AskedAt) {
		t.Fatalf("who, what, when, why: %+v", oldest)
	}
	ask := oldest.Asks[0]
	if ask.Source != "population" || ask.Via != "ndop" || ask.Outcome != onceonly.Fetched || ask.RequestID == "" ||
		ask.AnswerHash != (journal.Hash{1}) || ask.Millis != 1000 {
		t.Fatalf("how: %+v", ask)
	}
	// Reading leaves a record.
	all := records(t, j)
	if last := all[len(all)-1]; last.Kind != "onceonly.usage-read" || last.Actor != own.Subject.Pseudonym.String() {
		t.Fatalf("the last record is %s", last.Kind)
	}
	if others, err := b.Usage(ctx, officer(t), vinh(t).Pseudonym, onceonly.Window{}); err != nil || len(others.Uses) != 0 {
		t.Fatalf("of somebody nobody looked at: %d, %v", len(others.Uses), err)
	}
}

func TestUsagePagesAndWindows(t *testing.T) {
	ctx := context.Background()
	b := newBroker(t, journal.NewMemory(), population(t))
	for range 5 {
		if _, err := b.Lookup(ctx, request(t)); err != nil {
			t.Fatal(err)
		}
	}
	var asked []time.Time
	for window := (onceonly.Window{Limit: 2}); ; {
		page, err := b.DossierUsage(ctx, officer(t), "D-7", window)
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range page.Uses {
			asked = append(asked, use.AskedAt)
		}
		if window.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	if len(asked) != 5 {
		t.Fatalf("got %d of 5", len(asked))
	}
	part, err := b.Usage(ctx, officer(t), nghia(t).Pseudonym, onceonly.Window{From: asked[3], Until: asked[1]})
	if err != nil || len(part.Uses) != 2 {
		t.Fatalf("got %d of the window's 2, %v", len(part.Uses), err)
	}
}

func TestUsageRefuses(t *testing.T) {
	ctx := context.Background()
	broken := &brokenJournal{Journal: journal.NewMemory(), takes: 2}
	b := newBroker(t, broken, population(t))
	if _, err := b.Lookup(ctx, request(t)); err != nil {
		t.Fatal(err)
	}
	page, err := b.Usage(ctx, officer(t), nghia(t).Pseudonym, onceonly.Window{})
	if !errors.Is(err, onceonly.ErrNotRecorded) || len(page.Uses) != 0 {
		t.Errorf("reading that is not recorded: %d uses, %v", len(page.Uses), err)
	}
	_, another := b.Usage(ctx, citizen(vinh(t)), nghia(t).Pseudonym, onceonly.Window{})
	_, nobody := b.Usage(ctx, officer(t), identity.Pseudonym{}, onceonly.Window{})
	_, anonymous := b.Usage(ctx, onceonly.Actor{}, nghia(t).Pseudonym, onceonly.Window{})
	_, curious := b.DossierUsage(ctx, citizen(nghia(t)), "D-7", onceonly.Window{})
	_, empty := b.DossierUsage(ctx, officer(t), "", onceonly.Window{})
	for name, err := range map[string]error{"another's": another, "nobody's": nobody, "by nobody": anonymous,
		"a dossier's, by a citizen": curious, "no dossier's": empty} {
		if !errors.Is(err, onceonly.ErrRequest) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err = b.Usage(ctx, officer(t), nghia(t).Pseudonym, onceonly.Window{Cursor: "made up"})
	if !errors.Is(err, onceonly.ErrNotRecorded) {
		t.Errorf("made-up cursor: got %v", err)
	}
}

// TestOpenAfterACrash cuts a lookup off between request and outcome, and looks at the file with another process's eyes.
func TestOpenAfterACrash(t *testing.T) {
	ctx, path := context.Background(), t.TempDir()+"/journal.db"
	j, err := sqlite.Open(ctx, path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	register := population(t)
	if _, err := newBroker(t, &brokenJournal{Journal: j, takes: 1}, register).Lookup(ctx, request(t)); err == nil {
		t.Fatal("want the outcome to fail")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = sqlite.Open(ctx, path, sqlite.Config{}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	b := newBroker(t, j, register)
	open, err := b.Open(ctx, onceonly.Window{})
	if err != nil || len(open.Uses) != 1 || open.Uses[0].Asks[0].RequestID != register.asked[0].RequestID {
		t.Fatalf("open: %+v, %v", open.Uses, err)
	}
	if _, err := b.Lookup(ctx, request(t)); err != nil {
		t.Fatal(err)
	}
	page, err := b.Usage(ctx, citizen(nghia(t)), nghia(t).Pseudonym, onceonly.Window{})
	if err != nil || len(page.Uses) != 2 {
		t.Fatalf("the citizen sees %d lookups, %v; want the open one too", len(page.Uses), err)
	}
	if _, err := journal.Verify(ctx, j); err != nil {
		t.Fatal(err)
	}
}

// canaries are what must never be seen outside of Reveal.
var canaries = []string{"001090000123", "Nghĩa", "Nghia", "NGHIA", "1990-03-15", "19900315", "15/03/1990", "Giả Định"}

func TestNoPersonalDataLeaks(t *testing.T) {
	ctx, j, register := context.Background(), journal.NewMemory(), population(t)
	b := newBroker(t, j, register)
	r := request(t)
	r.Fields = append(r.Fields, onceonly.PermanentResidence, onceonly.Ethnicity)
	r.Purpose.Sensitive = []onceonly.Field{onceonly.Ethnicity}
	answer, err := b.Lookup(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	usage, err := b.Usage(ctx, citizen(r.Subject), r.Subject.Pseudonym, onceonly.Window{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, record := range records(t, j) {
		fmt.Fprintf(&out, "%s %s %s %s %s %v\n", record.Stream, record.Kind, record.Actor, record.Body, record.Private, record.Keys)
	}
	bad := r
	bad.Subject.BirthDate = vinh(t).BirthDate
	_, refused := b.Lookup(ctx, bad)
	place, _ := answer.Fields[2].Value.Place()
	type hidden struct{ v onceonly.Value } // fmt reaches into unexported fields without asking
	for _, v := range []any{answer, usage, refused, r, register.asked[0], place, &place, hidden{answer.Fields[0].Value},
		onceonly.Person{Name: "Nguyễn Trọng Nghĩa"}, onceonly.Evidence{Values: register.values}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(raw)
	}
	for _, canary := range canaries {
		if i := strings.Index(out.String(), canary); i >= 0 {
			t.Errorf("%q leaks: …%s…", canary, out.String()[max(0, i-80):min(out.Len(), i+80)])
		}
	}
}

func TestValue(t *testing.T) {
	place := onceonly.Place{Province: "01", Commune: "00004", Country: "VN"}
	tests := []struct {
		name       string
		value      onceonly.Value
		line, json string
	}{
		{"text", onceonly.TextValue("male"), "male", `"male"`},
		{"date", onceonly.DateValue(nghia(t).BirthDate), "1990-03-15", `"1990-03-15"`},
		{"place without a line", onceonly.PlaceValue(place), "00004, 01, VN",
			`{"province":"01","commune":"00004","detail":"","country":"VN"}`},
		{"person", onceonly.PersonValue(onceonly.Person{Name: "Trần Thị Mỹ Vĩnh"}), "Trần Thị Mỹ Vĩnh",
			`{"name":"Trần Thị Mỹ Vĩnh"}`},
		{"nothing", onceonly.Value{}, "", "null"},
		{"empty text is nothing", onceonly.TextValue(""), "", "null"},
		{"empty place is nothing", onceonly.PlaceValue(onceonly.Place{}), "", "null"},
		{"empty person is nothing", onceonly.PersonValue(onceonly.Person{}), "", "null"},
		{"no date is nothing", onceonly.DateValue(identity.BirthDate{}), "", "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := tt.value.RevealJSON()
			if err != nil || string(raw) != tt.json || tt.value.Reveal() != tt.line || tt.value.IsZero() != (tt.json == "null") {
				t.Fatalf("got %q and %s, %v", tt.value.Reveal(), raw, err)
			}
			_, isDate := tt.value.BirthDate()
			_, isPlace := tt.value.Place()
			_, isPerson := tt.value.Person()
			if isDate != (tt.name == "date") || isPlace != (tt.name == "place without a line") || isPerson != (tt.name == "person") {
				t.Fatalf("date %v, place %v, person %v", isDate, isPlace, isPerson)
			}
		})
	}
}

func TestField(t *testing.T) {
	for in, ok := range map[string]bool{
		"person.full-name": true, "land.parcel-area": true, "": false, "all": false, "person.": false, ".x": false,
		"Person.name": false, "person.full name": false, "a.b.c": false, strings.Repeat("a", 64) + ".b": false,
	} {
		if got, err := onceonly.ParseField(in); (err == nil) != ok || ok && string(got) != in {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for field, want := range map[onceonly.Field]onceonly.Class{
		onceonly.FullName: onceonly.Basic, onceonly.Ethnicity: onceonly.Sensitive, "person.never-heard-of": onceonly.Sensitive,
	} {
		if got := field.Class(); got != want {
			t.Errorf("%s: got %s, want %s", field, got, want)
		}
	}
	if onceonly.FullName.Text("fr") != "Họ, chữ đệm và tên" || onceonly.FullName.Text("en") != "Full name" ||
		onceonly.Field("land.x").Text("vi") != "land.x" {
		t.Error("a language that is not known is Vietnamese")
	}
}

func FuzzParseField(f *testing.F) {
	f.Add("person.full-name")
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, s string) {
		field, err := onceonly.ParseField(s)
		if err != nil {
			return
		}
		if again, err := onceonly.ParseField(string(field)); err != nil || again != field || string(field) != s {
			t.Fatalf("%q: read back as %q, %v", s, again, err)
		}
	})
}

func TestConsent(t *testing.T) {
	whole := onceonly.Consent{ID: "c-1", Subject: nghia(t).Pseudonym, Purpose: "prefill",
		Fields: []onceonly.Field{onceonly.FullName, onceonly.BirthDate}, Controller: "H26", GivenAt: noon.Add(-time.Hour),
		ExpiresAt: noon.Add(time.Hour), Receipt: journal.Hash{1}}
	tests := []struct {
		name   string
		change func(*onceonly.Consent)
		code   string
	}{
		{"whole", func(*onceonly.Consent) {}, ""},
		{"without end", func(c *onceonly.Consent) { c.ExpiresAt = time.Time{} }, ""},
		{"withdrawn later", func(c *onceonly.Consent) { c.WithdrawnAt = noon.Add(time.Minute) }, ""},
		{"no receipt", func(c *onceonly.Consent) { c.Receipt = journal.Hash{} }, "lookup.consent.complete"},
		{"no identifier", func(c *onceonly.Consent) { c.ID = "" }, "lookup.consent.complete"},
		{"another's", func(c *onceonly.Consent) { c.Subject = vinh(t).Pseudonym }, "lookup.consent.subject"},
		{"other purpose", func(c *onceonly.Consent) { c.Purpose = "tax" }, "lookup.consent.purpose"},
		{"not yet", func(c *onceonly.Consent) { c.GivenAt = noon.Add(time.Minute) }, "lookup.consent.given"},
		{"withdrawn", func(c *onceonly.Consent) { c.WithdrawnAt = noon }, "lookup.consent.withdrawn"},
		{"expired", func(c *onceonly.Consent) { c.ExpiresAt = noon }, "lookup.consent.expired"},
		{"too few fields", func(c *onceonly.Consent) { c.Fields = c.Fields[:1] }, "lookup.consent.fields"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := whole
			tt.change(&c)
			err := c.Covers(noon, nghia(t).Pseudonym, "prefill", whole.Fields)
			var refused *onceonly.RequestError
			if tt.code == "" && err != nil || tt.code != "" && (!errors.As(err, &refused) || refused.Code() != tt.code) {
				t.Fatalf("got %v, want %q", err, tt.code)
			}
		})
	}
	// By consent one citizen may look up another, and the journal names the consent.
	j := journal.NewMemory()
	r := request(t)
	r.Actor, r.Basis = citizen(vinh(t)), onceonly.LegalBasis{Kind: onceonly.ByConsent, Consent: whole}
	if _, err := newBroker(t, j, population(t)).Lookup(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if body := string(records(t, j)[0].Body); !strings.Contains(body, `"consent":"c-1"`) {
		t.Fatal("the journal does not name the consent")
	}
}
