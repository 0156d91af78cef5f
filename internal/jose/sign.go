package jose

import (
	"crypto"
	"encoding/base64"
	"encoding/json"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// Verify checks the signature of a token that has passed the gate. The key must fit the algorithm. Errors: [Rule].
func Verify(key crypto.PublicKey, token Token) error {
	alg, ok := jwa.LookupSignatureAlgorithm(token.Alg)
	if !ok {
		return Rule("alg")
	}
	verifier, err := jws.VerifierFor(alg)
	if err != nil {
		return Rule("alg")
	}
	if err := verifier.Verify(key, []byte(token.Signed), token.Signature); err != nil {
		return Rule("signature")
	}
	return nil
}

// Sign writes a compact JWS of this payload. The header is written as given, with alg; the signer may be a token or HSM.
func Sign(signer crypto.Signer, alg string, header map[string]any, payload []byte) (string, error) {
	if !Fits(signer.Public(), alg) {
		return "", Rule("alg")
	}
	head := map[string]any{"alg": alg}
	for name, value := range header {
		head[name] = value
	}
	raw, err := json.Marshal(head)
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString(raw) + "." + base64.RawURLEncoding.EncodeToString(payload)
	algorithm, ok := jwa.LookupSignatureAlgorithm(alg)
	if !ok {
		return "", Rule("alg")
	}
	by, err := jws.SignerFor(algorithm)
	if err != nil {
		return "", err
	}
	signature, err := by.Sign(signer, []byte(signed))
	if err != nil {
		return "", err
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
