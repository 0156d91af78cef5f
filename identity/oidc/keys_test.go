package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

func TestKeysAreFetchedOnce(t *testing.T) {
	o := open(t, set{})
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			resp, err := identitytest.SignIn(browser(t), o.app.URL+"/login", "nghia")
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		})
	}
	group.Wait()
	if len(o.logins) != 12 {
		t.Fatalf("%d logins, errors %v", len(o.logins), o.errs)
	}
	for _, path := range []string{"/oauth2/jwks", "/oauth2/token/.well-known/openid-configuration"} {
		if got := o.provider.Requests(path); got != 1 {
			t.Errorf("%s was fetched %d times by 12 logins at once", path, got)
		}
	}
}

func TestKeysRotate(t *testing.T) {
	o := open(t, set{})
	signIn := func(want bool) {
		t.Helper()
		if _, failure := o.signIn(t, "nghia"); (failure == nil) != want {
			t.Fatalf("accepted %v, want %v: %v", failure == nil, want, failure)
		}
	}
	fetched := func(want int) {
		t.Helper()
		if got := o.provider.Requests("/oauth2/jwks"); got != want {
			t.Fatalf("keys were fetched %d times, want %d", got, want)
		}
	}
	signIn(true)
	fetched(1)
	if err := o.provider.Rotate(); err != nil {
		t.Fatal(err)
	}
	o.sleep(31 * time.Second)
	signIn(true) // unknown id: fetched at once
	fetched(2)
	o.provider.Misbehave(identitytest.UnknownKey)
	for range 5 {
		signIn(false) // forged ids do not hammer the provider
	}
	fetched(2)
	o.provider.Misbehave(identitytest.KeysFail)
	o.sleep(2 * time.Hour)
	signIn(true) // old keys live on while the provider is out of reach
	fetched(3)
	o.sleep(23 * time.Hour)
	signIn(false) // but not for ever
	o.provider.Misbehave()
	o.sleep(31 * time.Second)
	signIn(true)
}

// TestOldKeysServeWhileNewOnesAreFetched: one login asks a provider that hangs, the others do not wait for it.
func TestOldKeysServeWhileNewOnesAreFetched(t *testing.T) {
	o := open(t, set{config: func(cfg *oidc.Config) { cfg.HTTPClient = &http.Client{Timeout: 3 * time.Second} }})
	if _, failure := o.signIn(t, "nghia"); failure != nil {
		t.Fatal(failure)
	}
	o.provider.Misbehave(identitytest.KeysHang)
	o.sleep(70 * time.Minute) // the keys are no longer fresh
	first := make(chan error, 1)
	go func() {
		resp, err := identitytest.SignIn(browser(t), o.app.URL+"/login", "nghia")
		if err == nil {
			_ = resp.Body.Close()
		}
		first <- err
	}()
	for o.provider.Requests("/oauth2/jwks") < 2 {
		runtime.Gosched()
	}
	if _, failure := o.signIn(t, "vinh"); failure != nil {
		t.Fatalf("a login beside the one that fetches: %v", failure)
	}
	select {
	case err := <-first:
		t.Fatalf("the fetch was over before the login beside it (%v): nothing is shown", err)
	default:
	}
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	if _, failure := o.outcome(t); failure != nil {
		t.Fatalf("the login that fetched in vain, with old keys at hand: %v", failure)
	}
}

