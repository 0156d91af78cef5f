package oidc_test

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"regexp"
	"sync"
	"testing"

	"github.com/motcua/motcua/identity/oidc"
	"github.com/motcua/motcua/internal/enginetest"
)

// TestPeerFAPI2 holds pushed requests, proofs with nonces, encrypted tokens, renewal and back-channel logout against a
// certified provider nobody of us wrote; see TestPeer.
func TestPeerFAPI2(t *testing.T) {
	dir := enginetest.NPM(t, "MOTCUA_OIDC_PROVIDER", "oidc-provider", "oidc-provider")
	node := enginetest.Need(t, "node")
	mux := http.NewServeMux()
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)
	port := freePort(t)
	startPeer(t, exec.Command(node, "testdata/peer-fapi.mjs", dir, port, app.URL, clientKeys(t)))

	var mu sync.Mutex
	var logins []oidc.Login
	var failures []*oidc.Error
	var ended []oidc.Ended
	party := peerParty(t, port, app.URL, func(_ http.ResponseWriter, _ *http.Request, login oidc.Login) {
		logins = append(logins, login)
	}, oidc.Config{
		Fail: func(_ http.ResponseWriter, _ *http.Request, err *oidc.Error) { failures = append(failures, err) },
		End: func(_ context.Context, e oidc.Ended) error {
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, e)
			return nil
		},
		EndSession: func(http.ResponseWriter, *http.Request) string { return logins[0].Hint.Reveal() },
	})
	mux.HandleFunc("/login", party.Login)
	mux.HandleFunc("/callback", party.Callback)
	mux.HandleFunc("/logout", party.Logout)
	mux.HandleFunc("/back", party.BackChannel)
	mux.HandleFunc("/bye", func(http.ResponseWriter, *http.Request) {})

	client := browser(t)
	last := walkPeer(t, client, app.URL+"/login")
	if len(logins) != 1 || len(failures) != 0 {
		t.Fatalf("%d logins, errors %v, ended at %s", len(logins), failures, last)
	}
	login := logins[0]
	if login.Officer.ID != "cb-tiepnhan" || login.SID == "" || login.Renewal.IsZero() {
		t.Fatalf("officer %+v, session %q", login.Officer, login.SID)
	}
	again, err := party.Renew(t.Context(), login.Renewal)
	if err != nil || again.Account != login.Account || again.Renewal.Reveal() == login.Renewal.Reveal() {
		t.Fatalf("renewed: %v", err)
	}
	if _, err := party.Renew(t.Context(), login.Renewal); !errors.Is(err, oidc.ErrSession) {
		t.Errorf("a replaced refresh token: %v", err)
	}
	endPeer(t, client, app.URL+"/logout")
	mu.Lock()
	defer mu.Unlock()
	if len(ended) != 1 || ended[0].SID != login.SID || ended[0].Account != login.Account {
		t.Errorf("ended %+v, want session %s", ended, login.SID)
	}
}

func peerParty(t *testing.T, port, app string, signIn oidc.SignIn, cfg oidc.Config) *oidc.RelyingParty {
	t.Helper()
	officers, err1 := oidc.BuiltIn("officers")
	profile, err2 := oidc.BuiltIn("fapi2")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	profile.Issuer = "http://127.0.0.1:" + port
	profile.Discovery = profile.Issuer + "/.well-known/openid-configuration"
	profile.Kind, profile.Claims, profile.Encryption = officers.Kind, officers.Claims, rsaRule
	client := oidc.Client{
		ID: "mot-cua", RedirectURL: app + "/callback", PostLogoutURL: app + "/bye", Key: sharedKey(), KeyID: "sig",
		KeyAlg: "PS256", DecryptKey: sharedKey(), DecryptKeyID: "enc",
	}
	party, err := oidc.New(profile, client, pseudonymizer(t), signIn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return party
}

// clientKeys is the client's JWKS: one key, to verify with and to encrypt for.
func clientKeys(t *testing.T) string {
	t.Helper()
	key := func(kid, use, alg string) map[string]any {
		public := sharedKey().PublicKey
		return map[string]any{
			"kty": "RSA", "kid": kid, "use": use, "alg": alg, "n": b64(public.N.Bytes()),
			"e": b64(big.NewInt(int64(public.E)).Bytes()),
		}
	}
	raw, err := json.Marshal(map[string]any{"keys": []any{key("sig", "sig", "PS256"), key("enc", "enc", "RSA-OAEP-256")}})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// endPeer logs out and says yes on the provider's page.
func endPeer(t *testing.T, client *http.Client, address string) {
	t.Helper()
	read := func(resp *http.Response, err error) (string, *url.URL) {
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil {
			t.Fatal(err)
		}
		return string(text), resp.Request.URL
	}
	text, at := read(client.Post(address, "text/plain", nil))
	action := regexp.MustCompile(`<form[^>]+action="([^"]+)"`).FindStringSubmatch(text)
	xsrf := regexp.MustCompile(`name="xsrf" value="([^"]+)"`).FindStringSubmatch(text)
	if action == nil || xsrf == nil {
		t.Fatalf("no logout page at %s: %.300s", at.Path, text)
	}
	target, err := at.Parse(html.UnescapeString(action[1]))
	if err != nil {
		t.Fatal(err)
	}
	read(client.PostForm(target.String(), url.Values{"xsrf": {xsrf[1]}, "logout": {"yes"}}))
}
