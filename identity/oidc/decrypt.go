package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"slices"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"
)

// EncryptionRule says that a provider encrypts id_tokens for us, and pins how. If it is set, a token that is not
// encrypted is refused.
type EncryptionRule struct {
	Algs []string `json:"algs,omitempty"` // RSA-OAEP, RSA-OAEP-256, ECDH-ES, ECDH-ES+A128KW, ECDH-ES+A256KW
	Encs []string `json:"encs,omitempty"` // A128GCM, A256GCM, A128CBC-HS256, A256CBC-HS512
}

// Lengths in bytes of the encrypted key, by algorithm; 0: that of the RSA modulus, -1: none.
var keyAlgorithms = map[string]int{
	"RSA-OAEP": 0, "RSA-OAEP-256": 0, "ECDH-ES": -1, "ECDH-ES+A128KW": 24, "ECDH-ES+A256KW": 40,
}

// contents are the algorithms for the content, with the lengths of vector, tag and, for ECDH-ES+A…KW, wrapped key.
var contents = map[string]struct{ iv, tag, key int }{
	"A128GCM": {12, 16, 16}, "A256GCM": {12, 16, 32}, "A128CBC-HS256": {16, 16, 32}, "A256CBC-HS512": {16, 32, 64},
}

func (r EncryptionRule) isSet() bool { return len(r.Algs) > 0 || len(r.Encs) > 0 }

func (r EncryptionRule) check() bool {
	ok := !r.isSet() || len(r.Algs) > 0 && len(r.Encs) > 0
	for _, alg := range r.Algs {
		_, known := keyAlgorithms[alg]
		ok = ok && known
	}
	for _, enc := range r.Encs {
		_, known := contents[enc]
		ok = ok && known
	}
	return ok
}

// opener opens tokens that are encrypted for us.
type opener struct {
	rule EncryptionRule
	key  func() crypto.PrivateKey // a closure, for fmt would print a key in a field
	kid  string
	size int // bytes of the RSA modulus

	issuer, audience string // what the header may repeat
}

func newOpener(rule EncryptionRule, key crypto.PrivateKey, kid string) (*opener, error) {
	o := &opener{rule: rule, key: func() crypto.PrivateKey { return key }, kid: kid}
	for _, alg := range rule.Algs {
		overRSA := strings.HasPrefix(alg, "RSA")
		switch key := key.(type) {
		case *rsa.PrivateKey:
			o.size = key.Size()
			if !overRSA || key.N.BitLen() < minRSABits {
				return nil, refuse(ErrConfig, "decrypt-key")
			}
		case *ecdsa.PrivateKey:
			if _, err := key.ECDH(); overRSA || err != nil {
				return nil, refuse(ErrConfig, "decrypt-key")
			}
		default:
			return nil, refuse(ErrConfig, "decrypt-key")
		}
	}
	return o, nil
}

// open returns the signed token inside an encrypted one. Form, algorithms and the length of every part are held before
// any cryptography runs, so that there is nothing to unpack, to derive from a password, or to guess.
func (o *opener) open(raw string) (string, error) {
	switch dots := strings.Count(raw[:min(len(raw), maxToken)], "."); {
	case raw == "" || len(raw) > maxToken:
		return "", refuse(ErrToken, "size")
	case dots == 2:
		return "", refuse(ErrToken, "not-encrypted")
	case dots != 4:
		return "", refuse(ErrToken, "form")
	}
	alg, err := o.gate(strings.Split(raw, "."))
	if err != nil {
		return "", err
	}
	plain, err := jwe.Decrypt([]byte(raw), jwe.WithKey(alg, o.key()))
	if err != nil {
		return "", refuse(ErrToken, "decryption")
	}
	return string(plain), nil
}

func (o *opener) gate(parts []string) (jwa.KeyEncryptionAlgorithm, error) {
	none := jwa.KeyEncryptionAlgorithm{}
	if len(parts[0]) > maxHeader {
		return none, refuse(ErrToken, "size")
	}
	var decoded [5][]byte
	for i, part := range parts {
		if part == "" && i == 1 {
			continue // the encrypted key of ECDH-ES
		}
		var err error
		if decoded[i], err = decodePart(part); err != nil {
			return none, refuse(ErrToken, "base64")
		}
	}
	name, enc, err := o.readHeader(decoded[0])
	if err != nil {
		return none, err
	}
	size, content := keyAlgorithms[name], contents[enc]
	switch {
	case strings.HasPrefix(name, "RSA"):
		size = o.size
	case size > 0:
		size = content.key + 8 // RFC 3394
	default:
		size = 0
	}
	if len(decoded[1]) != size || len(decoded[2]) != content.iv || len(decoded[4]) != content.tag {
		return none, refuse(ErrToken, "encrypted-parts")
	}
	alg, ok := jwa.LookupKeyEncryptionAlgorithm(name)
	if !ok {
		return none, refuse(ErrToken, "encrypted-alg")
	}
	return alg, nil
}

func (o *opener) readHeader(raw []byte) (alg, enc string, err error) {
	header, err := decodeObject(raw)
	if err != nil {
		return "", "", refuse(ErrToken, "header")
	}
	for name, value := range header {
		_, isText := value.(string)
		switch name {
		case "alg", "enc", "kid", "typ", "cty", "apu", "apv", "iss", "aud":
			if !isText {
				return "", "", refuse(ErrToken, "header")
			}
		case "epk":
			if key, ok := value.(map[string]any); !ok || key["d"] != nil || key["kty"] != "EC" {
				return "", "", refuse(ErrToken, "header")
			}
		default:
			return "", "", refuse(ErrToken, "header-member")
		}
	}
	alg, _ = header["alg"].(string)
	enc, _ = header["enc"].(string)
	kid, _ := header["kid"].(string)
	cty, _ := header["cty"].(string)
	_, hasKey := header["epk"]
	switch {
	case !slices.Contains(o.rule.Algs, alg) || !slices.Contains(o.rule.Encs, enc):
		return "", "", refuse(ErrToken, "encrypted-alg")
	case !strings.EqualFold(cty, "JWT"): // a signed token inside, RFC 7519 section 5.2
		return "", "", refuse(ErrToken, "cty")
	case kid != "" && o.kid != "" && kid != o.kid:
		return "", "", refuse(ErrToken, "key-unknown")
	case header["iss"] != nil && header["iss"] != any(o.issuer): // replicated claims, RFC 7519 section 5.3
		return "", "", refuse(ErrToken, "iss")
	case header["aud"] != nil && header["aud"] != any(o.audience):
		return "", "", refuse(ErrToken, "aud")
	case hasKey != strings.HasPrefix(alg, "ECDH"):
		return "", "", refuse(ErrToken, "header-member")
	}
	return alg, enc, nil
}
