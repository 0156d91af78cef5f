package pades_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/pdf"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

var now = vntime.Date(2026, time.November, 21).Add(9 * time.Hour)

func clock() time.Time { return now }

func newCA(tb testing.TB) *signaturetest.CA {
	tb.Helper()
	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	return ca
}

func issue(tb testing.TB, ca *signaturetest.CA, s signaturetest.Subject) *signaturetest.Identity {
	tb.Helper()
	if s.CommonName == "" {
		s.CommonName = "Nguyễn Trọng Nghĩa"
	}
	id, err := ca.Issue(now, s)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

func sign(doc []byte, id *signaturetest.Identity, cfg pades.Config) ([]byte, error) {
	var out bytes.Buffer
	if cfg.Now == nil {
		cfg.Now = clock
	}
	err := pades.Sign(bytes.NewReader(doc), int64(len(doc)), &out, id.Signer, id.Chain, cfg)
	return out.Bytes(), err
}

func open(tb testing.TB, doc []byte) *pdf.Document {
	tb.Helper()
	d, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func passes(tb testing.TB, ca *signaturetest.CA, doc []byte, signatures int) {
	tb.Helper()
	trust, err := signature.NewTrustStore(ca.Root)
	if err != nil {
		tb.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
	if err != nil {
		tb.Fatal(err)
	}
	report, err := v.Verify(tb.Context(), bytes.NewReader(doc), int64(len(doc)), now)
	if err != nil {
		tb.Fatal(err)
	}
	if report.Indication != signature.TotalPassed || len(report.Signatures) != signatures {
		tb.Errorf("%v", report)
		for _, s := range report.Signatures {
			tb.Log(s.Field, s.Text("en"))
		}
	}
}

// S2 and S3: fields and inline annotations that are there stay as they are.
func TestWhatWasThereStays(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	for name, stream := range map[string]bool{"table": false, "stream": true} {
		t.Run(name, func(t *testing.T) {
			before := signaturetest.NewPDF(signaturetest.File{Fields: []string{"ho_ten", "so_tien"}, Annotation: true, XRefStream: stream})
			after, err := sign(before, id, pades.Config{})
			if err != nil {
				t.Fatal(err)
			}
			a, b := open(t, before), open(t, after)
			if b.Sections()[0].Stream != stream {
				t.Error("another kind of cross-reference")
			}
			fieldsA, err1 := a.Fields()
			fieldsB, err2 := b.Fields()
			if err1 != nil || err2 != nil || len(fieldsB) != 3 {
				t.Fatalf("%v, %v, %d fields", err1, err2, len(fieldsB))
			}
			for i, f := range fieldsA {
				if g := fieldsB[i]; g.Name != f.Name || !pdf.Equal(g.Dict, f.Dict) {
					t.Errorf("field %q became %q %v", f.Name, g.Name, g.Dict)
				}
			}
			catalogA, _ := a.Catalog()
			catalogB, _ := b.Catalog()
			formA, _ := a.Dict(catalogA["AcroForm"])
			formB, _ := b.Dict(catalogB["AcroForm"])
			if !pdf.Equal(formA["DA"], formB["DA"]) || !pdf.Equal(formA["DR"], formB["DR"]) || formB["SigFlags"] != pdf.Value(int64(3)) {
				t.Errorf("form %v", formB)
			}
			_, pageA, _ := a.FirstPage()
			_, pageB, _ := b.FirstPage()
			annotsA, _ := a.Array(pageA["Annots"])
			annotsB, _ := b.Array(pageB["Annots"])
			if len(annotsB) != len(annotsA)+1 || !pdf.Equal(annotsA, annotsB[:len(annotsA)]) {
				t.Errorf("annotations %v", annotsB)
			}
			passes(t, ca, after, 1)
		})
	}
}

// S4: zeros in the content are not taken for the placeholder.
func TestZerosInTheContent(t *testing.T) {
	ca := newCA(t)
	before := signaturetest.NewPDF(signaturetest.File{Zeros: 60000})
	after, err := sign(before, issue(t, ca, signaturetest.Subject{}), pades.Config{})
	if err != nil || !bytes.HasPrefix(after, before) {
		t.Fatal(err)
	}
	passes(t, ca, after, 1)
}

func TestThreeSteps(t *testing.T) {
	ca := newCA(t)
	doc := signaturetest.NewPDF(signaturetest.File{})
	other := signaturetest.NewPDF(signaturetest.File{Text: "PAY 9,000,000"})
	for name, kind := range map[string]signaturetest.KeyKind{"RSA": signaturetest.RSA2048, "ECDSA": signaturetest.P384,
		"Ed25519": signaturetest.Ed25519} {
		t.Run(name, func(t *testing.T) {
			id := issue(t, ca, signaturetest.Subject{Key: kind})
			first, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), id.Chain, pades.Config{Now: clock, Reason: "Phê duyệt"})
			if err != nil {
				t.Fatal(err)
			}
			kept, err := first.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			prepared := new(pades.Prepared) // another process, minutes later
			if err := prepared.UnmarshalBinary(kept); err != nil {
				t.Fatal(err)
			}
			input, opts := prepared.Input()
			if again, _ := first.Input(); !bytes.Equal(again, input) {
				t.Error("the state asks for another signature")
			}
			value, err := id.Signer.Sign(rand.Reader, input, opts)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := prepared.Embed(bytes.NewReader(other), int64(len(other)), &out, value); !errors.Is(err, pades.ErrChanged) {
				t.Errorf("another document: %v", err)
			}
			wrong := bytes.Clone(value)
			wrong[len(wrong)-1] ^= 1
			if err := prepared.Embed(bytes.NewReader(doc), int64(len(doc)), &out, wrong); !errors.Is(err, pades.ErrValue) {
				t.Errorf("another value: %v", err)
			}
			if out.Len() != 0 {
				t.Error("something was written before it was known to be good")
			}
			if err := prepared.Embed(bytes.NewReader(doc), int64(len(doc)), &out, value); err != nil {
				t.Fatal(err)
			}
			passes(t, ca, out.Bytes(), 1)
			if !prepared.Certificate().Equal(id.Certificate) {
				t.Error("another certificate")
			}
		})
	}
}

func TestDamagedState(t *testing.T) {
	doc := signaturetest.NewPDF(signaturetest.File{})
	id := issue(t, newCA(t), signaturetest.Subject{})
	p, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), id.Chain, pades.Config{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(map[string]any){
		"version": func(m map[string]any) { m["version"] = 9 }, "size": func(m map[string]any) { m["size"] = -1 },
		"hole before": func(m map[string]any) { m["pos"] = 1 }, "hole after": func(m map[string]any) { m["end"] = 1 << 40 },
		"hole elsewhere": func(m map[string]any) { m["pos"] = m["pos"].(float64) + 1 },
		"no chain":       func(m map[string]any) { m["chain"] = nil }, "digest": func(m map[string]any) { m["digest"] = "AAAA" },
		"unknown": func(m map[string]any) { m["more"] = 1 }, "revision": func(m map[string]any) { m["revision"] = "" },
	} {
		t.Run(name, func(t *testing.T) {
			var m map[string]any
			if err := json.Unmarshal(kept, &m); err != nil {
				t.Fatal(err)
			}
			edit(m)
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if err := new(pades.Prepared).UnmarshalBinary(text); !errors.Is(err, pades.ErrState) {
				t.Errorf("got %v", err)
			}
		})
	}
	for n := 0; n < len(kept); n += 97 {
		if new(pades.Prepared).UnmarshalBinary(kept[:n]) == nil {
			t.Fatalf("%d of %d bytes are a state", n, len(kept))
		}
	}
}

func TestCertificatesThatMayNotSign(t *testing.T) {
	ca := newCA(t)
	doc := signaturetest.NewPDF(signaturetest.File{})
	good := issue(t, ca, signaturetest.Subject{})
	stolen := *good
	stolen.Signer = issue(t, ca, signaturetest.Subject{}).Signer
	tests := []struct {
		name string
		id   *signaturetest.Identity
		want pades.CertificateRule
	}{
		{"expired", issue(t, ca, signaturetest.Subject{NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(-1, 0, 0)}), pades.RuleExpired},
		{"not yet valid", issue(t, ca, signaturetest.Subject{NotBefore: now.AddDate(0, 0, 1)}), pades.RuleNotYet},
		{"encryption only", issue(t, ca, signaturetest.Subject{KeyUsage: x509.KeyUsageKeyEncipherment}), pades.RuleUsage},
		{"RSA 1024", issue(t, ca, signaturetest.Subject{Key: signaturetest.RSA1024}), pades.RuleAlgorithm},
		{"another's key", &stolen, pades.RuleKey},
		{"no chain", &signaturetest.Identity{Signer: good.Signer}, pades.RuleMissing},
		{"a hole in the chain", &signaturetest.Identity{Signer: good.Signer, Chain: []*x509.Certificate{good.Certificate, nil}},
			pades.RuleChainOrder},
		{"no key", &signaturetest.Identity{Chain: good.Chain}, pades.RuleKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := sign(doc, tt.id, pades.Config{})
			var e *pades.CertificateError
			if !errors.As(err, &e) || e.Rule != tt.want || len(out) != 0 {
				t.Fatalf("got %v, %d bytes", err, len(out))
			}
			if e.Code() != "pades.certificate."+string(tt.want) || e.Text("vi") == "" || e.Text("vi") == e.Text("en") {
				t.Errorf("no words for %q", e.Code())
			}
		})
	}
}

