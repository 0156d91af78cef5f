package pki_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/internal/pki"
)

// brainpoolRoot is a certificate that signs itself, made by OpenSSL.
func brainpoolRoot(tb testing.TB, curve string, options ...string) []byte {
	tb.Helper()
	program := enginetest.Need(tb, "openssl")
	dir := tb.TempDir()
	args := append([]string{"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + curve, "-nodes",
		"-keyout", filepath.Join(dir, "key"), "-out", filepath.Join(dir, "pem"), "-subj", "/C=VN/CN=Root", "-days", "30"}, options...)
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "pem"))
	if err != nil {
		tb.Fatal(err)
	}
	block, _ := pem.Decode(data)
	return block.Bytes
}

func TestParseCertificate(t *testing.T) {
	for _, curve := range []string{"brainpoolP224r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1", "prime256v1"} {
		t.Run(curve, func(t *testing.T) {
			der := brainpoolRoot(t, curve)
			cert, err := pki.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			key, ok := cert.PublicKey.(*ecdsa.PublicKey)
			if !ok || !bytes.Equal(cert.Raw, der) || !bytes.Contains(der, cert.RawTBSCertificate) || !bytes.Contains(der, cert.RawSubjectPublicKeyInfo) ||
				cert.Subject.CommonName != "Root" || !cert.IsCA {
				t.Fatalf("%T, %v", cert.PublicKey, cert.Subject)
			}
			if curve != "prime256v1" && key.Params().Name != curve {
				t.Errorf("curve %s", key.Params().Name)
			}
			if err := cert.CheckSignatureFrom(cert); err != nil {
				t.Error(err)
			}
			for i := 0; i < len(der); i += 9 {
				changed := bytes.Clone(der)
				changed[i] ^= 1
				if c, err := pki.ParseCertificate(changed); err == nil && c.CheckSignatureFrom(c) == nil {
					t.Errorf("byte %d changes nothing", i)
				}
			}
		})
	}
	for name, der := range map[string][]byte{
		"twisted":             brainpoolRoot(t, "brainpoolP256t1"),
		"parameters in full":  brainpoolRoot(t, "brainpoolP256r1", "-pkeyopt", "ec_param_enc:explicit"),
		"something behind":    append(brainpoolRoot(t, "brainpoolP256r1"), 0),
		"nothing":             nil,
		"an empty sequence":   {0x30, 0},
		"a sequence too long": {0x30, 0x05, 1},
	} {
		if _, err := pki.ParseCertificate(der); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzParseCertificate reads what crypto/x509 reads just as that does, and the rest only with a brainpool key in it.
func FuzzParseCertificate(f *testing.F) {
	f.Add([]byte{0x30, 0})
	f.Add(brainpoolRoot(f, "brainpoolP256r1"))
	f.Add(brainpoolRoot(f, "prime256v1"))
	f.Fuzz(func(t *testing.T, der []byte) {
		got, err := pki.ParseCertificate(der)
		want, wantErr := x509.ParseCertificate(der)
		switch {
		case wantErr == nil && (err != nil || !got.Equal(want)):
			t.Fatal("another certificate than crypto/x509 reads")
		case wantErr != nil && err == nil:
			key, ok := got.PublicKey.(*ecdsa.PublicKey)
			if !ok || !bytes.Equal(got.Raw, der) || !strings.HasPrefix(key.Params().Name, "brainpool") {
				t.Fatalf("%T", got.PublicKey)
			}
		}
	})
}
