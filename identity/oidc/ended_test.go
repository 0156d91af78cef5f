package oidc_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

// listening is an office that hears of logouts.
func listening(t testing.TB, s set, ended *[]oidc.Ended) *office {
	given := s.config
	s.config = func(c *oidc.Config) {
		c.End = func(_ context.Context, e oidc.Ended) error { *ended = append(*ended, e); return nil }
		if given != nil {
			given(c)
		}
	}
	return open(t, s)
}

// backChannel posts a logout token and returns the status.
func (o *office) backChannel(token string) int {
	form := url.Values{"logout_token": {token}}
	r := httptest.NewRequest(http.MethodPost, "/back", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	o.party.BackChannel(w, r)
	return w.Code
}

func TestBackChannel(t *testing.T) {
	for _, profile := range []string{"vnconnect", "fapi2"} {
		var ended []oidc.Ended
		o := listening(t, set{profile: profile}, &ended)
		login, failure := o.signIn(t, "nghia")
		if failure != nil {
			t.Fatal(failure)
		}
		token, ok := o.provider.LogoutToken("mot-cua", "nghia")
		if !ok {
			t.Fatal("no session at the provider")
		}
		if status := o.backChannel(token); status != http.StatusOK || len(ended) != 1 {
			t.Fatalf("%s: status %d, ended %d", profile, status, len(ended))
		}
		if want := (oidc.Ended{SID: login.SID, Account: login.Account, At: o.now}); ended[0] != want {
			t.Errorf("%s: %+v, want %+v", profile, ended[0], want)
		}
		if status := o.backChannel(token); status != http.StatusBadRequest || len(ended) != 1 {
			t.Errorf("%s: the same token again: status %d", profile, status)
		}
	}
}

func TestBackChannelRefuses(t *testing.T) {
	var ended []oidc.Ended
	o := listening(t, set{}, &ended)
	if _, failure := o.signIn(t, "nghia"); failure != nil {
		t.Fatal(failure)
	}
	for _, fault := range []identitytest.Fault{
		identitytest.WrongIssuer, identitytest.WrongAudience, identitytest.Expired, identitytest.OldToken,
		identitytest.LogoutNonce, identitytest.LogoutNoEvent, identitytest.LogoutNoSubject, identitytest.LogoutNoID,
		identitytest.LogoutIDToken, identitytest.AlgNone, identitytest.AlgHS256, identitytest.BadSignature,
		identitytest.UnknownKey, identitytest.EmbeddedKey, identitytest.CriticalHeader,
	} {
		o.provider.Misbehave(fault)
		token, ok := o.provider.LogoutToken("mot-cua", "nghia")
		if status := o.backChannel(token); !ok || status != http.StatusBadRequest {
			t.Errorf("%s: status %d", fault, status)
		}
	}
	o.provider.Misbehave()
	for _, token := range []string{"", "x", "a.b.c", strings.Repeat("a", 100<<10)} {
		if status := o.backChannel(token); status != http.StatusBadRequest {
			t.Errorf("%.10q: status %d", token, status)
		}
	}
	w := httptest.NewRecorder()
	o.party.BackChannel(w, httptest.NewRequest(http.MethodGet, "/back?logout_token=x", nil))
	if w.Code != http.StatusBadRequest || len(ended) != 0 {
		t.Errorf("status %d, %d sessions ended", w.Code, len(ended))
	}
}

func TestBackChannelOfOldProviders(t *testing.T) {
	var ended []oidc.Ended
	o := listening(t, set{tweak: func(p *oidc.Profile) { p.Quirks.UntypedLogoutToken = true }}, &ended)
	if _, failure := o.signIn(t, "nghia"); failure != nil {
		t.Fatal(failure)
	}
	o.provider.Misbehave(identitytest.LogoutIDToken)
	token, _ := o.provider.LogoutToken("mot-cua", "nghia")
	if status := o.backChannel(token); status != http.StatusOK || len(ended) != 1 {
		t.Errorf("status %d", status)
	}
}

func TestBackChannelTellsWhoseFault(t *testing.T) {
	down := true
	o := open(t, set{config: func(c *oidc.Config) {
		c.End = func(context.Context, oidc.Ended) error {
			if down {
				return errors.New("store is down")
			}
			return nil
		}
	}})
	if _, failure := o.signIn(t, "nghia"); failure != nil {
		t.Fatal(failure)
	}
	token, _ := o.provider.LogoutToken("mot-cua", "nghia")
	if status := o.backChannel(token); status != http.StatusInternalServerError {
		t.Errorf("status %d: the provider would not try again", status)
	}
	down = false
	if status := o.backChannel(token); status != http.StatusOK {
		t.Errorf("status %d: the session never ends", status)
	}
	if status := o.backChannel(token); status != http.StatusBadRequest {
		t.Errorf("status %d: the same token a second time", status)
	}
}

func TestFrontChannel(t *testing.T) {
	var ended []oidc.Ended
	o := listening(t, set{}, &ended)
	login, failure := o.signIn(t, "nghia")
	if failure != nil {
		t.Fatal(failure)
	}
	query, ok := o.provider.FrontChannelQuery("mot-cua", "nghia")
	if !ok {
		t.Fatal("no session at the provider")
	}
	w := httptest.NewRecorder()
	o.party.FrontChannel(w, httptest.NewRequest(http.MethodGet, "/front?"+query.Encode(), nil))
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != http.StatusOK || len(ended) != 1 || ended[0].SID != login.SID || !ended[0].Account.IsZero() ||
		!strings.Contains(policy, "frame-ancestors http://127.0.0.1") {
		t.Fatalf("status %d, %v, policy %q", w.Code, ended, policy)
	}
	for _, bad := range []string{
		"", "sid=x", "iss=https://other.example&sid=x", query.Encode() + "&sid=y", "iss=" + url.QueryEscape(o.profile.Issuer) + "&sid=",
		"iss=" + url.QueryEscape(o.profile.Issuer) + "&sid=" + strings.Repeat("x", 256),
	} {
		w := httptest.NewRecorder()
		o.party.FrontChannel(w, httptest.NewRequest(http.MethodGet, "/front?"+bad, nil))
		if w.Code < 400 || len(ended) != 1 {
			t.Errorf("%q: status %d", bad, w.Code)
		}
	}
	w = httptest.NewRecorder()
	o.party.FrontChannel(w, httptest.NewRequest(http.MethodPost, "/front?"+query.Encode(), nil))
	if w.Code != http.StatusBadRequest || len(ended) != 1 {
		t.Errorf("POST: status %d", w.Code)
	}
}

// TestStepUp signs in low, then has to show more, and may not come back as somebody else.
func TestStepUp(t *testing.T) {
	o := open(t, set{})
	o.provider.Misbehave(identitytest.LowLevel)
	login, failure := o.signIn(t, "nghia")
	if failure != nil || login.Subject.Assurance.Level != identity.Level1 {
		t.Fatalf("%v, level %v", failure, login.Subject.Assurance.Level)
	}
	current := func(*http.Request) identity.Pseudonym { return login.Account }
	up := httptest.NewServer(o.party.StepUp(identity.Level2, 5*time.Minute, current))
	t.Cleanup(up.Close)
	// The cookie of the login is that of the host, whatever the port, as in a browser.
	stepUp := func(persona string) (oidc.Login, *oidc.Error) {
		t.Helper()
		resp, err := identitytest.SignIn(browser(t), up.URL+"/?return_to=/ho-so", persona)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return o.outcome(t)
	}
	if _, failure := stepUp("nghia"); failure == nil || !errors.Is(failure, oidc.ErrAssurance) {
		t.Errorf("still low: %v", failure)
	}
	o.provider.Misbehave()
	if got, failure := stepUp("nghia"); failure != nil || got.Subject.Assurance.Level != identity.Level2 ||
		got.Account != login.Account || got.ReturnTo != "/ho-so" {
		t.Errorf("the same person, higher: %v", failure)
	}
	if _, failure := stepUp("vinh"); failure == nil || !errors.Is(failure, oidc.ErrAccount) {
		t.Errorf("somebody else: %v", failure)
	}
}
