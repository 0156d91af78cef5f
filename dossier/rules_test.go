package dossier_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// roles is every role there is.
var roles = []dossier.Role{dossier.Applicant, dossier.Officer, dossier.Specialist, dossier.Leader, dossier.Clerk, dossier.System}

// situation is a way to a state, and which conditions of the rules hold there.
type situation struct {
	name  string
	code  string
	holds []string
	steps []step
}

type step struct {
	act  dossier.Act
	role dossier.Role
}

// situations reach every state in every combination of conditions that the rules ask for.
func situations() []situation {
	file := step{dossier.File, dossier.Applicant}
	accept := step{dossier.Accept, dossier.Officer}
	assign := step{dossier.Assign, dossier.Officer}
	ask := step{dossier.RequestSupplement, dossier.Officer}
	approve := step{dossier.Approve, dossier.Leader}
	attach := step{dossier.AttachResult, dossier.Clerk}
	withdraw := step{dossier.Withdraw, dossier.Applicant}
	duty := step{dossier.RequestDuty, dossier.Specialist}
	finish := step{dossier.Finish, dossier.Clerk}
	early := []string{"unaccepted", "unapproved", "answered"}
	later := []string{"accepted", "unapproved", "answered"}
	waiting := []string{"accepted", "unapproved"}
	approved := []string{"accepted", "approved", "answered"}
	resulted := []string{"accepted", "approved", "answered", "resulted"}
	const std, imm = "1.009994", "1.009995"
	return []situation{
		{"nothing", std, early, nil},
		{"registered", std, early, []step{file}},
		{"refused", std, early, []step{file, {dossier.Refuse, dossier.Officer}}},
		{"asked before acceptance", std, []string{"unaccepted", "unapproved"}, []step{file, ask}},
		{"withdrawn before acceptance", std, early, []step{file, withdraw}},
		{"accepted", std, later, []step{file, accept}},
		{"accepted, immediate", imm, append(later, "immediate"), []step{file, accept}},
		{"approved, immediate", imm, append(approved, "immediate"), []step{file, accept, approve}},
		{"resulted, immediate", imm, append(resulted, "immediate"), []step{file, accept, approve, attach}},
		{"processing", std, later, []step{file, accept, assign}},
		{"approved", std, approved, []step{file, accept, assign, approve}},
		{"resulted", std, resulted, []step{file, accept, assign, approve, attach}},
		{"asked after acceptance", std, waiting, []step{file, accept, ask}},
		{"duty", std, waiting, []step{file, accept, assign, duty}},
		{"duty after approval", std, []string{"accepted", "approved"}, []step{file, accept, assign, approve, duty}},
		{"withdrawn", std, later, []step{file, accept, assign, withdraw}},
		{"withdrawn while asked", std, waiting, []step{file, accept, ask, withdraw}},
		{"stopped", std, later, []step{file, accept, {dossier.Stop, dossier.Leader}}},
		{"denied", std, later, []step{file, accept, assign, {dossier.Refuse, dossier.Leader}}},
		{"finished", std, resulted, []step{file, accept, assign, approve, attach, finish}},
		{"returned", std, resulted, []step{file, accept, assign, approve, attach, finish, {dossier.Return, dossier.Officer}}},
	}
}

// TestTable walks every rule set: in every situation, every act by every role is possible exactly where a row says so.
func TestTable(t *testing.T) {
	book, err := rules.Official()
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range book.Sets() {
		day, ok := workday(set)
		if !ok {
			continue // before the calendars begin
		}
		used := make(map[string]bool)
		for _, s := range situations() {
			t.Run(set.ID()+"/"+s.name, func(t *testing.T) { walk(t, set, day, s, used) })
		}
		for _, row := range set.Transitions() {
			if !used[rowName(row)] {
				t.Errorf("%s: no situation takes the row %s", set.ID(), rowName(row))
			}
		}
	}
}

func rowName(row rules.Transition) string { return fmt.Sprint(row.From, " ", row.Act, " ", row.When) }

// workday is a Monday in the life of the set, in a year with an official calendar.
func workday(set *rules.Set) (time.Time, bool) {
	for _, day := range []time.Time{vntime.Date(2023, 11, 6), vntime.Date(2025, 10, 6), vntime.Date(2026, 3, 2), monday} {
		if !day.Before(set.Since()) && (set.Until().IsZero() || day.Before(set.Until())) {
			return day.Add(9 * time.Hour), true
		}
	}
	return time.Time{}, false
}

