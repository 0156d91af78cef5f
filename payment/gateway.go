package payment

import (
	"context"
	"net/http"
	"net/netip"
	"time"
)

// Gateway sends a payer to where he pays. What more a gateway can do it shows by [Listener], [Returner] and [Querier].
type Gateway interface {
	// Name names the gateway and the account at it, such as "vnpay:MOTCUA01": letters, digits and ".:-", at most 60.
	Name() string
	// Check refuses what this gateway cannot carry, before anything is written. It asks nobody. Errors: *InvalidError.
	Check(request Request) error
	// Begin returns the address of the page where the payer pays the request. Gateways that build it themselves ask
	// nobody; others ask under the request's own reference, so that a repetition after a lost answer is the same
	// question.
	Begin(ctx context.Context, request Request) (page string, err error)
}

// Listener takes a gateway's server-to-server callback (IPN) and answers it in the gateway's own protocol.
type Listener interface {
	// Receive verifies the callback and only then reads it. Errors: [ErrForged]; any other means malformed.
	Receive(r *http.Request) (Notice, error)
	// Answer writes the protocol's answer to an outcome.
	Answer(w http.ResponseWriter, outcome Outcome)
}

// Returner reads what the payer's browser brings back. It serves for display only.
type Returner interface {
	// ReadReturn verifies and reads like Listener.Receive.
	ReadReturn(r *http.Request) (Notice, error)
}

// Querier asks the gateway what became of an attempt, by our own reference.
type Querier interface {
	// Query returns the gateway's verified word. An attempt the gateway does not know is [StatusWaiting]. Errors:
	// [ErrForged] if the answer's signature does not hold.
	Query(ctx context.Context, attempt Attempt) (Notice, error)
}

// Request is what a gateway needs to send a payer on his way.
type Request struct {
	Attempt
	Amount      VND
	Description string
	IP          netip.Addr // the payer's
	Lang        string     // "vi" or "en"
}

// Notice is what a gateway says of one attempt. Adapters hand it out after its signature has been verified, and only
// then: unverified content has no type here.
type Notice struct {
	Gateway     string // name of gateway and account, [Gateway.Name]
	Reference   string // ours
	Transaction string // the gateway's number
	Amount      VND
	Remainder   int64 // beyond whole đồng; not 0 never matches an order
	Status      Status
	Reason      string    // the gateway's own code
	PaidAt      time.Time // zero when not told
	// Raw is the verified message as received: evidence that may hold personal data.
	Raw []byte
}

// Status is what a notice says of the money.
type Status int

// The statuses of a notice. What an adapter does not know for certain is waiting, never failed.
const (
	StatusWaiting Status = iota // not final: ask again
	StatusPaid                  // money has moved
	StatusFailed                // final: no money will move
)

// Outcome is what the till made of a callback; a [Listener] turns it into the gateway's answer.
type Outcome int

// The outcomes of a callback. The zero value asks the gateway to try again, which is always safe.
const (
	OutcomeRetry       Outcome = iota // nothing was written: our fault, try again
	OutcomePosted                     // written
	OutcomeDuplicate                  // written before
	OutcomeUnknown                    // genuine, but names no order of ours; kept
	OutcomeWrongAmount                // genuine, but for another amount; kept
	OutcomeForged                     // signature does not hold; nothing kept
	OutcomeMalformed                  // not a callback of this gateway; nothing kept
)

// String names the outcome.
func (o Outcome) String() string {
	names := [...]string{"retry", "posted", "duplicate", "unknown", "wrong-amount", "forged", "malformed"}
	if o < 0 || int(o) >= len(names) {
		return "retry"
	}
	return names[o]
}
