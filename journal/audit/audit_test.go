package audit_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// start is the time of the first record; the next ones follow by the second.
var start = time.Date(2026, 11, 18, 1, 30, 0, 0, time.UTC)

func streamOf(tb testing.TB, name string) journal.Stream {
	tb.Helper()
	s, err := journal.ParseStream(name)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func factOf(n int) journal.Fact {
	f := journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: start.Add(time.Duration(n) * time.Second),
		Body: fmt.Appendf(nil, `{"n":%d,"note":"phiếu <số> & xử lý"}`, n)}
	if n%3 == 0 {
		f.Private, f.Subject = fmt.Appendf(nil, "Nguyễn Trọng Nghĩa %d", n), fmt.Sprintf("subject-%d", n%5)
		f.Command = journal.NewCommand(fmt.Sprintf("key-%d", n), []byte("note"))
		f.Keys = []journal.Key{{Name: "unit", Value: "H26.1", Sort: 1<<60 + int64(n)}}
	}
	if n%7 == 0 {
		f.Keys = []journal.Key{}
	}
	return f
}

// write appends records from, from+1 … until-1, in turns to five streams.
func write(tb testing.TB, j journal.Journal, from, until int) {
	tb.Helper()
	for n := from; n < until; n++ {
		s := streamOf(tb, fmt.Sprintf("dossier/%d", n%5))
		if _, err := j.Append(tb.Context(), s, int64(n/5), factOf(n)); err != nil {
			tb.Fatal(err)
		}
	}
}

func written(tb testing.TB, n int) *journal.Memory {
	tb.Helper()
	j := journal.NewMemory()
	write(tb, j, 0, n)
	return j
}

func newSigner(tb testing.TB, name string) *audit.Signer {
	tb.Helper()
	secret, err := audit.NewSecret(name)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := audit.ParseSigner(secret)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// office is a journal, its log, and who verifies it.
type office struct {
	tb       testing.TB
	dir      string
	signer   *audit.Signer
	journal  journal.Journal
	log      *audit.Log
	verifier *audit.Verifier
	now      time.Time
}

func newOffice(tb testing.TB, j journal.Journal) *office {
	tb.Helper()
	o := &office{tb: tb, dir: filepath.Join(tb.TempDir(), "log"), signer: newSigner(tb, "motcua.example.vn/so"), journal: j,
		now: start.AddDate(0, 0, 1)}
	o.open(j)
	o.verifier = newVerifier(tb, o.signer.Key(), audit.Policy{})
	return o
}

// open opens the log again, over what may be another journal.
func (o *office) open(source audit.Source) {
	o.tb.Helper()
	if o.log != nil {
		if err := o.log.Close(); err != nil {
			o.tb.Fatal(err)
		}
	}
	l, err := audit.Open(o.dir, source, o.signer.Key(), audit.Config{Signer: o.signer, Now: func() time.Time { return o.now }})
	if err != nil {
		o.tb.Fatal(err)
	}
	o.log = l
	o.tb.Cleanup(func() { l.Close() })
}

// checkpoint signs a minute later.
func (o *office) checkpoint() audit.Checkpoint {
	o.tb.Helper()
	o.now = o.now.Add(time.Minute)
	c, err := o.log.Checkpoint(o.tb.Context())
	if err != nil {
		o.tb.Fatal(err)
	}
	return c
}

func (o *office) prove(s audit.Selection) []byte {
	o.tb.Helper()
	raw, err := o.log.Prove(o.tb.Context(), s)
	if err != nil {
		o.tb.Fatal(err)
	}
	return raw
}

func newVerifier(tb testing.TB, k audit.Key, p audit.Policy) *audit.Verifier {
	tb.Helper()
	v, err := audit.NewVerifier(k, p)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// wantFinding fails unless err is a finding of that kind and rule.
func wantFinding(tb testing.TB, err, kind error, rule string) *audit.FindingError {
	tb.Helper()
	var f *audit.FindingError
	if !errors.As(err, &f) || !errors.Is(err, kind) || f.Rule != rule {
		tb.Fatalf("got %v, want %v with rule %q", err, kind, rule)
	}
	if f.Code() != "audit."+rule || f.Text("vi") == f.Text("en") || f.Text("de") != f.Text("vi") {
		tb.Errorf("code %q, texts %q and %q", f.Code(), f.Text("vi"), f.Text("en"))
	}
	return f
}

// seen makes a sequence of checkpoints.
func seen(list ...audit.Checkpoint) iter.Seq2[audit.Checkpoint, error] {
	return func(yield func(audit.Checkpoint, error) bool) {
		for _, c := range list {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// rewritten is a journal as somebody left it who can write the store and knows how hashes are made: an edit of the list
// of facts, after which everything is linked anew. journal.Verify finds nothing wrong with it.
func rewritten(tb testing.TB, j journal.Journal, edit func([]journal.Record) []journal.Record) *journal.Memory {
	tb.Helper()
	var all []journal.Record
	for r, err := range j.Tail(context.Background(), 0) {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, r)
	}
	out, heads := journal.NewMemory(), make(map[journal.Stream]int64)
	for _, r := range edit(slices.Clone(all)) {
		if _, err := out.Append(context.Background(), r.Stream, heads[r.Stream], r.Fact); err != nil {
			tb.Fatal(err)
		}
		heads[r.Stream]++
	}
	if _, err := journal.Verify(context.Background(), out); err != nil {
		tb.Fatalf("the forgery is clumsy: %v", err)
	}
	return out
}

// gapped shows a journal with positions that have gaps, as those of a PostgreSQL sequence do.
type gapped struct{ journal.Journal }

func (g gapped) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for r, err := range g.Journal.Tail(ctx, 0) {
			if r.Position = widen(r.Position); err == nil && r.Position <= position {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (g gapped) Read(ctx context.Context, s journal.Stream, after int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for r, err := range g.Journal.Read(ctx, s, after) {
			r.Position = widen(r.Position)
			if !yield(r, err) {
				return
			}
		}
	}
}

func widen(p int64) int64 { return 3*p + p/10*100 }
