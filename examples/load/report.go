package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/motcua/motcua/dossier"
)

// report is a run's whole answer, as report.json holds it.
type report struct {
	Engine   string  `json:"engine"`
	Seed     uint64  `json:"seed"`
	Workers  int     `json:"workers"`
	Rate     float64 `json:"rate"`
	Go       string  `json:"go"`
	System   string  `json:"system"`
	Cores    int     `json:"cores"`
	Stages   []stage `json:"stages"`
	Filling  []point `json:"filling"`
	Verified *proof  `json:"verified,omitempty"`
}

// stage is the state of things at one size.
type stage struct {
	Dossiers int `json:"dossiers"`
	// Facts is how many the journal holds.
	Facts int64 `json:"facts"`
	// Again means that nothing was filled: an earlier run's journal was measured once more.
	Again bool `json:"again,omitempty"`
	// FillSeconds and Filled are of the filling since the stage before; Filled counts dossiers.
	FillSeconds float64 `json:"fillSeconds"`
	Filled      int64   `json:"filled"`
	Acts        int64   `json:"acts"`
	Bytes       int64   `json:"bytes,omitempty"` // the store's size, where it is a file
	// Offered is how many operations a second were meant to begin, Done how many a second ended.
	Offered  float64  `json:"offeredPerSecond"`
	Done     float64  `json:"donePerSecond"`
	Seconds  float64  `json:"seconds"`
	InFlight int      `json:"mostInFlight"`
	Late     result   `json:"generatorLate"` // how late the generator itself began operations
	Results  []result `json:"results"`
}

// point is a moment of filling.
type point struct {
	Dossiers int64   `json:"dossiers"`
	Acts     int64   `json:"acts"`
	Seconds  float64 `json:"seconds"`
}

// proof is what journal.Verify said at the end.
type proof struct {
	Facts   int64   `json:"facts"`
	Streams int64   `json:"streams"`
	Seconds float64 `json:"seconds"`
}

func newReport(s settings) *report {
	return &report{Engine: s.engine, Seed: s.seed, Workers: s.workers, Rate: s.rate, Go: runtime.Version(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.GOMAXPROCS(0)}
}

// readReport reads what an earlier run left in a folder.
func readReport(folder string) (*report, error) {
	raw, err := os.ReadFile(filepath.Join(folder, "report.json"))
	if err != nil {
		return nil, err
	}
	r := &report{}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("report.json: %w", err)
	}
	if len(r.Stages) == 0 {
		return nil, errors.New("report.json names no size")
	}
	return r, nil
}

// find returns the figures of one name.
func (s *stage) find(name string) (result, bool) {
	for _, r := range s.Results {
		if r.Name == name {
			return r, true
		}
	}
	return result{}, false
}

// ratio is the p99 of a name at the last stage over that at the first; 0 when either is missing, or not twice as large.
func (r *report) ratio(name string) float64 {
	if len(r.Stages) < 2 || r.Stages[len(r.Stages)-1].Dossiers < 2*r.Stages[0].Dossiers {
		return 0
	}
	first, ok := r.Stages[0].find(name)
	last, also := r.Stages[len(r.Stages)-1].find(name)
	if !ok || !also || first.P99 == 0 {
		return 0
	}
	return last.P99 / first.P99
}

// write leaves report.json and the plots in a folder.
func (r *report) write(folder string) error {
	raw, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	files := map[string][]byte{"report.json": append(raw, '\n'), "latency.svg": []byte(r.latencyPlot()),
		"filling.svg": []byte(r.fillingPlot())}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// print is the report for people, as Markdown.
func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "engine %s, %s, %s, %d cores, seed %d, filled by %d workers, measured at %g operations a second\n\n",
		r.Engine, r.Go, r.System, r.Cores, r.Seed, r.Workers, r.Rate)
	for i := range r.Stages {
		r.Stages[i].print(w)
	}
	for _, name := range []string{allActs, allLists} {
		if ratio := r.ratio(name); ratio > 0 {
			fmt.Fprintf(w, "p99 of %s at %d dossiers over that at %d: %.2f\n", name, r.Stages[len(r.Stages)-1].Dossiers,
				r.Stages[0].Dossiers, ratio)
		}
	}
	if v := r.Verified; v != nil {
		fmt.Fprintf(w, "verified: %d facts of %d streams in %s, %.0f facts a second\n", v.Facts, v.Streams,
			seconds(v.Seconds), float64(v.Facts)/max(v.Seconds, 1e-9))
	}
}

func (s *stage) print(w io.Writer) {
	fmt.Fprintf(w, "## %d dossiers, %d facts", s.Dossiers, s.Facts)
	if s.Bytes > 0 {
		fmt.Fprintf(w, ", %.1f MB", float64(s.Bytes)/1e6)
	}
	fmt.Fprint(w, "\n\n")
	if s.Filled > 0 {
		fmt.Fprintf(w, "filled %d dossiers by %d acts in %s: %.0f dossiers and %.0f acts a second\n", s.Filled, s.Acts,
			seconds(s.FillSeconds), float64(s.Filled)/s.FillSeconds, float64(s.Acts)/s.FillSeconds)
	}
	fmt.Fprintf(w, "measured %s: %.1f operations a second meant to begin, %.1f ended, at most %d at once;"+
		" 99 %% were begun within %.1f ms of their moment\n\n", seconds(s.Seconds), s.Offered, s.Done,
		s.InFlight, s.Late.P99)
	fmt.Fprintf(w, "| %-28s | count | errors | p50 ms | p95 ms | p99 ms | max ms |\n|%s|\n", "from the intended beginning",
		strings.Repeat("-", 30)+strings.Repeat("|------:", 6))
	for _, r := range s.Results {
		fmt.Fprintf(w, "| %-28s | %d | %d | %.2f | %.2f | %.2f | %.1f |\n", r.Name, r.Count, r.Errors, r.P50, r.P95, r.P99,
			r.Max)
	}
	fmt.Fprintln(w)
}

func seconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond).String()
}

// isMissing reports whether an answer is that there is no such dossier.
func isMissing(err error) bool { return errors.Is(err, dossier.ErrNotFound) }
