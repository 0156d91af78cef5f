package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/motcua/motcua/journal"
)

// Selection names the records that a bundle is to prove: all that any field names, at most [MaxRecords].
type Selection struct {
	// Positions are journal positions.
	Positions []int64
	// Streams are shown from their first record up to the last one under the checkpoint.
	Streams []journal.Stream
	// Subject is a person's pseudonym: every record about that person. The whole journal is read for it.
	Subject string
	// Under is an earlier checkpoint of the log to prove under, such as one with a time stamp; zero means the newest.
	Under Checkpoint
	// Since are older checkpoints that the bundle is to be linked to, such as the last one a witness has seen.
	Since []Checkpoint
}

// Prove returns a bundle, the JSON file that [Verifier.Bundle] judges. What is not under the checkpoint yet is left out
// of streams and subjects, and refused as a position ([ErrUncovered]). The records are compared with the tree first:
// *[FindingError] with [ErrAltered] when the journal does not hold what was signed for.
//
// A bundle shows of private halves their digests. Where the journal is not sealed (journal/seal), who can guess a
// private half can confirm the guess: hand bundles to people who may know.
func (l *Log) Prove(ctx context.Context, s Selection) ([]byte, error) {
	under, err := l.under(s.Under)
	if err != nil {
		return nil, err
	}
	b := &bundle{Format: bundleFormat, Checkpoint: string(under.note)}
	if b.Timestamp, err = l.token(under); err != nil {
		return nil, err
	}
	for _, older := range s.Since {
		link, err := l.link(older, under)
		if err != nil {
			return nil, err
		}
		b.Links = append(b.Links, link)
	}
	chosen := make(map[int64]bundleRecord)
	for r, err := range l.choose(ctx, s, under.size) {
		if err != nil {
			return nil, err
		}
		if err := l.include(chosen, &r, under); err != nil {
			return nil, err
		}
	}
	if len(chosen) == 0 {
		return nil, finding(ErrUncovered, "uncovered", nil)
	}
	for _, shown := range chosen {
		b.Records = append(b.Records, shown)
	}
	slices.SortFunc(b.Records, func(x, y bundleRecord) int { return cmp.Compare(x.Index, y.Index) })
	return b.encode()
}

// under finds the checkpoint to prove under: the newest, or one that was signed before.
func (l *Log) under(c Checkpoint) (Checkpoint, error) {
	newest := l.Last()
	switch {
	case newest.IsZero():
		return c, finding(ErrUncovered, "uncovered", nil)
	case c.IsZero(), c.same(newest):
		return newest, nil
	}
	var found Checkpoint
	for signed, err := range l.Checkpoints() {
		if err != nil {
			return c, err
		}
		if signed.same(c) {
			found = signed // the last one that says so has the most signatures
		}
	}
	if found.IsZero() {
		return c, &FindingError{Kind: ErrUnlinked, Rule: "unlinked", Index: -1, Checkpoints: []Checkpoint{c}}
	}
	return found, nil
}

// token finds the time stamp of a checkpoint, nil when it has none.
func (l *Log) token(c Checkpoint) ([]byte, error) {
	l.mu.RLock()
	newest, end := l.stamps.last, l.stamps.end
	l.mu.RUnlock()
	switch {
	case newest.same(c):
		return newest.token, nil
	case c.size > newest.size:
		return nil, nil
	}
	for e, err := range l.stamps.all(l.verifier, end) {
		if err != nil || e.same(c) {
			return e.token, err
		}
	}
	return nil, nil
}

func (l *Log) link(older, newer Checkpoint) (bundleLink, error) {
	if older.IsZero() || older.origin != newer.origin || older.size > newer.size {
		return bundleLink{}, &FindingError{Kind: ErrUnlinked, Rule: "unlinked", Index: -1,
			Checkpoints: []Checkpoint{older, newer}}
	}
	p, err := l.tree.consistency(older.size, newer.size)
	if err != nil {
		return bundleLink{}, err
	}
	return bundleLink{string(older.note), p}, checkConsistency(older, newer, p)
}

// choose yields the records of a selection, some of them perhaps twice.
func (l *Log) choose(ctx context.Context, s Selection, size int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		for _, position := range s.Positions {
			r, err := l.record(ctx, position, size)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if size == 0 {
			return
		}
		_, last, err := l.tree.entry(size - 1)
		if err != nil {
			yield(journal.Record{}, err)
			return
		}
		only := func(records iter.Seq2[journal.Record, error], want func(*journal.Record) bool) bool {
			for r, err := range records {
				if err == nil && r.Position > last {
					return true
				}
				if (err != nil || want(&r)) && !yield(r, err) || err != nil {
					return false
				}
			}
			return true
		}
		for _, stream := range s.Streams {
			if !only(l.source.Read(ctx, stream, 0), func(*journal.Record) bool { return true }) {
				return
			}
		}
		if s.Subject != "" {
			only(l.source.Tail(ctx, 0), func(r *journal.Record) bool { return r.Subject == s.Subject })
		}
	}
}

// record reads the one at a position.
func (l *Log) record(ctx context.Context, position, size int64) (journal.Record, error) {
	_, covered, err := l.tree.index(position, size)
	if err != nil {
		return journal.Record{}, err
	}
	if covered {
		for r, err := range l.source.Tail(ctx, position-1) {
			if err != nil {
				return r, fmt.Errorf("audit: read journal: %w", err)
			}
			if r.Position != position {
				return r, &FindingError{Kind: ErrAltered, Rule: "deleted", Position: position, Index: -1}
			}
			return r, nil
		}
		return journal.Record{}, &FindingError{Kind: ErrCut, Rule: "cut", Position: position, Index: -1}
	}
	return journal.Record{}, &FindingError{Kind: ErrUncovered, Rule: "uncovered", Position: position, Index: -1}
}

// include proves one record and makes sure that the proof holds.
func (l *Log) include(chosen map[int64]bundleRecord, r *journal.Record, c Checkpoint) error {
	index, found, err := l.tree.index(r.Position, c.size)
	if err != nil {
		return err
	}
	if !found {
		return &FindingError{Kind: ErrAltered, Rule: "inserted", Position: r.Position, Index: -1}
	}
	if _, ok := chosen[index]; ok {
		return nil
	}
	if len(chosen) == MaxRecords {
		return finding(ErrMalformed, "bounds", errors.New("want at most 4096 records: choose fewer"))
	}
	leaf, _, err := l.tree.entry(index)
	if err != nil {
		return err
	}
	if leafOf(r.Digest()) != leaf {
		return &FindingError{Kind: ErrAltered, Rule: "edited", Position: r.Position, Index: index}
	}
	p, err := l.tree.inclusion(index, c.size)
	if err != nil {
		return err
	}
	if err := checkInclusion(c, index, leaf, p); err != nil {
		return &FindingError{Kind: ErrAltered, Rule: "tree", Position: r.Position, Index: index}
	}
	chosen[index] = showRecord(index, p, r)
	return nil
}
