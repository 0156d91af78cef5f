package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

// TestIssueAndJudge goes the way of a tester with a fresh key: issue, judge, revoke, judge again, show both lists.
func TestIssueAndJudge(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, data []byte) {
		if err := os.WriteFile(at(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	until := time.Now().AddDate(0, 6, 0).Format(time.RFC3339)
	write("receipt.json", []byte(`{"kind":"receipt","expires":"`+until+`","status":{"list":3,"index":7},"body":{
		"dossier":"H26.12-261120-0001","procedure":"2.000635","subject":"********4321","nameCode":"TN1","source":"H26.12-MC",
		"published":"2026-11-20T12:00:00+07:00","due":"2026-11-25T12:00:00+07:00"}}`))
	write("person.json", []byte(`{"kind":"person","expires":"`+until+`","status":{"list":3,"index":8},
		"body":{"fullName":"Trần Thị Mỹ Vĩnh","birth":"1958-03-09","selective":true}}`))
	write("bad.json", []byte(`{"kind":"receipt","expires":"`+until+`","body":{"dossier":"x"}}`))
	write("unknown.json", []byte(`{"kind":"receipt","colour":"red"}`))

	issue := []string{"qr", "-issue", "-key", at("key.pem"), "-agency", "H26.12", "-newtrust", at("trust.json")}
	status0, answers := call(t, "", append(issue, at("receipt.json"))...)
	if status0 != exitValid || answers[0]["kind"] != "receipt" {
		t.Fatalf("issue: %d %v", status0, answers)
	}
	text := answers[0]["text"].(string)
	if s, a := call(t, "", append(issue, at("person.json"))...); s != exitValid || a[0]["kind"] != "person" {
		t.Errorf("issue a person: %d %v", s, a)
	}
	_, answers = call(t, "", append(issue, at("person.json"))...)
	who := answers[0]["text"].(string)
	for _, reveal := range []bool{false, true} {
		_, a := call(t, "", "qr", who, "-trust", at("trust.json"), fmt.Sprint("-reveal=", reveal))
		out := fmt.Sprint(a[0])
		if strings.Contains(out, "Mỹ Vĩnh") != reveal || strings.Contains(out, "1958-03-09") != reveal {
			t.Errorf("reveal %v: %s", reveal, out)
		}
	}
	slip := "TTHC1|2|H26.12-261120-0001|2.000635|********4321|Giấy tiếp nhận|H26.12-MC|2026-11-20T12:00:00|2026-11-25T12:00:00|/|"
	s, a := call(t, "", "qr", slip, "-trust", at("trust.json"))
	if claimed, _ := a[0]["claimedUnsigned"].(map[string]any); s != exitInvalid || a[0]["verdict"] != "unsigned" ||
		claimed["dossier"] != "H26.12-261120-0001" || a[0]["claims"] != nil {
		t.Errorf("an unsigned slip: %d %v", s, a)
	}
	for _, name := range []string{"bad.json", "unknown.json", "none.json", "key.pem"} {
		if s, a := call(t, "", append(issue, at(name))...); s != exitInvalid || a[0]["valid"] != false {
			t.Errorf("issue %s: %d %v", name, s, a)
		}
	}
	if s, a := call(t, "", "qr", text, "-trust", at("trust.json")); s != exitInvalid || a[0]["verdict"] != "valid-status-stale" {
		t.Errorf("without a status list: %d %v", s, a)
	}

	issuer, err := qr.NewIssuer(key, "H26.12", qr.IssueConfig{})
	if err != nil {
		t.Fatal(err)
	}
	places, err := status.New(100, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		value   status.Value
		exit    int
		verdict string
	}{{status.Good, exitValid, "valid"}, {status.Suspended, exitInvalid, "suspended"}, {status.Revoked, exitInvalid, "revoked"}} {
		if err := places.Set(7, step.value); err != nil {
			t.Fatal(err)
		}
		data, err := issuer.SignStatusList(qr.StatusDraft{List: 3, URI: "https://qr.example.vn/3", Table: places,
			Expires: time.Now().AddDate(0, 0, 7)})
		if err != nil {
			t.Fatal(err)
		}
		write("status-1.cose", data)
		for _, where := range []string{at("status-1.cose"), dir} {
			s, a := call(t, "", "qr", text, "-trust", at("trust.json"), "-status", where)
			if s != step.exit || a[0]["verdict"] != step.verdict {
				t.Errorf("%v: %d %v", step.value, s, a)
			}
		}
	}
	s, a = call(t, "", "statuslist", at("status-1.cose"), "-trust", at("trust.json"))
	if counts, _ := a[0]["counts"].(map[string]any); s != exitValid || counts["revoked"] != 1.0 || counts["good"] != 99.0 {
		t.Errorf("statuslist: %d %v", s, a)
	}
	s, a = call(t, "", "statuslist", at("status-1.cose"), "-trust", at("trust.json"), "-at", "2030-01-01")
	if s != exitInvalid || a[0]["valid"] != false {
		t.Errorf("statuslist after its end: %d %v", s, a)
	}
	s, a = call(t, "", "trustlist", at("trust.json"))
	if keys, _ := a[0]["keys"].([]any); s != exitValid || len(keys) != 1 || a[0]["version"] != 1.0 {
		t.Errorf("trustlist: %d %v", s, a)
	}
	for _, args := range [][]string{{"trustlist", at("key.pem")}, {"trustlist", at("trust.json"), "-at", "2036-01-01"},
		{"statuslist", at("key.pem"), "-trust", at("trust.json")}} {
		if s, a := call(t, "", args...); s != exitInvalid || a[0]["valid"] != false {
			t.Errorf("%v: %d %v", args, s, a)
		}
	}
	for _, args := range [][]string{{"qr", "-issue", at("receipt.json")}, {"statuslist", at("status-1.cose")},
		{"qr", text, "-trust", at("trust.json"), "-status", at("key.pem")}, {"qr", text, "-trust", at("trust.json"), "-codes", at("key.pem")}} {
		if s, _ := call(t, "", args...); s != exitUsage {
			t.Errorf("%v: status %d, want %d", args, s, exitUsage)
		}
	}
}
