package privacy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/privacy"
	"github.com/motcua/motcua/internal/vntime"
)

var now = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC) // a Friday

func pseudonym(t testing.TB, name string) identity.Pseudonym {
	t.Helper()
	names, err := identity.NewPseudonymizer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return names.Account("https://idp.example", name)
}

func checkCode(t *testing.T, err error, code string) {
	t.Helper()
	var own *privacy.Error
	if got := errors.As(err, &own); got != (code != "") || got && own.Code() != "privacy."+code || !got && err != nil {
		t.Fatalf("got %v, want %q", err, code)
	}
	if code != "" && own.Text("vi") == own.Text("en") {
		t.Errorf("%s: one text for two languages", code)
	}
}

func purpose(t testing.TB, code string) privacy.Purpose {
	t.Helper()
	purposes, err := privacy.Standard()
	if err != nil {
		t.Fatal(err)
	}
	p, err := purposes.Purpose(code)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func subject(t testing.TB) identity.Subject {
	t.Helper()
	s := identity.Statement{Origin: identity.Origin{Source: identity.FromLogin, Trust: identity.Attested, At: now}, Sex: identity.Male}
	var errs [4]error
	s.Person, errs[0] = identity.ParsePersonID("001090000123")
	s.Name, errs[1] = identity.ParseName("Nguyễn Trọng Nghĩa")
	s.BirthDate, errs[2] = identity.ParseBirthDate("15/03/1990")
	s.OldNumber, errs[3] = identity.ParseCMND("199999990")
	all, err := identity.Subject{Kind: identity.Citizen, Pseudonym: pseudonym(t, "nghia")}.Corroborate(now, s)
	if err := errors.Join(append(errs[:], err)...); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMinimise(t *testing.T) {
	s := subject(t)
	tests := []struct {
		purpose                  string
		person, name, birth, old bool
		provenance               int
		asked                    identity.Answer
	}{
		{"sign-in", true, true, true, false, 4, identity.Unknown},
		{"age-check", false, false, false, false, 0, identity.Yes},
		{"statistics", false, false, false, false, 0, identity.Unknown},
		{"notice", false, false, false, false, 0, identity.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.purpose, func(t *testing.T) {
			v := purpose(t, tt.purpose).Minimise(s, now)
			got := v.Subject
			if got.Person.IsZero() == tt.person || got.Name.IsZero() == tt.name || got.BirthDate.IsZero() == tt.birth ||
				got.OldNumber.IsZero() == tt.old || len(got.Provenance) != tt.provenance || v.Answers["age>=18"] != tt.asked {
				t.Errorf("%+v, answers %v", got, v.Answers)
			}
			if got.Pseudonym != s.Pseudonym || got.Kind != s.Kind {
				t.Error("what is not data about the person is gone")
			}
		})
	}
	if s.Person.IsZero() || len(s.Provenance) != 5 {
		t.Error("the subject asked was changed")
	}
}

func TestPurposes(t *testing.T) {
	purposes, err := privacy.Standard()
	if err != nil {
		t.Fatal(err)
	}
	claims, err := purposes.Claims("sign-in", "notice")
	want := []string{"GioiTinh", "HoVaTen", "MaSoDoanhNghiep", "MaSoThue", "NgayThangNamSinh", "SoDienThoai", "SoDinhDanh",
		"TechID", "TenDoanhNghiep", "ThuDienTu", "sub"}
	if err != nil || !slices.Equal(claims, want) {
		t.Errorf("%v, %v", claims, err)
	}
	_, err = purposes.Claims("sign-in", "curiosity")
	checkCode(t, err, "purpose.unknown")
	if item, ok := purposes.Item("card-image"); !ok || !item.Sensitive {
		t.Error("an image of a card is not sensitive")
	}
	if !purposes.Provisional() || len(purposes.All()) == 0 {
		t.Error("the set does not say what it is")
	}
	const head = `{"format":"motcua-purposes/1","since":"1","source":"1","items":[{"name":"i","vi":"i","en":"i"}],"purposes":[`
	for text, code := range map[string]string{
		`{}`:                             "purposes.format",
		`{"format":1}`:                   "purposes.json",
		`{"format":"x","everything":1}`:  "purposes.json",
		`{} {}`:                          "purposes.json",
		`{"format":"motcua-purposes/1"}`: "purposes.source",
		head + `{"code":"p","vi":"p","en":"p","ground":"because"}]}`:                       "purposes.ground",
		head + `{"code":"p","vi":"p","en":"p","ground":"law"}]}`:                           "purposes.ground",
		head + `{"code":"p","vi":"p","en":"p","ground":"consent","items":["soul"]}]}`:      "purposes.item",
		head + `{"code":"p","vi":"p","en":"p","ground":"consent","asks":["income>=18"]}]}`: "purposes.ask",
		head + `{"code":"p","vi":"p","en":"p","ground":"consent","asks":["age>=+8"]}]}`:    "purposes.ask",
		head + `{"code":"","vi":"p","en":"p","ground":"consent"}]}`:                        "purposes.purpose",
	} {
		_, err := privacy.ParsePurposes([]byte(text))
		checkCode(t, err, code)
	}
}

// workdays is a calendar of weekdays until the end of 2026.
func workdays(from time.Time, n int) (time.Time, error) {
	day := vntime.Midnight(from)
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		if day.Year() > 2026 {
			return time.Time{}, errors.New("year unknown")
		}
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			n--
		}
	}
	return day.AddDate(0, 0, 1).Add(-time.Second), nil
}

