package paymenttest

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/motcua/motcua/payment"
)

var hanoi = time.FixedZone("+07", 7*60*60)

const (
	stamp           = "20060102150405"
	maxTransactions = 100_000
)

// Button is what the payer does on the pay page.
type Button string

// The buttons of the pay page.
const (
	Succeed Button = "succeed" // Thanh toán thành công
	Cancel  Button = "cancel"  // Hủy
	Poor    Button = "poor"    // Không đủ số dư
)

// Faults are the troubles the simulator makes with the callbacks of payments from now on.
type Faults struct {
	// Drop loses every callback; only querydr tells.
	Drop bool
	// Hold keeps callbacks back until Redeliver.
	Hold bool
	// Duplicates sends each callback so many times more.
	Duplicates int
	// Amount, if not zero, is what the callback claims was paid.
	Amount payment.VND
}

// VNPAYConfig holds what a [VNPAY] can do without.
type VNPAYConfig struct {
	// IPN is the merchant's callback address. Without one no callback is sent.
	IPN string
	// Client sends the callbacks. Nil means a client of its own with a timeout of 10 seconds.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Tries is how often one callback is sent at most. Default 10.
	Tries int
}

// VNPAY simulates VNPAY 2.1.0 for one terminal. It is an http.Handler; its methods are safe for concurrent use.
type VNPAY struct {
	terminal, secret string
	cfg              VNPAYConfig
	page             *template.Template

	mu           sync.Mutex
	faults       Faults
	transactions map[string]*transaction // by vnp_TxnRef
	last         int64                   // transaction number given last
	pending      []*delivery
	answers      []string
}

// transaction is one payment as VNPAY sees it.
type transaction struct {
	reference, amount, info, created, expires, returnURL string
	number, bankNumber, paid                             string
	response, status                                     string // status 01 while the payer is at the page
}

type delivery struct {
	query string
	tries int
}

// NewVNPAY makes a simulator for a terminal and its secret.
func NewVNPAY(terminal, secret string, cfg VNPAYConfig) (*VNPAY, error) {
	if terminal == "" || secret == "" {
		return nil, errors.New("paymenttest: want a terminal and a secret")
	}
	page, err := template.New("pay").Parse(payPage)
	if err != nil {
		return nil, err
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Tries == 0 {
		cfg.Tries = 10
	}
	return &VNPAY{terminal: terminal, secret: secret, cfg: cfg, page: page, last: 14_000_000,
		transactions: make(map[string]*transaction)}, nil
}

// SetIPN changes the merchant's callback address.
func (v *VNPAY) SetIPN(address string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cfg.IPN = address
}

// Misbehave sets the troubles for payments from now on; the zero value ends them.
func (v *VNPAY) Misbehave(faults Faults) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults = faults
}

// Answers returns the RspCode of every callback so far, in order; "-" where there was no readable answer.
func (v *VNPAY) Answers() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string(nil), v.answers...)
}

// Callback describes a callback to make by hand.
type Callback struct {
	Reference   string
	Transaction string // "0" if empty
	Amount      payment.VND
	Fails       bool      // code 24 (cancelled) instead of 00
	PaidAt      time.Time // none if zero
}

// Query returns the signed query of a callback, for an IPN or a return URL.
func (v *VNPAY) Query(c Callback) string {
	fields := map[string]string{
		"vnp_TmnCode": v.terminal, "vnp_TxnRef": c.Reference, "vnp_Amount": strconv.FormatInt(int64(c.Amount), 10) + "00",
		"vnp_OrderInfo": "Thanh toan " + c.Reference, "vnp_BankCode": "NCB", "vnp_CardType": "ATM",
		"vnp_TransactionNo": c.Transaction, "vnp_ResponseCode": "00", "vnp_TransactionStatus": "00",
	}
	if c.Transaction == "" {
		fields["vnp_TransactionNo"] = "0"
	}
	if c.Fails {
		fields["vnp_ResponseCode"], fields["vnp_TransactionStatus"] = "24", "02"
	}
	if !c.PaidAt.IsZero() {
		fields["vnp_PayDate"] = c.PaidAt.In(hanoi).Format(stamp)
		fields["vnp_BankTranNo"] = "VNP" + fields["vnp_TransactionNo"]
	}
	return v.Sign(fields)
}

// Sign returns the query of any parameters, with their hash: for callbacks no simulator would think of.
func (v *VNPAY) Sign(fields map[string]string) string {
	text := hashText(fields)
	return text + "&vnp_SecureHash=" + v.hash(text)
}

