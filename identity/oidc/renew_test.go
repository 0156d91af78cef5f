package oidc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

// lasting is an office that asks for refresh tokens.
func lasting(t testing.TB, profile string) *office {
	return open(t, set{profile: profile, tweak: func(p *oidc.Profile) { p.Scopes = append(p.Scopes, "offline_access") }})
}

func TestRenew(t *testing.T) {
	for _, profile := range []string{"vnconnect", "fapi2"} {
		o := lasting(t, profile)
		login, failure := o.signIn(t, "nghia")
		if failure != nil || login.Renewal.IsZero() || login.SID == "" {
			t.Fatalf("%s: %v, no right to renew", profile, failure)
		}
		kept, err := oidc.ParseRenewal(login.Renewal.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		o.sleep(20 * time.Minute)
		again, err := o.party.Renew(t.Context(), kept)
		if err != nil {
			t.Fatalf("%s: %v", profile, err)
		}
		if again.Subject.Pseudonym != login.Subject.Pseudonym || !again.At.Equal(o.clock()) ||
			!again.AuthTime.Equal(login.AuthTime) || again.SID != login.SID || again.Renewal.Reveal() == kept.Reveal() {
			t.Errorf("%s: renewed as %v at %v", profile, again.Subject.Pseudonym, again.At)
		}
		if _, err := o.party.Renew(t.Context(), again.Renewal); err != nil {
			t.Errorf("%s: the second time: %v", profile, err)
		}
		// The first token was replaced: whoever uses it now has stolen it, and everything ends.
		if _, err := o.party.Renew(t.Context(), kept); !errors.Is(err, oidc.ErrSession) {
			t.Errorf("%s: a replaced token: %v", profile, err)
		}
	}
}

func TestRenewKeepsATokenThatDoesNotRotate(t *testing.T) {
	o := lasting(t, "vnconnect")
	login, failure := o.signIn(t, "nghia")
	if failure != nil {
		t.Fatal(failure)
	}
	o.provider.Misbehave(identitytest.NoRotation)
	for range 3 {
		var err error
		if login, err = o.party.Renew(t.Context(), login.Renewal); err != nil {
			t.Fatal(err)
		}
	}
	o.provider.Misbehave(identitytest.NoRotation, identitytest.NoIDToken)
	login, err := o.party.Renew(t.Context(), login.Renewal)
	if err != nil || !login.Expires.IsZero() || login.Hint.Reveal() != "" || login.Subject.Person.IsZero() {
		t.Errorf("without an id_token: %v", err)
	}
}

func TestRenewRefuses(t *testing.T) {
	for fault, want := range map[identitytest.Fault]string{
		identitytest.RefreshOtherSub: "renewed-sub", identitytest.RefreshDenied: "invalid-grant",
		identitytest.BadSignature: "signature", identitytest.WrongIssuer: "iss", identitytest.UserInfoOtherSub: "userinfo-sub",
		identitytest.Outage: "status", identitytest.WrongBirthDate: "inconsistent", identitytest.WrongAtHash: "at_hash",
	} {
		o := lasting(t, "vnconnect")
		login, failure := o.signIn(t, "nghia")
		if failure != nil {
			t.Fatal(failure)
		}
		o.provider.Misbehave(fault)
		_, err := o.party.Renew(t.Context(), login.Renewal)
		if !errors.As(err, &failure) || failure.Rule != want {
			t.Errorf("%s: %v, want %s", fault, err, want)
		}
		if (fault == identitytest.RefreshDenied) != errors.Is(err, oidc.ErrSession) {
			t.Errorf("%s: %v is of the wrong kind", fault, err)
		}
	}
	o := open(t, set{})
	login, failure := o.signIn(t, "nghia")
	if failure != nil || !login.Renewal.IsZero() {
		t.Fatalf("a right to renew that was not asked for: %v", failure)
	}
	if _, err := o.party.Renew(t.Context(), login.Renewal); !errors.Is(err, oidc.ErrSession) {
		t.Error(err)
	}
}

func TestRenewKeepsTheLevel(t *testing.T) {
	o := open(t, set{
		tweak:  func(p *oidc.Profile) { p.Scopes = append(p.Scopes, "offline_access") },
		config: func(c *oidc.Config) { c.MinLevel = 2 },
	})
	login, failure := o.signIn(t, "nghia")
	if failure != nil {
		t.Fatal(failure)
	}
	o.provider.Misbehave(identitytest.LowLevel)
	if _, err := o.party.Renew(t.Context(), login.Renewal); !errors.Is(err, oidc.ErrAssurance) {
		t.Errorf("a lower level: %v", err)
	}
}

func TestParseRenewal(t *testing.T) {
	for _, text := range []string{"x", "{}", `{"token":"x"}`, strings.Repeat("x", 100<<10)} {
		if r, err := oidc.ParseRenewal(text); err == nil || !r.IsZero() {
			t.Errorf("%.20q is taken", text)
		}
	}
	r, err := oidc.ParseRenewal(`{"token":"canary","sub":"canary"}`)
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s %q", r, r, r, r, struct{ r oidc.Renewal }{r}); strings.Contains(shown, "canary") {
		t.Errorf("prints as %s", shown)
	}
	if none, err := oidc.ParseRenewal(""); err != nil || !none.IsZero() {
		t.Error(err)
	}
}

func FuzzParseRenewal(f *testing.F) {
	f.Add(`{"token":"t","sub":"s","minLevel":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := oidc.ParseRenewal(text)
		if err != nil || r.IsZero() {
			return
		}
		if again, err := oidc.ParseRenewal(r.Reveal()); err != nil || again.Reveal() != r.Reveal() {
			t.Fatal("does not read back")
		}
	})
}
