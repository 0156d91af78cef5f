package vnpay_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/motcua/motcua/payment/vnpay"
)

// vectors are published in test suites of other VNPAY implementations; each hash was recomputed independently.
var vectors = []struct{ name, key, text, hash string }{
	{"IPN, success", "test_secret", ipnText("00"),
		"649982421beb422556a1374713c74e58e716ecbd05007c0c0e1f7effdfaf361dbf146889ca446139afe11b9954c4d5c486e99e3b86fcfab6957f29eb0be72895"},
	{"IPN, failure", "test_secret", ipnText("99"),
		"503194f6d93b57b357b2d1d09742565e67e86d771352c5dca4fc8d39df3d392c6b3809add9405f97cfb9631f445e36c80656cfbf47eac67d97fa165865c13e1b"},
	{"number sign, and a misspelt name that is hashed all the same", "YOUR_SECURE_SECRET",
		"vnp_Amount=10000&vnp_OrderInfo=Payment+for+order+%231234567890&vnp_TnxRef=1234567890",
		"7bb8160a5d2085a85b3267817a40ee4f770a335282f19714726e6fc6f28a64c75a1e7e9c1aa96f3cbda5ce44095088fb4cb2af66c596d2f655b0b53966312089"},
	{"Vietnamese letters and a plus sign", "gate-b1-vnpay-secret",
		"vnp_Amount=12500000&vnp_Command=pay&vnp_OrderInfo=%C4%90%E1%BA%B7t+ph%C3%B2ng+%2B+t%E1%BA%A7ng+2&vnp_QueryDr=Y&vnp_ResponseCode=00&vnp_TmnCode=TMN01&vnp_TxnRef=ORD-01&vnp_Version=2.1.0",
		"c2d870aef248736c61475e564f49b8e0fe1d5a1751115a849e9a309e477c116d6302866d8b31fa2c3275d553eaa346be7b6c106c55fbe851142a028e4dfbc4b9"},
	{"a URL inside", "TESTVNPAYSECRET",
		"vnp_Amount=150000000&vnp_Command=pay&vnp_Locale=vn&vnp_OrderInfo=Giai+ngan+rut+tien+ShopTech+%237&vnp_ReturnUrl=http%3A%2F%2Flocalhost%3A8000%2Fapi%2Fpayments%2Fvnpay%2Fwithdrawal-return&vnp_TmnCode=TESTTMN&vnp_TxnRef=WD7-1790000000",
		"bf19ca2874b6fe50ad55de414d920ace52e22847b96be1375820d9d52d75ab8b5fc4802d377eccfe7e0e9f25abb6d78bd12f09f2868d54ff9c977b22966e9545"},
}

func ipnText(response string) string {
	return "vnp_Amount=1000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14422574&vnp_CardType=ATM&vnp_OrderInfo=Thanh+toan+don+hang+2024-05-21T02%3A17%3A31.249Z&vnp_PayDate=20240521091806&vnp_ResponseCode=" +
		response + "&vnp_TmnCode=TEST_TMN_CODE&vnp_TransactionNo=14422574&vnp_TransactionStatus=00&vnp_TxnRef=1716257871703"
}

func hash(key, text string) string {
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestSigningStringVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			values, err := url.ParseQuery(v.text)
			if err != nil {
				t.Fatal(err)
			}
			p := vnpay.Parameters{"vnp_SecureHash": v.hash, "vnp_SecureHashType": "SHA256", "vnp_Empty": "", "other": "x"}
			for name := range values {
				p[name] = values.Get(name)
			}
			text := vnpay.SigningString(p)
			if text != v.text {
				t.Errorf("SigningString = %s\nwant %s", text, v.text)
			}
			if got := hash(v.key, text); got != v.hash {
				t.Errorf("hash = %s, want %s", got, v.hash)
			}
		})
	}
}

func TestSigningStringEncoding(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"space, plus, percent, đ", "a b+c%đ", "a+b%2Bc%25%C4%91"},
		{"the six that encoders disagree about", "!'()*~", "%21%27%28%29%2A%7E"},
		{"what stays", "AZaz09-_.", "AZaz09-_."},
		{"separators", "a&b=c#d:e/f", "a%26b%3Dc%23d%3Ae%2Ff"},
		{"control and high bytes", "\x00\n\xff", "%00%0A%FF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := vnpay.SigningString(vnpay.Parameters{"vnp_X": test.value}); got != "vnp_X="+test.want {
				t.Errorf("got %s, want vnp_X=%s", got, test.want)
			}
		})
	}
	if got := vnpay.SigningString(vnpay.Parameters{"vnp_b": "2", "vnp_B": "1", "vnp_a": "3"}); got != "vnp_B=1&vnp_a=3&vnp_b=2" {
		t.Errorf("order = %s, want that of bytes", got)
	}
}

