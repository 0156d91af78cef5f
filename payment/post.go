package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
)

const (
	maxTries    = 256      // rounds of check-and-set before ErrBusy
	maxRaw      = 64 << 10 // bytes of a notice kept as evidence
	systemActor = "system:till"
)

// loaded is an order with its place in the journal.
type loaded struct {
	stream  journal.Stream
	seq     int64
	command journal.Command // of the opening
	order   Order           // as recorded
}

func (t *Till) load(ctx context.Context, id OrderID) (loaded, error) {
	stream, err := streamOf(id)
	if err != nil {
		return loaded{}, err
	}
	at := loaded{stream: stream}
	var last journal.Record
	for record, err := range t.journal.Read(ctx, stream, 0) {
		if err != nil {
			return loaded{}, fmt.Errorf("payment: read order: %w", err)
		}
		if record.Seq == 1 {
			at.command = record.Command
		}
		last = record
	}
	if last.Seq == 0 {
		return loaded{}, ErrNotFound
	}
	at.seq = last.Seq
	at.order, err = readOrder(last)
	return at, err
}

// write appends changes behind the order as it was loaded; journal.ErrConflict means that it has moved on.
func (t *Till) write(ctx context.Context, at loaded, actor string, changes ...change) error {
	facts := make([]journal.Fact, len(changes))
	for i, c := range changes {
		fact, err := c.fact(actor)
		if err != nil {
			return err
		}
		fact.At = t.now()
		facts[i] = fact
	}
	_, err := t.journal.Append(ctx, at.stream, at.seq, facts...)
	return err
}

// Post takes one verified notice into the books, exactly once however often and from however many sides it comes. It
// returns the outcome that the gateway is to hear. With an error nothing was written and the outcome is [OutcomeRetry].
//
// Errors: *InvalidError for a notice out of bounds, [ErrBusy], those of the journal.
func (t *Till) Post(ctx context.Context, notice Notice) (Outcome, error) {
	if err := notice.check(); err != nil {
		return OutcomeRetry, err
	}
	for range maxTries {
		outcome, err := t.postOnce(ctx, notice)
		if errors.Is(err, journal.ErrConflict) {
			continue
		}
		return outcome, err
	}
	return OutcomeRetry, ErrBusy
}

func (t *Till) postOnce(ctx context.Context, notice Notice) (Outcome, error) {
	at, err := t.byReference(ctx, notice.Gateway, notice.Reference)
	if errors.Is(err, ErrNotFound) {
		return t.keepStray(ctx, notice)
	}
	if err != nil {
		return OutcomeRetry, err
	}
	now := t.now()
	changes, outcome, err := at.order.judge(notice, now)
	if err != nil {
		return OutcomeRetry, err
	}
	if len(changes) == 0 || changes[0].event == OnKeep && at.seq >= maxRecords {
		return outcome, nil
	}
	facts, err := notice.facts(changes, now)
	if err != nil {
		return OutcomeRetry, err
	}
	if _, err := t.journal.Append(ctx, at.stream, at.seq, facts...); err != nil {
		return OutcomeRetry, fmt.Errorf("payment: post: %w", err)
	}
	return outcome, nil
}

// facts writes down what a notice changes. The last fact carries the notice. What is merely kept is a command, so that
// the same report is kept once; what moves money is guarded by the order itself, which knows its transactions.
func (n Notice) facts(changes []change, now time.Time) ([]journal.Fact, error) {
	facts := make([]journal.Fact, len(changes))
	for i, c := range changes {
		var e entry
		if i == len(changes)-1 {
			e.Notice = n.told()
		}
		fact, err := c.factWith("gateway:"+n.Gateway, e)
		if err != nil {
			return nil, err
		}
		fact.At = now
		if e.Notice != nil && len(n.Raw) > 0 {
			fact.Private, fact.Subject = n.Raw, c.order.Payer
		}
		if c.event == OnKeep {
			fact.Command = n.command()
		}
		facts[i] = fact
	}
	return facts, nil
}

// keepStray stores a genuine notice for which there is no order, once, in a stream of its own.
func (t *Till) keepStray(ctx context.Context, notice Notice) (Outcome, error) {
	stream, err := journal.ParseStream(notice.stray())
	if err != nil {
		return OutcomeRetry, err
	}
	body, err := journal.EncodeBody(notice.told())
	if err != nil {
		return OutcomeRetry, err
	}
	now := t.now()
	fact := journal.Fact{Kind: "payment.notice-strayed", Actor: "gateway:" + notice.Gateway, At: now, Body: body,
		Keys: []journal.Key{{Name: keyStray, Value: "open", Sort: now.Unix()}}}
	if len(notice.Raw) > 0 {
		fact.Private, fact.Subject = notice.Raw, stream.String()
	}
	if _, err := t.journal.Append(ctx, stream, 0, fact); err != nil && !errors.Is(err, journal.ErrConflict) {
		return OutcomeRetry, fmt.Errorf("payment: keep stray notice: %w", err)
	}
	return OutcomeUnknown, nil
}

// byReference finds the order that began an attempt at the gateway under the reference, which names it.
func (t *Till) byReference(ctx context.Context, gateway, reference string) (loaded, error) {
	id, ok := parseReference(reference)
	if !ok {
		return loaded{}, ErrNotFound
	}
	at, err := t.load(ctx, id)
	if err != nil {
		return loaded{}, err
	}
	if at.order.attempt(gateway, reference) < 0 {
		return loaded{}, ErrNotFound
	}
	return at, nil
}