// hashText is this package's own reading of the hash rule: url.QueryEscape leaves "~" bare, the rule does not.
func hashText(fields map[string]string) string {
	var pairs []string
	for name, value := range fields {
		if value != "" {
			pair := url.QueryEscape(name) + "=" + url.QueryEscape(value)
			pairs = append(pairs, strings.ReplaceAll(pair, "~", "%7E"))
		}
	}
	sort.Slice(pairs, func(i, j int) bool {
		return strings.SplitN(pairs[i], "=", 2)[0] < strings.SplitN(pairs[j], "=", 2)[0]
	})
	return strings.Join(pairs, "&")
}

func (v *VNPAY) hash(text string) string {
	mac := hmac.New(sha512.New, []byte(v.secret))
	io.WriteString(mac, text)
	return fmt.Sprintf("%x", mac.Sum(nil))
}

// hashed reports whether the hash of text is right.
func (v *VNPAY) hashed(text, hash string) bool {
	return hmac.Equal([]byte(v.hash(text)), []byte(strings.ToLower(hash)))
}

// press carries out a button and returns where the browser goes. The first word on a transaction is final.
func (v *VNPAY) press(ctx context.Context, reference string, button Button) (string, error) {
	v.mu.Lock()
	tx := v.transactions[reference]
	if tx == nil || tx.status != "01" {
		v.mu.Unlock()
		return "", errors.New("paymenttest: no open transaction")
	}
	v.last++
	tx.number = strconv.FormatInt(v.last, 10)
	tx.settle(button, v.cfg.Now().In(hanoi).Format(stamp))
	faults := v.faults
	claimed := tx.amount // what the callback says was paid
	if faults.Amount != 0 {
		claimed = strconv.FormatInt(int64(faults.Amount), 10) + "00"
	}
	ipn := v.Sign(v.fields(tx, claimed))
	back := tx.returnURL + "?" + v.Sign(v.fields(tx, tx.amount))
	var due []*delivery
	for range 1 + faults.Duplicates {
		due = append(due, &delivery{query: ipn})
	}
	if !faults.Drop {
		v.pending = append(v.pending, due...)
	}
	v.mu.Unlock()
	if !faults.Drop && !faults.Hold {
		v.Redeliver(ctx)
	}
	return back, nil
}

// settle decides what a button does to the money.
func (tx *transaction) settle(button Button, now string) {
	tx.response, tx.status = "00", "00"
	switch {
	case now > tx.expires:
		tx.response, tx.status = "11", "02"
	case button == Cancel:
		tx.response, tx.status = "24", "02"
	case button == Poor:
		tx.response, tx.status = "51", "02"
	default:
		tx.paid, tx.bankNumber = now, "VNP"+tx.number
	}
}

// fields are the parameters of callback and return URL.
func (v *VNPAY) fields(tx *transaction, amount string) map[string]string {
	return map[string]string{
		"vnp_TmnCode": v.terminal, "vnp_TxnRef": tx.reference, "vnp_Amount": amount, "vnp_OrderInfo": tx.info,
		"vnp_BankCode": "NCB", "vnp_BankTranNo": tx.bankNumber, "vnp_CardType": "ATM", "vnp_PayDate": tx.paid,
		"vnp_TransactionNo": tx.number, "vnp_ResponseCode": tx.response, "vnp_TransactionStatus": tx.status,
	}
}

// Redeliver sends every callback that has not been answered with 00 or 02 once more, and returns how many are left to
// send. Callbacks that have used up their tries are given up.
func (v *VNPAY) Redeliver(ctx context.Context) int {
	v.mu.Lock()
	due, address := v.pending, v.cfg.IPN
	v.pending = nil
	v.mu.Unlock()
	if address == "" {
		return 0
	}
	var again []*delivery
	for _, d := range due {
		code := v.send(ctx, address, d.query)
		d.tries++
		v.mu.Lock()
		v.answers = append(v.answers, code)
		v.mu.Unlock()
		if code != "00" && code != "02" && d.tries < v.cfg.Tries {
			again = append(again, d)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pending = append(again, v.pending...)
	return len(v.pending)
}

// Run redelivers until ctx ends, waiting between two rounds. It runs on the caller's goroutine.
func (v *VNPAY) Run(ctx context.Context, wait time.Duration) error {
	ticker := time.NewTicker(wait)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			v.Redeliver(ctx)
		}
	}
}

// send makes one callback and returns the RspCode of its answer.
func (v *VNPAY) send(ctx context.Context, address, query string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query, nil)
	if err != nil {
		return "-"
	}
	response, err := v.cfg.Client.Do(request)
	if err != nil {
		return "-"
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	var answer struct{ RspCode string }
	if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(body, &answer) != nil {
		return "-"
	}
	return answer.RspCode
}
