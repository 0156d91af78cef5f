package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
	"github.com/motcua/motcua/qr/status"
)

// shownCredential is a presentation of an invented person's credential, with the files that judge it.
type shownCredential struct{ text, trust, list string }

func presentCredential(t *testing.T, revoked bool) shownCredential {
	t.Helper()
	at := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	wallet, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	issuer, err := sdjwt.NewIssuer(key, "https://hotich.example.vn", sdjwt.IssuerConfig{KeyID: "1", Now: now})
	fail(err)
	credential, err := issuer.Issue(sdjwt.Draft{
		Type: "urn:pid", Holder: wallet.Public(), Expires: at.AddDate(1, 0, 0),
		Claims: map[string]any{"name": "Nguyễn Trọng Nghĩa", "birthdate": "1990-03-15"}, Disclose: []sdjwt.Path{{"name"}, {"birthdate"}},
		Status: &sdjwt.StatusRef{URI: "https://hotich.example.vn/status/1", Index: 7},
	})
	fail(err)
	holder, err := sdjwt.NewHolder(wallet, sdjwt.HolderConfig{Now: now})
	fail(err)
	shown, err := holder.Present(credential, "office", "n1", sdjwt.Path{"name"})
	fail(err)
	table, err := status.New(100, 1)
	fail(err)
	if revoked {
		fail(table.Set(7, status.Revoked))
	}
	list, err := issuer.SignStatusList(sdjwt.StatusDraft{URI: "https://hotich.example.vn/status/1", Table: table, Expires: at.AddDate(0, 0, 1)})
	fail(err)
	metadata, err := issuer.Metadata()
	fail(err)
	trust, err := json.Marshal(map[string]any{"format": "motcua-credential-trust/1", "issuers": []any{map[string]any{
		"name": "https://hotich.example.vn", "types": []string{"urn:pid"}, "jwks": json.RawMessage(metadata),
	}}})
	fail(err)
	dir := t.TempDir()
	c := shownCredential{shown, filepath.Join(dir, "trust.json"), filepath.Join(dir, "list.jwt")}
	fail(os.WriteFile(c.trust, trust, 0o600))
	fail(os.WriteFile(c.list, []byte(list), 0o600))
	return c
}

func TestSDJWT(t *testing.T) {
	good, revoked := presentCredential(t, false), presentCredential(t, true)
	at := []string{"-at", "2026-11-21T03:00:00Z"}
	bound := append([]string{"-audience", "office", "-nonce", "n1"}, at...)
	tests := []struct {
		name   string
		of     shownCredential
		args   []string
		status int
		codes  string
		want   string // the verdict
	}{
		{"good", good, append([]string{"-status", good.list}, bound...), exitValid, "", "valid"},
		{"revoked", revoked, append([]string{"-status", revoked.list}, bound...), exitInvalid, "sdjwt.status.revoked", "revoked"},
		{"status not asked", good, bound, exitInvalid, "sdjwt.status.status-unchecked", "unsettled"},
		{"another nonce", good, append([]string{"-audience", "office", "-nonce", "n2"}, at...), exitInvalid, "sdjwt.binding.proof-nonce", "refused"},
		{"without the holder", good, append([]string{"-status", good.list}, at...), exitValid, "sdjwt.holder.no-holder sdjwt.binding.no-holder", "valid"},
		{"another's trust", shownCredential{good.text, revoked.trust, good.list}, bound, exitInvalid, "sdjwt.signature.signature", "refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, answers := call(t, "", append([]string{"sdjwt", tt.of.text, "-trust", tt.of.trust}, tt.args...)...)
			if code != tt.status || len(answers) != 1 || reasonCodes(answers[0]) != tt.codes || answers[0]["verdict"] != tt.want {
				t.Fatalf("status %d, %v", code, answers)
			}
			if raw, err := json.Marshal(answers); err != nil || strings.Contains(string(raw), "Nghĩa") {
				t.Errorf("a value came out: %s", raw)
			}
		})
	}
	code, answers := call(t, good.text+"\n", append([]string{"sdjwt", "-", "-trust", good.trust, "-status", good.list, "-reveal"}, bound...)...)
	values, _ := answers[0]["values"].(map[string]any)
	if code != exitValid || values["name"] != "Nguyễn Trọng Nghĩa" || values["birthdate"] != nil {
		t.Errorf("%d %v", code, answers)
	}
	for _, args := range [][]string{{}, {"-trust", good.trust, "-nonce", "n"}, {"-trust", "nowhere"}, {"-trust", good.list}} {
		if code, _ := call(t, "", append([]string{"sdjwt", good.text}, args...)...); code != exitUsage {
			t.Errorf("%v: %d", args, code)
		}
	}
}
