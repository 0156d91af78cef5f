package journaltest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/journal"
)

func find(tb testing.TB, j journal.Journal, q journal.Query) journal.Page {
	tb.Helper()
	page, err := j.Find(tb.Context(), q)
	if err != nil {
		tb.Fatal(err)
	}
	return page
}

// findAll follows the cursors to the end and returns "sort stream" of each hit.
func findAll(tb testing.TB, j journal.Journal, q journal.Query) []string {
	tb.Helper()
	var got []string
	for pages := 0; ; pages++ {
		page := find(tb, j, q)
		if len(page.Hits) > cmp.Or(q.Limit, 50) || pages > 1000 {
			tb.Fatalf("page %d has %d hits over the limit %d", pages, len(page.Hits), q.Limit)
		}
		for _, hit := range page.Hits {
			got = append(got, fmt.Sprintf("%d %s", hit.Sort, hit.Head.Stream))
		}
		if page.Next == "" {
			return got
		}
		q.Cursor = page.Next
	}
}

func unit(value string, sort int64) []journal.Key {
	return []journal.Key{{Name: "unit", Value: value, Sort: sort}}
}

func keyed(keys []journal.Key) journal.Fact {
	f := fact(`{}`)
	f.Keys = keys
	return f
}

// populate makes n streams under one key, with every sort value shared by three, and returns them in order.
func populate(tb testing.TB, j journal.Journal, value string, n int) []string {
	tb.Helper()
	type place struct {
		sort int64
		name string
	}
	places := make([]place, n)
	for i := range n {
		places[i] = place{int64(i / 3 * 10), fmt.Sprintf("dossier/%c-%03d", "zAa_"[i%4], i*7%n)}
		mustAppend(tb, j, stream(tb, places[i].name), 0, keyed(unit(value, places[i].sort)), fact(`{"newest":true}`))
		mustAppend(tb, j, stream(tb, fmt.Sprintf("dossier/else-%03d", i)), 0, keyed(unit(value+"!", 5)))
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.sort, b.sort), strings.Compare(a.name, b.name))
	})
	lines := make([]string, n)
	for i, p := range places {
		lines[i] = fmt.Sprintf("%d %s", p.sort, p.name)
	}
	return lines
}

func (s suite) findPages(t *testing.T) {
	const n, value = 60, "phường Bến Nghé"
	j := s.open(t)
	want := populate(t, j, value, n)
	reversed := slices.Clone(want)
	slices.Reverse(reversed)
	for _, limit := range []int{1, 7, 0, n - 1, n, n + 1, journal.MaxPage} {
		q := journal.Query{Name: "unit", Value: value, Limit: limit}
		if got := findAll(t, j, q); !slices.Equal(got, want) {
			t.Errorf("limit %d: got %v, want %v", limit, got, want)
		}
		q.Descending = true
		if got := findAll(t, j, q); !slices.Equal(got, reversed) {
			t.Errorf("limit %d, descending: got %v, want %v", limit, got, reversed)
		}
	}
	page := find(t, j, journal.Query{Name: "unit", Value: value, Limit: n})
	if page.Next != "" {
		t.Error("the last page, just full, has a cursor")
	}
	for _, hit := range page.Hits {
		wantSame(t, []journal.Record{hit.Head}, load(t, j, hit.Head.Stream)[1:])
	}
	if page := find(t, j, journal.Query{Name: "unit", Value: "nobody"}); len(page.Hits) != 0 || page.Next != "" {
		t.Errorf("a value nobody has: got %+v", page)
	}
}

func (s suite) findRanges(t *testing.T) {
	const top = 1<<63 - 1
	j := s.open(t)
	for i, sort := range []int64{0, 10, 20, 20, 30, top} {
		mustAppend(t, j, stream(t, fmt.Sprintf("dossier/%d", i)), 0, keyed(unit("u", sort)))
	}
	for _, test := range []struct {
		name        string
		from, until int64
		want        []string
	}{
		{"all", 0, 0, []string{"0 dossier/0", "10 dossier/1", "20 dossier/2", "20 dossier/3", "30 dossier/4",
			fmt.Sprintf("%d dossier/5", top)}},
		{"from belongs", 20, 30, []string{"20 dossier/2", "20 dossier/3"}},
		{"until does not", 0, 10, []string{"0 dossier/0"}},
		{"no upper bound", 30, 0, []string{"30 dossier/4", fmt.Sprintf("%d dossier/5", top)}},
		{"highest until", 30, top, []string{"30 dossier/4"}},
		{"nothing between", 11, 20, nil},
		{"from is until", 20, 20, nil},
	} {
		for _, limit := range []int{0, 1} {
			q := journal.Query{Name: "unit", Value: "u", From: test.from, Until: test.until, Limit: limit}
			if got := findAll(t, j, q); !slices.Equal(got, test.want) {
				t.Errorf("%s, limit %d: got %v, want %v", test.name, limit, got, test.want)
			}
			q.Descending = true
			got := findAll(t, j, q)
			slices.Reverse(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("%s, limit %d, descending: got %v reversed, want %v", test.name, limit, got, test.want)
			}
		}
	}
}

