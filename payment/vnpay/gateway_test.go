package vnpay_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/payment"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/payment/vnpay"
)

var noon = time.Date(2026, 11, 21, 17, 30, 0, 0, time.UTC) // 00:30 of the next day in Vietnam

func clock() time.Time { return noon }

func request() payment.Request {
	return payment.Request{Attempt: payment.Attempt{Reference: "261122_abc-1_1", Begun: noon, Expires: noon.Add(15 * time.Minute)},
		Amount: 16_000, Description: "Lệ phí", IP: netip.MustParseAddr("203.0.113.7"), Lang: "vi"}
}

func TestBegin(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	page, err := g.Begin(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	signed, signature, ok := strings.Cut(strings.TrimPrefix(page, "https://pay.example"+paymenttest.PayPath+"?"), "&vnp_SecureHash=")
	want := "vnp_Amount=1600000&vnp_Command=pay&vnp_CreateDate=20261122003000&vnp_CurrCode=VND&" +
		"vnp_ExpireDate=20261122004500&vnp_IpAddr=203.0.113.7&vnp_Locale=vn&vnp_OrderInfo=Le+phi&vnp_OrderType=other&" +
		"vnp_ReturnUrl=https%3A%2F%2Fdvc.example%2Freturn&vnp_TmnCode=MOTCUA01&vnp_TxnRef=261122_abc-1_1&vnp_Version=2.1.0"
	if !ok || signed != want {
		t.Errorf("signed = %s\nwant %s", signed, want)
	}
	if signature != hash(secretText, want) {
		t.Errorf("hash = %s", signature)
	}
}

func TestCheckRefuses(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	tests := []struct {
		name, field string
		edit        func(*payment.Request)
	}{
		{"one đồng over twelve digits", "amount", func(r *payment.Request) { r.Amount = vnpay.MaxAmount + 1 }},
		{"zero", "amount", func(r *payment.Request) { r.Amount = 0 }},
		{"negative", "amount", func(r *payment.Request) { r.Amount = -1 }},
		{"tilde", "description", func(r *payment.Request) { r.Description = "a~" }},
		{"reference with a star", "reference", func(r *payment.Request) { r.Reference = "a*" }},
		{"reference too long", "reference", func(r *payment.Request) { r.Reference = strings.Repeat("a", 101) }},
		{"no address", "ip", func(r *payment.Request) { r.IP = netip.Addr{} }},
		{"ends as it begins", "expires", func(r *payment.Request) { r.Expires = r.Begun }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request()
			test.edit(&r)
			var invalid *payment.InvalidError
			if err := g.Check(r); !errors.As(err, &invalid) || invalid.Field != test.field {
				t.Errorf("Check = %v, want *InvalidError for %s", err, test.field)
			}
			if page, err := g.Begin(t.Context(), r); err == nil {
				t.Errorf("Begin = %s", page)
			}
		})
	}
	r := request()
	r.Amount = vnpay.MaxAmount
	if err := g.Check(r); err != nil {
		t.Errorf("Check(MaxAmount) = %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	secret, err := vnpay.ParseSecret(secretText)
	if err != nil {
		t.Fatal(err)
	}
	full := vnpay.Terminal{Code: "T1", Secret: secret, Pay: vnpay.SandboxPay, API: vnpay.SandboxAPI, Return: "https://a.example/r"}
	if _, err := vnpay.New(full, vnpay.Config{}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		field string
		edit  func(*vnpay.Terminal)
	}{
		{"terminal.code", func(t *vnpay.Terminal) { t.Code = "a b" }},
		{"terminal.secret", func(t *vnpay.Terminal) { t.Secret = vnpay.Secret{} }},
		{"terminal.pay", func(t *vnpay.Terminal) { t.Pay = "" }},
		{"terminal.api", func(t *vnpay.Terminal) { t.API = "ftp://x/y" }},
		{"terminal.return", func(t *vnpay.Terminal) { t.Return = "/return" }},
	}
	for _, test := range tests {
		terminal := full
		test.edit(&terminal)
		var invalid *payment.InvalidError
		if _, err := vnpay.New(terminal, vnpay.Config{}); !errors.As(err, &invalid) || invalid.Field != test.field {
			t.Errorf("New without %s = %v", test.field, err)
		}
	}
}

// genuine are the fields of a successful callback.
func genuine() map[string]string {
	return map[string]string{"vnp_TmnCode": terminalCode, "vnp_TxnRef": "261122_abc-1_1", "vnp_Amount": "1600000",
		"vnp_ResponseCode": "00", "vnp_TransactionStatus": "00", "vnp_TransactionNo": "14422574",
		"vnp_PayDate": "20261122003100", "vnp_OrderInfo": "Le phi", "vnp_BankCode": "NCB"}
}

func simulator(tb testing.TB, secret string) *paymenttest.VNPAY {
	tb.Helper()
	sim, err := paymenttest.NewVNPAY(terminalCode, secret, paymenttest.VNPAYConfig{Now: clock})
	if err != nil {
		tb.Fatal(err)
	}
	return sim
}

func receive(g *vnpay.Gateway, query string) (payment.Notice, error) {
	r := httptest.NewRequest(http.MethodGet, "/ipn", nil)
	r.URL.RawQuery = query
	return g.Receive(r)
}

func TestReceive(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	sim := simulator(t, secretText)
	tests := []struct {
		name, field, value string
		status             payment.Status
		reason             string
	}{
		{name: "success", status: payment.StatusPaid, reason: "00/00"},
		{"an unknown parameter is hashed like any", "vnp_New", "x y", payment.StatusPaid, "00/00"},
		{"response alone is not success", "vnp_TransactionStatus", "01", payment.StatusWaiting, "00/01"},
		{"no status is not success", "vnp_TransactionStatus", "", payment.StatusWaiting, "00/"},
		{"status alone is not success", "vnp_ResponseCode", "24", payment.StatusWaiting, "24/00"},
		{"money taken but suspicious", "vnp_ResponseCode", "07", payment.StatusWaiting, "07/00"},
		{"reversed", "vnp_TransactionStatus", "04", payment.StatusWaiting, "00/04"},
		{"contradiction", "vnp_TransactionStatus", "02", payment.StatusWaiting, "00/02"},
		{"a code nobody knows", "vnp_TransactionStatus", "88", payment.StatusWaiting, "00/88"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fields := genuine()
			if test.field != "" {
				fields[test.field] = test.value
			}
			n, err := receive(g, sim.Sign(fields))
			if err != nil {
				t.Fatal(err)
			}
			if n.Status != test.status || n.Reason != test.reason || n.Amount != 16_000 || n.Remainder != 0 ||
				n.Gateway != g.Name() || n.Transaction != "14422574" || !n.PaidAt.Equal(noon.Add(time.Minute)) {
				t.Errorf("notice = %+v", n)
			}
		})
	}
}

func TestReceiveFailureCodes(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	sim := simulator(t, secretText)
	for _, code := range strings.Fields("09 10 11 12 13 24 51 65 75 79 99") {
		fields := genuine()
		fields["vnp_ResponseCode"], fields["vnp_TransactionStatus"], fields["vnp_TransactionNo"] = code, "02", "0"
		delete(fields, "vnp_PayDate")
		if n, err := receive(g, sim.Sign(fields)); err != nil || n.Status != payment.StatusFailed || !n.PaidAt.IsZero() {
			t.Errorf("%s = %+v, %v; want failed", code, n, err)
		}
	}
}

func TestReceiveRefuses(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	sim := simulator(t, secretText)
	good := sim.Sign(genuine())
	signed := func(field, value string) string {
		fields := genuine()
		fields[field] = value
		return sim.Sign(fields)
	}
	tests := []struct {
		name, query string
		forged      bool // else malformed
	}{
		{"no hash", good[:strings.Index(good, "&vnp_SecureHash")], true},
		{"hash cut short", good[:len(good)-2], true},
		{"hash of another secret", simulator(t, "mot-khoa-khac").Sign(genuine()), true},
		{"parameter twice, equal", good + "&vnp_Amount=1600000", true},
		{"parameter twice, another", "vnp_Amount=1&" + good, true},
		{"hash twice", good + "&vnp_SecureHash=00", true},
		{"parameter added", good + "&vnp_Extra=1", true},
		{"amount changed", strings.Replace(good, "1600000", "160000", 1), true},
		{"value moved to the neighbour", strings.Replace(good, "vnp_BankCode=NCB", "vnp_BankCode=NC&vnp_BankTranNo=B", 1), true},
		{"semicolon", good + ";a=b", true},
		{"bad escape", good + "&x=%z", true},
		{"too long", good + "&x=" + strings.Repeat("a", 8<<10), true},
		{"too many", good + strings.Repeat("&x=1", 64), true},
		{"nothing", "", true},
		{"amount with a fraction point", signed("vnp_Amount", "1600000.0"), false},
		{"amount negative", signed("vnp_Amount", "-1600000"), false},
		{"amount with a sign", signed("vnp_Amount", "+1600000"), false},
		{"amount too long", signed("vnp_Amount", strings.Repeat("9", 16)), false},
		{"amount missing", signed("vnp_Amount", ""), false},
		{"day that does not exist", signed("vnp_PayDate", "20260231000000"), false},
		{"success without a number", signed("vnp_TransactionNo", "0"), false},
		{"number that is none", signed("vnp_TransactionNo", "1e5"), false},
		{"code that is none", signed("vnp_ResponseCode", "0x"), false},
		{"no reference", signed("vnp_TxnRef", ""), false},
		{"terminal of strange letters", signed("vnp_TmnCode", "a:b"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, err := receive(g, test.query)
			var invalid *payment.InvalidError
			if errors.Is(err, payment.ErrForged) != test.forged || !test.forged && !errors.As(err, &invalid) {
				t.Errorf("err = %v, want forged %v", err, test.forged)
			}
			if n.Status == payment.StatusPaid && test.forged {
				t.Error("unverified content was handed out")
			}
		})
	}
	r := httptest.NewRequest(http.MethodPost, "/ipn?"+good, nil)
	if _, err := g.Receive(r); err == nil {
		t.Error("POST was taken")
	}
}

// Every single character of a genuine callback matters.
func TestReceiveEveryByte(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	good := simulator(t, secretText).Sign(genuine())
	want, err := url.ParseQuery(good)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := []byte(good)
		bad[i] ^= 1
		got, err := url.ParseQuery(string(bad))
		if err == nil && got.Encode() == want.Encode() {
			continue // another way to write the same
		}
		if _, err := receive(g, string(bad)); err == nil && !strings.EqualFold(string(bad), good) {
			t.Errorf("changed at %d and still believed: %s", i, bad)
		}
	}
}

