package payment_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/payment"
)

func TestListRefuses(t *testing.T) {
	f := newFixture(t)
	var invalid *payment.InvalidError
	for _, filter := range []payment.Filter{{}, {State: payment.Paid, Dossier: "d"}, {Queue: payment.QueueRefund, State: payment.Paid}} {
		if _, err := f.till.List(t.Context(), filter); !errors.As(err, &invalid) {
			t.Errorf("List(%+v) = %v", filter, err)
		}
	}
}

func TestListPages(t *testing.T) {
	f := newFixture(t)
	for _, dossier := range []string{"d1", "d2", "d3", "d4", "d5"} {
		f.open2(dossier)
	}
	seen := make(map[payment.OrderID]bool)
	filter := payment.Filter{State: payment.Opened, Limit: 2}
	for pages := 0; pages < 5; pages++ {
		page, err := f.till.List(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		for _, order := range page.Orders {
			seen[order.ID] = true
		}
		if filter.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("seen %d orders, want 5", len(seen))
	}
}

func TestNewTillRefuses(t *testing.T) {
	if _, err := payment.NewTill(nil, payment.Config{}); err == nil {
		t.Error("a till without a journal")
	}
	f := newFixture(t)
	if _, err := payment.NewTill(f.journal, payment.Config{Lifetime: -1}); err == nil {
		t.Error("a negative lifetime")
	}
}

// Errors speak to people without showing them, or the log, what they typed.
func TestErrorsSpeak(t *testing.T) {
	errs := []interface {
		error
		Code() string
		Text(lang string) string
	}{&payment.InvalidError{Field: "amount"}, &payment.OpenError{State: payment.Paid}, &payment.StateError{State: payment.Paid}}
	for _, err := range errs {
		if err.Code() == "" || err.Text("vi") == err.Text("en") || err.Text("fr") != err.Text("vi") {
			t.Errorf("%T: %q, %q, %q", err, err.Code(), err.Text("vi"), err.Text("en"))
		}
	}
}

func FuzzParseOrderID(f *testing.F) {
	for _, s := range []string{"abcdefghijklmnopqrst-1", "abcdefghijklmnopqrst-99", "abcdefghijklmnopqrst-100",
		"abcdefghijklmnopqrst-01", "ABCDEFGHIJKLMNOPQRST-1", "abcdefghijklmnopqrst--1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := payment.ParseOrderID(s)
		if err != nil {
			if !id.IsZero() {
				t.Errorf("refused %q and returned %q", s, id)
			}
			return
		}
		if id.String() != s {
			t.Errorf("ParseOrderID(%q) = %q", s, id)
		}
		raw, err := json.Marshal(id)
		var back payment.OrderID
		if err != nil || json.Unmarshal(raw, &back) != nil || back != id {
			t.Errorf("JSON of %q = %s, %v", s, raw, err)
		}
	})
}

// Whatever a caller's reference holds, the body is canonical: the journal takes nothing else.
func TestAnyReferenceIsWritten(t *testing.T) {
	f := newFixture(t)
	for _, dossier := range []string{"<a&b>", "a\u2028b\u2029", "\x01\x1f\x7f", `"\`, "\U0001F600", "\\u0041"} {
		order := f.open2(dossier)
		if got := f.get(order); got.Dossier != dossier {
			t.Errorf("dossier = %q, want %q", got.Dossier, dossier)
		}
	}
}

// The journal alone tells the whole story: walking the graph over the events gives every recorded state.
func TestJournalReplays(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.open("k1"), "")
	failure := success(order, "")
	failure.Status = payment.StatusFailed
	f.post(failure)
	f.pass(2 * time.Hour)
	f.post(success(order, "1"))
	f.post(success(order, "2"))
	if _, err := f.till.Refund(t.Context(), order.ID, "officer:7", "late"); err != nil {
		t.Fatal(err)
	}
	var state payment.State
	var kinds []string
	for record, err := range f.journal.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Event payment.Event
			Order payment.Order
		}
		if err := json.Unmarshal(record.Body, &body); err != nil {
			t.Fatal(err)
		}
		if kinds = append(kinds, record.Kind); state != "" {
			next, ok := state.Next(body.Event)
			if !ok || next != body.Order.State {
				t.Errorf("%s: %s on %s = %s, recorded %s", record.Kind, state, body.Event, next, body.Order.State)
			}
		}
		state = body.Order.State
	}
	want := []string{"payment.order-opened", "payment.attempt-begun", "payment.order-failed", "payment.order-expired",
		"payment.order-paid-late", "payment.paid-again", "payment.refund-decided"}
	if !slices.Equal(kinds, want) {
		t.Errorf("kinds = %v\nwant %v", kinds, want)
	}
}

// Half a đồng too much is another amount.
func TestRemainderIsAMismatch(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.open("k1"), "")
	n := success(order, "1")
	n.Remainder = 50
	if got := f.post(n); got != payment.OutcomeWrongAmount || f.get(order).State != payment.Conflicted {
		t.Errorf("Post = %s, state %s", got, f.get(order).State)
	}
	if got := f.post(n); got != payment.OutcomeWrongAmount || len(f.get(order).Payments) != 1 {
		t.Errorf("again: Post = %s, %d payments", got, len(f.get(order).Payments))
	}
}

// While another page of the payer is open, the failure of one says nothing about the order.
func TestOneOfTwoAttemptsFails(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.pay(f.open("k1"), ""), "")
	failure := success(order, "")
	failure.Status, failure.Reason = payment.StatusFailed, "cancelled"
	if got := f.post(failure); got != payment.OutcomePosted || f.get(order).State != payment.Pending {
		t.Errorf("first: Post = %s, state %s", got, f.get(order).State)
	}
	if got := f.post(failure); got != payment.OutcomeDuplicate {
		t.Errorf("again: Post = %s", got)
	}
	if a := f.get(order).Attempts[0]; a.Result != "failed" || a.Reason != "cancelled" {
		t.Errorf("attempt = %+v", a)
	}
	failure.Reference = order.Attempts[1].Reference
	if got := f.post(failure); got != payment.OutcomePosted || f.get(order).State != payment.Failed {
		t.Errorf("second: Post = %s, state %s", got, f.get(order).State)
	}
}
