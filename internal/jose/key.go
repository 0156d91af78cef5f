package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwk"
)

// Bounds of an RSA modulus.
const (
	MinRSABits = 2048
	MaxRSABits = 8192
)

// ImportKey reads one public key as JSON (RFC 7517): RSA of 2048 to 8192 bits, EC on P-256, P-384 and P-521, Ed25519.
func ImportKey(raw []byte) (crypto.PublicKey, bool) {
	parsed, err := jwk.ParseKey(raw)
	if err != nil {
		return nil, false
	}
	var key any
	if err := jwk.Export(parsed, &key); err != nil {
		return nil, false
	}
	return key, isSound(key)
}

// ImportMembers is [ImportKey] for the members of a JSON object. Keys on curves are read by hand: one comes with every
// holder's proof. Their coordinates must be written in full (RFC 7518 section 6.2.1).
func ImportMembers(members map[string]any) (crypto.PublicKey, bool) {
	kty, _ := members["kty"].(string)
	crv, _ := members["crv"].(string)
	x, _ := members["x"].(string)
	y, _ := members["y"].(string)
	switch kty {
	case "EC":
		curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[crv]
		left, err1 := Part(x)
		right, err2 := Part(y)
		if curve == nil || err1 != nil || err2 != nil {
			return nil, false
		}
		if size := (curve.Params().BitSize + 7) / 8; len(left) != size || len(right) != size {
			return nil, false
		}
		key, err := ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, left...), right...))
		return key, err == nil
	case "OKP":
		raw, err := Part(x)
		return ed25519.PublicKey(raw), crv == "Ed25519" && err == nil && len(raw) == ed25519.PublicKeySize
	}
	raw, err := json.Marshal(members)
	if err != nil {
		return nil, false
	}
	return ImportKey(raw)
}

func isSound(key crypto.PublicKey) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		bits := key.N.BitLen()
		return bits >= MinRSABits && bits <= MaxRSABits && key.E >= 3 && key.E&1 == 1
	case *ecdsa.PublicKey:
		_, err := key.ECDH() // on its curve, and one of crypto/ecdh's
		return err == nil
	case ed25519.PublicKey:
		return len(key) == ed25519.PublicKeySize
	}
	return false
}

// Fits says whether the key is of the kind, and on the curve, that the algorithm names (RFC 7518 section 3).
func Fits(key crypto.PublicKey, alg string) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		curve := map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[alg]
		return curve != "" && curve == key.Curve.Params().Name
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}

// AlgOf returns the usual algorithm of a key: ES256, ES384, ES512, EdDSA, PS256; "" of any other.
func AlgOf(key crypto.PublicKey) string {
	if !isSound(key) {
		return ""
	}
	for _, alg := range []string{"ES256", "ES384", "ES512", "EdDSA", "PS256"} {
		if Fits(key, alg) {
			return alg
		}
	}
	return ""
}

// PublicJWK returns a public key as the members of a JSON object (RFC 7517).
func PublicJWK(key crypto.PublicKey) (map[string]any, error) {
	if !isSound(key) {
		return nil, errors.New("jose: a key of a kind that is not used")
	}
	parsed, err := jwk.Import(key)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(parsed)
	if err != nil {
		return nil, err
	}
	return Object(raw)
}

// Thumbprint returns the thumbprint of a public key (RFC 7638, SHA-256).
func Thumbprint(key crypto.PublicKey) (string, error) {
	parsed, err := jwk.Import(key)
	if err != nil {
		return "", err
	}
	print, err := parsed.Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(print), err
}

// Hash256 returns the SHA-256 digest of a text as base64url.
func Hash256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