func TestRemainder(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	fields := genuine()
	fields["vnp_Amount"] = "1600050"
	n, err := receive(g, simulator(t, secretText).Sign(fields))
	if err != nil || n.Amount != 16_000 || n.Remainder != 50 {
		t.Errorf("notice = %+v, %v; want half a đồng reported", n, err)
	}
}

func TestKeyRoll(t *testing.T) {
	old, err := vnpay.ParseSecret(secretText)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := vnpay.ParseSecret("khoa-moi-thay-the")
	if err != nil {
		t.Fatal(err)
	}
	terminal := vnpay.Terminal{Code: terminalCode, Secret: fresh, Pay: vnpay.SandboxPay, API: vnpay.SandboxAPI, Return: "https://a.example/r"}
	rolling, err := vnpay.New(terminal, vnpay.Config{Previous: old})
	if err != nil {
		t.Fatal(err)
	}
	rolled, err := vnpay.New(terminal, vnpay.Config{})
	if err != nil {
		t.Fatal(err)
	}
	before, after := simulator(t, secretText).Sign(genuine()), simulator(t, "khoa-moi-thay-the").Sign(genuine())
	for _, query := range []string{before, after} {
		if _, err := receive(rolling, query); err != nil {
			t.Errorf("while rolling: %v", err)
		}
	}
	if _, err := receive(rolled, before); !errors.Is(err, payment.ErrForged) {
		t.Errorf("after rolling, the old key: %v", err)
	}
	page, err := rolling.Begin(t.Context(), request())
	if err != nil || !strings.HasSuffix(page, hash("khoa-moi-thay-the", page[strings.Index(page, "?")+1:strings.Index(page, "&vnp_SecureHash")])) {
		t.Errorf("pay URL is not under the new key: %v", err)
	}
}

