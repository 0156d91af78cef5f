package vnpay_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/payment/vnpay"
)

// office is a till and a simulator that reach each other over HTTP only.
type office struct {
	*testing.T
	mu      sync.Mutex
	at      time.Time
	till    *payment.Till
	gateway *vnpay.Gateway
	sim     *paymenttest.VNPAY
	order   payment.Order
	browser *http.Client
}

func (o *office) now() time.Time { o.mu.Lock(); defer o.mu.Unlock(); return o.at }

func (o *office) pass(d time.Duration) { o.mu.Lock(); defer o.mu.Unlock(); o.at = o.at.Add(d) }

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, at: noon}
	var err error
	if o.sim, err = paymenttest.NewVNPAY(terminalCode, secretText, paymenttest.VNPAYConfig{Now: o.now}); err != nil {
		t.Fatal(err)
	}
	vnpaySide := httptest.NewServer(o.sim)
	t.Cleanup(vnpaySide.Close)
	if o.till, err = payment.NewTill(journal.NewMemory(), payment.Config{Now: o.now}); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	ours := httptest.NewServer(mux)
	t.Cleanup(ours.Close)
	o.gateway = newGateway(t, o.now, vnpaySide.URL, ours.URL+"/return")
	mux.Handle("/ipn", o.till.HandleIPN(o.gateway))
	mux.HandleFunc("/return", func(w http.ResponseWriter, r *http.Request) {
		order, notice, err := o.till.ReadReturn(r, o.gateway)
		if err != nil {
			http.Error(w, "không đọc được", http.StatusBadRequest)
			return
		}
		io.WriteString(w, string(order.State)+" "+notice.Reason)
	})
	o.sim.SetIPN(ours.URL + "/ipn")
	o.browser = ours.Client()
	o.order, err = o.till.Open(t.Context(), payment.Opening{Key: "k", Actor: "officer:7", Dossier: "H26.1-261121-0001",
		Purpose: "fee", Amount: 16_000, Description: "Lệ phí trích lục"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// visit opens the pay page and returns its address.
func (o *office) visit() string {
	o.Helper()
	page, err := o.till.Pay(o.Context(), o.order.ID, o.gateway, payment.Visit{IP: netip.MustParseAddr("203.0.113.7")})
	if err != nil {
		o.Fatal(err)
	}
	response, err := o.browser.Get(page)
	if err != nil {
		o.Fatal(err)
	}
	defer response.Body.Close()
	html, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		o.Fatalf("pay page: HTTP %d, %v: %s", response.StatusCode, err, html)
	}
	for _, want := range []string{`lang="vi"`, "16.000 đồng", "Le phi trich luc", "Thanh toán thành công", "Hủy", "Không đủ số dư"} {
		if !strings.Contains(string(html), want) {
			o.Errorf("pay page has no %q", want)
		}
	}
	return page
}

// press presses a button of the newest attempt's page and returns what the browser ends up with.
func (o *office) press(page string, button paymenttest.Button) string {
	o.Helper()
	order, err := o.till.Get(o.Context(), o.order.ID)
	if err != nil {
		o.Fatal(err)
	}
	reference := order.Attempts[len(order.Attempts)-1].Reference
	response, err := o.browser.PostForm(page, url.Values{"reference": {reference}, "button": {string(button)}})
	if err != nil {
		o.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		o.Fatal(err)
	}
	return string(body)
}

func (o *office) want(state payment.State, payments int) {
	o.Helper()
	order, err := o.till.Get(o.Context(), o.order.ID)
	if err != nil || order.State != state || len(order.Payments) != payments {
		o.Errorf("order is %s with %d payments, %v; want %s with %d", order.State, len(order.Payments), err, state, payments)
	}
}

func (o *office) answers(want ...string) {
	o.Helper()
	if got := o.sim.Answers(); !slices.Equal(got, want) {
		o.Errorf("answers = %v, want %v", got, want)
	}
}

func TestPayOverHTTP(t *testing.T) {
	o := newOffice(t)
	if got := o.press(o.visit(), paymenttest.Succeed); got != "paid 00/00" {
		t.Errorf("browser sees %q", got)
	}
	o.want(payment.Paid, 1)
	o.answers("00")
}

func TestCancelThenPayAgain(t *testing.T) {
	o := newOffice(t)
	if got := o.press(o.visit(), paymenttest.Cancel); got != "failed 24/02" {
		t.Errorf("browser sees %q", got)
	}
	if got := o.press(o.visit(), paymenttest.Poor); got != "failed 51/02" {
		t.Errorf("browser sees %q", got)
	}
	o.press(o.visit(), paymenttest.Succeed)
	o.want(payment.Paid, 1)
	o.answers("00", "00", "00")
}

func TestDuplicatesOverHTTP(t *testing.T) {
	o := newOffice(t)
	o.sim.Misbehave(paymenttest.Faults{Duplicates: 3})
	o.press(o.visit(), paymenttest.Succeed)
	o.want(payment.Paid, 1)
	o.answers("00", "02", "02", "02")
}

func TestHeldCallback(t *testing.T) {
	o := newOffice(t)
	o.sim.Misbehave(paymenttest.Faults{Hold: true})
	if got := o.press(o.visit(), paymenttest.Succeed); got != "pending 00/00" {
		t.Errorf("browser sees %q, want the journal's word", got)
	}
	o.pass(48 * time.Hour) // the order has ended meanwhile, and was closed
	if _, err := o.till.Cancel(t.Context(), o.order.ID, "officer:7"); !errors.Is(err, payment.ErrState) {
		t.Errorf("Cancel of an expired order = %v", err)
	}
	if left := o.sim.Redeliver(t.Context()); left != 0 {
		t.Errorf("left = %d", left)
	}
	o.want(payment.Paid, 1) // paid in time, told late
	o.answers("00")
}

func TestWrongAmountIsRepeated(t *testing.T) {
	o := newOffice(t)
	o.sim.Misbehave(paymenttest.Faults{Amount: 15_000})
	o.press(o.visit(), paymenttest.Succeed)
	for o.sim.Redeliver(t.Context()) > 0 {
	}
	o.want(payment.Conflicted, 1)
	o.answers("04", "04", "04", "04", "04", "04", "04", "04", "04", "04")
}

func TestLostCallbackIsReconciled(t *testing.T) {
	o := newOffice(t)
	o.sim.Misbehave(paymenttest.Faults{Drop: true})
	o.press(o.visit(), paymenttest.Succeed)
	o.want(payment.Pending, 0)
	tally, err := o.till.Reconcile(t.Context(), o.gateway)
	if err != nil || tally != (payment.Tally{}) {
		t.Errorf("too early: %+v, %v", tally, err)
	}
	o.pass(6 * time.Minute)
	tally, err = o.till.Reconcile(t.Context(), o.gateway)
	if err != nil || tally != (payment.Tally{Asked: 1, Settled: 1}) {
		t.Errorf("Reconcile = %+v, %v", tally, err)
	}
	o.want(payment.Paid, 1)
	o.answers()
	// The callback that was thought lost comes after all.
	order, err := o.till.Get(t.Context(), o.order.ID)
	if err != nil {
		t.Fatal(err)
	}
	p := order.Payments[0]
	outcome, err := o.till.Post(t.Context(), payment.Notice{Gateway: p.Gateway, Reference: p.Reference,
		Transaction: p.Transaction, Amount: p.Amount, Status: payment.StatusPaid, Reason: "00/00"})
	if err != nil || outcome != payment.OutcomeDuplicate {
		t.Errorf("Post = %s, %v", outcome, err)
	}
	o.want(payment.Paid, 1)
}

func TestQueryOneOrder(t *testing.T) {
	o := newOffice(t)
	page := o.visit()
	order, err := o.till.Query(t.Context(), o.order.ID, o.gateway)
	if err != nil || order.State != payment.Pending {
		t.Errorf("payer at the page: %s, %v", order.State, err)
	}
	o.sim.Misbehave(paymenttest.Faults{Drop: true})
	o.press(page, paymenttest.Poor)
	order, err = o.till.Query(t.Context(), o.order.ID, o.gateway)
	if err != nil || order.State != payment.Failed || order.Attempts[0].Reason != "99/02" {
		t.Errorf("failed: %s, %v", order.State, err)
	}
}

func TestReconcileClosesWhatRanOut(t *testing.T) {
	o := newOffice(t)
	page, err := o.till.Pay(t.Context(), o.order.ID, o.gateway, payment.Visit{IP: netip.MustParseAddr("203.0.113.7")})
	if err != nil || page == "" {
		t.Fatal(err)
	}
	o.pass(25 * time.Hour)
	if tally, err := o.till.Reconcile(t.Context()); err != nil || tally.Expired != 0 {
		t.Errorf("without the gateway's word: %+v, %v", tally, err)
	}
	tally, err := o.till.Reconcile(t.Context(), o.gateway) // VNPAY answers 91: nobody came
	if err != nil || tally != (payment.Tally{Asked: 1, Settled: 0, Expired: 1}) {
		t.Errorf("Reconcile = %+v, %v", tally, err)
	}
	o.want(payment.Expired, 0)
}

func TestSimulatorRefuses(t *testing.T) {
	o := newOffice(t)
	page := o.visit()
	for name, bad := range map[string]string{
		"amount changed": strings.Replace(page, "vnp_Amount=1600000", "vnp_Amount=100", 1),
		"added":          page + "&vnp_BankCode=NCB",
		"twice":          page + "&vnp_Amount=1600000",
		"old hash type":  page + "&vnp_SecureHashType=SHA256",
		"no hash":        page[:strings.Index(page, "&vnp_SecureHash")],
	} {
		response, err := o.browser.Get(bad)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: HTTP %d", name, response.StatusCode)
		}
	}
	o.pass(16 * time.Minute)
	response, err := o.browser.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("after its time: HTTP %d", response.StatusCode)
	}
	if got := o.press(page, paymenttest.Succeed); got != "failed 11/02" {
		t.Errorf("pressed after its time: %q", got)
	}
}
