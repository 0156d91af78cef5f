package dossier_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestReadProcedureRefuses(t *testing.T) {
	for _, tt := range []struct{ name, old, new, field string }{
		{"another format", `motcua-procedure/1`, `motcua-procedure/2`, "format"},
		{"unknown member", `"agencies"`, `"agency"`, "file"},
		{"decimal number", `"number": 10`, `"number": 0.5`, "file"},
		{"member twice", `"result":`, `"code": "1.009994", "result":`, "file"},
		{"no name in English", `"en": "Test procedure"`, `"en": ""`, "name"},
		{"no channel", `["online", "counter"]`, `[]`, "channels"},
		{"fax", `"online"`, `"fax"`, "channels[0]"},
		{"hours with a cut-off", `"number": 10, "unit": "workingDay"`, `"number": 24, "unit": "hour", "cutOff": "15:00"`, "limit"},
		{"half an hour", `"number": 10, "unit": "workingDay"`, `"number": 1, "of": 2, "unit": "hour"`, "limit"},
		{"a signed picture", `"media": ["image/png"]`, `"media": ["image/png"], "signed": true`, "components[1].signed"},
		{"half a month", `"number": 10, "unit": "workingDay"`, `"number": 1, "of": 2, "unit": "month"`, "limit"},
		{"cut-off", `"number": 10, "unit": "workingDay"`, `"number": 10, "unit": "workingDay", "cutOff": "25:00"`, "limit"},
		{"paper twice", `"code": "anh"`, `"code": "don"`, "components[1].code"},
		{"paper without bound", `"maxBytes": 1000}]`, `"maxBytes": 0}]`, "components[1].maxBytes"},
		{"media type with parameter", `"image/png"`, `"image/png; q=1"`, "components[1].media"},
		{"unknown act", `{"act": "consult"}`, `{"act": "dance"}`, "steps[0].act"},
		{"unknown role", `{"act": "consult"}`, `{"act": "consult", "by": ["king"]}`, "steps[0].by"},
		{"form of text", `"form": {"type": "object"`, `"form": {"type": "string"`, "form"},
		{"result without name", `"kind": "pdf", "code": "kq"`, `"kind": "pdf", "code": ""`, "result"},
		{"no law", `[{"instrument": "1/2018/QĐ-TEST"}]`, `[]`, "law"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(allActs, tt.old, tt.new, 1)
			if text == allActs {
				t.Fatal("the specimen did not change")
			}
			var broken *dossier.ProcedureError
			_, err := dossier.ReadProcedure("x.json", strings.NewReader(text))
			if !errors.As(err, &broken) || broken.Broken[0].Field != tt.field || broken.Broken[0].Rule == "" {
				t.Errorf("got %v, want field %s", err, tt.field)
			}
		})
	}
	if _, err := dossier.ReadProcedure("x", strings.NewReader(strings.Repeat(" ", 1<<20)+allActs)); err == nil {
		t.Error("a file over the bound was read")
	}
}

func TestCatalogue(t *testing.T) {
	older := strings.Replace(allActs, `"since": "2018-06-21"`, `"since": "2018-06-21", "until": "2026-01-01"`, 1)
	newer := strings.Replace(allActs, "2018-06-21", "2026-01-01", 1)
	local := strings.Replace(allActs, `"1.009994"`, `"1.009994.H38"`, 1)
	c, err := dossier.LoadCatalogue(fstest.MapFS{"a.json": {Data: []byte(older)}, "b.json": {Data: []byte(newer)}, "c.json": {Data: []byte(local)}})
	if err != nil {
		t.Fatal(err)
	}
	before, err1 := c.At(mustProcedure("1.009994"), vntime.Date(2025, 12, 31))
	after, err2 := c.At(mustProcedure("1.009994.H01"), vntime.Date(2026, 1, 1))
	own, err3 := c.At(mustProcedure("1.009994.H38"), vntime.Date(2026, 1, 1))
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if before.Version() == after.Version() || own.Code.Agency().String() != "H38" || !after.Code.Agency().IsZero() {
		t.Error("editions are confused")
	}
	if pinned, err := c.Version(before.Version()); err != nil || pinned != before {
		t.Errorf("Version = %v, %v", pinned, err)
	}
	if _, err := c.At(mustProcedure("1.009994"), vntime.Date(2018, 1, 1)); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("before any version: %v", err)
	}
	if _, err := dossier.LoadCatalogue(fstest.MapFS{"a.json": {Data: []byte(allActs)}, "b.json": {Data: []byte(newer)}}); err == nil {
		t.Error("two versions are in force on one day")
	}
}

