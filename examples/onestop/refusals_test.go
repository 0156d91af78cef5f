package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/onceonly/onceonlytest"
	"github.com/motcua/motcua/payment/paymenttest"
	"github.com/motcua/motcua/qr/scan"
)

// guest signs a persona in at a door and leaves the browser on the page behind it.
func guest(t *testing.T, h *house, door, persona string) *visit.Browser {
	t.Helper()
	b, err := visit.New(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := identitytest.SignIn(b.Client, h.URL+door, persona)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := b.Open(t.Context(), resp.Request.URL.String()); err != nil {
		t.Fatal(err)
	}
	return b
}

// facts counts the records of the journal: what was refused must not have left one.
func facts(t *testing.T, h *house) int64 {
	t.Helper()
	sum, err := journal.Verify(t.Context(), h.Journal)
	if err != nil {
		t.Fatal(err)
	}
	return sum.Facts
}

// mustRefuse wants an answer with a status and words of Vietnamese on the page.
func mustRefuse(t *testing.T, err error, status int, words string) {
	t.Helper()
	var refused *visit.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("went through, want status %d and %q (%v)", status, words, err)
	}
	if refused.Status != status || !strings.Contains(refused.Says, words) {
		t.Fatalf("status %d saying %q, want %d and %q", refused.Status, refused.Says, status, words)
	}
}

func submit(t *testing.T, b *visit.Browser, action string, fields map[string]string) {
	t.Helper()
	if err := b.Submit(t.Context(), action, fields, nil); err != nil {
		t.Fatal(err)
	}
}

func goodBirth() map[string]string {
	return map[string]string{"relation": "me", "childName": "Nguyễn Trần Bảo Ngân", "childSex": "nu", "childBirthDate": "10/11/2026",
		"childBirthPlace": "Trạm y tế phường Ví Dụ", "childHometown": "Phường Ví Dụ", "motherName": "Trần Thị Mỹ Vĩnh"}
}

// post sends a form as a browser would, whatever the page offers.
func post(b *visit.Browser, address string, values url.Values) error {
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Send(req)
}

// TestFormRefuses sends each field of the birth form wrong, and wants the page to say so beside the field and nothing to
// be written.
func TestFormRefuses(t *testing.T) {
	h, _ := open(t)
	b := guest(t, h, "/login?return_to=/procedures/1.001193", "vinh")
	submit(t, b, "/start", nil)
	form := b.At.String()
	before := facts(t, h)
	tests := []struct{ name, field, value, words string }{
		{"empty name", "childName", "", "Họ, chữ đệm, tên của trẻ"},
		{"endless name", "childName", strings.Repeat("Nguyễn ", 40), "Họ, chữ đệm, tên của trẻ"},
		{"no such day", "childBirthDate", "31/02/2026", "Ngày, tháng, năm sinh của trẻ"},
		{"born tomorrow", "childBirthDate", "19/11/2026", "không được sau ngày hôm nay"},
		{"day in words", "childBirthDate", "hôm qua", "Ngày, tháng, năm sinh của trẻ"},
		{"no such choice", "childSex", "x", "Giới tính"},
		{"too many copies", "copies", "21", "Số lượng bản sao"},
		{"copies in words", "copies", "hai", "Số lượng bản sao"},
		{"empty mother", "motherName", " ", "người mẹ"},
		{"locked number changed", "personId", "001188000457", "Số định danh"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := b.Open(t.Context(), form); err != nil {
				t.Fatal(err)
			}
			values := url.Values{"version": {"1"}}
			for name, value := range goodBirth() {
				values.Set(name, value)
			}
			values.Set(tt.field, tt.value)
			mustRefuse(t, post(b, form, values), http.StatusUnprocessableEntity, tt.words)
		})
	}
	if after := facts(t, h); after != before {
		t.Errorf("refused forms left %d records", after-before)
	}
}

