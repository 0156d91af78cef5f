package dossier_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

func TestHappyPath(t *testing.T) {
	j := journal.NewMemory()
	o := newOffice(t, j, nil)
	d := o.do(nil, dossier.File, dossier.Applicant)
	if d.State != dossier.Registered || !d.Code.IsZero() || !d.Due.IsZero() || d.Owner != o.mustGet(d).Owner {
		t.Fatalf("filed: %+v", d.Summary)
	}
	d = o.do(d, dossier.Accept, dossier.Officer)
	if d.Code.String() != "H26.1.5-261102-0001" || d.RuleSet != "2026-08-05" || d.RuleDigest == "" {
		t.Errorf("accepted as %s under %s", d.Code, d.RuleSet)
	}
	if want := "2026-11-16T23:59:59+07:00"; d.Due.Format(time.RFC3339) != want || !d.IndexDue.Equal(d.Due) {
		t.Errorf("due %s, want %s", d.Due.Format(time.RFC3339), want)
	}
	d = o.do(d, dossier.Assign, dossier.Officer)
	d = o.do(d, dossier.Approve, dossier.Leader)
	d = o.do(d, dossier.AttachResult, dossier.Clerk)
	d = o.do(d, dossier.Finish, dossier.Clerk)
	d = o.do(d, dossier.Return, dossier.Officer)
	if d.State != dossier.Returned || d.Handed.IsZero() || d.Ended.IsZero() || len(d.Results) != 1 || d.Overdue(o.clock().AddDate(1, 0, 0)) {
		t.Errorf("returned: %+v", d.Summary)
	}
	for i, e := range d.History {
		if e.Version != int64(i+1) || e.Law.Instrument == "" || e.RuleSet == "" {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
	byCode, err := o.ByCode(t.Context(), d.Code)
	if err != nil || !reflect.DeepEqual(byCode, d) {
		t.Errorf("ByCode = %v, %v", byCode, err)
	}
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Error(err)
	}
}

func (o *office) mustGet(d *dossier.Dossier) *dossier.Dossier {
	o.t.Helper()
	again, err := o.Get(o.t.Context(), d.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return again
}

// TestNoPersonalData looks for what the applicant entered in everything that is not private.
func TestNoPersonalData(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.accepted()
	d = o.do(d, dossier.RequestSupplement, dossier.Officer)
	d = o.do(d, dossier.Supplement, dossier.Applicant)
	var seen strings.Builder
	private := 0
	for r, err := range o.journal.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&seen, r.Stream, r.Kind, r.Actor, string(r.Body), r.Subject, r.Keys, r.Command.Key)
		private += len(r.Private)
	}
	fmt.Fprintf(&seen, "%v %+v %#v %s\n", d, *d, d.Summary, d.Owner)
	slog.New(slog.NewTextHandler(&seen, nil)).Info("x", "d", *d)
	slog.New(slog.NewJSONHandler(&seen, nil)).Info("x", "d", *d)
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	seen.Write(raw)
	c := command(d, dossier.File, dossier.Applicant, "k", monday)
	fmt.Fprintf(&seen, "%v %+v", c, *c.Filing)
	for _, canary := range []string{"Nghĩa", "001090000123", "090000123", thePhone, "bí mật", "Vĩnh", "Nghia.pdf"} {
		if strings.Contains(seen.String(), canary) {
			t.Errorf("%q stands outside the private half", canary)
		}
	}
	if private == 0 || d.Form.Reveal() == "" || d.History[2].Reason.Reveal() == "" || d.Owner.PersonID.Reveal() != "001090000123" {
		t.Error("the private half lost what was entered")
	}
}

