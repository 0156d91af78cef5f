package qr_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/qr"
)

func codeDraft() qr.CodeListDraft {
	return qr.CodeListDraft{
		Owner: "Cục mẫu", Version: 5, Issued: noon,
		Agencies:   []qr.CodeEntry{{Number: 1, Since: 1, Code: "H26"}, {Number: 1012, Since: 3, Code: "H26.12", Name: "UBND phường mẫu"}},
		Procedures: []qr.CodeEntry{{Number: 635, Since: 1, Code: "2.000635", Name: "Thủ tục đăng ký khai sinh"}},
		Papers: []qr.CodeEntry{{Number: 1, Since: 1, Code: "TN1", Name: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"},
			{Number: 2, Since: 5, Code: "KQ2", Name: "Trích lục khai sinh"}},
		Sources: []qr.CodeEntry{{Number: 26, Since: 2, Code: "H26.12-MC", Name: "Hệ thống một cửa phường mẫu"}},
	}
}

func (o *office) codes(tb testing.TB, draft qr.CodeListDraft) *qr.CodeList {
	tb.Helper()
	data, err := qr.SignCodeList(o.root, draft, nil)
	if err != nil {
		tb.Fatal(err)
	}
	list, err := qr.ParseCodeList(data, o.root.Public())
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// coded issues claims with the numbers of a list.
func (o *office) coded(tb testing.TB, claims qr.Claims, list *qr.CodeList) qr.Code {
	tb.Helper()
	issuer, err := qr.NewIssuer(o.signer, "H26.12", qr.IssueConfig{Now: func() time.Time { return noon }, Codes: list})
	if err != nil {
		tb.Fatal(err)
	}
	code, err := issuer.Issue(claims)
	if err != nil {
		tb.Fatal(err)
	}
	return code
}

func ExampleSignCodeList() {
	_, root, _ := ed25519.GenerateKey(rand.Reader)
	first, err := qr.SignCodeList(root, qr.CodeListDraft{Owner: "Cục mẫu", Version: 1, Issued: noon,
		Agencies: []qr.CodeEntry{{Number: 12, Since: 1, Code: "H26.12", Name: "UBND phường mẫu"}}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	list, err := qr.ParseCodeList(first, root.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	next := list.Draft()
	next.Version = 2
	next.Agencies[0].Code = "H26.13" // a number is for ever
	_, err = qr.SignCodeList(root, next, list)
	fmt.Println(err)
	// Output: qr: codelist.agencies: want every number as it was before
}

func TestCodedClaimsComeBack(t *testing.T) {
	o := newOffice(t)
	list := o.codes(t, codeDraft())
	entry := o.entry
	entry.Kinds = []qr.Kind{qr.KindPerson, qr.KindReceipt, qr.KindResult, qr.KindPayment}
	verifier, err := qr.NewVerifier(o.list(t, entry), qr.VerifyConfig{Codes: list, MinCodes: 5})
	if err != nil {
		t.Fatal(err)
	}
	partly := receipt()
	body := partly.Body.(qr.Receipt)
	body.Source, body.NameCode, body.Name = "another system", "", "Giấy xin lỗi"
	partly.Body = body
	for name, claims := range map[string]qr.Claims{"receipt": receipt(), "result": result(), "payment": bill(), "person": person(false),
		"half of it in the list": partly} {
		code, plain := o.coded(t, claims, list), o.issue(t, claims)
		report := verifier.Verify(code.Text(), noon)
		want := claims
		want.ID, want.Issuer, want.IssuedAt = code.ID(), "H26.12", noon
		if report.Claims == nil || !reflect.DeepEqual(*report.Claims, want) || report.CodesVersion != 5 {
			t.Errorf("%s: %v %v %+v", name, report.Verdict, report.Reasons, report.Claims)
		}
		if len(code.Text()) >= len(plain.Text()) && name != "person" {
			t.Errorf("%s: %d characters with numbers, %d without", name, len(code.Text()), len(plain.Text()))
		}
		if report := verifier.Verify(plain.Text(), noon); report.Claims == nil {
			t.Errorf("%s without numbers: %v %v", name, report.Verdict, report.Reasons)
		}
	}
	if list.PaperName("KQ2") != "Trích lục khai sinh" || list.PaperName("KQ3") != "" {
		t.Errorf("name of a paper: %q", list.PaperName("KQ2"))
	}
	shown, err := qr.Present(o.coded(t, person(true), list).Text(), qr.PresentConfig{Show: []string{"fullName"}})
	if err != nil {
		t.Fatal(err) // a wallet has no code list
	}
	if report := verifier.Verify(shown.Text(), noon); report.Claims == nil {
		t.Errorf("shown: %v %v", report.Verdict, report.Reasons)
	}
}

// TestSizeWithCodeLists is the size the profile promises for a receipt on paper.
func TestSizeWithCodeLists(t *testing.T) {
	o := newOffice(t)
	list := o.codes(t, codeDraft())
	withStatus := receipt()
	withStatus.Status = &qr.Status{List: 3, Index: 60_000}
	tests := []struct {
		name   string
		claims qr.Claims
		m, q   int
	}{
		{"receipt", receipt(), 10, 12},
		{"receipt with a status index", withStatus, 10, 12},
	}
	for _, tt := range tests {
		code := o.coded(t, tt.claims, list)
		t.Logf("%s: %d characters", tt.name, len(code.Text()))
		for level, most := range map[qr.Level]int{qr.M: tt.m, qr.Q: tt.q} {
			symbol, err := code.Symbol(level)
			if err != nil || symbol.Version() > most {
				t.Errorf("%s: version %d-%v, %v; want at most %d", tt.name, symbol.Version(), level, err, most)
			}
		}
	}
}

func TestNumbersNeedTheirList(t *testing.T) {
	o := newOffice(t)
	list := o.codes(t, codeDraft())
	older := codeDraft()
	older.Version, older.Papers = 3, older.Papers[:1]
	other := codeDraft()
	other.Agencies = other.Agencies[:1]
	raised := codeDraft()
	raised.Agencies[1].Since = 4
	early := codeDraft()
	early.Version, early.Papers, early.Agencies = 2, early.Papers[:1], early.Agencies[:1]
	newest := receipt()
	body := newest.Body.(qr.Receipt)
	body.NameCode = "KQ2"
	newest.Body = body
	tests := []struct {
		name    string
		claims  qr.Claims
		list    *qr.CodeList
		verdict qr.Verdict
		reason  string
	}{
		{"the list", receipt(), list, qr.Valid, "qr.revocation-unchecked"},
		{"no list", receipt(), nil, qr.UntrustedIssuer, "qr.codelist-old"},
		{"an older list that has all numbers", receipt(), o.codes(t, older), qr.Valid, "qr.revocation-unchecked"},
		{"an older list that lacks one", newest, o.codes(t, older), qr.UntrustedIssuer, "qr.codelist-old"},
		{"a list from before the agency", receipt(), o.codes(t, early), qr.UntrustedIssuer, "qr.codelist-old"},
		{"a list without the agency", receipt(), o.codes(t, other), qr.UntrustedIssuer, "qr.codelist-unknown"},
		{"a list with another history", receipt(), o.codes(t, raised), qr.Malformed, "qr.claims"},
	}
	for _, tt := range tests {
		verifier, err := qr.NewVerifier(o.list(t, o.entry), qr.VerifyConfig{Codes: tt.list})
		if err != nil {
			t.Fatal(err)
		}
		report := verifier.Verify(o.coded(t, tt.claims, list).Text(), noon)
		if report.Verdict != tt.verdict || reasonOf(report) != tt.reason {
			t.Errorf("%s: %v %v, want %v %s", tt.name, report.Verdict, report.Reasons, tt.verdict, tt.reason)
		}
	}
	if _, err := qr.NewVerifier(o.list(t, o.entry), qr.VerifyConfig{Codes: list, MinCodes: 6}); !errors.Is(err, qr.ErrRollback) {
		t.Errorf("a list that was rolled back: %v", err)
	}
}

// TestNumbersInSpoiltClaims signs claims whose numbers break a rule.
func TestNumbersInSpoiltClaims(t *testing.T) {
	o := newOffice(t)
	list := o.codes(t, codeDraft())
	issuer, err := qr.NewIssuer(o.signer, "H26.12", qr.IssueConfig{Now: func() time.Time { return noon }, Codes: list})
	if err != nil {
		t.Fatal(err)
	}
	code, err := issuer.Issue(receipt())
	if err != nil {
		t.Fatal(err)
	}
	data := decoded(t, code)
	protected := data[3 : 3+int(data[2])&31]
	payload := data[3+len(protected)+1+2 : len(data)-66]
	verifier, err := qr.NewVerifier(o.list(t, o.entry), qr.VerifyConfig{Codes: list})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, from, to, reason string }{
		{"nothing spoiled", "", "", "qr.revocation-unchecked"},
		{"version zero", "\x00\x03\x01", "\x00\x00\x01", "qr.claims"},
		{"version above what is used", "\x00\x03\x01", "\x00\x04\x01", "qr.claims"},
		{"version below what is used", "\x00\x03\x01", "\x00\x02\x01", "qr.claims"},
		{"version of the future", "\x00\x03\x01", "\x00\x06\x01", "qr.codelist-old"},
		{"no such agency", "\x01\x19\x03\xf4", "\x01\x19\x03\xf5", "qr.codelist-unknown"},
		{"no such procedure", "\x02\x19\x02\x7b", "\x02\x19\x02\x7c", "qr.codelist-unknown"},
		{"a number for the subject", "\x03\x6c********4321", "\x03\x01", "qr.claims"},
	}
	for _, tt := range tests {
		if tt.from != "" && bytes.Count(payload, []byte(tt.from)) != 1 {
			t.Fatalf("%s: %q is not once in %x", tt.name, tt.from, payload)
		}
		text := message{head: []byte("\xd2\x84"), protected: protected, unprotected: []byte{0xA0},
			payload: []byte(strings.Replace(string(payload), tt.from, tt.to, 1))}.text(t, o.signer, nil)
		if report := verifier.Verify(text, noon); reasonOf(report) != tt.reason {
			t.Errorf("%s: %v %v, want %s", tt.name, report.Verdict, report.Reasons, tt.reason)
		}
	}
}

func TestSignCodeListRefuses(t *testing.T) {
	o := newOffice(t)
	previous := o.codes(t, codeDraft())
	edit := func(f func(*qr.CodeListDraft)) qr.CodeListDraft {
		d := previous.Draft()
		d.Version = 6
		f(&d)
		return d
	}
	tests := []struct {
		name  string
		draft qr.CodeListDraft
		field string
	}{
		{"the next version", edit(func(d *qr.CodeListDraft) {
			d.Papers = append(d.Papers, qr.CodeEntry{Number: 3, Since: 6, Code: "XL3"})
			d.Agencies[0].Name = "Ủy ban nhân dân mẫu"
		}), ""},
		{"the same version", edit(func(d *qr.CodeListDraft) { d.Version = 5 }), "codelist.version"},
		{"a number taken away", edit(func(d *qr.CodeListDraft) { d.Papers = d.Papers[:1] }), "codelist.papers"},
		{"a number for another code", edit(func(d *qr.CodeListDraft) { d.Sources[0].Code = "X" }), "codelist.sources"},
		{"a number older than it was", edit(func(d *qr.CodeListDraft) { d.Papers[1].Since = 1 }), "codelist.papers"},
		{"a new number in an old version", edit(func(d *qr.CodeListDraft) {
			d.Papers = append(d.Papers, qr.CodeEntry{Number: 3, Since: 5, Code: "XL3"})
		}), "codelist.papers.since"},
		{"one number twice", edit(func(d *qr.CodeListDraft) { d.Papers = append(d.Papers, d.Papers[0]) }), "codelist.papers.number"},
		{"one code twice", edit(func(d *qr.CodeListDraft) {
			d.Papers = append(d.Papers, qr.CodeEntry{Number: 9, Since: 6, Code: "TN1"})
		}), "codelist.papers.code"},
		{"a version of the future", edit(func(d *qr.CodeListDraft) {
			d.Papers = append(d.Papers, qr.CodeEntry{Number: 9, Since: 7, Code: "X"})
		}), "codelist.papers.since"},
		{"a number too large", edit(func(d *qr.CodeListDraft) {
			d.Papers = append(d.Papers, qr.CodeEntry{Number: 1 << 24, Since: 6, Code: "X"})
		}), "codelist.papers.number"},
		{"no owner", edit(func(d *qr.CodeListDraft) { d.Owner = "" }), "codelist.owner"},
		{"no time", edit(func(d *qr.CodeListDraft) { d.Issued = time.Time{} }), "codelist.issued"},
	}
	for _, tt := range tests {
		data, err := qr.SignCodeList(o.root, tt.draft, previous)
		if invalid := (*qr.InvalidError)(nil); tt.field == "" && err != nil ||
			tt.field != "" && (!errors.As(err, &invalid) || invalid.Field != tt.field || data != nil) {
			t.Errorf("%s: %v, want a refusal of %q", tt.name, err, tt.field)
		}
	}
	data, err := qr.SignCodeList(o.root, codeDraft(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qr.ParseCodeList(data, newP256(t).Public()); !errors.Is(err, qr.ErrUntrustedList) {
		t.Errorf("another root: %v", err)
	}
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if _, err := qr.ParseCodeList(changed, o.root.Public()); err == nil {
			t.Errorf("byte %d changed: taken", i)
		}
	}
	if !reflect.DeepEqual(previous.Draft(), codeDraft()) || previous.Owner() != "Cục mẫu" || !previous.Issued().Equal(noon) {
		t.Errorf("the list came back as %+v", previous.Draft())
	}
}

func FuzzParseCodeList(f *testing.F) {
	o := newOffice(f)
	data, err := qr.SignCodeList(o.root, codeDraft(), nil)
	if err != nil {
		f.Fatal(err)
	}
	protected := data[4 : 4+int(data[3])]
	f.Add(data, data[4+len(protected)+3:len(data)-66])
	f.Fuzz(func(t *testing.T, whole, payload []byte) {
		if list, err := qr.ParseCodeList(whole, o.root.Public()); err == nil && list.Version() != 5 {
			t.Fatal("a list was forged")
		}
		text := message{head: []byte("\xd2\x84"), protected: protected, unprotected: []byte{0xA0}, payload: payload}.
			text(t, o.root, nil)
		signed, err := base45.AppendDecoded(nil, text[4:])
		if err != nil {
			t.Fatal(err)
		}
		list, err := qr.ParseCodeList(signed, o.root.Public())
		if err != nil {
			return
		}
		again, err := qr.SignCodeList(o.root, list.Draft(), nil)
		if err != nil || !bytes.Equal(again[:len(again)-64], signed[:len(signed)-64]) {
			t.Fatalf("an accepted list is written otherwise: %v", err)
		}
	})
}
