package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/postgres/postgrestest"
	"github.com/motcua/motcua/journal/sqlite"
)

// call runs the program as from the command line.
func call(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var stdout bytes.Buffer
	err := run(t.Context(), append(args, "-quiet"), &stdout, io.Discard)
	return stdout.String(), err
}

// TestSmallRun fills 200 dossiers, measures on the way and at the end, and looks at all that is left.
func TestSmallRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	text, err := call(t, "-dossiers", "200", "-at", "100", "-measure", "300ms", "-warm", "0s", "-rate", "200", "-units", "5",
		"-out", out, "-verify")
	if err != nil {
		t.Fatal(err)
	}
	r, err := readReport(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Stages) != 2 || r.Stages[0].Dossiers < 100 || r.Stages[1].Dossiers < 200 || r.Engine != "sqlite" {
		t.Fatalf("got %d stages, %+v", len(r.Stages), r.Stages)
	}
	for i := range r.Stages {
		checkStage(t, &r.Stages[i])
		for _, want := range []string{allActs, allLists} {
			if !strings.Contains(text, "| "+want) {
				t.Errorf("nothing of %q is printed", want)
			}
		}
	}
	facts := r.Stages[1].Facts
	if r.Verified == nil || r.Verified.Facts != facts || r.Verified.Streams < 200 {
		t.Errorf("verified %+v, want %d facts", r.Verified, facts)
	}
	checkPlots(t, out)
	checkKinds(t, filepath.Join(out, "journal.db"), facts)
}

// TestPostgres lets the program start a server of its own, ends, and takes its cluster up again.
func TestPostgres(t *testing.T) {
	postgrestest.Program(t, "initdb")
	out, err := os.MkdirTemp("", "motcua-load") // which the server's user can reach, unlike t.TempDir of root
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(out) })
	if err := os.Chmod(out, 0o755); err != nil {
		t.Fatal(err)
	}
	fast := []string{"-engine", "postgres", "-measure", "200ms", "-warm", "100ms", "-units", "5", "-out", out, "-verify"}
	if _, err := call(t, append(fast, "-dossiers", "60", "-at", "30")...); err != nil {
		t.Fatal(err)
	}
	first, err := readReport(out)
	if err != nil || len(first.Stages) != 2 || first.Stages[1].Dossiers < 60 || first.Stages[1].Bytes < 1<<20 {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := call(t, append(fast, "-dossiers", "60")...); err == nil {
		t.Error("an office that is there is filled as if it were not")
	}
	if _, err := call(t, append(fast, "-again", "-dossiers", "90")...); err != nil {
		t.Fatal(err)
	}
	r, err := readReport(out)
	if err != nil || len(r.Stages) != 3 || r.Verified == nil || r.Verified.Facts <= first.Verified.Facts {
		t.Errorf("%d stages, verified %+v, %v", len(r.Stages), r.Verified, err)
	}
}

// TestTakenUp measures a journal once more, and then fills it further.
func TestTakenUp(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	fast := []string{"-measure", "200ms", "-warm", "100ms", "-rate", "200", "-units", "5", "-out", out}
	for i, step := range []struct {
		args  []string
		again bool
		least int
	}{
		{[]string{"-dossiers", "60", "-at", "30"}, false, 60},
		{[]string{"-again", "-verify", "-dossiers", "10"}, true, 60},
		{[]string{"-again", "-verify", "-dossiers", "150", "-at", "20"}, false, 150},
	} {
		if _, err := call(t, append(step.args, fast...)...); err != nil {
			t.Fatal(err)
		}
		r, err := readReport(out)
		if err != nil || len(r.Stages) != 2+i {
			t.Fatalf("step %d: %d stages, %v", i, len(r.Stages), err)
		}
		last, kinds := r.Stages[1+i], kindsOf(t, filepath.Join(out, "journal.db"))
		if last.Again != step.again || last.Again != (last.Filled == 0) || last.Dossiers < step.least {
			t.Errorf("step %d: %+v", i, last)
		}
		facts := int64(0)
		for _, n := range kinds {
			facts += int64(n)
		}
		if last.Facts != facts || last.Dossiers != kinds["dossier.filed"] || i > 0 && r.Verified.Facts != facts {
			t.Errorf("step %d: %d facts, %d dossiers; there are %d, %v", i, last.Facts, last.Dossiers, facts, kinds)
		}
		if !slices.IsSortedFunc(r.Filling, func(a, b point) int { return cmp.Compare(a.Seconds, b.Seconds) }) {
			t.Errorf("step %d: time goes back in %v", i, r.Filling)
		}
	}
}

