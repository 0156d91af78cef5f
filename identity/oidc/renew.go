package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/motcua/motcua/identity"
)

// Renewal is the right to ask the provider again without the person (a refresh token). It prints as nothing. Keep it on
// the server, beside the session; each use may bring a new one that replaces it.
type Renewal struct{ state func() renewal } // a closure, for fmt prints unexported fields

type renewal struct {
	Token    string         `json:"token"`
	Sub      string         `json:"sub"`
	Nonce    string         `json:"nonce"`
	ACR      string         `json:"acr,omitempty"`
	AuthTime time.Time      `json:"authTime,omitzero"`
	MinLevel identity.Level `json:"minLevel,omitempty"`
}

func newRenewal(r renewal) Renewal {
	if r.Token == "" {
		return Renewal{}
	}
	return Renewal{func() renewal { return r }}
}

// ParseRenewal reads back what [Renewal.Reveal] wrote; "" is none. Errors: *Error of kind [ErrConfig].
func ParseRenewal(text string) (Renewal, error) {
	if text == "" {
		return Renewal{}, nil
	}
	var r renewal
	if len(text) > maxToken || json.Unmarshal([]byte(text), &r) != nil || r.Token == "" || r.Sub == "" {
		return Renewal{}, refuse(ErrConfig, "renewal")
	}
	return newRenewal(r), nil
}

// Reveal returns the renewal as text for a server-side store, or "" of the zero value.
func (r Renewal) Reveal() string {
	if r.state == nil {
		return ""
	}
	text, err := json.Marshal(r.state())
	if err != nil {
		return ""
	}
	return string(text)
}

// IsZero reports whether there is no right to renew: the provider gave none.
func (r Renewal) IsZero() bool { return r.state == nil }

// Format prints no token.
func (r Renewal) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "oidc.Renewal(***)") }

// LogValue gives loggers no token.
func (r Renewal) LogValue() slog.Value { return slog.StringValue("oidc.Renewal(***)") }

// MarshalText gives encoders no token.
func (r Renewal) MarshalText() ([]byte, error) { return []byte("oidc.Renewal(***)"), nil }

// Renew asks the provider again who this is (OpenID Connect Core 1.0 section 12): the same subject, a level not below the
// one the login needed, or none. The answer's Renewal replaces the one given, which may be worth nothing any more; two
// that renew one session at once will both lose it. Errors: *Error; of kind [ErrSession] when the provider has ended the
// session, and the application's should end as well.
func (rp *RelyingParty) Renew(ctx context.Context, r Renewal) (Login, error) {
	if r.IsZero() {
		return Login{}, refuse(ErrSession, "renewal")
	}
	old := r.state()
	meta, err := rp.metadata(ctx)
	if err != nil {
		return Login{}, rp.own(err)
	}
	got, err := rp.post(ctx, meta.Token, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Token}})
	switch {
	case err != nil:
		return Login{}, err
	case got.object["error"] == "invalid_grant":
		return Login{}, refuse(ErrSession, "invalid-grant")
	case got.status != http.StatusOK:
		return Login{}, refuse(ErrProvider, oauthRule(got.object["error"]))
	}
	read, err := rp.readTokens(got.object)
	if err != nil {
		return Login{}, err
	}
	id := IDToken{
		ACR: old.ACR, AuthTime: old.AuthTime, Claims: newClaims(map[string]any{"sub": old.Sub, "acr": old.ACR}),
	}
	if read.id != "" {
		if id, err = rp.verifier.Verify(ctx, read.id, Expect{AccessToken: read.access, renewing: &old}); err != nil {
			return Login{}, err
		}
	}
	if read.refresh == "" {
		read.refresh = old.Token
	}
	return rp.loginOf(ctx, meta, read, id, old)
}

// own makes an error of another kind, which can only be a cancelled context, one of ours.
func (rp *RelyingParty) own(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return &Error{Kind: ErrProvider, Rule: unreachable(err), Err: err}
}

// check holds a renewed id_token to the login it renews (OpenID Connect Core 1.0 section 12.2).
func (r *renewal) check(id IDToken) error {
	nonce, present := id.Claims.set()["nonce"]
	switch {
	case id.Claims.text("sub") != r.Sub:
		return refuse(ErrToken, "renewed-sub")
	case present && nonce != any(r.Nonce):
		return refuse(ErrToken, "nonce")
	case !id.AuthTime.IsZero() && !r.AuthTime.IsZero() && !id.AuthTime.Equal(r.AuthTime):
		return refuse(ErrToken, "auth_time")
	}
	return nil
}
