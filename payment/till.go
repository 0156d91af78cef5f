package payment

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// Config holds what a [Till] can do without.
type Config struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Lifetime is how long an order can be paid when its opening does not say. Default 24 hours.
	Lifetime time.Duration
	// AttemptLifetime is how long a gateway's page stays payable. Default 15 minutes.
	AttemptLifetime time.Duration
	// AskAfter is the age from which [Till.Reconcile] asks after an open attempt. Default 5 minutes.
	AskAfter time.Duration
	// Report hears of errors that a callback's answer must not show. Nil drops them.
	Report func(context.Context, error)
}

// Till keeps orders in a journal. It holds no state of its own: any number of tills in any number of processes may
// share one journal. Its methods are safe for concurrent use.
type Till struct {
	journal journal.Journal
	cfg     Config
}

// NewTill makes a till on a journal.
func NewTill(j journal.Journal, cfg Config) (*Till, error) {
	if j == nil {
		return nil, &InvalidError{Field: "journal", Rule: "a journal"}
	}
	for _, d := range []*time.Duration{&cfg.Lifetime, &cfg.AttemptLifetime, &cfg.AskAfter} {
		if *d < 0 {
			return nil, &InvalidError{Field: "config", Rule: "durations that are not negative"}
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = 24 * time.Hour
	}
	if cfg.AttemptLifetime == 0 {
		cfg.AttemptLifetime = 15 * time.Minute
	}
	if cfg.AskAfter == 0 {
		cfg.AskAfter = 5 * time.Minute
	}
	if cfg.Report == nil {
		cfg.Report = func(context.Context, error) {}
	}
	return &Till{j, cfg}, nil
}

// Opening asks for an order.
type Opening struct {
	// Key makes the opening idempotent: the same key with the same request returns the order it opened, with another
	// request it is journal.ErrCommandReused. Required, at most 200 bytes; it is remembered without end.
	Key string
	// Actor is the pseudonym of who opens it. Required.
	Actor string
	// Dossier is the caller's reference, at most 200 bytes. Purpose is what is paid for, as a code of lower-case
	// letters, digits, '.' and '-', at most 64. Both required; together they have one order that is open or has money.
	Dossier, Purpose string
	// Amount in đồng, above zero.
	Amount VND
	// Description is what the payer reads at the gateway: at most 200 bytes, without personal data, of letters, digits,
	// spaces and .,:/#_- (gateways disagree about how to sign the rest).
	Description string
	// Payer is the pseudonym of who is to pay, to whom evidence of payment belongs. Default "order:" and the order's ID.
	Payer string
	// Expires ends the time to pay. Zero means after Config.Lifetime.
	Expires time.Time
}

// Open opens an order, or returns the one that this key has opened before.
//
// Errors: *InvalidError, *OpenError, journal.ErrCommandReused, and those of the journal.
func (t *Till) Open(ctx context.Context, opening Opening) (Order, error) {
	now := t.now()
	if err := opening.check(now); err != nil {
		return Order{}, err
	}
	command := opening.command()
	for n, tries := 1, 0; n <= maxOrders && tries < maxTries; {
		order, closed, err := t.openAt(ctx, orderID(opening.Dossier, opening.Purpose, n), opening, command, now)
		switch {
		case errors.Is(err, journal.ErrConflict):
			tries++ // somebody wrote to this order since it was read: look again
		case err != nil || !closed:
			return order, err
		default:
			n++
		}
	}
	return Order{}, ErrBusy
}

// openAt opens an order under one identifier, or returns the one there if the same command has opened it. closed means
// that the one there has been closed and the next identifier is to be tried.
func (t *Till) openAt(ctx context.Context, id OrderID, opening Opening, command journal.Command, now time.Time) (
	order Order, closed bool, err error) {
	old, err := t.load(ctx, id)
	if errors.Is(err, ErrNotFound) {
		order, err = t.create(ctx, opening.order(id, now, t.cfg.Lifetime), opening.Actor, command)
		return order, false, err
	}
	if err != nil {
		return Order{}, false, err
	}
	if old.command.Key == command.Key {
		if old.command.Sum != command.Sum {
			return Order{}, false, fmt.Errorf("payment: open: %w", journal.ErrCommandReused)
		}
		return old.order.At(now), false, nil
	}
	if closed, err = t.makeWay(ctx, old, now); err == nil && !closed {
		err = &OpenError{old.order.ID, old.order.State}
	}
	return Order{}, closed, err
}

// makeWay reports whether an earlier order leaves room for a new one: it is closed and has no money. An order whose
// time has run out is closed for good now, so that money that still comes for it is late money.
func (t *Till) makeWay(ctx context.Context, old loaded, now time.Time) (bool, error) {
	if old.order.overdue(now) {
		expired, err := old.order.step(OnExpiry)
		if err != nil {
			return false, err
		}
		return true, t.write(ctx, old, systemActor, change{OnExpiry, expired})
	}
	switch old.order.State {
	case Expired, Cancelled, RefundDue, Refunded:
		return true, nil
	}
	return false, nil
}

func (t *Till) create(ctx context.Context, order Order, actor string, command journal.Command) (Order, error) {
	fact, err := change{onOpen, order}.fact(actor)
	if err != nil {
		return Order{}, err
	}
	stream, err := order.stream()
	if err != nil {
		return Order{}, err
	}
	fact.At, fact.Command = order.Opened, command
	records, err := t.journal.Append(ctx, stream, 0, fact)
	if err != nil {
		return Order{}, fmt.Errorf("payment: open: %w", err)
	}
	return readOrder(records[0])
}

// Visit is a payer on his way to a gateway.
type Visit struct {
	// Key, if not empty, makes the visit idempotent: a form that is sent twice begins one attempt.
	Key string
	// IP is the payer's address; gateways ask for it.
	IP netip.Addr
	// Lang is the language of the gateway's page: "vi" (the default) or "en".
	Lang string
}

// Pay begins an attempt at a gateway and returns the page to send the payer's browser to. The attempt is written down
// before the gateway hears of it, so that no callback can come for something we do not know.
//
// Errors: *InvalidError, *StateError, [ErrNotFound], [ErrBusy], those of the gateway and of the journal.
func (t *Till) Pay(ctx context.Context, id OrderID, gateway Gateway, visit Visit) (string, error) {
	if visit.Lang != "en" {
		visit.Lang = "vi"
	}
	if visit.Key != "" && !isText("pay:"+visit.Key) {
		return "", &InvalidError{Field: "key", Rule: "at most 196 bytes of UTF-8"}
	}
	for range maxTries {
		request, err := t.begin(ctx, id, gateway, visit)
		if errors.Is(err, journal.ErrConflict) {
			continue
		}
		if err != nil {
			return "", err
		}
		return gateway.Begin(ctx, request)
	}
	return "", ErrBusy
}

// begin writes the attempt, or finds the one that the same key has begun.
func (t *Till) begin(ctx context.Context, id OrderID, gateway Gateway, visit Visit) (Request, error) {
	now := t.now()
	at, err := t.load(ctx, id)
	if err != nil {
		return Request{}, err
	}
	next, err := at.order.At(now).step(OnAttempt)
	if err != nil {
		return Request{}, err
	}
	attempt := at.order.newAttempt(gateway.Name(), now, t.cfg.AttemptLifetime)
	request := Request{Attempt: attempt, Amount: next.Amount, Description: next.Description, IP: visit.IP, Lang: visit.Lang}
	if err := checkGateway(attempt.Gateway); err != nil {
		return Request{}, err
	}
	if err := gateway.Check(request); err != nil {
		return Request{}, err
	}
	if len(next.Attempts) >= maxAttempts {
		return Request{}, &InvalidError{Field: "attempts", Rule: "at most 20 for one order"}
	}
	next.Attempts = append(next.Attempts, attempt)
	request.Attempt, err = t.writeAttempt(ctx, at, next, visit.Key)
	return request, err
}

// writeAttempt appends the order with its new last attempt and returns that attempt, or the one the key began before.
func (t *Till) writeAttempt(ctx context.Context, at loaded, next Order, key string) (Attempt, error) {
	attempt := next.Attempts[len(next.Attempts)-1]
	fact, err := change{OnAttempt, next}.fact(next.Payer)
	if err != nil {
		return Attempt{}, err
	}
	fact.At = attempt.Begun
	if key != "" {
		fact.Command = journal.NewCommand("pay:"+key, []byte(attempt.Gateway))
	}
	records, err := t.journal.Append(ctx, at.stream, at.seq, fact)
	if err != nil {
		return Attempt{}, fmt.Errorf("payment: pay: %w", err)
	}
	written, err := readOrder(records[0])
	if err != nil {
		return Attempt{}, err
	}
	return written.Attempts[len(written.Attempts)-1], nil
}

func (o Order) newAttempt(gateway string, now time.Time, lifetime time.Duration) Attempt {
	expires := now.Add(lifetime)
	if expires.After(o.Expires) {
		expires = o.Expires
	}
	reference := vntime.In(now).Format("060102") + "_" + o.ID.id + "_" + strconv.Itoa(len(o.Attempts)+1)
	return Attempt{Gateway: gateway, Reference: reference, Begun: now, Expires: expires}
}

func (t *Till) now() time.Time { return t.cfg.Now().UTC().Truncate(time.Second) }

func (o Opening) order(id OrderID, now time.Time, lifetime time.Duration) Order {
	if o.Expires.IsZero() {
		o.Expires = now.Add(lifetime)
	}
	if o.Payer == "" {
		o.Payer = "order:" + id.id
	}
	return Order{ID: id, Dossier: o.Dossier, Purpose: o.Purpose, Amount: o.Amount, Description: o.Description,
		Payer: o.Payer, Opened: now, Expires: o.Expires.UTC().Truncate(time.Second), State: Opened}
}

func (o Opening) command() journal.Command {
	expires := ""
	if !o.Expires.IsZero() {
		expires = strconv.FormatInt(o.Expires.Unix(), 10)
	}
	return journal.NewCommand(o.Key, []byte(o.Actor), []byte(o.Dossier), []byte(o.Purpose),
		strconv.AppendInt(nil, int64(o.Amount), 10), []byte(o.Description), []byte(o.Payer), []byte(expires))
}

func (o Opening) check(now time.Time) error {
	switch {
	case !isText(o.Key):
		return &InvalidError{Field: "key", Rule: "1 to 200 bytes of UTF-8"}
	case !isText(o.Actor):
		return &InvalidError{Field: "actor", Rule: "1 to 200 bytes of UTF-8"}
	case !isText(o.Dossier):
		return &InvalidError{Field: "dossier", Rule: "1 to 200 bytes of UTF-8"}
	case !isCode(o.Purpose):
		return &InvalidError{Field: "purpose", Rule: "a code of lower-case letters, digits, '.' and '-', at most 64"}
	case o.Amount <= 0 || o.Amount > MaxVND:
		return &InvalidError{Field: "amount", Rule: "above zero and at most 9.007.199.254.740.991 đồng"}
	case !isText(o.Description) || strings.IndexFunc(o.Description, isBadDescription) >= 0:
		return &InvalidError{Field: "description", Rule: "1 to 200 bytes of letters, digits, spaces and .,:/#_-"}
	case o.Payer != "" && !isText(o.Payer):
		return &InvalidError{Field: "payer", Rule: "at most 200 bytes of UTF-8"}
	case !o.Expires.IsZero() && (!o.Expires.After(now) || o.Expires.Sub(now) > 10*366*24*time.Hour):
		return &InvalidError{Field: "expires", Rule: "in the future, within ten years"}
	}
	return nil
}