func TestLimits(t *testing.T) {
	cal, err := official()
	if err != nil {
		t.Fatal(err)
	}
	friday := vntime.Date(2026, 8, 28)
	for _, tt := range []struct {
		name  string
		limit dossier.Limit
		from  time.Time
		want  string
	}{
		{"working days over National Day", dossier.Limit{Number: 5, Unit: "workingDay"}, friday.Add(9 * time.Hour), "2026-09-09 23:59"},
		{"after 15:00", dossier.Limit{Number: 5, Unit: "workingDay", CutOff: "15:00"}, friday.Add(15 * time.Hour), "2026-09-10 23:59"},
		{"a minute before", dossier.Limit{Number: 5, Unit: "workingDay", CutOff: "15:00"}, friday.Add(15*time.Hour - time.Minute), "2026-09-09 23:59"},
		{"half a working day", dossier.Limit{Number: 1, Of: 2, Unit: "workingDay"}, friday.Add(8 * time.Hour), "2026-08-28 14:00"},
		{"working hours into the next day", dossier.Limit{Number: 4, Unit: "workingHour"}, monday.Add(6 * time.Hour), "2026-11-03 09:30"},
		{"hours around the clock", dossier.Limit{Number: 24, Unit: "hour"}, monday.Add(6*time.Hour + 20*time.Minute + 31*time.Second), "2026-11-03 15:20"},
		{"hours that end on a day off", dossier.Limit{Number: 24, Unit: "hour"}, vntime.Date(2026, 11, 6).Add(9 * time.Hour), "2026-11-09 23:59"},
		{"days, last one off", dossier.Limit{Number: 2, Unit: "day"}, friday.Add(9 * time.Hour), "2026-09-03 23:59"},
		{"a month to a shorter one", dossier.Limit{Number: 1, Unit: "month"}, vntime.Date(2026, 1, 30), "2026-03-02 23:59"},
		{"two months", dossier.Limit{Number: 2, Unit: "month"}, vntime.Date(2026, 9, 10), "2026-11-10 23:59"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := tt.limit.From(cal, nil, tt.from)
			if err != nil || e.Due.Format("2006-01-02 15:04") != tt.want {
				t.Errorf("due %s, %v, want %s\n%s", e.Due, err, tt.want, e.Text("en"))
			}
		})
	}
	var unknown *calendar.UnknownYearError
	if _, err := (dossier.Limit{Number: 40, Unit: "month"}).From(cal, nil, friday); !errors.As(err, &unknown) {
		t.Errorf("into the unknown: %v", err)
	}
}

// TestExplanationKept asks whether a stored explanation reads as it was given.
func TestExplanationKept(t *testing.T) {
	o := newOffice(t, journal.NewMemory(), nil)
	d := o.accepted()
	cal, err := official()
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := cal.AddWorkingDays(monday, 10)
	if err != nil || d.Deadline.Text("vi") != fresh.Text("vi") || d.Deadline.SVG("vi") != fresh.SVG("vi") || d.DueText("en") != fresh.Text("en") {
		t.Errorf("kept:\n%s\ngiven (%v):\n%s", d.DueText("vi"), err, fresh.Text("vi"))
	}
}

func TestDraw(t *testing.T) {
	book, err := rules.Official()
	if err != nil {
		t.Fatal(err)
	}
	set, err := book.At(monday)
	if err != nil {
		t.Fatal(err)
	}
	p, err := mustCatalogue(t).At(mustProcedure("1.001193"), monday)
	if err != nil {
		t.Fatal(err)
	}
	g := p.Draw(set)
	for name, got := range map[string]string{"birth.dot": g.DOT("vi"), "birth.mmd": g.Mermaid("en"), "birth.svg": g.SVG("vi")} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s differs (%v); look at it, then -update", name, err)
		}
	}
	for _, e := range g.Edges {
		if e.To == dossier.DutyRequested || e.From == dossier.DutyRequested {
			t.Error("birth registration has no financial duty")
		}
	}
	svg := g.SVG("vi")
	for _, s := range g.States() {
		if word := strings.Fields(s.Label("vi"))[0]; !strings.Contains(svg, word) {
			t.Errorf("%q is not in the picture", s.Label("vi"))
		}
	}
}

func FuzzReadProcedure(f *testing.F) {
	f.Add(allActs)
	f.Add(immediate)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := dossier.ReadProcedure("fuzz", strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := dossier.ReadProcedure("fuzz", strings.NewReader(text))
		if err != nil || again.Version() != p.Version() || p.Compiled() == nil {
			t.Errorf("read twice: %v", err)
		}
	})
}
