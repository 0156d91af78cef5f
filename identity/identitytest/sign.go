package identitytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/url"
	"strings"
	"time"
)

// idToken writes the id_token of a grant, with the faults about tokens played.
func (p *Provider) idToken(g *grant, again bool) string {
	now := p.now()
	half := sha256.Sum256([]byte(g.access))
	claims := map[string]any{
		"iss": p.issuer, "sub": g.subject(), "aud": g.request.client, "azp": g.request.client,
		"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "auth_time": g.at.Unix(),
		"nonce": g.request.nonce, "acr": p.level(g.persona.ACR), "at_hash": encode(half[:16]), "sid": g.session,
	}
	if again {
		delete(claims, "nonce") // OpenID Connect Core 1.0 section 12.2
	}
	if p.is(RefreshOtherSub) && again {
		claims["sub"] = "somebody-else"
	}
	if p.is(WrongCHash) {
		claims["c_hash"] = encode(make([]byte, 16))
	} else {
		code := sha256.Sum256([]byte(g.code))
		claims["c_hash"] = encode(code[:16])
	}
	if number, ok := g.persona.Claims["SoDinhDanh"]; ok && p.is(UserInfoConflict) {
		claims["SoDinhDanh"] = number
	}
	p.twist(claims, now)
	body, err := json.Marshal(claims)
	if err != nil {
		return ""
	}
	if p.is(DoubleClaim) {
		body = append([]byte(`{"aud":"other",`), body[1:]...)
	}
	return p.sign(body)
}

func (p *Provider) twist(claims map[string]any, now time.Time) {
	client := claims["aud"]
	for fault, change := range map[Fault]func(){
		WrongIssuer:    func() { claims["iss"] = p.issuer + "/" },
		WrongAudience:  func() { claims["aud"] = "other" },
		TwoAudiences:   func() { claims["aud"] = []any{client, "other"}; delete(claims, "azp") },
		WrongAZP:       func() { claims["azp"] = "other" },
		WrongNonce:     func() { claims["nonce"] = random() },
		NoNonce:        func() { delete(claims, "nonce") },
		Expired:        func() { claims["exp"] = now.Add(-time.Hour).Unix() },
		NoExpiry:       func() { delete(claims, "exp") },
		IssuedInFuture: func() { claims["iat"] = now.Add(time.Hour).Unix() },
		NotYetValid:    func() { claims["nbf"] = now.Add(time.Hour).Unix() },
		OldToken:       func() { claims["iat"] = now.Add(-time.Hour).Unix() },
		WrongAtHash:    func() { claims["at_hash"] = encode(make([]byte, 16)) },
	} {
		if p.is(fault) {
			change()
		}
	}
}

// sign makes a compact JWS by hand: a second reading of RFC 7515, so that one mistake is not made on both sides.
func (p *Provider) sign(body []byte) string { return p.signAs("JWT", body) }

func (p *Provider) signAs(typ string, body []byte) string {
	p.mu.Lock()
	key := p.keys[len(p.keys)-1]
	p.mu.Unlock()
	header := map[string]any{"alg": p.alg(), "typ": typ, "kid": key.kid}
	switch {
	case p.is(AlgNone):
		return join(map[string]any{"alg": "none", "typ": "JWT"}, body) + "."
	case p.is(AlgHS256):
		header["alg"] = "HS256"
		signed := join(header, body)
		der, _ := x509.MarshalPKIXPublicKey(&key.key.PublicKey)
		mac := hmac.New(sha256.New, der)
		_, _ = mac.Write([]byte(signed))
		return signed + "." + encode(mac.Sum(nil))
	case p.is(UnknownKey), p.is(EmbeddedKey):
		stranger, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return ""
		}
		key = signingKey{"stranger", stranger}
		header["kid"] = key.kid
		if p.is(EmbeddedKey) {
			header["jwk"] = publicJWK(key, p.alg())
		}
	case p.is(CriticalHeader):
		header["crit"] = []string{"b64"}
		header["b64"] = false
	case p.is(AccessTokenType):
		header["typ"] = "at+jwt"
	case p.is(Encrypted):
		return encode([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + "..AAAA." + encode(body) + ".AAAA"
	}
	return p.signRSA(key, join(header, body))
}

func (p *Provider) signRSA(key signingKey, signed string) string {
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key.key, crypto.SHA256, digest[:])
	if p.alg() == "PS256" {
		signature, err = rsa.SignPSS(rand.Reader, key.key, crypto.SHA256, digest[:],
			&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	}
	if err != nil {
		return ""
	}
	if p.is(BadSignature) {
		signature[len(signature)/2] ^= 1
	}
	return signed + "." + encode(signature)
}

func join(header map[string]any, body []byte) string {
	head, err := json.Marshal(header)
	if err != nil {
		return ""
	}
	return encode(head) + "." + encode(body)
}

// isOurs says whether one of our keys signed the token, however old it is.
func (p *Provider) isOurs(token string) bool {
	signed, signature, ok := cutSignature(token)
	digest := sha256.Sum256([]byte(signed))
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range p.keys {
		if ok && (rsa.VerifyPKCS1v15(&k.key.PublicKey, crypto.SHA256, digest[:], signature) == nil ||
			rsa.VerifyPSS(&k.key.PublicKey, crypto.SHA256, digest[:], signature, nil) == nil) {
			return true
		}
	}
	return false
}

func cutSignature(token string) (signed string, signature []byte, ok bool) {
	last := strings.LastIndexByte(token, '.')
	if last < 0 {
		return "", nil, false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(token[last+1:])
	return token[:last], signature, err == nil
}

// checkAssertion verifies a client's private_key_jwt (RFC 7523 section 3): signature, iss and sub the client, aud this
// endpoint or issuer, a short life.
func (p *Provider) checkAssertion(client Client, form url.Values) bool {
	signed, signature, ok := cutSignature(form.Get("client_assertion"))
	if !ok || form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return false
	}
	digest := sha256.Sum256([]byte(signed))
	switch key := client.Key.(type) {
	case *rsa.PublicKey:
		options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
		ok = rsa.VerifyPSS(key, crypto.SHA256, digest[:], signature, options) == nil ||
			rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		ok = half == 32 && ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:half]),
			new(big.Int).SetBytes(signature[half:]))
	default:
		ok = false
	}
	_, payload, _ := strings.Cut(signed, ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	var claims struct {
		Iss, Sub, Jti string
		Aud           any
		Exp           int64
	}
	if !ok || err != nil || json.Unmarshal(raw, &claims) != nil {
		return false
	}
	audience := claims.Aud
	if list, isList := audience.([]any); isList && len(list) == 1 && p.personality != FAPI2 {
		audience = list[0]
	}
	life := time.Unix(claims.Exp, 0).Sub(p.now())
	return claims.Iss == client.ID && claims.Sub == client.ID && claims.Jti != "" && life > 0 && life <= 5*time.Minute &&
		(audience == any(p.base+p.paths.Token) && p.personality != FAPI2 || audience == any(p.issuer))
}
