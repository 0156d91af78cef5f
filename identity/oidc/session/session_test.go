package session_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
	"github.com/motcua/motcua/identity/oidc/session"
)

// office is an application with sessions beside a provider, over real HTTP on loopback.
type office struct {
	*httptest.Server
	provider *identitytest.Provider
	party    *oidc.RelyingParty
	sessions *session.Manager

	mu  sync.Mutex
	now time.Time
}

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

func open(t *testing.T, cfg session.Config) *office {
	t.Helper()
	o := &office{now: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)}
	var provider http.Handler
	idp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	t.Cleanup(idp.Close)
	var handler http.Handler
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(o.Close)
	registered := identitytest.Client{
		ID: "c", Secret: "s", Auth: "client_secret_post", RedirectURLs: []string{o.URL + "/callback"},
		PostLogoutURLs: []string{o.URL + "/bye"},
	}
	var err error
	if o.provider, err = identitytest.New(idp.URL, []identitytest.Client{registered}, identitytest.Config{Now: o.clock}); err != nil {
		t.Fatal(err)
	}
	provider = o.provider
	profile, err := oidc.BuiltIn("vnconnect")
	if err != nil {
		t.Fatal(err)
	}
	profile.Issuer, profile.Discovery = o.provider.Issuer(), o.provider.DiscoveryURL()
	profile.Scopes = append(profile.Scopes, "offline_access")
	names, err := identity.NewPseudonymizer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Now, cfg.InsecureHTTP = o.clock, true
	if cfg.RenewEvery > 0 {
		cfg.Renew = func(ctx context.Context, r oidc.Renewal) (oidc.Login, error) { return o.party.Renew(ctx, r) }
	}
	o.sessions = session.New(cfg)
	client := oidc.Client{ID: "c", Secret: "s", RedirectURL: o.URL + "/callback", PostLogoutURL: o.URL + "/bye"}
	o.party, err = oidc.New(profile, client, names, o.sessions.SignIn,
		oidc.Config{Now: o.clock, EndSession: o.sessions.EndSession, End: o.sessions.End})
	if err != nil {
		t.Fatal(err)
	}
	handler = o.sessions.Wrap(o.routes())
	return o
}

func (o *office) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", o.party.Login)
	mux.Handle("GET /step-up", o.party.StepUp(identity.Level2, 0, o.sessions.Account))
	mux.HandleFunc("GET /callback", o.party.Callback)
	mux.HandleFunc("POST /logout", o.party.Logout)
	mux.HandleFunc("GET /front", o.party.FrontChannel)
	mux.HandleFunc("POST /back", o.party.BackChannel)
	mux.HandleFunc("GET /bye", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "bye") })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if s, ok := o.sessions.Current(r); ok {
			fmt.Fprintf(w, "%s level %d", s.Subject.Name.Reveal(), s.Subject.Assurance.Level)
			return
		}
		_, _ = io.WriteString(w, "nobody")
	})
	mux.HandleFunc("POST /renew", func(w http.ResponseWriter, r *http.Request) {
		s, _ := o.sessions.Current(r)
		login, err := o.party.Renew(r.Context(), s.Renewal)
		if err == nil {
			err = o.sessions.Update(r, login)
		}
		fmt.Fprint(w, err)
	})
	mux.Handle("/secret", o.sessions.Require(identity.Level2, "/login", "/step-up")(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") })))
	return mux
}

type visitor struct {
	t *testing.T
	*http.Client
}

func visit(t *testing.T) visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return visitor{t, &http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

func (v visitor) signIn(o *office, path, persona string) string {
	v.t.Helper()
	return v.read(identitytest.SignIn(v.Client, o.URL+path, persona))
}

// get opens a page.
func (v visitor) get(address string) string {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Dest", "document")
	return v.read(v.Do(r))
}

func (v visitor) read(resp *http.Response, err error) string {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		v.t.Fatal(err)
	}
	return string(text)
}

func (v visitor) token(o *office) string {
	u, err := url.Parse(o.URL)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, cookie := range v.Jar.Cookies(u) {
		if cookie.Name == "motcua" {
			return cookie.Value
		}
	}
	return ""
}

func (v visitor) is(o *office, want string) {
	v.t.Helper()
	if got := v.get(o.URL + "/"); got != want {
		v.t.Errorf("is %q, want %q", got, want)
	}
}

func TestSession(t *testing.T) {
	o, v := open(t, session.Config{}), visit(t)
	v.is(o, "nobody")
	if got := v.signIn(o, "/login", "nghia"); got != "Nguyễn Trọng Nghĩa level 2" {
		t.Fatal(got)
	}
	first := v.token(o)
	v.is(o, "Nguyễn Trọng Nghĩa level 2")
	if v.token(o) != first {
		t.Error("a new token at every request")
	}
	visit(t).is(o, "nobody")
	for range 4 { // somebody at work: every 20 minutes a click
		o.sleep(20 * time.Minute)
		v.is(o, "Nguyễn Trọng Nghĩa level 2")
	}
	if v.token(o) == first {
		t.Error("the token does not rotate")
	}
	thief := visit(t)
	u, err := url.Parse(o.URL)
	if err != nil {
		t.Fatal(err)
	}
	thief.Jar.SetCookies(u, []*http.Cookie{{Name: "motcua", Value: first}})
	thief.is(o, "nobody")
	o.sleep(30 * time.Minute)
	v.is(o, "nobody")
}

func TestSessionEndsInAnyCase(t *testing.T) {
	o, v := open(t, session.Config{Lifetime: time.Hour}), visit(t)
	v.signIn(o, "/login", "nghia")
	for range 2 {
		o.sleep(25 * time.Minute)
		v.is(o, "Nguyễn Trọng Nghĩa level 2")
	}
	o.sleep(10 * time.Minute)
	v.is(o, "nobody")
}

func TestTokenIsNewAfterSignIn(t *testing.T) {
	o, v := open(t, session.Config{}), visit(t)
	v.signIn(o, "/login", "nghia")
	first := v.token(o)
	v.signIn(o, "/login", "vinh")
	if v.token(o) == first {
		t.Error("the token of the first session serves the second")
	}
	v.is(o, "Trần Thị Mỹ Vĩnh level 2")
}

func TestRequire(t *testing.T) {
	o, v := open(t, session.Config{}), visit(t)
	resp, err := v.Post(o.URL+"/secret", "text/plain", nil)
	if v.read(resp, err); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody posts: status %d", resp.StatusCode)
	}
	o.provider.Misbehave(identitytest.LowLevel)
	// Who is not signed in is sent to sign in, comes back, is too low and is sent to step up: the provider's page again.
	page := v.signIn(o, "/secret", "nghia")
	if !strings.Contains(page, "Đăng nhập") {
		t.Fatalf("no step-up: %.60q", page)
	}
	v.is(o, "Nguyễn Trọng Nghĩa level 1")
	resp, err = v.Post(o.URL+"/secret", "text/plain", nil)
	if v.read(resp, err); resp.StatusCode != http.StatusForbidden {
		t.Errorf("too low: status %d", resp.StatusCode)
	}
	o.provider.Misbehave()
	first := v.token(o)
	if got := v.signIn(o, "/secret", "nghia"); got != "secret" {
		t.Fatalf("after the step-up: %.60q", got)
	}
	if v.token(o) == first {
		t.Error("the token is the same after the step-up")
	}
}

