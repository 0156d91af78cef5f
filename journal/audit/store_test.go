package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal/audit"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/journal/sqlite"
)

func newSQLite(tb testing.TB) *sqlite.Journal {
	tb.Helper()
	j, err := sqlite.Open(tb.Context(), filepath.Join(tb.TempDir(), "journal.db"), sqlite.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { j.Close() })
	return j
}

// TestErasedPersonStaysProvable seals private halves, erases one person, and finds checkpoints and proofs as they were,
// for who reads through the seal and for who reads below it.
func TestErasedPersonStaysProvable(t *testing.T) {
	dir := t.TempDir()
	ring, err := seal.CreateKeyring(filepath.Join(dir, "ring"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.OpenDir(filepath.Join(dir, "subjects"), ring, seal.DirConfig{})
	if err != nil {
		t.Fatal(err)
	}
	below := newSQLite(t)
	sealed, err := seal.New(below, keys, seal.Config{Now: func() time.Time { return start.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	write(t, sealed, 0, 40)
	through, under := newOffice(t, sealed), newOffice(t, below)
	first := through.checkpoint()
	if got := under.checkpoint(); got.Root() != first.Root() {
		t.Error("who reads below the seal gets another root")
	}
	selection := audit.Selection{Subject: "subject-3"}
	before := through.prove(selection)
	if bytes.Contains(before, []byte("Nghĩa")) {
		t.Error("the bundle shows a private half")
	}
	if err := sealed.Erase(t.Context(), "subject-3", seal.Order{Actor: "officer-7", Ground: "yêu cầu số 12"}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []*office{through, under} {
		c := o.checkpoint()
		if sum, err := o.log.Compare(t.Context()); err != nil || c.Size() <= first.Size() || sum.Covered != c.Size() {
			t.Errorf("after erasure: %v, %+v, %v", c, sum, err)
		}
		wide := newVerifier(t, o.signer.Key(), audit.Policy{Skew: 10 * 365 * 24 * time.Hour})
		p, err := wide.Bundle(o.prove(audit.Selection{Positions: []int64{4}}))
		if err != nil || p.Records[0].Subject != "subject-3" {
			t.Errorf("after erasure: %+v, %v", p, err)
		}
	}
	if got := through.prove(audit.Selection{Subject: "subject-3", Under: first}); !bytes.Equal(got, before) {
		t.Error("the same proof under the same checkpoint is another after erasure")
	}
}

// TestMovedToAnotherStore copies a journal to a store with other positions: the checkpoints stay good once the stored
// tree has been removed and is made again.
func TestMovedToAnotherStore(t *testing.T) {
	j := written(t, 600)
	o := newOffice(t, j)
	before := o.checkpoint()
	moved := newSQLite(t)
	for n := range 600 {
		if _, err := moved.Append(t.Context(), streamOf(t, fmt.Sprintf("dossier/%d", n%5)), int64(n/5), factOf(n)); err != nil {
			t.Fatal(err)
		}
	}
	o.open(gapped{moved})
	_, err := o.log.Checkpoint(t.Context())
	wantFinding(t, err, audit.ErrAltered, "deleted") // the stored positions are those of the old store
	if err := o.log.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"leaves", "tree"} {
		if err := os.Remove(filepath.Join(o.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	o.log = nil
	o.open(gapped{moved})
	if after := o.checkpoint(); after.String() != before.String() {
		t.Errorf("checkpoint %v after, %v before", after, before)
	}
	if _, err := o.verifier.Bundle(o.prove(audit.Selection{Positions: []int64{widen(300)}}), before); err != nil {
		t.Error(err)
	}
}

// TestProveWhileGrowing proves from several goroutines while others append, sign and stamp.
func TestProveWhileGrowing(t *testing.T) {
	j := written(t, 300)
	o := newOffice(t, j)
	_, authority := newTSA(t, func() time.Time { return start.AddDate(0, 0, 2) })
	o.checkpoint()
	wide := newVerifier(t, o.signer.Key(), audit.Policy{Skew: 100 * 24 * time.Hour})
	var all sync.WaitGroup
	all.Go(func() {
		for n := 300; n < 900; n += 30 {
			write(t, j, n, n+30)
			if _, err := o.log.Checkpoint(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Go(func() {
		for range 20 {
			if _, err := o.log.Stamp(t.Context(), authority); err != nil {
				t.Error(err)
			}
		}
	})
	for g := range 3 {
		all.Go(func() {
			for i := range 60 {
				raw, err := o.log.Prove(t.Context(), audit.Selection{Positions: []int64{int64(1 + (i*37+g)%300)}, Under: o.log.Stamped()})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := wide.Bundle(raw); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if c := o.checkpoint(); c.Root() != peerOf(t, j).root(t, 900) {
		t.Error("root differs in the end")
	}
}

// TestPlacesThatAreNotThere refuses what is no folder, and creates nothing to be read.
func TestPlacesThatAreNotThere(t *testing.T) {
	j := written(t, 10)
	o := newOffice(t, j)
	o.checkpoint()
	path := filepath.Join(t.TempDir(), "nowhere", "witness.jsonl")
	if _, err := audit.OpenWitness(path, o.verifier, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("witness in a folder that is not there: %v", err)
	}
	if _, err := audit.Open(filepath.Join(o.dir, "leaves", "log"), j, o.signer.Key(), audit.Config{Signer: o.signer}); err == nil {
		t.Error("a log inside a file")
	}
	if _, err := audit.Open(t.TempDir(), j, o.signer.Key(), audit.Config{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading a log that is not there: %v", err)
	}
}
