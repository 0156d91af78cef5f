package paymenttest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/motcua/motcua/payment"
)

func (r *rig) success() {
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
	p := r.get().Payments[0]
	if p.Transaction != "1001" || p.Amount != r.order.Amount || p.Gateway != r.bench.Gateway.Name() {
		r.Errorf("payment = %+v", p)
	}
}

func (r *rig) duplicate() {
	c := r.paid(0, "1001")
	r.call(r.bench.Callback(c), payment.OutcomePosted)
	before := r.facts()
	r.clock.add(5 * time.Minute)
	r.call(r.bench.Callback(c), payment.OutcomeDuplicate)
	r.clock.add(5 * time.Hour) // long after the order's end
	r.call(r.bench.Callback(c), payment.OutcomeDuplicate)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
	if got := r.facts(); got != before {
		r.Errorf("facts = %d, want %d", got, before)
	}
}

func (r *rig) failureAfterSuccess() {
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	failure := r.paid(0, "1001")
	failure.Fails = true
	before := r.facts()
	r.call(r.bench.Callback(failure), payment.OutcomeDuplicate)
	r.call(r.bench.Callback(failure), payment.OutcomeDuplicate)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
	if got := r.facts(); got != before+1 {
		r.Errorf("facts = %d, want %d: kept as evidence, once", got, before+1)
	}
}

func (r *rig) successAfterFailure() {
	failure := r.paid(0, "")
	failure.Fails, failure.PaidAt = true, time.Time{}
	r.call(r.bench.Callback(failure), payment.OutcomePosted)
	r.want(payment.Failed, nil)
	r.call(r.bench.Callback(failure), payment.OutcomeDuplicate)
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
}

func (r *rig) afterExpiry() {
	r.clock.add(2 * time.Hour)
	r.want(payment.Expired, nil)
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	r.want(payment.PaidLate, map[payment.Use]int{payment.Held: 1})
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomeDuplicate)
	order, err := r.till.Apply(r.Context(), r.order.ID, "officer:7", "service-still-possible")
	if err != nil || order.State != payment.Paid {
		r.Errorf("Apply = %s, %v", order.State, err)
	}
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
}

func (r *rig) afterCancel() {
	if _, err := r.till.Cancel(r.Context(), r.order.ID, "officer:7"); err != nil {
		r.Fatal(err)
	}
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	r.want(payment.PaidLate, map[payment.Use]int{payment.Held: 1})
	if _, err := r.till.Refund(r.Context(), r.order.ID, "officer:7", "dossier-withdrawn"); err != nil {
		r.Fatal(err)
	}
	r.want(payment.RefundDue, map[payment.Use]int{payment.Owed: 1})
	_, err := r.till.Refunded(r.Context(), r.order.ID, "officer:7", r.bench.Gateway.Name(), "1001", "R-1")
	if err != nil {
		r.Fatal(err)
	}
	r.want(payment.Refunded, map[payment.Use]int{payment.Back: 1})
}

func (r *rig) toldLate() {
	c := r.paid(0, "1001")
	r.clock.add(2 * time.Hour)
	r.call(r.bench.Callback(c), payment.OutcomePosted)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
}

func (r *rig) second() {
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	r.call(r.bench.Callback(r.paid(0, "1002")), payment.OutcomePosted)
	r.call(r.bench.Callback(r.paid(0, "1002")), payment.OutcomeDuplicate)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1, payment.Owed: 1})
	if p := r.get().Payments[1]; p.Use != payment.Owed || p.Transaction != "1002" {
		r.Errorf("owed payment = %+v, want the second", p)
	}
}

func (r *rig) twoAttempts() {
	r.begin()
	r.call(r.bench.Callback(r.paid(1, "1002")), payment.OutcomePosted)
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1, payment.Owed: 1})
}

func (r *rig) wrongAmount() {
	c := r.paid(0, "1001")
	c.Amount--
	r.call(r.bench.Callback(c), payment.OutcomeWrongAmount)
	r.call(r.bench.Callback(c), payment.OutcomeWrongAmount)
	r.want(payment.Conflicted, map[payment.Use]int{payment.Held: 1})
	r.call(r.bench.Callback(r.paid(0, "1002")), payment.OutcomePosted)
	r.want(payment.PaidLate, map[payment.Use]int{payment.Held: 2})
	if _, err := r.till.Apply(r.Context(), r.order.ID, "officer:7", "right-amount-came"); err != nil {
		r.Fatal(err)
	}
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1, payment.Owed: 1})
	if p := r.get().Payments[0]; p.Use != payment.Owed {
		r.Errorf("the wrong amount is %s, want owed", p.Use)
	}
}

func (r *rig) wrongAmountAfterPaid() {
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	c := r.paid(0, "1002")
	c.Amount *= 10
	r.call(r.bench.Callback(c), payment.OutcomeWrongAmount)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1, payment.Owed: 1})
}

