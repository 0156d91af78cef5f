package audit_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

// peer is Go's own implementation of the tree, as the checksum database uses it.
type peer struct{ hashes []tlog.Hash }

func (p *peer) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, p.hashes[i])
	}
	return out, nil
}

func (p *peer) add(tb testing.TB, n int64, r *journal.Record) {
	tb.Helper()
	more, err := tlog.StoredHashes(n, append([]byte("motcua journal leaf 1\n"), r.Hash[:]...), p)
	if err != nil {
		tb.Fatal(err)
	}
	p.hashes = append(p.hashes, more...)
}

func (p *peer) root(tb testing.TB, n int64) journal.Hash {
	tb.Helper()
	if n == 0 {
		return sha256.Sum256(nil)
	}
	h, err := tlog.TreeHash(n, p)
	if err != nil {
		tb.Fatal(err)
	}
	return journal.Hash(h)
}

func peerOf(tb testing.TB, j journal.Journal) *peer {
	tb.Helper()
	p := new(peer)
	n := int64(0)
	for r, err := range j.Tail(tb.Context(), 0) {
		if err != nil {
			tb.Fatal(err)
		}
		p.add(tb, n, &r)
		n++
	}
	return p
}

// TestTreeIsThatOfRFC6962 holds roots, inclusion and consistency proofs to another implementation, at all sizes around
// the borders of tiles.
func TestTreeIsThatOfRFC6962(t *testing.T) {
	j := journal.NewMemory()
	o := newOffice(t, j)
	sizes := []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 254, 255, 256, 257, 511, 512, 513, 767, 1023, 1024, 1025, 1300}
	before := 0
	var signed []audit.Checkpoint
	for _, n := range sizes {
		write(t, j, before, n)
		before = n
		signed = append(signed, o.checkpoint())
	}
	p := peerOf(t, j)
	for i, c := range signed {
		if c.Size() != int64(sizes[i]) || c.Root() != p.root(t, c.Size()) {
			t.Errorf("size %d: root %s, want %s", c.Size(), c.Root(), p.root(t, c.Size()))
		}
		for _, older := range signed[:i] {
			got, err := o.log.Consistency(older.Size(), c.Size())
			if err != nil {
				t.Fatal(err)
			}
			if older.Size() == 0 {
				continue
			}
			want, err := tlog.ProveTree(c.Size(), older.Size(), p)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(hashesOf(want)) != fmt.Sprint(got) {
				t.Errorf("%d to %d: consistency proof differs", older.Size(), c.Size())
			}
		}
	}
	wide := newVerifier(t, o.signer.Key(), audit.Policy{Skew: 100 * 24 * time.Hour}) // the records are older than the checkpoints
	for i, c := range signed[1:] {
		position := 1 + rand.Int64N(c.Size())
		proof, err := wide.Bundle(o.prove(audit.Selection{Positions: []int64{position}, Under: c, Since: signed[:i+1]}))
		if err != nil {
			t.Fatalf("position %d under %d: %v", position, c.Size(), err)
		}
		if proof.Records[0].Index != position-1 || len(proof.Links) != i+1 || proof.Checkpoint.String() != c.String() {
			t.Errorf("proved index %d with %d links under %s", proof.Records[0].Index, len(proof.Links), proof.Checkpoint)
		}
	}
}

func hashesOf(list []tlog.Hash) []journal.Hash {
	var out []journal.Hash
	for _, h := range list {
		out = append(out, journal.Hash(h))
	}
	return out
}

// TestPositionsWithGaps proves every record of a journal whose positions have gaps, and refuses the gaps.
func TestPositionsWithGaps(t *testing.T) {
	const n = 300
	j := gapped{written(t, n)}
	o := newOffice(t, j)
	c := o.checkpoint()
	if want := newOffice(t, j.Journal).checkpoint(); c.Root() != want.Root() {
		t.Error("gaps change the root: a restored journal would lose its checkpoints")
	}
	for i := range int64(n) {
		p, err := o.verifier.Bundle(o.prove(audit.Selection{Positions: []int64{widen(i + 1)}}))
		if err != nil {
			t.Fatal(err)
		}
		if p.Records[0].Index != i {
			t.Errorf("position %d proved as %d, want %d", widen(i+1), p.Records[0].Index, i)
		}
	}
	for _, gap := range []int64{-1, 0, 1, 2, 4, widen(n) - 1, widen(n) + 1, 1 << 62} {
		_, err := o.log.Prove(t.Context(), audit.Selection{Positions: []int64{gap}})
		wantFinding(t, err, audit.ErrUncovered, "uncovered")
	}
}

