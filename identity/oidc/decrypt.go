package oidc

import (
	"crypto"

	"github.com/motcua/motcua/internal/jose"
)

// EncryptionRule says that a provider encrypts id_tokens for us, and pins how. If it is set, a token that is not
// encrypted is refused.
type EncryptionRule struct {
	Algs []string `json:"algs,omitempty"` // RSA-OAEP, RSA-OAEP-256, ECDH-ES, ECDH-ES+A128KW, ECDH-ES+A256KW
	Encs []string `json:"encs,omitempty"` // A128GCM, A256GCM, A128CBC-HS256, A256CBC-HS512
}

func (r EncryptionRule) isSet() bool { return len(r.Algs) > 0 || len(r.Encs) > 0 }

func (r EncryptionRule) check() bool {
	return (!r.isSet() || len(r.Algs) > 0 && len(r.Encs) > 0) && jose.KnownEncryption(r.Algs, r.Encs)
}

// opener opens tokens that are encrypted for us.
type opener struct{ *jose.Opener }

func newOpener(rule EncryptionRule, key crypto.PrivateKey, kid string) (*opener, error) {
	o, err := jose.NewOpener(rule.Algs, rule.Encs, key, kid)
	if err != nil {
		return nil, refuse(ErrConfig, "decrypt-key")
	}
	return &opener{o}, nil
}

// open returns the signed token inside an encrypted one.
func (o *opener) open(raw string) (string, error) {
	plain, err := o.Open(raw)
	return string(plain), tokenError(err)
}
