package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/motcua/motcua/journal"
)

// Source is what a log reads of a journal; [journal.Journal] has it.
type Source interface {
	Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error]
	Read(ctx context.Context, stream journal.Stream, after int64) iter.Seq2[journal.Record, error]
}

// Config holds what is optional. With the zero value a log is read: it proves and compares.
type Config struct {
	// Signer makes the log grow. Its key must be the log's.
	Signer *Signer
	// Witnesses are those whose cosignatures [Log.Keep] takes in.
	Witnesses []Key
	// Skew is how far a record's time may lie ahead of the log's clock. 0 means [DefaultSkew].
	Skew time.Duration
	// Now is the clock; nil means the system's.
	Now func() time.Time
}

// Log is the Merkle log of one journal, in a folder of its own: about 40 bytes a record. Its methods are safe for
// concurrent use; one process at a time may have it open with a signer. What it stores can always be made again from
// the journal, except for the checkpoints.
type Log struct {
	source   Source
	verifier *Verifier
	cfg      Config
	tree     *tree
	history  *history
	locked   *os.File

	writing sync.Mutex // growing, signing, appending to the history
	stale   bool       // the tree must be restored before it grows: it was just opened, or writing failed
	newest  time.Time  // of the records taken in since then

	stamping sync.Mutex

	mu     sync.RWMutex // what others read meanwhile
	last   Checkpoint
	stamps *history
}

// Open opens the log in a folder, and creates it when there is a signer. The key is the one by which its checkpoints
// are verified. Errors: [ErrLocked], *[FindingError] when what is stored does not hold, errors of the file system.
func Open(dir string, source Source, key Key, cfg Config) (*Log, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Signer != nil && cfg.Signer.Key() != key {
		return nil, finding(ErrMalformed, "key", errors.New("want the signer's own key"))
	}
	v, err := NewVerifier(key, Policy{Witnesses: cfg.Witnesses, Skew: cfg.Skew})
	if err != nil {
		return nil, err
	}
	l := &Log{source: source, verifier: v, cfg: cfg, stale: true}
	l.cfg.Skew = v.policy.Skew
	if err := l.openFiles(dir, cfg.Signer != nil); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Log) openFiles(dir string, write bool) (err error) {
	if write {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if l.locked, err = lock(filepath.Join(dir, "lock")); err != nil {
			return err
		}
	}
	if l.history, err = openHistory(filepath.Join(dir, "checkpoints"), l.verifier, write); err != nil {
		return err
	}
	if l.stamps, err = openHistory(filepath.Join(dir, "timestamps"), l.verifier, write); err != nil {
		return err
	}
	l.last = l.history.last.Checkpoint
	if l.tree, err = openTree(dir, write); err != nil || !write {
		return err
	}
	return syncDir(dir)
}

// syncDir makes new names in a folder durable where the system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // not every system can
	return nil
}

// Close lets go of the folder.
func (l *Log) Close() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	var errs []error
	for _, h := range []*history{l.history, l.stamps} {
		if h != nil {
			errs = append(errs, h.file.Close())
		}
	}
	if l.tree != nil {
		errs = append(errs, l.tree.close())
	}
	if l.locked != nil {
		errs = append(errs, l.locked.Close())
	}
	return errors.Join(errs...)
}

// Last returns the newest checkpoint, the zero value when there is none.
func (l *Log) Last() Checkpoint {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.last
}

// Checkpoints yields everything the log has signed, oldest first, each verified again. Iteration ends at the first
// error, which is yielded.
func (l *Log) Checkpoints() iter.Seq2[Checkpoint, error] {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.verifier.Checkpoints(io.NewSectionReader(l.history.file, 0, l.history.end))
}

// Checkpoint takes in what the journal has gained and signs. Without anything new it returns the checkpoint that
// stands. It refuses to sign for a journal that lost or changed the last record it signed for (*[FindingError] with
// [ErrCut] or [ErrAltered], or *journal.BrokenError), and [ErrClock] when time runs backwards. Memory stays flat
// however much there is to take in.
func (l *Log) Checkpoint(ctx context.Context) (Checkpoint, error) {
	if l.cfg.Signer == nil {
		return Checkpoint{}, ErrReadOnly
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.grow(ctx); err != nil {
		return Checkpoint{}, err
	}
	last := l.Last()
	if !last.IsZero() && last.size == l.tree.size() {
		return last, nil
	}
	at := l.cfg.Now().UTC().Truncate(time.Microsecond)
	if at.Before(last.at) || l.newest.After(at.Add(l.cfg.Skew)) {
		return Checkpoint{}, &FindingError{Kind: ErrClock, Rule: "clock", Index: l.tree.size() - 1}
	}
	root, err := l.tree.root()
	if err != nil {
		return Checkpoint{}, err
	}
	c := Checkpoint{origin: l.verifier.log.name, size: l.tree.size(), root: root, at: at}
	if c.note, err = signCheckpoint(c, l.cfg.Signer); err != nil {
		return Checkpoint{}, err
	}
	return c, l.store(c)
}

// store appends a checkpoint and makes it the newest.
func (l *Log) store(c Checkpoint) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.history.add(entry{Checkpoint: c}); err != nil {
		return fmt.Errorf("audit: store checkpoint: %w", err)
	}
	l.last = c
	return nil
}

// Consistency returns the proof that the tree of the newer size begins with that of the older: what a [Witness] wants
// to see. Neither may be beyond the newest checkpoint.
func (l *Log) Consistency(older, newer int64) ([]journal.Hash, error) {
	if older < 0 || older > newer || newer > l.Last().size {
		return nil, finding(ErrUncovered, "uncovered", nil)
	}
	return l.tree.consistency(older, newer)
}

// Keep takes in the newest checkpoint with the signatures of witnesses on it, as [Witness.See] returns it. Signatures
// of several witnesses add up.
func (l *Log) Keep(signed []byte) (Checkpoint, error) {
	if l.cfg.Signer == nil {
		return Checkpoint{}, ErrReadOnly
	}
	c, err := l.verifier.checkpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if !c.same(l.last) {
		return Checkpoint{}, &FindingError{Kind: ErrUnlinked, Rule: "stale", Index: -1, Checkpoints: []Checkpoint{c}}
	}
	if c, err = l.verifier.merge(l.last, c); err != nil {
		return Checkpoint{}, err
	}
	return c, l.store(c)
}
