package paymenttest_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/paymenttest"
)

// poster is a gateway of the other style, like MoMo's: a signed JSON body by POST, answered with a bare HTTP status,
// one and the same for "recorded" and "recorded before"; the browser brings the body back in its query.
type poster struct{ secret string }

type posted struct {
	Order     string      `json:"orderId"`
	Trans     int64       `json:"transId"`
	Amount    payment.VND `json:"amount"`
	Result    int         `json:"resultCode"`
	Time      int64       `json:"responseTime"`
	Signature string      `json:"signature"`
}

func (p poster) sign(m posted) string {
	mac := hmac.New(sha256.New, []byte(p.secret))
	m.Signature = ""
	json.NewEncoder(mac).Encode(m)
	return hex.EncodeToString(mac.Sum(nil))
}

func (p poster) Name() string { return "poster:P1" }

func (p poster) Check(payment.Request) error { return nil }

func (p poster) Begin(_ context.Context, r payment.Request) (string, error) {
	return "https://poster.example/?orderId=" + r.Reference, nil
}

func (p poster) Receive(r *http.Request) (payment.Notice, error) {
	if r.Method != http.MethodPost {
		return payment.Notice{}, &payment.InvalidError{Field: "method", Rule: "POST"}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<10))
	if err != nil {
		return payment.Notice{}, err
	}
	return p.read(body)
}

func (p poster) ReadReturn(r *http.Request) (payment.Notice, error) {
	body, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("data"))
	if err != nil {
		return payment.Notice{}, err
	}
	return p.read(body)
}

func (p poster) read(body []byte) (payment.Notice, error) {
	var m posted
	if err := json.Unmarshal(body, &m); err != nil {
		return payment.Notice{}, &payment.InvalidError{Field: "body", Rule: "JSON", Err: err}
	}
	if !hmac.Equal([]byte(p.sign(m)), []byte(m.Signature)) {
		return payment.Notice{}, payment.ErrForged
	}
	n := payment.Notice{Gateway: p.Name(), Reference: m.Order, Transaction: strconv.FormatInt(m.Trans, 10), Amount: m.Amount,
		Reason: strconv.Itoa(m.Result), Status: payment.StatusFailed, Raw: body}
	if m.Result == 0 {
		n.Status, n.PaidAt = payment.StatusPaid, time.UnixMilli(m.Time)
	}
	return n, nil
}

func (p poster) Answer(w http.ResponseWriter, outcome payment.Outcome) {
	switch outcome {
	case payment.OutcomePosted, payment.OutcomeDuplicate, payment.OutcomeWrongAmount:
		w.WriteHeader(http.StatusNoContent) // received: a wrong amount is ours to give back, not theirs to repeat
	case payment.OutcomeForged, payment.OutcomeMalformed:
		w.WriteHeader(http.StatusBadRequest)
	case payment.OutcomeUnknown:
		w.WriteHeader(http.StatusNotFound)
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (p poster) message(c paymenttest.Callback) []byte {
	m := posted{Order: c.Reference, Amount: c.Amount, Time: c.PaidAt.UnixMilli()}
	m.Trans, _ = strconv.ParseInt(c.Transaction, 10, 64)
	if c.Fails {
		m.Result = 1003
	}
	m.Signature = p.sign(m)
	body, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return body
}

func (p poster) callback(c paymenttest.Callback) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/ipn", bytes.NewReader(p.message(c)))
}

func (p poster) back(c paymenttest.Callback) *http.Request {
	query := url.Values{"data": {base64.RawURLEncoding.EncodeToString(p.message(c))}}
	return httptest.NewRequest(http.MethodGet, "/return?"+query.Encode(), nil)
}

// The seam fits a gateway that shares nothing with VNPAY: neither method, encoding, signature nor answers.
func TestRunGatewayOfAnotherStyle(t *testing.T) {
	good, bad := poster{"khoa-bi-mat"}, poster{"khoa-khac"}
	paymenttest.RunGateway(t, func(*testing.T, func() time.Time) paymenttest.Bench {
		return paymenttest.Bench{Gateway: good, Callback: good.callback, Return: good.back,
			Forged: func(c paymenttest.Callback) *http.Request {
				r := bad.callback(c)
				r.URL.RawQuery = bad.back(c).URL.RawQuery
				return r
			},
			Code: func(r *http.Response) string { return strconv.Itoa(r.StatusCode) },
			Codes: map[payment.Outcome]string{payment.OutcomePosted: "204", payment.OutcomeDuplicate: "204",
				payment.OutcomeWrongAmount: "204", payment.OutcomeUnknown: "404", payment.OutcomeForged: "400",
				payment.OutcomeMalformed: "400", payment.OutcomeRetry: "503"}}
	})
}
