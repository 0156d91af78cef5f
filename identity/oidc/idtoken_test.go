package oidc_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/motcua/motcua/identity/oidc"
)

// issuer signs tokens by hand, with the standard library only.
type issuer struct {
	ec  *ecdsa.PrivateKey
	rsa *rsa.PrivateKey
	now time.Time
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{ec, key, time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)}
}

func (i *issuer) keys(t testing.TB) oidc.KeySet {
	t.Helper()
	var list []any
	for kid, key := range map[string]any{"ec": &i.ec.PublicKey, "rsa": &i.rsa.PublicKey} {
		k, err := jwk.Import(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Set(jwk.KeyIDKey, kid); err != nil {
			t.Fatal(err)
		}
		list = append(list, k)
	}
	raw, err := json.Marshal(map[string]any{"keys": list})
	if err != nil {
		t.Fatal(err)
	}
	set, err := oidc.ParseKeySet(raw)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (i *issuer) verifier(t testing.TB) *oidc.Verifier {
	t.Helper()
	profile, err := oidc.BuiltIn("vnconnect")
	if err != nil {
		t.Fatal(err)
	}
	profile.Algs = []string{"ES256", "RS256", "PS256"}
	v, err := oidc.NewVerifier(profile, "mot-cua", i.keys(t), oidc.Config{Now: func() time.Time { return i.now }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (i *issuer) claims() map[string]any {
	return map[string]any{
		"iss": "https://xacthuc.dichvucong.gov.vn/oauth2/token", "sub": "s", "aud": "mot-cua", "nonce": "n",
		"exp": i.now.Add(time.Hour).Unix(), "iat": i.now.Unix(), "acr": "LoA2", "azp": "mot-cua",
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (i *issuer) sign(t testing.TB, header map[string]any, claims any) string {
	t.Helper()
	head, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return i.signRaw(t, fmt.Sprint(header["alg"]), head, body)
}

func (i *issuer) signRaw(t testing.TB, alg string, head, body []byte) string {
	t.Helper()
	signed := b64(head) + "." + b64(body)
	digest := sha256.Sum256([]byte(signed))
	var signature []byte
	var err error
	switch alg {
	case "RS256":
		signature, err = rsa.SignPKCS1v15(rand.Reader, i.rsa, crypto.SHA256, digest[:])
	case "PS256":
		signature, err = rsa.SignPSS(rand.Reader, i.rsa, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: 32})
	case "PS256-short-salt":
		signature, err = rsa.SignPSS(rand.Reader, i.rsa, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: 8})
	default:
		var r, s *big.Int
		if r, s, err = ecdsa.Sign(rand.Reader, i.ec, digest[:]); err == nil {
			signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64(signature)
}

var es256 = map[string]any{"alg": "ES256", "kid": "ec", "typ": "JWT"}

func TestVerifyClaims(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(t)
	unix := func(d time.Duration) int64 { return i.now.Add(d).Unix() }
	tests := []struct {
		name  string
		claim string
		value any // nil removes
		rule  string
	}{
		{"good", "x", 1, ""},
		{"audience in a list", "aud", []string{"mot-cua"}, ""},
		{"two audiences with azp", "aud", []string{"other", "mot-cua"}, ""},
		{"no azp, one audience", "azp", nil, ""},
		{"azp of another type", "azp", 1, "azp"},
		{"azp of another", "azp", "other", "azp"},
		{"no issuer", "iss", nil, "iss"},
		{"issuer as a list", "iss", []string{"https://xacthuc.dichvucong.gov.vn/oauth2/token"}, "iss"},
		{"issuer in other case", "iss", "https://XACTHUC.dichvucong.gov.vn/oauth2/token", "iss"},
		{"issuer with a slash", "iss", "https://xacthuc.dichvucong.gov.vn/oauth2/token/", "iss"},
		{"no subject", "sub", nil, "sub"},
		{"empty subject", "sub", "", "sub"},
		{"subject as a number", "sub", 7, "sub"},
		{"long subject", "sub", strings.Repeat("s", 256), "sub"},
		{"no audience", "aud", nil, "aud"},
		{"empty audience", "aud", []string{}, "aud"},
		{"number in the audience", "aud", []any{"mot-cua", 1}, "aud"},
		{"audience by prefix", "aud", "mot-cua-2", "aud"},
		{"just expired, within skew", "exp", unix(-59 * time.Second), ""},
		{"expired", "exp", unix(-60 * time.Second), "exp"},
		{"expiry as text", "exp", "1", "exp"},
		{"expiry beyond all time", "exp", 1e30, "exp"},
		{"negative expiry", "exp", -1, "exp"},
		{"expiry with a fraction", "exp", float64(unix(time.Hour)) + 0.5, ""},
		{"no issue time", "iat", nil, "iat"},
		{"issued a minute ahead", "iat", unix(time.Minute), ""},
		{"issued two minutes ahead", "iat", unix(2 * time.Minute), "iat"},
		{"issued nine minutes ago", "iat", unix(-9 * time.Minute), ""},
		{"issued an hour ago", "iat", unix(-time.Hour), "iat"},
		{"not before now", "nbf", unix(0), ""},
		{"not before later", "nbf", unix(2 * time.Minute), "nbf"},
		{"not before as text", "nbf", "soon", "nbf"},
		{"authenticated later", "auth_time", unix(time.Hour), "auth_time"},
		{"no nonce", "nonce", nil, "nonce"},
		{"another nonce", "nonce", "m", "nonce"},
		{"nonce as a list", "nonce", []string{"n"}, "nonce"},
		{"wrong at_hash", "at_hash", "x", "at_hash"},
		{"right at_hash", "at_hash", func() string { h := sha256.Sum256([]byte("at")); return b64(h[:16]) }(), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			claims := i.claims()
			claims[tt.claim] = tt.value
			if tt.value == nil {
				delete(claims, tt.claim)
			}
			_, err := v.Verify(context.Background(), i.sign(t, es256, claims), oidc.Expect{Nonce: "n", AccessToken: "at"})
			checkRule(t, err, tt.rule)
		})
	}
}

func checkRule(t *testing.T, err error, rule string) {
	t.Helper()
	var failure *oidc.Error
	if got := errors.As(err, &failure); got != (rule != "") || got && failure.Rule != rule {
		t.Fatalf("got %v, want %q", err, rule)
	}
	if rule != "" && !errors.Is(err, oidc.ErrToken) {
		t.Fatalf("%v is not ErrToken", err)
	}
}

func TestVerifyNeedsANonce(t *testing.T) {
	i := newIssuer(t)
	claims := i.claims()
	claims["nonce"] = ""
	token := i.sign(t, es256, claims)
	_, err := i.verifier(t).Verify(context.Background(), token, oidc.Expect{})
	checkRule(t, err, "nonce")
	_, err = i.verifier(t).Verify(context.Background(), token, oidc.Expect{InsecureAnyNonce: true})
	checkRule(t, err, "")
}

func TestGate(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(t)
	good := i.sign(t, es256, i.claims())
	parts := strings.Split(good, ".")
	header := func(change map[string]any) string {
		h := maps.Clone(es256)
		for name, value := range change {
			h[name] = value
		}
		return i.sign(t, h, i.claims())
	}
	body, _ := json.Marshal(i.claims())
	tests := []struct {
		name, token, rule string
	}{
		{"ES256", good, ""},
		{"RS256", i.sign(t, map[string]any{"alg": "RS256", "kid": "rsa"}, i.claims()), ""},
		{"PS256", i.sign(t, map[string]any{"alg": "PS256", "kid": "rsa"}, i.claims()), ""},
		{"PS256, short salt", i.signRaw(t, "PS256-short-salt", []byte(`{"alg":"PS256","kid":"rsa"}`), body), "signature"},
		{"thumbprint", header(map[string]any{"x5t": "abc"}), ""},
		{"no key id", i.sign(t, map[string]any{"alg": "ES256"}, i.claims()), ""},
		{"no key id, two algorithms", i.sign(t, map[string]any{"alg": "RS256"}, i.claims()), ""},
		{"key id of the other kind", i.sign(t, map[string]any{"alg": "ES256", "kid": "rsa"}, i.claims()), "key-unknown"},
		{"algorithm not pinned", header(map[string]any{"alg": "ES384"}), "alg"},
		{"none", header(map[string]any{"alg": "none"}), "alg"},
		{"none in capitals", header(map[string]any{"alg": "nOnE"}), "alg"},
		{"no algorithm", i.sign(t, map[string]any{"kid": "ec"}, i.claims()), "alg"},
		{"algorithm as a list", header(map[string]any{"alg": []string{"ES256"}}), "header"},
		{"jku", header(map[string]any{"jku": "https://evil.example"}), "header-member"},
		{"jwk", header(map[string]any{"jwk": map[string]any{}}), "header-member"},
		{"x5u", header(map[string]any{"x5u": "https://evil.example"}), "header-member"},
		{"x5c", header(map[string]any{"x5c": []string{}}), "header-member"},
		{"crit", header(map[string]any{"crit": []string{}}), "header-member"},
		{"b64", header(map[string]any{"b64": false}), "header-member"},
		{"zip", header(map[string]any{"zip": "DEF"}), "header-member"},
		{"cty", header(map[string]any{"cty": "JWT"}), "header-member"},
		{"access token", header(map[string]any{"typ": "at+jwt"}), "typ"},
		{"logout token", header(map[string]any{"typ": "logout+jwt"}), "typ"},
		{"long key id", header(map[string]any{"kid": strings.Repeat("k", 257)}), "kid"},
		{"empty", "", "size"},
		{"one part", "abc", "form"},
		{"two parts", parts[0] + "." + parts[1], "form"},
		{"four parts", good + ".x", "form"},
		{"five parts", good + ".x.y", "encrypted"},
		{"JSON form", `{"payload":"` + parts[1] + `"}`, "form"},
		{"no signature", parts[0] + "." + parts[1] + ".", "base64"},
		{"no payload", parts[0] + ".." + parts[2], "base64"},
		{"padding", good + "=", "base64"},
		{"line break", good + "\n", "base64"},
		{"line break inside", parts[0] + "." + parts[1] + "\n." + parts[2], "base64"},
		{"blank in front", " " + good, "base64"},
		{"standard alphabet", parts[0] + "." + parts[1] + "." + strings.Repeat("+/", 43), "base64"},
		{"stray last bits", good[:len(good)-1] + bump(good[len(good)-1]), "base64"},
		{"signature in DER", parts[0] + "." + parts[1] + "." + b64(make([]byte, 70)), "signature"},
		{"signature of zeros", parts[0] + "." + parts[1] + "." + b64(make([]byte, 64)), "signature"},
		{"other payload", parts[0] + "." + b64([]byte(`{}`)) + "." + parts[2], "signature"},
		{"header not JSON", b64([]byte("x")) + "." + parts[1] + "." + parts[2], "header"},
		{"header a list", b64([]byte("[]")) + "." + parts[1] + "." + parts[2], "header"},
		{"double header member", b64([]byte(`{"alg":"none","alg":"ES256"}`)) + "." + parts[1] + "." + parts[2], "header"},
		{"bytes behind the header", b64([]byte(`{"alg":"ES256"} {}`)) + "." + parts[1] + "." + parts[2], "header"},
		{"huge header", strings.Repeat("a", 5000) + "." + parts[1] + "." + parts[2], "size"},
		{"huge", strings.Repeat("a.", 40000), "size"},
		{"payload a list", i.signRaw(t, "ES256", []byte(`{"alg":"ES256"}`), []byte(`[]`)), "payload"},
		{"payload too deep", i.signRaw(t, "ES256", []byte(`{"alg":"ES256"}`),
			[]byte(strings.Repeat(`{"a":`, 50)+"1"+strings.Repeat("}", 50))), "payload"},
		{"payload not UTF-8", i.signRaw(t, "ES256", []byte(`{"alg":"ES256"}`), []byte("{\"a\":\"\xff\"}")), "payload"},
		{"double claim", i.signRaw(t, "ES256", []byte(`{"alg":"ES256"}`), append([]byte(`{"aud":"x",`), body[1:]...)),
			"payload"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := v.Verify(context.Background(), tt.token, oidc.Expect{Nonce: "n"})
			checkRule(t, err, tt.rule)
		})
	}
}

// bump sets the last of the bits a base64 digit carries beyond the last byte.
func bump(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)|1])
}

// FuzzVerify throws bytes at the gate: whatever it is, no panic, and nothing passes but the one token that is signed.
func FuzzVerify(f *testing.F) {
	i := newIssuer(f)
	v := i.verifier(f)
	good := i.sign(f, es256, i.claims())
	f.Add(good)
	f.Add("e30.e30.AA")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add(good + ".x.y")
	f.Add(strings.Replace(good, ".", "..", 1))
	f.Fuzz(func(t *testing.T, raw string) {
		_, err := v.Verify(context.Background(), raw, oidc.Expect{Nonce: "n"})
		var failure *oidc.Error
		if err == nil && raw != good || err != nil && !errors.As(err, &failure) {
			t.Fatalf("accepted a token nobody signed, or an error of another type: %v", err)
		}
	})
}

// FuzzParseKeySet holds that no set of keys makes the parser panic.
func FuzzParseKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := oidc.ParseKeySet(raw); err != nil && !errors.Is(err, oidc.ErrProvider) {
			t.Fatal(err)
		}
	})
}

