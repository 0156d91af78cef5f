package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
)

// signedIn returns an HTTP client whose cookies are those of a signed-in persona.
func signedIn(t *testing.T, h *house, door, persona string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	resp, err := identitytest.SignIn(client, h.URL+door, persona)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s signs in at %s: status %d", persona, door, resp.StatusCode)
	}
	return client
}

// download fetches a document of the office as a signed-in citizen.
func download(t *testing.T, h *house, persona, path, into string) {
	t.Helper()
	resp, err := signedIn(t, h, "/login", persona).Get(h.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 32<<20))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", path, resp.StatusCode, err)
	}
	if err := os.WriteFile(into, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
