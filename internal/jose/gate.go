package jose

import (
	"encoding/base64"
	"slices"
	"strings"
)

const (
	maxToken  = 64 << 10 // bytes of a compact token, unless the gate says otherwise
	maxHeader = 4 << 10  // bytes of its first part
	maxKeyID  = 256
	maxChain  = 24 << 10 // bytes of a header that may carry certificates
)

// algorithms are all that may be asked for: signatures that need a private key. "none" and the HMAC family, whose key
// would be the public one or a shared secret, cannot be.
var algorithms = [...]string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

// headerMembers are all a header may have unless the gate lets more in. The two thumbprints are let through and not used:
// WSO2 sends one.
var headerMembers = [...]string{"alg", "kid", "typ", "x5t", "x5t#S256"}

// Rule is the rule a token breaks. It holds nothing of the token.
type Rule string

func (r Rule) Error() string { return "jose: " + string(r) }

// Token has passed the gate: it is well formed, but not verified yet.
type Token struct {
	Alg, Kid  string
	Typ       string         // "" when the token names none
	Header    map[string]any // the members the gate lets in beyond the usual ones
	Signed    string         // the first two parts with their dot: what the signature is over
	Raw       func() string  // the whole token; a closure, for fmt prints fields
	Payload   []byte
	Signature []byte
}

// Gate says which tokens pass.
type Gate struct {
	// Algs and Types are the values of alg and typ that pass. NeedType refuses a token that names no type.
	Algs, Types []string
	NeedType    bool
	// Members are header members that may be there beyond alg, kid, typ and thumbprints, with whatever value.
	Members []string
	// Max bounds the token in bytes. 0: 64 KiB.
	Max int
}

// Open lets one form of JWS through to the verifier: compact, canonical base64url, one JSON object without double
// members as header, nothing in it but what the gate names, and alg from its list. Keys and addresses of keys in a
// header, extensions and encryption are refused before any cryptography runs (RFC 8725). Errors: [Rule].
func (g Gate) Open(raw string) (Token, error) {
	limit, head := g.Max, maxHeader
	if limit == 0 {
		limit = maxToken
	}
	if slices.Contains(g.Members, "x5c") {
		head = maxChain
	}
	switch dots := strings.Count(raw[:min(len(raw), limit)], "."); {
	case raw == "" || len(raw) > limit:
		return Token{}, Rule("size")
	case dots == 4:
		return Token{}, Rule("encrypted")
	case dots != 2:
		return Token{}, Rule("form")
	}
	first := strings.IndexByte(raw, '.')
	last := strings.LastIndexByte(raw, '.')
	if first > head {
		return Token{}, Rule("size")
	}
	header, err1 := Part(raw[:first])
	payload, err2 := Part(raw[first+1 : last])
	signature, err3 := Part(raw[last+1:])
	if err1 != nil || err2 != nil || err3 != nil {
		return Token{}, Rule("base64")
	}
	token := Token{Signed: raw[:last], Raw: func() string { return raw }, Payload: payload, Signature: signature}
	if err := token.readHeader(header, g); err != nil {
		return Token{}, err
	}
	return token, nil
}

// Part refuses what lenient decoders mend: padding, line breaks, stray last bits, an empty part.
func Part(part string) ([]byte, error) {
	if part == "" || strings.ContainsAny(part, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

func (t *Token) readHeader(raw []byte, g Gate) error {
	header, err := Object(raw)
	if err != nil {
		return Rule("header")
	}
	for name, value := range header {
		if slices.Contains(g.Members, name) {
			if t.Header == nil {
				t.Header = map[string]any{}
			}
			t.Header[name] = value
			continue
		}
		if !slices.Contains(headerMembers[:], name) {
			return Rule("header-member")
		}
		if _, ok := value.(string); !ok {
			return Rule("header")
		}
	}
	t.Alg, _ = header["alg"].(string)
	t.Kid, _ = header["kid"].(string)
	typ, present := header["typ"].(string)
	t.Typ = typ
	fits := slices.ContainsFunc(g.Types, func(t string) bool { return strings.EqualFold(typ, t) })
	switch {
	case (present || g.NeedType) && !fits:
		return Rule("typ")
	case !slices.Contains(g.Algs, t.Alg) || !slices.Contains(algorithms[:], t.Alg):
		return Rule("alg")
	case len(t.Kid) > maxKeyID:
		return Rule("kid")
	}
	return nil
}
