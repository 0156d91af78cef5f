package calendar_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/internal/vntime"
)

func official(tb testing.TB) *calendar.Calendar {
	tb.Helper()
	cal, err := calendar.Official()
	if err != nil {
		tb.Fatal(err)
	}
	return cal
}

func day(tb testing.TB, s string) time.Time {
	tb.Helper()
	layout := "2006-01-02"
	if len(s) > 10 {
		layout = "2006-01-02 15:04"
	}
	t, err := time.ParseInLocation(layout, s, vntime.Zone())
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func Example() {
	cal, err := calendar.Official()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := cal.AddWorkingDays(vntime.Date(2026, 8, 28).Add(9*time.Hour), 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(e.Text("vi"))
	// Output:
	// Tiếp nhận: thứ Sáu, 28/08/2026 09:00
	// Thời hạn: 5 ngày làm việc
	// Hẹn trả: thứ Tư, 09/09/2026
	// 28/08/2026 thứ Sáu: không tính; Ngày tiếp nhận, không tính vào thời hạn (Bộ luật Dân sự 2015, Điều 147)
	// 29/08/2026 thứ Bảy: không tính; Nghỉ hằng tuần (thứ Bảy) (Bộ luật Lao động 2019, Điều 111)
	// 30/08/2026 Chủ nhật: không tính; Nghỉ hằng tuần (Chủ nhật) (Bộ luật Lao động 2019, Điều 111)
	// 31/08/2026 thứ Hai: không tính; Nghỉ hoán đổi, làm bù ngày 22/08/2026 (Lịch nghỉ lễ, Tết năm 2026 cho cơ quan nhà nước)
	// 01/09/2026 thứ Ba: không tính; Quốc khánh (Bộ luật Lao động 2019, Điều 112)
	// 02/09/2026 thứ Tư: không tính; Quốc khánh (Bộ luật Lao động 2019, Điều 112)
	// 03/09/2026 thứ Năm: tính là ngày thứ 1; Ngày làm việc
	// 04/09/2026 thứ Sáu: tính là ngày thứ 2; Ngày làm việc
	// 05/09/2026 thứ Bảy: không tính; Nghỉ hằng tuần (thứ Bảy) (Bộ luật Lao động 2019, Điều 111)
	// 06/09/2026 Chủ nhật: không tính; Nghỉ hằng tuần (Chủ nhật) (Bộ luật Lao động 2019, Điều 111)
	// 07/09/2026 thứ Hai: tính là ngày thứ 3; Ngày làm việc
	// 08/09/2026 thứ Ba: tính là ngày thứ 4; Ngày làm việc
	// 09/09/2026 thứ Tư: tính là ngày thứ 5; Ngày làm việc
}

// TestOfficialYears holds every span of the published lists: all days off, none beside them, and each swap.
func TestOfficialYears(t *testing.T) {
	spans := map[int][][2]string{
		2023: {{"2023-01-01", "2023-01-02"}, {"2023-01-20", "2023-01-26"}, {"2023-04-29", "2023-05-03"},
			{"2023-09-01", "2023-09-04"}},
		2024: {{"2024-01-01", "2024-01-01"}, {"2024-02-08", "2024-02-14"}, {"2024-04-18", "2024-04-18"},
			{"2024-04-27", "2024-05-01"}, {"2024-08-31", "2024-09-03"}},
		2025: {{"2025-01-01", "2025-01-01"}, {"2025-01-25", "2025-02-02"}, {"2025-04-07", "2025-04-07"},
			{"2025-04-30", "2025-05-04"}, {"2025-08-30", "2025-09-02"}},
		2026: {{"2026-01-01", "2026-01-04"}, {"2026-02-14", "2026-02-22"}, {"2026-04-25", "2026-04-27"},
			{"2026-04-30", "2026-05-03"}, {"2026-08-29", "2026-09-02"}, {"2026-11-24", "2026-11-24"}},
	}
	makeUp := map[string]bool{"2024-05-04": true, "2025-04-26": true, "2026-01-10": true, "2026-08-22": true}
	cal := official(t)
	for year, list := range spans {
		for d := vntime.Date(year, 1, 1); d.Year() == year; d = d.AddDate(0, 0, 1) {
			key := d.Format("2006-01-02")
			working := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
			for _, s := range list {
				working = working && (key < s[0] || key > s[1])
			}
			got, err := cal.Day(d.Add(13 * time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if want := working || makeUp[key]; got.Working != want {
				t.Errorf("%s: working = %v, want %v (%s)", key, got.Working, want, got.Reason.Code)
			}
			if got.Reason.Vi == "" || got.Reason.En == "" || (!got.Working && got.Law == "") {
				t.Errorf("%s: a day off without words or law: %+v", key, got)
			}
		}
	}
}

func TestAddWorkingDays(t *testing.T) {
	tests := []struct {
		name, from string
		n          int
		cutOff     time.Duration
		want       string
	}{
		{"over National Day 2026", "2026-08-28 09:00", 5, 0, "2026-09-09"},
		{"make-up Saturday counts", "2026-08-21 09:00", 1, 0, "2026-08-22"},
		{"the swapped Monday does not", "2026-08-28", 1, 0, "2026-09-03"},
		{"swap of 2024", "2024-05-03", 1, 0, "2024-05-04"},
		{"swap of 2025", "2025-04-25", 2, 0, "2025-04-28"},
		{"swap of January 2026", "2026-01-09", 1, 0, "2026-01-10"},
		{"Tết 2026", "2026-02-13", 1, 0, "2026-02-23"},
		{"over New Year", "2025-12-31", 3, 0, "2026-01-07"},
		{"culture day", "2026-11-23", 1, 0, "2026-11-25"},
		{"day of receipt off", "2026-08-30", 1, 0, "2026-09-03"},
		{"zero on a working day", "2026-09-03", 0, 0, "2026-09-03"},
		{"zero on a day off", "2026-09-05", 0, 0, "2026-09-07"},
		{"before the cut-off", "2026-09-03 14:59", 3, 15 * time.Hour, "2026-09-08"},
		{"after the cut-off", "2026-09-03 15:00", 3, 15 * time.Hour, "2026-09-09"},
		{"cut-off before a weekend", "2026-09-04 16:00", 1, 15 * time.Hour, "2026-09-08"},
		{"cut-off on a day off", "2026-09-05 10:00", 1, 15 * time.Hour, "2026-09-08"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cal, err := official(t).With(calendar.Config{CutOff: tt.cutOff})
			if err != nil {
				t.Fatal(err)
			}
			e, err := cal.AddWorkingDays(day(t, tt.from), tt.n)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Due.Format("2006-01-02 15:04:05"); got != tt.want+" 23:59:59" {
				t.Errorf("due %s, want %s\n%s", got, tt.want, e.Text("en"))
			}
			due, err := cal.Due(day(t, tt.from), tt.n)
			if err != nil || !due.Equal(e.Due) {
				t.Errorf("Due says %v, %v", due, err)
			}
			if e.Closes.Format("2006-01-02 15:04") != tt.want+" 17:00" {
				t.Errorf("closes %v", e.Closes)
			}
		})
	}
}

func TestAddDays(t *testing.T) {
	tests := []struct {
		name, from string
		n          int
		want       string
		carried    bool
	}{
		{"ends on a working day", "2026-09-01", 7, "2026-09-08", false},
		{"ends on Sunday", "2026-09-03", 3, "2026-09-07", true},
		{"ends in Tết", "2026-02-10", 5, "2026-02-23", true},
		{"ends on a make-up Saturday", "2026-08-20", 2, "2026-08-22", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := official(t).AddDays(day(t, tt.from), tt.n)
			if err != nil {
				t.Fatal(err)
			}
			last := e.Days[len(e.Days)-1]
			if e.Due.Format("2006-01-02") != tt.want || (last.Reason.Code == calendar.Carried) != tt.carried {
				t.Errorf("due %v\n%s", e.Due, e.Text("en"))
			}
			if counted(e) != tt.n {
				t.Errorf("counted %d days, want %d", counted(e), tt.n)
			}
		})
	}
}

func TestAddWorkingHours(t *testing.T) {
	tests := []struct {
		name, from string
		d          time.Duration
		want       string
	}{
		{"within the morning", "2026-09-03 08:00", 2 * time.Hour, "2026-09-03 10:00"},
		{"over lunch", "2026-09-03 11:00", time.Hour, "2026-09-03 14:00"},
		{"in the lunch break", "2026-09-03 12:00", time.Hour, "2026-09-03 14:30"},
		{"before opening", "2026-09-03 05:00", time.Hour, "2026-09-03 08:30"},
		{"after closing, over the weekend", "2026-09-04 18:00", 2 * time.Hour, "2026-09-07 09:30"},
		{"to the minute of closing", "2026-09-03 16:00", time.Hour, "2026-09-03 17:00"},
		{"two days", "2026-09-03 07:30", 15 * time.Hour, "2026-09-04 17:00"},
		{"nothing to wait for", "2026-09-03 12:00", 0, "2026-09-03 13:30"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := official(t).AddWorkingHours(day(t, tt.from), tt.d)
			if err != nil {
				t.Fatal(err)
			}
			var sum time.Duration
			for _, l := range e.Days {
				sum += l.Worked
			}
			if got := e.Due.Format("2006-01-02 15:04"); got != tt.want || sum != tt.d || !e.Provisional {
				t.Errorf("due %s, want %s; %v of %v used; provisional %v", got, tt.want, sum, tt.d, e.Provisional)
			}
		})
	}
}

func TestAddMonthsAndHours(t *testing.T) {
	cal := official(t)
	tests := []struct {
		name string
		ask  func() (calendar.Explanation, error)
		want string
	}{
		{"a month", func() (calendar.Explanation, error) { return cal.AddMonths(day(t, "2026-06-10"), 1) }, "2026-07-10 23:59:59"},
		{"to the end of a short month", func() (calendar.Explanation, error) { return cal.AddMonths(day(t, "2026-05-31"), 1) },
			"2026-06-30 23:59:59"},
		{"February of a leap year", func() (calendar.Explanation, error) { return cal.AddMonths(day(t, "2024-01-31"), 1) },
			"2024-02-29 23:59:59"},
		{"carried over a weekend", func() (calendar.Explanation, error) { return cal.AddMonths(day(t, "2026-06-04"), 3) },
			"2026-09-04 23:59:59"},
		{"carried over National Day", func() (calendar.Explanation, error) { return cal.AddMonths(day(t, "2026-07-31"), 1) },
			"2026-09-03 23:59:59"},
		{"24 hours", func() (calendar.Explanation, error) { return cal.AddHours(day(t, "2026-09-03 14:30"), 24*time.Hour) },
			"2026-09-04 14:30:00"},
		{"24 hours into a weekend", func() (calendar.Explanation, error) { return cal.AddHours(day(t, "2026-09-04 14:30"), 24*time.Hour) },
			"2026-09-07 23:59:59"},
		{"two hours", func() (calendar.Explanation, error) { return cal.AddHours(day(t, "2026-09-03 23:00"), 2*time.Hour) },
			"2026-09-04 01:00:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := tt.ask()
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Due.Format(time.DateTime); got != tt.want {
				t.Errorf("due %s, want %s\n%s", got, tt.want, e.Text("en"))
			}
			var sum time.Duration
			for _, l := range e.Days {
				sum += l.Worked
			}
			if sum != e.Period {
				t.Errorf("%v of %v used", sum, e.Period)
			}
		})
	}
}

