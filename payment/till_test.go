package payment_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/payment"
)

var start = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

// paper is a gateway of paper: it refuses what it is told to and says what it is told to.
type paper struct {
	name   string
	refuse error
	notice payment.Notice
	err    error
}

func (p *paper) Name() string                { return p.name }
func (p *paper) Check(payment.Request) error { return p.refuse }
func (p *paper) Begin(_ context.Context, r payment.Request) (string, error) {
	return "https://paper.example/" + r.Reference, nil
}
func (p *paper) Query(context.Context, payment.Attempt) (payment.Notice, error) {
	return p.notice, p.err
}

type fixture struct {
	*testing.T
	mu      sync.Mutex
	at      time.Time
	journal *journal.Memory
	till    *payment.Till
}

func (f *fixture) now() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.at }

func (f *fixture) pass(d time.Duration) { f.mu.Lock(); defer f.mu.Unlock(); f.at = f.at.Add(d) }

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{T: t, at: start, journal: journal.NewMemory()}
	till, err := payment.NewTill(f.journal, payment.Config{Now: f.now, Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	f.till = till
	return f
}

func opening(key string) payment.Opening {
	return payment.Opening{Key: key, Actor: "officer:7", Dossier: "H26.1-261121-0001", Purpose: "fee", Amount: 16_000,
		Description: "Lệ phí trích lục", Payer: "citizen:4f"}
}

func (f *fixture) open(key string) payment.Order {
	f.Helper()
	order, err := f.till.Open(f.Context(), opening(key))
	if err != nil {
		f.Fatal(err)
	}
	return order
}

func (f *fixture) pay(order payment.Order, key string) payment.Order {
	f.Helper()
	if _, err := f.till.Pay(f.Context(), order.ID, &paper{name: "paper"}, visit(key)); err != nil {
		f.Fatal(err)
	}
	return f.get(order)
}

func (f *fixture) get(order payment.Order) payment.Order {
	f.Helper()
	order, err := f.till.Get(f.Context(), order.ID)
	if err != nil {
		f.Fatal(err)
	}
	return order
}

func (f *fixture) facts() (n int) {
	f.Helper()
	for _, err := range f.journal.Tail(f.Context(), 0) {
		if err != nil {
			f.Fatal(err)
		}
		n++
	}
	return n
}

func visit(key string) payment.Visit {
	return payment.Visit{Key: key, IP: netip.MustParseAddr("203.0.113.7")}
}

func success(order payment.Order, transaction string) payment.Notice {
	return payment.Notice{Gateway: "paper", Reference: order.Attempts[0].Reference, Transaction: transaction,
		Amount: order.Amount, Status: payment.StatusPaid, Reason: "ok"}
}

func (f *fixture) post(n payment.Notice) payment.Outcome {
	f.Helper()
	outcome, err := f.till.Post(f.Context(), n)
	if err != nil {
		f.Fatal(err)
	}
	return outcome
}

func TestOpenIsIdempotent(t *testing.T) {
	f := newFixture(t)
	first := f.open("k1")
	if again := f.open("k1"); again.ID != first.ID || !again.Opened.Equal(first.Opened) {
		t.Errorf("again = %+v, want %+v", again, first)
	}
	other := opening("k1")
	other.Amount++
	if _, err := f.till.Open(t.Context(), other); !errors.Is(err, journal.ErrCommandReused) {
		t.Errorf("same key, another amount: %v", err)
	}
	var open *payment.OpenError
	if _, err := f.till.Open(t.Context(), opening("k2")); !errors.As(err, &open) || open.Order != first.ID {
		t.Errorf("another key: %v, want *OpenError for %s", err, first.ID)
	}
	supplement := opening("k2")
	supplement.Purpose = "copies"
	if order, err := f.till.Open(t.Context(), supplement); err != nil || order.ID == first.ID {
		t.Errorf("another purpose: %s, %v", order.ID, err)
	}
	if got := f.facts(); got != 2 {
		t.Errorf("facts = %d, want 2", got)
	}
}

func TestOpenAfterTheFirstIsClosed(t *testing.T) {
	f := newFixture(t)
	first := f.pay(f.open("k1"), "")
	f.pass(time.Hour)
	second := f.open("k2")
	if second.ID == first.ID || f.get(first).State != payment.Expired {
		t.Errorf("second = %s, first is %s", second.ID, f.get(first).State)
	}
	if again := f.open("k1"); again.ID != first.ID {
		t.Errorf("the first key returns %s, want %s", again.ID, first.ID)
	}
	// Paid in time, but told after the order was closed for a new one: late money.
	n := success(first, "1")
	n.PaidAt = start.Add(time.Minute)
	if got := f.post(n); got != payment.OutcomePosted || f.get(first).State != payment.PaidLate {
		t.Errorf("Post = %s, state %s", got, f.get(first).State)
	}
	if _, err := f.till.Cancel(t.Context(), second.ID, "officer:7"); err != nil {
		t.Fatal(err)
	}
	// The first order has money that nobody has decided on: no third one.
	if _, err := f.till.Open(t.Context(), opening("k3")); !errors.Is(err, payment.ErrOpen) {
		t.Errorf("third = %v, want ErrOpen", err)
	}
	if _, err := f.till.Refund(t.Context(), first.ID, "officer:7", "late"); err != nil {
		t.Fatal(err)
	}
	if third := f.open("k3"); third.ID == first.ID || third.ID == second.ID {
		t.Errorf("third = %s", third.ID)
	}
	page, err := f.till.List(t.Context(), payment.Filter{Dossier: "H26.1-261121-0001"})
	if err != nil || len(page.Orders) != 3 {
		t.Errorf("List = %d orders, %v", len(page.Orders), err)
	}
}

func TestOpenAfterPaidIsRefused(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.open("k1"), "")
	f.post(success(order, "1"))
	f.pass(100 * time.Hour)
	var open *payment.OpenError
	if _, err := f.till.Open(t.Context(), opening("k2")); !errors.As(err, &open) || open.State != payment.Paid {
		t.Errorf("Open = %v: the fee would be taken twice", err)
	}
}

