package payment_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/payment/vnpay"
)

// A fee is opened, paid at VNPAY and posted by VNPAY's callback; a repeated callback changes nothing.
func Example() {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }
	till, err := payment.NewTill(journal.NewMemory(), payment.Config{Now: now})
	check(err)
	secret, err := vnpay.ParseSecret("khoa-bi-mat-thu-nghiem")
	check(err)
	gateway, err := vnpay.New(vnpay.Terminal{Code: "MOTCUA01", Secret: secret, Pay: vnpay.SandboxPay,
		API: vnpay.SandboxAPI, Return: "https://dvc.example/return"}, vnpay.Config{Now: now})
	check(err)

	order, err := till.Open(ctx, payment.Opening{Key: "form-17", Actor: "officer:7", Dossier: "H26.1-261120-0001",
		Purpose: "fee", Amount: 8_000, Description: "Lệ phí bản sao trích lục"})
	check(err)
	page, err := till.Pay(ctx, order.ID, gateway, payment.Visit{IP: netip.MustParseAddr("203.0.113.7")})
	check(err)
	fmt.Println(strings.HasPrefix(page, vnpay.SandboxPay+"?vnp_Amount=800000&"), order.Amount)

	// VNPAY's side, as the simulator speaks it.
	sim, err := paymenttest.NewVNPAY("MOTCUA01", "khoa-bi-mat-thu-nghiem", paymenttest.VNPAYConfig{})
	check(err)
	order, err = till.Get(ctx, order.ID)
	check(err)
	query := sim.Query(paymenttest.Callback{Reference: order.Attempts[0].Reference, Transaction: "14422574",
		Amount: 8_000, PaidAt: now()})
	handler := till.HandleIPN(gateway)
	for range 2 {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/vnpay/ipn?"+query, nil))
		fmt.Println(answer.Body)
	}
	order, err = till.Get(ctx, order.ID)
	check(err)
	fmt.Println(order.State.Text("vi"), len(order.Payments))
	// Output:
	// true 8.000 đồng
	// {"RspCode":"00","Message":"Confirm Success"}
	// {"RspCode":"02","Message":"Order already confirmed"}
	// Đã thanh toán 1
}

func ExampleParseVND() {
	fee, err := payment.ParseVND("8.000 đồng")
	check(err)
	total, err := fee.Mul(3) // three copies
	check(err)
	fmt.Println(total, int64(total))
	// Output: 24.000 đồng 24000
}

func ExampleState_Next() {
	next, ok := payment.Expired.Next(payment.OnSuccess)
	fmt.Println(next, ok)
	_, ok = payment.Paid.Next(payment.OnCancel)
	fmt.Println(ok)
	// Output:
	// paid-late true
	// false
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
