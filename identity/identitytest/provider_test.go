package identitytest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
)

const verifier = "0123456789012345678901234567890123456789abc"

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// bench is a provider on loopback with one client, driven by hand.
type bench struct {
	url  string
	now  time.Time
	http *http.Client
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{now: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r) // made below, for it must know the server's address
	}))
	t.Cleanup(server.Close)
	provider, err := identitytest.New(server.URL, []identitytest.Client{{
		ID: "c", Secret: "s", Auth: "client_secret_post", RedirectURLs: []string{"https://app.example/callback"},
	}}, identitytest.Config{Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	handler, b.url = provider, server.URL
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.http = &http.Client{Jar: jar, CheckRedirect: func(req *http.Request, _ []*http.Request) error {
		if req.URL.Host == "app.example" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return b
}

func request() url.Values {
	return url.Values{
		"response_type": {"code"}, "client_id": {"c"}, "redirect_uri": {"https://app.example/callback"},
		"scope": {"openid"}, "state": {"a state of some length"}, "nonce": {"a nonce of some length"},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}
}

// code signs nghia in and returns the code.
func (b *bench) code(t *testing.T) string {
	t.Helper()
	resp, err := identitytest.SignIn(b.http, b.url+"/oauth2/authorize?"+request().Encode(), "nghia")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	return to.Query().Get("code")
}

func redemption(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://app.example/callback"},
		"client_id": {"c"}, "client_secret": {"s"}, "code_verifier": {verifier},
	}
}

func (b *bench) redeem(t *testing.T, form url.Values) (int, map[string]any) {
	t.Helper()
	resp, err := b.http.PostForm(b.url+"/oauth2/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func TestProviderChecksTheRedemption(t *testing.T) {
	tests := []struct {
		name   string
		change func(url.Values)
		sleep  time.Duration
		want   string
	}{
		{"as it should be", func(url.Values) {}, 59 * time.Second, ""},
		{"too late", func(url.Values) {}, time.Minute, "invalid_grant"},
		{"wrong verifier", func(f url.Values) { f.Set("code_verifier", strings.Repeat("x", 43)) }, 0, "invalid_grant"},
		{"no verifier", func(f url.Values) { f.Del("code_verifier") }, 0, "invalid_grant"},
		{"the challenge as verifier", func(f url.Values) { f.Set("code_verifier", challenge(verifier)) }, 0, "invalid_grant"},
		{"other address", func(f url.Values) { f.Set("redirect_uri", "https://app.example/callback/") }, 0, "invalid_grant"},
		{"other code", func(f url.Values) { f.Set("code", "x") }, 0, "invalid_grant"},
		{"wrong secret", func(f url.Values) { f.Set("client_secret", "x") }, 0, "invalid_client"},
		{"no secret", func(f url.Values) { f.Del("client_secret") }, 0, "invalid_client"},
		{"unknown client", func(f url.Values) { f.Set("client_id", "x") }, 0, "invalid_client"},
		{"other grant", func(f url.Values) { f.Set("grant_type", "password") }, 0, "unsupported_grant_type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			form := redemption(b.code(t))
			tt.change(form)
			b.now = b.now.Add(tt.sleep)
			status, answer := b.redeem(t, form)
			got, _ := answer["error"].(string)
			if got != tt.want || (status == http.StatusOK) != (tt.want == "") {
				t.Fatalf("status %d, error %q, want %q", status, got, tt.want)
			}
		})
	}
}

func TestCodeWorksOnceAndATheftEndsIt(t *testing.T) {
	b := newBench(t)
	form := redemption(b.code(t))
	_, answer := b.redeem(t, form)
	access, _ := answer["access_token"].(string)
	ask := func() int {
		req, err := http.NewRequest(http.MethodGet, b.url+"/oauth2/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+access)
		resp, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if got := ask(); got != http.StatusOK {
		t.Fatalf("userinfo: status %d", got)
	}
	if status, _ := b.redeem(t, form); status != http.StatusBadRequest {
		t.Fatalf("a code worked twice: status %d", status)
	}
	if got := ask(); got != http.StatusUnauthorized {
		t.Fatalf("the access token of a stolen code still works: status %d", got)
	}
}

func TestProviderChecksTheRequest(t *testing.T) {
	b := newBench(t)
	set := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	tests := []struct {
		name   string
		change func(url.Values)
		page   bool // the problem is shown, not sent to the address
		want   string
	}{
		{"unknown client", set("client_id", "x"), true, ""},
		{"address not registered", set("redirect_uri", "https://app.example/callback?x"), true, ""},
		{"implicit", set("response_type", "id_token"), false, "unsupported_response_type"},
		{"no openid", set("scope", "profile"), false, "invalid_scope"},
		{"plain PKCE", set("code_challenge_method", "plain"), false, "invalid_request"},
		{"no PKCE", func(q url.Values) { q.Del("code_challenge") }, false, "invalid_request"},
		{"no nonce", func(q url.Values) { q.Del("nonce") }, false, "invalid_request"},
		{"nonce is the state", func(q url.Values) { q.Set("nonce", q.Get("state")) }, false, "invalid_request"},
		{"scope twice", func(q url.Values) { q.Add("scope", "x") }, false, "invalid_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			query := request()
			tt.change(query)
			resp, err := b.http.Get(b.url + "/oauth2/authorize?" + query.Encode())
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			to, _ := resp.Location()
			switch {
			case tt.page && (resp.StatusCode != http.StatusBadRequest || to != nil):
				t.Fatalf("status %d to %v", resp.StatusCode, to)
			case !tt.page && (to == nil || to.Query().Get("error") != tt.want):
				t.Fatalf("sent to %v, want error %q", to, tt.want)
			}
		})
	}
}

func TestPageWorksWithoutScript(t *testing.T) {
	b := newBench(t)
	resp, err := b.http.Get(b.url + "/oauth2/authorize?" + request().Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<html lang="vi">`, "<h1>Đăng nhập</h1>", "hệ thống mô phỏng", "Nguyễn Trọng Nghĩa", "Hủy đăng nhập",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"<script", "Phạm Thu Hà"} {
		if strings.Contains(string(text), not) {
			t.Errorf("the page has %q", not)
		}
	}
}

func TestPersonasAreConsistent(t *testing.T) {
	for _, persona := range identitytest.Personas() {
		number, _ := persona.Claims["SoDinhDanh"].(string)
		birth, _ := persona.Claims["NgayThangNamSinh"].(string)
		id, err := identity.ParsePersonID(number)
		if err != nil {
			t.Fatalf("%s: %v", persona.ID, err)
		}
		date, err := identity.ParseBirthDate(birth)
		if err != nil {
			t.Fatalf("%s: %v", persona.ID, err)
		}
		at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		if err := id.Check(at, date, identity.SexUnknown); err != nil {
			t.Errorf("%s: %v", persona.ID, err)
		}
	}
}

func Example() {
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r) // made below, for it must know the server's address
	}))
	defer server.Close()
	provider, err := identitytest.New(server.URL, []identitytest.Client{{
		ID: "my-app", Secret: "s", Auth: "client_secret_post", RedirectURLs: []string{"http://127.0.0.1:8080/callback"},
	}}, identitytest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler = provider
	fmt.Println(strings.TrimPrefix(provider.Issuer(), server.URL))
	// Output: /oauth2/token
}