func TestUploadRefuses(t *testing.T) {
	h, _ := open(t)
	b := guest(t, h, "/login?return_to=/procedures/1.001193", "vinh")
	submit(t, b, "/start", nil)
	submit(t, b, "/form", goodBirth())
	before := facts(t, h)
	tests := []struct {
		name  string
		data  []byte
		words string
	}{
		{"nothing", nil, "tệp"},
		{"a script", []byte("#!/bin/sh\nrm -rf /\n"), "PDF"},
		{"a PDF that is not one", []byte("%PDF-1.7\nhello\n%%EOF\n"), "PDF"},
		{"a cut PNG", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "PNG"},
		{"over the limit", append([]byte("%PDF-1.7\n"), make([]byte, 11<<20)...), "MB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := b.Submit(t.Context(), "/papers", map[string]string{"component": "giay-chung-sinh"},
				map[string]visit.Upload{"file": {Name: "giay.pdf", Media: "application/pdf", Data: tt.data}})
			mustRefuse(t, err, http.StatusUnprocessableEntity, tt.words)
		})
	}
	mustRefuse(t, b.Submit(t.Context(), "/papers/done", nil, nil), http.StatusUnprocessableEntity, "Giấy chứng sinh")
	if after := facts(t, h); after != before {
		t.Errorf("refused uploads left %d records", after-before)
	}
}

// TestVerifyRefuses changes what a story left, and wants the public check to see it.
func TestVerifyRefuses(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	b, err := visit.New(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	check := func(data []byte, text string) (string, error) {
		if err := b.Open(t.Context(), "/verify"); err != nil {
			return "", err
		}
		files := map[string]visit.Upload{}
		if data != nil {
			files["file"] = visit.Upload{Name: "x", Media: "application/octet-stream", Data: data}
		}
		err := b.Submit(t.Context(), "/verify", map[string]string{"text": text}, files)
		return visit.Text(visit.Find(b.Page, visit.IsElement("main"))), err
	}
	flipped := bytes.Clone(told.Result)
	flipped[bytes.Index(flipped, []byte("stream"))+40] ^= 1
	for _, tt := range []struct {
		name  string
		data  []byte
		words string
	}{
		{"one byte changed", flipped, "Văn bản không hợp lệ"},
		{"something appended", append(bytes.Clone(told.Result), "\n% thêm vào sau khi ký\n"...), "dữ liệu lạ"},
		{"cut in half", told.Result[:len(told.Result)/2], ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page, err := check(tt.data, "")
			if strings.Contains(page, "Văn bản có chữ ký hợp lệ") {
				t.Fatalf("passed: %s", page)
			}
			if err == nil && !strings.Contains(page, tt.words) {
				t.Fatalf("page says %s", page)
			}
		})
	}
	codes, err := scan.ReadImage(bytes.NewReader(told.ResultQR), scan.Config{})
	if err != nil {
		t.Fatal(err)
	}
	bent := []byte(codes[0])
	bent[len(bent)/2] ^= 1 // one bit; still in the alphabet or not, it is another code
	if page, err := check(nil, string(bent)); err != nil || !strings.Contains(page, "Mã QR không hợp lệ") {
		t.Errorf("a code with one bit flipped: %v: %s", err, page)
	}
	if page, err := check(nil, "VN1:KHONGPHAIMA"); err != nil || !strings.Contains(page, "Mã QR không hợp lệ") {
		t.Errorf("a made-up code: %v: %s", err, page)
	}
	_, err = check([]byte("hello"), "")
	mustRefuse(t, err, http.StatusUnprocessableEntity, "PDF")
	_, err = check(nil, "")
	mustRefuse(t, err, http.StatusUnprocessableEntity, "tệp")
}

// TestReplayedCallback sends the provider's answer a second time, to another browser, and too late.
func TestReplayedCallback(t *testing.T) {
	h, c := open(t)
	visitor := func(back func(address string)) *visit.Browser {
		b, err := visit.New(h.URL)
		if err != nil {
			t.Fatal(err)
		}
		b.Client.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
			if req.URL.Path == "/login/done" {
				back(req.URL.String())
			}
			return nil
		}
		return b
	}
	var callback string
	b := visitor(func(address string) { callback = address })
	resp, err := identitytest.SignIn(b.Client, h.URL+"/login", "nghia")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	mustRefuse(t, b.Open(t.Context(), callback), http.StatusBadRequest, "đăng nhập")
	mustRefuse(t, visitor(func(string) {}).Open(t.Context(), callback), http.StatusBadRequest, "đăng nhập")

	late := visitor(func(string) { c.Skip(11 * time.Minute) })
	resp, err = identitytest.SignIn(late.Client, h.URL+"/login", "nghia")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 400 {
		t.Errorf("a login of eleven minutes is accepted with status %d", resp.StatusCode)
	}
}

