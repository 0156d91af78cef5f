package sdjwt

import (
	"crypto"
	"crypto/subtle"
	"time"

	"github.com/motcua/motcua/internal/jose"
)

// holderOf finds the key that the credential is bound to, if the holder's proof is demanded. Whether it is, is the
// policy's to say and never the presentation's.
func (j *judgement) holderOf() string {
	switch {
	case j.issuedOnly: // ParseCredential lets no proof through
		return skip + "issued-only"
	case !j.bound:
		return skip + "no-holder"
	case j.parts.proof == "":
		return "proof-missing"
	}
	cnf, stated := j.payload["cnf"].(map[string]any)
	if !stated {
		return "cnf-missing"
	}
	key, ok := holderKey(cnf)
	if !ok {
		return "cnf"
	}
	j.holder = key
	return ""
}

// holderKey reads a confirmation that is a key as it stands (RFC 7800 section 3.2). Names and addresses of keys are not
// followed.
func holderKey(cnf map[string]any) (crypto.PublicKey, bool) {
	members, ok := cnf["jwk"].(map[string]any)
	if !ok || len(cnf) != 1 || members["d"] != nil || members["k"] != nil {
		return nil, false
	}
	return jose.ImportMembers(members)
}

// binding checks the holder's proof (RFC 9901 sections 4.3 and 7.3 step 5).
func (j *judgement) binding() string {
	switch {
	case j.issuedOnly:
		return skip + "issued-only"
	case !j.bound:
		return skip + "no-holder"
	}
	gate := jose.Gate{Algs: j.v.cfg.HolderAlgs, Types: []string{proofTypeHeader}, NeedType: true, Max: maxProof}
	token, err := gate.Open(j.parts.proof)
	if err != nil {
		return "proof-" + ruleOf(err)
	}
	if !jose.Fits(j.holder, token.Alg) {
		return "proof-alg"
	}
	if err := jose.Verify(j.holder, token); err != nil {
		return "proof-signature"
	}
	claims, err := jose.Object(token.Payload)
	if err != nil {
		return "proof-payload"
	}
	return j.proofClaims(claims)
}

func (j *judgement) proofClaims(claims map[string]any) string {
	now, skew := j.report.CheckedAt, j.v.cfg.Skew
	var ends, begins time.Time
	_, dated := claims["iat"]
	switch {
	case !dated || !readTime(claims, "iat", &j.report.BoundAt) || j.report.BoundAt.After(now.Add(skew)) ||
		j.report.BoundAt.Before(now.Add(-j.v.cfg.MaxBindingAge-skew)):
		return "proof-iat"
	case !readTime(claims, "exp", &ends) || !ends.IsZero() && !now.Before(ends.Add(skew)):
		return "proof-exp"
	case !readTime(claims, "nbf", &begins) || begins.After(now.Add(skew)):
		return "proof-nbf"
	case !same(claims["aud"], j.expect.Audience):
		return "proof-aud"
	case !same(claims["nonce"], j.expect.Nonce):
		return "proof-nonce"
	case !same(claims["sd_hash"], digest(j.hash, j.parts.covered)):
		return "proof-sd-hash"
	}
	return ""
}

func same(got any, want string) bool {
	text, isText := got.(string)
	return isText && subtle.ConstantTimeCompare([]byte(text), []byte(want)) == 1
}
