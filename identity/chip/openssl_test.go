package chip_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/internal/enginetest"
)

// TestOpenSSLAgrees has OpenSSL verify signed lists and the certificates behind them, so that signing and verifying here
// cannot be wrong in the same way. It says no to what we say no to.
func TestOpenSSLAgrees(t *testing.T) {
	engine := enginetest.Need(t, "openssl")
	for _, a := range identitytest.CardAlgorithms() {
		t.Run(names(a), func(t *testing.T) {
			o := officeOf(t, a)
			dir := t.TempDir()
			put := func(name string, data []byte) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			anchor := put("csca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.authority.Certificate()}))
			for _, flaw := range []identitytest.CardFlaw{"", identitytest.CardBadSignature} {
				c := o.chip(t, identitytest.CardConfig{Signed: signed, Flaws: []identitytest.CardFlaw{flaw}})
				sod := c.Files[chip.SOD]
				header := 4 // 77 82 xx xx
				if sod[1] == 0x81 {
					header = 3
				}
				message := put("sod.der", sod[header:])
				args := []string{"cms", "-verify", "-inform", "DER", "-in", message, "-CAfile", anchor, "-purpose", "any", "-no_check_time",
					"-out", filepath.Join(dir, "out")}
				if a.Explicit && a.Key[0] != 'R' {
					args = append(args, "-noverify") // OpenSSL 3 refuses chains with curves written out, whatever is written
				}
				cmd := exec.Command(engine, args...)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				err := cmd.Run()
				if ours := flaw == ""; ours != (err == nil) {
					t.Errorf("flaw %q: OpenSSL says %v: %s", flaw, err, stderr.String())
				}
			}
		})
	}
}
