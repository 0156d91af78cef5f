package audit_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"iter"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// endless is a journal of n records that are made up while they are read: what is measured is the log alone.
type endless struct {
	n      int64
	stream journal.Stream
}

func newEndless(tb testing.TB, n int64) *endless { return &endless{n, streamOf(tb, "dossier/endless")} }

func (e *endless) record(position int64) journal.Record {
	f := journal.Fact{Kind: "dossier.accepted", Actor: "officer-7",
		At: start.Add(time.Duration(position) * time.Microsecond), Body: []byte(`{"state":"accepted","unit":"H26.1"}`)}
	r := journal.Record{Position: position, Stream: e.stream, Seq: position, Fact: f}
	r.Prev[0], r.Prev[31] = byte(position), 1
	if position == 1 {
		r.Prev = journal.Hash{}
	}
	r.Hash = r.Digest()
	return r
}

func (e *endless) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for p := position + 1; p <= e.n; p++ {
			if !yield(e.record(p), nil) {
				return
			}
		}
	}
}

func (e *endless) Read(context.Context, journal.Stream, int64) iter.Seq2[journal.Record, error] {
	return func(func(journal.Record, error) bool) {}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// fill opens a log over n records and signs.
func fill(tb testing.TB, n int64) (*office, *endless) {
	tb.Helper()
	e := newEndless(tb, n)
	o := newOffice(tb, nil)
	o.open(e)
	o.checkpoint()
	return o, e
}

// TestMemoryAndProofStayFlat takes in many records and holds memory and the size of a proof to their bounds. With
// MOTCUA_NIGHTLY=1 there are 50 million: two gigabytes on the disk.
func TestMemoryAndProofStayFlat(t *testing.T) {
	n := int64(200_000)
	if os.Getenv("MOTCUA_NIGHTLY") != "" {
		n = 50_000_000
	}
	before, began := heap(), time.Now()
	o, e := fill(t, n)
	t.Logf("%d records taken in and signed for at %.0f/s", n, float64(n)/time.Since(began).Seconds())
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("%d bytes of memory kept for %d records, want at most 1 MiB", grown, n)
	}
	wide := newVerifier(t, o.signer.Key(), audit.Policy{Skew: 48 * time.Hour})
	var took []time.Duration
	for i := range int64(500) {
		position := 1 + (i*7_919_993+n/3)%n
		began := time.Now()
		raw := o.prove(audit.Selection{Positions: []int64{position}})
		took = append(took, time.Since(began))
		p, err := wide.Bundle(raw)
		if err != nil {
			t.Fatal(err)
		}
		if want := e.record(position); p.Records[0].Hash != want.Hash || p.Records[0].Index != position-1 {
			t.Fatalf("position %d proved as %d", position, p.Records[0].Index)
		}
		var b struct {
			Checkpoint string
			Records    []struct{ Path string }
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		if size := len(b.Checkpoint) + len(b.Records[0].Path); size > 2000 || len(raw) > 2048 {
			t.Fatalf("proof of %d bytes, file of %d, want at most two kilobytes", size, len(raw))
		}
	}
	slices.Sort(took)
	t.Logf("a proof took %v in the median, %v at 95 in a hundred", took[len(took)/2], took[len(took)*95/100])
}

const benchmarked = 1_000_000

// BenchmarkTakeIn reads a journal into a new log: digest, leaf, tree, files, fsync. One operation is one record.
func BenchmarkTakeIn(b *testing.B) {
	o, e := fill(b, 1)
	e.n += int64(b.N)
	b.ResetTimer()
	o.checkpoint()
}

// BenchmarkTakeInPeer is Go's tlog with everything in memory, over the same records.
func BenchmarkTakeInPeer(b *testing.B) {
	e, p := newEndless(b, 1), new(peer)
	b.ResetTimer()
	for i := range int64(b.N) {
		r := e.record(i + 1)
		p.add(b, i, &r)
	}
}

func BenchmarkProve(b *testing.B) {
	o, _ := fill(b, benchmarked)
	b.ResetTimer()
	for i := range int64(b.N) {
		o.prove(audit.Selection{Positions: []int64{1 + i*7919%benchmarked}})
	}
}

// BenchmarkProvePeer is Go's tlog, all hashes in memory, without the record, the comparison and the JSON.
func BenchmarkProvePeer(b *testing.B) {
	e, p := newEndless(b, benchmarked), new(peer)
	for i := range int64(benchmarked) {
		r := e.record(i + 1)
		p.add(b, i, &r)
	}
	b.ResetTimer()
	for i := range int64(b.N) {
		if _, err := tlog.ProveRecord(benchmarked, i*7919%benchmarked, p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	o, _ := fill(b, benchmarked)
	v := newVerifier(b, o.signer.Key(), audit.Policy{Skew: 48 * time.Hour})
	raw := o.prove(audit.Selection{Positions: []int64{benchmarked / 3}})
	b.ResetTimer()
	for range b.N {
		if _, err := v.Bundle(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerifyPeer is the one signature that any verification costs.
func BenchmarkVerifyPeer(b *testing.B) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	message := make([]byte, 130)
	signature := ed25519.Sign(key, message)
	b.ResetTimer()
	for range b.N {
		if !ed25519.Verify(public, message, signature) {
			b.Fatal("not verified")
		}
	}
}

// BenchmarkProveSQLite fetches the record from a file as well.
func BenchmarkProveSQLite(b *testing.B) {
	j := newSQLite(b)
	write(b, j, 0, 3000)
	o := newOffice(b, j)
	o.checkpoint()
	b.ResetTimer()
	for i := range int64(b.N) {
		o.prove(audit.Selection{Positions: []int64{1 + i*7919%3000}})
	}
}