func register(t testing.TB) *privacy.Register {
	t.Helper()
	law, err := privacy.StandardDeadlines()
	if err != nil {
		t.Fatal(err)
	}
	g, err := privacy.NewRegister(privacy.NewMemory(), law, workdays)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestDeadlines(t *testing.T) {
	tests := []struct {
		name                string
		right               privacy.Right
		others              bool
		at                  time.Time
		acknowledge, answer string
		provisional         bool
	}{
		// Friday 20 November: two working days end on Tuesday 24; 15 days on Saturday 5 December, so on Monday 7.
		{"withdraw", privacy.WithdrawConsent, false, now, "24/11/2026", "07/12/2026", false},
		{"withdraw, others too", privacy.WithdrawConsent, true, now, "24/11/2026", "10/12/2026", false},
		{"object", privacy.Object, false, now, "24/11/2026", "07/12/2026", false},
		{"view", privacy.View, false, now, "24/11/2026", "30/11/2026", true},
		{"late in the evening of Greenwich", privacy.Restrict, false, time.Date(2026, 11, 19, 18, 0, 0, 0, time.UTC), "24/11/2026", "07/12/2026", false},
		{"into a year nobody knows", privacy.Restrict, false, time.Date(2026, 12, 30, 3, 0, 0, 0, time.UTC), "01/01/2027", "14/01/2027", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := register(t).Receive(t.Context(), privacy.Ask{Subject: pseudonym(t, "me"), Right: tt.right, Others: tt.others, At: tt.at})
			checkCode(t, err, "")
			if a, b := vntime.FormatDate(r.AcknowledgeBy), vntime.FormatDate(r.AnswerBy); a != tt.acknowledge || b != tt.answer ||
				r.Provisional != tt.provisional {
				t.Errorf("%s and %s, provisional %v", a, b, r.Provisional)
			}
			if r.Overdue(r.AcknowledgeBy) || !r.Overdue(r.AcknowledgeBy.Add(1)) {
				t.Error("the last moment is not the last")
			}
		})
	}
}

