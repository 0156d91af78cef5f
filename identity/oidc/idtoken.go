package oidc

import (
	"context"
	"crypto"
	_ "crypto/sha256" // linked for leftHalf
	_ "crypto/sha512" // linked for leftHalf
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/jose"
)

// Verifier checks id_tokens of one provider for one client. It is safe for concurrent use.
type Verifier struct {
	issuer, clientID string
	algs, acr        []string
	keys             Keys
	skew, maxAge     time.Duration
	now              func() time.Time
	noNonceEcho      bool
	opener           *opener // nil: tokens are not encrypted
}

// NewVerifier takes issuer, algorithms and accepted acr from the profile and skew, maximum age and clock from cfg.
// Errors: *Error of kind [ErrConfig].
func NewVerifier(profile Profile, clientID string, keys Keys, cfg Config) (*Verifier, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := profile.Check(); err != nil {
		return nil, err
	}
	if clientID == "" || keys == nil {
		return nil, refuse(ErrConfig, "client-id")
	}
	return &Verifier{
		issuer: profile.Issuer, clientID: clientID, algs: profile.Algs, acr: profile.AcceptACR, keys: keys,
		skew: cfg.Skew, maxAge: cfg.MaxAge, now: cfg.Now, noNonceEcho: profile.Quirks.NoNonceEcho,
	}, nil
}

// Expect is what the caller knows about the token it waits for.
type Expect struct {
	// Nonce is the one sent with the request. Required.
	Nonce string
	// AccessToken came with the id_token; at_hash, if present, must fit it. If it is empty at_hash is not looked at.
	AccessToken string
	// Code came with the id_token's request; c_hash, if present, must fit it. If it is empty c_hash is not looked at.
	Code string
	// MaxAge is how long ago the person may have been authenticated, if that is less than Config.MaxAge. 0: as there.
	MaxAge time.Duration
	// InsecureAnyNonce accepts any nonce. For looking at a token outside a login, never for signing somebody in.
	InsecureAnyNonce bool

	renewing *renewal // the login that a renewed token continues
}

// IDToken is a verified id_token.
type IDToken struct {
	Expires, IssuedAt time.Time
	// AuthTime is when the person was authenticated; zero when the provider does not say.
	AuthTime time.Time
	ACR      string
	// Claims are all claims of the token, "sub" among them.
	Claims Claims

	hint LogoutHint // the signed token, without any encryption around it
}

// Verify checks form, signature and claims (OpenID Connect Core 1.0 section 3.1.3.7) and hands the token out only when
// all hold. Errors: *Error of kind [ErrToken], or [ErrProvider] when the keys cannot be had.
func (v *Verifier) Verify(ctx context.Context, raw string, expect Expect) (IDToken, error) {
	token, object, err := v.signed(ctx, raw, "JWT")
	if err != nil {
		return IDToken{}, err
	}
	id := IDToken{Claims: newClaims(object), hint: newHint(token.Raw())}
	id.ACR = id.Claims.text("acr")
	if err := v.checkParties(id.Claims); err != nil {
		return IDToken{}, err
	}
	if err := v.checkTimes(&id, expect.MaxAge); err != nil {
		return IDToken{}, err
	}
	if err := v.checkBinding(id, token.Alg, expect); err != nil {
		return IDToken{}, err
	}
	return id, nil
}

// signed opens a token, verifies its signature and returns its claims, of which nothing is checked yet.
func (v *Verifier) signed(ctx context.Context, raw string, types ...string) (jose.Token, map[string]any, error) {
	if v.opener != nil {
		var err error
		if raw, err = v.opener.open(raw); err != nil {
			return jose.Token{}, nil, err
		}
	}
	return v.plain(ctx, raw, types...)
}

// plain is signed for a token that is never encrypted.
func (v *Verifier) plain(ctx context.Context, raw string, types ...string) (jose.Token, map[string]any, error) {
	token, err := openGate(raw, v.algs, types...)
	if err != nil {
		return jose.Token{}, nil, err
	}
	key, found, err := v.keys.Key(ctx, token.Kid, token.Alg)
	switch {
	case err != nil:
		return jose.Token{}, nil, err
	case !found:
		return jose.Token{}, nil, refuse(ErrToken, "key-unknown")
	}
	if err := jose.Verify(key, token); err != nil {
		return jose.Token{}, nil, tokenError(err)
	}
	object, err := jose.Object(token.Payload)
	if err != nil {
		return jose.Token{}, nil, refuse(ErrToken, "payload")
	}
	return token, object, nil
}