func TestDocumentsThatCannotBeSigned(t *testing.T) {
	id := issue(t, newCA(t), signaturetest.Subject{})
	plain := string(signaturetest.NewPDF(signaturetest.File{}))
	for name, doc := range map[string]string{"empty": "", "text": "xin chào", "cut": plain[:len(plain)/2],
		"encrypted": strings.Replace(plain, "/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R", 1)} {
		out, err := sign([]byte(doc), id, pades.Config{})
		var e *pades.DocumentError
		if !errors.As(err, &e) || len(out) != 0 {
			t.Errorf("%s: %v, %d bytes", name, err, len(out))
		} else if e.Text("vi") == e.Text("en") || e.Code() == "" {
			t.Errorf("%s: no words", name)
		}
	}
	locked := strings.Replace(plain, "/Pages 2 0 R", "/Pages 2 0 R/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>>>", 1)
	locked = relocate(locked)
	if out, err := sign([]byte(locked), id, pades.Config{}); !errors.Is(err, pades.ErrLocked) || len(out) != 0 {
		t.Errorf("locked: %v", err)
	}
}

// relocate gives a file whose catalog grew a fresh cross-reference table by writing the catalog once more.
func relocate(doc string) string {
	body := doc[strings.Index(doc, "1 0 obj"):strings.Index(doc, "2 0 obj")]
	plain := string(signaturetest.NewPDF(signaturetest.File{}))
	section := strings.LastIndex(plain, "xref\n0")
	at := len(plain)
	text := plain + body
	start := len(text)
	return text + "xref\n1 1\n" + pad(at) + " 00000 n\r\ntrailer\n<</Size 6/Root 1 0 R/Prev " + pad(section) + ">>\nstartxref\n" + pad(start) + "\n%%EOF\n"
}

