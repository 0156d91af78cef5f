package dossier_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

const (
	citizen  = "p-citizen"
	hashA    = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hashB    = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	thePhone = "0900000123"
)

// monday is Monday 2026-11-02, 09:00, three weeks without a holiday before it matters.
var monday = vntime.Date(2026, 11, 2).Add(9 * time.Hour)

// allActs is a procedure that provides for every act of the law.
const allActs = `{
	"format": "motcua-procedure/1", "code": "1.009994", "name": {"vi": "Thủ tục thử", "en": "Test procedure"},
	"since": "2018-06-21", "agencies": ["commune"], "channels": ["online", "counter"],
	"form": {"type": "object", "additionalProperties": false, "properties": {"copies": {"title": "Số bản", "type": "integer", "minimum": 1, "maximum": 9}, "text": {"title": "Nội dung", "type": "string", "maxLength": 50}}},
	"components": [
		{"code": "don", "name": {"vi": "Đơn", "en": "Application"}, "required": true, "media": ["application/pdf"], "maxBytes": 1000},
		{"code": "anh", "name": {"vi": "Ảnh", "en": "Photo"}, "media": ["image/png"], "maxBytes": 1000}],
	"limit": {"number": 10, "unit": "workingDay"},
	"supplement": {"number": 7, "unit": "workingDay"}, "dutyPauses": true,
	"result": {"kind": "pdf", "code": "kq", "name": {"vi": "Kết quả", "en": "Result"}},
	"steps": [{"act": "consult"}, {"act": "opinion"}, {"act": "request-duty"}, {"act": "settle-duty"}],
	"law": [{"instrument": "1/2018/QĐ-TEST"}]
}`

// immediate is decided while the applicant waits.
var immediate = strings.NewReplacer(`"1.009994"`, `"1.009995"`, `"dutyPauses": true`, `"immediate": true`,
	`"steps": [{"act": "consult"}, {"act": "opinion"}, {"act": "request-duty"}, {"act": "settle-duty"}],`, "").Replace(allActs)

// office is a desk with a clock the test turns.
type office struct {
	*dossier.Desk
	t       testing.TB
	journal journal.Journal
	mu      sync.Mutex
	now     time.Time
	keys    int
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) setClock(t time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = t
}

// What every test reads and none changes is made once.
var (
	catalogue = sync.OnceValues(makeCatalogue)
	official  = sync.OnceValues(calendar.Official)
	law       = sync.OnceValues(rules.Official)
)

