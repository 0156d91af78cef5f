package payment_test

import (
	"encoding/json"
	"errors"
	"testing"

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