func TestIdempotent(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	filing := command(nil, dossier.File, dossier.Applicant, "form-1", monday)
	first, err := o.Do(t.Context(), filing)
	if err != nil {
		t.Fatal(err)
	}
	accept := command(first, dossier.Accept, dossier.Officer, "form-2", monday)
	accepted, err := o.Do(t.Context(), accept)
	if err != nil {
		t.Fatal(err)
	}
	o.setClock(monday.AddDate(0, 0, 1))
	again, err := o.Do(t.Context(), filing)
	if err != nil || !reflect.DeepEqual(again, first) {
		t.Errorf("filing twice = %v, %v", again, err)
	}
	again, err = o.Do(t.Context(), accept)
	if err != nil || again.Code != accepted.Code || again.Version != 2 {
		t.Errorf("accepting twice = %v, %v", again, err)
	}
	accept.Seen = 2
	if again, err = o.Do(t.Context(), accept); err != nil || again.Version != 2 {
		t.Errorf("accepting twice having seen the first time = %v, %v", again, err)
	}
	accept.Note = dossier.NewPersonal("khác")
	var refusal *dossier.Refusal
	if _, err = o.Do(t.Context(), accept); !errors.Is(err, journal.ErrCommandReused) || !errors.As(err, &refusal) {
		t.Errorf("same key, other request: %v", err)
	}
	filing.Filing.Form = dossier.NewPersonal(`{"copies":9}`)
	if _, err = o.Do(t.Context(), filing); !errors.Is(err, journal.ErrCommandReused) {
		t.Errorf("same key, other filing: %v", err)
	}
	if n := count(t, o.journal); n != 3 {
		t.Errorf("%d facts, want 2 of the dossier and 1 serial number", n)
	}
}

func count(t *testing.T, j journal.Journal) int {
	n := 0
	for _, err := range j.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestStale(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.do(nil, dossier.File, dossier.Applicant)
	o.do(d, dossier.Accept, dossier.Officer)
	_, err := o.try(d, dossier.Refuse, dossier.Officer)
	var stale *dossier.StaleError
	if !errors.Is(err, dossier.ErrStale) || !errors.As(err, &stale) || stale.Version != 2 || stale.Seen != 1 {
		t.Errorf("second officer: %v", err)
	}
	if !strings.HasPrefix(stale.Text("vi"), "Hồ sơ đã được người khác cập nhật") {
		t.Errorf("text: %s", stale.Text("vi"))
	}
	_, err = o.try(&dossier.Dossier{Summary: dossier.Summary{ID: dossier.NewID("x", "y"), Version: 1}}, dossier.Accept, dossier.Officer)
	if !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("no such dossier: %v", err)
	}
}