func mustCatalogue(t testing.TB) *dossier.Catalogue {
	t.Helper()
	c, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func makeCatalogue() (*dossier.Catalogue, error) {
	var all []*dossier.Procedure
	for i, text := range []string{allActs, immediate} {
		p, err := dossier.ReadProcedure(fmt.Sprintf("test %d", i), strings.NewReader(text))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	shipped, err := dossier.LoadCatalogue(os.DirFS("../examples/onestop/procedures"))
	if err != nil {
		return nil, err
	}
	return dossier.NewCatalogue(append(all, shipped.All(monday)...)...)
}

func open(context.Context, *dossier.Dossier, *dossier.Command) error { return nil }

func newOffice(t testing.TB, j journal.Journal, guards map[string]dossier.Guard) *office {
	t.Helper()
	o := &office{t: t, journal: j, now: monday}
	all := map[string]dossier.Guard{"fee-paid": open, "papers-signed": open, "result-signed": open}
	for name, guard := range guards {
		all[name] = guard
	}
	cal, err := official()
	if err != nil {
		t.Fatal(err)
	}
	book, err := law()
	if err != nil {
		t.Fatal(err)
	}
	desk, err := dossier.NewDesk(j, mustCatalogue(t), dossier.Config{Now: o.clock, Guards: all, Secret: []byte("test"),
		Calendar: cal, Rules: book})
	if err != nil {
		t.Fatal(err)
	}
	o.Desk = desk
	return o
}

func mustAgency(s string) dossier.AgencyID {
	a, err := dossier.ParseAgencyID(s)
	if err != nil {
		panic(err)
	}
	return a
}

func mustProcedure(s string) dossier.ProcedureCode {
	p, err := dossier.ParseProcedureCode(s)
	if err != nil {
		panic(err)
	}
	return p
}

var unit = mustAgency("H26.1.5")

func theOwner() dossier.Party {
	name, _ := identity.ParseName("Nguyễn Trọng Nghĩa")
	id, _ := identity.ParsePersonID("001090000123")
	return dossier.Party{Pseudonym: citizen, Name: name, PersonID: id, Phone: dossier.NewPersonal(thePhone)}
}

func paper(component, media string) dossier.FileRef {
	return dossier.FileRef{Component: component, Hash: hashA, Size: 10, Media: media,
		Name: dossier.NewPersonal("don cua Nghia.pdf")}
}

func testFiling(code string) *dossier.Filing {
	return &dossier.Filing{Procedure: mustProcedure(code), Agency: unit, Channel: dossier.Online, Owner: theOwner(),
		Form: dossier.NewPersonal(`{"copies":2,"text":"bí mật"}`), Files: []dossier.FileRef{paper("don", "application/pdf")}}
}

func actor(role dossier.Role) dossier.Actor {
	switch role {
	case dossier.Applicant:
		return dossier.Actor{ID: citizen, Role: role}
	case dossier.System:
		return dossier.Actor{ID: "timer", Role: role}
	}
	return dossier.Actor{ID: "a-" + string(role), Role: role, Unit: unit}
}

// command is a well-formed command for an act on a dossier.
func command(d *dossier.Dossier, act dossier.Act, role dossier.Role, key string, now time.Time) dossier.Command {
	c := dossier.Command{Key: key, Act: act, Actor: actor(role)}
	if act == dossier.File {
		c.Filing = testFiling("1.009994")
		if role != dossier.Applicant {
			c.Filing.Channel = dossier.Counter
		}
		return c
	}
	c.Dossier, c.Seen = d.ID, d.Version
	words := dossier.NewPersonal("Lý do: thiếu chữ ký của bà Vĩnh")
	switch act {
	case dossier.Refuse, dossier.RequestDuty, dossier.Stop, dossier.DeclineWithdrawal, dossier.Opinion:
		c.Reason = words
	case dossier.RequestSupplement:
		c.Reason, c.Components = words, []string{"anh"}
	case dossier.Supplement:
		c.Files = []dossier.FileRef{paper("anh", "image/png")}
	case dossier.Correct:
		c.Reason, c.Form = words, dossier.NewPersonal(`{"copies":3}`)
	case dossier.Assign:
		c.Officer = "a-specialist"
	case dossier.Consult:
		c.Reason, c.Unit, c.Due = words, mustAgency("H26.2"), dossier.DayOf(now.AddDate(0, 0, 3))
	case dossier.AttachResult:
		c.Files = []dossier.FileRef{{Component: "kq", Hash: hashB, Size: 99, Media: "application/pdf"}}
	case dossier.Reappoint:
		due := d.Due.AddDate(0, 0, 7)
		c.Reason, c.Due = words, dossier.DayOf(due)
	}
	return c
}

// do performs an act and fails the test if it is refused.
func (o *office) do(d *dossier.Dossier, act dossier.Act, role dossier.Role, change ...func(*dossier.Command)) *dossier.Dossier {
	o.t.Helper()
	after, err := o.try(d, act, role, change...)
	if err != nil {
		o.t.Fatalf("%s: %v", act, err)
	}
	return after
}

func (o *office) try(d *dossier.Dossier, act dossier.Act, role dossier.Role, change ...func(*dossier.Command)) (*dossier.Dossier, error) {
	o.t.Helper()
	o.mu.Lock()
	o.keys++
	key := fmt.Sprintf("key-%d", o.keys)
	o.mu.Unlock()
	c := command(d, act, role, key, o.clock())
	for _, f := range change {
		f(&c)
	}
	return o.Do(o.t.Context(), c)
}

// accepted brings a dossier of the test procedure as far as acceptance.
func (o *office) accepted() *dossier.Dossier {
	o.t.Helper()
	return o.do(o.do(nil, dossier.File, dossier.Applicant), dossier.Accept, dossier.Officer)
}

func procedure(code string) func(*dossier.Command) {
	return func(c *dossier.Command) { c.Filing.Procedure = mustProcedure(code) }
}

// withoutPrivate is a journal in which all personal halves were erased.
type withoutPrivate struct{ journal.Journal }

func (j withoutPrivate) Read(ctx context.Context, s journal.Stream, after int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for r, err := range j.Journal.Read(ctx, s, after) {
			r.Private = nil
			if !yield(r, err) {
				return
			}
		}
	}
}

// at turns the clock.
func (o *office) at(t time.Time) *office {
	o.setClock(t)
	o.keys = 1000 // commands of its own
	return o
}

// copyOf is a journal with the same facts.
func copyOf(t *testing.T, j journal.Journal) journal.Journal {
	t.Helper()
	m := journal.NewMemory()
	for r, err := range j.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Append(t.Context(), r.Stream, r.Seq-1, r.Fact); err != nil {
			t.Fatal(err)
		}
	}
	return m
}