func TestRequest(t *testing.T) {
	ctx, g := t.Context(), register(t)
	me, officer := pseudonym(t, "me"), pseudonym(t, "officer")
	r, err := g.Receive(ctx, privacy.Ask{Subject: me, Right: privacy.WithdrawConsent, Purpose: "notice", Others: true, At: now})
	checkCode(t, err, "")
	at := func(day int) time.Time { return now.AddDate(0, 0, day) }
	do := func(act func(privacy.Request) (privacy.Request, error), code string) privacy.Request {
		t.Helper()
		got, err := g.Do(ctx, r.ID, act)
		checkCode(t, err, code)
		return got
	}
	type R = privacy.Request
	do(func(r R) (R, error) { return r.Acknowledge(at(1), officer) }, "")
	do(func(r R) (R, error) { return r.Acknowledge(at(1), officer) }, "request.acknowledged")
	do(func(r R) (R, error) { return r.TellOthers(at(0), officer) }, "request.time")
	do(func(r R) (R, error) { return r.TellOthers(at(2), identity.Pseudonym{}) }, "request.party")
	do(func(r R) (R, error) { return r.TellOthers(at(2), officer) }, "")
	do(func(r R) (R, error) { return r.Extend(at(3), officer, 16, "Điều 5", g.Law()) }, "request.extension")
	do(func(r R) (R, error) { return r.Extend(at(3), officer, 5, "", g.Law()) }, "request.extension")
	do(func(r R) (R, error) { return r.Extend(at(30), officer, 5, "Điều 5", g.Law()) }, "request.late")
	do(func(r R) (R, error) { return r.Extend(at(3), officer, 5, "Điều 5", g.Law()) }, "")
	do(func(r R) (R, error) { return r.Extend(at(3), officer, 5, "Điều 5", g.Law()) }, "request.extended")
	do(func(r R) (R, error) { return r.Answer(at(30), officer, privacy.Refused, "") }, "request.outcome")
	do(func(r R) (R, error) { return r.Answer(at(30), officer, "maybe", "x") }, "request.outcome")
	due, err := g.Due(ctx, at(365))
	if err != nil || len(due) != 1 || due[0].ID != r.ID || !due[0].Overdue(at(30)) {
		t.Fatalf("due: %v, %v", due, err)
	}
	got := do(func(r R) (R, error) { return r.Answer(at(30), officer, privacy.Done, "") }, "")
	if last := got.Acts[len(got.Acts)-1]; !last.Late || last.Kind != "privacy.request-answered" || len(got.Acts) != 5 || got.Overdue(at(99)) {
		t.Errorf("acts %+v", got.Acts)
	}
	do(func(r R) (R, error) { return r.Answer(at(31), officer, privacy.Done, "") }, "request.answered")
	do(func(r R) (R, error) { return r.TellOthers(at(31), officer) }, "request.answered")
	if due, err := g.Due(ctx, at(365)); err != nil || len(due) != 0 {
		t.Errorf("answered and still due: %v, %v", due, err)
	}
	kept, err := g.Get(ctx, r.ID)
	if err != nil || len(kept.Acts) != 5 || kept.Outcome != privacy.Done {
		t.Errorf("%+v, %v", kept, err)
	}
	if _, err := g.Get(ctx, "request-none"); !errors.Is(err, privacy.ErrNotFound) {
		t.Error(err)
	}
}

func TestReceiveRefuses(t *testing.T) {
	g := register(t)
	for _, tt := range []struct {
		ask  privacy.Ask
		code string
	}{
		{privacy.Ask{Subject: pseudonym(t, "me"), Right: "fly", At: now}, "request.right"},
		{privacy.Ask{Right: privacy.View, At: now}, "request.party"},
		{privacy.Ask{Subject: pseudonym(t, "me"), Right: privacy.View}, "request.time"},
		{privacy.Ask{Subject: pseudonym(t, "me"), Right: privacy.View, At: now, Items: make([]string, 1001)}, "request.size"},
	} {
		_, err := g.Receive(t.Context(), tt.ask)
		checkCode(t, err, tt.code)
	}
	_, err := privacy.NewRegister(privacy.NewMemory(), privacy.Deadlines{}, workdays)
	checkCode(t, err, "request.calendar")
}