// TestRace lets 16 officers accept one dossier at once, each in his own right.
func TestRace(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.do(nil, dossier.File, dossier.Applicant)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, stale := 0, 0
	for i := range 16 {
		wg.Go(func() {
			c := command(d, dossier.Accept, dossier.Officer, fmt.Sprintf("officer-%d", i), monday)
			c.Actor.ID = fmt.Sprintf("a-%d", i)
			_, err := o.Do(t.Context(), c)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case errors.Is(err, dossier.ErrStale):
				stale++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || stale != 15 {
		t.Errorf("%d won, %d were stale", won, stale)
	}
	if after := o.mustGet(d); after.Code.Serial() != 1 || after.Version != 2 {
		t.Errorf("after: %+v", after.Summary)
	}
	if n := count(t, o.journal); n != 3 {
		t.Errorf("%d facts, want filing, one serial number and one acceptance", n)
	}
}

// TestSerials lets 16 dossiers be accepted at once: each gets a number, none twice.
func TestSerials(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := make(map[dossier.Code]bool)
	for range 16 {
		d := o.do(nil, dossier.File, dossier.Applicant)
		wg.Go(func() {
			after, err := o.try(d, dossier.Accept, dossier.Officer)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			codes[after.Code] = true
		})
	}
	wg.Wait()
	for n := range int64(16) {
		code, _ := dossier.NewCode(unit, monday, n+1)
		if !codes[code] {
			t.Errorf("%s was not issued", code)
		}
	}
}

// failing is a journal that dies at the nth append.
type failing struct {
	journal.Journal
	left int
}

var errDied = errors.New("died")

func (j *failing) Append(ctx context.Context, s journal.Stream, after int64, facts ...journal.Fact) ([]journal.Record, error) {
	if j.left--; j.left < 0 {
		return nil, errDied
	}
	return j.Journal.Append(ctx, s, after, facts...)
}

// TestDeathBetween dies after the serial number was reserved and before the dossier was accepted.
func TestDeathBetween(t *testing.T) {
	memory := journal.NewMemory()
	o := newOffice(t, memory, nil)
	d := o.do(nil, dossier.File, dossier.Applicant)
	other := o.do(nil, dossier.File, dossier.Applicant)
	dying := newOffice(t, &failing{memory, 1}, nil)
	c := command(d, dossier.Accept, dossier.Officer, "accept-1", monday)
	if _, err := dying.Do(t.Context(), c); !errors.Is(err, errDied) {
		t.Fatalf("want death, got %v", err)
	}
	if got := o.mustGet(d); got.Version != 1 {
		t.Fatalf("half written: %+v", got.Summary)
	}
	if second := o.do(other, dossier.Accept, dossier.Officer); second.Code.Serial() != 2 {
		t.Errorf("the reserved number was given away: %s", second.Code)
	}
	after, err := o.Do(t.Context(), c)
	if err != nil || after.Code.Serial() != 1 {
		t.Errorf("after the restart: %v, %v", after, err)
	}
}

func TestSerialOverflow(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.do(nil, dossier.File, dossier.Applicant)
	stream, err := journal.ParseStream("serial/H26.1.5-261102")
	if err != nil {
		t.Fatal(err)
	}
	for after := int64(0); after < dossier.MaxSerial; {
		facts := make([]journal.Fact, min(64, dossier.MaxSerial-after))
		for i := range facts {
			facts[i] = journal.Fact{Kind: "dossier.serial-reserved", Actor: "x", At: monday, Body: []byte("{}")}
		}
		if _, err := o.journal.Append(t.Context(), stream, after, facts...); err != nil {
			t.Fatal(err)
		}
		after += int64(len(facts))
	}
	var full *dossier.SerialError
	if _, err := o.try(d, dossier.Accept, dossier.Officer); !errors.As(err, &full) || full.Max != 9999 {
		t.Errorf("dossier no. 10000: %v", err)
	}
	o.setClock(monday.AddDate(0, 0, 1))
	if d = o.do(d, dossier.Accept, dossier.Officer); d.Code.String() != "H26.1.5-261103-0001" {
		t.Errorf("next day: %s", d.Code)
	}
}

// TestUnknownYear accepts at the end of the last year with an official calendar.
func TestUnknownYear(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	cal, err := calendar.Official()
	if err != nil {
		t.Fatal(err)
	}
	years := cal.Years()
	o.setClock(vntime.Date(years[len(years)-1], 12, 30).Add(9 * time.Hour))
	d := o.do(nil, dossier.File, dossier.Applicant)
	before := count(t, o.journal)
	var unknown *calendar.UnknownYearError
	if _, err := o.try(d, dossier.Accept, dossier.Officer); !errors.As(err, &unknown) || unknown.Text("vi") == "" {
		t.Errorf("accept: %v", err)
	}
	if count(t, o.journal) != before {
		t.Error("a refused acceptance wrote something")
	}
}

func TestGuards(t *testing.T) {
	outage := errors.New("gateway away")
	var answer error = &dossier.Refusal{Key: "payment.fee-unpaid", Vi: "Chưa nộp phí.", En: "Fee not paid."}
	var asked []dossier.State
	o := newOffice(t, journal.NewMemory(), map[string]dossier.Guard{
		"fee-paid": func(_ context.Context, d *dossier.Dossier, c *dossier.Command) error {
			asked = append(asked, d.State)
			return answer
		}})
	d := o.do(nil, dossier.File, dossier.Applicant, procedure("2.000635"), func(c *dossier.Command) {
		c.Filing.Files = nil
		c.Filing.Form = dossier.NewPersonal(copyForm)
	})
	p, err := o.Procedure(&d.Summary)
	if err != nil {
		t.Fatal(err)
	}
	if fee, err := p.FeeDue(dossier.Accept, d.Form); fee != 16000 || err != nil {
		t.Errorf("fee of two copies: %d, %v", fee, err)
	}
	before := count(t, o.journal)
	var refusal *dossier.Refusal
	if _, err := o.try(d, dossier.Accept, dossier.Officer); !errors.As(err, &refusal) || refusal.Code() != "payment.fee-unpaid" {
		t.Errorf("unpaid: %v", err)
	}
	answer, refusal = outage, nil
	if _, err := o.try(d, dossier.Accept, dossier.Officer); !errors.Is(err, outage) || errors.As(err, &refusal) {
		t.Errorf("outage: %v", err)
	}
	if _, err := o.try(d, dossier.Accept, dossier.Leader); !errors.As(err, &refusal) || len(asked) != 2 {
		t.Errorf("a guard was asked before the rules: %v", err)
	}
	if count(t, o.journal) != before {
		t.Error("a refused act wrote something")
	}
	answer = nil
	o.do(d, dossier.Accept, dossier.Officer)
	if _, err := dossier.NewDesk(o.journal, mustCatalogue(t), dossier.Config{}); err == nil {
		t.Error("a desk without the guards its procedures name was made")
	}
}

const copyForm = `{"fullName":"Nguyễn Trọng Nghĩa","personId":"001090000123","birthDate":"1990-03-15",
	"residence":"Số 1 phố Thử Nghiệm, phường Ba Đình, Hà Nội","kind":"khai-sinh","holderName":"Nguyễn Trọng Nghĩa",
	"holderBirthDate":"1990-03-15","registeredAt":"UBND phường Ba Đình","relation":"ban-than","copies":2}`

func TestList(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	var all []*dossier.Dossier
	for i := range 5 {
		o.setClock(monday.AddDate(0, 0, i))
		all = append(all, o.accepted())
	}
	all[0] = o.do(all[0], dossier.Assign, dossier.Officer)
	rows := func(q dossier.Query) (ids []dossier.ID) {
		t.Helper()
		for {
			page, err := o.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Rows {
				ids = append(ids, row.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return ids
			}
		}
	}
	ids := func(of ...int) (ids []dossier.ID) {
		for _, i := range of {
			ids = append(ids, all[i].ID)
		}
		return ids
	}
	for _, tt := range []struct {
		name  string
		query dossier.Query
		want  []dossier.ID
	}{
		{"open work of a unit, due first, by pages", dossier.Query{Unit: unit, Limit: 2}, ids(0, 1, 2, 3, 4)},
		{"accepted only", dossier.Query{Unit: unit, State: dossier.Accepted}, ids(1, 2, 3, 4)},
		{"an officer's", dossier.Query{Officer: "a-specialist"}, ids(0)},
		{"an applicant's, newest first", dossier.Query{Applicant: citizen, Descending: true}, ids(4, 3, 2, 1, 0)},
		{"an agency's", dossier.Query{Agency: unit}, ids(0, 1, 2, 3, 4)},
		{"due before", dossier.Query{Due: true, Until: all[2].Due}, ids(0, 1)},
		{"nobody's", dossier.Query{Officer: "a-nobody"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rows(tt.query); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	for _, q := range []dossier.Query{{}, {Unit: unit, Officer: "x"}, {State: 4}, {Officer: "x", State: 4}, {Unit: unit, State: 11}} {
		var invalid *dossier.InvalidError
		if _, err := o.List(t.Context(), q); !errors.As(err, &invalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	stopped := o.do(all[1], dossier.Stop, dossier.Leader)
	if got := rows(dossier.Query{Unit: unit, State: dossier.Accepted}); len(got) != 3 || stopped.Ended.IsZero() {
		t.Errorf("a stopped dossier is still work: %v", got)
	}
}