// filed files a birth registration and returns the dossier's identifier.
func filed(t *testing.T, h *house) string {
	t.Helper()
	b := guest(t, h, "/login?return_to=/procedures/1.001193", "vinh")
	submit(t, b, "/start", nil)
	submit(t, b, "/form", goodBirth())
	paper := visit.Upload{Name: "giay-chung-sinh.png", Media: "image/png", Data: story.Paper()}
	if err := b.Submit(t.Context(), "/papers", map[string]string{"component": "giay-chung-sinh"}, map[string]visit.Upload{"file": paper}); err != nil {
		t.Fatal(err)
	}
	submit(t, b, "/papers/done", nil)
	submit(t, b, "/submit", nil)
	return b.At.Path[strings.LastIndex(b.At.Path, "/")+1:]
}

func TestSecondOfficerIsStale(t *testing.T) {
	h, _ := open(t)
	id := filed(t, h)
	first := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	second := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	submit(t, first, "/office/"+id, map[string]string{"act": "accept"})
	before := facts(t, h)
	err := second.Submit(t.Context(), "/office/"+id, map[string]string{"act": "refuse", "reason": "Thiếu giấy tờ"}, nil)
	mustRefuse(t, err, http.StatusConflict, "người khác cập nhật")
	if after := facts(t, h); after != before {
		t.Errorf("a stale act left %d records", after-before)
	}
}

// TestDoubleClicks repeats what impatient people repeat.
func TestDoubleClicks(t *testing.T) {
	h, _ := open(t)
	id := filed(t, h)
	b := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	page := *b
	submit(t, b, "/office/"+id, map[string]string{"act": "accept"})
	before := facts(t, h)
	submit(t, &page, "/office/"+id, map[string]string{"act": "accept"})
	if after := facts(t, h); after != before {
		t.Errorf("a second click left %d records", after-before)
	}
	submit(t, b, "/office/"+id, map[string]string{"act": "assign"})
	for _, step := range []struct{ persona, act string }{{"lanhdao", "approve"}, {"vanthu", "finish"}, {"tiepnhan", "return"}} {
		b := guest(t, h, "/staff?return_to=/office/"+id, step.persona)
		page := *b
		submit(t, b, "/office/"+id, map[string]string{"act": step.act})
		before := facts(t, h)
		submit(t, &page, "/office/"+id, map[string]string{"act": step.act})
		if after := facts(t, h); after != before {
			t.Errorf("a second click on %s left %d records", step.act, after-before)
		}
	}
}

func TestStrangersSeeNothing(t *testing.T) {
	h, _ := open(t)
	id := filed(t, h)
	stranger := guest(t, h, "/login", "nghia")
	mustRefuse(t, stranger.Open(t.Context(), "/dossiers/"+id), http.StatusNotFound, "Không tìm thấy")
	mustRefuse(t, stranger.Open(t.Context(), "/dossiers/"+id+"/files/paper-0.png"), http.StatusNotFound, "Không tìm thấy")
	specialist := guest(t, h, "/staff?return_to=/office/"+id, "chuyenvien")
	values := url.Values{"act": {"accept"}, "version": {"1"}, "key": {"k1"}}
	mustRefuse(t, post(specialist, h.URL+"/office/"+id, values), http.StatusUnprocessableEntity, "")
	foreign, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+"/logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	mustRefuse(t, stranger.Send(foreign), http.StatusForbidden, "trang khác")
}

// TestSupplementOnce asks for a supplement, gets it, and may not ask again (Decree 61/2018 Art 11(2)(c), carried on).
func TestSupplementOnce(t *testing.T) {
	h, _ := open(t)
	id := filed(t, h)
	officer := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	mustRefuse(t, officer.Submit(t.Context(), "/office/"+id, map[string]string{"act": "request-supplement", "reason": ""}, nil),
		http.StatusUnprocessableEntity, "lý do")
	submit(t, officer, "/office/"+id, map[string]string{"act": "request-supplement", "reason": "Bản chụp giấy chứng sinh bị mờ"})
	citizen := guest(t, h, "/login?return_to=/dossiers/"+id, "vinh")
	if page := visit.Text(citizen.Page); !strings.Contains(page, "bị mờ") || !strings.Contains(page, "Phiếu yêu cầu bổ sung") {
		t.Fatalf("the citizen is not told what to supplement: %s", page)
	}
	paper := visit.Upload{Name: "giay-chung-sinh-ro.png", Media: "image/png", Data: story.Paper()}
	if err := citizen.Submit(t.Context(), "/supplement", map[string]string{"note": "Đã chụp lại"}, map[string]visit.Upload{"giay-chung-sinh": paper}); err != nil {
		t.Fatal(err)
	}
	if err := officer.Open(t.Context(), "/office/"+id); err != nil {
		t.Fatal(err)
	}
	values := url.Values{"act": {"request-supplement"}, "reason": {"Thiếu nữa"}, "key": {"again"},
		"version": {visit.Attr(visit.Find(officer.Page, visit.Named("version")), "value")}}
	mustRefuse(t, post(officer, h.URL+"/office/"+id, values), http.StatusUnprocessableEntity, "một lần")
}

