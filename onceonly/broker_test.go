package onceonly_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/onceonly"
)

func TestLookupRefusesBeforeAnythingHappens(t *testing.T) {
	tests := []struct {
		name   string
		change func(*onceonly.Request)
		code   string
	}{
		{"no purpose", func(r *onceonly.Request) { r.Purpose = onceonly.Purpose{} }, "lookup.purpose.missing"},
		{"purpose without text", func(r *onceonly.Request) { r.Purpose.Text = "  " }, "lookup.purpose.missing"},
		{"a number in the purpose", func(r *onceonly.Request) { r.Purpose.Text = "của 001090000123" }, "lookup.purpose.form"},
		{"no basis", func(r *onceonly.Request) { r.Basis = onceonly.LegalBasis{} }, "lookup.basis.missing"},
		{"law without provision", func(r *onceonly.Request) { r.Basis.Provision = "" }, "lookup.basis.provision"},
		{"a number in the provision", func(r *onceonly.Request) { r.Basis.Provision = "012345678" }, "lookup.basis.form"},
		{"consent that is none", func(r *onceonly.Request) { r.Basis = onceonly.LegalBasis{Kind: onceonly.ByConsent} },
			"lookup.consent.complete"},
		{"no fields", func(r *onceonly.Request) { r.Fields = nil }, "lookup.fields.missing"},
		{"everything", func(r *onceonly.Request) { r.Fields = []onceonly.Field{"*"} }, "lookup.fields.form"},
		{"too many", func(r *onceonly.Request) { r.Fields = slices.Repeat(r.Fields, 40) }, "lookup.fields.many"},
		{"twice", func(r *onceonly.Request) { r.Fields = slices.Repeat(r.Fields, 2) }, "lookup.fields.twice"},
		{"not allowed", func(r *onceonly.Request) { r.Fields = []onceonly.Field{onceonly.Religion} }, "lookup.fields.allowed"},
		{"no longer allowed", func(r *onceonly.Request) { r.Fields = []onceonly.Field{onceonly.Hometown} },
			"lookup.fields.allowed"},
		{"other procedure", func(r *onceonly.Request) { r.Procedure = "2.000635" }, "lookup.fields.allowed"},
		{"sensitive, purpose silent", func(r *onceonly.Request) { r.Fields = []onceonly.Field{onceonly.Ethnicity} },
			"lookup.fields.sensitive"},
		{"unknown source", func(r *onceonly.Request) { r.Source = "land" }, "lookup.source.unknown"},
		{"no source has it", func(r *onceonly.Request) { r.Fields = []onceonly.Field{onceonly.Sex} }, "lookup.source.field"},
		{"no procedure", func(r *onceonly.Request) { r.Procedure = "" }, "lookup.procedure.missing"},
		{"procedure too long", func(r *onceonly.Request) { r.Procedure = strings.Repeat("1.", 200) }, "lookup.procedure.form"},
		{"dossier too long", func(r *onceonly.Request) { r.Dossier = strings.Repeat("d", 201) }, "lookup.dossier.form"},
		{"command too long", func(r *onceonly.Request) { r.Command = strings.Repeat("d", 201) }, "lookup.command.form"},
		{"nobody asks", func(r *onceonly.Request) { r.Actor.Pseudonym = identity.Pseudonym{} }, "lookup.actor.missing"},
		{"kind unknown", func(r *onceonly.Request) { r.Actor.Kind = identity.KindUnknown }, "lookup.actor.kind"},
		{"officer without agency", func(r *onceonly.Request) { r.Actor.Unit = "" }, "lookup.actor.unit"},
		{"account too long", func(r *onceonly.Request) { r.Actor.Account = strings.Repeat("x", 65) }, "lookup.actor.account"},
		{"another citizen", func(r *onceonly.Request) { r.Actor = citizen(vinh(t)) }, "lookup.actor.own"},
		{"nobody asked about", func(r *onceonly.Request) { r.Subject = identity.Subject{} }, "lookup.subject.check"},
		{"contradicting subject", func(r *onceonly.Request) { r.Subject.BirthDate = vinh(t).BirthDate }, "lookup.subject.check"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j, register := journal.NewMemory(), population(t)
			r := request(t)
			tt.change(&r)
			_, err := newBroker(t, j, register).Lookup(context.Background(), r)
			var refused *onceonly.RequestError
			if !errors.Is(err, onceonly.ErrRequest) || !errors.As(err, &refused) || refused.Code() != tt.code {
				t.Fatalf("got %v, want code %s", err, tt.code)
			}
			if register.times() != 0 || len(records(t, j)) != 0 {
				t.Fatal("something was asked or written")
			}
			if vi, en := refused.Text("vi"), refused.Text("en"); vi == en || vi == "" || vi != refused.Text("fr") ||
				vi == (&onceonly.RequestError{}).Text("vi") {
				t.Errorf("texts %q, %q", vi, en)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	j, register := journal.NewMemory(), population(t)
	r := request(t)
	r.Fields = append(r.Fields, onceonly.MaritalStatus, onceonly.Ethnicity)
	r.Purpose.Sensitive = []onceonly.Field{onceonly.Ethnicity}
	// The intent lies in the journal when the register hears of it.
	register.before = func(_ context.Context, q onceonly.Query) {
		all := records(t, j)
		if len(all) != 1 || all[0].Kind != "onceonly.lookup-asked" || !strings.Contains(string(all[0].Body), q.RequestID) {
			t.Errorf("at the time of asking the journal has %d records", len(all))
		}
	}
	answer, err := newBroker(t, j, register).Lookup(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		kind  onceonly.Kind
		value string
		class onceonly.Class
	}{
		{onceonly.Fetched, "Nguyễn Trọng Nghĩa", onceonly.Basic}, {onceonly.Fetched, "1990-03-15", onceonly.Basic},
		{onceonly.Incomplete, "", onceonly.Basic}, {onceonly.Fetched, "01", onceonly.Sensitive},
	} {
		got := answer.Fields[i]
		p := got.Provenance
		if got.Field != r.Fields[i] || got.Outcome.Kind != want.kind || got.Value.Reveal() != want.value || p.Class != want.class {
			t.Errorf("%s: got %s %q", got.Field, got.Outcome.Kind, got.Value.Reveal())
		}
		if p.Source != "population" || p.Via != "ndop" || p.RequestID != register.asked[0].RequestID || p.Fetched.IsZero() ||
			!p.Asserted.Equal(noon.Add(-time.Hour)) || p.AnswerHash != (journal.Hash{1}) {
			t.Errorf("%s: provenance %+v", got.Field, p)
		}
	}
	papers := answer.AskPaper()
	if len(papers) != 1 || papers[0].Field != onceonly.MaritalStatus || !papers[0].Correct || papers[0].Law == "" ||
		!papers[0].Provisional {
		t.Errorf("papers %+v", papers)
	}
	if all := records(t, j); len(all) != 2 || all[1].Kind != "onceonly.lookup-answered" {
		t.Fatalf("the journal has %d records", len(all))
	}
	if _, err := journal.Verify(context.Background(), j); err != nil {
		t.Fatal(err)
	}
}

func TestWhatNobodyAskedForIsDropped(t *testing.T) {
	r := request(t)
	r.Fields = []onceonly.Field{onceonly.FullName}
	answer, err := newBroker(t, journal.NewMemory(), population(t)).Lookup(context.Background(), r)
	if err != nil || len(answer.Fields) != 1 {
		t.Fatalf("got %d fields, %v; want the one asked for", len(answer.Fields), err)
	}
	if _, ok := answer.Get(onceonly.Religion); ok {
		t.Fatal("religion came through")
	}
}

func TestNoRequestWithoutIntentNoDataWithoutOutcome(t *testing.T) {
	tests := []struct {
		name  string
		takes int
		step  string
		asked int
		open  int
	}{
		{"no intent", 0, "intent", 0, 0},
		{"no outcome", 1, "outcome", 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			register := population(t)
			broken := &brokenJournal{Journal: journal.NewMemory(), takes: tt.takes}
			b := newBroker(t, broken, register)
			answer, err := b.Lookup(context.Background(), request(t))
			var failed *onceonly.RecordError
			if !errors.As(err, &failed) || failed.Step != tt.step || !errors.Is(err, onceonly.ErrNotRecorded) || !errors.Is(err, errDisk) {
				t.Fatalf("got %v, want step %s", err, tt.step)
			}
			if len(answer.Fields) != 0 || register.times() != tt.asked {
				t.Fatalf("%d fields came out, %d requests left; want 0, %d", len(answer.Fields), register.times(), tt.asked)
			}
			page, err := b.Open(context.Background(), onceonly.Window{})
			if err != nil || len(page.Uses) != tt.open {
				t.Fatalf("%d open, %v; want %d", len(page.Uses), err, tt.open)
			}
		})
	}
}

func TestAbandon(t *testing.T) {
	ctx := context.Background()
	broken := &brokenJournal{Journal: journal.NewMemory(), takes: 1}
	b := newBroker(t, broken, population(t))
	if _, err := b.Lookup(ctx, request(t)); err == nil {
		t.Fatal("want the outcome to fail")
	}
	broken.takes = 10
	open, err := b.Open(ctx, onceonly.Window{Until: noon.Add(time.Hour)})
	if err != nil || len(open.Uses) != 1 || open.Uses[0].State != onceonly.Open {
		t.Fatalf("open: %+v, %v", open.Uses, err)
	}
	if early, _ := b.Open(ctx, onceonly.Window{Until: noon}); len(early.Uses) != 0 {
		t.Fatal("the window is not held")
	}
	if err := b.Abandon(ctx, officer(t), open.Uses[0].Lookup); err != nil {
		t.Fatal(err)
	}
	if again := b.Abandon(ctx, officer(t), open.Uses[0].Lookup); !errors.Is(again, onceonly.ErrRequest) {
		t.Fatalf("a second time: %v", again)
	}
	if unknown := b.Abandon(ctx, officer(t), "nothing"); !errors.Is(unknown, onceonly.ErrRequest) {
		t.Fatalf("an unknown one: %v", unknown)
	}
	page, err := b.Usage(ctx, citizen(nghia(t)), nghia(t).Pseudonym, onceonly.Window{})
	if err != nil || len(page.Uses) != 1 || page.Uses[0].State != onceonly.Abandoned {
		t.Fatalf("the citizen sees %+v, %v", page.Uses, err)
	}
}

func TestAbandonedLookupHandsNothingOut(t *testing.T) {
	ctx, j, register := context.Background(), journal.NewMemory(), population(t)
	b := newBroker(t, j, register)
	register.before = func(context.Context, onceonly.Query) {
		page, err := b.Open(ctx, onceonly.Window{})
		if err != nil || len(page.Uses) != 1 {
			t.Errorf("open: %v", err)
			return
		}
		if err := b.Abandon(ctx, officer(t), page.Uses[0].Lookup); err != nil {
			t.Error(err)
		}
	}
	answer, err := b.Lookup(ctx, request(t))
	if !errors.Is(err, onceonly.ErrNotRecorded) || !errors.Is(err, journal.ErrConflict) || len(answer.Fields) != 0 {
		t.Fatalf("got %d fields, %v", len(answer.Fields), err)
	}
}

func TestEachRegisterStandsAlone(t *testing.T) {
	down := &fakeRegister{name: "down", fields: []onceonly.Field{onceonly.Sex},
		err: &onceonly.SourceError{Outcome: onceonly.Outcome{Kind: onceonly.Unavailable}}}
	r := request(t)
	r.Fields = []onceonly.Field{onceonly.Sex, onceonly.FullName}
	answer, err := newBroker(t, journal.NewMemory(), population(t), down).Lookup(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	sex, _ := answer.Get(onceonly.Sex)
	name, _ := answer.Get(onceonly.FullName)
	if sex.Outcome.Kind != onceonly.Unavailable || name.Outcome.Kind != onceonly.Fetched || sex.Provenance.Source != "down" {
		t.Fatalf("got %s from the one that is down and %s from the other", sex.Outcome.Kind, name.Outcome.Kind)
	}
}

func TestRegistersAreAskedSideBySide(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	meet := func(context.Context, onceonly.Query) { both.Done(); both.Wait() } // deadlocks when one waits for the other
	first, second := population(t), &fakeRegister{name: "second", fields: []onceonly.Field{onceonly.Sex}}
	first.before, second.before = meet, meet
	r := request(t)
	r.Fields = []onceonly.Field{onceonly.FullName, onceonly.Sex}
	if _, err := newBroker(t, journal.NewMemory(), first, second).Lookup(context.Background(), r); err != nil {
		t.Fatal(err)
	}
}

func TestOutcomesStayApart(t *testing.T) {
	source := func(o onceonly.Outcome) error { return fmt.Errorf("register: %w", &onceonly.SourceError{Outcome: o}) }
	tests := []struct {
		name  string
		err   error
		want  onceonly.Outcome
		paper bool
	}{
		{"not found", source(onceonly.Outcome{Kind: onceonly.NotFound}), onceonly.Outcome{Kind: onceonly.NotFound}, false},
		{"ambiguous", source(onceonly.Outcome{Kind: onceonly.Ambiguous}), onceonly.Outcome{Kind: onceonly.Ambiguous}, false},
		{"mismatch", source(onceonly.Outcome{Kind: onceonly.Mismatch}), onceonly.Outcome{Kind: onceonly.Mismatch}, false},
		{"refused", source(onceonly.Outcome{Kind: onceonly.Refused, Ground: "ND194.16"}),
			onceonly.Outcome{Kind: onceonly.Refused, Ground: "ND194.16"}, false},
		{"unavailable", source(onceonly.Outcome{Kind: onceonly.Unavailable}), onceonly.Outcome{Kind: onceonly.Unavailable}, true},
		{"timeout", source(onceonly.Outcome{Kind: onceonly.Timeout}), onceonly.Outcome{Kind: onceonly.Timeout}, true},
		{"malformed", source(onceonly.Outcome{Kind: onceonly.Malformed}), onceonly.Outcome{Kind: onceonly.Malformed}, false},
		{"unauthorised", source(onceonly.Outcome{Kind: onceonly.Unauthorised}),
			onceonly.Outcome{Kind: onceonly.Unauthorised}, false},
		{"rate limited", source(onceonly.Outcome{Kind: onceonly.RateLimited, RetryAfter: time.Minute}),
			onceonly.Outcome{Kind: onceonly.RateLimited, RetryAfter: time.Minute}, false},
		{"an error that claims success", source(onceonly.Outcome{Kind: onceonly.Fetched}),
			onceonly.Outcome{Kind: onceonly.Unavailable}, true},
		{"a number in the ground", source(onceonly.Outcome{Kind: onceonly.Refused, Ground: "001090000123"}),
			onceonly.Outcome{Kind: onceonly.Refused, Ground: "unprintable"}, false},
		{"an error of no type", errDisk, onceonly.Outcome{Kind: onceonly.Unavailable}, true},
		{"a deadline", context.DeadlineExceeded, onceonly.Outcome{Kind: onceonly.Timeout}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j, register := journal.NewMemory(), population(t)
			register.err = tt.err
			answer, err := newBroker(t, j, register).Lookup(context.Background(), request(t))
			if err != nil {
				t.Fatal(err)
			}
			got := answer.Fields[0]
			if got.Outcome != tt.want || !got.Value.IsZero() || (len(answer.AskPaper()) > 0) != tt.paper {
				t.Fatalf("got %+v, paper %v", got.Outcome, answer.AskPaper())
			}
			if got.Outcome.Text("vi") == got.Outcome.Text("en") || got.Outcome.Code() != "outcome."+string(tt.want.Kind) {
				t.Errorf("texts of %s", got.Outcome.Code())
			}
			for _, p := range answer.AskPaper() {
				if p.Text("vi") == p.Text("en") || p.Code() != "paper."+string(tt.want.Kind) {
					t.Errorf("texts of %s", p.Code())
				}
			}
		})
	}
}

func TestCallerGivesUp(t *testing.T) {
	j, register := journal.NewMemory(), population(t)
	ctx, cancel := context.WithCancel(context.Background())
	register.before = func(ctx context.Context, _ onceonly.Query) { cancel(); <-ctx.Done() }
	answer, err := newBroker(t, j, register).Lookup(ctx, request(t))
	if !errors.Is(err, context.Canceled) || len(answer.Fields) != 0 {
		t.Fatalf("got %d fields, %v", len(answer.Fields), err)
	}
	all := records(t, j)
	if len(all) != 2 || !strings.Contains(string(all[1].Body), `"outcome":"cancelled"`) {
		t.Fatal("the outcome is not in the journal")
	}
}

func TestSourceTimeout(t *testing.T) {
	register := population(t)
	register.before = func(ctx context.Context, _ onceonly.Query) { <-ctx.Done() }
	b, err := onceonly.NewBroker(journal.NewMemory(), onceonly.Config{Allowances: allowances(), Now: clock(),
		Timeout: 20 * time.Millisecond}, register)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.Lookup(context.Background(), request(t))
	if err != nil || answer.Fields[0].Outcome.Kind != onceonly.Timeout {
		t.Fatalf("got %+v, %v", answer.Fields, err)
	}
}

func TestCommandKeyAsksOnce(t *testing.T) {
	j, register := journal.NewMemory(), population(t)
	b := newBroker(t, j, register)
	r := request(t)
	r.Command = "form-1"
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, repeated := 0, 0
	for range 32 {
		wg.Go(func() {
			_, err := b.Lookup(context.Background(), r)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, onceonly.ErrRepeated):
				repeated++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || repeated != 31 || register.times() != 1 {
		t.Fatalf("%d answers, %d repeated, %d requests; want 1, 31, 1", won, repeated, register.times())
	}
	r.Fields = r.Fields[:1]
	_, err := b.Lookup(context.Background(), r)
	var other *onceonly.RequestError
	if !errors.As(err, &other) || other.Code() != "lookup.command.other" {
		t.Fatalf("another request under the same key: %v", err)
	}
	r.Actor = citizen(r.Subject) // another actor's keys are another's
	if _, err := b.Lookup(context.Background(), r); err != nil {
		t.Fatal(err)
	}
}

func TestNewBrokerRefuses(t *testing.T) {
	for name, sources := range map[string][]onceonly.Source{
		"no name": {&fakeRegister{}}, "same name": {&fakeRegister{name: "a"}, &fakeRegister{name: "a"}},
		"too many": slices.Repeat([]onceonly.Source{&fakeRegister{name: "a"}}, 17),
	} {
		if _, err := onceonly.NewBroker(journal.NewMemory(), onceonly.Config{}, sources...); !errors.Is(err, onceonly.ErrRequest) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := onceonly.NewBroker(nil, onceonly.Config{}); !errors.Is(err, onceonly.ErrRequest) {
		t.Errorf("no journal: got %v", err)
	}
	// Without allowances nothing is allowed.
	b, err := onceonly.NewBroker(journal.NewMemory(), onceonly.Config{}, population(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Lookup(context.Background(), request(t)); !errors.Is(err, onceonly.ErrRequest) {
		t.Errorf("no allowances: got %v", err)
	}
}