func TestOpenConcurrently(t *testing.T) {
	f := newFixture(t)
	ids := make([]payment.OrderID, 32)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			order, err := f.till.Open(context.WithoutCancel(t.Context()), opening("k"+string(rune('a'+i%4))))
			if err == nil {
				ids[i] = order.ID
			} else if !errors.Is(err, payment.ErrOpen) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	won := 0
	for _, id := range ids {
		if !id.IsZero() {
			won++
		}
	}
	if got := f.facts(); got != 1 || won != 8 {
		t.Errorf("%d orders opened, %d callers got it; want 1 and the 8 with its key", got, won)
	}
}

func TestOpenRefuses(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		name, field string
		edit        func(*payment.Opening)
	}{
		{"no key", "key", func(o *payment.Opening) { o.Key = "" }},
		{"long key", "key", func(o *payment.Opening) { o.Key = strings.Repeat("k", 201) }},
		{"no actor", "actor", func(o *payment.Opening) { o.Actor = "" }},
		{"no dossier", "dossier", func(o *payment.Opening) { o.Dossier = "" }},
		{"dossier not UTF-8", "dossier", func(o *payment.Opening) { o.Dossier = "\xff" }},
		{"dossier with NUL", "dossier", func(o *payment.Opening) { o.Dossier = "a\x00" }},
		{"purpose in prose", "purpose", func(o *payment.Opening) { o.Purpose = "Lệ phí" }},
		{"free", "amount", func(o *payment.Opening) { o.Amount = 0 }},
		{"negative", "amount", func(o *payment.Opening) { o.Amount = -1 }},
		{"too much", "amount", func(o *payment.Opening) { o.Amount = payment.MaxVND + 1 }},
		{"star", "description", func(o *payment.Opening) { o.Description = "a*" }},
		{"line break", "description", func(o *payment.Opening) { o.Description = "a\nb" }},
		{"pipe", "description", func(o *payment.Opening) { o.Description = "a|b" }},
		{"no description", "description", func(o *payment.Opening) { o.Description = "" }},
		{"over at once", "expires", func(o *payment.Opening) { o.Expires = start }},
		{"in a hundred years", "expires", func(o *payment.Opening) { o.Expires = start.AddDate(100, 0, 0) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := opening("k")
			test.edit(&o)
			var invalid *payment.InvalidError
			if _, err := f.till.Open(t.Context(), o); !errors.As(err, &invalid) || invalid.Field != test.field {
				t.Errorf("Open = %v, want *InvalidError for %s", err, test.field)
			}
		})
	}
	if got := f.facts(); got != 0 {
		t.Errorf("facts = %d: something was written", got)
	}
}

