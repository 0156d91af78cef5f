package oidc_test

import (
	"bufio"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/oidc"
	"github.com/motcua/motcua/internal/enginetest"
)

// TestPeer signs in at a certified provider nobody of us wrote: the npm package oidc-provider, run by node on loopback.
// Set MOTCUA_OIDC_PROVIDER to a directory where it is installed (npm install oidc-provider@9.13.3).
func TestPeer(t *testing.T) {
	dir := enginetest.NPM(t, "MOTCUA_OIDC_PROVIDER", "oidc-provider", "oidc-provider")
	node := enginetest.Need(t, "node")
	mux := http.NewServeMux()
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)
	port := freePort(t)
	startPeer(t, exec.Command(node, "testdata/peer.mjs", dir, port, app.URL+"/callback"))

	profile, err := oidc.BuiltIn("officers")
	if err != nil {
		t.Fatal(err)
	}
	profile.Issuer = "http://127.0.0.1:" + port
	profile.Discovery = profile.Issuer + "/.well-known/openid-configuration"
	client := oidc.Client{ID: "mot-cua", Secret: "a secret & more", RedirectURL: app.URL + "/callback"}
	var got []oidc.Login
	var failed []*oidc.Error
	party, err := oidc.New(profile, client, pseudonymizer(t),
		func(_ http.ResponseWriter, _ *http.Request, login oidc.Login) { got = append(got, login) },
		oidc.Config{Fail: func(_ http.ResponseWriter, _ *http.Request, err *oidc.Error) { failed = append(failed, err) }})
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/login", party.Login)
	mux.HandleFunc("/callback", party.Callback)

	last := walkPeer(t, browser(t), app.URL+"/login")
	if len(got) != 1 || len(failed) != 0 {
		t.Fatalf("%d logins, errors %v, ended at %s", len(got), failed, last)
	}
	login := got[0]
	if login.Officer.ID != "cb-tiepnhan" || login.Subject.Name.Reveal() != "Phạm Thu Hà" ||
		login.Subject.Kind != identity.Officer || len(login.Officer.Roles) != 1 {
		t.Fatalf("officer %+v of kind %v", login.Officer, login.Subject.Kind)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// startPeer runs the provider until the test ends and returns when it listens.
func startPeer(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		if scanner.Text() == "listening" {
			return
		}
	}
	_ = cmd.Wait()
	t.Fatalf("the provider did not start: %s", complaints.String())
}

// walkPeer fills in the provider's own pages, login and consent, until a page without a form comes.
func walkPeer(t *testing.T, client *http.Client, address string) string {
	t.Helper()
	resp, err := client.Get(address)
	for range 5 {
		if err != nil {
			t.Fatal(err)
		}
		text, readErr := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close()
		if readErr != nil {
			t.Fatal(readErr)
		}
		action := regexp.MustCompile(`<form[^>]+action="([^"]+)"`).FindSubmatch(text)
		prompt := regexp.MustCompile(`name="prompt" value="([^"]+)"`).FindSubmatch(text)
		if action == nil || prompt == nil {
			break
		}
		form := url.Values{"prompt": {string(prompt[1])}, "login": {"tiepnhan"}, "password": {"x"}}
		target, parseErr := resp.Request.URL.Parse(html.UnescapeString(string(action[1])))
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		resp, err = client.PostForm(target.String(), form)
	}
	return resp.Request.URL.Path
}