func walk(t *testing.T, set *rules.Set, day time.Time, s situation, used map[string]bool) {
	o := newOffice(t, journal.NewMemory(), nil)
	o.setClock(day)
	arrive := func() *dossier.Dossier {
		d := &dossier.Dossier{}
		for _, st := range s.steps {
			d = o.do(d, st.act, st.role, filedAs(s.code))
		}
		return d
	}
	d := arrive()
	for _, act := range dossier.Acts() {
		if (act == dossier.File) != (len(s.steps) == 0) {
			continue // filing makes another dossier, and without one there is nothing else to do
		}
		for _, role := range roles {
			before := count(t, o.journal)
			want, wantLaw := allowed(set, d, s, act, role, used)
			if open := slices.ContainsFunc(o.Options(d, role), func(x dossier.Option) bool { return x.Act == act }); act != dossier.File && open != want {
				t.Errorf("%s by %s: Options says %v, the table %v", act, role, open, want)
			}
			after, err := o.try(d, act, role, filedAs(s.code))
			if err == nil {
				d = arrive() // the act has changed it: take the next
			}
			switch {
			case want && overBound(d, act, role):
				mustRefuse(t, act, role, err)
			case want && err != nil:
				t.Errorf("%s by %s: %v", act, role, err)
			case want && after.History[len(after.History)-1].Law != wantLaw:
				t.Errorf("%s by %s stands on %v, want %v", act, role, after.History[len(after.History)-1].Law, wantLaw)
			case !want:
				mustRefuse(t, act, role, err)
				if count(t, o.journal) != before {
					t.Errorf("%s by %s was refused and wrote", act, role)
				}
			}
		}
	}
}

func filedAs(code string) func(*dossier.Command) {
	return func(c *dossier.Command) {
		if c.Filing != nil {
			c.Filing.Procedure = mustProcedure(code)
		}
	}
}

// overBound are acts the table allows but a bound forbids in that situation: nobody was consulted, a supplement was
// asked for before, or there is still time to bring it.
func overBound(d *dossier.Dossier, act dossier.Act, role dossier.Role) bool {
	return act == dossier.Stop && d.State == dossier.SupplementRequested && role != dossier.Leader ||
		act == dossier.Opinion && d.OpenConsults == 0 || act == dossier.RequestSupplement && d.Supplements > 0
}

func mustRefuse(t *testing.T, act dossier.Act, role dossier.Role, err error) {
	t.Helper()
	var refusal *dossier.Refusal
	if !errors.As(err, &refusal) {
		t.Errorf("%s by %s: %v, want a refusal", act, role, err)
		return
	}
	if refusal.Code() == "" || refusal.Text("vi") == "" || refusal.Text("en") == refusal.Text("vi") {
		t.Errorf("%s by %s: a refusal without words: %+v", act, role, refusal)
	}
}

// allowed reads the table on its own: a row for the state and act whose conditions hold and which names the role.
func allowed(set *rules.Set, d *dossier.Dossier, s situation, act dossier.Act, role dossier.Role, used map[string]bool) (bool, rules.Law) {
	for _, row := range set.Transitions() {
		if row.From != int(d.State) || row.Act != string(act) || row.Optional && s.code != "1.009994" {
			continue
		}
		if slices.ContainsFunc(row.When, func(when string) bool { return !slices.Contains(s.holds, when) }) {
			continue
		}
		used[rowName(row)] = true
		return slices.Contains(row.By, string(role)), row.Law
	}
	return false, rules.Law{}
}

// TestRandomActs performs thousands of random commands. Most are refused; whatever was written is consistent, and a
// desk that starts anew reads the same dossier from the facts.
func TestRandomActs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(20261121, 7))
	for range 25 {
		j := journal.NewMemory()
		o := newOffice(t, j, nil)
		code := []string{"1.009994", "1.009995"}[rnd.IntN(2)]
		d := o.do(nil, dossier.File, dossier.Applicant, filedAs(code))
		for range 120 {
			o.setClock(o.clock().Add(time.Duration(rnd.IntN(30*60)) * time.Minute / 10))
			act := dossier.Acts()[rnd.IntN(len(dossier.Acts()))]
			after, err := o.try(d, act, roles[rnd.IntN(len(roles))], filedAs(code), func(c *dossier.Command) {
				if rnd.IntN(20) == 0 && act != dossier.File {
					c.Seen--
				}
			})
			if act == dossier.File {
				continue // that was another dossier
			}
			if err != nil {
				if again := o.mustGet(d); again.Version != d.Version {
					t.Fatalf("%s was refused (%v) and wrote", act, err)
				}
				continue
			}
			d = after
			checkConsistent(t, d)
		}
		if again := newOffice(t, j, nil).mustGet(d); !reflect.DeepEqual(again, d) {
			t.Errorf("replayed:\n%+v\nwas:\n%+v", again, d)
		}
		if _, err := journal.Verify(t.Context(), j); err != nil {
			t.Error(err)
		}
	}
}