func TestPay(t *testing.T) {
	f := newFixture(t)
	order := f.open("k1")
	page, err := f.till.Pay(t.Context(), order.ID, &paper{name: "paper"}, visit("form-1"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := f.till.Pay(t.Context(), order.ID, &paper{name: "paper"}, visit("form-1")); err != nil || again != page {
		t.Errorf("the form sent twice: %s, %v; want %s", again, err, page)
	}
	if other, err := f.till.Pay(t.Context(), order.ID, &paper{name: "paper"}, visit("form-2")); err != nil || other == page {
		t.Errorf("another visit: %s, %v", other, err)
	}
	order = f.get(order)
	if len(order.Attempts) != 2 || order.State != payment.Pending {
		t.Errorf("order = %+v", order)
	}
	attempt := order.Attempts[0]
	if want := "261121_" + order.ID.String() + "_1"; attempt.Reference != want || len(want) > 40 {
		t.Errorf("reference = %s, want %s", attempt.Reference, want)
	}
	if !attempt.Expires.Equal(start.Add(15 * time.Minute)) {
		t.Errorf("attempt expires %s", attempt.Expires)
	}
	found, err := f.till.ByReference(t.Context(), "paper", attempt.Reference)
	if err != nil || found.ID != order.ID {
		t.Errorf("ByReference = %s, %v", found.ID, err)
	}
	for _, bad := range []string{"", "x", attempt.Reference + "0", attempt.Reference[:30], "261121_" + order.ID.String() + "_3"} {
		if _, err := f.till.ByReference(t.Context(), "paper", bad); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("ByReference(%q) = %v", bad, err)
		}
	}
	if _, err := f.till.ByReference(t.Context(), "other", attempt.Reference); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("ByReference at another gateway = %v", err)
	}
}

func TestPayRefuses(t *testing.T) {
	f := newFixture(t)
	order := f.open("k1")
	before := f.facts()
	refusal := &payment.InvalidError{Field: "amount", Rule: "less"}
	if _, err := f.till.Pay(t.Context(), order.ID, &paper{name: "paper", refuse: refusal}, visit("")); !errors.Is(err, refusal) {
		t.Errorf("gateway's refusal = %v", err)
	}
	if _, err := f.till.Pay(t.Context(), order.ID, &paper{name: "giấy"}, visit("")); err == nil {
		t.Error("a gateway without a proper name was taken")
	}
	if _, err := f.till.Pay(t.Context(), payment.OrderID{}, &paper{name: "paper"}, visit("")); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("no order = %v", err)
	}
	if got := f.facts(); got != before {
		t.Errorf("facts = %d, want %d", got, before)
	}
	for range 20 {
		f.pay(order, "")
	}
	var invalid *payment.InvalidError
	if _, err := f.till.Pay(t.Context(), order.ID, &paper{name: "paper"}, visit("")); !errors.As(err, &invalid) {
		t.Errorf("attempt 21 = %v", err)
	}
	f.post(success(f.get(order), "1"))
	var state *payment.StateError
	if _, err := f.till.Pay(t.Context(), order.ID, &paper{name: "paper"}, visit("")); !errors.As(err, &state) || state.State != payment.Paid {
		t.Errorf("paying a paid order = %v", err)
	}
	late := f.open2("other")
	f.pass(time.Hour)
	if _, err := f.till.Pay(t.Context(), late.ID, &paper{name: "paper"}, visit("")); !errors.As(err, &state) || state.State != payment.Expired {
		t.Errorf("paying an expired order = %v", err)
	}
}

// open2 opens an order for another dossier.
func (f *fixture) open2(dossier string) payment.Order {
	f.Helper()
	o := opening("k")
	o.Dossier = dossier
	order, err := f.till.Open(f.Context(), o)
	if err != nil {
		f.Fatal(err)
	}
	return order
}
