package tsp_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"flag"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/internal/tsp"
)

var update = flag.Bool("update", false, "rewrite the fuzzer's seed")

// openSSL is an authority made of OpenSSL alone, so that our reading is held to somebody else's writing.
type openSSL struct {
	tb   testing.TB
	path string
	dir  string
	root *x509.Certificate
}

const openSSLConfig = `
[ca]
basicConstraints=critical,CA:true
keyUsage=critical,keyCertSign
subjectKeyIdentifier=hash
[tsa]
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
[stamp]
serial=serial
crypto_device=builtin
signer_digest=sha256
default_policy=1.3.6.1.4.1.99999.1
digests=sha256, sha512-256
accuracy=secs:1,millisecs:500
ordering=yes
tsa_name=yes
ess_cert_id_chain=no
ess_cert_id_alg=sha256
clock_precision_digits=3
`

func newOpenSSL(tb testing.TB) *openSSL {
	tb.Helper()
	o := &openSSL{tb: tb, path: enginetest.Need(tb, "openssl"), dir: tb.TempDir()}
	o.write("conf", []byte(openSSLConfig))
	o.write("serial", []byte("01\n"))
	o.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
		"-subj", "/C=VN/CN=TSA Root THU NGHIEM", "-days", "30", "-config", "conf", "-extensions", "ca")
	o.run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/C=VN/CN=TSA", "-config", "conf")
	o.run("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "20", "-out", "tsa.pem",
		"-extfile", "conf", "-extensions", "tsa", "-CAcreateserial")
	block, _ := pem.Decode(o.read("ca.pem"))
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	o.root = root
	return o
}

func (o *openSSL) write(name string, data []byte) {
	o.tb.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), data, 0o600); err != nil {
		o.tb.Fatal(err)
	}
}

func (o *openSSL) read(name string) []byte {
	o.tb.Helper()
	data, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.tb.Fatal(err)
	}
	return data
}