func (r *rig) unknown() {
	c := r.paid(0, "1001")
	c.Reference = strings.Replace(c.Reference, "_1", "_2", 1) // an attempt that was never begun
	if c.Reference == r.order.Attempts[0].Reference {
		r.Fatal("the reference has not changed")
	}
	r.call(r.bench.Callback(c), payment.OutcomeUnknown)
	r.call(r.bench.Callback(c), payment.OutcomeUnknown)
	r.want(payment.Pending, nil)
	strays, _, err := r.till.Strays(r.Context(), "")
	if err != nil || len(strays) != 1 || strays[0].Reference != c.Reference || strays[0].Amount != c.Amount {
		r.Errorf("Strays = %+v, %v; want the one", strays, err)
	}
}

func (r *rig) forged() {
	before := r.facts()
	r.call(r.bench.Forged(r.paid(0, "1001")), payment.OutcomeForged)
	r.want(payment.Pending, nil)
	if got := r.facts(); got != before {
		r.Errorf("facts = %d, want %d", got, before)
	}
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted) // no poison is left
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
}

func (r *rig) garbage() {
	before := r.facts()
	for _, query := range []string{"", "x=1", "%zz", "a;b", strings.Repeat("a=1&", 5000)} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			request := httptest.NewRequest(method, "/ipn", strings.NewReader(query))
			request.URL.RawQuery = query
			switch code := r.code(request); code {
			case r.bench.Codes[payment.OutcomePosted], r.bench.Codes[payment.OutcomeDuplicate]:
				r.Errorf("%s with %d bytes was answered %q", method, len(query), code)
			}
		}
	}
	if got := r.facts(); got != before {
		r.Errorf("facts = %d, want %d", got, before)
	}
}

// broken is a connection that dies when the answer is written.
type broken struct{ header http.Header }

func (b broken) Header() http.Header       { return b.header }
func (b broken) WriteHeader(int)           { panic(http.ErrAbortHandler) }
func (b broken) Write([]byte) (int, error) { panic(http.ErrAbortHandler) }

func (r *rig) crashAfter() {
	c := r.paid(0, "1001")
	func() {
		defer func() {
			if recover() == nil {
				r.Error("the handler has not answered")
			}
		}()
		r.ipn.ServeHTTP(broken{make(http.Header)}, r.bench.Callback(c))
	}()
	for range 3 { // the same answer every time, one that ends the repetition
		r.call(r.bench.Callback(c), payment.OutcomeDuplicate)
	}
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
}

func (r *rig) journalDown() {
	r.journal.set(true)
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomeRetry)
	r.want(payment.Pending, nil)
	r.journal.set(false)
	r.call(r.bench.Callback(r.paid(0, "1001")), payment.OutcomePosted)
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
}

// together makes 32 calls at once and counts the answers.
func (r *rig) together(request func(i int) *http.Request) map[string]int {
	const n = 32
	codes := make([]string, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			request := request(i)
			ready.Done()
			<-start
			codes[i] = r.code(request)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	counts := make(map[string]int)
	for _, code := range codes {
		counts[code]++
	}
	return counts
}

func (r *rig) concurrentEqual() {
	c := r.paid(0, "1001")
	counts := r.together(func(int) *http.Request { return r.bench.Callback(c) })
	posted, repeated := r.bench.Codes[payment.OutcomePosted], r.bench.Codes[payment.OutcomeDuplicate]
	if counts[posted]+counts[repeated] != 32 && posted != repeated || posted != repeated && counts[posted] != 1 {
		r.Errorf("answers = %v, want one %q and 31 %q", counts, posted, repeated)
	}
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1})
}

func (r *rig) concurrentDifferent() {
	base := r.paid(0, "")
	counts := r.together(func(i int) *http.Request {
		c := base
		c.Transaction = fmt.Sprint(2000 + i)
		return r.bench.Callback(c)
	})
	if posted := r.bench.Codes[payment.OutcomePosted]; counts[posted] != 32 {
		r.Errorf("answers = %v, want 32 %q", counts, posted)
	}
	r.want(payment.Paid, map[payment.Use]int{payment.Applied: 1, payment.Owed: 31})
}

func (r *rig) returning() {
	before := r.facts()
	order, notice, err := r.till.ReadReturn(r.bench.Return(r.paid(0, "1001")), r.bench.Gateway)
	if err != nil || order.ID != r.order.ID || notice.Status != payment.StatusPaid {
		r.Errorf("ReadReturn = %s, %+v, %v", order.ID, notice.Status, err)
	}
	if order.State != payment.Pending {
		r.Errorf("state shown = %s, want pending: the journal is the truth", order.State)
	}
	if _, _, err := r.till.ReadReturn(r.bench.Forged(r.paid(0, "1001")), r.bench.Gateway); err == nil {
		r.Error("a forged return was read")
	}
	if got := r.facts(); got != before {
		r.Errorf("facts = %d, want %d", got, before)
	}
	r.want(payment.Pending, nil)
}
