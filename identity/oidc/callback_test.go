package oidc_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

// walk signs in and returns the address of the callback, which the browser has not opened yet.
func walk(t *testing.T, o *office, client *http.Client) string {
	t.Helper()
	var callback string
	client.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if req.URL.Path == "/callback" {
			callback = req.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	resp, err := identitytest.SignIn(client, o.app.URL+"/login", "nghia")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if callback == "" {
		t.Fatal("the provider did not send the browser back")
	}
	return callback
}

func visit(t *testing.T, client *http.Client, address string) {
	t.Helper()
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

func TestCallback(t *testing.T) {
	replace := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	tests := []struct {
		name  string
		query func(url.Values)
		other bool // in another browser
		sleep time.Duration
		kind  error
		code  string
	}{
		{name: "as it should be"},
		{name: "nine minutes", sleep: 9 * time.Minute, kind: oidc.ErrProvider, code: "oidc.provider.invalid-grant"},
		{name: "expired", sleep: 10 * time.Minute, kind: oidc.ErrExpired, code: "oidc.expired.lifetime"},
		{name: "another browser", other: true, kind: oidc.ErrState, code: "oidc.state.cookie"},
		{name: "wrong state", query: replace("state", strings.Repeat("A", 43)), kind: oidc.ErrState,
			code: "oidc.state.unknown"},
		{name: "malformed state", query: replace("state", "x"), kind: oidc.ErrState, code: "oidc.state.state"},
		{name: "no state", query: func(q url.Values) { q.Del("state") }, kind: oidc.ErrState, code: "oidc.state.state"},
		{name: "two states", query: func(q url.Values) { q.Add("state", "x") }, kind: oidc.ErrRequest,
			code: "oidc.request.parameter-twice"},
		{name: "two codes", query: func(q url.Values) { q.Add("code", "x") }, kind: oidc.ErrRequest,
			code: "oidc.request.parameter-twice"},
		{name: "no code", query: func(q url.Values) { q.Del("code") }, kind: oidc.ErrRequest, code: "oidc.request.code"},
		{name: "another code", query: replace("code", "x"), kind: oidc.ErrProvider, code: "oidc.provider.invalid-grant"},
		{name: "another issuer", query: replace("iss", "https://other.example"), kind: oidc.ErrToken,
			code: "oidc.token.response-iss"},
		{name: "an error of the provider", query: replace("error", "temporarily_unavailable"), kind: oidc.ErrProvider,
			code: "oidc.provider.temporarily-unavailable"},
		{name: "an error nobody knows", query: replace("error", "<script>"), kind: oidc.ErrProvider,
			code: "oidc.provider.error"},
		{name: "huge", query: replace("x", strings.Repeat("x", 9000)), kind: oidc.ErrRequest, code: "oidc.request.size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := open(t, set{})
			client := browser(t)
			address, err := url.Parse(walk(t, o, client))
			if err != nil {
				t.Fatal(err)
			}
			if tt.query != nil {
				query := address.Query()
				tt.query(query)
				address.RawQuery = query.Encode()
			}
			if tt.other {
				client = browser(t)
			}
			o.sleep(tt.sleep)
			visit(t, client, address.String())
			_, failure := o.outcome(t)
			switch {
			case tt.kind == nil && failure != nil:
				t.Fatalf("refused: %v", failure)
			case tt.kind != nil && (!errors.Is(failure, tt.kind) || failure.Code() != tt.code):
				t.Fatalf("got %v, want %s", failure, tt.code)
			}
		})
	}
}

func TestCallbackWorksOnce(t *testing.T) {
	o := open(t, set{})
	client := browser(t)
	address := walk(t, o, client)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			resp, err := client.Get(address)
			if err == nil {
				_ = resp.Body.Close()
			}
		})
	}
	group.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.logins) != 1 || len(o.errs) != 7 {
		t.Fatalf("%d logins, %d errors", len(o.logins), len(o.errs))
	}
	for _, err := range o.errs {
		if !errors.Is(err, oidc.ErrReplayed) || err.Status() != http.StatusBadRequest {
			t.Errorf("a replay: %v", err)
		}
	}
}

// TestLoginCSRF: somebody lures a victim to a callback of his own login; the victim must not end up in his account.
func TestLoginCSRF(t *testing.T) {
	o := open(t, set{})
	attacker, victim := browser(t), browser(t)
	lure := walk(t, o, attacker)
	walk(t, o, victim) // the victim has a cookie, but of another login
	visit(t, victim, lure)
	if _, failure := o.outcome(t); !errors.Is(failure, oidc.ErrState) {
		t.Fatalf("got %v", failure)
	}
}

func TestTwoTabs(t *testing.T) {
	o := open(t, set{})
	client := browser(t)
	first := walk(t, o, client)
	second := walk(t, o, client)
	for _, address := range []string{first, second} {
		visit(t, client, address)
		if _, failure := o.outcome(t); failure != nil {
			t.Fatalf("refused: %v", failure)
		}
	}
}

func TestDecline(t *testing.T) {
	o := open(t, set{})
	if _, failure := o.signIn(t, ""); !errors.Is(failure, oidc.ErrDenied) || failure.Status() != http.StatusForbidden {
		t.Fatalf("got %v", failure)
	}
}