func checkConsistent(t *testing.T, d *dossier.Dossier) {
	t.Helper()
	accepted := d.IsAccepted()
	for rule, ok := range map[string]bool{
		"a code exactly when accepted":         accepted == !d.Code.IsZero(),
		"a due date exactly when accepted":     accepted == !d.Due.IsZero() && accepted == !d.IndexDue.IsZero(),
		"refused means never accepted":         d.State != dossier.Refused || !accepted,
		"processing means accepted":            d.State != dossier.Processing || accepted,
		"finished means a result or a denial":  d.State < dossier.Finished || d.Denied || d.Approved && len(d.Results) > 0,
		"an ended clock exactly in end states": d.State.Ends(accepted) == !d.Ended.IsZero(),
		"one supplement at most":               d.Supplements <= 1,
		"one re-appointment at most":           d.Reappointments <= 1,
		"asked exactly while waiting": d.State == dossier.WithdrawalRequested ||
			!d.SupplementAsked.IsZero() == (d.State == dossier.SupplementRequested),
		"history in order": slices.IsSortedFunc(d.History, func(a, b dossier.Entry) int { return a.At.Compare(b.At) }),
		"version":          d.Version == int64(len(d.History)),
		"last state":       d.History[len(d.History)-1].To == d.State,
		"due is explained": !accepted || !d.Deadline.Due.IsZero(),
	} {
		if !ok {
			t.Fatalf("does not hold: %s\n%+v", rule, d.Summary)
		}
	}
}

// TestPinned accepts a dossier the day before 309/2026 and finishes it under the rules of that day.
func TestPinned(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	o.setClock(vntime.Date(2026, 8, 4).Add(9 * time.Hour))
	d := o.do(nil, dossier.File, dossier.Applicant)
	late := o.do(nil, dossier.File, dossier.Applicant)
	d = o.do(d, dossier.Accept, dossier.Officer)
	o.setClock(vntime.Date(2026, 8, 5).Add(9 * time.Hour))
	d = o.do(d, dossier.Assign, dossier.Officer)
	late = o.do(late, dossier.Accept, dossier.Officer)
	if d.RuleSet != "2025-12-31" || !d.History[2].Law.Provisional || d.History[2].RuleSet != "2025-12-31" {
		t.Errorf("accepted before the amendment: %s, %v", d.RuleSet, d.History[2].Law)
	}
	if late.RuleSet != "2026-08-05" || late.History[0].RuleSet != "2025-12-31" || late.History[1].Law.AmendedBy != "309/2026/NĐ-CP" {
		t.Errorf("filed before, accepted after: %s, %v", late.RuleSet, late.History[1].Law)
	}
	o.setClock(vntime.Date(2018, 6, 20))
	var unknown *rules.UnknownDateError
	if _, err := o.try(nil, dossier.File, dossier.Applicant, procedure("2.000635")); err == nil {
		t.Error("filed before the law")
	} else if _, err := o.try(late, dossier.Assign, dossier.Officer); errors.As(err, &unknown) {
		t.Error("a pinned rule set depends on the clock")
	}
}

