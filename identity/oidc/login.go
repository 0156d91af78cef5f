package oidc

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/jose"
)

// Login sends the browser to the provider. The query parameter return_to is the local path to come back to; "/" if
// absent. Mount it on GET.
func (rp *RelyingParty) Login(w http.ResponseWriter, r *http.Request) {
	rp.begin(w, r, Transaction{MinLevel: rp.cfg.MinLevel})
}

// LoginAt is Login for a procedure that needs a higher level than others. The level is the handler's, never the
// request's, so that no parameter can lower it.
func (rp *RelyingParty) LoginAt(min identity.Level) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rp.begin(w, r, Transaction{MinLevel: max(min, rp.cfg.MinLevel)})
	}
}

// StepUp is LoginAt for somebody who is signed in and must show more: a higher level, or that they are still there
// (maxAge is how long ago the authentication may have been, 0: any). Only the same account may come back. current returns
// the Login.Account of the session, zero for nobody.
func (rp *RelyingParty) StepUp(
	min identity.Level, maxAge time.Duration, current func(*http.Request) identity.Pseudonym,
) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rp.begin(w, r, Transaction{MinLevel: max(min, rp.cfg.MinLevel), MaxAge: max(maxAge, 0), Account: current(r)})
	}
}

// begin starts a login with these demands.
func (rp *RelyingParty) begin(w http.ResponseWriter, r *http.Request, tx Transaction) {
	if r.Method != http.MethodGet {
		rp.fail(w, r, refuse(ErrRequest, "method"))
		return
	}
	returnTo := r.URL.Query().Get("return_to")
	if returnTo == "" {
		returnTo = "/"
	}
	if !isLocalPath(returnTo) {
		rp.fail(w, r, refuse(ErrRequest, "return-to"))
		return
	}
	meta, err := rp.metadata(r.Context())
	if err != nil {
		rp.fail(w, r, err)
		return
	}
	state, browser := secret(), rp.browser(r)
	tx.Nonce, tx.Verifier, tx.ReturnTo, tx.Expires = secret(), secret(), returnTo, rp.cfg.Now().Add(Lifetime)
	address, err := rp.authorizationAddress(r.Context(), meta, state, tx)
	if err != nil {
		rp.fail(w, r, err)
		return
	}
	if err := rp.cfg.Transactions.Put(r.Context(), transactionID(state, browser), tx); err != nil {
		rp.fail(w, r, storeError(err))
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: rp.cookie, Value: browser, Path: "/", MaxAge: int(Lifetime.Seconds()),
		Secure: rp.secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // it must come along when the provider redirects back
	})
	noStore(w)
	http.Redirect(w, r, address, http.StatusFound)
}

// browser returns the secret that marks this browser: the one it has, so that two tabs can log in at once, or a new
// one.
func (rp *RelyingParty) browser(r *http.Request) string {
	cookie, err := r.Cookie(rp.cookie)
	if err == nil && isSecret(cookie.Value) {
		return cookie.Value
	}
	return secret()
}

func (rp *RelyingParty) authorizationRequest(state string, tx Transaction) url.Values {
	challenge := sha256.Sum256([]byte(tx.Verifier))
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {rp.client.ID},
		"redirect_uri":          {rp.client.RedirectURL},
		"scope":                 {strings.Join(rp.profile.Scopes, " ")},
		"state":                 {state},
		"nonce":                 {tx.Nonce},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}
	if values := rp.profile.acrValues(tx.MinLevel); len(values) > 0 {
		query.Set("acr_values", strings.Join(values, " "))
	}
	age := rp.cfg.MaxAge
	if tx.MaxAge > 0 && (age == 0 || tx.MaxAge < age) {
		age = tx.MaxAge
	}
	if age > 0 {
		query.Set("max_age", strconv.Itoa(int(age.Seconds())))
	}
	return query
}

// acrValues returns what to ask for when a login needs this level.
func (p Profile) acrValues(min identity.Level) []string {
	for level := min; level >= identity.LevelUnknown; level-- {
		if values, ok := p.ACRValues[level]; ok {
			return values
		}
	}
	return nil
}

func isSecret(s string) bool {
	b, err := jose.Part(s)
	return err == nil && len(b) == 32
}

// isLocalPath accepts "/…" on this site. Browsers read "//host" and "/\host" as another host and drop tabs and line
// breaks from addresses, so these are refused, in plain and in decoded form.
func isLocalPath(path string) bool {
	u, err := url.Parse(path)
	if err != nil || len(path) > 1024 || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return false
	}
	for _, form := range []string{path, u.Path} {
		if !strings.HasPrefix(form, "/") || strings.HasPrefix(form, "//") || strings.Contains(form, `\`) {
			return false
		}
		if strings.ContainsFunc(form, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return false
		}
	}
	return true
}

func noStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // the callback's address holds the code
}
