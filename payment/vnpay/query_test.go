package vnpay_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/vnpay"
)

// answer is a signed querydr answer as VNPAY would send it for request().
func answer() vnpay.Parameters {
	return vnpay.Parameters{"vnp_ResponseId": "1", "vnp_Command": "querydr", "vnp_ResponseCode": "00",
		"vnp_Message": "QueryDR Success", "vnp_TmnCode": terminalCode, "vnp_TxnRef": request().Reference,
		"vnp_Amount": "1600000", "vnp_BankCode": "NCB", "vnp_PayDate": "20261122003100",
		"vnp_TransactionNo": "14422574", "vnp_TransactionType": "01", "vnp_TransactionStatus": "00",
		"vnp_OrderInfo": "Truy van", "vnp_PromotionCode": "", "vnp_PromotionAmount": ""}
}

func signedAnswer(t *testing.T, p vnpay.Parameters, secret string) string {
	t.Helper()
	p["vnp_SecureHash"] = hash(secret, vnpay.QueryAnswerString(p))
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// ask puts one question to a server that always answers the same.
func ask(t *testing.T, status int, body string) (payment.Notice, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	defer server.Close()
	g := newGateway(t, clock, server.URL, "https://dvc.example/return")
	return g.Query(t.Context(), request().Attempt)
}

func TestQueryReads(t *testing.T) {
	tests := []struct {
		name, field, value string
		status             payment.Status
	}{
		{"paid", "vnp_TransactionStatus", "00", payment.StatusPaid},
		{"payer at the page", "vnp_TransactionStatus", "01", payment.StatusWaiting},
		{"failed", "vnp_TransactionStatus", "02", payment.StatusFailed},
		{"reversed", "vnp_TransactionStatus", "04", payment.StatusWaiting},
		{"suspected fraud", "vnp_TransactionStatus", "07", payment.StatusWaiting},
		{"a refund's answer", "vnp_TransactionType", "02", payment.StatusWaiting},
		{"not known to VNPAY", "vnp_ResponseCode", "91", payment.StatusWaiting},
		{"with a promotion", "vnp_PromotionCode", "X1", payment.StatusPaid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := answer()
			p[test.field] = test.value
			n, err := ask(t, 200, signedAnswer(t, p, secretText))
			if err != nil || n.Status != test.status || n.Reference != request().Reference || n.Gateway != "vnpay:"+terminalCode {
				t.Errorf("Query = %+v, %v; want status %d", n, err, test.status)
			}
			if n.Status == payment.StatusPaid && (n.Amount != 16_000 || n.Transaction != "14422574") {
				t.Errorf("notice = %+v", n)
			}
		})
	}
	t.Run("numbers keep their digits", func(t *testing.T) {
		text := signedAnswer(t, answer(), secretText)
		text = strings.Replace(text, `"vnp_Amount":"1600000"`, `"vnp_Amount":1600000`, 1)
		if n, err := ask(t, 200, text); err != nil || n.Amount != 16_000 {
			t.Errorf("Query = %+v, %v", n, err)
		}
	})
}

func TestQueryRefuses(t *testing.T) {
	edited := func(field, value string) string {
		p := answer()
		p[field] = value
		return signedAnswer(t, p, secretText)
	}
	good := signedAnswer(t, answer(), secretText)
	tests := []struct {
		name, body string
		status     int
		forged     bool
		api        bool
	}{
		{"another secret", signedAnswer(t, answer(), "mot-khoa-khac"), 200, true, false},
		{"unsigned", strings.Replace(good, "vnp_SecureHash", "vnp_Nothing", 1), 200, true, false},
		{"amount changed", strings.Replace(good, "1600000", "1600001", 1), 200, true, false},
		{"answer to another reference", edited("vnp_TxnRef", "261122_other-1_1"), 200, true, false},
		{"answer of another terminal", edited("vnp_TmnCode", "OTHER"), 200, true, false},
		{"answer to a refund", edited("vnp_Command", "refund"), 200, true, false},
		{"refused", edited("vnp_ResponseCode", "97"), 200, false, true},
		{"HTTP 500", good, 500, false, true},
		{"a redirect is not followed", good, 302, false, true},
		{"member twice", strings.Replace(good, "{", `{"vnp_Amount":"1",`, 1), 200, false, false},
		{"nested", `{"a":{}}`, 200, false, false},
		{"not JSON", "<html>", 200, false, false},
		{"something behind", good + "{}", 200, false, false},
		{"too long", good + strings.Repeat(" ", 64<<10), 200, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, err := ask(t, test.status, test.body)
			var api *vnpay.APIError
			if err == nil || n.Status == payment.StatusPaid {
				t.Fatalf("Query = %+v, %v", n, err)
			}
			if errors.Is(err, payment.ErrForged) != test.forged || errors.As(err, &api) != test.api {
				t.Errorf("err = %v; want forged %v, APIError %v", err, test.forged, test.api)
			}
		})
	}
}

// Two questions in one second, even of one attempt, have different numbers.
func TestQueryRequestID(t *testing.T) {
	var mu sync.Mutex
	seen := make(map[string]bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q vnpay.Parameters
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if id := q["vnp_RequestId"]; seen[id] || len(id) != 32 {
			t.Errorf("request id %q twice or not 32 long", id)
		}
		seen[q["vnp_RequestId"]] = true
		if q["vnp_TransactionDate"] != "20261122003000" || q["vnp_SecureHash"] != hash(secretText, vnpay.QueryString(q)) {
			t.Errorf("request = %v", q)
		}
	}))
	defer server.Close()
	g := newGateway(t, clock, server.URL, "https://dvc.example/return")
	for range 20 {
		if _, err := g.Query(t.Context(), request().Attempt); err == nil {
			t.Error("an empty answer was read")
		}
	}
}