func TestAnswer(t *testing.T) {
	g := newGateway(t, clock, "https://pay.example", "https://dvc.example/return")
	for outcome, want := range codes {
		recorder := httptest.NewRecorder()
		g.Answer(recorder, outcome)
		if got := rspCode(recorder.Result()); got != want {
			t.Errorf("%s = %s, want %s", outcome, got, want)
		}
	}
}

func FuzzReceive(f *testing.F) {
	g := newGateway(f, clock, "https://pay.example", "https://dvc.example/return")
	sim := simulator(f, secretText)
	f.Add("vnp_Amount=1&vnp_TxnRef=a", "vnp_OrderInfo", "x", true)
	f.Add(sim.Sign(genuine()), "vnp_Amount", "12", true)
	f.Add("%zz&;", "vnp_PayDate", "20261122003100", false)
	f.Fuzz(func(t *testing.T, query, field, value string, sign bool) {
		if sign && strings.HasPrefix(field, "vnp_") && !strings.HasPrefix(field, "vnp_SecureHash") {
			fields := genuine()
			fields[field] = value
			query = sim.Sign(fields)
		}
		n, err := receive(g, query)
		if err != nil {
			return
		}
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatalf("believed what cannot be read: %q", query)
		}
		p := vnpay.Parameters{}
		for name := range values {
			p[name] = values.Get(name)
		}
		if !strings.EqualFold(hash(secretText, vnpay.SigningString(p)), p["vnp_SecureHash"]) {
			t.Fatalf("believed without a hash: %q", query)
		}
		if n.Reference != p["vnp_TxnRef"] || n.Amount < 0 || n.Gateway != "vnpay:"+p["vnp_TmnCode"] {
			t.Errorf("notice = %+v", n)
		}
	})
}
