package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/onceonly/auth"
)

var (
	_ onceonly.Authenticator = (*auth.Timestamped)(nil)
	_ onceonly.Authenticator = (*auth.Bearer)(nil)
	_ onceonly.Authenticator = (*auth.ClientCredentials)(nil)
)

func newRequest(t *testing.T, address string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestTimestamped(t *testing.T) {
	now := func() time.Time { return time.UnixMilli(1795000000123) }
	// The digests come from: printf '%s' ADDRESS USER STAMP SECRET | sha256sum
	tests := []struct {
		name, stamp, digest string
		unit                auth.Unit
		service             string
	}{
		{"milliseconds", "1795000000123", "3ddbe685313df945cd5da5bccab37af800de768acd50b0c7a1527281a665a3f8", auth.Milliseconds, ""},
		{"seconds", "1795000000", "5b635cc044e33f5c90069d61bd20e601a2b36326a8d2c64a406933a557a7b8c6", auth.Seconds, ""},
		{"address behind a gateway", "1795000000", "5d54741efb0a40f4de7ad1dbd161d39a7d88388dbae1996426dcd3bc470308d1", auth.Seconds, "https://inner.example/svc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			login, err := auth.NewTimestamped("qnm", "bí mật", tt.unit, auth.Config{ServiceURL: tt.service, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			req := newRequest(t, "https://c06.example/tra-cuu?x=1")
			if err := login.Authenticate(context.Background(), req); err != nil {
				t.Fatal(err)
			}
			want := "Basic " + base64.StdEncoding.EncodeToString([]byte("qnm:"+tt.digest))
			if req.Header.Get("Timestamp") != tt.stamp || req.Header.Get("Authorization") != want {
				t.Fatalf("got %q, %q", req.Header.Get("Timestamp"), req.Header.Get("Authorization"))
			}
		})
	}
}

func TestRefusesConfiguration(t *testing.T) {
	for name, err := range map[string]error{
		"no user":     second(auth.NewTimestamped("", "s", auth.Seconds, auth.Config{})),
		"colon":       second(auth.NewTimestamped("a:b", "s", auth.Seconds, auth.Config{})),
		"no secret":   second(auth.NewTimestamped("a", "", auth.Seconds, auth.Config{})),
		"no unit":     second(auth.NewTimestamped("a", "s", 0, auth.Config{})),
		"no token":    second(auth.NewBearer("")),
		"line break":  second(auth.NewBearer("a\nb")),
		"plain http":  second(auth.NewClientCredentials("http://idp.example/token", "a", "s", auth.CredentialsConfig{})),
		"no endpoint": second(auth.NewClientCredentials("", "a", "s", auth.CredentialsConfig{})),
		"no id":       second(auth.NewClientCredentials("https://idp.example/token", "", "s", auth.CredentialsConfig{})),
	} {
		if !errors.Is(err, auth.ErrConfig) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	login, err := auth.NewTimestamped("a", "s", auth.Seconds, auth.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := login.Authenticate(context.Background(), &http.Request{Header: http.Header{}}); !errors.Is(err, auth.ErrConfig) {
		t.Errorf("request without host: got %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// gateway is a token endpoint that counts.
type gateway struct {
	calls  atomic.Int64
	answer func(n int64) (int, string)
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := g.calls.Add(1)
	_ = r.ParseForm()
	if r.PostForm.Get("grant_type") != "client_credentials" || r.PostForm.Get("client_id") != "id" ||
		r.PostForm.Get("client_secret") != "bí mật" || r.PostForm.Get("scope") != "read" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	status, body := g.answer(n)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func token(n int64) (int, string) {
	return http.StatusOK, fmt.Sprintf(`{"access_token":"t%d","token_type":"Bearer","expires_in":3600}`, n)
}

func credentials(t *testing.T, g *gateway, now func() time.Time) *auth.ClientCredentials {
	t.Helper()
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	c, err := auth.NewClientCredentials(server.URL, "id", "bí mật", auth.CredentialsConfig{Scope: "read", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClientCredentials(t *testing.T) {
	now := time.Unix(1795000000, 0)
	g := &gateway{answer: token}
	c := credentials(t, g, func() time.Time { return now })
	bearer := func() string {
		req := newRequest(t, "https://lgsp.example/x")
		if err := c.Authenticate(context.Background(), req); err != nil {
			t.Error(err)
		}
		return req.Header.Get("Authorization")
	}
	var together sync.WaitGroup
	for range 32 {
		together.Go(func() {
			if got := bearer(); got != "Bearer t1" {
				t.Errorf("got %q", got)
			}
		})
	}
	together.Wait()
	if g.calls.Load() != 1 {
		t.Fatalf("%d token requests for 32 callers; want 1", g.calls.Load())
	}
	now = now.Add(3600*time.Second - 31*time.Second)
	if bearer() != "Bearer t1" {
		t.Fatal("renewed too early")
	}
	now = now.Add(time.Second)
	if bearer() != "Bearer t2" {
		t.Fatal("not renewed before the end")
	}
	c.Forget()
	if bearer() != "Bearer t3" {
		t.Fatal("not forgotten")
	}
}

func TestClientCredentialsRefuses(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"401": {http.StatusUnauthorized, ""}, "200 with an error": {http.StatusOK, `{"error":"invalid_client"}`},
		"not JSON": {http.StatusOK, "<html>"}, "no token": {http.StatusOK, `{"token_type":"Bearer","expires_in":1}`},
		"other type":    {http.StatusOK, `{"access_token":"x","token_type":"mac","expires_in":60}`},
		"without end":   {http.StatusOK, `{"access_token":"x","token_type":"Bearer"}`},
		"header inside": {http.StatusOK, `{"access_token":"x\r\nX: y","token_type":"Bearer","expires_in":60}`},
	} {
		c := credentials(t, &gateway{answer: func(int64) (int, string) { return answer.status, answer.body }}, nil)
		if err := c.Authenticate(context.Background(), newRequest(t, "https://x.example/")); !errors.Is(err, auth.ErrToken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	huge := credentials(t, &gateway{answer: func(int64) (int, string) { return 200, strings.Repeat(" ", 1<<20) }}, nil)
	if err := huge.Authenticate(context.Background(), newRequest(t, "https://x.example/")); err == nil {
		t.Error("a megabyte of token was read")
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	const secret = "canary-secret"
	stamped, _ := auth.NewTimestamped("u", secret, auth.Seconds, auth.Config{})
	bearer, _ := auth.NewBearer(secret)
	creds, _ := auth.NewClientCredentials("https://x.example/", "id", secret, auth.CredentialsConfig{})
	type hidden struct{ a any }
	for _, v := range []any{stamped, bearer, creds, *stamped, *bearer, hidden{stamped}, hidden{*bearer}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, secret) {
				t.Errorf("%T %s: %s", v, verb, out)
			}
		}
	}
}
