package signature_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// Files that are encrypted to carry restrictions and open without a password are signed and judged as they are, and stay
// encrypted. qpdf makes them, and qpdf and poppler read what comes out.
func TestEncryptedFiles(t *testing.T) {
	qpdf, pdfsig, pdftotext := enginetest.Need(t, "qpdf"), enginetest.Need(t, "pdfsig"), enginetest.Need(t, "pdftotext")
	o := newOffice(t)
	v := verifier(t, o.ca.Root)
	for name, tt := range map[string]struct {
		args  []string
		shape signaturetest.File
	}{
		"RC4, 40 bits":              {[]string{"--allow-weak-crypto", "--encrypt", "", "chu", "40", "--"}, signaturetest.File{Fields: []string{"ho_ten"}}},
		"RC4, 128 bits":             {[]string{"--allow-weak-crypto", "--encrypt", "", "chu", "128", "--"}, signaturetest.File{Fields: []string{"ho_ten"}}},
		"AES-128":                   {[]string{"--allow-weak-crypto", "--encrypt", "", "chu", "128", "--use-aes=y", "--"}, signaturetest.File{Fields: []string{"ho_ten"}}},
		"AES-128, plain metadata":   {[]string{"--allow-weak-crypto", "--encrypt", "", "chu", "128", "--use-aes=y", "--cleartext-metadata", "--"}, signaturetest.File{}},
		"AES-256":                   {[]string{"--encrypt", "", "chu", "256", "--"}, signaturetest.File{Fields: []string{"ho_ten"}, Annotation: true}},
		"AES-256 of Adobe Reader 9": {[]string{"--allow-weak-crypto", "--encrypt", "", "chu", "256", "--force-R5", "--"}, signaturetest.File{}},
		"AES-256, object streams": {[]string{"--object-streams=generate", "--encrypt", "", "chu", "256", "--"},
			signaturetest.File{Fields: []string{"ho_ten"}}},
	} {
		t.Run(name, func(t *testing.T) {
			in, out := peerFile(t, signaturetest.NewPDF(tt.shape)), filepath.Join(t.TempDir(), "encrypted.pdf")
			if text, err := run(t, qpdf, append(append([]string{"--warning-exit-0"}, tt.args...), in, out)...); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			file, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			doc := sign(t, sign(t, file, o.leader, pades.Config{Name: vietnamese, Reason: "Phê duyệt"}), o.agency, pades.Config{})
			report := verify(t, v, doc, at)
			if s := report.Signatures[0]; report.Indication != signature.TotalPassed || len(report.Signatures) != 2 || s.Name != vietnamese {
				explain(t, report)
				t.Errorf("%s, name %q", report.Indication, s.Name)
			}
			path := peerFile(t, doc)
			if text, err := run(t, qpdf, "--check", path); err != nil || strings.Contains(text, "WARNING") {
				t.Errorf("%v\n%s", err, text)
			}
			if text, err := run(t, pdfsig, "-nocert", path); strings.Count(text, "Signature is Valid.") != 2 {
				t.Errorf("%v\n%s", err, text)
			}
			if text, err := run(t, pdftotext, path, "-"); err != nil || !strings.Contains(text, "PAY 1,000,000") {
				t.Errorf("%v\n%s", err, text)
			}
			forged := verify(t, v, must(t)(signaturetest.ReplaceContent(doc, "PAY 9,999,999,999")), at)
			expect(t, forged.Signatures[0], signature.TotalFailed, "document.changed")
		})
	}
}

// A file with a password is refused, with words for it.
func TestPasswordProtectedFile(t *testing.T) {
	qpdf := enginetest.Need(t, "qpdf")
	o := newOffice(t)
	in := peerFile(t, signaturetest.NewPDF(signaturetest.File{}))
	for _, bits := range []string{"128", "256"} {
		out := filepath.Join(t.TempDir(), "encrypted.pdf")
		if text, err := run(t, qpdf, "--warning-exit-0", "--allow-weak-crypto", "--encrypt", "bimat", "chu", bits, "--", in, out); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		f, err := os.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		_, err = verifier(t, o.ca.Root).Verify(t.Context(), f, info.Size(), at)
		if e, ok := err.(*signature.DocumentError); !ok || e.Code() != "document.encrypted" {
			t.Errorf("%s bits: %v", bits, err)
		}
		_ = f.Close()
	}
}
