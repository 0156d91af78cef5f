package signature_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
	"github.com/motcua/motcua/signature/signaturetest"
)

const brainpoolConfig = `[ca]
basicConstraints=critical,CA:true
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[person]
basicConstraints=CA:false
keyUsage=critical,digitalSignature,nonRepudiation
[req]
distinguished_name=dn
[dn]
`

// TestBrainpool verifies what OpenSSL signs with keys on brainpool curves, under authorities with such keys and with others.
func TestBrainpool(t *testing.T) {
	program := enginetest.Need(t, "openssl")
	o := newOffice(t)
	doc := sign(t, signaturetest.NewPDF(signaturetest.File{}), o.leader, pades.Config{Room: 16384, At: time.Now().Add(30 * time.Second)})
	r := verify(t, verifier(t, o.ca.Root), doc, time.Now()).Signatures[0].ByteRange
	for name, tt := range map[string]struct {
		root, person, digest string
		want                 signature.Indication
		code                 string
	}{
		"brainpoolP256r1":                {"brainpoolP256r1", "brainpoolP256r1", "sha256", signature.TotalPassed, ""},
		"brainpoolP384r1":                {"brainpoolP384r1", "brainpoolP384r1", "sha384", signature.TotalPassed, ""},
		"brainpoolP512r1":                {"brainpoolP512r1", "brainpoolP512r1", "sha512", signature.TotalPassed, ""},
		"a person's key under P-256":     {"prime256v1", "brainpoolP256r1", "sha256", signature.TotalPassed, ""},
		"P-256 under brainpool":          {"brainpoolP320r1", "prime256v1", "sha256", signature.TotalPassed, ""},
		"224 bits are too few":           {"prime256v1", "brainpoolP224r1", "sha256", signature.Indeterminate, "signature.algorithm"},
		"an authority of 224 bits":       {"brainpoolP224r1", "prime256v1", "sha256", signature.Indeterminate, "signature.algorithm"},
		"the twisted curve is not known": {"prime256v1", "brainpoolP256t1", "sha256", signature.Indeterminate, "certificate.missing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := func(name string) string { return filepath.Join(dir, name) }
			write := func(name string, data []byte) {
				if err := os.WriteFile(file(name), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("conf", []byte(brainpoolConfig))
			write("content", append(bytes.Clone(doc[:r[1]]), doc[r[2]:]...))
			for _, line := range []string{
				"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:" + tt.root + " -nodes -keyout ca.key -out ca.pem -subj /C=VN/CN=Root -days 30 -config conf -extensions ca",
				"req -newkey ec -pkeyopt ec_paramgen_curve:" + tt.person + " -nodes -keyout p.key -out p.csr -subj /C=VN/CN=Nghia -config conf",
				"x509 -req -in p.csr -CA ca.pem -CAkey ca.key -days 20 -out p.pem -extfile conf -extensions person -CAcreateserial",
				"cms -sign -binary -cades -md " + tt.digest + " -outform DER -out out.der -in content -signer p.pem -inkey p.key",
			} {
				args := strings.Fields(line)
				for i, a := range args {
					if strings.Contains(a, ".pem") || strings.Contains(a, ".key") || strings.Contains(a, ".csr") || a == "conf" || a == "content" || a == "out.der" {
						args[i] = file(a)
					}
				}
				if text, err := run(t, program, args...); err != nil {
					t.Fatalf("%s: %v\n%s", line, err, text)
				}
			}
			message, err1 := os.ReadFile(file("out.der"))
			pem, err2 := os.ReadFile(file("ca.pem"))
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			trust, err := signature.ParseTrustStore(pem)
			if err != nil {
				t.Fatal(err)
			}
			v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationNotChecked})
			if err != nil {
				t.Fatal(err)
			}
			signed := must(t)(signaturetest.ReplaceContents(doc, message))
			s := verify(t, v, signed, time.Now().Add(time.Minute)).Signatures[0]
			if tt.code == "" && (s.Indication != tt.want || !s.Intact) {
				t.Errorf("%s %v", s.Indication, codes(s))
			}
			if tt.code != "" {
				expect(t, s, tt.want, tt.code)
			}
			if tt.want != signature.TotalPassed {
				return
			}
			at := bytes.LastIndex(message, []byte{0x04, 0x40}) // the value, or what stands before it: any byte counts
			for _, i := range []int{len(message) - 1, len(message) - 20, max(at, 0) + 3} {
				bad := bytes.Clone(message)
				bad[i] ^= 1
				if s := verify(t, v, must(t)(signaturetest.ReplaceContents(doc, bad)), time.Now().Add(time.Minute)).Signatures[0]; s.Indication == signature.TotalPassed {
					t.Errorf("byte %d of the message changed passes", i)
				}
			}
		})
	}
}