func TestReturnTo(t *testing.T) {
	o := open(t, set{})
	tests := []struct {
		path string
		ok   bool
	}{
		{"/", true}, {"/ho-so/1?a=b#c", true}, {"/tra-cuu?q=h%E1%BB%93+s%C6%A1", true}, {"", true},
		{"//evil.example", false}, {`/\evil.example`, false}, {`\\evil.example`, false}, {"https://evil.example", false},
		{"javascript:alert(1)", false}, {"ho-so", false}, {"/\t/evil.example", false}, {"/\n/evil", false},
		{"/%5Cevil.example", false}, {"/%2Fevil.example", false}, {"/%09/evil", false},
		{"/" + strings.Repeat("a", 1024), false},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			w := httptest.NewRecorder()
			address := "/login?return_to=" + url.QueryEscape(tt.path)
			o.party.Login(w, httptest.NewRequest(http.MethodGet, address, nil))
			if got := w.Code == http.StatusFound; got != tt.ok {
				t.Fatalf("status %d, want redirect %v", w.Code, tt.ok)
			}
		})
	}
}

func TestLoginRequest(t *testing.T) {
	o := open(t, set{config: func(cfg *oidc.Config) { cfg.MaxAge = time.Hour }})
	w := httptest.NewRecorder()
	o.party.Login(w, httptest.NewRequest(http.MethodGet, "/login", nil))
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	query := to.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "mot-cua", "scope": "openid", "code_challenge_method": "S256",
		"acr_values": "LoA1", "max_age": "3600", "redirect_uri": o.app.URL + "/callback",
	} {
		if got := query.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	seen := map[string]bool{}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if value := query.Get(name); len(value) != 43 || seen[value] {
			t.Errorf("%s is %q", name, value)
		}
		seen[query.Get(name)] = true
	}
	higher := httptest.NewRecorder()
	o.party.LoginAt(identity.Level2)(higher, httptest.NewRequest(http.MethodGet, "/login?acr_values=LoA1", nil))
	if to := higher.Header().Get("Location"); !strings.Contains(to, "acr_values=LoA2") {
		t.Errorf("level 2 is not asked for: %s", to)
	}
	cookie := w.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge != 600 || cookie.Path != "/" {
		t.Errorf("cookie %v", cookie)
	}
	if seen[cookie.Value] || w.Header().Get("Cache-Control") != "no-store" {
		t.Error("the cookie's secret is in the address, or the answer may be stored")
	}
}

func TestCookieOverHTTPS(t *testing.T) {
	o := open(t, set{client: func(c *oidc.Client, _ *identitytest.Client) {
		c.RedirectURL = "https://dvc.example/callback"
	}})
	w := httptest.NewRecorder()
	o.party.Login(w, httptest.NewRequest(http.MethodGet, "/login", nil))
	cookie := w.Result().Cookies()[0]
	if !cookie.Secure || !strings.HasPrefix(cookie.Name, "__Host-") || cookie.Domain != "" {
		t.Fatalf("cookie %v", cookie)
	}
}

func TestFailPage(t *testing.T) {
	o := open(t, set{config: func(cfg *oidc.Config) { cfg.Fail = nil }})
	for lang, want := range map[string]string{"vi-VN": "Vui lòng đăng nhập lại.", "en-GB": "Please sign in again."} {
		r := httptest.NewRequest(http.MethodGet, "/callback?code=x&state="+strings.Repeat("A", 43), nil)
		r.Header.Set("Accept-Language", lang)
		w := httptest.NewRecorder()
		o.party.Callback(w, r)
		body, _ := io.ReadAll(w.Body)
		if w.Code != http.StatusBadRequest || !strings.Contains(string(body), want) ||
			!strings.Contains(string(body), "oidc.state.cookie") {
			t.Errorf("%s: status %d, page %s", lang, w.Code, body)
		}
	}
}

type brokenStore struct{ oidc.Transactions }

func (brokenStore) Put(context.Context, string, oidc.Transaction) error { return io.ErrUnexpectedEOF }

func TestBrokenStore(t *testing.T) {
	o := open(t, set{config: func(cfg *oidc.Config) { cfg.Transactions = brokenStore{} }})
	w := httptest.NewRecorder()
	o.party.Login(w, httptest.NewRequest(http.MethodGet, "/login", nil))
	if _, failure := o.outcome(t); !errors.Is(failure, oidc.ErrConfig) || !errors.Is(failure, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", failure)
	}
}

func TestMemory(t *testing.T) {
	ctx := context.Background()
	start := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	tx := func(minutes int, nonce string) oidc.Transaction {
		return oidc.Transaction{Nonce: nonce, Expires: start.Add(time.Duration(minutes) * time.Minute)}
	}
	m := oidc.NewMemory(2)
	for i, id := range []string{"a", "b", "c"} {
		if err := m.Put(ctx, id, tx(10+i, id)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Take(ctx, "a"); !errors.Is(err, oidc.ErrState) {
		t.Errorf("the oldest was not displaced: %v", err)
	}
	if err := m.Put(ctx, "c", tx(12, "again")); !errors.Is(err, oidc.ErrReplayed) {
		t.Errorf("an id was used twice: %v", err)
	}
	var won atomic.Int32
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			if got, err := m.Take(ctx, "b"); err == nil && got.Nonce == "b" {
				won.Add(1)
			} else if !errors.Is(err, oidc.ErrReplayed) {
				t.Errorf("a loser got %v", err)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d takers", won.Load())
	}
	if err := m.Put(ctx, "d", tx(60, "d")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Take(ctx, "b"); !errors.Is(err, oidc.ErrState) {
		t.Errorf("what is over is still kept: %v", err)
	}
}
