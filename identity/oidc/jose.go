package oidc

import (
	"encoding/base64"
	"slices"
	"strings"
)

const (
	maxToken  = 64 << 10 // bytes of a compact token
	maxHeader = 4 << 10  // bytes of its first part
	maxKeyID  = 256
)

// algorithms are all a profile may pin: signatures that need the provider's private key. "none" and the HMAC family,
// whose key would be the public one or the client's secret, cannot be asked for.
var algorithms = [...]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// headerMembers are all a header may have. The two thumbprints are let through and not used: WSO2 sends one.
var headerMembers = [...]string{"alg", "kid", "typ", "x5t", "x5t#S256"}

// compact is a token that has passed the gate: well formed, but not verified yet.
type compact struct {
	alg, kid  string
	typ       string        // "" when the token names none
	signed    string        // the first two parts with their dot: what the signature is over
	raw       func() string // the whole token; a closure, for fmt prints fields
	payload   []byte
	signature []byte
}

// openGate lets one form of JWS through to the verifier: compact, canonical base64url, one JSON object without double
// members as header, nothing in it but alg, kid, typ and certificate thumbprints, and alg from the list. Keys and
// addresses of keys in a header, extensions and encryption are refused before any cryptography runs (RFC 8725).
// The type, where the token names one, must be among types.
func openGate(raw string, algs []string, types ...string) (compact, error) {
	switch dots := strings.Count(raw[:min(len(raw), maxToken)], "."); {
	case raw == "" || len(raw) > maxToken:
		return compact{}, refuse(ErrToken, "size")
	case dots == 4:
		return compact{}, refuse(ErrToken, "encrypted")
	case dots != 2:
		return compact{}, refuse(ErrToken, "form")
	}
	first := strings.IndexByte(raw, '.')
	last := strings.LastIndexByte(raw, '.')
	if first > maxHeader {
		return compact{}, refuse(ErrToken, "size")
	}
	header, err1 := decodePart(raw[:first])
	payload, err2 := decodePart(raw[first+1 : last])
	signature, err3 := decodePart(raw[last+1:])
	if err1 != nil || err2 != nil || err3 != nil {
		return compact{}, refuse(ErrToken, "base64")
	}
	token := compact{signed: raw[:last], raw: func() string { return raw }, payload: payload, signature: signature}
	if err := token.readHeader(header, algs, types); err != nil {
		return compact{}, err
	}
	return token, nil
}

// decodePart refuses what lenient decoders mend: padding, line breaks, stray last bits, an empty part.
func decodePart(part string) ([]byte, error) {
	if part == "" || strings.ContainsAny(part, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

func (c *compact) readHeader(raw []byte, algs, types []string) error {
	header, err := decodeObject(raw)
	if err != nil {
		return refuse(ErrToken, "header")
	}
	for name, value := range header {
		if !slices.Contains(headerMembers[:], name) {
			return refuse(ErrToken, "header-member")
		}
		if _, ok := value.(string); !ok {
			return refuse(ErrToken, "header")
		}
	}
	c.alg, _ = header["alg"].(string)
	c.kid, _ = header["kid"].(string)
	typ, present := header["typ"].(string)
	c.typ = typ
	switch {
	case present && !slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(typ, t) }):
		return refuse(ErrToken, "typ")
	case !slices.Contains(algs, c.alg) || !slices.Contains(algorithms[:], c.alg):
		return refuse(ErrToken, "alg")
	case len(c.kid) > maxKeyID:
		return refuse(ErrToken, "kid")
	}
	return nil
}
