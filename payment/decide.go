package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/motcua/motcua/journal"
)

// Cancel withdraws an order that waits for money. An order that is cancelled already stays so, without error. Money that
// still comes for it is late money. Errors: *StateError, [ErrNotFound].
func (t *Till) Cancel(ctx context.Context, id OrderID, actor string) (Order, error) {
	return t.decide(ctx, id, actor, "", func(o Order) (change, error) {
		if o.State == Cancelled {
			return change{}, errDone
		}
		next, err := o.At(t.now()).step(OnCancel)
		return change{OnCancel, next}, err
	})
}

// Apply lets a late payment count: the officer has found that the service can still be given. Any other held money is
// owed back. reason is a code, not prose. Errors: *StateError, [ErrNotFound], *InvalidError.
func (t *Till) Apply(ctx context.Context, id OrderID, actor, reason string) (Order, error) {
	if !isCode(reason) {
		return Order{}, &InvalidError{Field: "reason", Rule: "a code of lower-case letters, digits, '.' and '-', at most 64"}
	}
	return t.decide(ctx, id, actor, reason, func(o Order) (change, error) {
		next, err := o.step(OnApply)
		if err != nil {
			return change{}, err
		}
		applied := false
		for i, p := range next.Payments {
			switch {
			case p.Use != Held:
			case !applied && next.right(p):
				next.Payments[i].Use, applied = Applied, true
			default:
				next.Payments[i].Use = Owed
			}
		}
		return change{OnApply, next}, nil
	})
}

// Refund decides that all money of an order goes back to the payer. It moves no money: the payments stand in
// [QueueRefund] until [Till.Refunded] reports each of them. An order whose refund is decided already stays so, without
// error. Errors: *StateError, [ErrNotFound], *InvalidError.
func (t *Till) Refund(ctx context.Context, id OrderID, actor, reason string) (Order, error) {
	if !isCode(reason) {
		return Order{}, &InvalidError{Field: "reason", Rule: "a code of lower-case letters, digits, '.' and '-', at most 64"}
	}
	return t.decide(ctx, id, actor, reason, func(o Order) (change, error) {
		if o.State == RefundDue || o.State == Refunded {
			return change{}, errDone
		}
		next, err := o.step(OnRefund)
		if err != nil {
			return change{}, err
		}
		for i, p := range next.Payments {
			if p.Use == Applied || p.Use == Held {
				next.Payments[i].Use = Owed
			}
		}
		return change{OnRefund, next}, nil
	})
}

// Refunded reports that an owed payment, named by gateway and transaction number, has been given back under a reference.
// The same report again changes nothing; another reference for the same payment is refused, for that would be a second
// refund. Errors: *InvalidError, [ErrNotFound].
func (t *Till) Refunded(ctx context.Context, id OrderID, actor, gateway, transaction, refund string) (Order, error) {
	if !isText(refund) {
		return Order{}, &InvalidError{Field: "refund", Rule: "1 to 200 bytes of UTF-8"}
	}
	return t.decide(ctx, id, actor, "", func(o Order) (change, error) {
		i := o.payment(gateway, transaction)
		switch {
		case i < 0:
			return change{}, &InvalidError{Field: "transaction", Rule: "a payment of this order"}
		case o.Payments[i].Use == Back && o.Payments[i].Refund == refund:
			return change{}, errDone
		case o.Payments[i].Use != Owed:
			return change{}, &InvalidError{Field: "transaction", Rule: "a payment that is owed"}
		}
		next := o.clone()
		next.Payments[i].Use, next.Payments[i].Refund = Back, refund
		if next.State != RefundDue || next.has(Owed) {
			return change{OnRefunded, next}, nil
		}
		next, err := next.step(OnRefunded)
		return change{OnRefunded, next}, err
	})
}

// errDone ends a decision that has been taken before.
var errDone = errors.New("payment: done before")

// decide reads an order, lets choose say what to change, and writes it; when somebody came first it begins anew.
func (t *Till) decide(ctx context.Context, id OrderID, actor, reason string,
	choose func(Order) (change, error)) (Order, error) {
	if !isText(actor) {
		return Order{}, &InvalidError{Field: "actor", Rule: "1 to 200 bytes of UTF-8"}
	}
	for range maxTries {
		at, err := t.load(ctx, id)
		if err != nil {
			return Order{}, err
		}
		c, err := choose(at.order)
		if errors.Is(err, errDone) {
			return at.order.At(t.now()), nil
		}
		if err != nil {
			return Order{}, err
		}
		fact, err := c.factWith(actor, entry{Reason: reason})
		if err != nil {
			return Order{}, err
		}
		fact.At = t.now()
		_, err = t.journal.Append(ctx, at.stream, at.seq, fact)
		if errors.Is(err, journal.ErrConflict) {
			continue
		}
		if err != nil {
			return Order{}, fmt.Errorf("payment: decide: %w", err)
		}
		return c.order.At(fact.At), nil
	}
	return Order{}, ErrBusy
}