// TestOpenAgain closes and opens between checkpoints, and cuts the files at every kind of place, as a crash may.
func TestOpenAgain(t *testing.T) {
	j := journal.NewMemory()
	o := newOffice(t, j)
	for n := 0; n < 1500; n += 130 {
		write(t, j, n, n+130)
		o.checkpoint()
		o.open(j)
	}
	want := peerOf(t, j).root(t, o.log.Last().Size())
	if o.log.Last().Root() != want {
		t.Error("another root than in one go")
	}
	for _, damage := range []struct {
		name string
		edit func(path string) error
	}{
		{"leaves longer by what was not signed", func(dir string) error { return appendTo(dir, "leaves", 1000) }},
		{"tree longer", func(dir string) error { return appendTo(dir, "tree", 33) }},
		{"checkpoint half-written", func(dir string) error { return appendTo(dir, "checkpoints", 17) }},
		{"leaves cut", func(dir string) error { return os.Truncate(filepath.Join(dir, "leaves"), 40*777+3) }},
		{"tree cut", func(dir string) error { return os.Truncate(filepath.Join(dir, "tree"), 31) }},
		{"leaves gone", func(dir string) error { return os.Remove(filepath.Join(dir, "leaves")) }},
		{"a leaf changed under the signed root", func(dir string) error { return flip(filepath.Join(dir, "leaves"), 40*1559+1) }},
		{"a node changed under the signed root", func(dir string) error { return flip(filepath.Join(dir, "tree"), 32*6+1) }},
	} {
		t.Run(damage.name, func(t *testing.T) {
			o.tb = t
			o.log.Close()
			if err := damage.edit(o.dir); err != nil {
				t.Fatal(err)
			}
			o.log = nil
			o.open(j)
			n := int(o.log.Last().Size())
			write(t, j, n, n+5)
			c := o.checkpoint()
			if c.Size() != int64(n+5) || c.Root() != peerOf(t, j).root(t, c.Size()) {
				t.Errorf("root differs at size %d", c.Size())
			}
			for _, p := range []int64{1, 256, 257, int64(n)} {
				if _, err := o.verifier.Bundle(o.prove(audit.Selection{Positions: []int64{p}})); err != nil {
					t.Errorf("position %d: %v", p, err)
				}
			}
		})
	}
}

func appendTo(dir, name string, n int) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, n))
	return errors.Join(err, f.Close())
}

func flip(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	var b [1]byte
	_, err = f.ReadAt(b[:], at)
	b[0] ^= 1
	_, werr := f.WriteAt(b[:], at)
	return errors.Join(err, werr, f.Close())
}

func TestOneProcessSigns(t *testing.T) {
	o := newOffice(t, written(t, 3))
	c := o.checkpoint()
	_, err := audit.Open(o.dir, o.journal, o.signer.Key(), audit.Config{Signer: o.signer})
	if !errors.Is(err, audit.ErrLocked) {
		t.Errorf("second signer: got %v, want ErrLocked", err)
	}
	reader, err := audit.Open(o.dir, o.journal, o.signer.Key(), audit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if got := reader.Last(); got.String() != c.String() {
		t.Errorf("reader sees %s, want %s", got, c)
	}
	if _, err := reader.Checkpoint(t.Context()); !errors.Is(err, audit.ErrReadOnly) {
		t.Errorf("reader signs: %v", err)
	}
	raw, err := reader.Prove(t.Context(), audit.Selection{Positions: []int64{2}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.verifier.Bundle(raw); err != nil {
		t.Error(err)
	}
	other := newSigner(t, "motcua.example.vn/so")
	if _, err := audit.Open(o.dir, o.journal, other.Key(), audit.Config{}); !errors.Is(err, audit.ErrSignature) {
		t.Errorf("log of another key: got %v, want ErrSignature", err)
	}
	if _, err := audit.Open(t.TempDir(), o.journal, other.Key(), audit.Config{Signer: o.signer}); !errors.Is(err, audit.ErrMalformed) {
		t.Errorf("signer of another key: got %v", err)
	}
}

// TestCancelledInTheMiddle takes in a journal in two goes.
func TestCancelledInTheMiddle(t *testing.T) {
	j := written(t, 900)
	o := newOffice(t, j)
	ctx, cancel := context.WithCancel(t.Context())
	o.open(edited{j, func(r *journal.Record) {
		if r.Position == 600 {
			cancel()
		}
	}})
	if _, err := o.log.Checkpoint(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	if c := o.checkpoint(); c.Root() != peerOf(t, j).root(t, 900) {
		t.Error("root differs after the second go")
	}
}

func TestNothingNewSignsNothing(t *testing.T) {
	o := newOffice(t, written(t, 10))
	first := o.checkpoint()
	if second := o.checkpoint(); !second.At().Equal(first.At()) || string(second.Note()) != string(first.Note()) {
		t.Error("signed again without anything new")
	}
	n := 0
	for _, err := range o.log.Checkpoints() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d checkpoints kept, want 1", n)
	}
}

func TestWontSignAgainstTheClock(t *testing.T) {
	j := written(t, 10)
	o := newOffice(t, j)
	o.checkpoint()
	write(t, j, 10, 12)
	o.now = o.now.Add(-time.Hour)
	_, err := o.log.Checkpoint(t.Context())
	wantFinding(t, err, audit.ErrClock, "clock")
	o.now = o.now.Add(2 * time.Hour)
	if c := o.checkpoint(); c.Size() != 12 {
		t.Errorf("size %d after the clock was set right", c.Size())
	}
	ahead := factOf(12)
	ahead.At = o.now.Add(time.Hour)
	if _, err := j.Append(t.Context(), streamOf(t, "dossier/9"), 0, ahead); err != nil {
		t.Fatal(err)
	}
	_, err = o.log.Checkpoint(t.Context())
	wantFinding(t, err, audit.ErrClock, "clock")
}