// rival saves behind the register's back, as often as it is told.
type rival struct {
	*privacy.Memory
	times int
}

func (v *rival) Save(ctx context.Context, id string, version int64, body []byte, due time.Time) error {
	if v.times > 0 && version > 0 {
		v.times--
		return privacy.ErrConflict
	}
	return v.Memory.Save(ctx, id, version, body, due)
}

func TestRegisterYieldsToAConflict(t *testing.T) {
	law, err := privacy.StandardDeadlines()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		times int
		want  error
	}{{0, nil}, {2, nil}, {3, privacy.ErrConflict}} {
		g, err := privacy.NewRegister(&rival{privacy.NewMemory(), tt.times}, law, workdays)
		if err != nil {
			t.Fatal(err)
		}
		r, err := g.Receive(t.Context(), privacy.Ask{Subject: pseudonym(t, "me"), Right: privacy.View, At: now})
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.Do(t.Context(), r.ID, func(r privacy.Request) (privacy.Request, error) {
			return r.Acknowledge(now, pseudonym(t, "officer"))
		})
		if !errors.Is(err, tt.want) {
			t.Errorf("%d conflicts: %v, want %v", tt.times, err, tt.want)
		}
	}
}

// TestNothingPrintsPersonalData prints all this package makes out of somebody, in every way.
func TestNothingPrintsPersonalData(t *testing.T) {
	s := subject(t)
	f := form(t)
	consent, err := f.Agree(privacy.Agreement{Subject: s.Pseudonym, Ticked: []string{"phone"}, Digest: f.Digest(), Method: privacy.Ticked, At: now})
	checkCode(t, err, "")
	request, err := register(t).Receive(t.Context(), privacy.Ask{Subject: s.Pseudonym, Right: privacy.Delete, At: now})
	checkCode(t, err, "")
	var out bytes.Buffer
	for _, value := range []any{purpose(t, "sign-in").Minimise(s, now), consent, request, s, err} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(raw)
	}
	for _, canary := range []string{"090000123", "199999990", "Nghĩa", "Nguyễn", "1990-03-15"} {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-60):at+len(canary)])
		}
	}
}

func FuzzParsePurposes(f *testing.F) {
	f.Add([]byte(`{"format":"motcua-purposes/1","since":"1","source":"1","items":[{"name":"i","vi":"i","en":"i"}],"purposes":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := privacy.ParsePurposes(data)
		if err != nil {
			return
		}
		for _, purpose := range p.All() {
			if _, err := p.Claims(purpose.Code); err != nil {
				t.Fatal("a declared purpose is unknown")
			}
		}
	})
}

func FuzzParseDeadlines(f *testing.F) {
	f.Add([]byte(`{"format":"motcua-privacy-deadlines/1","since":"1","instrument":"1","source":"1","acknowledge":{"workingDays":2},` +
		`"breachHours":{"hours":72},"rights":[{"right":"view","days":10,"daysWithOthers":15,"extension":15}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		law, err := privacy.ParseDeadlines(data)
		if err != nil {
			return
		}
		for _, row := range law.Rights {
			if row.Days < 1 || row.DaysWithOthers < row.Days {
				t.Fatal("a deadline that is none")
			}
		}
	})
}

func Example() {
	law, err := privacy.StandardDeadlines()
	if err != nil {
		fmt.Println(err)
		return
	}
	register, err := privacy.NewRegister(privacy.NewMemory(), law, workdays)
	if err != nil {
		fmt.Println(err)
		return
	}
	names, _ := identity.NewPseudonymizer([]byte("a key of 32 bytes from your vault"))
	who := names.Account("https://idp.example", "subject")
	request, err := register.Receive(context.Background(), privacy.Ask{
		Subject: who, Right: privacy.WithdrawConsent, Purpose: "notice", At: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(vntime.FormatDate(request.AcknowledgeBy), vntime.FormatDate(request.AnswerBy))
	// Output: 24/11/2026 07/12/2026
}
