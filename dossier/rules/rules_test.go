package rules_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
)

func book(t testing.TB) *rules.Book {
	t.Helper()
	b, err := rules.Official()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAt(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		at         time.Time
		top        string
	}{
		{"first day of 61/2018", "2018-06-21", vntime.Date(2018, 6, 21), "61/2018/NĐ-CP"},
		{"last minute of 61/2018", "2022-06-23", vntime.Date(2025, 7, 1).Add(-time.Minute), "107/2021/NĐ-CP"},
		{"first minute of 118/2025, told in UTC", "2025-07-01", vntime.Date(2025, 7, 1).UTC(), "118/2025/NĐ-CP"},
		{"unread amendment", "2025-12-31", vntime.Date(2026, 1, 15), "367/2025/NĐ-CP"},
		{"309/2026", "2026-08-05", vntime.Date(2026, 11, 21), "309/2026/NĐ-CP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set, err := book(t).At(tt.at)
			if err != nil {
				t.Fatal(err)
			}
			if set.ID() != tt.want || !slices.Contains(set.Instruments(), tt.top) {
				t.Errorf("set %s of %v, want %s with %s", set.ID(), set.Instruments(), tt.want, tt.top)
			}
			again, err := book(t).ByID(set.ID())
			if err != nil || again.Digest() != set.Digest() {
				t.Errorf("ByID(%s) = %v, %v", set.ID(), again, err)
			}
		})
	}
}

func TestUnknown(t *testing.T) {
	var date *rules.UnknownDateError
	if _, err := book(t).At(vntime.Date(2018, 6, 20)); !errors.As(err, &date) || date.Text("vi") == date.Text("en") {
		t.Errorf("a day before the law: %v", err)
	}
	var id *rules.UnknownSetError
	if _, err := book(t).ByID("1999-01-01"); !errors.As(err, &id) || id.Text("vi") == id.Text("en") {
		t.Errorf("an unknown set: %v", err)
	}
}

// TestAmendment shows that 309/2026 replaces three rows and confirms the hand-over cut, and leaves the rest provisional.
func TestAmendment(t *testing.T) {
	before, _ := book(t).ByID("2025-07-01")
	after, _ := book(t).ByID("2026-08-05")
	if n := len(before.Transitions()); n != len(after.Transitions()) {
		t.Errorf("an amendment changed the number of rows from %d to %d", n, len(after.Transitions()))
	}
	changed := 0
	for i, row := range after.Transitions() {
		if row.Law != before.Transitions()[i].Law {
			changed++
			if row.Law.Provisional || row.Law.AmendedBy != "309/2026/NĐ-CP" {
				t.Errorf("amended row %s stands on %+v", row.Act, row.Law)
			}
		}
	}
	if changed != 3 {
		t.Errorf("%d rows changed, want 3", changed)
	}
	accept := after.From(1, "accept")
	want := "Điều 17 khoản 3 Nghị định 118/2025/NĐ-CP (được sửa đổi bởi Nghị định 309/2026/NĐ-CP)"
	if len(accept) != 1 || accept[0].Law.String() != want {
		t.Errorf("accept stands on %v", accept)
	}
	if l, ok := after.Limit("supplement.requests"); !ok || l.Number != 1 || !l.Law.Provisional {
		t.Errorf("supplement requests: %+v", l)
	}
	if l, ok := after.Limit("handover.cut"); !ok || l.Number != 15*60 || l.Law.Provisional {
		t.Errorf("hand-over cut: %+v", l)
	}
	if unread := after.Unread(); !slices.Equal(unread, []string{"367/2025/NĐ-CP"}) {
		t.Errorf("unread: %v", unread)
	}
}

