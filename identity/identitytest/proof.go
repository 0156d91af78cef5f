package identitytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// checkProof verifies a request's proof of possession (RFC 9449 section 4.3) and returns the thumbprint of its key; "" and
// true when there is none and none is demanded. Otherwise it has answered.
func (p *Provider) checkProof(w http.ResponseWriter, r *http.Request, access string) (jkt string, ok bool) {
	proofs := r.Header.Values("DPoP")
	if len(proofs) == 0 && p.personality != FAPI2 {
		return "", true
	}
	refuse := func(problem string) (string, bool) {
		status := http.StatusBadRequest
		if access != "" {
			status = http.StatusUnauthorized
			w.Header().Set("WWW-Authenticate", `DPoP error="`+problem+`", algs="ES256"`)
		}
		writeJSON(w, status, map[string]any{"error": problem})
		return "", false
	}
	if len(proofs) != 1 {
		return refuse("invalid_dpop_proof")
	}
	claims, jkt, ok := openProof(proofs[0])
	age := p.now().Sub(time.Unix(claims.Iat, 0))
	htu := p.base + r.URL.Path
	digest := sha256.Sum256([]byte(access))
	switch {
	case !ok, claims.Htm != r.Method, claims.Htu != htu, claims.Jti == "", age > time.Minute || age < -time.Minute,
		access != "" && claims.Ath != encode(digest[:]):
		return refuse("invalid_dpop_proof")
	}
	p.mu.Lock()
	if p.dpopNonce == "" || p.playing(EveryNonceStale) {
		p.dpopNonce = random()
	}
	nonce, seen := p.dpopNonce, p.proofs[claims.Jti]
	if len(p.proofs) >= maxRemembered {
		clear(p.proofs)
	}
	p.proofs[claims.Jti] = true
	p.mu.Unlock()
	w.Header().Set("DPoP-Nonce", nonce)
	switch {
	case seen:
		return refuse("invalid_dpop_proof")
	case claims.Nonce != nonce:
		return refuse("use_dpop_nonce")
	}
	return jkt, true
}

// StaleNonce makes the provider demand a new nonce from the next proof on.
func (p *Provider) StaleNonce() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dpopNonce = ""
}

type proofClaims struct {
	Jti, Htm, Htu, Ath, Nonce string
	Iat                       int64
}

// openProof verifies the signature of a proof by the key it carries, ES256 only.
func openProof(proof string) (claims proofClaims, jkt string, ok bool) {
	signed, signature, ok := cutSignature(proof)
	head, body, cut := strings.Cut(signed, ".")
	rawHead, err1 := base64.RawURLEncoding.DecodeString(head)
	rawBody, err2 := base64.RawURLEncoding.DecodeString(body)
	var header struct {
		Typ, Alg string
		Jwk      struct{ Kty, Crv, X, Y, D string }
	}
	if !ok || !cut || err1 != nil || err2 != nil || json.Unmarshal(rawHead, &header) != nil ||
		json.Unmarshal(rawBody, &claims) != nil || len(signature) != 64 {
		return claims, "", false
	}
	key := header.Jwk
	if header.Typ != "dpop+jwt" || header.Alg != "ES256" || key.Kty != "EC" || key.Crv != "P-256" || key.D != "" {
		return claims, "", false
	}
	x, err1 := base64.RawURLEncoding.DecodeString(key.X)
	y, err2 := base64.RawURLEncoding.DecodeString(key.Y)
	if err1 != nil || err2 != nil || len(x) != 32 || len(y) != 32 {
		return claims, "", false
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		return claims, "", false
	}
	digest := sha256.Sum256([]byte(signed))
	if !ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return claims, "", false
	}
	print := sha256.Sum256([]byte(`{"crv":"P-256","kty":"EC","x":"` + key.X + `","y":"` + key.Y + `"}`)) // RFC 7638
	return claims, encode(print[:]), true
}
