package vnpay_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/payment/vnpay"
)

const (
	terminalCode = "MOTCUA01"
	secretText   = "khoa-bi-mat-thu-nghiem"
)

var codes = map[payment.Outcome]string{
	payment.OutcomePosted: "00", payment.OutcomeUnknown: "01", payment.OutcomeDuplicate: "02",
	payment.OutcomeWrongAmount: "04", payment.OutcomeForged: "97", payment.OutcomeRetry: "99",
	payment.OutcomeMalformed: "99",
}

func newGateway(tb testing.TB, now func() time.Time, pay, back string) *vnpay.Gateway {
	tb.Helper()
	secret, err := vnpay.ParseSecret(secretText)
	if err != nil {
		tb.Fatal(err)
	}
	g, err := vnpay.New(vnpay.Terminal{Code: terminalCode, Secret: secret, Pay: pay + paymenttest.PayPath,
		API: pay + paymenttest.APIPath, Return: back}, vnpay.Config{Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func rspCode(r *http.Response) string {
	var answer struct{ RspCode, Message string }
	if r.StatusCode != http.StatusOK || json.NewDecoder(r.Body).Decode(&answer) != nil || answer.Message == "" {
		return "unreadable"
	}
	return answer.RspCode
}

func TestGateway(t *testing.T) {
	paymenttest.RunGateway(t, func(t *testing.T, now func() time.Time) paymenttest.Bench {
		sim, err := paymenttest.NewVNPAY(terminalCode, secretText, paymenttest.VNPAYConfig{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		stranger, err := paymenttest.NewVNPAY(terminalCode, "mot-khoa-khac", paymenttest.VNPAYConfig{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		from := func(v *paymenttest.VNPAY) func(paymenttest.Callback) *http.Request {
			return func(c paymenttest.Callback) *http.Request {
				return httptest.NewRequest(http.MethodGet, "/ipn?"+v.Query(c), nil)
			}
		}
		return paymenttest.Bench{Gateway: newGateway(t, now, "https://pay.example", "https://dvc.example/return"),
			Callback: from(sim), Forged: from(stranger), Return: from(sim), Code: rspCode, Codes: codes}
	})
}
