package signaturetest

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// Keep returns the hierarchy with its private keys, as PEM, for a demonstration that is to have the same authority after
// a restart. What the CA has revoked is not in it.
func (ca *CA) Keep() ([]byte, error) {
	var out bytes.Buffer
	for _, half := range []struct {
		cert *x509.Certificate
		key  crypto.Signer
	}{{ca.Root, ca.rootKey}, {ca.Intermediate, ca.key}} {
		der, err := x509.MarshalPKCS8PrivateKey(half.key)
		if err != nil {
			return nil, err
		}
		for _, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: half.cert.Raw}, {Type: "PRIVATE KEY", Bytes: der}} {
			if err := pem.Encode(&out, block); err != nil {
				return nil, err
			}
		}
	}
	return out.Bytes(), nil
}

var errKept = errors.New("signaturetest: kept CA: want what Keep has written")

// RestoreCA makes the hierarchy that [CA.Keep] has written again. url is where a [Server] publishes for it, as in
// [CAConfig].
func RestoreCA(kept []byte, url string) (*CA, error) {
	var certs []*x509.Certificate
	var keys []crypto.Signer
	for block, rest := pem.Decode(kept); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, errKept
			}
			certs = append(certs, cert)
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			signer, ok := key.(crypto.Signer)
			if err != nil || !ok {
				return nil, errKept
			}
			keys = append(keys, signer)
		}
	}
	if len(certs) != 2 || len(keys) != 2 {
		return nil, errKept
	}
	for i, key := range keys {
		public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
		if !ok || !public.Equal(certs[i].PublicKey) {
			return nil, errKept
		}
	}
	return &CA{Root: certs[0], Intermediate: certs[1], url: url, rootKey: keys[0], key: keys[1],
		revoked: map[string]Revocation{}}, nil
}
