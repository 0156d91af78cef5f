package sdjwt

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/jose"
)

const (
	maxKeySet       = 512 << 10
	maxKeys         = 100
	maxCertificates = 6
)

// Keys gives an issuer's public key for a credential or status list. found is false when no key of that id fits.
type Keys interface {
	Key(ctx context.Context, kid, alg string) (key crypto.PublicKey, found bool, err error)
}

// KeySet is a fixed set of public keys.
type KeySet struct{ keys []issuerKey }

var _ Keys = KeySet{}

type issuerKey struct {
	kid, alg string
	key      crypto.PublicKey
}

// ParseKeySet reads a JWKS (RFC 7517), or an issuer's metadata with one inside (SD-JWT VC, JWT VC Issuer Metadata). A set
// with a private or symmetric key in it is refused whole, for the issuer has lost it. Errors: *Error.
func ParseKeySet(data []byte) (KeySet, error) {
	if len(data) > maxKeySet {
		return KeySet{}, refuse("config", "jwks-size")
	}
	doc, err := jose.Object(data)
	if err != nil {
		return KeySet{}, refuse("config", "jwks-json")
	}
	if inner, ok := doc["jwks"].(map[string]any); ok {
		doc = inner
	}
	list, ok := doc["keys"].([]any)
	if !ok || len(list) > maxKeys {
		return KeySet{}, refuse("config", "jwks-form")
	}
	var set KeySet
	for _, one := range list {
		members, _ := one.(map[string]any)
		if members["d"] != nil || members["k"] != nil {
			return KeySet{}, refuse("config", "jwks-private")
		}
		if use, stated := members["use"]; stated && use != any("sig") {
			continue
		}
		if key, ok := jose.ImportMembers(members); ok {
			kid, _ := members["kid"].(string)
			alg, _ := members["alg"].(string)
			set.keys = append(set.keys, issuerKey{kid, alg, key})
		}
	}
	if len(set.keys) == 0 {
		return KeySet{}, refuse("config", "jwks-empty")
	}
	return set, nil
}

// NewKeySet is a set of one key that signs under this id.
func NewKeySet(kid string, key crypto.PublicKey) (KeySet, error) {
	if jose.AlgOf(key) == "" {
		return KeySet{}, refuse("config", "key")
	}
	return KeySet{[]issuerKey{{kid: kid, key: key}}}, nil
}

// Key returns the one key that fits; several are as bad as none, for nobody could say which the issuer means.
func (s KeySet) Key(_ context.Context, kid, alg string) (crypto.PublicKey, bool, error) {
	var found crypto.PublicKey
	for _, k := range s.keys {
		if kid != "" && k.kid != kid || k.alg != "" && k.alg != alg || !jose.Fits(k.key, alg) {
			continue
		}
		if found != nil {
			return nil, false, nil
		}
		found = k.key
	}
	return found, found != nil, nil
}

// readChain reads the x5c member of a header, leaf first.
func readChain(member any) ([]*x509.Certificate, bool) {
	list, ok := member.([]any)
	if !ok || len(list) == 0 || len(list) > maxCertificates {
		return nil, false
	}
	var chain []*x509.Certificate
	for _, one := range list {
		text, _ := one.(string)
		der, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			return nil, false
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, false
		}
		chain = append(chain, certificate)
	}
	return chain, true
}

// namesOf returns the issuers a certificate speaks for: its URIs, and https with each of its DNS names.
func namesOf(certificate *x509.Certificate) []string {
	var names []string
	for _, uri := range certificate.URIs {
		names = append(names, uri.String())
	}
	for _, name := range certificate.DNSNames {
		names = append(names, "https://"+name)
	}
	return names
}

// checkChain verifies a chain to one of the roots at a time. A leaf that signs itself is no chain (HAIP 1.0 section 6.1.1).
func checkChain(chain, roots []*x509.Certificate, at time.Time) bool {
	leaf := chain[0]
	if leaf.IsCA || bytes.Equal(leaf.RawSubject, leaf.RawIssuer) ||
		leaf.KeyUsage != 0 && leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return false
	}
	trusted, between := x509.NewCertPool(), x509.NewCertPool()
	for _, root := range roots {
		trusted.AddCert(root)
	}
	for _, certificate := range chain[1:] {
		between.AddCert(certificate)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: trusted, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil
}

// TrustedIssuer is one whose credentials are accepted, and for what.
type TrustedIssuer struct {
	// Name is the iss, compared byte for byte. Required.
	Name string
	// Types are the vct it may issue. Required: an issuer of diplomas issues no identities.
	Types []string
	// Keys are for credentials that name a key, Roots for those that bring a certificate chain. One is required.
	Keys  Keys
	Roots []*x509.Certificate
	// Algs are its signature algorithms. Empty: ES256.
	Algs []string
	// State says that the issuer is an authority of the State, so that what it says counts as verified and not only as
	// attested.
	State bool
	// Since and Until bound when its credentials are accepted. Zero: no bound.
	Since, Until time.Time
}

func (i *TrustedIssuer) check() error {
	switch {
	case i.Name == "" || len(i.Name) > 200:
		return refuse("config", "issuer")
	case len(i.Types) == 0 || slices.Contains(i.Types, ""):
		return refuse("config", "types")
	case i.Keys == nil && len(i.Roots) == 0:
		return refuse("config", "issuer-keys")
	}
	return checkAlgs(i.Algs)
}

func checkAlgs(algs []string) error {
	known := []string{"ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}
	for _, alg := range algs {
		if !slices.Contains(known, alg) {
			return refuse("config", "alg")
		}
	}
	return nil
}
