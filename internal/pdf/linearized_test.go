package pdf_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/internal/pdf"
)

// TestLinearizedAndEncrypted reads a file whose main trailer does not repeat the encryption dictionary, as Acrobat writes
// it, and refuses one where an update leaves it out.
func TestLinearizedAndEncrypted(t *testing.T) {
	qpdf := enginetest.Need(t, "qpdf")
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	plain := file(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>", 4: "<</Length 1>>\nstream\nq\nendstream"}, "")
	if err := os.WriteFile(in, plain, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(qpdf, "--warning-exit-0", "--linearize", "--object-streams=disable", "--allow-weak-crypto",
		"--encrypt", "", "owner", "128", "--use-aes=y", "--", in, out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	whole, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`/Encrypt \d+ 0 R`).FindAllIndex(whole, -1)
	if len(place) != 1 {
		t.Fatalf("the dictionary is named %d times", len(place))
	}
	if _, page, err := open(t, whole).FirstPage(); err != nil || page["MediaBox"] == nil {
		t.Errorf("%v, %v", page, err)
	}
	bare := bytes.ReplaceAll(whole, []byte("/Encrypt "), []byte("/Encrypx "))
	_ = open(t, bare) // nothing says that it is encrypted
	update := open(t, whole).Update()
	update.Set(pdf.Ref{Num: 3}, pdf.Dict{"Type": pdf.Name("Page")})
	revision, err := update.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{
		"an update without it":           append(bytes.Clone(whole), bytes.ReplaceAll(revision, []byte("/Encrypt "), []byte("/Encrypx "))...),
		"an update that alone has it":    append(bytes.Clone(bare), revision...),
		"two, of which one is elsewhere": append(bytes.Clone(whole), bytes.ReplaceAll(revision, []byte("/Encrypt "), []byte("/Encrypt 1"))...),
	} {
		if _, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.Limits{}); !errors.Is(err, pdf.ErrEncrypted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
