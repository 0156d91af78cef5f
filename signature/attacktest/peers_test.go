package attacktest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/attacktest"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

// TestAttacksBesideMutool holds ours and MuPDF to the same files: MuPDF tells "unchanged since signing" from "edits since
// signing" without a trust store. Where something was edited, neither may call the victim's signature unchanged.
func TestAttacksBesideMutool(t *testing.T) {
	program := enginetest.Need(t, "mutool")
	dir := t.TempDir()
	says := func(file []byte) string {
		path := filepath.Join(dir, "a.pdf")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.CommandContext(t.Context(), program, "sign", "-v", path).CombinedOutput() // which fails for any untrusted signer
		return string(out)
	}
	const unchanged, edited = "The document is unchanged since signing", "there have been edits since signing"
	k := newKit(t, attacktest.Config{})
	document := signaturetest.NewPDF(signaturetest.File{})
	genuine, err := k.Genuine(document)
	if err != nil {
		t.Fatal(err)
	}
	if out := says(genuine); !strings.Contains(out, unchanged) {
		t.Errorf("the genuine document: %s", out)
	}
	attacks, err := k.Attacks(document)
	if err != nil {
		t.Fatal(err)
	}
	verdict := judge(t, k)
	seen := 0
	for _, a := range attacks {
		if a.Family != "incremental saving" && a.Family != "shadow" && a.Family != "certification" {
			continue
		}
		out := says(a.File)
		// The victim's signature is the first one it names.
		_, first, _ := strings.Cut(out, "Verifying signature")
		first, _, _ = strings.Cut(first, "Verifying signature")
		first = strings.TrimSpace(first)
		ours := verdict(a.File).Indication
		t.Logf("%s, %s: ours %s; mutool: %s", a.Family, a.Name, ours, first[strings.LastIndexByte(first, '\t')+1:])
		if first == "" || strings.Contains(first, unchanged) || ours == signature.TotalPassed {
			t.Errorf("%s, %s: ours %s; mutool: %s", a.Family, a.Name, ours, out)
		}
		seen++
	}
	if seen < 30 {
		t.Errorf("%d attacks", seen)
	}
	// Two signers after one another. MuPDF takes the second signature for an edit like any other.
	other, err := signaturetest.NewCA(k.At(), signaturetest.CAConfig{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := other.Issue(k.At(), signaturetest.Subject{CommonName: "UBND xã Vĩnh Mỹ"})
	if err != nil {
		t.Fatal(err)
	}
	var both bytes.Buffer
	if err := pades.Sign(bytes.NewReader(genuine), int64(len(genuine)), &both, second.Signer, second.Chain, pades.Config{At: k.At()}); err != nil {
		t.Fatal(err)
	}
	if out := says(both.Bytes()); strings.Count(out, unchanged) != 1 || strings.Count(out, edited) != 1 {
		t.Errorf("two signatures: %s", out)
	}
}
