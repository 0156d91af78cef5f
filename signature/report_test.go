package signature_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The JSON form of a report is a promise. What differs from run to run is fixed before it is compared.
func TestReportJSON(t *testing.T) {
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{EmptySignature: "co_quan"}), o.leader,
		pades.Config{Reason: "Phê duyệt", Location: "Vĩnh Mỹ", Room: 4096})
	doc = sign(t, doc, o.agency, pades.Config{Field: "co_quan", Room: 4096})
	report := verify(t, verifier(t, o.ca.Root), must(t)(signaturetest.ReplaceContent(doc, "PAY 9")), at)
	fix := func(c *signature.Certificate) { c.Serial, c.SHA256 = "40", strings.Repeat("0", 64) }
	for i := range report.Signatures {
		fix(report.Signatures[i].Signer)
		for j := range report.Signatures[i].Chain {
			fix(&report.Signatures[i].Chain[j])
		}
	}
	got, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "report.json")
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the JSON form changed:\n%s", got)
	}
	var back signature.Report
	if err := json.Unmarshal(got, &back); err != nil || back.Indication != report.Indication {
		t.Errorf("does not read back: %v", err)
	}
}

// Names of persons stay out of logs and formatted text.
func TestReportRedactsItself(t *testing.T) {
	o := newOffice(t)
	report := verify(t, verifier(t, o.ca.Root), sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{}), at)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	s := report.Signatures[0]
	logger.Info("judged", "report", report, "signature", s, "certificate", *s.Signer)
	fmt.Fprintf(&log, "%v %s %v %v", report, s, *s.Signer, s.Chain)
	if strings.Contains(log.String(), "Nghĩa") {
		t.Errorf("a person in %q", log.String())
	}
	if !strings.Contains(log.String(), "TOTAL_PASSED") {
		t.Errorf("no verdict in %q", log.String())
	}
	if s.Text("vi") != "Chữ ký số hợp lệ." || s.Text("en") != "The signature is valid." || s.Text("fr") != s.Text("vi") {
		t.Errorf("%q, %q", s.Text("vi"), s.Text("en"))
	}
}

func TestParseTrustStore(t *testing.T) {
	o := newOffice(t)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	root := block("CERTIFICATE", o.ca.Root.Raw)
	trust, err := signature.ParseTrustStore([]byte(root + "\n" + root + block("CERTIFICATE", o.ca.Intermediate.Raw)))
	if err != nil || len(trust.Anchors()) != 2 {
		t.Fatalf("%v", err)
	}
	for name, text := range map[string]string{
		"empty": "", "text": "xin chào", "a key": block("PRIVATE KEY", []byte{1}), "cut": root[:len(root)-30],
		"text between": root + "-- note --\n" + root, "not a certificate": block("CERTIFICATE", []byte{0x30, 0}),
		"a person": block("CERTIFICATE", o.leader.Certificate.Raw),
	} {
		if _, err := signature.ParseTrustStore([]byte(text)); err == nil && name != "text between" {
			t.Errorf("%s is accepted", name)
		}
	}
}

// An intermediate may be the anchor: then nothing above it is asked for.
func TestIntermediateAsAnchor(t *testing.T) {
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{})
	if s := verify(t, verifier(t, o.ca.Intermediate), doc, at).Signatures[0]; s.Indication != signature.TotalPassed || len(s.Chain) != 1 {
		t.Errorf("%s %v", s.Indication, codes(s))
	}
}

func TestDocumentErrorsHaveWords(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	plain := string(signaturetest.NewPDF(signaturetest.File{}))
	for code, doc := range map[string]string{
		"document.encrypted":  strings.Replace(plain, "/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R", 1),
		"document.unreadable": plain[:100],
	} {
		_, err := v.Verify(t.Context(), strings.NewReader(doc), int64(len(doc)), at)
		e, ok := err.(*signature.DocumentError)
		if !ok || e.Code() != code || e.Text("vi") == "" || e.Text("vi") == e.Text("en") {
			t.Errorf("%s: %v", code, err)
		}
	}
}
