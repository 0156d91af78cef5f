package audit

import (
	"context"
	"errors"
	"iter"

	"github.com/transparency-dev/merkle/compact"

	"github.com/motcua/motcua/journal"
)

// Summary says what was read and compared.
type Summary struct {
	journal.Summary
	// Checkpoints is how many the journal was held against.
	Checkpoints int64 `json:"checkpoints"`
	// Covered is how many records the last of them covers; those behind it nobody has signed for yet.
	Covered int64 `json:"covered"`
}

// Journal reads a whole journal, as journal.Verify does, and holds it against checkpoints that lie elsewhere: those of
// a witness's file ([Verifier.Checkpoints]), oldest first. It needs neither the log's folder nor its key. Besides what
// journal.Verify finds, it finds a journal whose hashes were all written anew (*[FindingError]): [ErrAltered], with the
// first position that only the failing checkpoint covers, [ErrCut], [ErrFork], and last of all, when everything else
// holds, [ErrClock].
func (v *Verifier) Journal(ctx context.Context, j journal.Journal, seen iter.Seq2[Checkpoint, error]) (Summary, error) {
	next, stop := iter.Pull2(seen)
	defer stop()
	r := &replay{Journal: j, next: next, clock: clock{skew: v.policy.Skew}, growing: newRange()}
	if err := r.advance(); err != nil {
		return Summary{}, err
	}
	sum, err := journal.Verify(ctx, r)
	out := Summary{sum, r.passed, r.covered}
	switch {
	case r.failed != nil:
		return out, r.failed
	case err != nil:
		return out, err
	case !r.due.IsZero():
		return out, &FindingError{Kind: ErrCut, Rule: "cut", Position: sum.Last, Index: sum.Facts,
			Checkpoints: []Checkpoint{r.due}}
	}
	return out, r.late
}

// replay is a journal that grows the tree while somebody else reads it to the end.
type replay struct {
	journal.Journal
	next    func() (Checkpoint, error, bool)
	due     Checkpoint // the next one to meet
	last    Checkpoint // the last one met
	growing *compact.Range
	clock   clock
	passed  int64
	covered int64
	begin   int64 // the first position behind the last checkpoint
	failed  error
	late    error // the first finding about the clock
}

// Tail passes the records on, and ends at the first checkpoint that does not hold.
func (r *replay) Tail(ctx context.Context, position int64) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		if r.failed = r.meet(0); r.failed != nil {
			return
		}
		for record, err := range r.Journal.Tail(ctx, position) {
			if !yield(record, err) {
				return
			}
			if err == nil {
				r.failed = r.see(&record)
			}
			if r.failed != nil {
				return
			}
		}
	}
}

// AuditIndex asks the journal behind, if that can.
func (r *replay) AuditIndex(ctx context.Context) error {
	auditor, ok := r.Journal.(journal.Auditor)
	if !ok || r.failed != nil {
		return nil
	}
	return auditor.AuditIndex(ctx)
}

func (r *replay) see(record *journal.Record) error {
	if r.begin == 0 {
		r.begin = record.Position
	}
	if !r.clock.record(record.At) && r.late == nil {
		r.late = &FindingError{Kind: ErrClock, Rule: "clock", Position: record.Position, Index: int64(r.growing.End())}
	}
	leaf := leafOf(record.Digest())
	if err := r.growing.Append(leaf[:], nil); err != nil {
		return err
	}
	return r.meet(record.Position)
}

// meet compares the tree with every checkpoint of its size.
func (r *replay) meet(position int64) error {
	for !r.due.IsZero() && r.due.size == int64(r.growing.End()) {
		root, err := rootOf(r.growing)
		if err != nil {
			return err
		}
		if root != r.due.root {
			return &FindingError{Kind: ErrAltered, Rule: "root", Position: r.begin, Index: r.covered,
				Checkpoints: []Checkpoint{r.due}}
		}
		if !r.clock.checkpoint(r.due.at) && r.late == nil {
			r.late = &FindingError{Kind: ErrClock, Rule: "clock", Position: position, Index: r.due.size - 1,
				Checkpoints: []Checkpoint{r.due}}
		}
		r.passed++
		r.covered, r.begin, r.last = r.due.size, 0, r.due
		if err := r.advance(); err != nil {
			return err
		}
	}
	return nil
}

// advance takes the next checkpoint and holds it to the order of the ones before.
func (r *replay) advance() error {
	c, err, ok := r.next()
	if err != nil {
		return err
	}
	if !ok {
		r.due = Checkpoint{}
		return nil
	}
	if c.IsZero() {
		return finding(ErrMalformed, "note", errors.New("want a checkpoint"))
	}
	r.due = c
	return follows(r.last, r.due)
}
