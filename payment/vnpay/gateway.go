package vnpay

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/httpx"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/payment"
)

// MaxAmount is the most that vnp_Amount carries: twelve digits of hundredths of a đồng. Land obligations exceed it.
const MaxAmount payment.VND = 9_999_999_999

const (
	version       = "2.1.0"
	fieldHash     = "vnp_SecureHash"
	fieldHashType = "vnp_SecureHashType"
	dateLayout    = "20060102150405"
)

// Terminal is what VNPAY gives to a merchant, and where the parts meet. All of it is required.
type Terminal struct {
	Code   string // vnp_TmnCode: letters and digits, at most 20
	Secret Secret // vnp_HashSecret
	Pay    string // absolute URL of paymentv2/vpcpay.html
	API    string // absolute URL of merchant_webapi/api/transaction
	Return string // absolute URL of ours, to which the browser comes back
}

// Sandbox addresses of VNPAY for trials. They take no real money.
const (
	SandboxPay = "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html"
	SandboxAPI = "https://sandbox.vnpayment.vn/merchant_webapi/api/transaction"
)

// Config holds what a [Gateway] can do without.
type Config struct {
	// Previous is a secret that is being replaced: callbacks and answers under it are still believed.
	Previous Secret
	// OrderType is VNPAY's merchant category (vnp_OrderType). Default "other".
	OrderType string
	// Client asks VNPAY's API. Nil means a client of its own with timeouts.
	Client *http.Client
	// ServerIP is our own address for querydr (vnp_IpAddr). Default 127.0.0.1.
	ServerIP netip.Addr
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Gateway is one terminal at VNPAY. Its methods are safe for concurrent use.
type Gateway struct {
	terminal Terminal
	cfg      Config
}

var (
	_ payment.Gateway  = (*Gateway)(nil)
	_ payment.Listener = (*Gateway)(nil)
	_ payment.Returner = (*Gateway)(nil)
	_ payment.Querier  = (*Gateway)(nil)
)

// New makes a gateway. It refuses a terminal that is not complete.
func New(terminal Terminal, cfg Config) (*Gateway, error) {
	switch {
	case !isTerminal(terminal.Code):
		return nil, &payment.InvalidError{Field: "terminal.code", Rule: "1 to 20 letters and digits"}
	case terminal.Secret.IsZero():
		return nil, &payment.InvalidError{Field: "terminal.secret", Rule: "a secret"}
	case !isWeb(terminal.Pay):
		return nil, &payment.InvalidError{Field: "terminal.pay", Rule: "an absolute http or https URL without a query"}
	case !isWeb(terminal.API):
		return nil, &payment.InvalidError{Field: "terminal.api", Rule: "an absolute http or https URL without a query"}
	case !isWeb(terminal.Return):
		return nil, &payment.InvalidError{Field: "terminal.return", Rule: "an absolute http or https URL without a query"}
	}
	if cfg.OrderType == "" {
		cfg.OrderType = "other"
	}
	if cfg.Client == nil {
		cfg.Client = httpx.NewClient(30 * time.Second)
	}
	if !cfg.ServerIP.IsValid() {
		cfg.ServerIP = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Gateway{terminal, cfg}, nil
}

// Name returns "vnpay:" and the terminal's code.
func (g *Gateway) Name() string { return name(g.terminal.Code) }

func name(terminal string) string { return "vnpay:" + terminal }

// Check implements [payment.Gateway].
func (g *Gateway) Check(request payment.Request) error {
	_, err := g.parameters(request)
	return err
}

// Begin returns the signed pay URL. It asks nobody and returns the same URL for the same request.
func (g *Gateway) Begin(_ context.Context, request payment.Request) (string, error) {
	p, err := g.parameters(request)
	if err != nil {
		return "", err
	}
	signed := SigningString(p)
	return g.terminal.Pay + "?" + signed + "&" + fieldHash + "=" + g.terminal.Secret.sign(signed), nil
}

// parameters writes a request in VNPAY's terms. Dates are on the Vietnamese clock whatever zone the server is in.
func (g *Gateway) parameters(request payment.Request) (Parameters, error) {
	info, err := OrderInfo(request.Description)
	switch {
	case err != nil:
		return nil, err
	case request.Amount <= 0 || request.Amount > MaxAmount:
		return nil, &payment.InvalidError{Field: "amount", Rule: "1 to " + MaxAmount.String() + " at VNPAY"}
	case !isReference(request.Reference):
		return nil, &payment.InvalidError{Field: "reference", Rule: "1 to 100 of letters, digits and _-."}
	case !request.IP.IsValid() || len(request.IP.String()) > 45:
		return nil, &payment.InvalidError{Field: "ip", Rule: "the payer's address"}
	case !request.Expires.After(request.Begun):
		return nil, &payment.InvalidError{Field: "expires", Rule: "after the beginning"}
	}
	locale := "vn"
	if request.Lang == "en" {
		locale = "en"
	}
	return Parameters{
		"vnp_Version": version, "vnp_Command": "pay", "vnp_TmnCode": g.terminal.Code,
		"vnp_Amount":     strconv.FormatInt(int64(request.Amount)*100, 10),
		"vnp_CreateDate": formatDate(request.Begun), "vnp_ExpireDate": formatDate(request.Expires),
		"vnp_CurrCode": "VND", "vnp_IpAddr": request.IP.Unmap().WithZone("").String(), "vnp_Locale": locale,
		"vnp_OrderInfo": info, "vnp_OrderType": g.cfg.OrderType, "vnp_ReturnUrl": g.terminal.Return,
		"vnp_TxnRef": request.Reference,
	}, nil
}

// verify believes the current secret and the one it replaces.
func (g *Gateway) verify(text, signature string) bool {
	current := g.terminal.Secret.verify(text, signature)
	return g.cfg.Previous.verify(text, signature) || current
}

// newRequestID draws 32 hexadecimal digits: unique per day without a counter.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func formatDate(t time.Time) string { return vntime.In(t).Format(dateLayout) }

func isTerminal(s string) bool {
	return s != "" && len(s) <= 20 && strings.IndexFunc(s, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9')
	}) < 0
}

func isReference(s string) bool {
	return s != "" && len(s) <= 100 && strings.IndexFunc(s, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	}) < 0
}

func isWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == "" && len(s) <= 255
}