func pad(n int) string {
	digits := []byte("0000000000")
	for i := len(digits) - 1; n > 0; i, n = i-1, n/10 {
		digits[i] = byte('0' + n%10)
	}
	return string(digits)
}

func TestConfigIsBounded(t *testing.T) {
	id := issue(t, newCA(t), signaturetest.Subject{})
	doc := signaturetest.NewPDF(signaturetest.File{Fields: []string{"ho_ten"}})
	for name, tt := range map[string]struct {
		cfg   pades.Config
		field string
	}{
		"long reason":       {pades.Config{Reason: strings.Repeat("ĩ", 1001)}, "Reason"},
		"name not UTF-8":    {pades.Config{Name: "a\xff"}, "Name"},
		"no room":           {pades.Config{Room: 10}, "Room"},
		"too much room":     {pades.Config{Room: 1 << 30}, "Room"},
		"field of another":  {pades.Config{Field: "ho_ten"}, "Field"},
		"time out of range": {pades.Config{At: time.Date(100, 1, 1, 0, 0, 0, 0, time.UTC)}, "At"},
	} {
		var e *pades.ConfigError
		if out, err := sign(doc, id, tt.cfg); !errors.As(err, &e) || e.Field != tt.field || len(out) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sign(doc, id, pades.Config{Room: 1024}); !errors.Is(err, pades.ErrRoom) {
		t.Errorf("a signature longer than its room: %v", err)
	}
	signed, err := sign(doc, id, pades.Config{Field: "lanh_dao"})
	if err != nil {
		t.Fatal(err)
	}
	var e *pades.ConfigError
	if _, err := sign(signed, id, pades.Config{Field: "lanh_dao"}); !errors.As(err, &e) || e.Field != "Field" {
		t.Errorf("a field that is signed already: %v", err)
	}
}

type refusing struct{ crypto.Signer }

var errRefused = errors.New("token removed")

func (refusing) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errRefused }

