package journal

import (
	"context"
	"fmt"
	"iter"
)

// Copy writes every record of one journal to another of any driver, so that an office that has outgrown SQLite goes on in
// PostgreSQL: same facts, same appends, same order, same positions, same hashes, commands still obeyed once, and checkpoints of
// journal/audit hold for both. Each record is checked when it is read and once more as the other journal returns it.
//
// The copy may be interrupted and begun again: what to already holds is compared record by record, and the copy goes on
// behind it. Run it once while the office works, to bring most over, and once more after it has stopped writing. Private
// halves are copied as they are stored, so pass the drivers' journals, not ones of journal/seal, and let the new office
// use the same KeyStore. Nobody else may write to the copy before it is complete.
//
// Progress, if not nil, hears of each record that is known to be in the copy. Errors: *BrokenError for the first record
// of from that does not hold, *CopyError for the first that is not the same in to, and those of reading and writing.
func Copy(ctx context.Context, from, to Journal, progress func(Record)) (Summary, error) {
	there, stop := iter.Pull2(to.Tail(ctx, 0))
	defer stop()
	c := copying{to: to, there: there, progress: progress, heads: make(map[Stream]Record)}
	for r, err := range from.Tail(ctx, 0) {
		if err != nil {
			return c.sum, err
		}
		if err := c.take(ctx, r); err != nil {
			return c.sum, err
		}
	}
	if err := c.flush(ctx); err != nil {
		return c.sum, err
	}
	if r, err, more := c.next(); err != nil || more {
		if err == nil {
			err = &CopyError{Position: r.Position, Stream: r.Stream, Rule: "nothing but the copy"}
		}
		return c.sum, err
	}
	c.sum.Streams = int64(len(c.heads))
	return c.sum, nil
}

// CopyError says where a copy is not what it was made of.
type CopyError struct {
	Position int64 // in the copy
	Stream   Stream
	Rule     string // what should be there
}

func (e *CopyError) Error() string {
	return fmt.Sprintf("journal: copy: position %d, stream %s: not %s", e.Position, e.Stream, e.Rule)
}

type copying struct {
	to       Journal
	there    func() (Record, error, bool)
	ended    bool // all that was there before has been compared
	progress func(Record)
	heads    map[Stream]Record // of what has been read
	group    []Record          // one append, or what has been read of it
	sum      Summary
}

// next returns what the copy already holds behind what has been compared.
func (c *copying) next() (r Record, err error, more bool) {
	if c.ended {
		return Record{}, nil, false
	}
	r, err, more = c.there()
	c.ended = !more
	return r, err, more
}

// take checks the next record of the original, compares it or puts it with the others of its append.
func (c *copying) take(ctx context.Context, r Record) error {
	head := c.heads[r.Stream]
	if rule := brokenRule(&r, &head, c.sum.Last); rule != "" {
		return &BrokenError{Position: r.Position, Stream: r.Stream.String(), Seq: r.Seq, Rule: rule}
	}
	c.heads[r.Stream] = Record{Seq: r.Seq, Hash: r.Hash, Part: r.Part}
	c.sum.Facts++
	c.sum.Last = r.Position
	copied, err, more := c.next()
	switch {
	case err != nil:
		return err
	case more:
		return c.same(&r, &copied)
	}
	if r.Part == 0 {
		if err := c.flush(ctx); err != nil {
			return err
		}
	}
	c.group = append(c.group, r)
	return nil
}

// flush appends what one append of the original held.
func (c *copying) flush(ctx context.Context) error {
	if len(c.group) == 0 {
		return nil
	}
	facts := make([]Fact, len(c.group))
	for i := range c.group {
		facts[i] = c.group[i].Fact
		if c.group[i].Sealed != nil {
			facts[i].Private = c.group[i].Sealed
		}
	}
	first := &c.group[0]
	if first.Part != 0 { // what is there ends inside an append of the original: nothing may be put behind that
		return &CopyError{Position: first.Position, Stream: first.Stream, Rule: "there with the others of its append"}
	}
	written, err := c.to.Append(ctx, first.Stream, first.Seq-1, facts...)
	if err != nil {
		return fmt.Errorf("journal: copy: position %d: %w", first.Position, err)
	}
	for i := range c.group {
		if i >= len(written) {
			return &CopyError{Position: c.group[i].Position, Stream: first.Stream, Rule: "there"}
		}
		if err := c.same(&c.group[i], &written[i]); err != nil {
			return err
		}
	}
	c.group = c.group[:0]
	return nil
}

func (c *copying) same(r, copied *Record) error {
	e := &CopyError{Position: copied.Position, Stream: copied.Stream}
	switch {
	case copied.Stream != r.Stream || copied.Seq != r.Seq:
		e.Rule = "the record that the original has in this place"
	case copied.Hash != r.Hash || copied.Digest() != r.Hash:
		e.Rule = "the same record as in the original"
	case copied.Position != r.Position:
		e.Rule = "at the same position as in the original"
	default:
		if c.progress != nil {
			c.progress(*copied)
		}
		return nil
	}
	return e
}
