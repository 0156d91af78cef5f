package signaturetest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.FixedZone("", 7*3600))

func signed(t *testing.T) []byte {
	t.Helper()
	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Issue(now, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh", Key: signaturetest.RSA2048})
	if err != nil {
		t.Fatal(err)
	}
	doc := signaturetest.NewPDF(signaturetest.File{})
	var out bytes.Buffer
	err = pades.Sign(bytes.NewReader(doc), int64(len(doc)), &out, id.Signer, id.Chain, pades.Config{At: now, Room: 8192})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// An attack that a viewer does not fall for proves nothing about a verifier: each of these shows the attacker's text in
// poppler.
func TestAttacksShowTheirText(t *testing.T) {
	program := enginetest.Need(t, "pdftotext")
	doc := signed(t)
	const text = "PAY 9,999,999,999"
	prepared, err := signaturetest.WithDanglingContent(signaturetest.NewPDF(signaturetest.File{}))
	if err != nil {
		t.Fatal(err)
	}
	for name, attack := range map[string]func() ([]byte, error){
		"ReplaceContent": func() ([]byte, error) { return signaturetest.ReplaceContent(doc, text) },
		"SwapPages":      func() ([]byte, error) { return signaturetest.SwapPages(doc, text) },
		"MoveCatalog":    func() ([]byte, error) { return signaturetest.MoveCatalog(doc, text) },
		"FillShadow":     func() ([]byte, error) { return signaturetest.FillShadow(prepared, text) },
		"Wrap":           func() ([]byte, error) { return signaturetest.Wrap(doc, text) },
	} {
		t.Run(name, func(t *testing.T) {
			forged, err := attack()
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "forged.pdf")
			if err := os.WriteFile(path, forged, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), program, path, "-").CombinedOutput()
			if err != nil || !strings.Contains(string(out), text) {
				t.Errorf("%v: %q", err, out)
			}
		})
	}
}

// Wrapping leaves every signed byte as it was: pdfsig verifies the digest of the moved range.
func TestWrapKeepsTheSignedBytes(t *testing.T) {
	program := enginetest.Need(t, "pdfsig")
	forged, err := signaturetest.Wrap(signed(t), "PAY 9,999,999,999")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "forged.pdf")
	if err := os.WriteFile(path, forged, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "-nocert", path).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Signature is Valid") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTargetsThatDoNotFit(t *testing.T) {
	plain := signaturetest.NewPDF(signaturetest.File{})
	if _, err := signaturetest.Wrap(plain, "x"); err == nil {
		t.Error("wraps a file without a signature")
	}
	if _, err := signaturetest.Forgeries(plain); err == nil {
		t.Error("forges a file without a signature")
	}
	if _, err := signaturetest.EditField(plain, "khong_co", "x"); err == nil {
		t.Error("edits a field that is not there")
	}
	if _, err := signaturetest.ReplaceContents(signed(t), make([]byte, 1<<20)); err == nil {
		t.Error("puts a megabyte into eight kilobytes")
	}
}

func TestFilesAreWhatTheySay(t *testing.T) {
	program := enginetest.Need(t, "qpdf")
	for i, f := range []signaturetest.File{{}, {XRefStream: true, Fields: []string{"a", "b"}, Annotation: true},
		{EmptySignature: "S", Padding: 5000, Zeros: 100, NoLineEnd: true}} {
		doc := signaturetest.NewPDF(f)
		if !bytes.Equal(doc, signaturetest.NewPDF(f)) {
			t.Errorf("%d: two files from one description", i)
		}
		path := filepath.Join(t.TempDir(), "file.pdf")
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), program, "--check", path).CombinedOutput(); err != nil {
			t.Errorf("%d: %v\n%s", i, err, out)
		}
	}
}

func ExampleCA_Issue() {
	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{Name: "mẫu"})
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := ca.Issue(now, signaturetest.Subject{CommonName: "Nguyễn Trọng Nghĩa"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(id.Certificate.Subject.CommonName, "/", id.Certificate.Issuer.CommonName)
	// Output: Nguyễn Trọng Nghĩa / CA cấp phát THỬ NGHIỆM mẫu
}
