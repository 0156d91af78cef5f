package oidc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/identity/oidc"
)

// TestNothingPrintsPersonalData prints everything a login gives, and every error, in every way, and looks for what
// must not come out.
func TestNothingPrintsPersonalData(t *testing.T) {
	o := lasting(t, "vnconnect")
	login, failure := o.signIn(t, "nghia")
	if failure != nil {
		t.Fatal(failure)
	}
	client := oidc.Client{ID: "c", Secret: "canary-secret", RedirectURL: "https://dvc.example/callback"}
	nested := struct {
		login  oidc.Login
		claims oidc.Claims
		hint   oidc.LogoutHint
	}{login, login.Claims, login.Hint}
	ended := oidc.Ended{SID: login.SID, Account: login.Account}
	values := []any{
		login, &login, login.Claims, login.Hint, login.Renewal, client, &client, nested, login.Subject, ended, o.party, o.profile,
	}
	for _, fault := range []identitytest.Fault{
		identitytest.BadPersonID, identitytest.WrongBirthDate, identitytest.UserInfoConflict, identitytest.WrongNonce,
		identitytest.TokenError, identitytest.Outage, identitytest.BadSignature,
	} {
		o.provider.Misbehave(fault)
		_, failure := o.signIn(t, "nghia")
		values = append(values, failure, failure.Text("vi"), failure.Text("en"), failure.Code())
	}
	var out bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
		if raw, err := json.Marshal(value); err == nil {
			out.Write(raw)
		}
	}
	sub, _ := login.Claims.Reveal("sub")
	for _, canary := range []string{
		"090000123", "Nghĩa", "Nguyễn", "1990-03-15", "19900315", "congdan.example", "canary", sub, "eyJ", "a secret",
	} {
		if at := strings.Index(out.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s…", canary, out.String()[max(0, at-80):at+len(canary)])
		}
	}
	for _, name := range []string{"userProfileUri", "logoutUri"} {
		if _, ok := login.Claims.Reveal(name); ok {
			t.Errorf("%s, which carries a token, was kept", name)
		}
	}
}
