package vnpay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/payment"
)

// maxAnswer is the most bytes of an API answer.
const maxAnswer = 64 << 10

// APIError is a refusal by VNPAY's API, signed by VNPAY unless it is an HTTP status.
type APIError struct {
	HTTP     int    // status of the answer
	Response string // vnp_ResponseCode: 02 bad terminal, 03 bad format, 94 asked before, 97 checksum, 99 other
}

func (e *APIError) Error() string {
	return fmt.Sprintf("vnpay: querydr: HTTP %d, vnp_ResponseCode %q", e.HTTP, e.Response)
}

// Query asks VNPAY by querydr. An attempt that VNPAY does not know (91) is waiting: its payer has not begun. The
// answer's hash is verified before anything in it is used. Errors: payment.ErrForged, *APIError, *payment.InvalidError,
// those of the connection.
func (g *Gateway) Query(ctx context.Context, attempt payment.Attempt) (payment.Notice, error) {
	request := Parameters{
		"vnp_RequestId": newRequestID(), "vnp_Version": version, "vnp_Command": "querydr",
		"vnp_TmnCode": g.terminal.Code, "vnp_TxnRef": attempt.Reference, "vnp_OrderInfo": "Truy van " + attempt.Reference,
		"vnp_TransactionDate": formatDate(attempt.Begun), "vnp_CreateDate": formatDate(g.cfg.Now()),
		"vnp_IpAddr": g.cfg.ServerIP.String(),
	}
	request[fieldHash] = g.terminal.Secret.sign(QueryString(request))
	status, body, err := g.post(ctx, request)
	if err != nil {
		return payment.Notice{}, fmt.Errorf("vnpay: querydr: %w", err)
	}
	if status != http.StatusOK {
		return payment.Notice{}, &APIError{HTTP: status}
	}
	return g.readAnswer(attempt, body)
}

// readAnswer verifies an answer, holds it against the question, and reads it.
func (g *Gateway) readAnswer(attempt payment.Attempt, body []byte) (payment.Notice, error) {
	p, err := parseFlat(body)
	if err != nil {
		return payment.Notice{}, fmt.Errorf("vnpay: querydr: %w", err)
	}
	if !g.verify(QueryAnswerString(p), p[fieldHash]) {
		return payment.Notice{}, fmt.Errorf("vnpay: querydr: %w", payment.ErrForged)
	}
	response := p["vnp_ResponseCode"]
	if p["vnp_Command"] != "querydr" || p["vnp_TmnCode"] != g.terminal.Code {
		return payment.Notice{}, fmt.Errorf("vnpay: querydr: answer to another question: %w", payment.ErrForged)
	}
	if response == "91" {
		return payment.Notice{Gateway: g.Name(), Reference: attempt.Reference, Reason: "91/"}, nil
	}
	if response != "00" {
		return payment.Notice{}, &APIError{HTTP: http.StatusOK, Response: response}
	}
	if p["vnp_TxnRef"] != attempt.Reference {
		return payment.Notice{}, fmt.Errorf("vnpay: querydr: answer to another question: %w", payment.ErrForged)
	}
	// The response code speaks of the question here; the status alone speaks of the money. A failed payment's own
	// response code is not told, so 99 stands for it.
	if p["vnp_TransactionStatus"] == "02" {
		p["vnp_ResponseCode"] = "99"
	}
	notice, err := readNotice(p, p["vnp_TransactionStatus"])
	if p["vnp_TransactionType"] != "01" {
		notice.Status = payment.StatusWaiting // the answer speaks of a refund
	}
	notice.Raw = body
	return notice, err
}

func (g *Gateway) post(ctx context.Context, p Parameters) (int, []byte, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.terminal.API, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := g.cfg.Client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := httpx.ReadBody(response.Body, maxAnswer)
	return response.StatusCode, answer, err
}

// parseFlat reads one JSON object of strings and numbers, each member once. Numbers keep the digits they came with,
// because those are what was signed.
func parseFlat(body []byte) (Parameters, error) {
	invalid := &payment.InvalidError{Field: "answer", Rule: "one flat JSON object, each member once"}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return nil, invalid
	}
	p := make(Parameters)
	for dec.More() {
		key, err := dec.Token()
		if err != nil || len(p) >= maxParameters {
			return nil, invalid
		}
		value, err := dec.Token()
		if err != nil {
			return nil, invalid
		}
		name, _ := key.(string)
		if _, twice := p[name]; twice {
			return nil, invalid
		}
		switch v := value.(type) {
		case string:
			p[name] = v
		case json.Number:
			p[name] = v.String()
		case nil:
			p[name] = ""
		default:
			return nil, invalid
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, invalid
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid
	}
	return p, nil
}
