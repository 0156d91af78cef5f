package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

var rsaRule = oidc.EncryptionRule{Algs: []string{"RSA-OAEP-256"}, Encs: []string{"A256GCM"}}

// encrypted is an office whose provider encrypts.
func encrypted(t testing.TB, signedInfo bool) *office {
	return open(t, set{
		tweak: func(p *oidc.Profile) { p.Encryption, p.UserInfoJWT = rsaRule, signedInfo },
		client: func(c *oidc.Client, r *identitytest.Client) {
			c.DecryptKey, c.DecryptKeyID = sharedKey(), "enc-1"
			r.EncryptKey, r.SignedUserInfo = &sharedKey().PublicKey, signedInfo
		},
	})
}

func TestEncryptedTokens(t *testing.T) {
	for _, signedInfo := range []bool{false, true} {
		login, failure := encrypted(t, signedInfo).signIn(t, "vinh")
		if failure != nil || login.Subject.Person.Reveal() != "001188000456" {
			t.Errorf("signed userinfo %v: %v", signedInfo, failure)
		}
	}
	for fault, rule := range map[identitytest.Fault]string{
		identitytest.EncryptedTag: "decryption", identitytest.EncryptedNoKey: "encrypted-parts",
		identitytest.EncryptedZip: "header-member", identitytest.EncryptedPassword: "header-member",
		identitytest.EncryptedNoType: "cty", identitytest.EncryptedUnsigned: "form",
		identitytest.NotEncrypted: "not-encrypted", identitytest.AlgNone: "base64", identitytest.WrongNonce: "nonce",
	} {
		o := encrypted(t, false)
		o.provider.Misbehave(fault)
		if _, failure := o.signIn(t, "vinh"); failure == nil || failure.Rule != rule || !errors.Is(failure, oidc.ErrToken) {
			t.Errorf("%s: %v, want %s", fault, failure, rule)
		}
	}
}

func TestSignedUserInfoIsForUs(t *testing.T) {
	o := open(t, set{
		tweak:  func(p *oidc.Profile) { p.UserInfoJWT = true },
		client: func(_ *oidc.Client, r *identitytest.Client) { r.SignedUserInfo = true },
	})
	if _, failure := o.signIn(t, "vinh"); failure != nil {
		t.Fatal(failure)
	}
	plain := open(t, set{tweak: func(p *oidc.Profile) { p.UserInfoJWT = true }})
	if _, failure := plain.signIn(t, "vinh"); failure == nil || failure.Rule != "content-type" {
		t.Errorf("plain userinfo where a signed one was agreed: %v", failure)
	}
}

func TestOpenEncrypted(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encs := []string{"A128GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512"}
	for _, alg := range []string{"RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"} {
		for _, enc := range encs {
			var public, private any = &sharedKey().PublicKey, sharedKey()
			if strings.HasPrefix(alg, "ECDH") {
				public, private = &key.PublicKey, key
			}
			raw := seal(t, alg, enc, public, map[string]any{"cty": "JWT", "kid": "k"})
			rule := oidc.EncryptionRule{Algs: []string{alg}, Encs: []string{enc}}
			if got, err := oidc.OpenEncrypted(rule, private, "k", raw); err != nil || got != "a.b.c" {
				t.Errorf("%s %s: %q, %v", alg, enc, got, err)
			}
			for name, change := range map[string]func([]string){
				"key":  func(p []string) { p[1] = ""; p[0] = strings.TrimRight(p[0], "=") },
				"iv":   func(p []string) { p[2] += "AAAA" },
				"tag":  func(p []string) { p[4] = p[4][:len(p[4])/4*2] },
				"text": func(p []string) { p[3] = bump(p[3][0]) + p[3][1:] },
			} {
				parts := strings.Split(raw, ".")
				change(parts)
				changed := strings.Join(parts, ".")
				var failure *oidc.Error
				if _, err := oidc.OpenEncrypted(rule, private, "k", changed); changed != raw && !errors.As(err, &failure) {
					t.Errorf("%s %s with another %s: %v", alg, enc, name, err)
				}
			}
		}
	}
}