type short struct{ left int }

func (s *short) Write(p []byte) (int, error) {
	if len(p) > s.left {
		return s.left, errRefused
	}
	s.left -= len(p)
	return len(p), nil
}

func TestFailuresOfOthersComeThrough(t *testing.T) {
	id := issue(t, newCA(t), signaturetest.Subject{})
	doc := signaturetest.NewPDF(signaturetest.File{})
	broken := *id
	broken.Signer = refusing{id.Signer}
	if out, err := sign(doc, &broken, pades.Config{}); !errors.Is(err, errRefused) || len(out) != 0 {
		t.Errorf("signer: %v, %d bytes", err, len(out))
	}
	err := pades.Sign(bytes.NewReader(doc), int64(len(doc)), &short{100}, id.Signer, id.Chain, pades.Config{Now: clock})
	if !errors.Is(err, errRefused) {
		t.Errorf("writer: %v", err)
	}
	err = pades.Sign(bytes.NewReader(doc), int64(len(doc))+10, io.Discard, id.Signer, id.Chain, pades.Config{Now: clock})
	if !errors.As(err, new(*pades.DocumentError)) {
		t.Errorf("size beyond the input: %v", err)
	}
}

func TestCertifyRefusals(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	plain := signaturetest.NewPDF(signaturetest.File{EmptySignature: "co_quan"})
	once, err := sign(plain, id, pades.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign(once, id, pades.Config{Certify: pades.FormFields}); !errors.Is(err, pades.ErrNotFirst) {
		t.Errorf("certified as the second: %v", err)
	}
	locked, err := sign(plain, id, pades.Config{Certify: pades.NoChanges})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign(locked, id, pades.Config{}); !errors.Is(err, pades.ErrLocked) {
		t.Errorf("signed under a lock: %v", err)
	}
	field, err := sign(plain, id, pades.Config{Lock: pades.FieldLock{Action: pades.LockInclude, Fields: []string{"co_quan"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign(field, id, pades.Config{Field: "co_quan"}); !errors.Is(err, pades.ErrLocked) {
		t.Errorf("signed in a locked field: %v", err)
	}
	for name, cfg := range map[string]pades.Config{
		"unknown certification": {Certify: 7}, "unknown action": {Lock: pades.FieldLock{Action: "x"}},
		"fields without action": {Lock: pades.FieldLock{Fields: []string{"a"}}},
		"empty name":            {Lock: pades.FieldLock{Action: pades.LockInclude, Fields: []string{""}}},
	} {
		var wrong *pades.ConfigError
		if _, err := sign(plain, id, cfg); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := open(t, locked)
	catalog, _ := d.Catalog()
	if level, err := d.Permission(catalog); err != nil || level != 1 {
		t.Errorf("/Perms: %d, %v", level, err)
	}
}

// A commitment is signed, survives the three steps, and excludes a reason.
func TestCommitment(t *testing.T) {
	ca := newCA(t)
	id := issue(t, ca, signaturetest.Subject{})
	plain := signaturetest.NewPDF(signaturetest.File{})
	p, err := pades.Prepare(bytes.NewReader(plain), int64(len(plain)), id.Chain, pades.Config{Now: clock, Commitment: pades.ProofOfApproval})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again := new(pades.Prepared)
	if err := again.UnmarshalBinary(kept); err != nil {
		t.Fatal(err)
	}
	input, opts := again.Input()
	value, err := id.Signer.Sign(rand.Reader, input, opts)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := again.Embed(bytes.NewReader(plain), int64(len(plain)), &out, value); err != nil {
		t.Fatal(err)
	}
	passes(t, ca, out.Bytes(), 1)
	trust, err := signature.NewTrustStore(ca.Root)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
	if err != nil {
		t.Fatal(err)
	}
	report, err := v.Verify(t.Context(), bytes.NewReader(out.Bytes()), int64(out.Len()), now)
	if err != nil || report.Signatures[0].Commitment != "approval" {
		t.Errorf("%v, %q", err, report.Signatures[0].Commitment)
	}
	for _, cfg := range []pades.Config{{Commitment: pades.ProofOfApproval, Reason: "Phê duyệt"}, {Commitment: 7}, {Commitment: -1}} {
		if _, err := sign(plain, id, cfg); !errors.As(err, new(*pades.ConfigError)) {
			t.Errorf("%d: %v", cfg.Commitment, err)
		}
	}
}
