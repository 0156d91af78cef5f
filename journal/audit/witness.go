package audit

import (
	"errors"
	"io"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/motcua/motcua/journal"
)

// Witness remembers the checkpoints of one log in a file that only grows, kept where the log's operator cannot write:
// another agency, another administrator, a disk that is locked away. What it has seen, the log cannot unsay. Its
// methods are safe for concurrent use.
type Witness struct {
	verifier *Verifier
	signer   *Signer
	locked   *os.File

	mu      sync.Mutex
	history *history
}

// OpenWitness opens or creates a witness file. The verifier says which log; its quorum does not matter here, for a
// witness sees a checkpoint before others have signed. The signer is optional: with it the witness cosigns what it
// takes in. Errors: [ErrLocked], *[FindingError], errors of the file system.
func OpenWitness(path string, v *Verifier, signer *Signer) (*Witness, error) {
	if signer != nil && signer.WitnessKey().public == v.log.public {
		return nil, finding(ErrMalformed, "key", errors.New("want a key other than the log's"))
	}
	locked, err := lock(path + ".lock")
	if err != nil {
		return nil, err
	}
	h, err := openHistory(path, v, true)
	if err != nil {
		locked.Close()
		return nil, err
	}
	return &Witness{verifier: v, signer: signer, locked: locked, history: h}, nil
}

// Close lets go of the file.
func (w *Witness) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.history.file.Close(), w.locked.Close())
}

// Last returns the newest checkpoint seen, the zero value when there is none. The proof that See wants begins at its
// size.
func (w *Witness) Last() Checkpoint {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.history.last.Checkpoint
}

// See takes in a checkpoint that continues the newest one seen, as the proof shows ([Log.Consistency]), and returns it
// with the witness's cosignature if there is a signer. at is the witness's own time. The first checkpoint is taken on
// trust. It refuses, with both checkpoints in the *[FindingError]: [ErrFork], the evidence against the log; [ErrCut],
// a log that signed again with fewer records; [ErrClock]; and [ErrUnlinked] for an older one, which proves nothing.
func (w *Witness) See(signed []byte, proof []journal.Hash, at time.Time) ([]byte, error) {
	c, err := w.verifier.checkpoint(signed)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.continues(c, proof); err != nil {
		return nil, err
	}
	if at.Add(w.verifier.policy.Skew).Before(c.at) {
		return nil, &FindingError{Kind: ErrClock, Rule: "clock", Index: -1, Checkpoints: []Checkpoint{c}}
	}
	known := w.history.last.Checkpoint
	if w.signer != nil {
		if c, err = w.verifier.cosign(c, w.signer, at); err != nil {
			return nil, err
		}
	}
	if !c.same(known) {
		if err := w.history.add(entry{Checkpoint: c}); err != nil {
			return nil, err
		}
	}
	return c.Note(), nil
}

func (w *Witness) continues(c Checkpoint, proof []journal.Hash) error {
	known := w.history.last.Checkpoint
	if known.IsZero() || c.same(known) {
		return nil
	}
	if c.size < known.size && c.at.Before(known.at) {
		return &FindingError{Kind: ErrUnlinked, Rule: "stale", Index: -1, Checkpoints: []Checkpoint{known, c}}
	}
	if err := follows(known, c); err != nil {
		return err
	}
	if c.size == known.size {
		return nil
	}
	return checkConsistency(known, c, proof)
}

// Checkpoints yields what the witness has seen, oldest first, for [Verifier.Journal].
func (w *Witness) Checkpoints() iter.Seq2[Checkpoint, error] {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.verifier.Checkpoints(io.NewSectionReader(w.history.file, 0, w.history.end))
}
