package judge_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/examples/verifier/judge"
	"github.com/motcua/motcua/qr"
)

var now = time.Date(2026, 11, 18, 9, 0, 0, 0, time.FixedZone("+07", 7*3600))

// office makes a trust list with one key and an issuer that has it.
func office(t *testing.T) (*qr.Issuer, *qr.Verifier) {
	t.Helper()
	root, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := qr.SignTrustList(root, qr.TrustListDraft{Owner: "thử nghiệm", Version: 1, Issued: now.Add(-50 * time.Hour), Until: now.AddDate(1, 0, 0),
		Keys: []qr.TrustedKey{{Public: key.Public(), Issuer: "H26.35.12", IssuerName: "UBND phường Ví Dụ", Kinds: []qr.Kind{qr.KindResult},
			Procedures: []string{qr.AllProcedures}, NotBefore: now.AddDate(0, 0, -9), NotAfter: now.AddDate(1, 0, 0)}}})
	if err != nil {
		t.Fatal(err)
	}
	list, err := qr.ParseTrustList(signed, root.Public())
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := qr.NewVerifier(list, qr.VerifyConfig{})
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := qr.NewIssuer(key, "H26.35.12", qr.IssueConfig{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return issuer, verifier
}

func code(t *testing.T, issuer *qr.Issuer) string {
	t.Helper()
	c, err := issuer.Issue(qr.Claims{Expires: now.AddDate(0, 1, 0), Body: qr.Result{Paper: qr.Paper{Dossier: "H26.35.12-261118-0001", Procedure: "2.000635",
		Subject: "001*********", Name: "Trích lục hộ tịch", Source: "H26.35.12", Published: now}}})
	if err != nil {
		t.Fatal(err)
	}
	return c.Text()
}

func has(rows []judge.Row, label, value string) bool {
	for _, r := range rows {
		if r.Label == label && r.Value == value {
			return true
		}
	}
	return false
}

func TestSigned(t *testing.T) {
	issuer, verifier := office(t)
	v := judge.Judge(verifier, code(t, issuer)+"\n", "vi", now)
	if !v.Valid || v.Class != "good" || len(v.Unsigned) != 0 || len(v.Unchecked) == 0 {
		t.Fatalf("%+v", v)
	}
	if !has(v.Signed, "Tên giấy tờ", "Trích lục hộ tịch") || !has(v.About, "Danh sách tin cậy", "2 ngày tuổi") || !has(v.About, "Cơ quan cấp", "UBND phường Ví Dụ") {
		t.Errorf("signed %v, about %v", v.Signed, v.About)
	}
}

func TestNotSigned(t *testing.T) {
	issuer, verifier := office(t)
	good := code(t, issuer)
	tests := []struct{ name, text, verdict, label string }{
		{"citizen card", "001090000123||Nguyễn Trọng Nghĩa|15031990|Nam|Phường Ví Dụ, Hà Nội|01072024", "unsigned", "Họ và tên"},
		{"payment", "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C",
			"unsigned", "Số tiền (đồng)"},
		{"link", "https://dichvucong.example/x", "unsigned", "Liên kết đến"},
		{"words", "xin chào", "unsigned", "Nội dung"},
		{"one letter changed", strings.Replace(good, good[60:61], map[bool]string{true: "B", false: "A"}[good[60] == 'A'], 1), "", ""},
		{"cut", good[:len(good)-2], "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := judge.Judge(verifier, tt.text, "vi", now)
			if v.Valid || len(v.Signed) != 0 || v.Headline == "" || tt.verdict != "" && v.Verdict != tt.verdict {
				t.Fatalf("%+v", v)
			}
			if tt.label != "" && (len(v.Unsigned) == 0 || !hasLabel(v.Unsigned, tt.label)) {
				t.Errorf("unsigned %v", v.Unsigned)
			}
		})
	}
}

func hasLabel(rows []judge.Row, label string) bool {
	for _, r := range rows {
		if r.Label == label {
			return true
		}
	}
	return false
}

func TestExpired(t *testing.T) {
	issuer, verifier := office(t)
	if v := judge.Judge(verifier, code(t, issuer), "en", now.AddDate(0, 2, 0)); v.Valid || v.Verdict != "expired" || len(v.Reasons) == 0 {
		t.Errorf("%+v", v)
	}
}
