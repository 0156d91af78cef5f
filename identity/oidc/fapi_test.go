package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

// TestPersonalities signs in at each kind of provider.
func TestPersonalities(t *testing.T) {
	for _, s := range []set{
		{profile: "vnconnect"}, {profile: "vneid", persona: identitytest.VNeID}, {profile: "fapi2"},
		{profile: "vnconnect", tweak: func(p *oidc.Profile) { p.PAR = true }},
		{profile: "vnconnect", tweak: func(p *oidc.Profile) { p.DPoP = true }},
	} {
		o := open(t, s)
		login, failure := o.signIn(t, "nghia")
		if failure != nil {
			t.Fatalf("%s: %v", s.profile, failure)
		}
		if login.Subject.Person.Reveal() != "001090000123" || login.Subject.Assurance.Level != identity.Level2 {
			t.Errorf("%s: level %v", s.profile, login.Subject.Assurance)
		}
		pushes := 0
		if o.profile.PAR {
			pushes = 1
		}
		if s.profile == "fapi2" {
			pushes = 2 // the first proof has no nonce yet
		}
		if got := o.provider.Requests("/oauth2/par"); got != pushes {
			t.Errorf("%s: %d pushed requests, want %d", s.profile, got, pushes)
		}
	}
}

// TestPushedRequestShowsNothing looks at what the browser carries to the provider.
func TestPushedRequestShowsNothing(t *testing.T) {
	o := open(t, set{profile: "fapi2"})
	client := browser(t)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Get(o.app.URL + "/login")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	address, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	if len(query) != 2 || query.Get("client_id") != "mot-cua" || query.Get("request_uri") == "" {
		t.Errorf("the browser carries %v", query)
	}
}

func TestNonceIsLearntAndChanged(t *testing.T) {
	o := open(t, set{profile: "fapi2"})
	if _, failure := o.signIn(t, "nghia"); failure != nil {
		t.Fatal(failure)
	}
	if got := o.provider.Requests("/oauth2/token"); got != 1 {
		t.Errorf("%d redemptions: the nonce learnt at the push was not used", got)
	}
	o.provider.StaleNonce()
	if _, failure := o.signIn(t, "nghia"); failure != nil {
		t.Fatal(failure)
	}
	o.provider.Misbehave(identitytest.EveryNonceStale)
	before := o.provider.Requests("/oauth2/par")
	resp, err := browser(t).Get(o.app.URL + "/login")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	_, failure := o.outcome(t)
	if failure == nil || failure.Rule != "error" || o.provider.Requests("/oauth2/par")-before != 2 {
		t.Errorf("%v after %d pushes: a provider never content is asked twice", failure, o.provider.Requests("/oauth2/par")-before)
	}
}

func TestFAPIMisbehaviour(t *testing.T) {
	for fault, rule := range map[identitytest.Fault]string{
		identitytest.TokenUnbound: "token-type", identitytest.NoResponseIssuer: "response-iss",
		identitytest.WrongCHash: "c_hash", identitytest.WrongNonce: "nonce", identitytest.BadSignature: "signature",
	} {
		o := open(t, set{profile: "fapi2"})
		o.provider.Misbehave(fault)
		if _, failure := o.signIn(t, "nghia"); failure == nil || failure.Rule != rule {
			t.Errorf("%s: %v, want %s", fault, failure, rule)
		}
	}
	o := open(t, set{profile: "fapi2"})
	o.provider.Misbehave(identitytest.PARFails)
	resp, err := browser(t).Get(o.app.URL + "/login")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, failure := o.outcome(t); failure == nil || failure.Rule != "invalid-request" || !errors.Is(failure, oidc.ErrProvider) {
		t.Errorf("a refused push: %v", failure)
	}
}

func TestFAPIProfileIsHeld(t *testing.T) {
	good, err := oidc.BuiltIn("fapi2")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*oidc.Profile){
		"no push": func(p *oidc.Profile) { p.PAR = false }, "bearer": func(p *oidc.Profile) { p.DPoP = false },
		"secret":                    func(p *oidc.Profile) { p.ClientAuth = oidc.ClientSecretBasic },
		"RS256":                     func(p *oidc.Profile) { p.Algs = []string{"PS256", "RS256"} },
		"quirk":                     func(p *oidc.Profile) { p.Quirks.NoNonceEcho = true },
		"assertion to the endpoint": func(p *oidc.Profile) { p.AssertionAudience = "" },
	} {
		p := good
		change(&p)
		var failure *oidc.Error
		if err := p.Check(); !errors.As(err, &failure) || failure.Rule != "profile-fapi2" {
			t.Errorf("%s: %v", name, err)
		}
	}
	signIn := func(http.ResponseWriter, *http.Request, oidc.Login) {}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	client := oidc.Client{ID: "c", RedirectURL: "https://dvc.example/cb", Key: sharedKey(), KeyAlg: "PS256"}
	for rule, change := range map[string]func(*oidc.Client, *oidc.Profile){
		"client-key":         func(c *oidc.Client, _ *oidc.Profile) { c.KeyAlg = "RS256" },
		"proof-key":          func(c *oidc.Client, _ *oidc.Profile) { c.ProofKey = p384 },
		"client-certificate": func(_ *oidc.Client, p *oidc.Profile) { p.ClientAuth = oidc.TLSClientAuth },
	} {
		c, p := client, good
		change(&c, &p)
		var failure *oidc.Error
		if _, err := oidc.New(p, c, pseudonymizer(t), signIn, oidc.Config{}); !errors.As(err, &failure) || failure.Rule != rule {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if _, err := oidc.New(good, client, pseudonymizer(t), signIn, oidc.Config{}); err != nil {
		t.Errorf("the client the others are made from: %v", err)
	}
	if strings.Contains(good.String(), "secret") {
		t.Error("a profile prints a secret")
	}
}