// checkStage holds the figures of a stage to what must be true of them on any machine.
func checkStage(t *testing.T, s *stage) {
	t.Helper()
	acts, ok := s.find(allActs)
	lists, also := s.find(allLists)
	if !ok || !also || acts.Count == 0 || lists.Count == 0 {
		t.Fatalf("no acts or no lists: %+v", s.Results)
	}
	var sums = map[string]int64{}
	for _, r := range s.Results {
		if r.Count < 1 || r.Errors != 0 || r.P50 <= 0 || r.P50 > r.P95 || r.P95 > r.P99 || r.P99 > r.Max {
			t.Errorf("%+v", r)
		}
		if r.Name != allActs && r.Name != allLists {
			sums[groupOf(r.Name)] += r.Count
		}
	}
	if sums[allActs] != acts.Count || sums[allLists] != lists.Count || acts.Count+lists.Count != s.Late.Count {
		t.Errorf("sums %v of %d acts, %d lists, %d begun", sums, acts.Count, lists.Count, s.Late.Count)
	}
	// Dossiers that the measuring before has begun are not filled once more.
	if s.Filled > 100 || s.Filled < 50 || s.Acts < 5*s.Filled || s.FillSeconds <= 0 || s.Facts < s.Acts || s.Bytes == 0 ||
		s.InFlight < 1 {
		t.Errorf("stage %+v", s)
	}
}

func checkPlots(t *testing.T, out string) {
	t.Helper()
	for name, want := range map[string]string{"latency.svg": "p99 of all lists", "filling.svg": "acts a second"} {
		raw, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(raw), want) || strings.Contains(string(raw), "NaN") {
			t.Errorf("%s: %v, %s", name, err, raw)
		}
		dec := xml.NewDecoder(bytes.NewReader(raw))
		for err == nil {
			_, err = dec.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checkKinds wants lives that are lives: nearly every kind of fact there is, and most dossiers at their end.
func checkKinds(t *testing.T, path string, facts int64) {
	t.Helper()
	kinds, count := kindsOf(t, path), 0
	for _, n := range kinds {
		count += n
	}
	if int64(count) != facts || len(kinds) < 15 {
		t.Errorf("%d facts, want %d; kinds %v", count, facts, kinds)
	}
	if kinds["dossier.returned"]*2 < kinds["dossier.filed"] || kinds["dossier.serial-reserved"] != kinds["dossier.accepted"] {
		t.Errorf("kinds %v", kinds)
	}
}

func kindsOf(t *testing.T, path string) map[string]int {
	t.Helper()
	j, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	kinds := map[string]int{}
	for r, err := range j.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		kinds[r.Kind]++
	}
	return kinds
}

// TestSameSeedSameDossiers holds that a run can be repeated: one worker, one seed, one journal.
func TestSameSeedSameDossiers(t *testing.T) {
	end := func(seed uint64) map[string]journal.Hash {
		h, err := newHouse(&counted{Journal: journal.NewMemory()}, seed, 3, 20)
		if err != nil {
			t.Fatal(err)
		}
		f := &filler{house: h, workers: 1}
		if err := f.fill(t.Context(), 60, func(int64, int64) {}); err != nil {
			t.Fatal(err)
		}
		heads := make(map[string]journal.Hash)
		for r, err := range h.journal.Tail(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			heads[r.Stream.String()] = r.Hash
		}
		return heads
	}
	one, same, other := end(7), end(7), end(8)
	if len(one) < 60 || len(one) != len(same) {
		t.Fatalf("%d and %d streams", len(one), len(same))
	}
	for name, hash := range one {
		if same[name] != hash {
			t.Errorf("%s ends otherwise the second time", name)
		}
		if other[name] == hash {
			t.Errorf("%s ends alike under another seed", name)
		}
	}
}

// TestLivesAreOfTheirShares draws many lives and counts.
func TestLivesAreOfTheirShares(t *testing.T) {
	h, err := newHouse(&counted{Journal: journal.NewMemory()}, 1, 10, 1000)
	if err != nil {
		t.Fatal(err)
	}
	sum, seen := 0, map[string]int{}
	for _, w := range h.ways {
		sum += w.share
	}
	if sum != 100 {
		t.Fatalf("the shares sum to %d", sum)
	}
	const lives = 20_000
	for n := range lives {
		l := h.newLife(n, firstFiling, lastFiling)
		seen[l.way.name]++
		if hour := l.at.Hour(); hour < 8 || hour >= 17 || l.at.Weekday() == time.Saturday || l.at.Weekday() == time.Sunday {
			t.Fatalf("filed %s", l.at)
		}
	}
	for _, w := range h.ways {
		if got := float64(seen[w.name]) * 100 / lives; got < float64(w.share)-1.5 || got > float64(w.share)+1.5 {
			t.Errorf("%s: %.1f %%, want %d", w.name, got, w.share)
		}
	}
}

// TestStallIsFelt stalls one operation for a second while all others need the same lock. Operations keep beginning, so
// that second is in what is measured; a closed loop of one would have measured it once.
func TestStallIsFelt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock := make(chan struct{}, 1)
		begun := 0
		next := func() operation {
			begun++
			long := time.Millisecond
			if begun == 50 {
				long = time.Second
			}
			return func(context.Context) (string, error) {
				lock <- struct{}{}
				<-time.After(long)
				<-lock
				return actPrefix + "x", nil
			}
		}
		m := openLoop(t.Context(), rand.New(rand.NewPCG(1, 1)), 100, 4*time.Second, next)
		r := m.results()
		all := r[slices.IndexFunc(r, func(r result) bool { return r.Name == allActs })]
		if all.Count < 300 || all.Count > 500 {
			t.Fatalf("%d operations begun in 4 s at 100 a second", all.Count)
		}
		// About a quarter of them began during the stall or in the queue behind it.
		if all.P95 < 700 || all.P99 < 900 || all.P50 > 400 || all.Max < 1000 {
			t.Errorf("the stall is not felt: %+v", all)
		}
		if m.most < 60 {
			t.Errorf("at most %d at once: operations waited for one another", m.most)
		}
	})
}

func TestErrorsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := errors.New("bad")
		n := 0
		m := openLoop(t.Context(), rand.New(rand.NewPCG(1, 2)), 50, time.Second, func() operation {
			n++
			fails := n%2 == 0
			return func(context.Context) (string, error) {
				if fails {
					return listPrefix + "x", bad
				}
				return listPrefix + "x", nil
			}
		})
		for _, r := range m.results() {
			if r.Errors != int64(n/2) || r.Count != int64(n-n/2) {
				t.Errorf("%+v of %d", r, n)
			}
		}
		if !errors.Is(m.firstErr, bad) {
			t.Errorf("got %v", m.firstErr)
		}
	})
}

func TestRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "journal.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"-dossiers", "0"}, {"-rate", "0"}, {"-rate", "-1"}, {"-measure", "0s"}, {"-workers", "0"}, {"-units", "10000"},
		{"-at", "x"}, {"-at", "0"}, {"what"}, {"-engine", "paper", "-out", t.TempDir()}, {"-out", full}, {"-again", "-out", t.TempDir()},
		{"-engine", "memory", "-again", "-out", full}, {"-none"},
	} {
		if _, err := call(t, args...); err == nil || errors.Is(err, flag.ErrHelp) {
			t.Errorf("%v: got %v, want an error", args, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"-out", t.TempDir(), "-quiet"}, io.Discard, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: got %v", err)
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w strings.Builder
		p := newProgress(&w, 0)
		<-time.After(10 * time.Second)
		p.show(250, 1000)
		p.end()
		const want = "\r[##########------------------------------]  25% 250 of 1000 dossiers, 25 a second, 30s left   \n"
		if w.String() != want {
			t.Errorf("got %q, want %q", w.String(), want)
		}
		var silent *progress
		silent.show(1, 2)
		silent.end()
	})
}

// TestPlots holds the drawing of both charts still for figures nobody measured.
func TestPlots(t *testing.T) {
	r := &report{Filling: []point{{0, 0, 0}, {100, 700, 0.5}, {300, 2100, 1.25}, {300, 2100, 1.3}}}
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		r.Stages = append(r.Stages, stage{Dossiers: n, Results: []result{
			{Name: allActs, P50: 1.5, P95: 4, P99: 12}, {Name: allLists, P50: 0.7, P95: 2, P99: 90}}})
	}
	for name, got := range map[string]string{"latency.svg": r.latencyPlot(), "filling.svg": r.fillingPlot()} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s differs from what is drawn now: %v", name, err)
		}
	}
	if got := r.ratio(allLists); got != 1 {
		t.Errorf("ratio %g, want 1", got)
	}
}

var update = flag.Bool("update", false, "write the golden plots anew")
