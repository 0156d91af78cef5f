package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/signaturetest"
)

// bench is a directory of files for another program.
type bench struct {
	t   *testing.T
	dir string
}

func (b bench) write(name string, data []byte) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

func (b bench) certificates(name string, list ...*x509.Certificate) string {
	var text []byte
	for _, c := range list {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return b.write(name, text)
}

// poppler and qpdf accept every level.
func TestPeersAcceptLevels(t *testing.T) {
	pdfsig, qpdf := enginetest.Need(t, "pdfsig"), enginetest.Need(t, "qpdf")
	for name, file := range map[string]signaturetest.File{"table": {Annotation: true}, "stream": {XRefStream: true}} {
		w := newWorld(t)
		b := w.sign(t, signaturetest.NewPDF(file), w.leader)
		stamped := w.stamp(t, b)
		preserved := w.preserve(t, stamped)
		archived := w.archive(t, preserved)
		renewed := w.archive(t, w.preserve(t, archived))
		for level, doc := range map[string][]byte{"B-B": b, "B-T": stamped, "B-LT": preserved, "B-LTA": archived, "renewed": renewed} {
			t.Run(name+" "+level, func(t *testing.T) {
				path := peerFile(t, doc)
				if text, err := run(t, qpdf, "--check", path); err != nil || strings.Contains(text, "WARNING") {
					t.Errorf("%v\n%s", err, text)
				}
				text, err := run(t, pdfsig, "-nocert", path)
				if !strings.Contains(text, "Signature is Valid.") || strings.Contains(text, "Syntax Error") ||
					!strings.Contains(text, "ETSI.CAdES.detached") {
					t.Errorf("%v\n%s", err, text)
				}
			})
		}
	}
}

// openssl verifies our time stamps, OCSP responses and CRLs, as openssl's own are read below: each codec has a judge that
// is not itself.
func TestOpensslReadsOurEvidence(t *testing.T) {
	program := enginetest.Need(t, "openssl")
	w := newWorld(t)
	doc := w.stamp(t, w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader))
	m, _, err := cms.Parse(must(t)(signaturetest.Message(doc)))
	if err != nil {
		t.Fatal(err)
	}
	signer := m.Signers[0]
	b := bench{t, t.TempDir()}
	root, between := b.certificates("root.pem", w.ca.Root), b.certificates("ca.pem", w.ca.Intermediate)
	when := strconv.FormatInt(w.now.Unix(), 10)
	text, err := run(t, program, "ts", "-verify", "-data", b.write("value", signer.Value), "-in", b.write("token", signer.Unsigned[0].Values[0]),
		"-token_in", "-CAfile", root, "-untrusted", between, "-attime", when)
	if err != nil || !strings.Contains(text, "Verification: OK") {
		t.Errorf("ts: %v\n%s", err, text)
	}
	der, err := w.ca.Status(w.now, w.leader.Certificate, signaturetest.StatusConfig{})
	if err != nil {
		t.Fatal(err)
	}
	text, err = run(t, program, "ocsp", "-respin", b.write("ocsp", der), "-issuer", between, "-cert",
		b.certificates("leaf.pem", w.leader.Certificate), "-CAfile", root, "-VAfile", between, "-attime", when, "-no_nonce",
		"-validity_period", "99999999")
	if err != nil || !strings.Contains(text, "good") || !strings.Contains(text, "Response verify OK") {
		t.Errorf("ocsp: %v\n%s", err, text)
	}
}

// A token that openssl makes: other attributes, other encodings. Ours reads it and takes its time.
func TestOurVerifierReadsOpensslToken(t *testing.T) {
	program := enginetest.Need(t, "openssl")
	w := newWorld(t)
	b := bench{t, t.TempDir()}
	der, err := x509.MarshalPKCS8PrivateKey(w.tsa.Signer)
	if err != nil {
		t.Fatal(err)
	}
	b.write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	b.certificates("tsa.pem", w.tsa.Certificate)
	b.certificates("chain.pem", w.ca.Intermediate)
	b.write("serial", []byte("01"))
	config := b.write("ts.cnf", []byte("[tsa]\ndefault_tsa=t\n[t]\ndir="+b.dir+"\nserial=$dir/serial\nsigner_cert=$dir/tsa.pem\ncerts=$dir/chain.pem\n"+
		"signer_key=$dir/key.pem\ndefault_policy=1.2.3.4.1\ndigests=sha256\nsigner_digest=sha256\naccuracy=secs:1\nordering=yes\ntsa_name=yes\n"+
		"ess_cert_id_chain=yes\ness_cert_id_alg=sha256\n"))
	plain := w.sign(t, signaturetest.NewPDF(signaturetest.File{}), w.leader)
	m, _, err := cms.Parse(must(t)(signaturetest.Message(plain)))
	if err != nil {
		t.Fatal(err)
	}
	sum := crypto.SHA256.New()
	sum.Write(m.Signers[0].Value)
	request := cms.TimestampRequest{Hash: crypto.SHA256, Imprint: sum.Sum(nil), Certificates: true}
	out := filepath.Join(b.dir, "token")
	text, err := run(t, program, "ts", "-reply", "-config", config, "-queryfile", b.write("query", request.Encode()), "-token_out", "-out", out)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	token, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	parsed, rest, err := cms.ParseToken(token)
	if err != nil || len(rest) != 0 {
		t.Fatalf("ours does not read openssl's token: %v", err)
	}
	longer, err := cms.AddUnsigned(must(t)(signaturetest.Message(plain)), cms.Attribute{ID: cms.OIDTimestampToken, Values: [][]byte{token}})
	if err != nil {
		t.Fatal(err)
	}
	// openssl stamps with the machine's clock, not with the test's.
	if now := parsed.Info.Time; now.After(w.tsa.Certificate.NotBefore) && now.Before(w.tsa.Certificate.NotAfter) {
		w.now = now
		report := verify(t, w.verifier(t, w.fetcher()), must(t)(signaturetest.ReplaceContents(plain, longer)), now)
		if s := report.Signatures[0]; len(s.Timestamps) != 1 || s.Timestamps[0].Indication != signature.TotalPassed ||
			s.Timestamps[0].Policy != "1.2.3.4.1" {
			explain(t, report)
			t.Error("openssl's time stamp")
		}
		return
	}
	cert, err := parsed.Certificate()
	if err != nil || parsed.Check(cert) != nil || !bytes.Equal(parsed.Info.Imprint, request.Imprint) {
		t.Errorf("%v, %v", err, parsed.Check(cert))
	}
}