func (s suite) findKeysMove(t *testing.T) {
	j, name := s.open(t), stream(t, "dossier/moving")
	at := func(name, value string) []string {
		return findAll(t, j, journal.Query{Name: name, Value: value})
	}
	expect := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	two := []journal.Key{{Name: "unit", Value: "A", Sort: 3}, {Name: "code", Value: "x"}, {Name: "unit", Value: "B"}}
	mustAppend(t, j, name, 0, keyed(two))
	expect("stated", append(append(at("unit", "A"), at("unit", "B")...), at("code", "x")...),
		"3 dossier/moving", "0 dossier/moving", "0 dossier/moving")
	mustAppend(t, j, name, 1, fact(`{}`))
	expect("kept by a fact that states none", at("unit", "A"), "3 dossier/moving")
	if hits := find(t, j, journal.Query{Name: "unit", Value: "A"}).Hits; len(hits) != 1 || hits[0].Head.Seq != 2 {
		t.Errorf("the hit does not show the newest record: %+v", hits)
	}
	mustAppend(t, j, name, 2, keyed(unit("A", 9)))
	expect("replaced, another place", at("unit", "A"), "9 dossier/moving")
	expect("replaced, gone", append(at("unit", "B"), at("code", "x")...))
	mustAppend(t, j, name, 3, keyed(unit("C", 1)), keyed(unit("D", 2)), fact(`{}`))
	expect("the last of an append that states any", at("unit", "D"), "2 dossier/moving")
	expect("not those before", append(at("unit", "C"), at("unit", "A")...))
	mustAppend(t, j, name, 6, keyed([]journal.Key{}))
	expect("removed", at("unit", "D"))
	mustAppend(t, j, name, 7, fact(`{}`), keyed(unit("D", 4)))
	expect("stated again", at("unit", "D"), "4 dossier/moving")
	if _, err := j.Append(t.Context(), name, 3, keyed(unit("E", 1))); err == nil {
		t.Error("a stale append went through")
	}
	expect("a refused append moves nothing", append(at("unit", "D"), at("unit", "E")...), "4 dossier/moving")
	verify(t, j)
}

func (s suite) findBounds(t *testing.T) {
	j := s.open(t)
	for _, test := range []struct {
		name, field string
		query       journal.Query
	}{
		{"no name", "query.name", journal.Query{Value: "v"}},
		{"long name", "query.name", journal.Query{Name: text(journal.MaxName + 1)}},
		{"long value", "query.value", journal.Query{Name: "n", Value: text(journal.MaxText + 1)}},
		{"value not UTF-8", "query.value", journal.Query{Name: "n", Value: "\xff"}},
		{"negative limit", "query.limit", journal.Query{Name: "n", Limit: -1}},
		{"limit over the page", "query.limit", journal.Query{Name: "n", Limit: journal.MaxPage + 1}},
		{"negative from", "query.from", journal.Query{Name: "n", From: -1}},
		{"until before from", "query.until", journal.Query{Name: "n", From: 2, Until: 1}},
		{"cursor of noise", "query.cursor", journal.Query{Name: "n", Cursor: "bm9pc2U"}},
		{"long cursor", "query.cursor", journal.Query{Name: "n", Cursor: text(4096)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := j.Find(t.Context(), test.query)
			wantInvalid(t, err, test.field)
		})
	}
}

func (s suite) findCursors(t *testing.T) {
	j, other := s.open(t), s.open(t)
	populate(t, j, "u", 6)
	populate(t, other, "u", 6)
	query := journal.Query{Name: "unit", Value: "u", Limit: 2}
	query.Cursor = find(t, j, query).Next
	if page := find(t, j, query); len(page.Hits) != 2 {
		t.Fatalf("the second page has %d hits, want 2", len(page.Hits))
	}
	_, err := other.Find(t.Context(), query)
	wantInvalid(t, err, "query.cursor")
	for name, edit := range map[string]func(*journal.Query){
		"another value":     func(q *journal.Query) { q.Value = "u!" },
		"another name":      func(q *journal.Query) { q.Name = "code" },
		"another bound":     func(q *journal.Query) { q.Until = 1000 },
		"another direction": func(q *journal.Query) { q.Descending = true },
		"cut off":           func(q *journal.Query) { q.Cursor = q.Cursor[:12] },
	} {
		t.Run(name, func(t *testing.T) {
			edited := query
			edit(&edited)
			_, err := j.Find(t.Context(), edited)
			wantInvalid(t, err, "query.cursor")
		})
	}
	query.Limit = 3 // the page's size may change on the way
	if page := find(t, j, query); len(page.Hits) != 3 {
		t.Errorf("a larger second page has %d hits, want 3", len(page.Hits))
	}
}

// findWhileMoving pages through a list in which some streams keep changing places: the others are each seen once.
func (s suite) findWhileMoving(t *testing.T) {
	const still, moving = 60, 12
	j := s.open(t)
	for i := range int64(still) {
		mustAppend(t, j, stream(t, fmt.Sprintf("dossier/still-%03d", i)), 0, keyed(unit("u", 10*i)))
	}
	stop := make(chan struct{})
	var done sync.WaitGroup
	for m := range int64(moving) {
		name := stream(t, fmt.Sprintf("dossier/moving-%03d", m))
		mustAppend(t, j, name, 0, keyed(unit("u", 55*m)))
		done.Go(func() {
			for after := int64(1); ; after++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := j.Append(t.Context(), name, after, keyed(unit("u", (after*131+m*17)%600))); err != nil {
					t.Errorf("move: %v", err)
					return
				}
			}
		})
	}
	for round := range 6 {
		seen := make(map[string]int)
		for _, line := range findAll(t, j, journal.Query{Name: "unit", Value: "u", Limit: 7, Descending: round%2 == 1}) {
			seen[line]++
		}
		for i := range still {
			if line := fmt.Sprintf("%d dossier/still-%03d", 10*i, i); seen[line] != 1 {
				t.Errorf("round %d: %q seen %d times, want once", round, line, seen[line])
			}
		}
	}
	close(stop)
	done.Wait()
	verify(t, j)
}
