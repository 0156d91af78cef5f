package oidc

import (
	"context"
	"crypto"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/motcua/motcua/internal/jose"
)

const maxKeys = 100

// Keys gives the provider's public key for a token. found is false when no key of that id fits the algorithm.
type Keys interface {
	Key(ctx context.Context, kid, alg string) (key crypto.PublicKey, found bool, err error)
}

// KeySet is a fixed set of public keys.
type KeySet struct{ keys []publicKey }

var _ Keys = KeySet{}

type publicKey struct {
	kid, alg string
	key      crypto.PublicKey
}

// ParseKeySet reads a JWKS (RFC 7517). It keeps the public signature keys it understands: RSA of 2048 to 8192 bits, EC
// on P-256, P-384 and P-521; a set with a private or symmetric key in it is refused whole, for the provider has lost
// it. Errors: *Error of kind [ErrProvider].
func ParseKeySet(data []byte) (KeySet, error) {
	if len(data) > maxKeySet {
		return KeySet{}, refuse(ErrProvider, "jwks-size")
	}
	if _, err := jose.Object(data); err != nil {
		return KeySet{}, refuse(ErrProvider, "jwks-json")
	}
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &doc); err != nil || len(doc.Keys) > maxKeys {
		return KeySet{}, refuse(ErrProvider, "jwks-form")
	}
	var set KeySet
	for _, raw := range doc.Keys {
		var head struct {
			Kty, Use, Kid, Alg string
			Ops                []string         `json:"key_ops"`
			D                  *json.RawMessage `json:"d"`
			K                  *json.RawMessage `json:"k"`
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			continue // a key of another kind than ours
		}
		if head.D != nil || head.K != nil {
			return KeySet{}, refuse(ErrProvider, "jwks-private")
		}
		if head.Use != "" && head.Use != "sig" || head.Ops != nil && !slices.Contains(head.Ops, "verify") {
			continue
		}
		if key, ok := jose.ImportKey(raw); ok && isUsed(key) {
			set.keys = append(set.keys, publicKey{head.Kid, head.Alg, key})
		}
	}
	if len(set.keys) == 0 {
		return KeySet{}, refuse(ErrProvider, "jwks-empty")
	}
	return set, nil
}

// Key returns the one key that fits. Without a key id in the token the algorithm must leave exactly one; several keys
// under one id are refused, for nobody could say which the provider means.
func (s KeySet) Key(_ context.Context, kid, alg string) (crypto.PublicKey, bool, error) {
	var found crypto.PublicKey
	for _, k := range s.keys {
		if kid != "" && k.kid != kid || k.alg != "" && k.alg != alg || !jose.Fits(k.key, alg) {
			continue
		}
		if found != nil {
			return nil, false, refuse(ErrToken, "key-ambiguous")
		}
		found = k.key
	}
	return found, found != nil, nil
}

// remoteKeys fetches the set from the provider: at most once an hour while ids are known, at once but at most every
// 30 seconds when one is not, and lives a day on old keys when the provider is out of reach.
type remoteKeys struct{ set *cached[KeySet] }

func newRemoteKeys(client *http.Client, cfg Config, address func(context.Context) (string, error)) *remoteKeys {
	return &remoteKeys{newCached(cfg.Now, func(ctx context.Context) (KeySet, error) {
		url, err := address(ctx)
		if err != nil {
			return KeySet{}, err
		}
		got, err := get(ctx, client, url, maxKeySet)
		if err != nil {
			return KeySet{}, err
		}
		return ParseKeySet(got.raw)
	})}
}

func (r *remoteKeys) Key(ctx context.Context, kid, alg string) (crypto.PublicKey, bool, error) {
	set, err := r.set.get(ctx, func(set KeySet) bool {
		_, found, err := set.Key(ctx, kid, alg)
		return found || err != nil
	})
	if err != nil {
		return nil, false, err
	}
	return set.Key(ctx, kid, alg)
}
