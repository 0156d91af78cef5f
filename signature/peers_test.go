package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	peersign "github.com/digitorus/pdfsign/sign"
	peerverify "github.com/digitorus/pdfsign/verify"
	"go.mozilla.org/pkcs7"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// vietnamese holds every letter that a low byte of UTF-16 can turn into a delimiter, and a few more.
const vietnamese = `Trần Đại Nghĩa, Vĩnh Phúc, Mỹ Tho, "Ĩ ĩ Ũ ũ Ơ ơ Ư ư Đ đ" (ẵ) \ ỹ`

func peerFile(t *testing.T, doc []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t *testing.T, program string, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	return string(out), err
}

// rendered makes a document with the PDF writer of the house.
func rendered(t *testing.T) []byte {
	t.Helper()
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCatalogSort(true)
	doc.AddPage()
	doc.SetFont("Helvetica", "", 14)
	doc.Cell(40, 10, "Giay tiep nhan ho so")
	doc.LinkString(10, 10, 20, 5, "https://example.vn/(a)")
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// manySignatures gives a document with three signatures: RSA-PSS, RSA PKCS#1 v1.5, ECDSA P-384.
func manySignatures(t *testing.T, o office, doc []byte) []byte {
	t.Helper()
	words := pades.Config{Name: vietnamese, Reason: vietnamese, Location: vietnamese}
	old := words
	old.PKCS1v15 = true
	rsa := issue(t, o.ca, signaturetest.Subject{CommonName: "Trần Đại Nghĩa", Key: signaturetest.RSA2048})
	return sign(t, sign(t, sign(t, doc, rsa, words), rsa, old), o.agency, words)
}

func peerDocuments(t *testing.T) map[string][]byte {
	return map[string][]byte{
		"fpdf":   rendered(t),
		"table":  signaturetest.NewPDF(signaturetest.File{Fields: []string{"a"}, Annotation: true}),
		"stream": signaturetest.NewPDF(signaturetest.File{XRefStream: true, Fields: []string{"a"}, Annotation: true}),
		"zeros":  signaturetest.NewPDF(signaturetest.File{Zeros: 40000, NoLineEnd: true}),
	}
}

func TestPdfsigAcceptsOurs(t *testing.T) {
	program := enginetest.Need(t, "pdfsig")
	o := newOffice(t)
	for name, doc := range peerDocuments(t) {
		t.Run(name, func(t *testing.T) {
			out, err := run(t, program, "-nocert", peerFile(t, manySignatures(t, o, doc)))
			if strings.Count(out, "Signature is Valid.") != 3 || strings.Count(out, "Total document signed") == 0 ||
				strings.Contains(out, "Syntax Error") {
				t.Errorf("%v\n%s", err, out)
			}
			if strings.Count(out, "ETSI.CAdES.detached") != 3 {
				t.Errorf("not seen as PAdES:\n%s", out)
			}
		})
	}
}

func TestQpdfAcceptsOurs(t *testing.T) {
	program := enginetest.Need(t, "qpdf")
	o := newOffice(t)
	for name, doc := range peerDocuments(t) {
		t.Run(name, func(t *testing.T) {
			path := peerFile(t, manySignatures(t, o, doc))
			if out, err := run(t, program, "--check", path); err != nil || strings.Contains(out, "WARNING") {
				t.Errorf("%v\n%s", err, out)
			}
			out, err := run(t, program, "--json", "--json-key=qpdf", path)
			if err != nil || !strings.Contains(out, strconv.QuoteToGraphic("u:"+vietnamese)) {
				t.Errorf("the words do not come back: %v", err)
			}
		})
	}
}

func TestOpensslAcceptsOurMessage(t *testing.T) {
	program := enginetest.Need(t, "openssl")
	o := newOffice(t)
	for name, kind := range map[string]signaturetest.KeyKind{"RSA-PSS": signaturetest.RSA3072, "P-256": signaturetest.P256,
		"P-384": signaturetest.P384} {
		t.Run(name, func(t *testing.T) {
			id := issue(t, o.ca, signaturetest.Subject{CommonName: "Trần Đại Nghĩa", Key: kind})
			doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{})
			message := must(t)(signaturetest.Message(doc))
			r := verify(t, verifier(t, o.ca.Root), doc, at).Signatures[0].ByteRange
			dir := t.TempDir()
			write := func(name string, data []byte) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			content := append(bytes.Clone(doc[:r[1]]), doc[r[2]:]...)
			root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.ca.Root.Raw})
			out, err := run(t, program, "cms", "-verify", "-binary", "-inform", "DER", "-in", write("m.der", message),
				"-content", write("content", content), "-CAfile", write("root.pem", root), "-purpose", "any", "-cades",
				"-attime", strconv.FormatInt(at.Unix(), 10), "-out", filepath.Join(dir, "out"))
			if err != nil || !strings.Contains(out, "Verification successful") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// Messages that openssl makes, in the forms ours does not write: signer by key identifier, PSS with a salt
// of the greatest length. Ours reads them.
func TestOurVerifierReadsOpenssl(t *testing.T) {
	program := enginetest.Need(t, "openssl")
	o := newOffice(t)
	id := issue(t, o.ca, signaturetest.Subject{CommonName: "Trần Đại Nghĩa", Key: signaturetest.RSA2048})
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), id, pades.Config{Room: 16384})
	v := verifier(t, o.ca.Root)
	r := verify(t, v, doc, at).Signatures[0].ByteRange
	key, err := x509.MarshalPKCS8PrivateKey(id.Signer)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, data []byte) string {
		if kind != "" {
			data = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out := filepath.Join(dir, "out.der")
	common := []string{"cms", "-sign", "-binary", "-outform", "DER", "-out", out,
		"-in", write("content", "", append(bytes.Clone(doc[:r[1]]), doc[r[2]:]...)),
		"-signer", write("leaf.pem", "CERTIFICATE", id.Certificate.Raw), "-inkey", write("key.pem", "PRIVATE KEY", key),
		"-certfile", write("ca.pem", "CERTIFICATE", o.ca.Intermediate.Raw)}
	for name, tt := range map[string]struct{ options, code string }{
		"plain":          {"-cades -md sha256", ""},
		"SHA-512":        {"-cades -md sha512", ""},
		"key identifier": {"-cades -md sha256 -keyid", ""},
		"PSS":            {"-cades -md sha256 -keyopt rsa_padding_mode:pss", ""},
		"PSS, long salt": {"-cades -md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:max", ""},
		"SHA-1":          {"-cades -md sha1", "signature.algorithm"},
		"MD5":            {"-md md5", "signature.algorithm"},
		"no reference":   {"-md sha256", "signature.unbound"},
		"no attributes":  {"-md sha256 -noattr", "signature.attributes"},
		"content inside": {"-cades -md sha256 -nodetach", "signature.message"},
		"no certificate": {"-cades -md sha256 -nocerts", "certificate.missing"},
	} {
		t.Run(name, func(t *testing.T) {
			if text, err := run(t, program, append(common, strings.Fields(tt.options)...)...); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			message, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			s := verify(t, v, must(t)(signaturetest.ReplaceContents(doc, message)), at).Signatures[0]
			if tt.code == "" && s.Indication != signature.TotalPassed {
				t.Errorf("%s %v", s.Indication, codes(s))
			}
			if tt.code != "" && (s.Indication == signature.TotalPassed || !slices.Contains(codes(s), tt.code)) {
				t.Errorf("%s %v, want %s", s.Indication, codes(s), tt.code)
			}
		})
	}
}

// What pdfsign v0.9.0 signs without Vietnamese words, ours verifies, and says that it is not PAdES.
func TestOurVerifierReadsPdfsign(t *testing.T) {
	o := newOffice(t)
	theirs := peerSigned(t, o, signaturetest.NewPDF(signaturetest.File{}), "Tran Dai Nghia")
	s := verify(t, verifier(t, o.ca.Root), theirs, at.AddDate(0, 0, 1)).Signatures[0]
	if s.Indication != signature.TotalPassed || s.Level != "PKCS7-B" {
		t.Errorf("%s %v %s", s.Indication, codes(s), s.Level)
	}
	// Two signers after one another, each with other software.
	both := verify(t, verifier(t, o.ca.Root), sign(t, theirs, o.agency, pades.Config{}), at.AddDate(0, 0, 1))
	if both.Indication != signature.TotalPassed || len(both.Signatures) != 2 {
		t.Errorf("%v: %v %v", both, codes(both.Signatures[0]), both.Signatures[0].Changes)
	}
	// Theirs twice: it writes the catalog anew under another number.
	twice := verify(t, verifier(t, o.ca.Root), peerSigned(t, o, theirs, "Tran Dai Nghia"), at.AddDate(0, 0, 1))
	if len(twice.Signatures) != 2 || twice.Indication != signature.TotalPassed {
		t.Errorf("%v: %v %v", twice, codes(twice.Signatures[0]), twice.Signatures[0].Changes)
	}
}

// A certifying signature that forbids every change (pdfsign v0.9.0 writes the transform), and one on top of it.
func TestLockedDocument(t *testing.T) {
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	certified := peerSignedAs(t, o, signaturetest.NewPDF(signaturetest.File{}), "a", peersign.CertificationSignature)
	if report := verify(t, v, certified, at); report.Indication != signature.TotalPassed {
		t.Fatalf("%v %v", report, codes(report.Signatures[0]))
	}
	report := verify(t, v, sign(t, certified, o.agency, pades.Config{}), at)
	expect(t, report.Signatures[0], signature.TotalFailed, "document.locked")
}

func peerSigned(t *testing.T, o office, doc []byte, name string) []byte {
	t.Helper()
	return peerSignedAs(t, o, doc, name, peersign.ApprovalSignature)
}

func peerSignedAs(t *testing.T, o office, doc []byte, name string, kind peersign.CertType) []byte {
	t.Helper()
	in, out := peerFile(t, doc), filepath.Join(t.TempDir(), "theirs.pdf")
	err := peersign.SignFile(in, out, peersign.SignData{
		Signature: peersign.SignDataSignature{
			Info:     peersign.SignDataSignatureInfo{Name: name, Date: at.Add(-time.Hour)},
			CertType: kind, DocMDPPerm: peersign.DoNotAllowAnyChangesPerms,
		},
		Signer: o.leader.Signer, Certificate: o.leader.Certificate, DigestAlgorithm: crypto.SHA256,
		CertificateChains: [][]*x509.Certificate{append(o.leader.Chain, o.ca.Root)},
	})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return theirs
}

// go.mozilla.org/pkcs7 v0.10.0 beside ours: it reads our PKCS#1 v1.5 and ECDSA signatures, and cannot read PSS.
func TestBesideMozillaPKCS7(t *testing.T) {
	o := newOffice(t)
	rsa := issue(t, o.ca, signaturetest.Subject{CommonName: "Trần Đại Nghĩa", Key: signaturetest.RSA2048})
	for name, tt := range map[string]struct {
		id   *signaturetest.Identity
		old  bool
		want bool
	}{"PKCS#1 v1.5": {rsa, true, true}, "ECDSA": {o.leader, false, true}, "PSS": {rsa, false, false}} {
		t.Run(name, func(t *testing.T) {
			doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), tt.id, pades.Config{PKCS1v15: tt.old})
			s := verify(t, verifier(t, o.ca.Root), doc, at).Signatures[0]
			if s.Indication != signature.TotalPassed {
				t.Fatalf("ours: %v", codes(s))
			}
			message := must(t)(signaturetest.Message(doc))
			p, err := pkcs7.Parse(bytes.TrimRight(message, "\x00"))
			if err != nil {
				t.Fatalf("theirs does not parse: %v", err)
			}
			p.Content = append(bytes.Clone(doc[:s.ByteRange[1]]), doc[s.ByteRange[2]:]...)
			err = p.Verify()
			t.Logf("pkcs7 v0.10.0: %v", err)
			if tt.want && err != nil {
				t.Errorf("theirs refuses: %v", err)
			}
		})
	}
}

// S1 beside github.com/digitorus/pdfsign v0.9.0: a name with ĩ.
func TestNameWithBreve(t *testing.T) {
	o := newOffice(t)
	original := signaturetest.NewPDF(signaturetest.File{})
	const letters = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
	every := letters + strings.ToUpper(letters)
	ours := sign(t, original, o.leader, pades.Config{Name: "Trần Đại Nghĩa", Location: "Vĩnh Phúc", Reason: every})
	s := verify(t, verifier(t, o.ca.Root), ours, at).Signatures[0]
	if s.Indication != signature.TotalPassed || s.Name != "Trần Đại Nghĩa" || s.Location != "Vĩnh Phúc" ||
		s.Why != every {
		t.Errorf("ours: %s %q %q", s.Indication, s.Name, s.Location)
	}
	theirs := peerSigned(t, o, original, "Trần Đại Nghĩa")
	report, err := verifier(t, o.ca.Root).Verify(t.Context(), bytes.NewReader(theirs), int64(len(theirs)), at)
	t.Logf("pdfsign v0.9.0 signs without error; read back: %v, %v", report, err)
}

// V1 and V2 beside github.com/digitorus/pdfsign v0.9.0. It knows only the system's roots, so "trusted" cannot be asked
// for here; whether the signature is called valid can.
func TestAttacksBesidePdfsign(t *testing.T) {
	o := newOffice(t)
	rsa := issue(t, o.ca, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa", Key: signaturetest.RSA2048})
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), rsa, pades.Config{PKCS1v15: true})
	attacks := map[string][]byte{
		"untouched":        doc,
		"content replaced": must(t)(signaturetest.ReplaceContent(doc, "PAY 9")),
		"garbage":          signaturetest.AppendGarbage(doc, 100),
		"byte changed":     must(t)(signaturetest.ChangeSignedByte(doc)),
		"all zero":         must(t)(signaturetest.ReplaceContents(doc, nil)),
	}
	for name, attacked := range attacks {
		ours := verify(t, verifier(t, o.ca.Root), attacked, at)
		if (ours.Indication == signature.TotalPassed) != (name == "untouched") {
			t.Errorf("%s: %s", name, ours.Indication)
		}
		theirs, err := peerverify.Verify(bytes.NewReader(attacked), int64(len(attacked)))
		text := "no answer"
		if theirs != nil {
			text = strconv.Itoa(len(theirs.Signers)) + " signers"
			for _, s := range theirs.Signers {
				text += ", valid " + strconv.FormatBool(s.ValidSignature)
			}
		}
		t.Logf("%s: ours %s; pdfsign v0.9.0 %s, error %v", name, ours.Indication, text, err)
	}
}
