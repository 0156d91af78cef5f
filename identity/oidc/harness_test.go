package oidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

// office is an application with a relying party, beside a provider, both over real HTTP on loopback.
type office struct {
	provider *identitytest.Provider
	party    *oidc.RelyingParty
	app      *httptest.Server
	profile  oidc.Profile

	mu     sync.Mutex
	now    time.Time
	logins []oidc.Login
	errs   []*oidc.Error
}

// set changes what an office is made of.
type set struct {
	profile string // built-in profile
	persona identitytest.Personality
	tweak   func(*oidc.Profile)
	client  func(*oidc.Client, *identitytest.Client)
	config  func(*oidc.Config)
}

// sharedKey saves making an RSA key for each of a hundred offices.
var sharedKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) sleep(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func open(t testing.TB, s set) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)}
	var idp http.Handler
	idpServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { idp.ServeHTTP(w, r) }))
	t.Cleanup(idpServer.Close)
	mux := http.NewServeMux()
	o.app = httptest.NewServer(mux)
	t.Cleanup(o.app.Close)
	if s.profile == "" {
		s.profile = "vnconnect"
	}
	var err error
	if o.profile, err = oidc.BuiltIn(s.profile); err != nil {
		t.Fatal(err)
	}
	client := oidc.Client{
		ID: "mot-cua", Secret: "a secret & more", RedirectURL: o.app.URL + "/callback", PostLogoutURL: o.app.URL + "/bye",
	}
	registered := identitytest.Client{
		ID: client.ID, Secret: client.Secret, Auth: string(o.profile.ClientAuth), RedirectURLs: []string{client.RedirectURL},
		PostLogoutURLs: []string{client.PostLogoutURL}, Officers: s.profile == "officers",
	}
	if s.profile == "fapi2" {
		s.persona = identitytest.FAPI2
		client.Key, client.KeyID, client.KeyAlg = sharedKey(), "client-1", "PS256"
		registered.Key = &sharedKey().PublicKey
	}
	if s.client != nil {
		s.client(&client, &registered)
	}
	o.provider, err = identitytest.New(idpServer.URL, []identitytest.Client{registered}, identitytest.Config{
		Now: o.clock, Key: sharedKey(), Personality: s.persona,
	})
	if err != nil {
		t.Fatal(err)
	}
	idp = o.provider
	o.profile.Issuer, o.profile.Discovery = o.provider.Issuer(), o.provider.DiscoveryURL()
	o.profile.Endpoints = oidc.Endpoints{}
	if s.persona == identitytest.VNeID {
		e := o.provider.Endpoints()
		o.profile.Discovery = ""
		o.profile.Endpoints = oidc.Endpoints{
			Authorization: e.Authorization, Token: e.Token, UserInfo: e.UserInfo, JWKS: e.JWKS, EndSession: e.EndSession,
		}
	}
	if s.tweak != nil {
		s.tweak(&o.profile)
	}
	cfg := oidc.Config{Now: o.clock, Fail: o.failed}
	if s.config != nil {
		s.config(&cfg)
	}
	if o.party, err = oidc.New(o.profile, client, pseudonymizer(t), o.signedIn, cfg); err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/login", o.party.Login)
	mux.HandleFunc("/login2", o.party.LoginAt(identity.Level2))
	mux.HandleFunc("/callback", o.party.Callback)
	mux.HandleFunc("/logout", o.party.Logout)
	return o
}

func pseudonymizer(t testing.TB) *identity.Pseudonymizer {
	t.Helper()
	names, err := identity.NewPseudonymizer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (o *office) signedIn(w http.ResponseWriter, _ *http.Request, login oidc.Login) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.logins = append(o.logins, login)
	w.WriteHeader(http.StatusOK)
}

func (o *office) failed(w http.ResponseWriter, _ *http.Request, err *oidc.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errs = append(o.errs, err)
	w.WriteHeader(err.Status())
}

// outcome returns the newest login or error, and that there was exactly one since the last call.
func (o *office) outcome(t testing.TB) (oidc.Login, *oidc.Error) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.logins)+len(o.errs) != 1 {
		t.Fatalf("%d logins and %d errors, want one of either", len(o.logins), len(o.errs))
	}
	var login oidc.Login
	var failure *oidc.Error
	if len(o.logins) == 1 {
		login = o.logins[0]
	} else {
		failure = o.errs[0]
	}
	o.logins, o.errs = nil, nil
	return login, failure
}

func browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, Timeout: 10 * time.Second}
}

// signIn walks through the provider's page and returns the outcome.
func (o *office) signIn(t testing.TB, persona string) (oidc.Login, *oidc.Error) {
	t.Helper()
	resp, err := identitytest.SignIn(browser(t), o.app.URL+"/login", persona)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return o.outcome(t)
}
