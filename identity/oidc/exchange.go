package oidc

import (
	"context"
	"crypto"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// tokens are what the token endpoint gave. They do not leave the package, save the id_token as a logout hint.
type tokens struct{ id, access, refresh string }

// redeem exchanges the code, proving client and PKCE (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
func (rp *RelyingParty) redeem(ctx context.Context, meta metadata, code, verifier string) (tokens, error) {
	got, err := rp.post(ctx, meta.Token, url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"redirect_uri":  {rp.client.RedirectURL},
		"code_verifier": {verifier},
	})
	if err != nil {
		return tokens{}, err
	}
	if got.status != http.StatusOK {
		return tokens{}, refuse(ErrProvider, oauthRule(got.object["error"]))
	}
	read, err := rp.readTokens(got.object)
	if err == nil && read.id == "" {
		return tokens{}, refuse(ErrProvider, "no-id-token")
	}
	return read, err
}

// readTokens reads an answer of the token endpoint; an id_token may be missing.
func (rp *RelyingParty) readTokens(object map[string]any) (tokens, error) {
	want := "Bearer"
	if rp.proof != nil {
		want = "DPoP"
	}
	id, _ := object["id_token"].(string)
	access, _ := object["access_token"].(string)
	kind, _ := object["token_type"].(string)
	refresh, _ := object["refresh_token"].(string)
	if len(refresh) > maxToken {
		refresh = "" // none at all rather than one nobody can keep
	}
	switch {
	case access == "" || len(access) > maxToken || !isBearer(access):
		return tokens{}, refuse(ErrProvider, "no-access-token")
	case !strings.EqualFold(kind, want):
		return tokens{}, refuse(ErrProvider, "token-type")
	}
	return tokens{id, access, refresh}, nil
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
	claims.Options().Enable(jwt.FlattenAudience) // one string, not a list of one, as FAPI 2.0 wants it
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
	got, err := rp.askUserInfo(ctx, meta.UserInfo, access)
	if err != nil {
		return Claims{}, err
	}
	if got.status != http.StatusOK {
		return Claims{}, refuse(ErrProvider, "userinfo-status")
	}
	object := got.object
	if rp.profile.UserInfoJWT {
		if object, err = rp.verifier.userInfo(ctx, string(got.raw)); err != nil {
			return Claims{}, err
		}
	}
	if sub, _ := object["sub"].(string); sub == "" || sub != id.Claims.text("sub") {
		return Claims{}, refuse(ErrToken, "userinfo-sub")
	}
	return newClaims(object), nil
}

// userInfo verifies userinfo that comes as a token: signed by the provider, for us.
func (v *Verifier) userInfo(ctx context.Context, raw string) (map[string]any, error) {
	_, object, err := v.signed(ctx, raw, "JWT")
	if err != nil {
		return nil, err
	}
	audience, ok := newClaims(object).list("aud")
	if issuer, _ := object["iss"].(string); issuer != v.issuer || !ok || !slices.Contains(audience, v.clientID) {
		return nil, refuse(ErrToken, "userinfo-parties")
	}
	return object, nil
}

func (rp *RelyingParty) askUserInfo(ctx context.Context, endpoint, access string) (answer, error) {
	method := http.MethodGet
	if rp.profile.Quirks.UserInfoPost {
		method = http.MethodPost
	}
	for attempt := 0; ; attempt++ {
		req, err := http.NewRequestWithContext(ctx, method, endpoint, nil)
		if err != nil {
			return answer{}, refuse(ErrConfig, "endpoint")
		}
		used, err := rp.prove(req, access)
		if err != nil {
			return answer{}, err
		}
		read := ask
		if rp.profile.UserInfoJWT {
			read = askToken
		}
		got, err := read(rp.http, req, maxAnswer)
		if rp.proof.learn(req.URL, got.header, used) && attempt == 0 && wantsNonce(got) {
			continue
		}
		return got, err
	}
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
