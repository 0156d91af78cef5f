package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity/identitytest"
)

func TestSignInAndOut(t *testing.T) {
	var app http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { app.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	var err error
	if app, err = newApp(server.URL); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	read := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := read(identitytest.SignIn(browser, server.URL+"/", "vinh")); !strings.Contains(got, "Xin chào Trần Thị Mỹ Vĩnh") ||
		!strings.Contains(got, "Mức độ 2, theo acr=LoA2") {
		t.Fatalf("after the sign-in: %s", got)
	}
	// Logging out ends at the page again, which sends a stranger to sign in.
	if got := read(browser.Post(server.URL+"/logout", "text/plain", nil)); !strings.Contains(got, "Bạn muốn đăng nhập với tư cách ai?") {
		t.Errorf("after the logout: %s", got)
	}
	resp, err := http.DefaultClient.Do(crossSite(t, server.URL+"/logout"))
	if read(resp, err); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site logs people out: status %d", resp.StatusCode)
	}
}

func crossSite(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return r
}
