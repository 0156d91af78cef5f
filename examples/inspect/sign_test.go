package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/motcua/motcua/signature/signaturetest"
)

// signer writes the key, chain, roots and an unsigned document of a CA with services into a directory.
func signer(t *testing.T) (dir string, server *signaturetest.Server, ca *signaturetest.CA, id *signaturetest.Identity) {
	t.Helper()
	dir = t.TempDir()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	server, err := signaturetest.NewServer(time.Now)
	check(err)
	t.Cleanup(func() { _ = server.Close() })
	ca, err = signaturetest.NewCA(time.Now(), signaturetest.CAConfig{URL: server.URL})
	check(err)
	tsa, err := ca.NewTSA(time.Now(), signaturetest.TSAConfig{})
	check(err)
	id, err = ca.Issue(time.Now(), signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	check(err)
	server.Serve(ca, tsa)
	server.Know(id.Certificate, tsa.Certificate)
	der, err := x509.MarshalPKCS8PrivateKey(id.Signer)
	check(err)
	write := func(name, kind string, list ...[]byte) {
		var b bytes.Buffer
		for _, der := range list {
			check(pem.Encode(&b, &pem.Block{Type: kind, Bytes: der}))
		}
		check(os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
	write("key.pem", "PRIVATE KEY", der)
	write("chain.pem", "CERTIFICATE", id.Certificate.Raw, ca.Intermediate.Raw, ca.Root.Raw)
	write("roots.pem", "CERTIFICATE", ca.Root.Raw)
	check(os.WriteFile(filepath.Join(dir, "in.pdf"), signaturetest.NewPDF(signaturetest.File{}), 0o600))
	return dir, server, ca, id
}

// Every level, signed and judged by the tool itself, as the only signature.
func TestSignLevels(t *testing.T) {
	dir, server, ca, id := signer(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, level := range []string{"B", "T", "LT", "LTA"} {
		out := in(level + ".pdf")
		status, answers := call(t, "", "sign", "-level", "B-"+level, "-key", in("key.pem"), "-cert", in("chain.pem"),
			"-tsa", server.URL+"/tsa", "-reason", "Phê duyệt", in("in.pdf"), out)
		if status != exitValid || answers[0]["level"] != "PAdES-BASELINE-"+level {
			t.Fatalf("%s: %d %v", level, status, answers)
		}
		status, answers = call(t, "", "pdf", out, "-roots", in("roots.pem"), "-fetch")
		if status != exitValid || answers[0]["indication"] != "TOTAL_PASSED" {
			t.Fatalf("%s: %d %v", level, status, answers)
		}
		s := answers[0]["signatures"].([]any)[0].(map[string]any)
		if s["level"] != "PAdES-BASELINE-"+level || s["indication"] != "TOTAL_PASSED" {
			t.Errorf("%s: %v", level, s["level"])
		}
	}
	ca.Revoke(id.Certificate, signaturetest.Revocation{At: time.Now().Add(-time.Hour), Reason: 1})
	if err := os.Mkdir(in("status"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, root := range map[string]bool{"ca.crl": false, "root.crl": true} {
		der, _, err := ca.List(time.Now(), signaturetest.ListConfig{Root: root})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "status", name), der, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, answers := call(t, "", "pdf", in("B.pdf"), "-roots", in("roots.pem"), "-crl", in("status"))
	s := answers[0]["signatures"].([]any)[0].(map[string]any)
	if status != exitInvalid || s["subIndication"] != "REVOKED_NO_POE" {
		t.Errorf("revoked: %d, %v", status, s["subIndication"])
	}
	if status, answers := call(t, "", "pdf", in("B.pdf"), "-roots", in("roots.pem")); status != exitInvalid ||
		answers[0]["indication"] != "INDETERMINATE" {
		t.Errorf("nobody was asked although the certificate names a responder: %d", status)
	}
	if status, answers := call(t, "", "pdf", in("B.pdf"), "-roots", in("roots.pem"), "-crl", in("status/root.crl")); status != exitInvalid ||
		answers[0]["indication"] != "INDETERMINATE" {
		t.Errorf("unknown: %d", status)
	}
}

func TestSignRefuses(t *testing.T) {
	dir, server, _, _ := signer(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, tt := range map[string]struct {
		args []string
		want int
	}{
		"no key":        {[]string{"sign", in("in.pdf"), in("out.pdf")}, exitUsage},
		"no such level": {[]string{"sign", "-level", "B-X", "-key", in("key.pem"), "-cert", in("chain.pem"), in("in.pdf"), in("out.pdf")}, exitUsage},
		"no authority":  {[]string{"sign", "-level", "B-T", "-key", in("key.pem"), "-cert", in("chain.pem"), in("in.pdf"), in("out.pdf")}, exitUsage},
		"one file":      {[]string{"sign", "-key", in("key.pem"), "-cert", in("chain.pem"), in("in.pdf")}, exitUsage},
		"no document":   {[]string{"sign", "-key", in("key.pem"), "-cert", in("chain.pem"), in("none.pdf"), in("out.pdf")}, exitInvalid},
		"not a PDF":     {[]string{"sign", "-key", in("key.pem"), "-cert", in("chain.pem"), in("key.pem"), in("out.pdf")}, exitInvalid},
		"refused": {[]string{"sign", "-level", "B-T", "-key", in("key.pem"), "-cert", in("chain.pem"), "-tsa", server.URL + "/tsa",
			in("in.pdf"), in("out.pdf")}, exitInvalid},
	} {
		server.Flaw("/tsa", signaturetest.Refuses)
		if status, _ := call(t, "", tt.args...); status != tt.want {
			t.Errorf("%s: %d", name, status)
		}
		if _, err := os.Stat(in("out.pdf")); err == nil {
			t.Errorf("%s: something was written", name)
		}
	}
}
