package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"slices"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"
)

// Lengths in bytes of the encrypted key, by algorithm; 0: that of the RSA modulus, -1: none.
var keyAlgorithms = map[string]int{
	"RSA-OAEP": 0, "RSA-OAEP-256": 0, "ECDH-ES": -1, "ECDH-ES+A128KW": 24, "ECDH-ES+A256KW": 40,
}

// contents are the algorithms for the content, with the lengths of vector, tag and, for ECDH-ES+A…KW, wrapped key.
var contents = map[string]struct{ iv, tag, key int }{
	"A128GCM": {12, 16, 16}, "A256GCM": {12, 16, 32}, "A128CBC-HS256": {16, 16, 32}, "A256CBC-HS512": {16, 32, 64},
}

// KnownEncryption reports whether algorithms for key and content are among those an [Opener] can be made for.
func KnownEncryption(algs, encs []string) bool {
	ok := true
	for _, alg := range algs {
		_, known := keyAlgorithms[alg]
		ok = ok && known
	}
	for _, enc := range encs {
		_, known := contents[enc]
		ok = ok && known
	}
	return ok
}

// Opener opens what is encrypted for us. Set Issuer and Audience before its first use.
type Opener struct {
	// Issuer and Audience are what a header may repeat (RFC 7519 section 5.3).
	Issuer, Audience string
	// Bare is for plain contents. Without it the header must say that a signed token is inside (cty JWT).
	Bare bool
	// NeedKid refuses a token that does not name our key.
	NeedKid bool
	// Max bounds the token in bytes. 0: 64 KiB.
	Max int

	algs, encs []string
	key        func() crypto.PrivateKey // a closure, for fmt would print a key in a field
	kid        string
	size       int // bytes of the RSA modulus
}

// NewOpener pins algorithms for key and content and takes the key they are for. Errors: [Rule] "decrypt-key".
func NewOpener(algs, encs []string, key crypto.PrivateKey, kid string) (*Opener, error) {
	o := &Opener{algs: algs, encs: encs, key: func() crypto.PrivateKey { return key }, kid: kid}
	for _, alg := range algs {
		overRSA := strings.HasPrefix(alg, "RSA")
		switch key := key.(type) {
		case *rsa.PrivateKey:
			o.size = key.Size()
			if !overRSA || key.N.BitLen() < MinRSABits {
				return nil, Rule("decrypt-key")
			}
		case *ecdsa.PrivateKey:
			if _, err := key.ECDH(); overRSA || err != nil {
				return nil, Rule("decrypt-key")
			}
		default:
			return nil, Rule("decrypt-key")
		}
	}
	return o, nil
}

// Open returns what is inside an encrypted token. Form, algorithms and the length of every part are held before any
// cryptography runs, so that there is nothing to unpack, to derive from a password, or to guess. Errors: [Rule].
func (o *Opener) Open(raw string) ([]byte, error) {
	limit := o.Max
	if limit == 0 {
		limit = maxToken
	}
	switch dots := strings.Count(raw[:min(len(raw), limit)], "."); {
	case raw == "" || len(raw) > limit:
		return nil, Rule("size")
	case dots == 2:
		return nil, Rule("not-encrypted")
	case dots != 4:
		return nil, Rule("form")
	}
	alg, err := o.gate(strings.Split(raw, "."))
	if err != nil {
		return nil, err
	}
	plain, err := jwe.Decrypt([]byte(raw), jwe.WithKey(alg, o.key()))
	if err != nil {
		return nil, Rule("decryption")
	}
	return plain, nil
}

func (o *Opener) gate(parts []string) (jwa.KeyEncryptionAlgorithm, error) {
	none := jwa.KeyEncryptionAlgorithm{}
	if len(parts[0]) > maxHeader {
		return none, Rule("size")
	}
	var decoded [5][]byte
	for i, part := range parts {
		if part == "" && i == 1 {
			continue // the encrypted key of ECDH-ES
		}
		var err error
		if decoded[i], err = Part(part); err != nil {
			return none, Rule("base64")
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
		return none, Rule("encrypted-parts")
	}
	alg, ok := jwa.LookupKeyEncryptionAlgorithm(name)
	if !ok {
		return none, Rule("encrypted-alg")
	}
	return alg, nil
}

func (o *Opener) readHeader(raw []byte) (alg, enc string, err error) {
	header, err := Object(raw)
	if err != nil {
		return "", "", Rule("header")
	}
	if err := checkMembers(header); err != nil {
		return "", "", err
	}
	alg, _ = header["alg"].(string)
	enc, _ = header["enc"].(string)
	kid, _ := header["kid"].(string)
	cty, _ := header["cty"].(string)
	_, hasKey := header["epk"]
	switch {
	case !slices.Contains(o.algs, alg) || !slices.Contains(o.encs, enc):
		return "", "", Rule("encrypted-alg")
	case !o.Bare && !strings.EqualFold(cty, "JWT"): // a signed token inside, RFC 7519 section 5.2
		return "", "", Rule("cty")
	case kid != "" && o.kid != "" && kid != o.kid, o.NeedKid && kid != o.kid:
		return "", "", Rule("key-unknown")
	case header["iss"] != nil && header["iss"] != any(o.Issuer): // replicated claims, RFC 7519 section 5.3
		return "", "", Rule("iss")
	case header["aud"] != nil && header["aud"] != any(o.Audience):
		return "", "", Rule("aud")
	case hasKey != strings.HasPrefix(alg, "ECDH"):
		return "", "", Rule("header-member")
	}
	return alg, enc, nil
}

func checkMembers(header map[string]any) error {
	for name, value := range header {
		_, isText := value.(string)
		switch name {
		case "alg", "enc", "kid", "typ", "cty", "apu", "apv", "iss", "aud":
			if !isText {
				return Rule("header")
			}
		case "epk":
			if key, ok := value.(map[string]any); !ok || key["d"] != nil || key["kty"] != "EC" {
				return Rule("header")
			}
		default:
			return Rule("header-member")
		}
	}
	return nil
}

// KidOf returns the key id in the header of an encrypted token, to find the transaction it belongs to; "" if it has none.
// It says nothing of whether the token is sound: [Opener.Open] judges that.
func KidOf(raw string) string {
	head, _, found := strings.Cut(raw[:min(len(raw), maxHeader)], ".")
	decoded, err := Part(head)
	if !found || err != nil {
		return ""
	}
	header, err := Object(decoded)
	if err != nil {
		return ""
	}
	kid, _ := header["kid"].(string)
	if len(kid) > maxKeyID {
		return ""
	}
	return kid
}
