// Command load fills a journal with dossiers that live realistic lives and measures the office at growing sizes.
//
//	go run ./examples/load -dossiers 100000 -engine sqlite -out load-out
//	go run ./examples/load -again -out load-out
//	go run ./examples/load -dossiers 1000000 -engine postgres
//
// Filling goes through dossier.Desk, act by act, many dossiers at once. At the sizes of -at and at the end it stops and
// measures an open loop: acts and work lists begin at random moments at a fixed mean rate, whether or not earlier ones
// have ended, and each latency counts from the moment the operation was meant to begin. It leaves report.json and two
// plots beside the journal, and prints the same for people.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/journal"
)

// settings are what the command line says.
type settings struct {
	dossiers int
	at       []int // sizes to measure at
	engine   string
	dsn      string
	out      string
	rate     float64
	long     time.Duration
	warm     time.Duration // measured and thrown away before
	seed     uint64
	workers  int
	units    int
	again    bool
	verify   bool
	quiet    bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := readSettings(args, stderr)
	if err != nil {
		return err
	}
	r, err := s.run(ctx, stderr)
	if err != nil {
		return err
	}
	r.print(stdout)
	return r.write(s.out)
}

func readSettings(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.dossiers, "dossiers", 10_000, "how many dossiers to fill")
	at := flags.String("at", "10000,100000,1000000", "sizes on the way at which to stop and measure")
	flags.StringVar(&s.engine, "engine", "sqlite", engineNames())
	flags.StringVar(&s.dsn, "dsn", "", "connection string of a PostgreSQL server; without it one is started, whose cluster stays in -out")
	flags.StringVar(&s.out, "out", "load-out", "folder for the journal, report.json and the plots")
	flags.Float64Var(&s.rate, "rate", 100, "operations a second that are meant to begin while measuring")
	flags.DurationVar(&s.long, "measure", 20*time.Second, "how long to measure at each size")
	flags.DurationVar(&s.warm, "warm", 5*time.Second, "how long to do the same before measuring, so that caches are as in use")
	flags.Uint64Var(&s.seed, "seed", 1, "the same seed gives the same dossiers")
	flags.IntVar(&s.workers, "workers", 64, "dossiers filled at once")
	flags.IntVar(&s.units, "units", 120, "one-stop units of the province")
	flags.BoolVar(&s.again, "again", false, "take up the journal an earlier run has left in -out: fill what is missing, and measure")
	flags.BoolVar(&s.verify, "verify", false, "read everything back and recompute every hash at the end")
	flags.BoolVar(&s.quiet, "quiet", false, "no progress bar")
	err := flags.Parse(args)
	switch {
	case err != nil:
		return s, err
	case flags.NArg() > 0:
		return s, fmt.Errorf("%q is no flag", flags.Arg(0))
	case s.dossiers < 1 || s.dossiers > 100_000_000:
		return s, errors.New("-dossiers wants 1 to 100,000,000")
	case s.rate <= 0 || s.rate > 1e6 || s.long <= 0 || s.warm < 0 || s.workers < 1 || s.units < 1 || s.units > 9000:
		return s, errors.New("-rate, -measure, -workers and -units want positive numbers of a sensible size")
	}
	s.at, err = sizes(*at, s.dossiers)
	return s, err
}

// run fills and measures.
func (s settings) run(ctx context.Context, stderr io.Writer) (*report, error) {
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return nil, err
	}
	r := newReport(s)
	j, shut, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer shut()
	f := &filler{workers: s.workers}
	if s.again {
		if err := s.takeUp(ctx, j, f, r); err != nil {
			return nil, err
		}
		present := int(f.dossiers.Load())
		s.at = slices.DeleteFunc(s.at, func(size int) bool { return size <= present })
		if len(s.at) == 0 {
			s.at = []int{present}
		}
	}
	if f.house, err = newHouse(j, s.seed, s.units, max(s.at[len(s.at)-1]*2/3, 1)); err != nil {
		return nil, err
	}
	if err := s.stages(ctx, f, r, stderr); err != nil {
		return nil, err
	}
	if s.verify {
		begun := time.Now()
		sum, err := journal.Verify(ctx, j.Journal)
		if err != nil {
			return nil, err
		}
		r.Verified = &proof{Facts: sum.Facts, Streams: sum.Streams, Seconds: time.Since(begun).Seconds()}
	}
	return r, nil
}

