package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/jose"
)

func newKey(t testing.TB, alg string) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch alg[:2] {
	case "ES":
		key, err = ecdsa.GenerateKey(map[string]elliptic.Curve{
			"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521(),
		}[alg], rand.Reader)
	case "Ed":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestSignAndVerify signs with each algorithm, and holds that neither another key nor another algorithm verifies.
func TestSignAndVerify(t *testing.T) {
	for _, alg := range []string{"ES256", "ES384", "ES512", "EdDSA", "PS256", "RS256"} {
		key, other := newKey(t, alg), newKey(t, alg)
		text, err := jose.Sign(key, alg, map[string]any{"typ": "x+jwt", "kid": "1"}, []byte(`{}`))
		if err != nil {
			t.Fatal(alg, err)
		}
		token, err := jose.Gate{Algs: []string{alg}, Types: []string{"x+jwt"}, NeedType: true}.Open(text)
		if err != nil {
			t.Fatal(alg, err)
		}
		if err := jose.Verify(key.Public(), token); err != nil {
			t.Error(alg, err)
		}
		if err := jose.Verify(other.Public(), token); err == nil {
			t.Error(alg, "another key verifies")
		}
		token.Signed += "A"
		if err := jose.Verify(key.Public(), token); err == nil {
			t.Error(alg, "another text verifies")
		}
		wrong := "ES384"
		if alg == wrong {
			wrong = "ES256"
		}
		if _, err := jose.Sign(key, wrong, nil, nil); err == nil {
			t.Error(alg, "the key signs with", wrong)
		}
		members, err := jose.PublicJWK(key.Public())
		if err != nil {
			t.Fatal(alg, err)
		}
		raw, _ := json.Marshal(members)
		if back, ok := jose.ImportKey(raw); !ok || !reflect.DeepEqual(back, key.Public()) {
			t.Error(alg, "the key does not come back from its JSON")
		}
		if back, ok := jose.ImportMembers(members); !ok || !reflect.DeepEqual(back, key.Public()) {
			t.Error(alg, "the key does not come back from its members")
		}
		if members["d"] != nil {
			t.Error(alg, "a private key came out")
		}
	}
}

func TestGateRefuses(t *testing.T) {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	token := func(header string) string { return part(header) + "." + part("{}") + "." + part("s") }
	tests := []struct {
		name, raw string
		rule      jose.Rule
	}{
		{"good", token(`{"alg":"ES256","typ":"kb+jwt"}`), ""},
		{"a member let in", token(`{"alg":"ES256","typ":"kb+jwt","x5c":["AA"]}`), ""},
		{"no type", token(`{"alg":"ES256"}`), "typ"},
		{"another type", token(`{"alg":"ES256","typ":"JWT"}`), "typ"},
		{"none", token(`{"alg":"none","typ":"kb+jwt"}`), "alg"},
		{"not on the list", token(`{"alg":"ES384","typ":"kb+jwt"}`), "alg"},
		{"HMAC", token(`{"alg":"HS256","typ":"kb+jwt"}`), "alg"},
		{"a key", token(`{"alg":"ES256","typ":"kb+jwt","jwk":{}}`), "header-member"},
		{"crit", token(`{"alg":"ES256","typ":"kb+jwt","crit":["b64"]}`), "header-member"},
		{"alg twice", token(`{"alg":"ES256","alg":"ES256","typ":"kb+jwt"}`), "header"},
		{"kid a number", token(`{"alg":"ES256","typ":"kb+jwt","kid":1}`), "header"},
		{"long kid", token(`{"alg":"ES256","typ":"kb+jwt","kid":"` + strings.Repeat("k", 257) + `"}`), "kid"},
		{"two parts", part("{}") + "." + part("{}"), "form"},
		{"five parts", "a.b.c.d.e", "encrypted"},
		{"nothing", "", "size"},
		{"huge", strings.Repeat("a", 1001), "size"},
		{"padding", token(`{"alg":"ES256","typ":"kb+jwt"}`) + "==", "base64"},
		{"empty signature", part(`{"alg":"ES256"}`) + "." + part("{}") + ".", "base64"},
	}
	gate := jose.Gate{Algs: []string{"ES256", "HS256", "none"}, Types: []string{"kb+jwt"}, NeedType: true, Members: []string{"x5c"}, Max: 1000}
	for _, tt := range tests {
		_, err := gate.Open(tt.raw)
		var rule jose.Rule
		errors.As(err, &rule)
		if rule != tt.rule || (err == nil) != (tt.rule == "") {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.rule)
		}
	}
}

