package audit

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"iter"
	"slices"

	"github.com/motcua/motcua/journal"
)

// lookAhead is how many records around a difference are read to name it.
const lookAhead = 256

// Compare reads the journal and holds it, record by record, against the stored leaves under the newest checkpoint,
// whose root they must give. It names the first record that differs and how: *[FindingError] with [ErrAltered] and the
// rule "edited", "deleted", "inserted" or "moved", or [ErrCut]. A record whose stored hash does not fit its contents is
// a *journal.BrokenError.
func (l *Log) Compare(ctx context.Context) (Summary, error) {
	under := l.Last()
	if under.IsZero() {
		return Summary{}, finding(ErrUncovered, "uncovered", nil)
	}
	if err := l.checkStored(ctx, under); err != nil {
		return Summary{}, err
	}
	sum := Summary{Checkpoints: 1}
	next, stop := iter.Pull2(l.source.Tail(ctx, 0))
	defer stop()
	if err := l.compareCovered(under, next, &sum); err != nil {
		return sum, err
	}
	for {
		r, err, ok := next()
		if err != nil || !ok {
			return sum, err
		}
		sum.Facts++
		sum.Last = r.Position
	}
}

// compareCovered reads as many records as the checkpoint covers.
func (l *Log) compareCovered(under Checkpoint, next pull, sum *Summary) error {
	for index := int64(0); index < under.size; index++ {
		r, err, ok := next()
		switch {
		case err != nil:
			return err
		case !ok:
			return &FindingError{Kind: ErrCut, Rule: "cut", Position: sum.Last, Index: index,
				Checkpoints: []Checkpoint{under}}
		case r.Digest() != r.Hash:
			return &journal.BrokenError{Position: r.Position, Stream: r.Stream.String(), Seq: r.Seq, Rule: "hash"}
		}
		want, _, err := l.tree.entry(index)
		if err != nil {
			return err
		}
		if leafOf(r.Hash) != want {
			return l.explain(index, under, &r, next)
		}
		sum.Facts++
		sum.Last, sum.Covered = r.Position, sum.Facts
	}
	return nil
}

// checkStored makes sure that the stored leaves are those that were signed for.
func (l *Log) checkStored(ctx context.Context, under Checkpoint) error {
	r, stored := newRange(), bufio.NewReaderSize(io.NewSectionReader(l.tree.leaves, 0, under.size*entrySize), 1<<16)
	var raw [entrySize]byte
	for index := range under.size {
		if index%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := io.ReadFull(stored, raw[:]); err != nil {
			return damaged(index, err)
		}
		if err := r.Append(bytes.Clone(raw[:hashSize]), nil); err != nil {
			return err
		}
	}
	root, err := rootOf(r)
	if err != nil {
		return err
	}
	if root != under.root {
		return &FindingError{Kind: ErrAltered, Rule: "tree", Index: under.size - 1, Checkpoints: []Checkpoint{under}}
	}
	return nil
}

type pull = func() (journal.Record, error, bool)

// explain names a difference by what the two sides have around it.
func (l *Log) explain(index int64, under Checkpoint, r *journal.Record, next pull) error {
	got := []journal.Hash{leafOf(r.Hash)}
	for len(got) < lookAhead {
		more, err, ok := next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		got = append(got, leafOf(more.Digest()))
	}
	var want []journal.Hash
	for i := index; i < min(index+lookAhead, under.size); i++ {
		leaf, _, err := l.tree.entry(i)
		if err != nil {
			return err
		}
		want = append(want, leaf)
	}
	found := &FindingError{Kind: ErrAltered, Rule: "edited", Position: r.Position, Index: index,
		Checkpoints: []Checkpoint{under}}
	mine, theirs := slices.Contains(got, want[0]), slices.Contains(want, got[0])
	switch {
	case mine && theirs:
		found.Rule = "moved"
	case mine:
		found.Rule = "inserted"
	case theirs:
		found.Rule = "deleted"
	}
	return found
}