// takeUp takes over a journal that is there: it counts what is in it, and keeps what is known of earlier runs.
func (s settings) takeUp(ctx context.Context, j *counted, f *filler, r *report) error {
	before, err := readReport(s.out)
	if err != nil {
		return err
	}
	r.Stages, r.Filling = before.Stages, before.Filling
	if n := len(r.Filling); n > 0 {
		f.acts.Store(r.Filling[n-1].Acts)
	}
	f.next.Store(int64(len(r.Stages)+1) << 32) // lives that no run before has begun
	for record, err := range j.Tail(ctx, 0) {
		if err != nil {
			return err
		}
		j.facts.Add(1)
		if record.Seq == 1 && record.Kind == "dossier.filed" {
			f.dossiers.Add(1)
		}
	}
	return nil
}

// stages goes through the sizes. After each the report is written, so that a run that is ended early leaves what it
// knows.
func (s settings) stages(ctx context.Context, f *filler, r *report, stderr io.Writer) error {
	begun := time.Now()
	if n := len(r.Filling); n > 0 { // an earlier run's time goes on
		begun = begun.Add(-time.Duration(r.Filling[n-1].Seconds * float64(time.Second)))
	}
	for _, size := range s.at {
		st, err := s.stage(ctx, f, r, size, begun, stderr)
		if err != nil {
			return err
		}
		r.Stages = append(r.Stages, *st)
		if err := r.write(s.out); err != nil {
			return err
		}
	}
	return nil
}

// sizes reads the sizes below the goal, ascending, and puts the goal last.
func sizes(list string, goal int) ([]int, error) {
	var all []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-at: %q is no size", text)
		}
		if n < goal {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return append(slices.Compact(all), goal), nil
}

// stage fills up to a size and measures there.
func (s settings) stage(ctx context.Context, f *filler, r *report, size int, begun time.Time, stderr io.Writer,
) (*stage, error) {
	var bar *progress
	if !s.quiet {
		bar = newProgress(stderr, f.dossiers.Load())
	}
	dossiers, acts, start := f.dossiers.Load(), f.acts.Load(), time.Now()
	st := &stage{Again: s.again && dossiers >= int64(size)}
	if !st.Again {
		err := f.fill(ctx, size, func(dossiers, acts int64) {
			bar.show(dossiers, int64(size))
			r.Filling = append(r.Filling, point{dossiers, acts, time.Since(begun).Seconds()})
		})
		bar.end()
		if err != nil {
			return nil, err
		}
		r.Filling = thin(r.Filling, 400)
		st.FillSeconds, st.Filled, st.Acts = time.Since(start).Seconds(), f.dossiers.Load()-dossiers, f.acts.Load()-acts
	}
	rng := rand.New(rand.NewPCG(s.seed, uint64(size)))
	x := &mix{house: f.house, filler: f, rng: rng}
	var m *measure
	for _, long := range []time.Duration{s.warm, s.long} {
		start = time.Now()
		m = openLoop(ctx, rng, s.rate, long, x.next)
		if err := cmp.Or(ctx.Err(), m.firstErr); err != nil {
			return nil, err
		}
	}
	st.Seconds, st.Results, st.InFlight = time.Since(start).Seconds(), m.results(), m.most
	st.Late = resultOf("begun late", m.late, 0)
	st.Offered, st.Done = float64(st.Late.Count)/s.long.Seconds(), float64(st.Late.Count)/st.Seconds
	st.Dossiers = int(f.dossiers.Load())
	st.Facts, st.Bytes = f.house.journal.facts.Load(), s.bytes()
	return st, nil
}

// thin keeps every second point until there are few enough.
func thin(points []point, most int) []point {
	for len(points) > most {
		for i := range len(points) / 2 {
			points[i] = points[2*i]
		}
		points = points[:len(points)/2]
	}
	return points
}

// bytes is the size of the store where it is ours: a file, or the tables of a server's cluster without its log of changes.
func (s settings) bytes() int64 {
	var sum int64
	for _, name := range []string{"journal.db", "journal.db-wal", filepath.Join(clusterFolder, "data", "base")} {
		_ = filepath.WalkDir(filepath.Join(s.out, name), func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return nil // what is not there has no size, and a server may delete a file meanwhile
			}
			if info, err := entry.Info(); err == nil {
				sum += info.Size()
			}
			return nil
		})
	}
	return sum
}
