package payment

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"time"

	"github.com/motcua/motcua/journal"
)

// clockSkew is how far a gateway's clock may stand before ours and still be believed.
const clockSkew = 5 * time.Minute

// change is one step of an order: the order afterwards, and why.
type change struct {
	event Event
	order Order
}

// step moves the order by an event of the graph.
func (o Order) step(on Event) (Order, error) {
	to, ok := o.State.Next(on)
	if !ok {
		return o, &StateError{Order: o.ID, State: o.State, Event: on}
	}
	o = o.clone()
	o.State = to
	return o, nil
}

// judge decides what a notice means for the order: the changes to write (none for a repetition) and the answer. It is
// pure; the till writes the changes with check-and-set and judges anew when somebody else came first.
func (o Order) judge(n Notice, now time.Time) ([]change, Outcome, error) {
	wrong := n.Amount != o.Amount || n.Remainder != 0
	if n.Status != StatusPaid {
		changes, outcome, err := o.judgeUnpaid(n, wrong)
		return changes, outcome, err
	}
	if i := o.payment(n.Gateway, n.Transaction); i >= 0 {
		p := o.Payments[i]
		if p.Reference == n.Reference && p.Amount == n.Amount && p.Remainder == n.Remainder {
			return nil, outcomeOf(wrong, OutcomeDuplicate), nil
		}
		// One transaction number, two stories: no second posting, but the second story is kept.
		return []change{{OnKeep, o.clone()}}, outcomeOf(wrong, OutcomeDuplicate), nil
	}
	changes, err := o.judgePaid(n, wrong, now)
	return changes, outcomeOf(wrong, OutcomePosted), err
}

func outcomeOf(wrong bool, outcome Outcome) Outcome {
	if wrong {
		return OutcomeWrongAmount
	}
	return outcome
}

// judgePaid posts money that has not been posted before.
func (o Order) judgePaid(n Notice, wrong bool, now time.Time) ([]change, error) {
	var changes []change
	if o.overdue(o.moment(n, now)) {
		expired, err := o.step(OnExpiry)
		if err != nil {
			return nil, err
		}
		changes, o = append(changes, change{OnExpiry, expired}), expired
	}
	on := OnSuccess
	switch {
	case wrong:
		on = OnMismatch
	case slices.ContainsFunc(o.Payments, func(p Payment) bool { return p.Use != Owed && p.Use != Back && o.right(p) }):
		on = OnSecond
	}
	next, err := o.step(on)
	if err != nil {
		return nil, err
	}
	next.Payments = append(next.Payments, Payment{Gateway: n.Gateway, Reference: n.Reference,
		Transaction: n.Transaction, Amount: n.Amount, Remainder: n.Remainder,
		PaidAt: n.PaidAt.UTC().Truncate(time.Second), Posted: now, Use: useAfter(on, next.State)})
	next.conclude(n, resultPaid)
	return append(changes, change{on, next}), nil
}

// useAfter says what becomes of money that came by an event and left the order in a state.
func useAfter(on Event, state State) Use {
	switch {
	case on == OnSuccess && state == Paid:
		return Applied
	case on == OnSuccess && state == PaidLate, on == OnMismatch && state == Conflicted:
		return Held
	default:
		return Owed
	}
}

// judgeUnpaid keeps reports that move no money. A failure closes its attempt, and the order's state follows when no
// other attempt is open: another page of the same payer may still succeed.
func (o Order) judgeUnpaid(n Notice, wrong bool) ([]change, Outcome, error) {
	kept := o.clone()
	if wrong {
		return []change{{OnKeep, kept}}, OutcomeWrongAmount, nil
	}
	if n.Status == StatusWaiting {
		return []change{{OnKeep, kept}}, OutcomePosted, nil
	}
	if o.State != Pending || o.Attempts[o.attempt(n.Gateway, n.Reference)].Result != "" {
		return []change{{OnKeep, kept}}, OutcomeDuplicate, nil
	}
	kept.conclude(n, resultFailed)
	if slices.ContainsFunc(kept.Attempts, func(a Attempt) bool { return a.Result == "" }) {
		return []change{{OnKeep, kept}}, OutcomePosted, nil
	}
	failed, err := kept.step(OnFailure)
	return []change{{OnFailure, failed}}, OutcomePosted, err
}

// conclude notes the gateway's word at the attempt. Money outranks failure.
func (o *Order) conclude(n Notice, result string) {
	if i := o.attempt(n.Gateway, n.Reference); i >= 0 && o.Attempts[i].Result != resultPaid {
		o.Attempts[i].Result, o.Attempts[i].Reason = result, n.Reason
	}
}

// moment is when the money moved: a payer who paid in time is not late because the report was. The gateway's clock is
// believed when it lies between the attempt and now.
func (o Order) moment(n Notice, now time.Time) time.Time {
	i := o.attempt(n.Gateway, n.Reference)
	if i < 0 || n.PaidAt.IsZero() || n.PaidAt.After(now) || n.PaidAt.Before(o.Attempts[i].Begun.Add(-clockSkew)) {
		return now
	}
	return n.PaidAt
}

// command makes the keeping of one report idempotent, however often it is repeated.
func (n Notice) command() journal.Command {
	parts := [][]byte{[]byte(n.Gateway), []byte(n.Reference), []byte(n.Transaction), []byte(n.Reason),
		strconv.AppendInt(nil, int64(n.Amount), 10), strconv.AppendInt(nil, n.Remainder, 10),
		strconv.AppendInt(nil, int64(n.Status), 10)}
	command := journal.NewCommand("", parts...)
	command.Key = "notice:" + command.Sum.String()
	return command
}

// stray names the stream of a genuine notice that belongs to no order.
func (n Notice) stray() string {
	sum := sha256.Sum256([]byte(n.command().Key))
	return "stray/" + idEncoding.EncodeToString(sum[:])
}
