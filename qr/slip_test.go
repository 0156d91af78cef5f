package qr_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/qr"
)

func named(body qr.Body) qr.Body {
	switch v := body.(type) {
	case qr.Receipt:
		v.NameCode, v.Name = "", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
		return v
	}
	return body
}

func ExampleNewSlip() {
	p := paper()
	p.NameCode, p.Name = "", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
	slip, err := qr.NewSlip(qr.Receipt{Paper: p, Due: noon.AddDate(0, 0, 5)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(slip.Text())
	// Output:
	// TTHC1|2|H26.12-261120-0001|2.000635|********4321|Giấy tiếp nhận hồ sơ và hẹn trả kết quả|H26.12-MC|2026-11-20T12:00:00|2026-11-25T12:00:00|/|
}

func TestSlipComesBack(t *testing.T) {
	open := result().Body.(qr.Result)
	open.ValidUntil, open.Scope, open.Document = time.Time{}, "", qr.Digest{}
	whole := result().Body.(qr.Result)
	whole.Document = qr.Digest{}
	for _, body := range []qr.Body{named(receipt().Body), whole, open} {
		slip, err := qr.NewSlip(body)
		if err != nil {
			t.Fatal(err)
		}
		read, err := qr.ParseSlip(slip.Text() + "\r\n")
		if err != nil || !reflect.DeepEqual(read.Claimed(), body) || read.Kind() != body.Kind() {
			t.Errorf("%s: %+v, %v; want %+v", slip.Text(), read.Claimed(), err, body)
		}
		if report := newOffice(t).verifier(t).Verify(slip.Text(), noon); report.Verdict != qr.Unsigned || report.Claims != nil {
			t.Errorf("a slip is %v", report.Verdict)
		}
	}
}

func TestSlipRefuses(t *testing.T) {
	slip, err := qr.NewSlip(named(receipt().Body))
	if err != nil {
		t.Fatal(err)
	}
	edit := func(from, to string) string {
		if !strings.Contains(slip.Text(), from) {
			t.Fatalf("no %q", from)
		}
		return strings.Replace(slip.Text(), from, to, 1)
	}
	texts := map[string]string{
		"nothing": "", "another mark": edit("TTHC1", "TTHC2"), "a field less": edit("|H26.12-MC", ""),
		"a field more": slip.Text() + "|", "another kind": edit("|2|", "|1|"), "a result with an appointment": edit("|2|", "|3|"),
		"no dossier": edit("H26.12-261120-0001", ""), "no such day": edit("2026-11-25", "2026-11-31"),
		"a date in words": edit("2026-11-25T12:00:00", "25/11/2026"), "a scope on a receipt": slip.Text() + "Toàn quốc",
		"decomposed": edit("hẹn", "he\u0323\u0302n"), "a control character": edit("hẹn", "h\x07n"),
		"too long": edit("hẹn", strings.Repeat("h", 2000)),
	}
	for name, text := range texts {
		if read, err := qr.ParseSlip(text); !errors.As(err, new(*qr.InvalidError)) || read.Text() == slip.Text() {
			t.Errorf("%s: %v", name, err)
		}
	}
	withBar := named(receipt().Body).(qr.Receipt)
	withBar.Subject = "a|b"
	for name, body := range map[string]qr.Body{"no name": receipt().Body, "a bar": withBar, "a person": citizen(),
		"an empty receipt": qr.Receipt{}} {
		if _, err := qr.NewSlip(body); !errors.As(err, new(*qr.InvalidError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignedIsNoLargerThanTheSlip puts the two side by side as they are printed: the circular's fields as text, with the
// names of paper and system written out as it wants them, and the signed code with a place in a status list, whose
// numbers stand for the same names in the code list.
func TestSignedIsNoLargerThanTheSlip(t *testing.T) {
	o := newOffice(t)
	body := named(receipt().Body).(qr.Receipt)
	body.Source = "Hệ thống thông tin giải quyết thủ tục hành chính thành phố Hà Nội"
	slip, err := qr.NewSlip(body)
	if err != nil {
		t.Fatal(err)
	}
	claims := receipt()
	claims.Status = &qr.Status{List: 3, Index: 60_000}
	signed := o.coded(t, claims, o.codes(t, codeDraft()))
	for _, level := range []qr.Level{qr.M, qr.Q} {
		plain, err := qr.Encode(slip.Text(), level)
		if err != nil {
			t.Fatal(err)
		}
		symbol, err := signed.Symbol(level)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("level %v: unsigned %d, signed %d", level, plain.Version(), symbol.Version())
		if symbol.Version() > plain.Version() {
			t.Errorf("level %v: signed version %d, unsigned %d", level, symbol.Version(), plain.Version())
		}
	}
}

func TestParseLink(t *testing.T) {
	hosts := []string{"dichvucong.gov.vn", ".hanoi.gov.vn"}
	tests := []struct {
		name, text string
		field      string
	}{
		{"listed", "https://dichvucong.gov.vn/tra-cuu?ma=H26.12-261120-0001", ""},
		{"below a listed one", "https://motcua.hanoi.gov.vn/", ""},
		{"with a fragment", "https://dichvucong.gov.vn/#x", ""},
		{"the listed parent itself", "https://hanoi.gov.vn/", "link.host"},
		{"look-alike behind", "https://dichvucong.gov.vn.example.com/", "link.host"},
		{"look-alike before", "https://xdichvucong.gov.vn/", "link.host"},
		{"look-alike suffix", "https://evilhanoi.gov.vn/", "link.host"},
		{"punycode below", "https://xn--hn-mia.hanoi.gov.vn/", "link.host"},
		{"homoglyph", "https://dichvucоng.gov.vn/", "link"},
		{"user that looks like a host", "https://dichvucong.gov.vn@example.com/", "link.user"},
		{"port", "https://dichvucong.gov.vn:8443/", "link.port"},
		{"empty port", "https://dichvucong.gov.vn:/", "link.port"},
		{"capital letters", "https://DichVuCong.gov.vn/", "link.host"},
		{"dot behind", "https://dichvucong.gov.vn./", "link.host"},
		{"backslash", `https://dichvucong.gov.vn\@example.com/`, "link"},
		{"http", "http://dichvucong.gov.vn/", "link.scheme"},
		{"javascript", "javascript:alert(1)", "link.scheme"},
		{"capital scheme", "HTTPS://dichvucong.gov.vn/", "link.scheme"},
		{"no scheme", "dichvucong.gov.vn", "link.scheme"},
		{"opaque", "https:dichvucong.gov.vn", "link.scheme"},
		{"IP address", "https://203.0.113.7/", "link.host"},
		{"IPv6 address", "https://[2001:db8::1]/", "link.host"},
		{"blank", "https://dichvucong.gov.vn/a b", "link"},
		{"line end", "https://dichvucong.gov.vn/\n", "link"},
		{"too long", "https://dichvucong.gov.vn/" + strings.Repeat("a", 500), "link"},
		{"nothing", "", "link"},
	}
	for _, tt := range tests {
		link, err := qr.ParseLink(tt.text, hosts...)
		invalid := (*qr.InvalidError)(nil)
		if tt.field == "" && (err != nil || link.String() != tt.text) ||
			tt.field != "" && (!errors.As(err, &invalid) || invalid.Field != tt.field) {
			t.Errorf("%s: %v, want a refusal of %q", tt.name, err, tt.field)
		}
	}
	if _, err := qr.ParseLink("https://203.0.113.7/", "203.0.113.7"); err == nil {
		t.Error("an IP address was allowed by list")
	}
	for _, hosts := range [][]string{nil, {""}, {"."}} {
		if _, err := qr.ParseLink("https://dichvucong.gov.vn/", hosts...); err == nil {
			t.Errorf("hosts %q allow everything", hosts)
		}
	}
	link, err := qr.ParseLink("https://dichvucong.gov.vn/", hosts...)
	if err != nil {
		t.Fatal(err)
	}
	if symbol, err := link.Symbol(qr.M); err != nil || symbol.Version() > 3 {
		t.Errorf("symbol %v, %v", symbol, err)
	}
	if _, err := (qr.Link{}).Symbol(qr.M); err == nil {
		t.Error("a link of nothing was encoded")
	}
}

func FuzzParseSlip(f *testing.F) {
	for _, body := range []qr.Body{named(receipt().Body), result().Body} {
		slip, err := qr.NewSlip(body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(slip.Text())
	}
	f.Add("TTHC1|3||||||||/|")
	f.Fuzz(func(t *testing.T, text string) {
		slip, err := qr.ParseSlip(text)
		if err != nil {
			return
		}
		if again, err := qr.ParseSlip(slip.Text()); err != nil || !reflect.DeepEqual(again, slip) {
			t.Fatalf("%q does not come back: %v", text, err)
		}
	})
}

func FuzzParseLink(f *testing.F) {
	f.Add("https://dichvucong.gov.vn/tra-cuu")
	f.Add("https://a.hanoi.gov.vn/%2e?x#y")
	f.Fuzz(func(t *testing.T, text string) {
		link, err := qr.ParseLink(text, "dichvucong.gov.vn", ".hanoi.gov.vn")
		if err != nil {
			return
		}
		rest, ok := strings.CutPrefix(link.String(), "https://")
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		if host := rest[:end]; !ok || host != "dichvucong.gov.vn" && !strings.HasSuffix(host, ".hanoi.gov.vn") {
			t.Fatalf("%q leads to %q", text, host)
		}
	})
}
