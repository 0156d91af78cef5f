package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/motcua/motcua/journal"
)

// Query asks a gateway what became of each open attempt of an order with it and posts the answers: the way to settle an
// order whose callback was lost. It returns the order afterwards.
//
// Errors: [ErrNotFound], those of the gateway and of [Till.Post].
func (t *Till) Query(ctx context.Context, id OrderID, gateway Gateway) (Order, error) {
	at, err := t.load(ctx, id)
	if err != nil {
		return Order{}, err
	}
	_, _, err = t.ask(ctx, at.order, []Gateway{gateway}, time.Time{})
	if err != nil {
		return Order{}, err
	}
	return t.Get(ctx, id)
}

// ask questions the gateways about the open attempts begun before a time (zero: all) and posts what is final. quiet
// reports that no attempt is left of which a gateway could still say something.
func (t *Till) ask(ctx context.Context, o Order, gateways []Gateway, before time.Time) (asked int, quiet bool, err error) {
	quiet = true
	for _, attempt := range o.Attempts {
		if attempt.Result != "" {
			continue
		}
		i := slices.IndexFunc(gateways, func(g Gateway) bool { return g.Name() == attempt.Gateway })
		if i < 0 {
			quiet = false
			continue
		}
		querier, ok := gateways[i].(Querier)
		if !ok || !before.IsZero() && attempt.Begun.After(before) {
			continue
		}
		asked++
		notice, err := querier.Query(ctx, attempt)
		if err != nil {
			return asked, false, fmt.Errorf("payment: order %s: query: %w", o.ID, err)
		}
		if notice.Gateway != attempt.Gateway || notice.Reference != attempt.Reference {
			return asked, false, fmt.Errorf("payment: order %s: query: answer to another question: %w", o.ID, ErrForged)
		}
		if notice.Status == StatusWaiting {
			continue // said nothing final: not worth a fact, it is asked again and again
		}
		if _, err := t.Post(ctx, notice); err != nil {
			return asked, false, err
		}
	}
	return asked, quiet, nil
}

// Tally says what [Till.Reconcile] has done.
type Tally struct {
	Asked   int // questions put to gateways
	Settled int // orders whose state changed by an answer
	Expired int // orders closed because their time has run out
}

// Reconcile walks over the orders that wait for money: it asks the gateways about attempts older than Config.AskAfter,
// posts what they say, and closes orders whose time has run out, but not before every gateway concerned has answered.
// Run it every few minutes; several at once do no harm. It goes on after an error and returns them joined, at most 20.
func (t *Till) Reconcile(ctx context.Context, gateways ...Gateway) (Tally, error) {
	var tally Tally
	var failures []error
	for _, state := range []State{Pending, Opened, Failed} {
		filter := Filter{State: state, Limit: 100}
		if state != Pending {
			filter.Until = t.now().Add(time.Second)
		}
		for {
			page, err := t.List(ctx, filter)
			if err != nil {
				return tally, errors.Join(append(failures, err)...)
			}
			for _, order := range page.Orders {
				if err := t.reconcile(ctx, order.ID, gateways, &tally); err != nil && len(failures) < 20 {
					failures = append(failures, err)
				}
			}
			if filter.Cursor = page.Next; page.Next == "" || ctx.Err() != nil {
				break
			}
		}
	}
	return tally, errors.Join(append(failures, ctx.Err())...)
}

func (t *Till) reconcile(ctx context.Context, id OrderID, gateways []Gateway, tally *Tally) error {
	at, err := t.load(ctx, id)
	if err != nil {
		return err
	}
	now := t.now()
	before := now.Add(-t.cfg.AskAfter)
	if at.order.overdue(now) {
		before = now // the last chance to hear of money before the order is closed
	}
	asked, quiet, err := t.ask(ctx, at.order, gateways, before)
	tally.Asked += asked
	if err != nil {
		return err
	}
	was := at.order.State
	if at, err = t.load(ctx, id); err != nil {
		return err
	}
	if at.order.State != was {
		tally.Settled++
	}
	if !quiet || !at.order.overdue(now) {
		return nil
	}
	expired, err := at.order.step(OnExpiry)
	if err != nil {
		return err
	}
	err = t.write(ctx, at, systemActor, change{OnExpiry, expired})
	if errors.Is(err, journal.ErrConflict) {
		return nil // somebody came first; the next round looks again
	}
	if err == nil {
		tally.Expired++
	}
	return err
}
