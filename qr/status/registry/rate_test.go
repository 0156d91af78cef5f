package registry_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status/registry"
)

func TestRates(t *testing.T) {
	store := book{journal.NewMemory()}
	var alarms []registry.Alarm
	cfg := registry.Config{
		Limits: []registry.Limit{
			{Name: "desk-hour", PerActor: true, Most: 3, Within: time.Hour},
			{Name: "persons-day", Kind: qr.KindPerson, Most: 2, Within: 24 * time.Hour, Refuse: true},
		},
		Alarm: func(a registry.Alarm) { alarms = append(alarms, a) },
	}
	d := newDesk(t, store, registry.List{}, cfg)
	steps := []struct {
		name, actor string
		claims      qr.Claims
		after       time.Duration
		refused     bool
		alarms      int
	}{
		{"first", "o1", receipt(), 0, false, 0},
		{"second", "o1", receipt(), time.Minute, false, 0},
		{"third", "o1", receipt(), time.Minute, false, 0},
		{"another officer", "o2", receipt(), time.Minute, false, 0},
		{"fourth: an alarm", "o1", receipt(), time.Minute, false, 1},
		{"fifth: told already", "o1", receipt(), time.Minute, false, 1},
		{"an hour later", "o1", receipt(), time.Hour, false, 1},
		{"person", "o3", citizen(), time.Minute, false, 1},
		{"second person", "o4", citizen(), time.Minute, false, 1},
		{"third person: refused", "o5", citizen(), time.Minute, true, 2},
		{"fourth person: refused in silence", "o6", citizen(), time.Minute, true, 2},
		{"a receipt still goes", "o6", receipt(), time.Minute, false, 2},
		{"the next day", "o5", citizen(), 24 * time.Hour, false, 2},
	}
	for _, step := range steps {
		d.now = d.now.Add(step.after)
		_, err := d.Issue(t.Context(), step.actor, step.claims)
		rate := (*registry.RateError)(nil)
		if errors.As(err, &rate) != step.refused || !step.refused && err != nil || len(alarms) != step.alarms {
			t.Errorf("%s: %v, %d alarms; want refused %v, %d alarms", step.name, err, len(alarms), step.refused, step.alarms)
		}
		if step.refused && (rate.Limit != "persons-day" || rate.Text("vi") == "" || rate.Text("en") == rate.Text("vi")) {
			t.Errorf("%s: %v", step.name, rate)
		}
	}
	if alarms[0].Limit.Name != "desk-hour" || alarms[0].Actor != "o1" || alarms[0].Count != 4 || alarms[0].Refused ||
		alarms[1].Limit.Name != "persons-day" || !alarms[1].Refused {
		t.Errorf("alarms %+v", alarms)
	}
	facts, err := store.Read(t.Context(), "qrlist/H26.12:2026", 0)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, f := range facts {
		if f.Kind == "qr.rate-exceeded" {
			written++
		}
	}
	if written != 2 {
		t.Errorf("%d alarms in the book, want 2", written)
	}
	// Another process counts what this one has issued.
	second := newDesk(t, store, registry.List{}, cfg)
	second.now = d.now
	if _, err := second.Issue(t.Context(), "o9", citizen()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(t.Context(), "o9", citizen()); !errors.As(err, new(*registry.RateError)) {
		t.Errorf("a third person over two processes: %v", err)
	}
}

func TestBatchOverTheLimit(t *testing.T) {
	d := newDesk(t, book{journal.NewMemory()}, registry.List{}, registry.Config{
		Limits: []registry.Limit{{Name: "all", Most: 10, Within: time.Hour, Refuse: true}}})
	batch := make([]qr.Claims, 11)
	for i := range batch {
		batch[i] = receipt()
	}
	if _, err := d.IssueBatch(t.Context(), "o", batch); !errors.As(err, new(*registry.RateError)) {
		t.Errorf("eleven at once: %v", err)
	}
	if codes, err := d.IssueBatch(t.Context(), "o", batch[:10]); err != nil || len(codes) != 10 {
		t.Errorf("ten at once: %d, %v", len(codes), err)
	}
}

// shelf is a store with a book somebody wrote by hand.
type shelf struct{ facts []registry.Fact }

func (s shelf) Append(context.Context, string, int64, ...registry.Fact) error {
	return errors.New("read only")
}

func (s shelf) Read(_ context.Context, _ string, after int64) ([]registry.Fact, error) {
	return s.facts[min(after, int64(len(s.facts))):], nil
}

func TestBrokenBooks(t *testing.T) {
	opened := `{"agency":"H26.12","list":2026,"size":4096,"uri":"` + listURI + `"}`
	issued := `{"expires":1,"id":"0102030405060708","index":7,"kind":"receipt","sum":"00"}`
	line := func(kind, body string) registry.Fact { return registry.Fact{Kind: kind, Body: []byte(body)} }
	first := line("qr.list-opened", opened)
	code := line("qr.code-issued", issued)
	tests := []struct {
		name  string
		facts []registry.Fact
		ok    bool
	}{
		{"a good book", []registry.Fact{first, code, line("qr.code-revoked", `{"decoys":[8],"id":"0102030405060708","reason":"lost"}`)}, true},
		{"no opening", []registry.Fact{code}, false},
		{"opened twice", []registry.Fact{first, first}, false},
		{"another size", []registry.Fact{line("qr.list-opened", `{"agency":"H26.12","list":2026,"size":8192,"uri":"`+listURI+`"}`)}, false},
		{"no JSON", []registry.Fact{line("qr.list-opened", "")}, false},
		{"one place twice", []registry.Fact{first, code, line("qr.code-issued",
			`{"expires":1,"id":"0102030405060709","index":7,"kind":"receipt","sum":"00"}`)}, false},
		{"one identifier twice", []registry.Fact{first, code, line("qr.code-issued",
			`{"expires":1,"id":"0102030405060708","index":9,"kind":"receipt","sum":"00"}`)}, false},
		{"a place outside", []registry.Fact{first, line("qr.code-issued",
			`{"expires":1,"id":"0102030405060708","index":4096,"kind":"receipt","sum":"00"}`)}, false},
		{"half an identifier", []registry.Fact{first, line("qr.code-issued", `{"expires":1,"id":"0102","index":1,"kind":"receipt","sum":"00"}`)}, false},
		{"revoked before it was issued", []registry.Fact{first, line("qr.code-revoked", `{"id":"0102030405060708","reason":"lost"}`)}, false},
		{"resumed though good", []registry.Fact{first, code, line("qr.code-resumed", `{"id":"0102030405060708","reason":"x"}`)}, false},
		{"a decoy on a code", []registry.Fact{first, code, line("qr.code-revoked", `{"decoys":[7],"id":"0102030405060708","reason":"lost"}`)}, false},
		{"an unknown line", []registry.Fact{first, line("qr.code-forgotten", "{}")}, false},
		{"a line is missing", []registry.Fact{first, {Seq: 3, Kind: code.Kind, Body: code.Body}}, false},
	}
	for _, tt := range tests {
		for i := range tt.facts {
			if tt.facts[i].Seq == 0 {
				tt.facts[i].Seq = int64(i + 1)
			}
		}
		_, err := registry.Open(t.Context(), shelf{tt.facts}, newIssuer(t, func() time.Time { return noon }),
			registry.List{Number: 2026, Size: 4096, URI: listURI}, registry.Config{})
		if broken := (*registry.BrokenError)(nil); tt.ok != (err == nil) || !tt.ok && !errors.As(err, &broken) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestRegistryRefuses(t *testing.T) {
	issuer := newIssuer(t, func() time.Time { return noon })
	good := registry.List{Number: 1, Size: 4096, URI: listURI}
	limit := registry.Limit{Name: "x", Most: 1, Within: time.Hour}
	opens := []struct {
		name  string
		list  registry.List
		cfg   registry.Config
		field string
	}{
		{"a small list", registry.List{Size: 1023, URI: listURI}, registry.Config{}, "list.size"},
		{"no address", registry.List{Size: 4096}, registry.Config{}, "list.uri"},
		{"too many decoys", good, registry.Config{Decoys: 101}, "decoys"},
		{"a limit twice", good, registry.Config{Limits: []registry.Limit{limit, limit}}, "limits.name"},
		{"a limit of none", good, registry.Config{Limits: []registry.Limit{{Name: "x", Within: time.Hour}}}, "limits.most"},
		{"a limit without a time", good, registry.Config{Limits: []registry.Limit{{Name: "x", Most: 1}}}, "limits.within"},
		{"many limits", good, registry.Config{Limits: make([]registry.Limit, 13)}, "limits"},
	}
	for _, tt := range opens {
		_, err := registry.Open(t.Context(), book{journal.NewMemory()}, issuer, tt.list, tt.cfg)
		if invalid := (*registry.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != tt.field {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
	}
	store := book{journal.NewMemory()}
	d := newDesk(t, store, registry.List{}, registry.Config{})
	code := d.issue(t)
	acts := map[string]error{
		"reason": d.Revoke(t.Context(), "o", code.ID(), "mất thẻ của bà Vĩnh"),
		"actor":  d.Revoke(t.Context(), "", code.ID(), "lost"),
	}
	_, acts["claims"] = d.IssueBatch(t.Context(), "o", nil)
	for field, err := range acts {
		if invalid := (*registry.InvalidError)(nil); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	bad := receipt()
	bad.Expires = time.Time{}
	if _, err := d.IssueBatch(t.Context(), "o", []qr.Claims{receipt(), bad}); !errors.As(err, new(*qr.InvalidError)) {
		t.Errorf("a batch with a bad one: %v", err)
	}
	facts, err := store.Read(t.Context(), "qrlist/H26.12:2026", 0)
	if err != nil || len(facts) != 2 {
		t.Errorf("%d facts after refusals, want 2: %v", len(facts), err)
	}
}