// TestRegisterDown keeps an outage apart from a person the register does not know.
func TestRegisterDown(t *testing.T) {
	h, _ := open(t)
	h.World.Register.Fail(onceonlytest.Outage)
	b := guest(t, h, "/login?return_to=/procedures/1.001193", "vinh")
	submit(t, b, "/start", nil)
	if page := visit.Text(b.Page); !strings.Contains(page, "Chưa kết nối được Cơ sở dữ liệu quốc gia") {
		t.Errorf("an outage is not told: %s", page)
	}
	h.World.Register.Fail(onceonlytest.Healthy)
	unknown := guest(t, h, "/login?return_to=/procedures/1.001193", "phuc")
	submit(t, unknown, "/start", nil)
	if page := visit.Text(unknown.Page); !strings.Contains(page, "không có thông tin khớp") {
		t.Errorf("an unknown person is not told apart: %s", page)
	}
}

// TestPaymentTroubles loses, repeats and falsifies what the gateway reports.
func TestPaymentTroubles(t *testing.T) {
	h, _ := open(t)
	for _, tt := range []struct {
		name         string
		faults       paymenttest.Faults
		button, want string
	}{
		{"callback three times", paymenttest.Faults{Duplicates: 2}, "succeed", "đã thanh toán"},
		{"callback lost", paymenttest.Faults{Drop: true}, "succeed", "đang chờ xác nhận"},
		{"another amount", paymenttest.Faults{Amount: 1000}, "succeed", "cần đối soát"},
		{"payer gives up", paymenttest.Faults{}, "cancel", "chưa thanh toán"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := guest(t, h, "/login?return_to=/procedures/2.000635", "nghia")
			submit(t, b, "/start", nil)
			submit(t, b, "/form", map[string]string{"kind": "khai-sinh", "holderName": "Nguyễn Trọng Nghĩa", "holderBirthDate": "15/03/1990",
				"registeredAt": "UBND xã Vĩnh Phúc", "relation": "ban-than", "copies": "1"})
			submit(t, b, "/papers/done", nil)
			submit(t, b, "/submit", nil)
			h.World.VNPAY.Misbehave(tt.faults)
			submit(t, b, "/pay", nil)
			submit(t, b, "", map[string]string{"button": tt.button})
			if state := b.Row("Phí, lệ phí"); !strings.Contains(state, tt.want) {
				t.Errorf("the fee is %q, want %q", state, tt.want)
			}
		})
	}
}

// TestEnglish switches the language, stays on the page, and comes back.
func TestEnglish(t *testing.T) {
	h, _ := open(t)
	b, err := visit.New(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Open(t.Context(), "/procedures/2.000635"); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Copy of a civil-status extract", "Cấp bản sao Trích lục hộ tịch"} {
		lang := visit.Attr(visit.Find(b.Page, visit.Named("lang")), "value")
		submit(t, b, "/language", map[string]string{"lang": lang})
		if page := visit.Text(b.Page); b.At.Path != "/procedures/2.000635" || !strings.Contains(page, words) {
			t.Errorf("in %s the page at %s does not say %q", lang, b.At.Path, words)
		}
	}
}

// TestStories plays every story to its end.
func TestStories(t *testing.T) {
	for _, name := range []string{"copy", "birth"} {
		t.Run(name, func(t *testing.T) {
			h, c := open(t)
			told, err := story.Play(t.Context(), name, story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(told.Result, []byte("%PDF-")) || len(told.ResultQR) == 0 || told.Code == "" {
				t.Errorf("the story left %d bytes of result, %d of code, dossier %q", len(told.Result), len(told.ResultQR), told.Code)
			}
		})
	}
}