func TestSupplementClocks(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.accepted() // Mon 2026-11-02, due Mon 16
	o.setClock(monday.AddDate(0, 0, 1))
	d = o.do(d, dossier.RequestSupplement, dossier.Officer)
	if want := vntime.Date(2026, 11, 13); !d.SupplementDue.Equal(want.Add(-time.Second)) {
		t.Errorf("the applicant has until %s", d.SupplementDue)
	}
	list, err := o.List(t.Context(), dossier.Query{Waiting: true, Until: vntime.Date(2026, 11, 13)})
	if err != nil || len(list.Rows) != 1 {
		t.Errorf("waiting: %v, %v", list, err)
	}
	if _, err := o.try(d, dossier.Stop, dossier.System); codeOf(err) != "dossier.supplement-running" {
		t.Errorf("stopped while there is time: %v", err)
	}
	o.setClock(vntime.Date(2026, 11, 13))
	if stopped := newOffice(t, copyOf(t, o.journal), nil).at(o.clock()).do(d, dossier.Stop, dossier.System); stopped.State != dossier.Stopped {
		t.Errorf("not stopped when the time was over: %+v", stopped.Summary)
	}
	o.setClock(monday.AddDate(0, 0, 3))
	d = o.do(d, dossier.Supplement, dossier.Applicant)
	due := func(t time.Time) string { return t.Format("2006-01-02 15:04") }
	if due(d.Due) != "2026-11-19 23:59" || due(d.IndexDue) != "2026-11-18 23:59" {
		t.Errorf("legal clock restarted: %s, index clock paused: %s", due(d.Due), due(d.IndexDue))
	}
	last := d.History[len(d.History)-1]
	if due(last.DueBefore) != "2026-11-16 23:59" || last.DueAfter != d.Due || len(d.Deadline.Days) != 15 {
		t.Errorf("moved from %s to %s by %d days", last.DueBefore, last.DueAfter, len(d.Deadline.Days))
	}
	if ref, ok := d.File("anh"); !ok || ref.Media != "image/png" || len(d.Files) != 2 {
		t.Errorf("papers: %+v", d.Files)
	}
}

func TestLimitsOfTheLaw(t *testing.T) {
	day := func(n int) time.Time { return monday.AddDate(0, 0, n) }
	for _, tt := range []struct {
		name string
		at   time.Time
		act  dossier.Act
		role dossier.Role
		due  string
		want string // the code, empty when it passes
	}{
		{"returned on the third working day", day(3), dossier.RequestSupplement, dossier.Officer, "", ""},
		{"returned on the fourth", day(4), dossier.RequestSupplement, dossier.Officer, "", "dossier.supplement-late"},
		{"re-appointed the day before", day(13), dossier.Reappoint, dossier.Officer, "2026-11-18", ""},
		{"re-appointed on the day", day(14), dossier.Reappoint, dossier.Officer, "2026-11-18", "dossier.reappoint-late"},
		{"re-appointed to a Sunday", day(1), dossier.Reappoint, dossier.Officer, "2026-11-22", "dossier.invalid.due"},
		{"re-appointed to Culture Day", day(1), dossier.Reappoint, dossier.Officer, "2026-11-24", "dossier.invalid.due"},
		{"re-appointed to an earlier day", day(1), dossier.Reappoint, dossier.Officer, "2026-11-10", "dossier.invalid.due"},
		{"re-appointed into the unknown", day(1), dossier.Reappoint, dossier.Officer, "2099-01-01", "calendar.unknown-year"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, journal.NewMemory(), nil)
			d := o.accepted()
			o.setClock(tt.at)
			_, err := o.try(d, tt.act, tt.role, func(c *dossier.Command) {
				if tt.due != "" {
					c.Due, _ = dossier.ParseDay(tt.due)
				}
			})
			if got := codeOf(err); got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

func codeOf(err error) string {
	var coded interface {
		Code() string
		Text(lang string) string
	}
	if !errors.As(err, &coded) {
		return strings.TrimSpace(fmt.Sprint(err)[:0])
	}
	return coded.Code()
}

func TestReappointedOnce(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.do(o.accepted(), dossier.Reappoint, dossier.Officer)
	if d.Due.Format(time.DateOnly) != "2026-11-23" || d.Reappointments != 1 || d.State != dossier.Accepted {
		t.Errorf("re-appointed: %+v", d.Summary)
	}
	_, err := o.try(d, dossier.Reappoint, dossier.Officer, func(c *dossier.Command) { c.Due, _ = dossier.ParseDay("2026-11-26") })
	if codeOf(err) != "dossier.reappoint-once" {
		t.Errorf("a second time: %v", err)
	}
}

func TestDutyPauses(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.do(o.do(o.accepted(), dossier.Assign, dossier.Officer), dossier.RequestDuty, dossier.Specialist)
	o.setClock(monday.AddDate(0, 0, 8)) // Tue 10, six working days later
	d = o.do(d, dossier.SettleDuty, dossier.System)
	last := d.History[len(d.History)-1]
	if d.State != dossier.Processing || d.Due.Format(time.DateOnly) != "2026-11-25" || last.DueBefore.Format(time.DateOnly) != "2026-11-16" {
		t.Errorf("settled: due %s, before %s", d.Due, last.DueBefore)
	}
}
