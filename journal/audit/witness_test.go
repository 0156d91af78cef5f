package audit_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/audit"
)

func newWitness(tb testing.TB, v *audit.Verifier, s *audit.Signer) *audit.Witness {
	tb.Helper()
	w, err := audit.OpenWitness(filepath.Join(tb.TempDir(), "witness.jsonl"), v, s)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { w.Close() })
	return w
}

// TestWitnessFollowsALog sees a log grow, cosigns, keeps, and is read back as evidence.
func TestWitnessFollowsALog(t *testing.T) {
	j := journal.NewMemory()
	o := newOffice(t, j)
	signer := newSigner(t, "chung-kien.example.vn")
	path := filepath.Join(t.TempDir(), "witness.jsonl")
	w, err := audit.OpenWitness(path, o.verifier, signer)
	if err != nil {
		t.Fatal(err)
	}
	strict := newVerifier(t, o.signer.Key(), audit.Policy{Witnesses: []audit.Key{signer.WitnessKey()}, Quorum: 1})
	o.log.Close()
	if o.log, err = audit.Open(o.dir, j, o.signer.Key(), audit.Config{Signer: o.signer, Witnesses: []audit.Key{signer.WitnessKey()},
		Now: func() time.Time { return o.now }}); err != nil {
		t.Fatal(err)
	}
	defer o.log.Close()
	for n := 0; n < 60; n += 20 {
		write(t, j, n, n+20)
		o.now = start.Add(time.Duration(n+20) * time.Second)
		c := o.checkpoint()
		_, err := strict.Bundle(o.prove(audit.Selection{Positions: []int64{1}}))
		wantFinding(t, err, audit.ErrSignature, "quorum")
		proof, err := o.log.Consistency(w.Last().Size(), c.Size())
		if err != nil {
			t.Fatal(err)
		}
		cosigned, err := w.See(c.Note(), proof, o.now)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := o.log.Keep(cosigned)
		if err != nil {
			t.Fatal(err)
		}
		if got := kept.Witnesses(); len(got) != 1 || got[0].Key != signer.WitnessKey() || !got[0].At.Equal(o.now.Truncate(time.Second)) {
			t.Errorf("witnesses %v", got)
		}
		if _, err := strict.Bundle(o.prove(audit.Selection{Positions: []int64{1}}), w.Last()); err != nil {
			t.Error(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w, err = audit.OpenWitness(path, o.verifier, signer); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := audit.OpenWitness(path, o.verifier, nil); !errors.Is(err, audit.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if w.Last().Size() != 60 {
		t.Errorf("remembers size %d, want 60", w.Last().Size())
	}
	if sum, err := o.verifier.Journal(t.Context(), j, w.Checkpoints()); err != nil || sum.Checkpoints != 3 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestWitnessRefuses(t *testing.T) {
	j := written(t, 10)
	o := newOffice(t, j)
	first := o.checkpoint()
	write(t, j, 10, 20)
	second := o.checkpoint()
	proof, err := o.log.Consistency(10, 20)
	if err != nil {
		t.Fatal(err)
	}
	w := newWitness(t, o.verifier, nil)
	if _, err := w.See(first.Note(), nil, o.now); err != nil {
		t.Fatal(err)
	}
	wrong := append([]journal.Hash{}, proof...)
	wrong[0][3] ^= 1
	for _, tt := range []struct {
		name  string
		note  []byte
		proof []journal.Hash
		at    time.Time
		kind  error
		rule  string
	}{
		{"no proof", second.Note(), nil, o.now, audit.ErrFork, "fork"},
		{"a wrong proof", second.Note(), wrong, o.now, audit.ErrFork, "fork"},
		{"a longer proof", second.Note(), append(proof, proof...), o.now, audit.ErrFork, "fork"},
		{"from the future", second.Note(), proof, o.now.Add(-time.Hour), audit.ErrClock, "clock"},
		{"a changed note", bytes.Replace(second.Note(), []byte("\n20\n"), []byte("\n21\n"), 1), proof, o.now, audit.ErrSignature, "signature"},
		{"nothing", nil, nil, o.now, audit.ErrMalformed, "note"},
		{"too much", make([]byte, 1<<20), nil, o.now, audit.ErrMalformed, "bounds"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.See(tt.note, tt.proof, tt.at)
			wantFinding(t, err, tt.kind, tt.rule)
		})
	}
	if _, err := w.See(second.Note(), proof, o.now); err != nil {
		t.Fatal(err)
	}
	_, err = w.See(first.Note(), nil, o.now)
	wantFinding(t, err, audit.ErrUnlinked, "stale")
	if _, err := audit.OpenWitness(filepath.Join(t.TempDir(), "w"), o.verifier, o.signer); !errors.Is(err, audit.ErrMalformed) {
		t.Errorf("the log witnesses itself: %v", err)
	}
}

// TestCutLogSignsAgain is a log whose folder and journal were both set back.
func TestCutLogSignsAgain(t *testing.T) {
	j := written(t, 50)
	o := newOffice(t, j)
	c := o.checkpoint()
	w := newWitness(t, o.verifier, nil)
	if _, err := w.See(c.Note(), nil, o.now); err != nil {
		t.Fatal(err)
	}
	back := &office{tb: t, dir: t.TempDir(), signer: o.signer, now: o.now.Add(time.Hour),
		journal: rewritten(t, j, func(all records) records { return all[:30] })}
	back.open(back.journal)
	shorter := back.checkpoint()
	_, err := w.See(shorter.Note(), nil, back.now)
	if f := wantFinding(t, err, audit.ErrCut, "cut"); len(f.Checkpoints) != 2 {
		t.Errorf("%d checkpoints of evidence", len(f.Checkpoints))
	}
	_, err = o.verifier.Journal(t.Context(), back.journal, w.Checkpoints())
	wantFinding(t, err, audit.ErrCut, "cut")
}

// TestPeersReadOurs verifies checkpoints, cosignatures and keys by the libraries of the transparency community.
func TestPeersReadOurs(t *testing.T) {
	o := newOffice(t, written(t, 12))
	c := o.checkpoint()
	witness := newSigner(t, "chung-kien.example.vn")
	w := newWitness(t, o.verifier, witness)
	cosigned, err := w.See(c.Note(), nil, o.now)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := note.NewVerifier(o.signer.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := fnote.NewVerifierForCosignatureV1(witness.WitnessKey().String())
	if err != nil {
		t.Fatal(err)
	}
	got, rest, n, err := log.ParseCheckpoint(cosigned, o.signer.Key().Name(), mine, theirs)
	if err != nil {
		t.Fatal(err)
	}
	root := c.Root()
	if got.Size != 12 || !bytes.Equal(got.Hash, root[:]) || len(n.Sigs) != 2 || !bytes.HasPrefix(rest, []byte("time ")) {
		t.Errorf("peer reads %+v, rest %q, %d signatures", got, rest, len(n.Sigs))
	}
	at, err := fnote.CoSigV1Timestamp(n.Sigs[1])
	if err != nil || at.Unix() != o.now.Unix() {
		t.Errorf("peer reads the time %v, %v; want %v", at, err, o.now)
	}
}

// TestWeReadPeers takes a cosignature that a peer made.
func TestWeReadPeers(t *testing.T) {
	o := newOffice(t, written(t, 12))
	c := o.checkpoint()
	secret, err := audit.NewSecret("chung-kien.example.vn")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := audit.ParseSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	peer, err := fnote.NewSignerForCosignatureV1(secret)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := note.NewVerifier(o.signer.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(c.Note(), note.VerifierList(mine))
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := note.Sign(n, peer)
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, o.signer.Key(), audit.Policy{Witnesses: []audit.Key{signer.WitnessKey()}, Quorum: 1})
	if got, err := v.Checkpoint(cosigned); err != nil || len(got.Witnesses()) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}
