package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OrderID names an order: 20 characters that stand for dossier and purpose, a hyphen, and which order of theirs it is.
// It holds no personal data and may stand in a URL; it is not a secret. The zero value names none.
type OrderID struct{ id string }

const (
	idLength    = 20
	maxOrders   = 99  // orders for one dossier and purpose
	maxAttempts = 20  // attempts to pay one order
	maxRecords  = 400 // records of one order that mere evidence may fill
)

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// orderID makes the name of the n-th order of a dossier's purpose. Because it is computed and not drawn, two that open
// the same order at once meet in one stream, where check-and-set lets one of them win.
func orderID(dossier, purpose string, n int) OrderID {
	sum := sha256.Sum256([]byte("motcua order v1\n" + strconv.Itoa(len(dossier)) + ":" + dossier + purpose))
	return OrderID{idEncoding.EncodeToString(sum[:])[:idLength] + "-" + strconv.Itoa(n)}
}

// ParseOrderID reads what [OrderID.String] writes and nothing else.
func ParseOrderID(s string) (OrderID, error) {
	invalid := &InvalidError{Field: "order", Rule: "an order's identifier"}
	head, number, ok := strings.Cut(s, "-")
	if !ok || len(head) != idLength {
		return OrderID{}, invalid
	}
	for i := range len(head) {
		if c := head[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return OrderID{}, invalid
		}
	}
	if !isCount(number, maxOrders) {
		return OrderID{}, invalid
	}
	return OrderID{s}, nil
}

// String returns the identifier.
func (id OrderID) String() string { return id.id }

// IsZero reports whether id names no order.
func (id OrderID) IsZero() bool { return id.id == "" }

// MarshalText implements encoding.TextMarshaler.
func (id OrderID) MarshalText() ([]byte, error) { return []byte(id.id), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty text is the zero value.
func (id *OrderID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = OrderID{}
		return nil
	}
	parsed, err := ParseOrderID(string(text))
	if err == nil {
		*id = parsed
	}
	return err
}

// Order is a demand for money and all that has come of it. It is a copy: nothing changes an order but the [Till].
//
// The fields of this and the following types stand in the order of their JSON names: their JSON is canonical as it is.
type Order struct {
	Amount   VND       `json:"amount"`
	Attempts []Attempt `json:"attempts,omitempty"`
	// Description is what the payer reads at the gateway. It holds no personal data.
	Description string    `json:"description"`
	Dossier     string    `json:"dossier"` // the caller's reference to the dossier; opaque here
	Expires     time.Time `json:"expires"`
	ID          OrderID   `json:"id"`
	Opened      time.Time `json:"opened"`
	Payer       string    `json:"payer"` // pseudonym
	Payments    []Payment `json:"payments,omitempty"`
	Purpose     string    `json:"purpose"` // what is paid for, as a code: "fee", "2.000635.copies"
	State       State     `json:"state"`
}

// Attempt is one visit of the payer to a gateway.
type Attempt struct {
	Begun   time.Time `json:"begun"`
	Expires time.Time `json:"expires"`
	// Gateway is the gateway's and account's name, [Gateway.Name].
	Gateway string `json:"gateway"`
	// Reason is the gateway's own code beside the result.
	Reason string `json:"reason,omitempty"`
	// Reference is our transaction reference: yymmdd_order_attempt, at most 40 characters, unique for ever.
	Reference string `json:"reference"`
	// Result is empty while the attempt is open; "failed" or "paid" when the gateway has spoken.
	Result string `json:"result,omitempty"`
}

// Results of an attempt.
const (
	resultPaid   = "paid"
	resultFailed = "failed"
)

// Payment is money that a gateway says it has received for the order.
type Payment struct {
	Amount  VND       `json:"amount"`
	Gateway string    `json:"gateway"`
	PaidAt  time.Time `json:"paidAt,omitzero"` // as the gateway says
	Posted  time.Time `json:"posted"`          // when the till wrote it
	// Reference is ours, of the attempt.
	Reference string `json:"reference"`
	// Refund is the reference under which it was given back.
	Refund string `json:"refund,omitempty"`
	// Remainder is what the gateway counts beyond whole đồng, in its own units; not 0 is never right.
	Remainder   int64  `json:"remainder,omitempty"`
	Transaction string `json:"transaction"` // the gateway's number
	Use         Use    `json:"use"`
}

// Use says what became of a payment.
type Use string

// The uses of a payment.
const (
	Applied Use = "applied"  // pays the order
	Held    Use = "held"     // waits for an officer's decision
	Owed    Use = "owed"     // has to be given back
	Back    Use = "returned" // has been given back
)

// Sum adds up the payments of one use, in whole đồng.
func (o Order) Sum(use Use) (VND, error) {
	var sum VND
	for _, p := range o.Payments {
		if p.Use != use {
			continue
		}
		var err error
		if sum, err = sum.Add(p.Amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// At returns the order as it stands at a time: an order that waits for money past its end counts as expired, even
// before the till has written so.
func (o Order) At(now time.Time) Order {
	if o.overdue(now) {
		o.State = Expired
	}
	return o
}

func (o Order) overdue(now time.Time) bool { return o.State.Live() && !now.Before(o.Expires) }

// clone protects what has been read from what is being decided.
func (o Order) clone() Order {
	o.Attempts = slices.Clone(o.Attempts)
	o.Payments = slices.Clone(o.Payments)
	return o
}

func (o Order) attempt(gateway, reference string) int {
	return slices.IndexFunc(o.Attempts, func(a Attempt) bool {
		return a.Gateway == gateway && a.Reference == reference
	})
}

func (o Order) payment(gateway, transaction string) int {
	return slices.IndexFunc(o.Payments, func(p Payment) bool {
		return p.Gateway == gateway && p.Transaction == transaction
	})
}

func (o Order) has(use Use) bool {
	return slices.ContainsFunc(o.Payments, func(p Payment) bool { return p.Use == use })
}

func (o Order) right(p Payment) bool { return p.Amount == o.Amount && p.Remainder == 0 }

// parseReference finds the order in one of our references.
func parseReference(reference string) (OrderID, bool) {
	parts := strings.Split(reference, "_")
	if len(reference) > 40 || len(parts) != 3 || len(parts[0]) != 6 || !isCount(parts[2], maxAttempts) {
		return OrderID{}, false
	}
	id, err := ParseOrderID(parts[1])
	return id, err == nil
}

// isCount accepts 1 to limit, written the one way.
func isCount(s string, limit int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= limit && strconv.Itoa(n) == s
}