func TestUnknownYear(t *testing.T) {
	cal := official(t)
	for name, ask := range map[string]func() error{
		"day":     func() error { _, err := cal.Day(vntime.Date(2027, 1, 4)); return err },
		"working": func() error { _, err := cal.AddWorkingDays(vntime.Date(2026, 12, 29), 5); return err },
		"carried": func() error { _, err := cal.AddDays(vntime.Date(2026, 12, 29), 9); return err },
		"months":  func() error { _, err := cal.AddMonths(vntime.Date(2026, 12, 1), 1); return err },
		"clock":   func() error { _, err := cal.AddHours(vntime.Date(2026, 12, 31), 30*time.Hour); return err },
		"hours":   func() error { _, err := cal.AddWorkingHours(vntime.Date(2026, 12, 31), 9*time.Hour); return err },
		"between": func() error { _, err := cal.Between(vntime.Date(2026, 12, 29), vntime.Date(2027, 1, 5)); return err },
		"long":    func() error { _, err := cal.Due(vntime.Date(2026, 1, 5), 300); return err },
	} {
		var unknown *calendar.UnknownYearError
		if err := ask(); !errors.As(err, &unknown) || unknown.Year != 2027 {
			t.Errorf("%s: got %v, want unknown year 2027", name, err)
		} else if !strings.Contains(unknown.Text("vi"), "2027") || unknown.Code() == "" {
			t.Errorf("%s: text %q", name, unknown.Text("vi"))
		}
	}
	var invalid *calendar.InvalidError
	if _, err := cal.AddWorkingDays(vntime.Date(2026, 1, 5), -1); !errors.As(err, &invalid) {
		t.Errorf("negative period: %v", err)
	}
}

