package read_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/read"
)

// claims are an invented certificate.
func claims(label int64, contents any) map[int64]any {
	return map[int64]any{1: "XX", 4: int64(1800000000), 6: int64(1700000000), label: contents}
}

var person = map[any]any{int64(1): map[any]any{"nam": map[any]any{"fn": "Nguyễn"}, "dob": "1990-03-15"}}

// signed makes a COSE_Sign1 code with the given headers; the maker is the test's own and shares nothing with the reader.
func signed(t testing.TB, prefix string, protected, unprotected map[int64]any, payload any, sign func([]byte) []byte, pack bool) string {
	t.Helper()
	enc := func(v any) []byte {
		raw, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	body := enc(payload)
	head := enc(protected)
	signature := sign(enc([]any{"Signature1", head, []byte{}, body}))
	raw := enc(cbor.Tag{Number: 18, Content: []any{head, unprotected, body, signature}})
	if pack {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		if _, err := w.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		raw = b.Bytes()
	}
	return prefix + string(base45.Append(nil, raw))
}

func es256(t testing.TB) (*ecdsa.PrivateKey, func([]byte) []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, func(m []byte) []byte {
		sum := sha256.Sum256(m)
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
}

func TestHCERT(t *testing.T) {
	key, sign := es256(t)
	other, _ := es256(t)
	text := signed(t, "HC1:", map[int64]any{1: -7, 4: []byte("kid-8byt")}, map[int64]any{}, claims(-260, person), sign, true)
	d, err := read.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if d.Scheme != read.HCERT || d.Issuer != "XX" || string(d.KeyID) != "kid-8byt" || d.Expires.Unix() != 1800000000 || d.Algorithm() != "ES256" {
		t.Errorf("%s of %s, key %s, until %v, by %s", d.Scheme, d.Issuer, d.KeyID, d.Expires, d.Algorithm())
	}
	if !d.VerifiedBy(key.Public()) || d.VerifiedBy(other.Public()) {
		t.Error("the wrong key, or none, has signed it")
	}
	if !d.InForce(time.Unix(1750000000, 0)) || d.InForce(time.Unix(1800000000, 0)) {
		t.Error("its time is not what it states")
	}
	raw, err := d.Reveal()
	if err != nil || !strings.Contains(string(raw), "Nguyễn") {
		t.Errorf("contents %s, %v", raw, err)
	}
	bare := signed(t, "HC1:", map[int64]any{1: -7}, map[int64]any{4: []byte("k")}, claims(-260, person), sign, false)
	if d, err := read.Parse(bare); err != nil || string(d.KeyID) != "k" || !d.VerifiedBy(key.Public()) {
		t.Errorf("without compression and with an unprotected key id: %v", err)
	}
}

func TestOtherAlgorithms(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pss := func(m []byte) []byte {
		sum := sha256.Sum256(m)
		s, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	public, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		text string
		key  crypto.PublicKey
	}{
		{"PS256", signed(t, "HC1:", map[int64]any{1: -37}, map[int64]any{}, claims(-260, person), pss, true), private.Public()},
		{"EdDSA", signed(t, "", map[int64]any{1: -8}, map[int64]any{}, claims(169, map[int64]any{4: "Trần Thị Mỹ Vĩnh"}),
			func(m []byte) []byte { return ed25519.Sign(edwards, m) }, true), public},
	} {
		d, err := read.Parse(tt.text)
		if err != nil || d.Algorithm() != tt.name || !d.VerifiedBy(tt.key) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// card makes a SMART Health Card.
func card(t testing.TB, header, payload string, sign func([]byte) []byte) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(payload)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	message := enc([]byte(header)) + "." + enc(b.Bytes())
	jws := message + "." + enc(sign([]byte(message)))
	var digits strings.Builder
	for _, c := range []byte(jws) {
		fmt.Fprintf(&digits, "%02d", c-45)
	}
	return "shc:/" + digits.String()
}

const (
	goodHeader  = `{"alg":"ES256","zip":"DEF","kid":"abc"}`
	goodPayload = `{"iss":"https://health.example","nbf":1700000000.5,"vc":{"type":["x"],"credentialSubject":{"name":"Nguyễn"}}}`
)

func TestSHC(t *testing.T) {
	key, sign := es256(t)
	d, err := read.Parse(card(t, goodHeader, goodPayload, sign))
	if err != nil {
		t.Fatal(err)
	}
	if d.Scheme != read.SHC || d.Issuer != "https://health.example" || string(d.KeyID) != "abc" || d.NotBefore.Unix() != 1700000000 || !d.VerifiedBy(key.Public()) {
		t.Errorf("%s of %s, key %s, from %v", d.Scheme, d.Issuer, d.KeyID, d.NotBefore)
	}
}

func TestRefused(t *testing.T) {
	_, sign := es256(t)
	bomb := func(prefix string) string {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		_, _ = w.Write(make([]byte, 2<<20))
		_ = w.Close()
		return prefix + string(base45.Append(nil, b.Bytes()))
	}
	deep := any("x")
	for range 30 {
		deep = []any{deep}
	}
	doubled := append([]byte{0xa2, 0x39, 0x01, 0x03, 0xa0, 0x39, 0x01, 0x03, 0xa0}, []byte{}...)
	good := map[int64]any{1: -7}
	tests := []struct{ name, text, field string }{
		{"ours", "VN1:ABC", "format"},
		{"words", "xin chào", "format"},
		{"nothing", "", "format"},
		{"base45", "HC1:???", "base45"},
		{"inflate bomb", bomb("HC1:"), "zlib"},
		{"no algorithm", signed(t, "HC1:", map[int64]any{}, map[int64]any{}, claims(-260, person), sign, true), "cose.alg"},
		{"algorithm unprotected", signed(t, "HC1:", map[int64]any{}, map[int64]any{1: -7}, claims(-260, person), sign, true), "cose.alg"},
		{"unknown algorithm", signed(t, "HC1:", map[int64]any{1: -999}, map[int64]any{}, claims(-260, person), sign, true), "cose.alg"},
		{"no contents", signed(t, "HC1:", good, map[int64]any{}, claims(7, person), sign, true), "cwt"},
		{"time in words", signed(t, "HC1:", good, map[int64]any{}, map[int64]any{4: "mai", -260: person}, sign, true), "cwt"},
		{"too deep", signed(t, "HC1:", good, map[int64]any{}, claims(-260, deep), sign, true), "cwt"},
		{"claim twice", signed(t, "HC1:", good, map[int64]any{}, cbor.RawMessage(doubled), sign, true), "cwt"},
		{"odd digits", "shc:/567", "shc"},
		{"digits beyond", "shc:/9999", "shc"},
		{"several codes", "shc:/1/3/5676", "shc"},
		{"two parts", card(t, goodHeader, goodPayload, sign)[:61], "jws"},
		{"none", card(t, `{"alg":"none","zip":"DEF"}`, goodPayload, sign), "jws.header"},
		{"no vc", card(t, goodHeader, `{"iss":"x"}`, sign), "jws.payload"},
		{"deflate bomb", card(t, goodHeader, `{"vc":{"x":"`+strings.Repeat("0", 1<<17)+`"}}`, sign), "deflate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read.Parse(tt.text)
			var invalid *qr.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != tt.field {
				t.Errorf("got %v, want a refusal of %s", err, tt.field)
			}
		})
	}
}

func TestPrintsNothing(t *testing.T) {
	_, sign := es256(t)
	d, err := read.Parse(card(t, goodHeader, goodPayload, sign))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(d, *d), fmt.Sprintf("%+v %#v %s %q %x", d, *d, d, *d, d), string(raw)} {
		if strings.Contains(text, "Nguyễn") || strings.Contains(text, "4e677579") {
			t.Errorf("printed %s", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	_, sign := es256(f)
	f.Add(signed(f, "HC1:", map[int64]any{1: -7}, map[int64]any{}, claims(-260, person), sign, true))
	f.Add(signed(f, "", map[int64]any{1: -7}, map[int64]any{}, claims(169, map[int64]any{4: "x"}), sign, false))
	f.Add(card(f, goodHeader, goodPayload, sign))
	key, _ := es256(f)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := read.Parse(text)
		if err != nil {
			return
		}
		if d.VerifiedBy(key.Public()) {
			t.Fatal("signed by a key that has signed nothing")
		}
		if _, err := d.Reveal(); err != nil {
			t.Fatalf("contents that JSON cannot write: %v", err)
		}
	})
}