// checkParties holds iss, sub, aud and azp: steps 2 to 5.
func (v *Verifier) checkParties(claims Claims) error {
	set := claims.set()
	if issuer, _ := set["iss"].(string); issuer != v.issuer {
		return refuse(ErrToken, "iss")
	}
	if sub, _ := set["sub"].(string); sub == "" || len(sub) > 255 {
		return refuse(ErrToken, "sub")
	}
	audience, ok := claims.list("aud")
	if !ok || !slices.Contains(audience, v.clientID) {
		return refuse(ErrToken, "aud")
	}
	azp, present := set["azp"]
	if present && azp != any(v.clientID) || !present && len(audience) > 1 {
		return refuse(ErrToken, "azp")
	}
	return nil
}

// checkTimes holds exp, iat, nbf and auth_time: steps 9, 10 and 13.
func (v *Verifier) checkTimes(id *IDToken, maxAge time.Duration) error {
	now := v.now()
	if maxAge == 0 || v.maxAge > 0 && v.maxAge < maxAge {
		maxAge = v.maxAge
	}
	read := func(name string, into *time.Time) bool {
		at, ok := id.Claims.instant(name)
		*into = at
		return ok
	}
	var notBefore time.Time
	switch {
	case !read("exp", &id.Expires) || id.Expires.IsZero() || !now.Before(id.Expires.Add(v.skew)):
		return refuse(ErrToken, "exp")
	case !read("iat", &id.IssuedAt) || id.IssuedAt.IsZero() || id.IssuedAt.After(now.Add(v.skew)):
		return refuse(ErrToken, "iat")
	case id.IssuedAt.Before(now.Add(-maxTokenAge)):
		return refuse(ErrToken, "iat")
	case !read("nbf", &notBefore) || notBefore.After(now.Add(v.skew)):
		return refuse(ErrToken, "nbf")
	case !read("auth_time", &id.AuthTime) || id.AuthTime.After(now.Add(v.skew)):
		return refuse(ErrToken, "auth_time")
	case maxAge > 0 && (id.AuthTime.IsZero() || now.Sub(id.AuthTime) > maxAge+v.skew):
		return refuse(ErrToken, "auth_time")
	}
	return nil
}

// maxTokenAge bounds how old a token may be that has just been fetched from the token endpoint, whatever its exp says.
const maxTokenAge = 10 * time.Minute

// checkBinding holds nonce, acr, at_hash and c_hash: steps 11 and 12, sections 3.1.3.8 and 3.3.2.11.
func (v *Verifier) checkBinding(id IDToken, alg string, expect Expect) error {
	value, present := id.Claims.set()["nonce"]
	nonce, _ := value.(string)
	if expect.renewing != nil {
		if err := expect.renewing.check(id); err != nil {
			return err
		}
	}
	same := expect.Nonce != "" && subtle.ConstantTimeCompare([]byte(nonce), []byte(expect.Nonce)) == 1
	if !same && !expect.InsecureAnyNonce && expect.renewing == nil && (present || !v.noNonceEcho) {
		return refuse(ErrToken, "nonce")
	}
	if len(v.acr) > 0 && !slices.Contains(v.acr, id.ACR) {
		return refuse(ErrToken, "acr")
	}
	for claim, text := range map[string]string{"at_hash": expect.AccessToken, "c_hash": expect.Code} {
		if hash, present := id.Claims.set()[claim]; present && text != "" && hash != any(leftHalf(alg, text)) {
			return refuse(ErrToken, claim)
		}
	}
	return nil
}

// leftHalf is the hash that at_hash holds: the left half of the digest that the signature algorithm uses.
func leftHalf(alg, text string) string {
	hash := crypto.SHA256
	switch {
	case strings.HasSuffix(alg, "384"):
		hash = crypto.SHA384
	case strings.HasSuffix(alg, "512"):
		hash = crypto.SHA512
	}
	h := hash.New()
	_, _ = h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:hash.Size()/2])
}
