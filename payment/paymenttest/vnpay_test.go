package paymenttest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/motcua/motcua/payment/paymenttest"
)

// The simulator's own hashes, against a vector published by another implementation of VNPAY 2.1.0.
func TestSign(t *testing.T) {
	sim, err := paymenttest.NewVNPAY("TEST_TMN_CODE", "test_secret", paymenttest.VNPAYConfig{})
	if err != nil {
		t.Fatal(err)
	}
	got := sim.Sign(map[string]string{"vnp_Amount": "1000000", "vnp_BankCode": "NCB", "vnp_BankTranNo": "VNP14422574",
		"vnp_CardType": "ATM", "vnp_OrderInfo": "Thanh toan don hang 2024-05-21T02:17:31.249Z",
		"vnp_PayDate": "20240521091806", "vnp_ResponseCode": "00", "vnp_TmnCode": "TEST_TMN_CODE",
		"vnp_TransactionNo": "14422574", "vnp_TransactionStatus": "00", "vnp_TxnRef": "1716257871703", "vnp_Empty": ""})
	want := "vnp_Amount=1000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14422574&vnp_CardType=ATM&" +
		"vnp_OrderInfo=Thanh+toan+don+hang+2024-05-21T02%3A17%3A31.249Z&vnp_PayDate=20240521091806&vnp_ResponseCode=00&" +
		"vnp_TmnCode=TEST_TMN_CODE&vnp_TransactionNo=14422574&vnp_TransactionStatus=00&vnp_TxnRef=1716257871703&" +
		"vnp_SecureHash=649982421beb422556a1374713c74e58e716ecbd05007c0c0e1f7effdfaf361dbf146889ca446139afe11b9954c4d5c48" +
		"6e99e3b86fcfab6957f29eb0be72895"
	if got != want {
		t.Errorf("Sign = %s\nwant %s", got, want)
	}
}

func TestNewVNPAYRefuses(t *testing.T) {
	if _, err := paymenttest.NewVNPAY("", "secret", paymenttest.VNPAYConfig{}); err == nil {
		t.Error("a simulator without a terminal")
	}
	if _, err := paymenttest.NewVNPAY("T", "", paymenttest.VNPAYConfig{}); err == nil {
		t.Error("a simulator without a secret")
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	sim, err := paymenttest.NewVNPAY("T", "secret", paymenttest.VNPAYConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sim.Run(ctx, time.Hour); err == nil {
		t.Error("Run ended without its context's error")
	}
}

// An unsigned pay URL meets a closed door.
func ExampleNewVNPAY() {
	sim, err := paymenttest.NewVNPAY("MOTCUA01", "khoa-bi-mat-thu-nghiem", paymenttest.VNPAYConfig{})
	if err != nil {
		panic(err)
	}
	answer := httptest.NewRecorder()
	sim.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, paymenttest.PayPath+"?vnp_Amount=1600000", nil))
	fmt.Println(answer.Code)
	// Output: 400
}
