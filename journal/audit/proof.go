package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/motcua/motcua/journal"
)

// Proof is what a bundle proves: everything in it has been verified.
type Proof struct {
	Checkpoint Checkpoint
	// Stamped is the time-stamp authority's time, zero without a time stamp. The checkpoint existed then.
	Stamped time.Time
	// Links are older checkpoints that this one continues.
	Links []Checkpoint
	// Seen are those of the caller's checkpoints that this history contains.
	Seen []Checkpoint
	// Records are in the order of the journal.
	Records []Record
}

// Record is a proven record. Its Position is zero, for the tree does not cover it, and its private half is not there.
type Record struct {
	journal.Record
	// Index is the record's place in the journal, gaps not counted, from 0.
	Index int64
	// PrivateSum is the digest of the private half, as [journal.Record.PrivateSum] computes it.
	PrivateSum journal.Hash
}

// Span is a run of one stream's records that follow each other.
type Span struct {
	Stream      journal.Stream
	First, Last int64 // sequence numbers
}

// Spans says which parts of which streams the proof shows without a gap; a stream whose only span begins at 1 is shown
// whole up to there.
func (p *Proof) Spans() []Span {
	var spans []Span
	newest := make(map[journal.Stream]int)
	for _, r := range p.Records {
		if i, ok := newest[r.Stream]; ok && spans[i].Last == r.Seq-1 {
			spans[i].Last = r.Seq
			continue
		}
		newest[r.Stream] = len(spans)
		spans = append(spans, Span{r.Stream, r.Seq, r.Seq})
	}
	return spans
}

// Bundle judges a bundle. With seen, which are checkpoints the caller has from elsewhere, the bundle must contain at
// least one of them in its history ([ErrUnlinked]) and contradict none ([ErrFork]). It returns a proof only when all
// holds; otherwise a *[FindingError].
func (v *Verifier) Bundle(raw []byte, seen ...Checkpoint) (*Proof, error) {
	b, err := parseBundle(raw)
	if err != nil {
		return nil, err
	}
	p := new(Proof)
	if p.Checkpoint, err = v.Checkpoint([]byte(b.Checkpoint)); err != nil {
		return nil, err
	}
	if err := v.links(p, b.Links); err != nil {
		return nil, err
	}
	if err := v.compare(p, seen); err != nil {
		return nil, err
	}
	if p.Stamped, err = v.stamped(p.Checkpoint, b.Timestamp); err != nil {
		return nil, err
	}
	for i := range b.Records {
		r, err := b.Records[i].record()
		if err != nil {
			return nil, err
		}
		if err := checkInclusion(p.Checkpoint, r.Index, leafOf(r.Hash), b.Records[i].Path); err != nil {
			return nil, err
		}
		p.Records = append(p.Records, r)
	}
	if err := checkChain(p.Records); err != nil {
		return nil, err
	}
	return p, v.checkTimes(p)
}

func (v *Verifier) links(p *Proof, links []bundleLink) error {
	for _, l := range links {
		older, err := v.checkpoint([]byte(l.Checkpoint))
		if err != nil {
			return err
		}
		if err := checkConsistency(older, p.Checkpoint, l.Path); err != nil {
			return err
		}
		p.Links = append(p.Links, older)
	}
	return nil
}

// compare looks for each known checkpoint in the bundle's history.
func (v *Verifier) compare(p *Proof, seen []Checkpoint) error {
	history := append(slices.Clone(p.Links), p.Checkpoint)
	for _, s := range seen {
		for _, h := range history {
			if h.origin != s.origin || h.size != s.size {
				continue
			}
			if h.root != s.root {
				return &FindingError{Kind: ErrFork, Rule: "fork", Index: -1, Checkpoints: []Checkpoint{s, h}}
			}
			p.Seen = append(p.Seen, s)
			break
		}
	}
	if len(seen) > 0 && len(p.Seen) == 0 {
		return &FindingError{Kind: ErrUnlinked, Rule: "unlinked", Index: -1, Checkpoints: []Checkpoint{p.Checkpoint}}
	}
	return nil
}

// checkChain holds the records of each stream to one another. That each is in the tree is known already.
func checkChain(records []Record) error {
	last := make(map[journal.Stream]*Record)
	for i := range records {
		r := &records[i]
		if before := last[r.Stream]; before != nil &&
			(r.Seq <= before.Seq || r.Seq == before.Seq+1 && r.Prev != before.Hash) {
			return &FindingError{Kind: ErrAltered, Rule: "chain", Index: r.Index}
		}
		last[r.Stream] = r
	}
	return nil
}

// checkTimes finds a clock that went back: among the records, and against the checkpoints between them.
func (v *Verifier) checkTimes(p *Proof) error {
	marks := append(slices.Clone(p.Links), p.Checkpoint)
	slices.SortFunc(marks, func(a, b Checkpoint) int { return cmp.Compare(a.size, b.size) })
	times := clock{skew: v.policy.Skew}
	for _, r := range p.Records {
		for ; len(marks) > 0 && marks[0].size <= r.Index; marks = marks[1:] {
			if !times.checkpoint(marks[0].at) {
				return &FindingError{Kind: ErrClock, Rule: "clock", Index: r.Index, Checkpoints: marks[:1]}
			}
		}
		if !times.record(r.At) {
			return &FindingError{Kind: ErrClock, Rule: "clock", Index: r.Index}
		}
	}
	for _, m := range marks {
		if !times.checkpoint(m.at) {
			return &FindingError{Kind: ErrClock, Rule: "clock", Index: m.size - 1, Checkpoints: []Checkpoint{m}}
		}
	}
	if !p.Stamped.IsZero() && p.Stamped.Before(p.Checkpoint.at.Add(-v.policy.Skew)) {
		return &FindingError{Kind: ErrClock, Rule: "clock", Index: -1, Checkpoints: []Checkpoint{p.Checkpoint}}
	}
	return nil
}
