package payment_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/payment"
)

func TestPostRefuses(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.open("k1"), "")
	before := f.facts()
	tests := map[string]func(*payment.Notice){
		"gateway":   func(n *payment.Notice) { n.Gateway = "" },
		"reference": func(n *payment.Notice) { n.Reference = strings.Repeat("x", 201) },
		"number":    func(n *payment.Notice) { n.Transaction = "" },
		"amount":    func(n *payment.Notice) { n.Amount = -1 },
		"status":    func(n *payment.Notice) { n.Status = 9 },
		"reason":    func(n *payment.Notice) { n.Reason = "\xff" },
		"raw":       func(n *payment.Notice) { n.Raw = make([]byte, 64<<10+1) },
	}
	for name, edit := range tests {
		n := success(order, "1")
		edit(&n)
		var invalid *payment.InvalidError
		if outcome, err := f.till.Post(t.Context(), n); outcome != payment.OutcomeRetry || !errors.As(err, &invalid) {
			t.Errorf("%s: Post = %s, %v", name, outcome, err)
		}
	}
	if got := f.facts(); got != before {
		t.Errorf("facts = %d, want %d", got, before)
	}
}

// What the gateway says beside the money is evidence about the payer and stays out of the public half.
func TestEvidenceIsPrivate(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.open("k1"), "")
	n := success(order, "1")
	n.Raw = []byte("card=9704-canary")
	f.post(n)
	n.Transaction, n.Reference = "2", "unknown"
	if got := f.post(n); got != payment.OutcomeUnknown {
		t.Errorf("Post = %s", got)
	}
	kept := 0
	for record, err := range f.journal.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(record.Body), "canary") {
			t.Errorf("body of %s holds evidence", record.Kind)
		}
		if string(record.Private) == "card=9704-canary" && record.Subject != "" {
			kept++
		}
	}
	if kept != 2 {
		t.Errorf("evidence kept %d times, want 2", kept)
	}
}

func TestSecondStoryOfOneTransaction(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.open("k1"), "")
	f.post(success(order, "1"))
	n := success(order, "1")
	n.Amount++
	before := f.facts()
	for range 3 {
		if got := f.post(n); got != payment.OutcomeWrongAmount {
			t.Errorf("Post = %s", got)
		}
	}
	if order = f.get(order); order.State != payment.Paid || len(order.Payments) != 1 || f.facts() != before+1 {
		t.Errorf("order = %+v with %d facts more", order, f.facts()-before)
	}
}

func TestRefunded(t *testing.T) {
	f := newFixture(t)
	order := f.pay(f.open("k1"), "")
	f.post(success(order, "1"))
	f.post(success(order, "2")) // owed at once
	report := func(transaction, refund string) (payment.Order, error) {
		return f.till.Refunded(t.Context(), order.ID, "officer:7", "paper", transaction, refund)
	}
	var invalid *payment.InvalidError
	if _, err := report("1", "R1"); !errors.As(err, &invalid) {
		t.Errorf("giving back what pays the order = %v", err)
	}
	if _, err := report("3", "R1"); !errors.As(err, &invalid) {
		t.Errorf("giving back what never came = %v", err)
	}
	if got, err := report("2", "R1"); err != nil || got.State != payment.Paid {
		t.Errorf("giving back the second = %s, %v", got.State, err)
	}
	before := f.facts()
	if _, err := report("2", "R1"); err != nil || f.facts() != before {
		t.Errorf("the same report again = %v", err)
	}
	if _, err := report("2", "R2"); !errors.As(err, &invalid) {
		t.Errorf("a second refund of one payment = %v", err)
	}
	for range 2 { // deciding twice is deciding once
		if got, err := f.till.Refund(t.Context(), order.ID, "officer:7", "service-refused"); err != nil || got.State != payment.RefundDue {
			t.Errorf("Refund = %s, %v", got.State, err)
		}
	}
	if got, err := report("1", "R3"); err != nil || got.State != payment.Refunded {
		t.Errorf("giving back the first = %s, %v", got.State, err)
	}
	sum, err := f.get(order).Sum(payment.Back)
	if err != nil || sum != 32_000 {
		t.Errorf("given back = %s, %v", sum, err)
	}
	if _, err := f.till.Apply(t.Context(), order.ID, "officer:7", "x"); !errors.Is(err, payment.ErrState) {
		t.Errorf("Apply = %v", err)
	}
}

func TestReconcileGoesOnAfterAnError(t *testing.T) {
	f := newFixture(t)
	for _, dossier := range []string{"d1", "d2", "d3"} {
		f.pay(f.open2(dossier), "")
	}
	f.pass(2 * time.Hour)
	down := errors.New("no line")
	tally, err := f.till.Reconcile(t.Context(), &paper{name: "paper", err: down})
	if !errors.Is(err, down) || tally != (payment.Tally{Asked: 3}) {
		t.Errorf("Reconcile = %+v, %v: no order may be closed unheard", tally, err)
	}
	tally, err = f.till.Reconcile(t.Context(), &paper{name: "paper", notice: payment.Notice{Gateway: "paper", Reference: "another"}})
	if !errors.Is(err, payment.ErrForged) || tally.Expired != 0 {
		t.Errorf("answers to another question: %+v, %v", tally, err)
	}
}

func TestHandlerAlwaysAnswers(t *testing.T) {
	f := newFixture(t)
	var heard []error
	till, err := payment.NewTill(f.journal, payment.Config{Now: f.now, Report: func(_ context.Context, err error) { heard = append(heard, err) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		err  error
		n    payment.Notice
		want payment.Outcome
	}{
		{err: payment.ErrForged, want: payment.OutcomeForged},
		{err: errors.New("no sense"), want: payment.OutcomeMalformed},
		{n: payment.Notice{}, want: payment.OutcomeRetry},
		{n: payment.Notice{Gateway: "paper", Reference: "r"}, want: payment.OutcomeUnknown},
	} {
		heard = nil
		l := &listener{notice: test.n, err: test.err}
		till.HandleIPN(l).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		if l.got != test.want || (test.want != payment.OutcomeUnknown) != (len(heard) == 1) {
			t.Errorf("answer = %s, want %s; reported %v", l.got, test.want, heard)
		}
	}
}

type listener struct {
	notice payment.Notice
	err    error
	got    payment.Outcome
}

func (l *listener) Receive(*http.Request) (payment.Notice, error)   { return l.notice, l.err }
func (l *listener) Answer(_ http.ResponseWriter, o payment.Outcome) { l.got = o }