func seal(t testing.TB, alg, enc string, key any, header map[string]any) string {
	t.Helper()
	a, _ := jwa.LookupKeyEncryptionAlgorithm(alg)
	e, _ := jwa.LookupContentEncryptionAlgorithm(enc)
	h := jwe.NewHeaders()
	for name, value := range header {
		if err := h.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := jwe.Encrypt([]byte("a.b.c"), jwe.WithKey(a, key), jwe.WithContentEncryption(e), jwe.WithProtectedHeaders(h))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOpenEncryptedRefuses(t *testing.T) {
	good := seal(t, "RSA-OAEP-256", "A256GCM", &sharedKey().PublicKey, map[string]any{"cty": "JWT", "kid": "k"})
	head := func(h string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(h)) + good[strings.IndexByte(good, '.'):]
	}
	const start = `{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"`
	tests := []struct{ name, raw, rule string }{
		{"good", good, ""},
		{"nothing", "", "size"},
		{"huge", strings.Repeat("a", 100<<10), "size"},
		{"six parts", good + ".AAAA", "form"},
		{"padding", strings.Replace(good, ".", "=.", 1), "base64"},
		{"line break", good[:9] + "\n" + good[9:], "base64"},
		{"header of 5 KB", head(start + `,"apu":"` + strings.Repeat("x", 5000) + `"}`), "size"},
		{"member twice", head(`{"alg":"dir",` + start[1:] + "}"), "header"},
		{"another algorithm", head(`{"alg":"RSA1_5","enc":"A256GCM","cty":"JWT"}`), "encrypted-alg"},
		{"another content algorithm", head(`{"alg":"RSA-OAEP-256","enc":"A128GCM","cty":"JWT"}`), "encrypted-alg"},
		{"direct", head(`{"alg":"dir","enc":"A256GCM","cty":"JWT"}`), "encrypted-alg"},
		{"another key", head(start + `,"kid":"other"}`), "key-unknown"},
		{"key of a stranger", head(start + `,"jwk":{}}`), "header-member"},
		{"address of a key", head(start + `,"jku":"https://x"}`), "header-member"},
		{"extension", head(start + `,"crit":["x"]}`), "header-member"},
		{"ephemeral key of RSA", head(start + `,"epk":{"kty":"EC"}}`), "header-member"},
		{"another issuer's", head(start + `,"iss":"https://other.example"}`), "iss"},
		{"another client's", head(start + `,"aud":"other"}`), "aud"},
		{"private ephemeral key", head(start + `,"epk":{"kty":"EC","d":"x"}}`), "header"},
		{"changed header", head(start + `,"apv":"x"}`), "decryption"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := oidc.OpenEncrypted(rsaRule, sharedKey(), "k", tt.raw)
			checkRule(t, err, tt.rule)
		})
	}
}

func TestDecryptKeyMustFit(t *testing.T) {
	_, edwards, err1 := ed25519.GenerateKey(rand.Reader)
	curve, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for _, key := range []crypto.PrivateKey{nil, edwards, curve} {
		var failure *oidc.Error
		if _, err := oidc.OpenEncrypted(rsaRule, key, "", "x"); !errors.As(err, &failure) || failure.Rule != "decrypt-key" {
			t.Errorf("%T: %v", key, err)
		}
	}
	p, err := oidc.BuiltIn("vnconnect")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []oidc.EncryptionRule{
		{Algs: []string{"RSA-OAEP"}}, {Encs: []string{"A256GCM"}}, {Algs: []string{"RSA1_5"}, Encs: []string{"A256GCM"}},
		{Algs: []string{"PBES2-HS256+A128KW"}, Encs: []string{"A256GCM"}}, {Algs: []string{"RSA-OAEP"}, Encs: []string{"none"}},
	} {
		p.Encryption = rule
		var failure *oidc.Error
		if err := p.Check(); !errors.As(err, &failure) || failure.Rule != "profile-encryption" {
			t.Errorf("%v: %v", rule, err)
		}
	}
}

func FuzzOpenEncrypted(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	rule := oidc.EncryptionRule{Algs: []string{"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"}, Encs: []string{"A128GCM", "A256CBC-HS512"}}
	f.Add(seal(f, "ECDH-ES", "A128GCM", &key.PublicKey, map[string]any{"cty": "JWT"}))
	f.Add(seal(f, "ECDH-ES+A256KW", "A256CBC-HS512", &key.PublicKey, map[string]any{"cty": "JWT"}))
	f.Fuzz(func(t *testing.T, raw string) {
		_, err := oidc.OpenEncrypted(rule, key, "", raw)
		var failure *oidc.Error
		if err != nil && !errors.As(err, &failure) {
			t.Fatalf("an error of another kind: %v", err)
		}
	})
}
