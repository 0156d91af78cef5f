package oidc

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
)

// LogoutHint is an id_token kept to tell the provider which session to end. It prints as nothing.
type LogoutHint struct{ token func() string }

func newHint(token string) LogoutHint { return LogoutHint{func() string { return token }} }

// Reveal returns the id_token, or "" of the zero value.
func (h LogoutHint) Reveal() string {
	if h.token == nil {
		return ""
	}
	return h.token()
}

// Format prints no token.
func (h LogoutHint) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "oidc.LogoutHint(***)")
}

// LogValue gives loggers no token.
func (h LogoutHint) LogValue() slog.Value { return slog.StringValue("oidc.LogoutHint(***)") }

// MarshalText gives encoders no token.
func (h LogoutHint) MarshalText() ([]byte, error) { return []byte("oidc.LogoutHint(***)"), nil }

// Logout ends the application's session and then the provider's (OpenID Connect RP-Initiated Logout 1.0). Mount it on
// POST, behind the application's guard against cross-site requests: a mere link must not log anybody out.
func (rp *RelyingParty) Logout(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	if r.Method != http.MethodPost {
		rp.fail(w, r, refuse(ErrRequest, "method"))
		return
	}
	hint := ""
	if rp.cfg.EndSession != nil {
		hint = rp.cfg.EndSession(w, r)
	}
	after := rp.client.PostLogoutURL
	meta, err := rp.metadata(r.Context())
	if err == nil && meta.EndSession != "" {
		after = rp.endSessionURL(meta.EndSession, hint)
	}
	if after == "" {
		after = "/"
	}
	http.Redirect(w, r, after, http.StatusSeeOther)
}

func (rp *RelyingParty) endSessionURL(endpoint, hint string) string {
	query := url.Values{"client_id": {rp.client.ID}}
	if rp.client.PostLogoutURL != "" {
		query.Set("post_logout_redirect_uri", rp.client.PostLogoutURL)
	}
	if hint != "" && len(hint) <= 6<<10 { // longer ones do not fit an address everywhere
		query.Set("id_token_hint", hint)
	}
	return withQuery(endpoint, query)
}
