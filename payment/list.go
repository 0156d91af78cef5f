package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/motcua/motcua/journal"
)

// Get returns an order as it stands now. Errors: [ErrNotFound], those of the journal.
func (t *Till) Get(ctx context.Context, id OrderID) (Order, error) {
	at, err := t.load(ctx, id)
	if err != nil {
		return Order{}, err
	}
	return at.order.At(t.now()), nil
}

// ByReference returns the order that began an attempt at a gateway, by [Gateway.Name] and our transaction reference.
// Errors: [ErrNotFound], those of the journal.
func (t *Till) ByReference(ctx context.Context, gateway, reference string) (Order, error) {
	at, err := t.byReference(ctx, gateway, reference)
	if err != nil {
		return Order{}, err
	}
	return at.order.At(t.now()), nil
}

// Queue is a list of orders with something to do.
type Queue string

// The queues.
const (
	QueueDecide Queue = "decide" // held money: apply it or give it back
	QueueRefund Queue = "refund" // owed money: give it back and report so
)

// Filter asks for a list of orders, by exactly one of State, Dossier and Queue.
type Filter struct {
	// State lists by recorded state, what expires first first. Until, if set, keeps to what expires before it.
	State State
	Until time.Time
	// Dossier lists the orders of a dossier, oldest first.
	Dossier string
	// Queue lists what is to be done, oldest first.
	Queue Queue
	// Cursor is Page.Next of the page before, empty for the first. Limit is 0 for 50, at most journal.MaxPage.
	Cursor string
	Limit  int
}

// Page is a part of a list.
type Page struct {
	Orders []Order
	Next   string // cursor of the following page, empty when there is none
}

// List returns one page, with one query to the journal. Errors: *InvalidError, those of the journal.
func (t *Till) List(ctx context.Context, filter Filter) (Page, error) {
	query := journal.Query{Cursor: filter.Cursor, Limit: filter.Limit}
	named := 0
	if filter.State != "" {
		query.Name, query.Value, named = keyState, string(filter.State), named+1
		if !filter.Until.IsZero() {
			query.Until = filter.Until.Unix()
		}
	}
	if filter.Dossier != "" {
		query.Name, query.Value, named = keyDossier, filter.Dossier, named+1
	}
	if filter.Queue != "" {
		query.Name, query.Value, named = keyQueue, string(filter.Queue), named+1
	}
	if named != 1 {
		return Page{}, &InvalidError{Field: "filter", Rule: "exactly one of state, dossier and queue"}
	}
	found, err := t.journal.Find(ctx, query)
	if err != nil {
		return Page{}, fmt.Errorf("payment: list: %w", err)
	}
	page := Page{Orders: make([]Order, len(found.Hits)), Next: found.Next}
	now := t.now()
	for i, hit := range found.Hits {
		order, err := readOrder(hit.Head)
		if err != nil {
			return Page{}, err
		}
		page.Orders[i] = order.At(now)
	}
	return page, nil
}

// Strays returns one page of genuine notices that name no order of ours, oldest first, and the next page's cursor.
func (t *Till) Strays(ctx context.Context, cursor string) (strays []Stray, next string, err error) {
	found, err := t.journal.Find(ctx, journal.Query{Name: keyStray, Value: "open", Cursor: cursor})
	if err != nil {
		return nil, "", fmt.Errorf("payment: list strays: %w", err)
	}
	strays = make([]Stray, len(found.Hits))
	for i, hit := range found.Hits {
		if err := json.Unmarshal(hit.Head.Body, &strays[i]); err != nil {
			return nil, "", fmt.Errorf("payment: list strays: %w", err)
		}
	}
	return strays, found.Next, nil
}