func TestQueryString(t *testing.T) {
	p := vnpay.Parameters{"vnp_RequestId": "RQ0001", "vnp_Version": "2.1.0", "vnp_Command": "querydr",
		"vnp_TmnCode": "TESTTMN1", "vnp_TxnRef": "HS-0001", "vnp_TransactionDate": "20261121153000",
		"vnp_CreateDate": "20261121154500", "vnp_IpAddr": "10.0.0.1", "vnp_OrderInfo": "Truy van HS-0001"}
	text := vnpay.QueryString(p)
	if want := "RQ0001|2.1.0|querydr|TESTTMN1|HS-0001|20261121153000|20261121154500|10.0.0.1|Truy van HS-0001"; text != want {
		t.Errorf("QueryString = %s, want %s", text, want)
	}
	const want = "d9c833ea688db17d8aa9efb8e4ab0b83bc08695e2aa14cd4aa2829774f16d82a09605ff0e33eb3fcf86940e06db8b988380eb37dcd6a5bc262b0eeaf9170707a"
	if got := hash("khoa-bi-mat-thu", text); got != want {
		t.Errorf("hash = %s", got)
	}
	answer := vnpay.Parameters{}
	for i, name := range strings.Fields(`vnp_ResponseId vnp_Command vnp_ResponseCode vnp_Message vnp_TmnCode vnp_TxnRef
		vnp_Amount vnp_BankCode vnp_PayDate vnp_TransactionNo vnp_TransactionType vnp_TransactionStatus vnp_OrderInfo
		vnp_PromotionCode vnp_PromotionAmount`) {
		answer[name] = fmt.Sprint(i + 1)
	}
	if got := vnpay.QueryAnswerString(answer); got != "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15" {
		t.Errorf("QueryAnswerString = %s", got)
	}
}

func TestOrderInfo(t *testing.T) {
	tests := []struct {
		name, in, want string
		bad            bool
	}{
		{name: "Vietnamese", in: "Lệ phí Trích lục hộ tịch ĐẶNG Nghĩa, Vĩnh", want: "Le phi Trich luc ho tich DANG Nghia, Vinh"},
		{name: "decomposed", in: "Nghi\u0303a Vi\u0303nh Tho\u031b\u0323", want: "Nghia Vinh Tho"},
		{name: "every letter", in: "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđĐỸ",
			want: "aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyydDY"},
		{name: "longest", in: strings.Repeat("đ", 255), want: strings.Repeat("d", 255)},
		{name: "too long", in: strings.Repeat("a", 256), bad: true},
		{name: "empty", bad: true},
		{name: "only marks", in: "\u0303", bad: true},
		{name: "!", in: "a!", bad: true},
		{name: "'", in: "a'", bad: true},
		{name: "(", in: "a(", bad: true},
		{name: ")", in: "a)", bad: true},
		{name: "*", in: "a*", bad: true},
		{name: "~", in: "a~", bad: true},
		{name: "other script", in: "правда", bad: true},
		{name: "control", in: "a\nb", bad: true},
		{name: "not UTF-8", in: "a\xff", bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := vnpay.OrderInfo(test.in)
			if (err != nil) != test.bad || got != test.want {
				t.Errorf("OrderInfo = %q, %v; want %q, refused %v", got, err, test.want, test.bad)
			}
		})
	}
}

func TestSecretShowsNothing(t *testing.T) {
	secret, err := vnpay.ParseSecret("rat-bi-mat-123")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", secret)
	text, err := secret.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %q %x %d", secret, secret, secret, secret, secret, secret, secret) +
		fmt.Sprintf("%+v %#v", vnpay.Terminal{Secret: secret}, vnpay.Terminal{Secret: secret}) + log.String() + string(text)
	if strings.Contains(all, "rat-bi-mat") || strings.Contains(all, "7261742d") {
		t.Errorf("the secret shows: %s", all)
	}
	for _, bad := range []string{"", "1234567", strings.Repeat("x", 257)} {
		if _, err := vnpay.ParseSecret(bad); err == nil {
			t.Errorf("a secret of %d bytes was taken", len(bad))
		}
	}
}

// FuzzSigningString holds our encoder against the standard library's decoder: what is signed can be read back.
func FuzzSigningString(f *testing.F) {
	f.Add("vnp_OrderInfo", "Đặt phòng + tầng 2")
	f.Add("vnp_X", "!'()*~%&=#")
	f.Fuzz(func(t *testing.T, name, value string) {
		text := vnpay.SigningString(vnpay.Parameters{name: value})
		values, err := url.ParseQuery(text)
		if err != nil {
			t.Fatalf("ParseQuery(%q): %v", text, err)
		}
		signed := strings.HasPrefix(name, "vnp_") && value != "" && name != "vnp_SecureHash" && name != "vnp_SecureHashType"
		if signed != (len(values) == 1) || signed && values.Get(name) != value {
			t.Errorf("read back %q from %q", values, text)
		}
	})
}

func FuzzOrderInfo(f *testing.F) {
	f.Add("Lệ phí bản sao")
	f.Add("a\u0303\xff!")
	f.Fuzz(func(t *testing.T, s string) {
		info, err := vnpay.OrderInfo(s)
		if err != nil {
			return
		}
		if len(info) == 0 || len(info) > 255 || strings.ContainsAny(info, "!'()*~\n\x00") {
			t.Errorf("OrderInfo = %q", info)
		}
		if again, err := vnpay.OrderInfo(info); err != nil || again != info {
			t.Errorf("folding twice = %q, %v; want %q", again, err, info)
		}
	})
}
