package identitytest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
)

// encrypt wraps a token for the client (RFC 7516; RSA-OAEP-256 and A256GCM, by hand), with the faults about encryption
// played.
func (p *Provider) encrypt(key *rsa.PublicKey, token string) string {
	header := map[string]any{"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT", "kid": "enc-1"}
	switch {
	case p.is(EncryptedZip):
		header["zip"] = "DEF"
	case p.is(EncryptedNoType):
		delete(header, "cty")
	case p.is(EncryptedPassword):
		header = map[string]any{"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "cty": "JWT", "p2c": 1 << 30, "p2s": "AAAA"}
	}
	head, err := json.Marshal(header)
	if err != nil {
		return ""
	}
	content, iv := make([]byte, 32), make([]byte, 12)
	_, _ = rand.Read(content)
	_, _ = rand.Read(iv)
	block, err := aes.NewCipher(content)
	if err != nil {
		return ""
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return ""
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key, content, nil)
	if err != nil {
		return ""
	}
	if p.is(EncryptedUnsigned) {
		token = `{"iss":"x"}`
	}
	sealed := gcm.Seal(nil, iv, []byte(token), []byte(encode(head)))
	tag := sealed[len(sealed)-16:]
	sealed = sealed[:len(sealed)-16]
	switch {
	case p.is(EncryptedTag):
		tag[0] ^= 1
	case p.is(EncryptedNoKey):
		wrapped = nil
	}
	return encode(head) + "." + encode(wrapped) + "." + encode(iv) + "." + encode(sealed) + "." + encode(tag)
}