func TestParseKeySet(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	member := func(change func(map[string]any)) string {
		parsed, err := jwk.Import(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := json.Marshal(parsed)
		var m map[string]any
		_ = json.Unmarshal(raw, &m)
		m["kid"] = "k"
		if change != nil {
			change(m)
		}
		raw, _ = json.Marshal(m)
		return string(raw)
	}
	with := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	good := member(nil)
	tests := []struct {
		name, keys string
		rule       string // of ParseKeySet
		find       string // of Key: "yes", "no" or a rule
	}{
		{"one", good, "", "yes"},
		{"for signatures", member(with("use", "sig")), "", "yes"},
		{"for encryption", member(with("use", "enc")), "jwks-empty", ""},
		{"to verify", member(with("key_ops", []string{"verify"})), "", "yes"},
		{"to wrap", member(with("key_ops", []string{"wrapKey"})), "jwks-empty", ""},
		{"of another algorithm", member(with("alg", "ES384")), "", "no"},
		{"twice under one id", good + "," + good, "", "key-ambiguous"},
		{"beside unknown ones", `{"kty":"OKP","crv":"X448","x":"AA"},{"kty":"new"},` + good, "", "yes"},
		{"off its curve", member(with("x", "AAAA")), "jwks-empty", ""},
		{"private", member(with("d", "AAAA")), "jwks-private", ""},
		{"symmetric", good + `,{"kty":"oct","k":"AAAA"}`, "jwks-private", ""},
		{"small RSA", `{"kty":"RSA","n":"` + fmt.Sprintf("%0171d", 7) + `","e":"AQAB"}`, "jwks-empty", ""},
		{"none", "", "jwks-empty", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := oidc.ParseKeySet([]byte(`{"keys":[` + tt.keys + `]}`))
			var failure *oidc.Error
			if errors.As(err, &failure); tt.rule != "" && (failure == nil || failure.Rule != tt.rule) {
				t.Fatalf("got %v, want %q", err, tt.rule)
			}
			if tt.rule != "" {
				return
			}
			_, found, err := set.Key(context.Background(), "k", "ES256")
			got := map[bool]string{true: "yes", false: "no"}[found]
			if errors.As(err, &failure) {
				got = failure.Rule
			}
			if got != tt.find {
				t.Fatalf("found %q, want %q", got, tt.find)
			}
		})
	}
	for _, raw := range []string{"", "[]", `{"keys":1}`, `{"keys":[]} x`, `{"keys":[],"keys":[]}`} {
		if _, err := oidc.ParseKeySet([]byte(raw)); !errors.Is(err, oidc.ErrProvider) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestNewRefusesWhatIsUnsafe(t *testing.T) {
	good, err := oidc.BuiltIn("vnconnect")
	if err != nil {
		t.Fatal(err)
	}
	client := oidc.Client{ID: "c", Secret: "s", RedirectURL: "https://dvc.example/callback"}
	tests := []struct {
		name   string
		change func(*oidc.Profile, *oidc.Client, *oidc.Config)
		rule   string
	}{
		{"nothing wrong", func(*oidc.Profile, *oidc.Client, *oidc.Config) {}, ""},
		{"no issuer", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.Issuer = "" }, "profile-issuer"},
		{"no openid", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.Scopes = nil }, "profile-scopes"},
		{"no algorithm", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.Algs = nil }, "profile-algs"},
		{"none", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.Algs = []string{"none"} }, "profile-algs"},
		{"HMAC", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.Algs = []string{"HS256"} }, "profile-algs"},
		{"http", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) {
			p.Endpoints.Token = "http://idp.example/token"
		}, "profile-endpoints"},
		{"no key address", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.Endpoints.JWKS = "" },
			"profile-endpoints"},
		{"unknown method", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.ClientAuth = "none" },
			"profile-client-auth"},
		{"unknown kind", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.Kind.Fixed = "robot" }, "profile-kind"},
		{"no id", func(_ *oidc.Profile, c *oidc.Client, _ *oidc.Config) { c.ID = "" }, "client-id"},
		{"no secret", func(_ *oidc.Profile, c *oidc.Client, _ *oidc.Config) { c.Secret = "" }, "client-secret"},
		{"no key", func(p *oidc.Profile, _ *oidc.Client, _ *oidc.Config) { p.ClientAuth = oidc.PrivateKeyJWT },
			"client-key"},
		{"plain callback", func(_ *oidc.Profile, c *oidc.Client, _ *oidc.Config) {
			c.RedirectURL = "http://dvc.example/callback"
		}, "redirect-url"},
		{"loopback look-alike", func(_ *oidc.Profile, c *oidc.Client, _ *oidc.Config) {
			c.RedirectURL = "http://127.0.0.evil/callback"
		}, "redirect-url"},
		{"skew", func(_ *oidc.Profile, _ *oidc.Client, cfg *oidc.Config) { cfg.Skew = time.Hour }, "skew"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, c, cfg := good, client, oidc.Config{}
			tt.change(&p, &c, &cfg)
			_, err := oidc.New(p, c, pseudonymizer(t), func(http.ResponseWriter, *http.Request, oidc.Login) {}, cfg)
			var failure *oidc.Error
			if got := errors.As(err, &failure); got != (tt.rule != "") || got && failure.Rule != tt.rule {
				t.Fatalf("got %v, want %q", err, tt.rule)
			}
		})
	}
}

func TestBuiltInProfiles(t *testing.T) {
	for _, name := range []string{"vnconnect", "vneid", "officers"} {
		p, err := oidc.BuiltIn(name)
		if err != nil || p.Name != name || p.Since == "" || p.Source == "" {
			t.Errorf("%s: %v, %+v", name, err, p)
		}
	}
	for _, raw := range []string{"", "{", `{"nmae":"x"}`, `[]`, `{} {}`} {
		if _, err := oidc.ParseProfile([]byte(raw)); !errors.Is(err, oidc.ErrConfig) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if _, err := oidc.BuiltIn("../doc"); !errors.Is(err, oidc.ErrConfig) {
		t.Errorf("a profile that is not built in: %v", err)
	}
}
