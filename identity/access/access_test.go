package access_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/access"
)

var now = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

func days(n int) time.Time { return now.AddDate(0, 0, n) }

func account(t testing.TB, name string) identity.Pseudonym {
	t.Helper()
	names, err := identity.NewPseudonymizer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return names.Account("https://id.agency.example", name)
}

func standard(t testing.TB) *access.Policy {
	t.Helper()
	policy, err := access.Standard()
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

func action(t testing.TB, name string) access.Action {
	t.Helper()
	a, err := standard(t).Action(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var units = []access.Unit{
	{ID: "ward", Name: "Ủy ban nhân dân phường Ví Dụ"},
	{ID: "one-stop", Name: "Bộ phận Tiếp nhận và Trả kết quả", Parent: "ward"},
	{ID: "justice", Name: "Tư pháp - hộ tịch", Parent: "ward"},
	{ID: "archive", Name: "Lưu trữ", Parent: "justice"},
}

// ward is a small agency: a receiver, two specialists, a leader with a deputy for two weeks, an administrator.
func ward(t testing.TB) *access.Staff {
	t.Helper()
	since := days(-300)
	staff, err := standard(t).NewStaff(units, []access.Position{
		{Holder: account(t, "receiver"), Self: account(t, "receiver at home"), Unit: "one-stop", Role: "receiver", Since: since},
		{Holder: account(t, "specialist"), Unit: "justice", Role: "specialist", Since: since},
		{Holder: account(t, "retired"), Unit: "justice", Role: "specialist", Since: since, Until: now},
		{Holder: account(t, "leader"), Unit: "ward", Role: "leader", Since: since, Until: days(10)},
		{Holder: account(t, "head"), Unit: "justice", Role: "leader", Since: since},
		{Holder: account(t, "admin"), Unit: "ward", Role: "administrator", Since: since},
	}, []access.Delegation{
		{From: account(t, "leader"), To: account(t, "specialist"), Unit: "ward", Role: "leader",
			Actions: []string{"result.approve"}, Instrument: "12/QĐ-UBND", Since: days(-1), Until: days(14)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return staff
}

func officer(t testing.TB, name string) identity.Subject {
	return identity.Subject{Kind: identity.Officer, Pseudonym: account(t, name)}
}

func member(t testing.TB, kind identity.SubjectKind, level identity.Level) identity.Subject {
	return identity.Subject{Kind: kind, Pseudonym: account(t, "me"), Assurance: identity.Assurance{Level: level}}
}

func TestOfficers(t *testing.T) {
	tests := []struct {
		name, who, action, unit string
		at                      time.Time
		want                    access.Reason
	}{
		{"receiver accepts at the one-stop unit", "receiver", "dossier.accept", "one-stop", now, access.ReasonGranted},
		{"but not elsewhere", "receiver", "dossier.accept", "justice", now, access.ReasonUnit},
		{"nor without a unit", "receiver", "dossier.accept", "", now, access.ReasonUnit},
		{"nor at a unit that is none", "receiver", "dossier.accept", "moon", now, access.ReasonUnit},
		{"nor approves", "receiver", "result.approve", "one-stop", now, access.ReasonRole},
		{"not before the position begins", "receiver", "dossier.accept", "one-stop", days(-301), access.ReasonEnded},
		{"position over", "retired", "dossier.process", "justice", now, access.ReasonEnded},
		{"a moment before", "retired", "dossier.process", "justice", now.Add(-1), access.ReasonGranted},
		{"leader of the whole ward", "leader", "result.approve", "archive", now, access.ReasonGranted},
		{"head of one unit, below", "head", "result.approve", "archive", now, access.ReasonGranted},
		{"head of one unit, beside", "head", "result.approve", "one-stop", now, access.ReasonUnit},
		{"head of one unit, above", "head", "result.approve", "ward", now, access.ReasonUnit},
		{"lent", "specialist", "result.approve", "archive", now, access.ReasonDelegated},
		{"not lent", "specialist", "report.read", "ward", now, access.ReasonRole},
		{"not yet lent", "specialist", "result.approve", "archive", days(-2), access.ReasonDelegationEnded},
		{"the giver has left", "specialist", "result.approve", "archive", days(10), access.ReasonDelegationEnded},
		{"administrator is no officer of dossiers", "admin", "dossier.process", "ward", now, access.ReasonRole},
		{"administrator manages everywhere", "admin", "staff.manage", "archive", now, access.ReasonGranted},
		{"a citizen's action", "admin", "dossier.file", "ward", now, access.ReasonRole},
		{"stranger", "nobody", "dossier.accept", "one-stop", now, access.ReasonNoPosition},
	}
	staff := ward(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := staff.Decide(access.Question{
				Subject: officer(t, tt.who), Action: action(t, tt.action), Unit: tt.unit, At: tt.at,
			})
			allowed := tt.want == access.ReasonGranted || tt.want == access.ReasonDelegated
			if d.Reason != tt.want || d.Allowed != allowed || (d.Err() == nil) != allowed {
				t.Fatalf("%+v, want %s", d, tt.want)
			}
			if (tt.want == access.ReasonDelegated) != (d.Instrument == "12/QĐ-UBND" && d.Delegator == account(t, "leader")) {
				t.Errorf("delegation in %+v", d)
			}
			var denied *access.DeniedError
			if !allowed && (!errors.As(d.Err(), &denied) || denied.Text("vi") == denied.Text("en") || denied.Code() != "access."+string(tt.want)) {
				t.Errorf("error %v", d.Err())
			}
		})
	}
}

func TestNobodyHandlesTheirOwnCase(t *testing.T) {
	staff := ward(t)
	q := access.Question{Subject: officer(t, "receiver"), Action: action(t, "dossier.accept"), Unit: "one-stop", At: now}
	for owner, want := range map[string]access.Reason{
		"receiver at home": access.ReasonOwnCase, "receiver": access.ReasonOwnCase, "somebody": access.ReasonGranted,
	} {
		q.Owner = account(t, owner)
		if d := staff.Decide(q); d.Reason != want || d.Allowed != (want == access.ReasonGranted) {
			t.Errorf("%s: %+v, want %s", owner, d, want)
		}
	}
}

func TestMembers(t *testing.T) {
	me, you := account(t, "me"), account(t, "you")
	authority := &identity.Representation{
		Acting: me, For: you, Basis: identity.PowerOfAttorney, Evidence: "sha256:00", Scope: []string{"1.001193"}, Until: days(1),
	}
	tests := []struct {
		name      string
		kind      identity.SubjectKind
		level     identity.Level
		action    string
		owner     identity.Pseudonym
		represent *identity.Representation
		procedure string
		want      access.Reason
	}{
		{"files", identity.Citizen, identity.Level2, "dossier.file", identity.Pseudonym{}, nil, "", access.ReasonGranted},
		{"foreigner files", identity.Foreigner, identity.Level1, "dossier.file", identity.Pseudonym{}, nil, "", access.ReasonGranted},
		{"level unknown", identity.Citizen, identity.LevelUnknown, "dossier.file", identity.Pseudonym{}, nil, "", access.ReasonLevel},
		{"business has no levels", identity.Organisation, identity.LevelUnknown, "dossier.file", me, nil, "", access.ReasonGranted},
		{"household business", identity.HouseholdBusiness, 0, "fee.pay", me, nil, "", access.ReasonGranted},
		{"own dossier", identity.Citizen, identity.Level2, "dossier.follow", me, nil, "", access.ReasonGranted},
		{"another's dossier", identity.Citizen, identity.Level2, "dossier.follow", you, nil, "", access.ReasonNotYours},
		{"on behalf", identity.Citizen, identity.Level2, "dossier.follow", you, authority, "1.001193", access.ReasonRepresents},
		{"on behalf, begun", identity.Citizen, identity.Level2, "dossier.file", identity.Pseudonym{}, authority, "1.001193", access.ReasonRepresents},
		{"on behalf, other procedure", identity.Citizen, identity.Level2, "dossier.follow", you, authority, "2.000635", access.ReasonRepresentation},
		{"one's own while representing", identity.Citizen, identity.Level2, "dossier.follow", me, authority, "", access.ReasonGranted},
		{"accepts", identity.Citizen, identity.Level2, "dossier.accept", me, nil, "", access.ReasonGroup},
		{"of no kind", identity.KindUnknown, identity.Level2, "dossier.file", me, nil, "", access.ReasonKind},
	}
	staff := ward(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := member(t, tt.kind, tt.level)
			s.Representation = tt.represent
			d := staff.Decide(access.Question{
				Subject: s, Action: action(t, tt.action), Owner: tt.owner, Procedure: tt.procedure, At: now,
			})
			allowed := tt.want == access.ReasonGranted || tt.want == access.ReasonRepresents
			if d.Reason != tt.want || d.Allowed != allowed {
				t.Errorf("%+v, want %s", d, tt.want)
			}
		})
	}
	if d := staff.Decide(access.Question{Subject: member(t, identity.Citizen, 2), At: now}); d.Reason != access.ReasonAction {
		t.Errorf("no action: %+v", d)
	}
	if d := staff.Decide(access.Question{Action: action(t, "dossier.file"), At: now}); d.Reason != access.ReasonSignIn {
		t.Errorf("nobody: %+v", d)
	}
}

func TestUnitsOfAWorkList(t *testing.T) {
	staff := ward(t)
	for who, want := range map[string][]string{
		"leader": {"archive", "justice", "one-stop", "ward"}, "head": {"archive", "justice"},
		"specialist": {"archive", "justice", "one-stop", "ward"}, "receiver": nil,
	} {
		if got := staff.Units(officer(t, who), action(t, "result.approve"), now); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", who, got, want)
		}
	}
	if got := staff.Positions(account(t, "retired"), now); len(got) != 0 {
		t.Errorf("a position that is over: %v", got)
	}
}

func TestStandardPolicy(t *testing.T) {
	policy := standard(t)
	var names []string
	for _, g := range policy.Groups() {
		names = append(names, g.Name)
	}
	if want := []string{"citizen", "business", "officer", "leader", "administrator"}; !slices.Equal(names, want) {
		t.Errorf("groups %v", names)
	}
	if !policy.Provisional() || len(policy.Roles()) == 0 || policy.String() == "" {
		t.Error("the built-in policy does not say what it is")
	}
	for _, term := range policy.Actions() {
		used := slices.ContainsFunc(policy.Groups(), func(g access.Group) bool { return slices.Contains(g.May, term.Name) }) ||
			slices.ContainsFunc(policy.Roles(), func(r access.Role) bool { return slices.Contains(r.May, term.Name) })
		if !used {
			t.Errorf("nobody may %s", term.Name)
		}
	}
	if _, err := policy.Action("dossier.acept"); err == nil {
		t.Error("a misspelt action is made")
	}
}

func refused(t *testing.T, err error, field, rule string) {
	t.Helper()
	var invalid *access.InvalidError
	if !errors.As(err, &invalid) || invalid.Field != field || invalid.Rule != rule {
		t.Errorf("got %v, want %s: %s", err, field, rule)
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	const head = `{"format":"motcua-access/1","name":"x","since":"2026","source":"s","actions":[{"name":"a","vi":"a","en":"a"}]`
	tests := []struct{ text, field, rule string }{
		{`{}`, "policy.format", "unknown"},
		{`[`, "file", "json"},
		{`{"format":"motcua-access/1","admins":true}`, "file", "json"},
		{head + `} {}`, "file", "json"},
		{`{"format":"motcua-access/1"}`, "policy.source", "missing"},
		{head + `,"groups":[{"name":"g","vi":"g","en":"g","may":["b"]}]}`, "policy.groups[0].may", "undeclared"},
		{head + `,"groups":[{"name":"g","vi":"g","en":"g","kinds":["robot"]}]}`, "policy.groups[0].kinds", "unknown"},
		{head + `,"groups":[{"name":"g","vi":"g","en":"g","minLevel":3}]}`, "policy.groups[0].minLevel", "unknown"},
		{head + `,"groups":[{"name":"g","vi":"g","en":"g"},{"name":"g","vi":"g","en":"g"}]}`, "policy.groups[1]", "name"},
		{head + `,"roles":[{"name":"r","vi":"r","en":"r","group":"g","reach":"all"}]}`, "policy.roles[0].group", "undeclared"},
		{head + `,"roles":[{"name":"r","vi":"r","en":"r","reach":"world"}]}`, "policy.roles[0].reach", "unknown"},
		{head + `,"groups":[{"name":"g","vi":"g","en":"g"}],"roles":[{"name":"r","vi":"r","en":"r","group":"g","reach":"all","lendable":["a"]}]}`,
			"policy.roles[0].lendable", "undeclared"},
	}
	for _, tt := range tests {
		_, err := access.ParsePolicy([]byte(tt.text))
		refused(t, err, tt.field, tt.rule)
	}
	_, err := access.ParsePolicy(make([]byte, 5<<20))
	refused(t, err, "file", "size")
}

func TestNewStaffRefuses(t *testing.T) {
	policy := standard(t)
	position := access.Position{Holder: account(t, "a"), Unit: "ward", Role: "leader", Since: now, Until: days(9)}
	lent := access.Delegation{From: account(t, "a"), To: account(t, "b"), Unit: "ward", Role: "leader",
		Actions: []string{"result.approve"}, Instrument: "1/QĐ", Since: days(1), Until: days(2)}
	tests := []struct {
		name        string
		unit        func(*access.Unit)
		position    func(*access.Position)
		lent        func(*access.Delegation)
		field, rule string
	}{
		{"circle", func(u *access.Unit) { u.Parent = "archive" }, nil, nil, "staff.units[0].parent", "circle"},
		{"no parent", func(u *access.Unit) { u.Parent = "moon" }, nil, nil, "staff.units[0].parent", "undeclared"},
		{"unit twice", func(u *access.Unit) { u.ID = "justice" }, nil, nil, "staff.units[2].id", "name"},
		{"nobody", nil, func(p *access.Position) { p.Holder = identity.Pseudonym{} }, nil, "staff.positions[0].holder", "missing"},
		{"no unit", nil, func(p *access.Position) { p.Unit = "moon" }, nil, "staff.positions[0].unit", "undeclared"},
		{"no role", nil, func(p *access.Position) { p.Role = "king" }, nil, "staff.positions[0].role", "undeclared"},
		{"ends before it begins", nil, func(p *access.Position) { p.Until = p.Since }, nil, "staff.positions[0].since", "period"},
		{"lent to oneself", nil, nil, func(d *access.Delegation) { d.To = d.From }, "staff.delegations[0].to", "missing"},
		{"lent without end", nil, nil, func(d *access.Delegation) { d.Until = time.Time{} }, "staff.delegations[0].until", "period"},
		{"lent without document", nil, nil, func(d *access.Delegation) { d.Instrument = "" }, "staff.delegations[0].instrument", "missing"},
		{"lent what cannot be", nil, nil, func(d *access.Delegation) { d.Actions = []string{"dossier.refuse"} },
			"staff.delegations[0].actions", "not-lendable"},
		{"lent what is not held", nil, nil, func(d *access.Delegation) { d.Unit = "justice" }, "staff.delegations[0].from", "not-held"},
		{"lent on", nil, nil, func(d *access.Delegation) { d.From = account(t, "b"); d.To = account(t, "c") },
			"staff.delegations[0].from", "not-held"},
		{"lent after the giver has gone", nil, nil, func(d *access.Delegation) { d.Since, d.Until = days(9), days(12) },
			"staff.delegations[0].from", "not-held"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			us, p, d := slices.Clone(units), position, lent
			if tt.unit != nil {
				tt.unit(&us[0])
			}
			if tt.position != nil {
				tt.position(&p)
			}
			if tt.lent != nil {
				tt.lent(&d)
			}
			_, err := policy.NewStaff(us, []access.Position{p}, []access.Delegation{d})
			refused(t, err, tt.field, tt.rule)
		})
	}
	if _, err := policy.NewStaff(units, []access.Position{position}, []access.Delegation{lent}); err != nil {
		t.Errorf("the rows the others are made from: %v", err)
	}
}

func TestStaffFile(t *testing.T) {
	raw, err := json.Marshal(ward(t))
	if err != nil {
		t.Fatal(err)
	}
	back, err := standard(t).ParseStaff(raw)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("%v\n%s\n%s", err, raw, again)
	}
	_, err = standard(t).ParseStaff([]byte(`{"format":"motcua-staff/2"}`))
	refused(t, err, "staff.format", "unknown")
}