// TestShape walks every row of every set.
func TestShape(t *testing.T) {
	for _, set := range book(t).Sets() {
		reached := map[int]bool{0: true}
		for range 10 {
			for _, row := range set.Transitions() {
				if reached[row.From] {
					reached[row.To] = true
				}
			}
		}
		for state := 1; state <= 10; state++ {
			if !reached[state] {
				t.Errorf("%s: state %d is never reached", set.ID(), state)
			}
		}
		for _, row := range set.Transitions() {
			if row.From == 3 || row.From == 8 || row.From == 10 {
				t.Errorf("%s: %s leaves the final state %d", set.ID(), row.Act, row.From)
			}
			if row.Law.Instrument == "" || row.Law.Article == "" && row.Law.Basis == "" {
				t.Errorf("%s: %d %s stands on nothing", set.ID(), row.From, row.Act)
			}
			if strings.HasPrefix(set.ID(), "2025") && !row.Law.Provisional {
				t.Errorf("%s: %d %s claims to be confirmed", set.ID(), row.From, row.Act)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	head := `{"instrument":"1/2030/NĐ-CP","vi":"v","en":"e","source":"s","seen":true,"since":"2030-01-01",`
	for _, tt := range []struct{ name, file string }{
		{"unknown member", head + `"colour":"red"}`},
		{"two objects", head + `"limits":[]}{}`},
		{"no such day", `{"instrument":"1","vi":"v","en":"e","source":"s","since":"2030-02-30"}`},
		{"no source", `{"instrument":"1","vi":"v","en":"e","since":"2030-02-03"}`},
		{"until before since", head + `"until":"2029-01-01"}`},
		{"state 11", head + `"transitions":[{"from":1,"act":"a","to":11,"by":["officer"],"article":"Điều 1"}]}`},
		{"nobody", head + `"transitions":[{"from":1,"act":"a","to":1,"by":[],"article":"Điều 1"}]}`},
		{"no ground", head + `"transitions":[{"from":1,"act":"a","to":1,"by":["officer"]}]}`},
		{"no basis", head + `"transitions":[{"from":1,"act":"a","to":1,"by":["officer"],"provisional":true}]}`},
		{"before its law", head + `"transitions":[{"from":1,"act":"a","to":1,"by":["b"],"article":"1","since":"2029-01-01"}]}`},
		{"twice", head + `"transitions":[{"from":1,"act":"a","to":1,"by":["b"],"article":"1"},{"from":1,"act":"a","to":2,"by":["b"],"article":"1"}]}`},
		{"limit unit", head + `"limits":[{"name":"a","number":1,"unit":"moon","article":"1"}]}`},
		{"limit twice", head + `"limits":[{"name":"a","number":1,"unit":"day","article":"1"},{"name":"a","number":2,"unit":"day","article":"1"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var broken *rules.FileError
			_, err := rules.Load(fstest.MapFS{"x.json": {Data: []byte(tt.file)}})
			if !errors.As(err, &broken) || broken.Rule == "" {
				t.Errorf("Load = %v, want a *FileError that names its rule", err)
			}
		})
	}
	if _, err := rules.Load(fstest.MapFS{}); err == nil {
		t.Error("no files: no error")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"instrument":"1/2030/NĐ-CP","vi":"v","en":"e","source":"s","seen":true,"since":"2030-01-01",` +
		`"transitions":[{"from":1,"act":"a","to":1,"by":["officer"],"article":"Điều 1","until":"2031-01-01"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := rules.Load(fstest.MapFS{"x.json": {Data: raw}})
		if err != nil {
			return
		}
		for _, set := range b.Sets() {
			if at, err := b.At(set.Since()); err != nil || at.ID() != set.ID() {
				t.Errorf("At(%s) = %v, %v", set.ID(), at, err)
			}
		}
	})
}

func Example() {
	book, err := rules.Official()
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := book.At(vntime.Date(2026, 11, 23))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.ID(), set.Instruments())
	for _, row := range set.From(1, "accept") {
		fmt.Println(row.From, "->", row.To, row.By, row.Law)
	}
	// Output:
	// 2026-08-05 [118/2025/NĐ-CP 367/2025/NĐ-CP 309/2026/NĐ-CP]
	// 1 -> 2 [officer] Điều 17 khoản 3 Nghị định 118/2025/NĐ-CP (được sửa đổi bởi Nghị định 309/2026/NĐ-CP)
}
