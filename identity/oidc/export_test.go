package oidc

import (
	"crypto"

	"github.com/motcua/motcua/internal/jose"
)

// DecodeObject lets the external tests compare the strict reader with encoding/json.
func DecodeObject(raw []byte) (map[string]any, error) { return jose.Object(raw) }

// OpenEncrypted lets the external tests open an encrypted token by itself.
func OpenEncrypted(rule EncryptionRule, key crypto.PrivateKey, kid, raw string) (string, error) {
	o, err := newOpener(rule, key, kid)
	if err != nil {
		return "", err
	}
	return o.open(raw)
}
