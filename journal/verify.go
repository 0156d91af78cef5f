package journal

import "context"

// Summary says what [Verify] has read.
type Summary struct {
	Facts   int64 `json:"facts"`
	Streams int64 `json:"streams"`
	// Last is the position of the last record.
	Last int64 `json:"last"`
}

// Verify reads the whole journal and recomputes every hash, link, sequence number and, where the driver can, every
// look-up table. Its error is a *BrokenError that names the first position at which something does not hold, or an
// error of reading. A tail that was cut off cleanly is beyond it: that takes a checkpoint kept elsewhere.
func Verify(ctx context.Context, j Journal) (Summary, error) {
	var sum Summary
	heads := make(map[Stream]Record)
	for r, err := range j.Tail(ctx, 0) {
		if err != nil {
			return sum, err
		}
		head := heads[r.Stream]
		if rule := brokenRule(&r, &head, sum.Last); rule != "" {
			return sum, &BrokenError{Position: r.Position, Stream: r.Stream.String(), Seq: r.Seq, Rule: rule}
		}
		heads[r.Stream] = Record{Seq: r.Seq, Hash: r.Hash, Part: r.Part}
		sum.Facts++
		sum.Last = r.Position
	}
	sum.Streams = int64(len(heads))
	if auditor, ok := j.(Auditor); ok {
		return sum, auditor.AuditIndex(ctx)
	}
	return sum, nil
}

func brokenRule(r, head *Record, last int64) string {
	switch {
	case r.Position <= last:
		return "position"
	case r.Seq != head.Seq+1:
		return "sequence"
	case r.Part != 0 && r.Part != head.Part+1:
		return "part"
	case r.Prev != head.Hash:
		return "previous hash"
	case r.Digest() != r.Hash:
		return "hash"
	}
	return ""
}
