package journal

import "context"

// VerifyStream reads one stream, recomputes its hashes, links and sequence numbers, and returns where it ends. Its error
// is a *BrokenError that names the first record at which something does not hold, or an error of reading.
func VerifyStream(ctx context.Context, j Journal, stream Stream) (Head, error) {
	var head Record
	var position int64
	for r, err := range j.Read(ctx, stream, 0) {
		if err != nil {
			return Head{head.Seq, head.Hash}, err
		}
		if rule := brokenRule(&r, &head, position); rule != "" {
			return Head{head.Seq, head.Hash}, &BrokenError{Position: r.Position, Stream: stream.String(), Seq: r.Seq, Rule: rule}
		}
		head, position = r, r.Position
	}
	return Head{head.Seq, head.Hash}, nil
}