func FuzzParseStaff(f *testing.F) {
	raw, err := json.Marshal(ward(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":"motcua-staff/1","units":[{"id":"a","name":"a","parent":"a"}]}`))
	policy := standard(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		staff, err := policy.ParseStaff(data)
		if err != nil {
			var invalid *access.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		first, err := json.Marshal(staff)
		if err != nil {
			t.Skip("a year json cannot write")
		}
		again, err := policy.ParseStaff(first)
		if err != nil {
			t.Fatalf("does not read back: %v", err)
		}
		if second, err := json.Marshal(again); err != nil || !bytes.Equal(first, second) {
			t.Fatal("reads back differently")
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`{"format":"motcua-access/1","since":"1","source":"1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := access.ParsePolicy(data); err == nil {
			for _, term := range p.Actions() {
				if _, err := p.Action(term.Name); err != nil {
					t.Fatal("declares an action it does not make")
				}
			}
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	staff := ward(b)
	q := access.Question{Subject: officer(b, "leader"), Action: action(b, "result.approve"), Unit: "archive", At: now}
	b.ReportAllocs()
	for b.Loop() {
		if !staff.Decide(q).Allowed {
			b.Fatal("denied")
		}
	}
}

func Example() {
	policy, err := access.Standard()
	if err != nil {
		fmt.Println(err)
		return
	}
	approve, err := policy.Action("result.approve")
	if err != nil {
		fmt.Println(err)
		return
	}
	names, _ := identity.NewPseudonymizer([]byte("a key of 32 bytes from your vault"))
	leader, deputy := names.Account("https://id.agency.example", "an"), names.Account("https://id.agency.example", "binh")
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	staff, err := policy.NewStaff(
		[]access.Unit{{ID: "ward", Name: "Ủy ban nhân dân phường Ví Dụ"}, {ID: "justice", Name: "Tư pháp", Parent: "ward"}},
		[]access.Position{{Holder: leader, Unit: "ward", Role: "leader", Since: day}},
		[]access.Delegation{{From: leader, To: deputy, Unit: "ward", Role: "leader", Actions: []string{"result.approve"},
			Instrument: "12/QĐ-UBND", Since: day, Until: day.AddDate(0, 0, 14)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	q := access.Question{
		Subject: identity.Subject{Kind: identity.Officer, Pseudonym: deputy}, Action: approve, Unit: "justice", At: day,
	}
	d := staff.Decide(q)
	fmt.Println(d.Allowed, d.Reason.Code(), d.Instrument)
	q.At = day.AddDate(0, 0, 14)
	d = staff.Decide(q)
	fmt.Println(d.Allowed, d.Reason.Text("vi"))
	// Output:
	// true access.delegated 12/QĐ-UBND
	// false Việc ủy quyền chưa có hiệu lực hoặc đã hết hiệu lực.
}
