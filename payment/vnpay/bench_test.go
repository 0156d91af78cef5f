package vnpay_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/payment/vnpay"
)

// discard is an answer nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

// BenchmarkIPN takes first callbacks of pending orders and, turn by turn in the same run, does the floor of it by hand:
// one HMAC over the same text and one append of the same bytes to a journal that holds as much. The metric "ratio" is
// our median over the floor's.
func BenchmarkIPN(b *testing.B) {
	ctx := context.Background()
	trial, floor := journal.NewMemory(), journal.NewMemory()
	g := newGateway(b, clock, "https://pay.example", "https://dvc.example/return")
	sim := simulator(b, secretText)
	handlers := make([]http.Handler, 2)
	var requests []*http.Request
	for i, j := range []*journal.Memory{trial, journal.NewMemory()} {
		till, err := payment.NewTill(j, payment.Config{Now: clock})
		if err != nil {
			b.Fatal(err)
		}
		handlers[i], requests = till.HandleIPN(g), nil
		for i := range b.N {
			requests = append(requests, pendingCallback(b, till, g, sim, i))
		}
	}
	for _, r := range requests { // a trial run tells which bytes are appended
		handlers[0].ServeHTTP(discard{make(http.Header)}, r)
	}
	facts := postings(b, ctx, trial, floor, b.N)
	var pair [2][]time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for i, r := range requests {
		begin := time.Now()
		handlers[1].ServeHTTP(discard{make(http.Header)}, r)
		middle := time.Now()
		bare(secretText, r.URL.RawQuery)
		if _, err := floor.Append(ctx, facts[i].Stream, 2, facts[i].Fact); err != nil {
			b.Fatal(err)
		}
		pair[0], pair[1] = append(pair[0], middle.Sub(begin)), append(pair[1], time.Since(middle))
	}
	report(b, pair)
}

func bare(key, text string) string {
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// report compares medians, which a busy machine disturbs least.
func report(b *testing.B, pair [2][]time.Duration) {
	for _, times := range pair {
		slices.Sort(times)
	}
	ours, floor := pair[0][len(pair[0])/2], pair[1][len(pair[1])/2]
	b.ReportMetric(float64(ours)/float64(floor), "ratio")
	b.ReportMetric(float64(ours)/1e3, "median-us")
}

func pendingCallback(b *testing.B, till *payment.Till, g *vnpay.Gateway, sim *paymenttest.VNPAY, i int) *http.Request {
	ctx := context.Background()
	order, err := till.Open(ctx, payment.Opening{Key: "k", Actor: "officer:7", Dossier: fmt.Sprint("H26.1-", i),
		Purpose: "fee", Amount: 16_000, Description: "Lệ phí trích lục"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := till.Pay(ctx, order.ID, g, payment.Visit{IP: netip.MustParseAddr("203.0.113.7")}); err != nil {
		b.Fatal(err)
	}
	if order, err = till.Get(ctx, order.ID); err != nil {
		b.Fatal(err)
	}
	query := sim.Query(paymenttest.Callback{Reference: order.Attempts[0].Reference, Transaction: fmt.Sprint(1000 + i),
		Amount: 16_000, PaidAt: noon})
	return httptest.NewRequest(http.MethodGet, "/ipn?"+query, nil)
}

// postings returns the posted facts of a journal and copies the rest to the floor's.
func postings(b *testing.B, ctx context.Context, from, to *journal.Memory, want int) []journal.Record {
	var posted []journal.Record
	for record, err := range from.Tail(ctx, 0) {
		if err != nil {
			b.Fatal(err)
		}
		if record.Kind == "payment.order-paid" {
			posted = append(posted, record)
			continue
		}
		if _, err := to.Append(ctx, record.Stream, record.Seq-1, record.Fact); err != nil {
			b.Fatal(err)
		}
	}
	if len(posted) != want {
		b.Fatalf("posted %d of %d", len(posted), want)
	}
	return posted
}

// BenchmarkVerify is the verification and reading of a callback alone, beside its bare HMAC ("ratio").
func BenchmarkVerify(b *testing.B) {
	g := newGateway(b, clock, "https://pay.example", "https://dvc.example/return")
	query := simulator(b, secretText).Sign(genuine())
	r := httptest.NewRequest(http.MethodGet, "/ipn?"+query, nil)
	var pair [2][]time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		if _, err := g.Receive(r); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		bare(secretText, query)
		pair[0], pair[1] = append(pair[0], middle.Sub(begin)), append(pair[1], time.Since(middle))
	}
	report(b, pair)
}
