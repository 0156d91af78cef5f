package oidc

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/motcua/motcua/identity"
)

// Login is a finished, checked sign-in.
type Login struct {
	Subject identity.Subject
	// Officer is set when the profile names officer claims.
	Officer OfficerClaims
	// At is when the login was finished, AuthTime when the provider says the person was authenticated.
	At, AuthTime time.Time
	// Expires is when the id_token ends, zero when a renewal brought none; a session should not outlive the provider's own
	// by much.
	Expires time.Time
	// Account is the pseudonym of the account, by the provider's issuer and subject, whoever it belongs to.
	Account identity.Pseudonym
	// SID is the provider's name for its session, where it has one: logouts name it.
	SID string
	// Renewal asks the provider again later; zero when it gave no refresh token.
	Renewal Renewal
	// ReturnTo is the local path to redirect to.
	ReturnTo string
	// Claims are those the profile keeps.
	Claims Claims
	// Hint is the id_token, for Config.EndSession at logout. It is personal data: keep it on the server or not at all.
	Hint LogoutHint
}

// Callback finishes a login: it is where the provider sends the browser back. Mount it on GET at Client.RedirectURL.
func (rp *RelyingParty) Callback(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	login, err := rp.finish(r)
	if err != nil {
		rp.fail(w, r, err)
		return
	}
	rp.signIn(w, r, login)
}

func (rp *RelyingParty) finish(r *http.Request) (Login, error) {
	if r.Method != http.MethodGet {
		return Login{}, refuse(ErrRequest, "method")
	}
	back, err := readResponse(r.URL)
	if err != nil {
		return Login{}, err
	}
	cookie, err := r.Cookie(rp.cookie)
	if err != nil || !isSecret(cookie.Value) {
		return Login{}, refuse(ErrState, "cookie")
	}
	ctx := r.Context()
	tx, err := rp.cfg.Transactions.Take(ctx, transactionID(back.state, cookie.Value))
	if err != nil {
		return Login{}, storeError(err)
	}
	now := rp.cfg.Now()
	if !now.Before(tx.Expires) {
		return Login{}, refuse(ErrExpired, "lifetime")
	}
	meta, err := rp.metadata(ctx)
	if err != nil {
		return Login{}, err
	}
	if err := rp.checkResponse(back, meta); err != nil {
		return Login{}, err
	}
	return rp.complete(ctx, meta, back.code, tx)
}

// complete turns a code into a login.
func (rp *RelyingParty) complete(ctx context.Context, meta metadata, code string, tx Transaction) (Login, error) {
	got, err := rp.redeem(ctx, meta, code, tx.Verifier)
	if err != nil {
		return Login{}, err
	}
	id, err := rp.verifier.Verify(ctx, got.id, Expect{Nonce: tx.Nonce, AccessToken: got.access, Code: code, MaxAge: tx.MaxAge})
	if err != nil {
		return Login{}, err
	}
	login, err := rp.loginOf(ctx, meta, got, id, renewal{
		Sub: id.Claims.text("sub"), Nonce: tx.Nonce, MinLevel: tx.MinLevel,
	})
	if err != nil {
		return Login{}, err
	}
	if !tx.Account.IsZero() && tx.Account != login.Account {
		return Login{}, refuse(ErrAccount, "other")
	}
	login.ReturnTo = tx.ReturnTo
	return login, nil
}

// loginOf reads the person out of verified tokens. from has what a renewal must keep to.
func (rp *RelyingParty) loginOf(
	ctx context.Context, meta metadata, got tokens, id IDToken, from renewal,
) (Login, error) {
	info, err := rp.userInfo(ctx, meta, got.access, id)
	if err != nil {
		return Login{}, err
	}
	claims, err := mergeClaims(id.Claims, info, rp.profile.identityClaims())
	if err != nil {
		return Login{}, err
	}
	now := rp.cfg.Now()
	subject, officer, err := rp.identify(claims, id, now)
	if err != nil {
		return Login{}, err
	}
	if !subject.Assurance.Meets(from.MinLevel) {
		return Login{}, refuse(ErrAssurance, "level")
	}
	from.Token, from.ACR, from.AuthTime = got.refresh, id.ACR, id.AuthTime
	return Login{
		Subject: subject, Officer: officer, At: now, AuthTime: id.AuthTime, Expires: id.Expires,
		Claims: claims.only(rp.profile.Keep), Account: rp.names.Account(rp.profile.Issuer, id.Claims.text("sub")),
		SID: id.Claims.text("sid"), Renewal: newRenewal(from), Hint: id.hint,
	}, nil
}

// response is the query the provider sent the browser back with.
type response struct{ code, state, issuer, failure string }

func readResponse(u *url.URL) (response, error) {
	if len(u.RawQuery) > 8<<10 {
		return response{}, refuse(ErrRequest, "size")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return response{}, refuse(ErrRequest, "query")
	}
	for _, name := range []string{"code", "state", "iss", "error"} {
		if len(query[name]) > 1 {
			return response{}, refuse(ErrRequest, "parameter-twice")
		}
	}
	back := response{query.Get("code"), query.Get("state"), query.Get("iss"), query.Get("error")}
	switch {
	case !isSecret(back.state):
		return response{}, refuse(ErrState, "state")
	case back.code == "" && back.failure == "":
		return response{}, refuse(ErrRequest, "code")
	}
	return back, nil
}

// checkResponse holds the issuer of the response (RFC 9207) and turns the provider's refusal into an error.
func (rp *RelyingParty) checkResponse(back response, meta metadata) error {
	switch {
	case back.issuer != "" && back.issuer != rp.profile.Issuer, back.issuer == "" && meta.issInResponse:
		return refuse(ErrToken, "response-iss")
	case back.failure == "access_denied":
		return refuse(ErrDenied, "access-denied")
	case back.failure != "":
		return refuse(ErrProvider, oauthRule(back.failure))
	}
	return nil
}

// storeError lets the errors of a transaction store pass as what they are and takes any other for a failure of ours.
func storeError(err error) error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, ErrReplayed):
		return &Error{Kind: ErrReplayed, Rule: "taken", Err: err}
	case errors.Is(err, ErrState):
		return &Error{Kind: ErrState, Rule: "unknown", Err: err}
	}
	return &Error{Kind: ErrConfig, Rule: "transactions", Err: err}
}
