package onceonly

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/motcua/motcua/journal"
)

// call is one question to one register on its way.
type call struct {
	source   source
	query    Query
	evidence Evidence
	outcome  Outcome
	hash     journal.Hash
	began    time.Time
	ended    time.Time
}

// ask runs the calls side by side and returns when all have ended. One call's fate does not touch another's.
func (b *Broker) ask(ctx context.Context, calls []*call) {
	var wg sync.WaitGroup
	for _, c := range calls[1:] {
		wg.Go(func() { b.run(ctx, c) })
	}
	b.run(ctx, calls[0]) // on the caller's goroutine: most lookups ask one register
	wg.Wait()
}

func (b *Broker) run(ctx context.Context, c *call) {
	c.began = b.cfg.Now()
	bounded, cancel := context.WithTimeout(ctx, b.cfg.Timeout)
	defer cancel()
	evidence, err := c.source.Fetch(bounded, c.query)
	c.ended = b.cfg.Now()
	if err == nil {
		c.outcome, c.evidence, c.hash = Outcome{Kind: Fetched}, evidence, evidence.AnswerHash
		return
	}
	c.outcome, c.hash = classify(ctx, err)
}

// classify reads a source's error. What is not a *SourceError of a known kind counts as an outage: nothing was learnt.
func classify(ctx context.Context, err error) (Outcome, journal.Hash) {
	var failed *SourceError
	var network net.Error
	switch {
	case errors.As(err, &failed) &&
		(ctx.Err() == nil || failed.Outcome.Kind != Timeout && failed.Outcome.Kind != Unavailable):
		return checkOutcome(failed.Outcome), failed.AnswerHash
	case errors.Is(ctx.Err(), context.Canceled):
		return Outcome{Kind: Cancelled}, journal.Hash{}
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return Outcome{Kind: Timeout}, journal.Hash{}
	}
	return Outcome{Kind: Unavailable}, journal.Hash{}
}

// checkOutcome keeps a source from claiming success in an error or putting a sentence where a code belongs.
func checkOutcome(o Outcome) Outcome {
	switch o.Kind {
	case NotFound, Ambiguous, Mismatch, Refused, Unavailable, Timeout, Malformed, Unauthorised, RateLimited, Cancelled:
	default:
		return Outcome{Kind: Unavailable}
	}
	if !isClean(o.Ground, maxWord) {
		o.Ground = "unprintable"
	}
	o.RetryAfter = max(o.RetryAfter, 0)
	return o
}

// assemble puts the calls' ends into the fields' order and into the record. Whatever else a source sent is dropped
// here.
func assemble(r *Request, use *Use, calls []*call) Answer {
	answer := Answer{Lookup: use.Lookup, Fields: make([]FieldAnswer, 0, len(r.Fields))}
	use.State = Closed
	byField := make(map[Field]int, len(r.Fields))
	for i, c := range calls {
		c.conclude(&use.Asks[i])
		if c.ended.After(use.AnsweredAt) {
			use.AnsweredAt = c.ended.UTC().Truncate(time.Microsecond)
		}
		for _, field := range c.query.Fields {
			byField[field] = i
		}
	}
	for _, field := range r.Fields {
		answer.Fields = append(answer.Fields, calls[byField[field]].answer(field))
	}
	return answer
}

func (c *call) conclude(ask *Ask) {
	ask.Outcome, ask.Ground = c.outcome.Kind, c.outcome.Ground
	ask.RetryAfter = int64((c.outcome.RetryAfter + time.Second - 1) / time.Second)
	ask.AnswerHash = c.hash
	ask.Millis = max(c.ended.Sub(c.began).Milliseconds(), 0)
	if c.outcome.Kind != Fetched {
		return
	}
	ask.Asserted = c.evidence.Asserted.UTC()
	for _, field := range c.query.Fields {
		if c.evidence.Values[field].IsZero() {
			ask.Missing = append(ask.Missing, field)
		}
	}
}

func (c *call) answer(field Field) FieldAnswer {
	a := FieldAnswer{Field: field, Outcome: c.outcome, Provenance: Provenance{
		Source: c.source.description.Name, Via: c.source.description.Via, Fetched: c.ended,
		RequestID: c.query.RequestID, AnswerHash: c.hash, Class: field.Class(),
	}}
	if c.outcome.Kind != Fetched {
		return a
	}
	a.Provenance.Asserted = c.evidence.Asserted
	if a.Value = c.evidence.Values[field]; a.Value.IsZero() {
		a.Outcome = Outcome{Kind: Incomplete}
	}
	return a
}
