package paymenttest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/payment"
)

// Adapter is a gateway that takes callbacks and browsers that come back.
type Adapter interface {
	payment.Gateway
	payment.Listener
	payment.Returner
}

// Bench is one adapter under test, and its gateway's side of the protocol.
type Bench struct {
	Gateway Adapter
	// Callback makes the genuine callback of the gateway; Forged the same, signed with a secret that is not the
	// gateway's; Return what the payer's browser brings back.
	Callback, Forged, Return func(Callback) *http.Request
	// Code reads the protocol's code out of an answer ("00" for VNPAY, "204" for MoMo …) and Codes says which code the
	// protocol has for which outcome.
	Code  func(*http.Response) string
	Codes map[payment.Outcome]string
}

// RunGateway holds an adapter, together with the till, to the required behaviour under late, duplicate, forged and
// out-of-order callbacks. open makes a fresh bench; the adapter should go by the clock.
func RunGateway(t *testing.T, open func(t *testing.T, now func() time.Time) Bench) {
	tests := []struct {
		name string
		run  func(*rig)
	}{
		{"success is posted once and the order is paid", (*rig).success},
		{"the same success twice is posted once", (*rig).duplicate},
		{"failure after success changes nothing and is kept once", (*rig).failureAfterSuccess},
		{"success after failure is money received", (*rig).successAfterFailure},
		{"success after expiry is paid late and waits for a decision", (*rig).afterExpiry},
		{"success after cancellation is paid late", (*rig).afterCancel},
		{"paid in time but told late is paid", (*rig).toldLate},
		{"second success with another number is owed back", (*rig).second},
		{"two attempts both paid: the first wins", (*rig).twoAttempts},
		{"another amount is a conflict and never pays", (*rig).wrongAmount},
		{"another amount after payment is owed back", (*rig).wrongAmountAfterPaid},
		{"unknown reference is kept apart", (*rig).unknown},
		{"bad signature leaves no trace", (*rig).forged},
		{"garbage leaves no trace", (*rig).garbage},
		{"crash between posting and answer: one posting", (*rig).crashAfter},
		{"journal down: asked to repeat, then posted", (*rig).journalDown},
		{"32 equal callbacks at once: one posting", (*rig).concurrentEqual},
		{"32 different successes at once: one applied, the rest owed", (*rig).concurrentDifferent},
		{"the browser's return changes nothing", (*rig).returning},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, open)
			test.run(r)
			r.verify()
		})
	}
}

// rig is a till with one order that is pending at the gateway.
type rig struct {
	*testing.T
	bench   Bench
	clock   *clock
	journal *failing
	till    *payment.Till
	ipn     http.Handler
	order   payment.Order
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// failing is a journal whose disk can be made to fail.
type failing struct {
	journal.Journal
	mu   sync.Mutex
	down bool
}

func (f *failing) set(down bool) { f.mu.Lock(); defer f.mu.Unlock(); f.down = down }

func (f *failing) Append(ctx context.Context, s journal.Stream, after int64, facts ...journal.Fact) ([]journal.Record, error) {
	f.mu.Lock()
	down := f.down
	f.mu.Unlock()
	if down {
		return nil, errors.New("paymenttest: the disk is full")
	}
	return f.Journal.Append(ctx, s, after, facts...)
}

func newRig(t *testing.T, open func(*testing.T, func() time.Time) Bench) *rig {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)}
	r := &rig{T: t, clock: c, bench: open(t, c.now), journal: &failing{Journal: journal.NewMemory()}}
	till, err := payment.NewTill(r.journal, payment.Config{Now: c.now, Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	r.till, r.ipn = till, till.HandleIPN(r.bench.Gateway)
	r.order, err = till.Open(t.Context(), payment.Opening{Key: "k1", Actor: "officer:7", Dossier: "H26.1-261120-0001",
		Purpose: "fee", Amount: 16_000, Description: "Lệ phí bản sao trích lục H26.1-261120-0001"})
	if err != nil {
		t.Fatal(err)
	}
	r.begin()
	return r
}

// begin starts one more attempt.
func (r *rig) begin() {
	r.Helper()
	page, err := r.till.Pay(r.Context(), r.order.ID, r.bench.Gateway, payment.Visit{IP: netip.MustParseAddr("203.0.113.7")})
	if err != nil || page == "" {
		r.Fatalf("Pay = %q, %v", page, err)
	}
	r.order = r.get()
}

func (r *rig) get() payment.Order {
	r.Helper()
	order, err := r.till.Get(context.WithoutCancel(r.Context()), r.order.ID)
	if err != nil {
		r.Fatal(err)
	}
	return order
}

// paid is a success of the n-th attempt under a transaction number, now.
func (r *rig) paid(attempt int, transaction string) Callback {
	return Callback{Reference: r.order.Attempts[attempt].Reference, Transaction: transaction, Amount: r.order.Amount,
		PaidAt: r.clock.now()}
}

// call delivers a request and checks the protocol's answer.
func (r *rig) call(request *http.Request, want payment.Outcome) {
	r.Helper()
	if got := r.code(request); got != r.bench.Codes[want] {
		r.Errorf("answer = %q, want %q for %s", got, r.bench.Codes[want], want)
	}
}

func (r *rig) code(request *http.Request) string {
	recorder := httptest.NewRecorder()
	r.ipn.ServeHTTP(recorder, request)
	return r.bench.Code(recorder.Result())
}

// want checks the order's state and how many payments of each use it has.
func (r *rig) want(state payment.State, uses map[payment.Use]int) {
	r.Helper()
	order := r.get()
	if order.State != state {
		r.Errorf("state = %s, want %s", order.State, state)
	}
	got := make(map[payment.Use]int)
	for _, p := range order.Payments {
		got[p.Use]++
	}
	for _, use := range []payment.Use{payment.Applied, payment.Held, payment.Owed, payment.Back} {
		if got[use] != uses[use] {
			r.Errorf("payments %s = %d, want %d", use, got[use], uses[use])
		}
	}
}

// verify checks the journal's chain, and that the queues say what the order says.
func (r *rig) verify() {
	r.Helper()
	if _, err := journal.Verify(r.Context(), r.journal.Journal); err != nil {
		r.Errorf("journal: %v", err)
	}
	uses := map[payment.Queue]payment.Use{payment.QueueDecide: payment.Held, payment.QueueRefund: payment.Owed}
	for queue, use := range uses {
		page, err := r.till.List(r.Context(), payment.Filter{Queue: queue})
		if err != nil {
			r.Fatal(err)
		}
		sum, err := r.get().Sum(use)
		if err != nil {
			r.Fatal(err)
		}
		if (len(page.Orders) == 1) != (sum > 0) {
			r.Errorf("queue %s lists %d orders, but %s is %s", queue, len(page.Orders), use, sum)
		}
	}
}

// facts counts the journal's records.
func (r *rig) facts() int {
	r.Helper()
	n := 0
	for _, err := range r.journal.Tail(r.Context(), 0) {
		if err != nil {
			r.Fatal(err)
		}
		n++
	}
	return n
}
