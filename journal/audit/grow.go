package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/motcua/motcua/journal"
)

// grow brings the tree up to the journal's end and makes it durable.
func (l *Log) grow(ctx context.Context) error {
	if err := l.restore(); err != nil {
		return err
	}
	err := l.takeIn(ctx)
	if err == nil && l.tree.size() < l.last.size {
		err = &FindingError{Kind: ErrCut, Rule: "cut", Index: l.tree.size(), Checkpoints: []Checkpoint{l.last}}
	}
	if err == nil {
		err = l.tree.flush()
	}
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		l.stale = true // what is in memory may be ahead of the disk, or not what was signed
	}
	return err
}

func isFinding(err error) bool { return errors.As(err, new(*FindingError)) }

// restore goes back to the last checkpoint: whatever lies behind it may have been half-written, and is read again. When
// the files do not give the root that was signed, the tree is made anew from the journal, which must give it.
func (l *Log) restore() error {
	if !l.stale {
		return nil
	}
	want := l.last
	whole, err := l.tree.holds(want.size)
	if err != nil {
		return err
	}
	if whole {
		if err := l.tree.rewind(want.size); err != nil && !isFinding(err) {
			return err
		} else if err != nil {
			whole = false
		} else if root, err := l.tree.root(); err != nil {
			return err
		} else {
			whole = want.IsZero() || root == want.root
		}
	}
	if !whole {
		if err := l.tree.rewind(0); err != nil {
			return err
		}
	}
	l.stale = false
	l.newest = want.at
	return nil
}

// takeIn adds the records behind the last leaf, after making sure that its record is still there.
func (l *Log) takeIn(ctx context.Context) error {
	var from int64
	var leaf journal.Hash
	known := l.tree.size() > 0
	if known {
		if err := l.tree.flush(); err != nil {
			return err
		}
		var err error
		if leaf, from, err = l.tree.entry(l.tree.size() - 1); err != nil {
			return err
		}
		from--
	}
	for r, err := range l.source.Tail(ctx, from) {
		if err != nil {
			return fmt.Errorf("audit: read journal: %w", err)
		}
		if known {
			known = false
			if err := l.sameRecord(&r, leaf, from+1); err != nil {
				return err
			}
			continue
		}
		if err := l.add(&r); err != nil {
			return err
		}
	}
	if known {
		return &FindingError{Kind: ErrCut, Rule: "cut", Position: from + 1, Index: l.tree.size() - 1}
	}
	return nil
}

// sameRecord holds the record of the last leaf to what it was.
func (l *Log) sameRecord(r *journal.Record, leaf journal.Hash, position int64) error {
	last := &FindingError{Kind: ErrAltered, Position: position, Index: l.tree.size() - 1}
	switch {
	case r.Position != position:
		last.Rule = "deleted"
	case leafOf(r.Digest()) != leaf:
		last.Rule = "edited"
	default:
		return nil
	}
	return last
}

func (l *Log) add(r *journal.Record) error {
	digest := r.Digest()
	if digest != r.Hash {
		return &journal.BrokenError{Position: r.Position, Stream: r.Stream.String(), Seq: r.Seq, Rule: "hash"}
	}
	if err := l.tree.add(leafOf(digest), r.Position); err != nil {
		return fmt.Errorf("audit: write tree: %w", err)
	}
	if r.At.After(l.newest) {
		l.newest = r.At
	}
	if signed := l.last; l.tree.size() == signed.size {
		if root, err := l.tree.root(); err != nil {
			return err
		} else if root != signed.root {
			return &FindingError{Kind: ErrAltered, Rule: "root", Index: signed.size - 1,
				Checkpoints: []Checkpoint{signed}}
		}
	}
	return nil
}
