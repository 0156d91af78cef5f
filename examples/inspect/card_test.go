package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
)

// reasonCodes lists the codes of an answer.
func reasonCodes(answer map[string]any) string {
	var codes []string
	list, _ := answer["reasons"].([]any)
	for _, r := range list {
		entry, _ := r.(map[string]any)
		codes = append(codes, fmt.Sprint(entry["code"]))
	}
	return strings.Join(codes, " ")
}

func TestCards(t *testing.T) {
	s := identitytest.Specimens()[1]
	file := filepath.Join(t.TempDir(), "zone.txt")
	if err := os.WriteFile(file, []byte(s.TD1()), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		args   []string
		status int
		codes  string
		want   map[string]any
	}{
		{"code", []string{"cardqr", s.QR2021()}, exitValid, "", map[string]any{"layout": "2021", "person": "001*********", "name": "***"}},
		{"code in clear", []string{"cardqr", "-reveal", s.QR2024()}, exitValid, "", map[string]any{"layout": "2024", "person": s.Number}},
		{"code against itself", []string{"cardqr", strings.Replace(s.QR2021(), "Nữ", "Nam", 1)}, exitInvalid, "conflict.sex.digits", nil},
		{"code mended", []string{"cardqr", strings.Replace(s.QR2021(), "25012022", "25/01/2022", 1)}, exitValid, "cardqr.slashes", nil},
		{"a bar inside the name", []string{"cardqr", strings.Replace(s.QR2021(), "Mỹ", "|", 1)}, exitInvalid, "cardqr.layout", nil},
		{"zone", []string{"mrz", s.TD1(), "-at", "2026-11-21"}, exitValid, "", map[string]any{"layout": "TD1", "expires": "2028-11-02"}},
		{"zone from a file", []string{"mrz", file, "-at", "2026-11-21"}, exitValid, "", map[string]any{"sex": "female"}},
		{"passport", []string{"mrz", "-reveal", s.TD3(), "-at", "2026-11-21"}, exitValid, "mrz.optional-unconfirmed", map[string]any{"number": s.Passport}},
		{"expired", []string{"mrz", s.TD1(), "-at", "2028-11-03"}, exitInvalid, "mrz.expired", nil},
		{"wrong digit", []string{"mrz", strings.Replace(s.TD1(), "88", "89", 1)}, exitInvalid, "mrz.check-number", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, answers := call(t, "", tt.args...)
			if status != tt.status || len(answers) != 1 || reasonCodes(answers[0]) != tt.codes {
				t.Fatalf("status %d, %v; want %d, %q", status, answers, tt.status, tt.codes)
			}
			for key, want := range tt.want {
				if got := answers[0][key]; got != want {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
		})
	}
}

func TestJWT(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	keys, err := json.Marshal(map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "kid": "1", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	token := func(audience string) string {
		body, err := json.Marshal(map[string]any{"iss": "https://idp.example", "sub": "canary", "aud": audience, "nonce": "n",
			"iat": at.Unix(), "exp": at.Add(time.Hour).Unix()})
		if err != nil {
			t.Fatal(err)
		}
		signed := encode([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encode(body)
		digest := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return signed + "." + encode(signature)
	}
	flags := []string{"-jwks", file, "-issuer", "https://idp.example", "-audience", "mot-cua", "-at", "2026-11-21T02:00:00Z"}
	tests := []struct {
		name, token string
		more        []string
		status      int
		codes       string
	}{
		{"good", token("mot-cua"), []string{"-nonce", "n"}, exitValid, ""},
		{"nonce not judged", token("mot-cua"), nil, exitValid, "oidc.nonce-not-judged"},
		{"other nonce", token("mot-cua"), []string{"-nonce", "m"}, exitInvalid, "oidc.token.nonce"},
		{"other client", token("other"), nil, exitInvalid, "oidc.token.aud"},
		{"later", token("mot-cua"), []string{"-at", "2026-11-22"}, exitInvalid, "oidc.token.exp"},
		{"other algorithm", token("mot-cua"), []string{"-algs", "ES256"}, exitInvalid, "oidc.token.alg"},
		{"nonsense", "a.b", nil, exitInvalid, "oidc.token.form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, answers := call(t, "", append(append([]string{"jwt", tt.token}, flags...), tt.more...)...)
			if status != tt.status || len(answers) != 1 || reasonCodes(answers[0]) != tt.codes {
				t.Fatalf("status %d, %v; want %d, %q", status, answers, tt.status, tt.codes)
			}
			if strings.Contains(fmt.Sprint(answers), "canary") {
				t.Error("a claim is printed")
			}
		})
	}
	for _, args := range [][]string{{"jwt", "x"}, {"jwt", "x", "-jwks", "none", "-issuer", "i", "-audience", "a"}} {
		if status, _ := call(t, "", args...); status != exitUsage {
			t.Errorf("%v: status %d", args, status)
		}
	}
}

// TestEndlessFile gives files that never end: the answer comes, and it is no.
func TestEndlessFile(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("no /dev/zero here")
	}
	for _, args := range [][]string{{"mrz", "/dev/zero"}, {"cardqr", "/dev/zero"}, {"trustlist", "/dev/zero"}, {"journal", "/dev/zero"}} {
		if status, answers := call(t, "", args...); status != exitInvalid || len(answers) != 1 {
			t.Errorf("%v: status %d with %d answers", args, status, len(answers))
		}
	}
}
