package oidc

import (
	"crypto"
	"errors"
	"slices"

	"github.com/motcua/motcua/internal/jose"
)

const maxToken = 64 << 10 // bytes of a compact token

// algorithms are all a profile may pin: signatures that need the provider's private key. "none" and the HMAC family,
// whose key would be the public one or the client's secret, cannot be asked for.
var algorithms = [...]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// openGate lets one form of JWS through to the verifier. The type, where the token names one, must be among types.
func openGate(raw string, algs []string, types ...string) (jose.Token, error) {
	token, err := jose.Gate{Algs: algs, Types: types}.Open(raw)
	return token, tokenError(err)
}

// isUsed reports whether a key is of a kind that one of the algorithms needs.
func isUsed(key crypto.PublicKey) bool {
	return slices.ContainsFunc(algorithms[:], func(alg string) bool { return jose.Fits(key, alg) })
}

// tokenError turns the rule that a gate names into an error of this package.
func tokenError(err error) error {
	var rule jose.Rule
	if errors.As(err, &rule) {
		return refuse(ErrToken, string(rule))
	}
	return err
}
