package qr_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/qr"
)

var (
	noon   = time.Date(2026, 11, 20, 12, 0, 0, 0, vntime.Zone())
	expiry = noon.AddDate(1, 0, 0)
)

// office is a root, an agency's key and a list that trusts it.
type office struct {
	root   *ecdsa.PrivateKey
	signer crypto.Signer
	entry  qr.TrustedKey
}

func newOffice(tb testing.TB) *office {
	tb.Helper()
	return newOfficeOf(tb, newP256(tb))
}

func newOfficeOf(tb testing.TB, signer crypto.Signer) *office {
	return &office{root: newP256(tb), signer: signer, entry: qr.TrustedKey{
		Public: signer.Public(), Issuer: "H26.12", IssuerName: "UBND phường Vĩnh Phúc (mẫu)",
		Kinds: []qr.Kind{qr.KindReceipt, qr.KindResult}, Procedures: []string{"2.000635", "1.001193"},
		NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(1, 0, 0),
	}}
}

func newP256(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func (o *office) draft(entries ...qr.TrustedKey) qr.TrustListDraft {
	return qr.TrustListDraft{Owner: "Danh sách mẫu", Version: 7, Issued: noon.AddDate(0, 0, -3),
		Until: noon.AddDate(0, 1, 0), Keys: entries}
}

func (o *office) list(tb testing.TB, entries ...qr.TrustedKey) *qr.TrustList {
	tb.Helper()
	data, err := qr.SignTrustList(o.root, o.draft(entries...))
	if err != nil {
		tb.Fatal(err)
	}
	list, err := qr.ParseTrustList(data, o.root.Public())
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func (o *office) verifier(tb testing.TB, entries ...qr.TrustedKey) *qr.Verifier {
	tb.Helper()
	if entries == nil {
		entries = []qr.TrustedKey{o.entry}
	}
	verifier, err := qr.NewVerifier(o.list(tb, entries...), qr.VerifyConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	return verifier
}

func (o *office) issuer(tb testing.TB) *qr.Issuer {
	tb.Helper()
	issuer, err := qr.NewIssuer(o.signer, "H26.12", qr.IssueConfig{Now: func() time.Time { return noon }})
	if err != nil {
		tb.Fatal(err)
	}
	return issuer
}

func (o *office) issue(tb testing.TB, claims qr.Claims) qr.Code {
	tb.Helper()
	code, err := o.issuer(tb).Issue(claims)
	if err != nil {
		tb.Fatal(err)
	}
	return code
}

func paper() qr.Paper {
	return qr.Paper{
		Dossier: "H26.12-261120-0001", Procedure: "2.000635", Subject: "********4321", NameCode: "TN1",
		Source: "H26.12-MC", Published: noon,
	}
}

func receipt() qr.Claims {
	return qr.Claims{Expires: expiry, Body: qr.Receipt{Paper: paper(), Due: noon.AddDate(0, 0, 5)}}
}

func result() qr.Claims {
	p := paper()
	p.NameCode, p.Name = "", "Trích lục khai sinh của Nguyễn Trọng Nghĩa"
	return qr.Claims{
		Expires: expiry, NotBefore: noon.Add(-time.Hour), Status: &qr.Status{List: 3, Index: 70_000},
		Body: qr.Result{
			Paper: p, ValidFrom: vntime.Date(2026, 11, 20), ValidUntil: vntime.Date(2031, 11, 19),
			Scope: "Toàn quốc", Document: sha256.Sum256([]byte("pdf")),
		},
	}
}

func ExampleIssuer_Issue() {
	_, agencyKey, _ := ed25519.GenerateKey(rand.Reader)
	_, rootKey, _ := ed25519.GenerateKey(rand.Reader)
	issued := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

	data, err := qr.SignTrustList(rootKey, qr.TrustListDraft{
		Owner: "Cục mẫu", Version: 1, Issued: issued, Until: issued.AddDate(0, 1, 0),
		Keys: []qr.TrustedKey{{
			Public: agencyKey.Public(), Issuer: "H26.12", IssuerName: "UBND phường mẫu", NotBefore: issued,
			NotAfter: issued.AddDate(1, 0, 0), Kinds: []qr.Kind{qr.KindReceipt}, Procedures: []string{qr.AllProcedures},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	issuer, err := qr.NewIssuer(agencyKey, "H26.12", qr.IssueConfig{Now: func() time.Time { return issued }})
	if err != nil {
		fmt.Println(err)
		return
	}
	code, err := issuer.Issue(qr.Claims{Expires: issued.AddDate(1, 0, 0), Body: qr.Receipt{
		Paper: qr.Paper{Dossier: "H26.12-261120-0001", Procedure: "2.000635", Subject: "********4321", NameCode: "TN1",
			Source: "H26.12-MC", Published: issued},
		Due: issued.AddDate(0, 0, 5),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}

	list, err := qr.ParseTrustList(data, rootKey.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := qr.NewVerifier(list, qr.VerifyConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	report := verifier.Verify(code.Text(), issued.Add(time.Hour))
	fmt.Println(report.Verdict, report.Reasons, report.Claims.Body.(qr.Receipt).Dossier)
	symbol, err := code.Symbol(qr.M)
	fmt.Println(symbol.Version(), err)
	// Output:
	// valid [qr.revocation-unchecked] H26.12-261120-0001
	// 10 <nil>
}

func TestIssuedCodesVerify(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		office  *office
		claims  qr.Claims
		verdict qr.Verdict
		reason  string
	}{
		{"receipt, ECDSA", newOffice(t), receipt(), qr.Valid, "qr.revocation-unchecked"},
		{"receipt, Ed25519", newOfficeOf(t, ed), receipt(), qr.Valid, "qr.revocation-unchecked"},
		{"result with a status index, ECDSA", newOffice(t), result(), qr.ValidStatusStale, "qr.status-unchecked"},
		{"result with a status index, Ed25519", newOfficeOf(t, ed), result(), qr.ValidStatusStale, "qr.status-unchecked"},
	}
	for _, tt := range tests {
		code := tt.office.issue(t, tt.claims)
		verifier := tt.office.verifier(t)
		at := noon.Add(time.Hour)
		report := verifier.Verify(code.Text(), at)
		if report.Verdict != tt.verdict || report.Valid() != (tt.verdict == qr.Valid) || reasonOf(report) != tt.reason {
			t.Errorf("%s: %v %v, want %v %s", tt.name, report.Verdict, report.Reasons, tt.verdict, tt.reason)
			continue
		}
		want := tt.claims
		want.ID, want.Issuer, want.IssuedAt = code.ID(), "H26.12", noon
		if !reflect.DeepEqual(*report.Claims, want) {
			t.Errorf("%s: claims\n%+v, want\n%+v", tt.name, *report.Claims, want)
		}
		if report.KeyID != tt.office.issuer(t).KeyID() || report.Issuer != tt.office.entry.IssuerName ||
			report.ListVersion != 7 || report.ListAge != 73*time.Hour {
			t.Errorf("%s: report %+v", tt.name, report)
		}
	}
}

// reasonOf returns the only reason of a report.
func reasonOf(r qr.Report) string {
	if len(r.Reasons) != 1 {
		return fmt.Sprint(r.Reasons)
	}
	return r.Reasons[0].Code()
}

func TestSignedReceiptIsAsSmallAsTheCircularsText(t *testing.T) {
	text := newOffice(t).issue(t, receipt()).Text()
	symbol, err := qr.Encode(text, qr.M)
	if err != nil || symbol.Version() > 10 {
		t.Fatalf("%d characters, version %d, %v; want at most version 10-M", len(text), symbol.Version(), err)
	}
	// The same fields as unsigned text, in bytes because of the lower-case separators of such texts.
	plain := "H26.12-261120-0001|2.000635|********4321|Giấy tiếp nhận hồ sơ và hẹn trả kết quả|H26.12-MC|" +
		"2026-11-20T12:00:00+07:00|2026-11-25T12:00:00+07:00|Hệ thống thông tin giải quyết thủ tục hành chính tỉnh Phú Thọ"
	unsigned, err := qr.Encode(plain, qr.M)
	if err != nil || symbol.Version() > unsigned.Version() {
		t.Errorf("signed version %d, unsigned %d, %v; want the signed no larger", symbol.Version(), unsigned.Version(), err)
	}
}

func TestVerdictsOfTimeAndScope(t *testing.T) {
	o := newOffice(t)
	edit := func(f func(*qr.TrustedKey)) qr.TrustedKey {
		entry := o.entry
		f(&entry)
		return entry
	}
	withdrawn := func(at time.Time, void bool) qr.TrustedKey {
		return edit(func(k *qr.TrustedKey) { k.WithdrawnAt, k.VoidEarlier = at, void })
	}
	late := receipt()
	late.NotBefore = noon.Add(48 * time.Hour)
	short := receipt()
	short.Expires = noon.Add(time.Hour)
	other := newOffice(t)
	tests := []struct {
		name    string
		claims  qr.Claims
		entry   qr.TrustedKey
		at      time.Time
		verdict qr.Verdict
		reason  string
	}{
		{"two minutes before issuing", receipt(), o.entry, noon.Add(-2 * time.Minute), qr.Valid, "qr.revocation-unchecked"},
		{"three minutes before issuing", receipt(), o.entry, noon.Add(-3 * time.Minute), qr.NotYetValid, "qr.issued-later"},
		{"before its time", late, o.entry, noon.Add(time.Hour), qr.NotYetValid, "qr.not-yet-valid"},
		{"last second", short, o.entry, noon.Add(time.Hour - time.Second), qr.Valid, "qr.revocation-unchecked"},
		{"the end", short, o.entry, noon.Add(time.Hour), qr.Expired, "qr.expired"},
		{"clock a year ahead", receipt(), o.entry, noon.AddDate(1, 0, 0), qr.UntrustedIssuer, "qr.trustlist-expired"},
		{"clock a year behind", receipt(), o.entry, noon.AddDate(-1, 0, 0), qr.UntrustedIssuer,
			"qr.trustlist-not-yet-valid"},
		{"no time", receipt(), o.entry, time.Time{}, qr.UntrustedIssuer, "qr.trustlist-not-yet-valid"},
		{"key not listed", receipt(), other.entry, noon, qr.UntrustedIssuer, "qr.key-unknown"},
		{"another agency's key", receipt(), edit(func(k *qr.TrustedKey) { k.Issuer = "H27" }), noon, qr.OutOfScope,
			"qr.scope-issuer"},
		{"key for results only", receipt(), edit(func(k *qr.TrustedKey) { k.Kinds = []qr.Kind{qr.KindResult} }), noon,
			qr.OutOfScope, "qr.scope-kind"},
		{"key for another procedure", receipt(), edit(func(k *qr.TrustedKey) { k.Procedures = []string{"1.001193"} }),
			noon, qr.OutOfScope, "qr.scope-procedure"},
		{"key for all procedures", receipt(), edit(func(k *qr.TrustedKey) { k.Procedures = []string{qr.AllProcedures} }),
			noon, qr.Valid, "qr.revocation-unchecked"},
		{"issued before the key's time", receipt(), edit(func(k *qr.TrustedKey) { k.NotBefore = noon.Add(1e9) }), noon,
			qr.UntrustedIssuer, "qr.key-window"},
		{"issued at the key's end", receipt(), edit(func(k *qr.TrustedKey) { k.NotAfter = noon }), noon,
			qr.UntrustedIssuer, "qr.key-window"},
		{"withdrawn before issuing", receipt(), withdrawn(noon, false), noon, qr.UntrustedIssuer, "qr.key-withdrawn"},
		{"withdrawn after issuing", receipt(), withdrawn(noon.Add(time.Hour), false), noon.Add(2 * time.Hour), qr.Valid,
			"qr.revocation-unchecked"},
		{"withdrawn after issuing, all void", receipt(), withdrawn(noon.Add(time.Hour), true), noon.Add(2 * time.Hour),
			qr.UntrustedIssuer, "qr.key-withdrawn"},
		{"to be withdrawn", receipt(), withdrawn(noon.Add(time.Hour), true), noon, qr.Valid, "qr.revocation-unchecked"},
	}
	for _, tt := range tests {
		report := o.verifier(t, tt.entry).Verify(o.issue(t, tt.claims).Text(), tt.at)
		if report.Verdict != tt.verdict || reasonOf(report) != tt.reason {
			t.Errorf("%s: %v %v, want %v %s", tt.name, report.Verdict, report.Reasons, tt.verdict, tt.reason)
		}
		if genuine := tt.verdict >= qr.NotYetValid; (report.Claims != nil) != genuine {
			t.Errorf("%s: claims handed out: %v, want %v", tt.name, report.Claims != nil, genuine)
		}
	}
}

func TestOneKeyWithTwoScopes(t *testing.T) {
	o := newOffice(t)
	results, receipts := o.entry, o.entry
	results.Kinds, receipts.Kinds = []qr.Kind{qr.KindResult}, []qr.Kind{qr.KindReceipt}
	report := o.verifier(t, results, receipts).Verify(o.issue(t, receipt()).Text(), noon)
	if report.Verdict != qr.Valid {
		t.Errorf("verdict %v %v, want valid by the second entry", report.Verdict, report.Reasons)
	}
}

func TestIssueRefuses(t *testing.T) {
	edit := func(c qr.Claims, f func(*qr.Claims)) qr.Claims { f(&c); return c }
	inReceipt := func(f func(*qr.Receipt)) qr.Claims {
		c := receipt()
		body := c.Body.(qr.Receipt)
		f(&body)
		c.Body = body
		return c
	}
	inResult := func(f func(*qr.Result)) qr.Claims {
		c := result()
		body := c.Body.(qr.Result)
		f(&body)
		c.Body = body
		return c
	}
	tests := []struct {
		name   string
		claims qr.Claims
		field  string
	}{
		{"no body", qr.Claims{Expires: expiry}, "claims.body"},
		{"no end", edit(receipt(), func(c *qr.Claims) { c.Expires = time.Time{} }), "claims.expires"},
		{"end at the beginning", edit(receipt(), func(c *qr.Claims) { c.Expires = noon.Add(1e8) }), "claims.expires"},
		{"begins after the end", edit(receipt(), func(c *qr.Claims) { c.NotBefore = expiry }), "claims.notBefore"},
		{"issued before 1970", edit(receipt(), func(c *qr.Claims) { c.IssuedAt = time.Unix(-1, 0) }), "claims.issuedAt"},
		{"no dossier", inReceipt(func(r *qr.Receipt) { r.Dossier = "" }), "receipt.dossier"},
		{"no procedure", inReceipt(func(r *qr.Receipt) { r.Procedure = "" }), "receipt.procedure"},
		{"no subject", inReceipt(func(r *qr.Receipt) { r.Subject = "" }), "receipt.subject"},
		{"no name", inReceipt(func(r *qr.Receipt) { r.NameCode = "" }), "receipt.nameCode"},
		{"no source", inReceipt(func(r *qr.Receipt) { r.Source = "" }), "receipt.source"},
		{"no publication", inReceipt(func(r *qr.Receipt) { r.Published = time.Time{} }), "receipt.published"},
		{"due before publication", inReceipt(func(r *qr.Receipt) { r.Due = noon.Add(-1e9) }), "receipt.due"},
		{"decomposed name", inReceipt(func(r *qr.Receipt) { r.Name = "Nghi\u0303a" }), "receipt.name"},
		{"line end in a name", inReceipt(func(r *qr.Receipt) { r.Name = "a\nb" }), "receipt.name"},
		{"no UTF-8", inReceipt(func(r *qr.Receipt) { r.Name = "\xff" }), "receipt.name"},
		{"201 bytes", inReceipt(func(r *qr.Receipt) { r.Name = strings.Repeat("a", 201) }), "receipt.name"},
		{"scope too long", inResult(func(r *qr.Result) { r.Scope = strings.Repeat("a", 201) }), "result.scope"},
		{"ends before it begins", inResult(func(r *qr.Result) { r.ValidUntil = vntime.Date(2026, 11, 19) }),
			"result.validUntil"},
		{"begins in another age", inResult(func(r *qr.Result) { r.ValidFrom = vntime.Date(1969, 12, 31) }),
			"result.validFrom"},
	}
	issuer := newOffice(t).issuer(t)
	for _, tt := range tests {
		code, err := issuer.Issue(tt.claims)
		invalid := (*qr.InvalidError)(nil)
		if !errors.As(err, &invalid) || invalid.Field != tt.field || code.Text() != "" {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, err, tt.field)
		}
	}
}

// brokenSigner gives what it is told for a signature.
type brokenSigner struct {
	crypto.Signer
	der []byte
}

func (s brokenSigner) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return s.der, nil
}

func TestBrokenSignersAreRefused(t *testing.T) {
	good := newP256(t)
	long, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, der := range [][]byte{nil, {0x30}, {0x30, 0}, {0x30, 6, 2, 1, 1, 2, 1}, {0x30, 6, 2, 1, 1, 2, 1, 1, 0}, long,
		{0x30, 6, 2, 1, 0, 2, 1, 1}} {
		issuer, err := qr.NewIssuer(brokenSigner{good, der}, "H26.12", qr.IssueConfig{})
		if err != nil {
			t.Fatal(err)
		}
		claims := receipt()
		claims.IssuedAt = noon
		if code, err := issuer.Issue(claims); err == nil {
			t.Errorf("signature % x was taken into %v", der, code)
		}
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, signer := range []crypto.Signer{nil, p384} {
		if _, err := qr.NewIssuer(signer, "H26.12", qr.IssueConfig{}); err == nil {
			t.Errorf("signer %T was taken", signer)
		}
	}
}

func TestCodeDoesNotPrintItself(t *testing.T) {
	code := newOffice(t).issue(t, receipt())
	data, err := json.Marshal(code)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("issued", "code", code)
	for _, shown := range []string{fmt.Sprint(code), fmt.Sprintf("%+v %#v %s %q", code, code, code, code), string(data), log.String()} {
		if strings.Contains(shown, code.Text()[:20]) || !strings.Contains(shown, code.ID().String()) {
			t.Errorf("a code prints as %s", shown)
		}
	}
}

func TestReportAsJSON(t *testing.T) {
	o := newOffice(t)
	code := o.issue(t, receipt())
	data, err := json.Marshal(o.verifier(t).Verify(code.Text(), noon))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict string
		Reasons []struct{ Code, VI, EN string }
		Claims  struct {
			Kind string
			ID   string
			Body struct{ Dossier string }
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "valid" || len(got.Reasons) != 1 || got.Reasons[0].Code != "qr.revocation-unchecked" ||
		got.Claims.ID != code.ID().String() || got.Claims.Kind != "receipt" || got.Claims.Body.Dossier != "H26.12-261120-0001" {
		t.Errorf("report %s", data)
	}
}

// message is a COSE_Sign1 message in the making, each part as its bytes.
type message struct {
	head, protected, unprotected, payload, tail []byte
}

// genuine takes the message out of a code.
func genuine(tb testing.TB, o *office, claims qr.Claims) message {
	tb.Helper()
	data, err := base45.AppendDecoded(nil, strings.TrimPrefix(o.issue(tb, claims).Text(), "VN1:"))
	if err != nil {
		tb.Fatal(err)
	}
	protected := int(data[2] & 31) // the head of the protected header is one byte
	payload := data[3+protected+1:]
	return message{
		head: data[:2], protected: data[3 : 3+protected], unprotected: []byte{0xA0},
		payload: payload[2 : len(payload)-66], // heads of payload and signature are two bytes each
	}
}

// text signs the message as it stands and returns the code.
func (m message) text(tb testing.TB, signer crypto.Signer, spoil func([]byte) []byte) string {
	tb.Helper()
	toSign := append([]byte("\x84\x6aSignature1"), cborBytes(m.protected)...)
	toSign = append(append(toSign, 0x40), cborBytes(m.payload)...)
	digest := sha256.Sum256(toSign)
	der, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		tb.Fatal(err)
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		tb.Fatal(err)
	}
	n := elliptic.P256().Params().N
	if pair.S.Cmp(new(big.Int).Rsh(n, 1)) > 0 {
		pair.S.Sub(n, pair.S)
	}
	signature := make([]byte, 64)
	pair.R.FillBytes(signature[:32])
	pair.S.FillBytes(signature[32:])
	if spoil != nil {
		signature = spoil(signature)
	}
	data := append(append([]byte(nil), m.head...), cborBytes(m.protected)...)
	data = append(append(data, m.unprotected...), cborBytes(m.payload)...)
	data = append(append(data, cborBytes(signature)...), m.tail...)
	return "VN1:" + string(base45.Append(nil, data))
}

func cborBytes(b []byte) []byte {
	switch {
	case len(b) < 24:
		return append([]byte{0x40 | byte(len(b))}, b...)
	case len(b) < 256:
		return append([]byte{0x58, byte(len(b))}, b...)
	}
	return append([]byte{0x59, byte(len(b) >> 8), byte(len(b))}, b...)
}
