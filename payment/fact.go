package payment

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/motcua/motcua/journal"
)

// Names of the keys under which the journal finds orders and strays.
const (
	keyDossier = "payment.dossier"
	keyState   = "payment.state"
	keyQueue   = "payment.queue"
	keyStray   = "payment.stray"
)

// entry is the body of every fact in an order's stream. It carries the whole order as it stands afterwards, so that a
// page of a work list needs the newest record of each stream and nothing else.
type entry struct {
	Event  Event  `json:"event"`
	Notice *Stray `json:"notice,omitempty"`
	Order  Order  `json:"order"`
	Reason string `json:"reason,omitempty"` // an officer's, as a code
}

// Stray is a genuine notice that names no order of ours: money may have moved for nobody. Reconcile it by hand.
type Stray struct {
	Amount      VND    `json:"amount"`
	Gateway     string `json:"gateway"`
	Reason      string `json:"reason"`
	Reference   string `json:"reference"`
	Remainder   int64  `json:"remainder,omitempty"`
	Status      Status `json:"status"`
	Transaction string `json:"transaction"`
}

func (n Notice) told() *Stray {
	return &Stray{Gateway: n.Gateway, Reference: n.Reference, Transaction: n.Transaction, Amount: n.Amount,
		Remainder: n.Remainder, Status: n.Status, Reason: n.Reason}
}

// kind names the fact for those who follow the journal.
func (c change) kind() string {
	switch c.event {
	case onOpen:
		return "payment.order-opened"
	case OnAttempt:
		return "payment.attempt-begun"
	case OnSuccess, OnApply:
		return "payment.order-" + string(c.order.State) // order-paid, order-paid-late, order-refund-due
	case OnSecond:
		return "payment.paid-again"
	case OnMismatch:
		return "payment.amount-mismatched"
	case OnFailure:
		return "payment.order-failed"
	case OnExpiry:
		return "payment.order-expired"
	case OnCancel:
		return "payment.order-cancelled"
	case OnRefund:
		return "payment.refund-decided"
	case OnRefunded:
		return "payment.refunded"
	default:
		return "payment.notice-kept"
	}
}

// onOpen begins an order's stream; it has no state before it and so no row in the graph.
const onOpen Event = "open"

// fact writes one change down.
func (c change) fact(actor string) (journal.Fact, error) {
	return c.factWith(actor, entry{})
}

func (c change) factWith(actor string, e entry) (journal.Fact, error) {
	e.Event, e.Order = c.event, c.order
	body, err := encode(e)
	if err != nil {
		return journal.Fact{}, fmt.Errorf("payment: order %s: encode: %w", c.order.ID, err)
	}
	return journal.Fact{Kind: c.kind(), Actor: actor, Body: body, Keys: c.order.keys()}, nil
}

// keys place the order in the lists: by dossier, by state (what runs out first comes first) and by what is to be done.
func (o Order) keys() []journal.Key {
	keys := []journal.Key{
		{Name: keyDossier, Value: o.Dossier, Sort: o.Opened.Unix()},
		{Name: keyState, Value: string(o.State), Sort: o.Expires.Unix()},
	}
	if o.has(Held) {
		keys = append(keys, journal.Key{Name: keyQueue, Value: string(QueueDecide), Sort: o.Opened.Unix()})
	}
	if o.has(Owed) {
		keys = append(keys, journal.Key{Name: keyQueue, Value: string(QueueRefund), Sort: o.Opened.Unix()})
	}
	return keys
}

func (o Order) stream() (journal.Stream, error) { return streamOf(o.ID) }

func streamOf(id OrderID) (journal.Stream, error) {
	if id.IsZero() {
		return journal.Stream{}, ErrNotFound
	}
	return journal.ParseStream("order/" + id.id)
}

// readOrder takes the order out of a record of its stream.
func readOrder(record journal.Record) (Order, error) {
	var e entry
	if err := json.Unmarshal(record.Body, &e); err != nil {
		return Order{}, fmt.Errorf("payment: record %d of %q: %w", record.Seq, record.Stream, err)
	}
	return e.Order, nil
}

// encode writes canonical JSON. An entry's fields are in canonical order already, so that only text which encoding/json
// escapes and the canonical form does not makes a second pass necessary. The journal checks the result either way.
func encode(e entry) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return nil, err
	}
	body := bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
	if bytes.Contains(body, []byte(`\u`)) {
		return journal.EncodeBody(e)
	}
	return body, nil
}