// broken is a store that cannot be asked.
type broken struct{}

func (broken) Revoke(context.Context, string, time.Time) error { return io.ErrUnexpectedEOF }
func (broken) Revoked(context.Context, string) (time.Time, bool, error) {
	return time.Time{}, false, io.ErrUnexpectedEOF
}

func TestNobodyIsSignedInWhileRevocationsAreDown(t *testing.T) {
	o, v := open(t, session.Config{Revocations: broken{}}), visit(t)
	resp, err := identitytest.SignIn(v.Client, o.URL+"/login", "nghia")
	if v.read(resp, err); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestMemory(t *testing.T) {
	ctx, m := t.Context(), session.NewMemory(2)
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for i, name := range []string{"a", "b", "a", "c"} {
		if err := m.Revoke(ctx, name, at.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Revoke(ctx, "a", at); err != nil { // earlier than what is known
		t.Fatal(err)
	}
	var known []string
	for _, name := range []string{"a", "b", "c"} {
		if when, ok, _ := m.Revoked(ctx, name); ok {
			known = append(known, name+when.Format("05"))
		}
	}
	if want := []string{"a02", "c03"}; !slices.Equal(known, want) {
		t.Errorf("%v, want %v", known, want)
	}
}

func TestCookie(t *testing.T) {
	m := session.New(session.Config{})
	names, err := identity.NewPseudonymizer([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	account := names.Account("i", "s")
	w := httptest.NewRecorder()
	m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.SignIn(w, r, oidc.Login{Account: account, ReturnTo: "/x"})
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/callback", nil))
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	c := cookies[0]
	if c.Name != "__Host-motcua" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" ||
		c.Domain != "" || !c.Expires.IsZero() || len(c.Value) < 40 || w.Header().Get("Location") != "/x" {
		t.Errorf("cookie %+v", c)
	}
}

func TestSessionPrintsNoPersonalData(t *testing.T) {
	name, err := identity.ParseName("Nguyễn Trọng Nghĩa")
	if err != nil {
		t.Fatal(err)
	}
	s := session.Session{Subject: identity.Subject{Kind: identity.Citizen, Name: name}, Hint: "canary"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if shown := fmt.Sprintf(verb, s); strings.Contains(shown, "Nghĩa") || strings.Contains(shown, "canary") {
			t.Errorf("%s prints %s", verb, shown)
		}
	}
}

func TestStore(t *testing.T) {
	s := session.NewStore(time.Hour, 3)
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	commit := func(token string, begins time.Time) {
		t.Helper()
		if err := s.Commit(token, []byte(token), begins.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(tokens string) {
		t.Helper()
		got := ""
		for _, token := range []string{"a", "b", "c", "d", "e"} {
			if body, ok, err := s.Find(token); err != nil || ok && string(body) != token {
				t.Fatalf("%s: %q, %v", token, body, err)
			} else if ok {
				got += token
			}
		}
		if got != tokens {
			t.Errorf("kept %s, want %s", got, tokens)
		}
	}
	commit("a", at)
	commit("b", at)
	commit("c", at)
	commit("a", at) // touched
	commit("d", at)
	want("acd")
	if err := s.Delete("c"); err != nil {
		t.Fatal(err)
	}
	want("ad")
	commit("e", at.Add(time.Hour)) // the others are over now
	want("e")
	if err := s.Delete("x"); err != nil {
		t.Error(err)
	}
}