func (o *openSSL) run(args ...string) {
	o.tb.Helper()
	cmd := exec.Command(o.path, args...)
	cmd.Dir = o.dir
	cmd.Env = append(os.Environ(), "OPENSSL_CONF=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		o.tb.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

func (o *openSSL) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(o.root)
	return p
}

// reply answers a request.
func (o *openSSL) reply(request []byte) []byte {
	o.tb.Helper()
	o.write("query", request)
	o.run("ts", "-reply", "-queryfile", "query", "-out", "reply", "-config", "conf", "-section", "stamp", "-signer", "tsa.pem",
		"-inkey", "tsa.key", "-chain", "ca.pem")
	return o.read("reply")
}

func TestOpenSSLAuthority(t *testing.T) {
	o := newOpenSSL(t)
	digest, nonce := sha256.Sum256([]byte("điểm xác nhận")), big.NewInt(1<<62+5)
	request, err := tsp.Request(digest[:], nonce)
	if err != nil {
		t.Fatal(err)
	}
	reply := o.reply(request)
	token, err := tsp.Granted(reply)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/token.der", token, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	info, err := tsp.Verify(token, tsp.Expect{Digest: digest[:], Nonce: nonce, Roots: o.pool()})
	if err != nil {
		t.Fatal(err)
	}
	if age := time.Since(info.At); age < -time.Minute || age > time.Hour || info.At.Location() != time.UTC {
		t.Errorf("stamped at %v", info.At)
	}
	if !info.Policy.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}) || info.Authority.Subject.CommonName != "TSA" || info.Serial.Sign() <= 0 {
		t.Errorf("%v by %v, number %v", info.Policy, info.Authority.Subject, info.Serial)
	}
	other := sha256.Sum256([]byte("x"))
	for _, tt := range []struct {
		name   string
		token  []byte
		expect tsp.Expect
		want   error
	}{
		{"without a nonce to compare", token, tsp.Expect{Digest: digest[:], Roots: o.pool()}, nil},
		{"another digest", token, tsp.Expect{Digest: other[:], Roots: o.pool()}, tsp.ErrMismatch},
		{"no digest", token, tsp.Expect{Roots: o.pool()}, tsp.ErrMismatch},
		{"another nonce", token, tsp.Expect{Digest: digest[:], Nonce: big.NewInt(5), Roots: o.pool()}, tsp.ErrMismatch},
		{"no roots", token, tsp.Expect{Digest: digest[:]}, tsp.ErrAuthority},
		{"other roots", token, tsp.Expect{Digest: digest[:], Roots: x509.NewCertPool()}, tsp.ErrAuthority},
		{"the whole reply", reply, tsp.Expect{Digest: digest[:], Roots: o.pool()}, tsp.ErrFormat},
		{"something behind", append(bytes.Clone(token), 0), tsp.Expect{Digest: digest[:], Roots: o.pool()}, tsp.ErrFormat},
		{"cut", token[:len(token)-1], tsp.Expect{Digest: digest[:], Roots: o.pool()}, tsp.ErrFormat},
		{"nothing", nil, tsp.Expect{Digest: digest[:], Roots: o.pool()}, tsp.ErrFormat},
		{"too much", make([]byte, tsp.MaxResponse+1), tsp.Expect{Digest: digest[:], Roots: o.pool()}, tsp.ErrFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tsp.Verify(tt.token, tt.expect); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	t.Run("every bit of what is signed", func(t *testing.T) {
		content := bytes.Index(token, digest[:]) // inside the TSTInfo
		if content < 0 {
			t.Fatal("no TSTInfo")
		}
		for i := range 8 * 90 {
			token[content+i/8] ^= 1 << (i % 8)
			if _, err := tsp.Verify(token, tsp.Expect{Digest: digest[:], Roots: o.pool()}); err == nil {
				t.Errorf("bit %d behind the imprint changes nothing", i)
			}
			token[content+i/8] ^= 1 << (i % 8)
		}
	})
}

// TestAnotherAlgorithm asks for a stamp over a SHA-256 digest under the name of another algorithm of the same length.
func TestAnotherAlgorithm(t *testing.T) {
	o := newOpenSSL(t)
	digest := sha256.Sum256([]byte("điểm xác nhận"))
	o.run("ts", "-query", "-digest", hex.EncodeToString(digest[:]), "-sha512-256", "-cert", "-no_nonce", "-out", "other")
	token, err := tsp.Granted(o.reply(o.read("other")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tsp.Verify(token, tsp.Expect{Digest: digest[:], Roots: o.pool()}); !errors.Is(err, tsp.ErrMismatch) {
		t.Errorf("got %v", err)
	}
}

// TestOpenSSLReadsOurRequest has the request printed by OpenSSL, which refuses what it cannot read.
func TestOpenSSLReadsOurRequest(t *testing.T) {
	o := &openSSL{tb: t, path: enginetest.Need(t, "openssl"), dir: t.TempDir()}
	digest := sha256.Sum256([]byte("x"))
	request, err := tsp.Request(digest[:], big.NewInt(77))
	if err != nil {
		t.Fatal(err)
	}
	o.write("query", request)
	cmd := exec.Command(o.path, "ts", "-query", "-in", "query", "-text")
	cmd.Dir = o.dir
	out, err := cmd.Output()
	if err != nil || !bytes.Contains(out, []byte("Nonce: 0x4D")) || !bytes.Contains(out, []byte("Certificate required: yes")) ||
		!bytes.Contains(out, []byte("Hash Algorithm: sha256")) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestRequestsRefused(t *testing.T) {
	digest := make([]byte, 32)
	for _, tt := range []struct {
		name   string
		digest []byte
		nonce  *big.Int
	}{{"short digest", digest[:20], big.NewInt(1)}, {"no nonce", digest, nil}, {"nonce zero", digest, new(big.Int)}} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tsp.Request(tt.digest, tt.nonce); !errors.Is(err, tsp.ErrFormat) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name     string
		response []byte
		want     error
	}{
		{"rejection", []byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02}, tsp.ErrRefused},
		{"waiting", []byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x03}, tsp.ErrRefused},
		{"granted without a token", []byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00}, tsp.ErrFormat},
		{"no status", []byte{0x30, 0x02, 0x30, 0x00}, tsp.ErrFormat},
		{"nothing", nil, tsp.ErrFormat},
		{"text", []byte("<html>"), tsp.ErrFormat},
		{"something behind", []byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02, 0x00}, tsp.ErrFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tsp.Granted(tt.response)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if refused := new(tsp.RefusedError); tt.name == "rejection" && (!errors.As(err, &refused) || refused.Status != 2) {
				t.Errorf("status %v", refused)
			}
		})
	}
}

// FuzzVerify never panics and never believes: the fuzzer has no key.
func FuzzVerify(f *testing.F) {
	f.Add([]byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02})
	if seed, err := os.ReadFile("testdata/token.der"); err == nil {
		f.Add(seed)
	}
	digest := sha256.Sum256([]byte("điểm xác nhận"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if token, err := tsp.Granted(raw); err == nil && len(token) > len(raw) {
			t.Fatal("a token longer than the response")
		}
		if _, err := tsp.Verify(raw, tsp.Expect{Digest: digest[:], Roots: x509.NewCertPool()}); err == nil {
			t.Fatal("a token believed without roots")
		}
	})
}