const list2027 = `{"format":"motcua-calendar/1","years":[{"year":2027,"source":"thử nghiệm"}],"days":[
	{"date":"2027-01-01","working":false,"reason":"new-year","vi":"Tết Dương lịch","en":"New Year","law":"x","source":"x",
	 "mark":"C","provisional":false}]}`

func TestOverride(t *testing.T) {
	base := official(t)
	cal, err := base.Override(strings.NewReader(list2027))
	if err != nil {
		t.Fatal(err)
	}
	e, err := cal.AddWorkingDays(vntime.Date(2026, 12, 31), 1)
	if err != nil || e.Due.Format("2006-01-02") != "2027-01-04" {
		t.Fatalf("due %v, %v", e.Due, err)
	}
	if _, err := base.Day(vntime.Date(2027, 1, 4)); err == nil {
		t.Fatal("the base calendar changed")
	}
	local := strings.NewReplacer("2027-01-01", "2026-09-03", "2027", "2026", "new-year", "local").Replace(list2027)
	cal, err = base.Override(strings.NewReader(local))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := cal.Day(vntime.Date(2026, 9, 3)); err != nil || d.Working || d.Reason.Code != calendar.Local {
		t.Fatalf("%+v, %v", d, err)
	}
	alone, err := calendar.Load(strings.NewReader(list2027))
	if err != nil {
		t.Fatal(err)
	}
	gap, err := alone.Override(strings.NewReader(strings.ReplaceAll(list2027, "2027", "2029")))
	if err != nil {
		t.Fatal(err)
	}
	var unknown *calendar.UnknownYearError
	if _, err := gap.Due(vntime.Date(2027, 12, 31), 300); !errors.As(err, &unknown) || unknown.Year != 2028 {
		t.Fatalf("over a missing year: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	row := `{"date":"2027-01-01","working":false,"reason":"tet","vi":"a","en":"b","law":"c","source":"d","mark":"C",` +
		`"provisional":false}`
	doc := func(days string) string {
		return `{"format":"motcua-calendar/1","years":[{"year":2027,"source":"x"}],"days":[` + days + `]}`
	}
	for name, in := range map[string]string{
		"empty": "", "not JSON": "x", "other format": `{"format":"v2","years":[{"year":2027,"source":"x"}],"days":[]}`,
		"no year": `{"format":"motcua-calendar/1","years":[],"days":[]}`, "unknown field": doc(`{"day":1}`),
		"same day twice": doc(row + "," + row), "outside its years": doc(strings.Replace(row, "2027", "2028", 1)),
		"no such date": doc(strings.Replace(row, "01-01", "02-30", 1)), "no law": doc(strings.Replace(row, `"c"`, `""`, 1)),
		"unknown reason": doc(strings.Replace(row, `"tet"`, `"party"`, 1)), "two values": doc(row) + "{}",
		"too large": strings.Repeat(" ", 2<<20),
	} {
		var invalid *calendar.InvalidError
		if _, err := calendar.Load(strings.NewReader(in)); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := official(t).With(calendar.Config{Hours: []calendar.Interval{{From: 8 * time.Hour, To: 7 * time.Hour}}}); err == nil {
		t.Error("office hours that end before they begin")
	}
}

func counted(e calendar.Explanation) int {
	n := 0
	for _, l := range e.Days {
		if l.Counted {
			n++
		}
	}
	return n
}

// TestProperties walks random events and periods: exactly n days count, all of them working; a later event or a longer
// period is never due earlier; Between undoes AddWorkingDays.
func TestProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(147, 148))
	for _, cutOff := range []time.Duration{0, 15 * time.Hour} {
		cal, err := official(t).With(calendar.Config{CutOff: cutOff})
		if err != nil {
			t.Fatal(err)
		}
		start := vntime.Date(2023, 1, 1)
		for range 3000 {
			from := start.Add(time.Duration(rng.IntN(3*365*24*60)) * time.Minute)
			n := rng.IntN(60)
			e, err := cal.AddWorkingDays(from, n)
			if err != nil {
				t.Fatal(err)
			}
			if counted(e) != n {
				t.Fatalf("%v + %d: %d days counted", from, n, counted(e))
			}
			for i, l := range e.Days {
				if l.Counted && !l.Working || i > 0 && !l.Date.Equal(e.Days[i-1].Date.AddDate(0, 0, 1)) {
					t.Fatalf("%v + %d: line %d: %+v", from, n, i, l)
				}
			}
			later, err1 := cal.Due(from.Add(time.Duration(rng.IntN(100))*time.Hour), n)
			longer, err2 := cal.Due(from, n+1)
			if err1 != nil || err2 != nil || later.Before(e.Due) ||
				longer.Before(e.Due) || n > 0 && longer.Equal(e.Due) {
				t.Fatalf("%v + %d: due %v, later %v, longer %v, %v %v", from, n, e.Due, later, longer, err1, err2)
			}
			if back, err := cal.Between(from, e.Due); cutOff == 0 && n > 0 && (err != nil || back != n) {
				t.Fatalf("%v + %d: between says %d, %v", from, n, back, err)
			}
		}
	}
}

func TestExplanationJSONAndSVG(t *testing.T) {
	e, err := official(t).AddWorkingDays(day(t, "2026-08-21 09:00"), 8)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Provisional {
		t.Error("a make-up Saturday was counted and the explanation is not provisional")
	}
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Due, Date string
		Days      []struct {
			Date    string
			Counted bool
			No      int
			Reason  calendar.Reason
			Law     string
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Date != "2026-09-04" || got.Due != "2026-09-04T23:59:59+07:00" || len(got.Days) != 15 ||
		got.Days[1].Reason.Code != calendar.MakeUp || !got.Days[1].Counted || got.Days[1].No != 1 {
		t.Errorf("%s", raw)
	}
	var back calendar.Explanation
	if err := json.Unmarshal(raw, &back); err != nil || back.Text("vi") != e.Text("vi") || !back.Closes.Equal(e.Closes) {
		t.Errorf("comes back as\n%s%v", back.Text("vi"), err)
	}
	if again, err := json.Marshal(back); err != nil || string(again) != string(raw) {
		t.Errorf("%s, %v", again, err)
	}
	for _, lang := range []string{"vi", "en"} {
		svg := e.SVG(lang)
		dec := xml.NewDecoder(strings.NewReader(svg))
		cells := 0
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("not XML: %v", err)
			}
			el, ok := token.(xml.StartElement)
			if ok && el.Name.Local == "g" {
				cells++
			}
			if ok && el.Name.Local == "style" {
				t.Error("a style sheet would reach other drawings of a page")
			}
		}
		if cells != len(e.Days) {
			t.Errorf("%s: %d cells for %d days", lang, cells, len(e.Days))
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(list2027))
	f.Add([]byte(`{"format":"motcua-calendar/1","years":[{"year":1976,"source":"x"},{"year":2200,"source":"x"}],"days":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		cal, err := calendar.Load(strings.NewReader(string(raw)))
		if err != nil {
			return
		}
		for _, y := range cal.Years() {
			d, err := cal.Day(vntime.Date(y, 6, 1))
			if err != nil || d.Date.Year() != y {
				t.Fatalf("year %d is listed and not answered for: %v", y, err)
			}
		}
	})
}

func BenchmarkDue(b *testing.B) {
	cal, from := official(b), vntime.Date(2026, 8, 28)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cal.Due(from, 30); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAddWorkingDays(b *testing.B) {
	cal, from := official(b), vntime.Date(2026, 8, 28)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cal.AddWorkingDays(from, 30); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNaive is the peer: the loop everybody writes, a map of days off and one step a day, without an explanation.
func BenchmarkNaive(b *testing.B) {
	cal, from := official(b), vntime.Date(2026, 8, 28)
	off := map[string]bool{}
	for d := vntime.Date(2026, 1, 1); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
		if got, err := cal.Day(d); err == nil && !got.Working {
			off[d.Format("2006-01-02")] = true
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		d := from
		for n := 0; n < 30; {
			d = d.AddDate(0, 0, 1)
			if !off[d.Format("2006-01-02")] {
				n++
			}
		}
	}
}