// BenchmarkVerify measures the whole check beside the bare signature check of the standard library. Both run in turn
// and the fastest of each counts, so that a busy machine does not show; "ratio" is what the checks cost.
func BenchmarkVerify(b *testing.B) {
	i := newIssuer(b)
	v := i.verifier(b)
	for alg, kid := range map[string]string{"ES256": "ec", "RS256": "rsa"} {
		token := i.sign(b, map[string]any{"alg": alg, "kid": kid, "typ": "JWT"}, i.claims())
		b.Run(alg, func(b *testing.B) {
			bare, whole := time.Hour, time.Hour
			for b.Loop() {
				start := time.Now()
				i.checkSignature(b, alg, token)
				middle := time.Now()
				if _, err := v.Verify(b.Context(), token, oidc.Expect{Nonce: "n"}); err != nil {
					b.Fatal(err)
				}
				bare, whole = min(bare, middle.Sub(start)), min(whole, time.Since(middle))
			}
			b.ReportMetric(float64(bare.Nanoseconds()), "bare-ns")
			b.ReportMetric(float64(whole.Nanoseconds()), "whole-ns")
			b.ReportMetric(float64(whole)/float64(bare), "ratio")
		})
	}
}

func (i *issuer) checkSignature(b *testing.B, alg, token string) {
	last := strings.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(token[last+1:])
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte(token[:last]))
	ok := true
	if alg == "RS256" {
		ok = rsa.VerifyPKCS1v15(&i.rsa.PublicKey, crypto.SHA256, digest[:], signature) == nil
	} else {
		ok = ecdsa.Verify(&i.ec.PublicKey, digest[:], new(big.Int).SetBytes(signature[:32]),
			new(big.Int).SetBytes(signature[32:]))
	}
	if !ok {
		b.Fatal("refused")
	}
}

func TestMaxAgeOfOneLogin(t *testing.T) {
	i := newIssuer(t)
	claims := i.claims()
	claims["auth_time"] = i.now.Add(-10 * time.Minute).Unix()
	token := i.sign(t, es256, claims)
	for age, rule := range map[time.Duration]string{0: "", 5 * time.Minute: "auth_time", 10 * time.Minute: ""} {
		_, err := i.verifier(t).Verify(context.Background(), token, oidc.Expect{Nonce: "n", MaxAge: age})
		checkRule(t, err, rule)
	}
	_, err := i.verifier(t).Verify(context.Background(), i.sign(t, es256, i.claims()), oidc.Expect{Nonce: "n", MaxAge: time.Hour})
	checkRule(t, err, "auth_time")
}
