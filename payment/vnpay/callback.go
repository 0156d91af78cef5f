package vnpay

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/payment"
)

const (
	maxQuery      = 8 << 10 // bytes of a callback's query
	maxParameters = 64
)

// Receive verifies and reads an IPN, a GET with all parameters in the query. Errors: payment.ErrForged when the hash
// does not hold or a parameter stands there twice, *payment.InvalidError for genuine content that makes no sense.
func (g *Gateway) Receive(r *http.Request) (payment.Notice, error) {
	if r.Method != http.MethodGet {
		return payment.Notice{}, &payment.InvalidError{Field: "method", Rule: "GET"}
	}
	return g.parse(r.URL.RawQuery)
}

// ReadReturn verifies and reads the parameters that the payer's browser brings back: the same as an IPN's.
func (g *Gateway) ReadReturn(r *http.Request) (payment.Notice, error) { return g.Receive(r) }

// parse believes nothing of a query before its hash has been compared.
func (g *Gateway) parse(query string) (payment.Notice, error) {
	p, err := parseQuery(query)
	if err != nil {
		return payment.Notice{}, fmt.Errorf("%w: %w", payment.ErrForged, err)
	}
	if !g.verify(SigningString(p), p[fieldHash]) {
		return payment.Notice{}, payment.ErrForged
	}
	notice, err := readNotice(p, p["vnp_TransactionStatus"])
	notice.Raw = []byte(query)
	return notice, err
}

// parseQuery reads a query in which nothing of VNPAY's stands twice. What does not begin with vnp_ is left out.
func parseQuery(query string) (Parameters, error) {
	invalid := &payment.InvalidError{Field: "query", Rule: "at most 8 KiB and 64 parameters, each well-formed and once"}
	if len(query) > maxQuery || strings.Count(query, "&") >= maxParameters || strings.Contains(query, ";") {
		return nil, invalid
	}
	p := make(Parameters, 16)
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			return nil, invalid
		}
		if !strings.HasPrefix(name, "vnp_") {
			continue
		}
		if _, twice := p[name]; twice {
			return nil, invalid
		}
		p[name] = value
	}
	return p, nil
}

// readNotice turns verified parameters into a notice.
func readNotice(p Parameters, status string) (payment.Notice, error) {
	if !isTerminal(p["vnp_TmnCode"]) {
		return payment.Notice{}, &payment.InvalidError{Field: "vnp_TmnCode", Rule: "a terminal's code"}
	}
	notice := payment.Notice{Gateway: name(p["vnp_TmnCode"]), Reference: p["vnp_TxnRef"],
		Transaction: p["vnp_TransactionNo"], Status: readStatus(p["vnp_ResponseCode"], status)}
	var err error
	if notice.Reason, err = readReason(p["vnp_ResponseCode"], status); err != nil {
		return payment.Notice{}, err
	}
	if notice.Amount, notice.Remainder, err = readAmount(p["vnp_Amount"]); err != nil {
		return payment.Notice{}, err
	}
	if notice.PaidAt, err = readDate(p["vnp_PayDate"]); err != nil {
		return payment.Notice{}, err
	}
	if notice.Reference == "" || len(notice.Reference) > 100 {
		return payment.Notice{}, &payment.InvalidError{Field: "vnp_TxnRef", Rule: "1 to 100 characters"}
	}
	if !isDigits(notice.Transaction, 0, 15) ||
		notice.Status == payment.StatusPaid && strings.Trim(notice.Transaction, "0") == "" {
		return payment.Notice{}, &payment.InvalidError{Field: "vnp_TransactionNo", Rule: "a number when money has moved"}
	}
	return notice, nil
}

// readStatus believes in success only if both codes say so, and in failure only if both say so and the answer is not
// 07, where the payer's money has been taken and VNPAY is looking into it. Everything else is not final.
func readStatus(response, status string) payment.Status {
	switch {
	case response == "00" && status == "00":
		return payment.StatusPaid
	case status == "02" && response != "00" && response != "07":
		return payment.StatusFailed
	default:
		return payment.StatusWaiting
	}
}

// readReason keeps both codes, as "24/02".
func readReason(response, status string) (string, error) {
	if !isDigits(response, 1, 3) || !isDigits(status, 0, 3) {
		return "", &payment.InvalidError{Field: "vnp_ResponseCode", Rule: "a code of digits"}
	}
	return response + "/" + status, nil
}

// readAmount reads hundredths of a đồng. What is left beyond whole đồng is reported and not rounded.
func readAmount(s string) (payment.VND, int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || !isDigits(s, 1, 15) {
		return 0, 0, &payment.InvalidError{Field: "vnp_Amount", Rule: "a whole number of at most 15 digits"}
	}
	return payment.VND(n / 100), n % 100, nil
}

// readDate reads yyyyMMddHHmmss on the Vietnamese clock; a failed payment has none.
func readDate(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(dateLayout, s, vntime.Zone())
	if err != nil || t.Format(dateLayout) != s {
		return time.Time{}, &payment.InvalidError{Field: "vnp_PayDate", Rule: "yyyyMMddHHmmss"}
	}
	return t, nil
}

func isDigits(s string, least, most int) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) >= least && len(s) <= most
}

// Answer writes VNPAY's answer: always HTTP 200 with RspCode. 00, 02 end the matter; the others make VNPAY try again.
func (g *Gateway) Answer(w http.ResponseWriter, outcome payment.Outcome) {
	code, message := "99", "Unknown error"
	switch outcome {
	case payment.OutcomePosted:
		code, message = "00", "Confirm Success"
	case payment.OutcomeUnknown:
		code, message = "01", "Order not Found"
	case payment.OutcomeDuplicate:
		code, message = "02", "Order already confirmed"
	case payment.OutcomeWrongAmount:
		code, message = "04", "Invalid amount"
	case payment.OutcomeForged:
		code, message = "97", "Invalid Checksum"
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	fmt.Fprintf(w, `{"RspCode":%q,"Message":%q}`, code, message) // a gateway that hung up asks again
}
