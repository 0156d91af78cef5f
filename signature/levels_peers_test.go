package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	peerverify "github.com/digitorus/pdfsign/verify"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
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

// The table of docs/signature-peers.md: the same files before poppler, pdfsign and ours. Only ours is held to an answer;
// what the peers say is logged, with -v.
func TestAttacksBesidePeers(t *testing.T) {
	pdfsig, qpdf := enginetest.Need(t, "pdfsig"), enginetest.Need(t, "qpdf")
	w := newWorld(t)
	do := must(t)
	id := issue(t, w.ca, signaturetest.Subject{CommonName: "Trần Đại Nghĩa", Key: signaturetest.RSA2048})
	expired := issue(t, w.ca, signaturetest.Subject{CommonName: "Trần Đại Nghĩa", Key: signaturetest.RSA2048,
		NotBefore: at.AddDate(-2, 0, 0), NotAfter: at.AddDate(-1, 0, 0)})
	evil, err := signaturetest.NewCA(at, signaturetest.CAConfig{Name: "kẻ tấn công"})
	if err != nil {
		t.Fatal(err)
	}
	stranger := issue(t, evil, signaturetest.Subject{CommonName: "Trần Đại Nghĩa", Key: signaturetest.RSA2048})
	stranger.Chain = append(stranger.Chain, evil.Root, w.ca.Intermediate, w.ca.Root)
	w.server.Know(id.Certificate, expired.Certificate)
	settings := pades.Config{PKCS1v15: true, Room: 8192}
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), id, settings)
	settings.At = at.AddDate(-1, -6, 0)
	old := sign(t, signaturetest.NewPDF(signaturetest.File{}), expired, settings)
	certified := sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{PKCS1v15: true, Certify: pades.NoChanges})
	for _, tt := range []struct {
		name string
		doc  []byte
		want signature.Indication
	}{
		{"untouched", doc, signature.TotalPassed},
		{"attacker's root beside genuine certificates", sign(t, signaturetest.NewPDF(signaturetest.File{}), stranger,
			pades.Config{PKCS1v15: true}), signature.Indeterminate},
		{"content replaced", do(signaturetest.ReplaceContent(doc, "PAY 9,999,999,999")), signature.TotalFailed},
		{"content replaced under a certification", do(signaturetest.ReplaceContent(certified, "PAY 9")), signature.TotalFailed},
		{"page covered by an annotation", do(signaturetest.CoverPage(doc)), signature.TotalFailed},
		{"signature wrapping", do(signaturetest.Wrap(doc, "PAY 9,999,999,999")), signature.TotalFailed},
		{"object not in the cross-reference", do(signaturetest.HideObject(doc, "PAY 9")), signature.Indeterminate},
		{"garbage appended", signaturetest.AppendGarbage(doc, 100), signature.Indeterminate},
		{"all-zero signature", do(signaturetest.ReplaceContents(doc, nil)), signature.TotalFailed},
		{"certificate expired, no time stamp", old, signature.Indeterminate},
		{"one signed byte changed", do(signaturetest.ChangeSignedByte(doc)), signature.TotalFailed},
	} {
		report := verify(t, w.verifier(t, w.fetcher()), tt.doc, w.now)
		if report.Indication != tt.want {
			explain(t, report)
			t.Errorf("%s: %s, want %s", tt.name, report.Indication, tt.want)
		}
		path := peerFile(t, tt.doc)
		text, _ := run(t, pdfsig, "-nocert", path)
		var said []string
		for _, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "Signature Validation") || strings.Contains(line, "otal document") {
				said = append(said, strings.TrimSpace(line))
			}
		}
		_, refused := run(t, qpdf, "--check", path)
		theirs, err := peerverify.Verify(bytes.NewReader(tt.doc), int64(len(tt.doc)))
		peer := fmt.Sprint(err)
		if theirs != nil && len(theirs.Signers) > 0 {
			peer = fmt.Sprint("valid ", theirs.Signers[0].ValidSignature)
		} else if err == nil {
			peer = "no signers, no error"
		}
		t.Logf("%s | %s %s | %s | %s | qpdf %v", tt.name, report.Indication, report.Signatures[0].SubIndication, strings.Join(said, "; "), peer,
			refused)
	}
}
