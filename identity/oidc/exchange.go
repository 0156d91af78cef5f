package oidc

import (
	"context"
	"crypto"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// tokens are what the token endpoint gave. They do not leave the package, save the id_token as a logout hint.
type tokens struct{ id, access string }

// redeem exchanges the code, proving client and PKCE (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
func (rp *RelyingParty) redeem(ctx context.Context, meta metadata, code, verifier string) (tokens, error) {
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"redirect_uri":  {rp.client.RedirectURL},
		"client_id":     {rp.client.ID},
		"code_verifier": {verifier},
	}
	basic := false
	switch rp.profile.ClientAuth {
	case ClientSecretPost:
		form.Set("client_secret", rp.client.Secret)
	case ClientSecretBasic:
		basic = true
	case PrivateKeyJWT:
		assertion, err := rp.assertion(meta.Token)
		if err != nil {
			return tokens{}, err
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, meta.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return tokens{}, refuse(ErrConfig, "endpoint")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if basic { // both parts form-encoded first, RFC 6749 section 2.3.1
		req.SetBasicAuth(url.QueryEscape(rp.client.ID), url.QueryEscape(rp.client.Secret))
	}
	got, err := ask(rp.http, req, maxAnswer)
	if err != nil {
		return tokens{}, err
	}
	if got.status != http.StatusOK {
		return tokens{}, refuse(ErrProvider, oauthRule(got.object["error"]))
	}
	return readTokens(got.object)
}

func readTokens(object map[string]any) (tokens, error) {
	id, _ := object["id_token"].(string)
	access, _ := object["access_token"].(string)
	kind, _ := object["token_type"].(string)
	switch {
	case id == "":
		return tokens{}, refuse(ErrProvider, "no-id-token")
	case access == "" || len(access) > maxToken || !isBearer(access):
		return tokens{}, refuse(ErrProvider, "no-access-token")
	case !strings.EqualFold(kind, "Bearer"):
		return tokens{}, refuse(ErrProvider, "token-type")
	}
	return tokens{id, access}, nil
}

// isBearer accepts the characters of RFC 6750 section 2.1, so that a token cannot break out of its header.
func isBearer(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' })
}

// assertion proves the client by its key (RFC 7523; OpenID Connect Core 1.0 section 9).
func (rp *RelyingParty) assertion(audience string) (string, error) {
	now := rp.cfg.Now()
	claims, err := jwt.NewBuilder().
		Issuer(rp.client.ID).Subject(rp.client.ID).Audience([]string{audience}).
		JwtID(secret()).IssuedAt(now).Expiration(now.Add(time.Minute)).Build()
	if err != nil {
		return "", &Error{Kind: ErrConfig, Rule: "client-key", Err: err}
	}
	alg, _ := jwa.LookupSignatureAlgorithm(rp.client.KeyAlg)
	signed, err := signJWT(claims, alg, rp.client.Key, rp.client.KeyID)
	if err != nil {
		return "", &Error{Kind: ErrConfig, Rule: "client-key", Err: err}
	}
	return string(signed), nil
}

// userInfo asks for the claims the id_token does not carry. They count only for the same subject (OpenID Connect Core
// 1.0 section 5.3.4).
func (rp *RelyingParty) userInfo(ctx context.Context, meta metadata, access string, id IDToken) (Claims, error) {
	if meta.UserInfo == "" {
		return newClaims(map[string]any{}), nil
	}
	method := http.MethodGet
	if rp.profile.Quirks.UserInfoPost {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, meta.UserInfo, nil)
	if err != nil {
		return Claims{}, refuse(ErrConfig, "endpoint")
	}
	req.Header.Set("Authorization", "Bearer "+access)
	got, err := ask(rp.http, req, maxAnswer)
	if err != nil {
		return Claims{}, err
	}
	if got.status != http.StatusOK {
		return Claims{}, refuse(ErrProvider, "userinfo-status")
	}
	if sub, _ := got.object["sub"].(string); sub == "" || sub != id.Claims.text("sub") {
		return Claims{}, refuse(ErrToken, "userinfo-sub")
	}
	return newClaims(got.object), nil
}

// oauthRule turns an error code of the provider into a rule, if it is one of those the standards know.
func oauthRule(value any) string {
	switch code, _ := value.(string); code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
		"invalid_scope", "unsupported_response_type", "server_error", "temporarily_unavailable", "login_required",
		"consent_required", "interaction_required", "account_selection_required", "access_denied":
		return strings.ReplaceAll(code, "_", "-")
	}
	return "error"
}

func signJWT(claims jwt.Token, alg jwa.SignatureAlgorithm, key crypto.Signer, kid string) ([]byte, error) {
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, kid); err != nil {
		return nil, err
	}
	return jwt.Sign(claims, jwt.WithKey(alg, key, jws.WithProtectedHeaders(headers)))
}
