package oidc

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/motcua/motcua/identity"
)

// Ended is what the provider says is over: one session, or all of an account.
type Ended struct {
	// SID is the session's name, as in Login.SID; empty: all sessions of the account.
	SID string
	// Account is the account, as in Login.Account; zero when the provider names the session only.
	Account identity.Pseudonym
	At      time.Time
}

const (
	logoutEvent = "http://schemas.openid.net/event/backchannel-logout"
	maxSID      = 255
)

// BackChannel hears from the provider itself that somebody has logged out (OpenID Connect Back-Channel Logout 1.0) and
// calls Config.End. The logout token is verified like an id_token, must be typed as one, and works once. Mount it on POST,
// outside the guard against cross-site requests: no browser comes here.
func (rp *RelyingParty) BackChannel(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	ended, id, err := rp.readLogout(w, r)
	if err == nil {
		err = rp.end(r.Context(), ended, id)
	}
	if err == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	status, code := http.StatusBadRequest, "invalid_request"
	if errors.Is(err, ErrConfig) || errors.Is(err, ErrProvider) { // not the token's fault: the provider may try again
		status, code = http.StatusInternalServerError, "server_error"
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"error":"`+code+`"}`)
}

// end ends the sessions, and then remembers the token: one whose sessions could not be ended may be sent again.
func (rp *RelyingParty) end(ctx context.Context, ended Ended, id string) error {
	_, err := rp.cfg.Transactions.Take(ctx, id)
	switch {
	case err == nil:
		return refuse(ErrReplayed, "logout-token")
	case !errors.Is(err, ErrState): // ErrState: never heard of, as it should be
		return storeError(err)
	}
	if rp.cfg.End != nil {
		if err := rp.cfg.End(ctx, ended); err != nil {
			return &Error{Kind: ErrConfig, Rule: "end", Err: err}
		}
	}
	if err := rp.cfg.Transactions.Put(ctx, id, Transaction{Expires: ended.At.Add(Lifetime)}); err != nil {
		return storeError(err)
	}
	return nil
}

// readLogout returns what has ended, and the id under which the token is remembered.
func (rp *RelyingParty) readLogout(w http.ResponseWriter, r *http.Request) (Ended, string, error) {
	if r.Method != http.MethodPost {
		return Ended{}, "", refuse(ErrRequest, "method")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxToken+1024)
	if err := r.ParseForm(); err != nil || len(r.PostForm["logout_token"]) != 1 {
		return Ended{}, "", refuse(ErrRequest, "logout-token")
	}
	claims, err := rp.verifier.logoutToken(r, rp.profile.Quirks.UntypedLogoutToken)
	if err != nil {
		return Ended{}, "", err
	}
	return Ended{
		SID: claims.text("sid"), Account: rp.names.Account(rp.profile.Issuer, claims.text("sub")), At: rp.cfg.Now(),
	}, transactionID("logout "+claims.text("jti"), rp.profile.Issuer), nil
}

// logoutToken verifies a logout token, section 2.6.
func (v *Verifier) logoutToken(r *http.Request, untyped bool) (Claims, error) {
	types := []string{"logout+jwt"}
	if untyped {
		types = append(types, "JWT")
	}
	token, object, err := v.signed(r.Context(), r.PostForm.Get("logout_token"), types...)
	if err != nil {
		return Claims{}, err
	}
	claims := newClaims(object)
	audience, ok := claims.list("aud")
	events, _ := object["events"].(map[string]any)
	_, event := events[logoutEvent].(map[string]any)
	_, nonce := object["nonce"]
	now := v.now()
	issued, issuedOK := claims.instant("iat")
	expires, expiresOK := claims.instant("exp")
	switch {
	case token.Typ == "" && !untyped:
		return Claims{}, refuse(ErrToken, "typ")
	case object["iss"] != any(v.issuer):
		return Claims{}, refuse(ErrToken, "iss")
	case !ok || len(audience) != 1 || audience[0] != v.clientID:
		return Claims{}, refuse(ErrToken, "aud")
	case !issuedOK || issued.IsZero() || issued.After(now.Add(v.skew)) || issued.Before(now.Add(-Lifetime)):
		return Claims{}, refuse(ErrToken, "iat")
	case !expiresOK || !expires.IsZero() && !now.Before(expires.Add(v.skew)):
		return Claims{}, refuse(ErrToken, "exp")
	case !event || nonce:
		return Claims{}, refuse(ErrToken, "events")
	case claims.text("jti") == "":
		return Claims{}, refuse(ErrToken, "jti")
	case claims.text("sub") == "" && claims.text("sid") == "", len(claims.text("sid")) > maxSID:
		return Claims{}, refuse(ErrToken, "sub")
	}
	return claims, nil
}

// FrontChannel hears through the browser, in a frame of the provider's page, that a session is over (OpenID Connect
// Front-Channel Logout 1.0) and calls Config.End with the session's name. Nothing in such a request is proof; that only
// the provider and we know the name keeps others from ending sessions. Mount it on GET.
func (rp *RelyingParty) FrontChannel(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	query, err := url.ParseQuery(r.URL.RawQuery)
	sid := query.Get("sid")
	switch {
	case r.Method != http.MethodGet:
		rp.fail(w, r, refuse(ErrRequest, "method"))
		return
	case err != nil || len(query["iss"]) != 1 || len(query["sid"]) != 1 || sid == "" || len(sid) > maxSID:
		rp.fail(w, r, refuse(ErrRequest, "sid"))
		return
	case query.Get("iss") != rp.profile.Issuer:
		rp.fail(w, r, refuse(ErrToken, "iss"))
		return
	}
	if rp.cfg.End != nil {
		if err := rp.cfg.End(r.Context(), Ended{SID: sid, At: rp.cfg.Now()}); err != nil {
			rp.fail(w, r, &Error{Kind: ErrConfig, Rule: "end", Err: err})
			return
		}
	}
	ancestors := "'none'"
	if meta, err := rp.metadata(r.Context()); err == nil {
		if u, err := url.Parse(meta.Authorization); err == nil {
			ancestors = originOf(u)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors "+html.EscapeString(ancestors))
	_, _ = io.WriteString(w, "<!doctype html><title>.</title>")
}