// TestLongHeaders holds that only a header that may carry certificates may be long, and that within bounds.
func TestLongHeaders(t *testing.T) {
	token := func(n int) string {
		head := `{"alg":"ES256","x5c":["` + strings.Repeat("A", n) + `"]}`
		return base64.RawURLEncoding.EncodeToString([]byte(head)) + ".e30.AA"
	}
	with, without := jose.Gate{Algs: []string{"ES256"}, Members: []string{"x5c"}}, jose.Gate{Algs: []string{"ES256"}}
	for name, c := range map[string]struct {
		gate jose.Gate
		size int
		rule jose.Rule
	}{
		"a chain": {with, 12_000, ""}, "a long chain": {with, 20_000, "size"}, "a chain where none may be": {without, 12_000, "size"},
	} {
		_, err := c.gate.Open(token(c.size))
		var rule jose.Rule
		if errors.As(err, &rule); rule != c.rule || (err == nil) != (c.rule == "") {
			t.Errorf("%s: %v, want %q", name, err, c.rule)
		}
	}
}

func TestImportMembersRefuses(t *testing.T) {
	good, err := jose.PublicJWK(newKey(t, "ES256").Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(map[string]any){
		"no kind":        func(m map[string]any) { delete(m, "kty") },
		"another curve":  func(m map[string]any) { m["crv"] = "P-384" },
		"unknown curve":  func(m map[string]any) { m["crv"] = "secp256k1" },
		"off the curve":  func(m map[string]any) { m["y"] = m["x"] },
		"no y":           func(m map[string]any) { delete(m, "y") },
		"x no text":      func(m map[string]any) { m["x"] = 1 },
		"x cut short":    func(m map[string]any) { m["x"] = m["x"].(string)[:40] },
		"x padded":       func(m map[string]any) { m["x"] = m["x"].(string) + "=" },
		"Ed25519 too":    func(m map[string]any) { m["kty"], m["crv"], m["x"] = "OKP", "Ed25519", "AAAA" },
		"X25519":         func(m map[string]any) { m["kty"], m["crv"] = "OKP", "X25519" },
		"RSA of no size": func(m map[string]any) { m["kty"], m["n"], m["e"] = "RSA", "AQAB", "AQAB" },
		"symmetric":      func(m map[string]any) { m["kty"], m["k"] = "oct", "AAAA" },
	} {
		members := maps.Clone(good)
		change(members)
		if _, ok := jose.ImportMembers(members); ok {
			t.Error(name)
		}
	}
}

func TestList(t *testing.T) {
	for text, ok := range map[string]bool{
		`["salt","name",{"a":1}]`: true, ` [ ] `: true, `[]x`: false, `{}`: false, `[1,]`: false, `["a" "b"]`: false,
		`[{"a":1,"a":2}]`: false, "[\"\xff\"]": false, ``: false, `[`: false,
	} {
		if _, err := jose.List([]byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestKidOf(t *testing.T) {
	head := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) + "....." }
	for text, want := range map[string]string{
		head(`{"kid":"k1"}`): "k1", head(`{"kid":1}`): "", head(`{`): "", "": "", "k1": "",
		head(`{"kid":"` + strings.Repeat("k", 300) + `"}`): "",
	} {
		if got := jose.KidOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzGate holds that nothing makes the gates panic, and that what passes has a pinned algorithm and type.
func FuzzGate(f *testing.F) {
	f.Add("eyJhbGciOiJFUzI1NiIsInR5cCI6ImtiK2p3dCJ9.e30.AA")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("a.b.c.d.e")
	gate := jose.Gate{Algs: []string{"ES256"}, Types: []string{"kb+jwt"}, NeedType: true}
	f.Fuzz(func(t *testing.T, raw string) {
		token, err := gate.Open(raw)
		if err == nil && (token.Alg != "ES256" || !strings.EqualFold(token.Typ, "kb+jwt") || token.Raw() != raw) {
			t.Errorf("%+v", token)
		}
		_ = jose.KidOf(raw)
	})
}
