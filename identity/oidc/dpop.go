package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"

	"github.com/motcua/motcua/internal/jose"
)

// prover proves possession of a key with every request (DPoP, RFC 9449), so that a stolen token is worth nothing. A nil
// one proves nothing.
type prover struct {
	key    crypto.Signer
	public jwk.Key
	jkt    string // thumbprint of the key, RFC 7638
	now    func() time.Time

	mu     sync.Mutex
	nonces map[string]string // by origin
}

const (
	maxNonce   = 512
	maxOrigins = 16
)

// newProver takes the client's key, P-256 only, or makes one for the life of the process.
func newProver(key crypto.Signer, now func() time.Time) (*prover, error) {
	if key == nil {
		made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, &Error{Kind: ErrConfig, Rule: "proof-key", Err: err}
		}
		key = made
	}
	if !jose.Fits(key.Public(), "ES256") {
		return nil, refuse(ErrConfig, "proof-key")
	}
	public, err := jwk.Import(key.Public())
	if err != nil {
		return nil, &Error{Kind: ErrConfig, Rule: "proof-key", Err: err}
	}
	print, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, &Error{Kind: ErrConfig, Rule: "proof-key", Err: err}
	}
	return &prover{
		key: key, public: public, jkt: base64.RawURLEncoding.EncodeToString(print), now: now, nonces: map[string]string{},
	}, nil
}

// prove puts a proof on the request, and the access token where there is one. It returns the nonce it used.
func (rp *RelyingParty) prove(req *http.Request, access string) (nonce string, err error) {
	p := rp.proof
	if p == nil {
		if access != "" {
			req.Header.Set("Authorization", "Bearer "+access)
		}
		return "", nil
	}
	p.mu.Lock()
	nonce = p.nonces[originOf(req.URL)]
	p.mu.Unlock()
	target := *req.URL
	target.RawQuery, target.Fragment = "", ""
	claims := map[string]any{"jti": secret(), "htm": req.Method, "htu": target.String(), "iat": p.now().Unix()}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if access != "" {
		digest := sha256.Sum256([]byte(access))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(digest[:])
		req.Header.Set("Authorization", "DPoP "+access)
	}
	proof, err := p.sign(claims)
	if err != nil {
		return "", &Error{Kind: ErrConfig, Rule: "proof-key", Err: err}
	}
	req.Header.Set("DPoP", string(proof))
	return nonce, nil
}

func (p *prover) sign(claims map[string]any) ([]byte, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return nil, err
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.TypeKey, "dpop+jwt"); err != nil {
		return nil, err
	}
	if err := headers.Set(jws.JWKKey, p.public); err != nil {
		return nil, err
	}
	return jws.Sign(payload, jws.WithKey(jwa.ES256(), p.key, jws.WithProtectedHeaders(headers)))
}

// learn keeps the nonce an answer brings for its origin. It reports whether there is one that was not used just now.
func (p *prover) learn(address *url.URL, header http.Header, used string) bool {
	nonce := header.Get("DPoP-Nonce")
	if p == nil || nonce == "" || len(nonce) > maxNonce || !isBearer(nonce) {
		return false
	}
	origin := originOf(address)
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.nonces[origin]; !known && len(p.nonces) >= maxOrigins {
		clear(p.nonces)
	}
	p.nonces[origin] = nonce
	return nonce != used
}

// wantsNonce reports whether an answer refuses the proof for its nonce (RFC 9449 sections 8 and 9).
func wantsNonce(got answer) bool {
	switch got.status {
	case http.StatusBadRequest:
		return got.object["error"] == "use_dpop_nonce"
	case http.StatusUnauthorized:
		return strings.Contains(got.header.Get("WWW-Authenticate"), "use_dpop_nonce")
	}
	return false
}

func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }
