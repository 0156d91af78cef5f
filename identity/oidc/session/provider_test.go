package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
	"github.com/motcua/motcua/identity/oidc/session"
)

func TestProviderEndsSessions(t *testing.T) {
	for name, end := range map[string]func(*office, visitor){
		"back channel": func(o *office, v visitor) {
			token, _ := o.provider.LogoutToken("c", "nghia")
			resp, err := http.PostForm(o.URL+"/back", url.Values{"logout_token": {token}})
			if v.read(resp, err); resp.StatusCode != http.StatusOK {
				t.Errorf("back channel: status %d", resp.StatusCode)
			}
		},
		"front channel": func(o *office, v visitor) {
			query, _ := o.provider.FrontChannelQuery("c", "nghia")
			visit(t).get(o.URL + "/front?" + query.Encode())
		},
		"logout": func(o *office, v visitor) {
			resp, err := v.Post(o.URL+"/logout", "text/plain", nil)
			if got := v.read(resp, err); got != "bye" {
				t.Errorf("logout ends at %.60q", got)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, v, other := open(t, session.Config{}), visit(t), visit(t)
			other.signIn(o, "/login", "vinh")
			v.signIn(o, "/login", "nghia")
			o.sleep(time.Second)
			end(o, v)
			v.is(o, "nobody")
			other.is(o, "Trần Thị Mỹ Vĩnh level 2")
			o.sleep(time.Second)
			v.signIn(o, "/login", "nghia")
			v.is(o, "Nguyễn Trọng Nghĩa level 2")
		})
	}
}

func TestAllSessionsOfAnAccountEnd(t *testing.T) {
	o, a, b := open(t, session.Config{}), visit(t), visit(t)
	a.signIn(o, "/login", "nghia")
	b.signIn(o, "/login", "nghia")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, cookie := range a.Jar.Cookies(mustURL(t, o.URL)) {
		r.AddCookie(cookie)
	}
	var account identity.Pseudonym
	o.sessions.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { account = o.sessions.Account(r) })).
		ServeHTTP(httptest.NewRecorder(), r)
	if account.IsZero() {
		t.Fatal("no account")
	}
	if err := o.sessions.End(t.Context(), oidc.Ended{Account: account, At: o.clock()}); err != nil {
		t.Fatal(err)
	}
	a.is(o, "nobody")
	b.is(o, "nobody")
	if err := o.sessions.End(t.Context(), oidc.Ended{}); err != nil {
		t.Error(err)
	}
}

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestRenewedSession(t *testing.T) {
	o, v := open(t, session.Config{}), visit(t)
	v.signIn(o, "/login", "nghia")
	for range 2 { // the second needs the refresh token the first brought
		resp, err := v.Post(o.URL+"/renew", "text/plain", nil)
		if got := v.read(resp, err); got != "<nil>" {
			t.Fatal(got)
		}
	}
	v.is(o, "Nguyễn Trọng Nghĩa level 2")
	if err := o.sessions.Update(httptest.NewRequest(http.MethodGet, "/", nil).WithContext(emptySession(t, o)), oidc.Login{}); !errors.Is(err, session.ErrNone) {
		t.Errorf("nobody's session is renewed: %v", err)
	}
}

// emptySession is the context of a request without a session.
func emptySession(t *testing.T, o *office) (ctx context.Context) {
	t.Helper()
	o.sessions.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	return ctx
}

func TestProviderIsAskedAgain(t *testing.T) {
	o, v := open(t, session.Config{RenewEvery: 10 * time.Minute}), visit(t)
	v.signIn(o, "/login", "nghia")
	redeemed := o.provider.Requests("/oauth2/token")
	asked := func() int { return o.provider.Requests("/oauth2/token") - redeemed }
	v.is(o, "Nguyễn Trọng Nghĩa level 2")
	if asked() != 0 {
		t.Errorf("asked %d times before it was due", asked())
	}
	for round := 1; round <= 3; round++ {
		o.sleep(11 * time.Minute)
		var group sync.WaitGroup
		for range 8 { // a page with its parts
			group.Go(func() {
				if got := v.read(v.Get(o.URL + "/")); got != "Nguyễn Trọng Nghĩa level 2" {
					t.Errorf("a part of the page finds %q", got)
				}
			})
		}
		group.Wait()
		if asked() != round {
			t.Fatalf("asked %d times in %d rounds", asked(), round)
		}
	}
	o.provider.Misbehave(identitytest.Outage)
	o.sleep(11 * time.Minute)
	v.is(o, "Nguyễn Trọng Nghĩa level 2")
	o.provider.Misbehave(identitytest.RefreshDenied)
	o.sleep(2 * time.Minute)
	v.is(o, "nobody")
}

func TestSessionEndsWhenThePersonChanges(t *testing.T) {
	for _, fault := range []identitytest.Fault{
		identitytest.RefreshOtherSub, identitytest.WrongBirthDate, identitytest.UnknownAccount, identitytest.BadSignature,
	} {
		o, v := open(t, session.Config{RenewEvery: 10 * time.Minute}), visit(t)
		v.signIn(o, "/login", "nghia")
		o.provider.Misbehave(fault)
		o.sleep(11 * time.Minute)
		v.is(o, "nobody")
	}
}
