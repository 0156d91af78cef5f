package sdjwt_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/sdjwt"
)

// authority is a root with certificates for issuers.
type authority struct {
	root *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return authority{must[*x509.Certificate](t)(x509.ParseCertificate(der)), key}
}

func (a authority) certify(t testing.TB, key crypto.PublicKey, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	uri := must[*url.URL](t)(url.Parse(issuerName))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Issuer"}, NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 1, 0),
		URIs: []*url.URL{uri}, KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if change != nil {
		change(template)
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, a.root, key, a.key))
	return must[*x509.Certificate](t)(x509.ParseCertificate(der))
}

// TestCertificates holds the issuer's chain: to a root of that issuer, for its name, at this time, by a leaf that may sign.
func TestCertificates(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	key := &keys().issuer.PublicKey
	good := a.certify(t, key, nil)
	x5c := func(chain ...*x509.Certificate) []string {
		var list []string
		for _, c := range chain {
			list = append(list, base64.StdEncoding.EncodeToString(c.Raw))
		}
		return list
	}
	tests := []struct {
		name   string
		x5c    any
		spoil  func(*specimen)
		reason string
	}{
		{"good", x5c(good), nil, ""},
		{"with its root", x5c(good, a.root), nil, ""},
		{"by DNS name", x5c(a.certify(t, key, func(c *x509.Certificate) { c.URIs, c.DNSNames = nil, []string{"hotich.example.vn"} })), nil, ""},
		{"iss left out", x5c(good), func(s *specimen) { delete(s.payload, "iss") }, ""},
		{"iss of another", x5c(good), func(s *specimen) { s.payload["iss"] = "https://other.example" }, "certificate-name"},
		{"leaf of another", x5c(a.certify(t, key, func(c *x509.Certificate) { c.URIs = nil; c.DNSNames = []string{"other.example"} })), nil, "certificate-name"},
		{"leaf of another, iss left out", x5c(a.certify(t, key, func(c *x509.Certificate) { c.URIs = nil; c.DNSNames = []string{"other.example"} })),
			func(s *specimen) { delete(s.payload, "iss") }, "issuer-unknown"},
		{"unknown root", x5c(stranger.certify(t, key, nil)), nil, "certificate"},
		{"unknown root brought along", x5c(stranger.certify(t, key, nil), stranger.root), nil, "certificate"},
		{"the root itself", x5c(a.root), nil, "certificate-name"},
		{"ended", x5c(a.certify(t, key, func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) })), nil, "certificate"},
		{"not begun", x5c(a.certify(t, key, func(c *x509.Certificate) { c.NotBefore = now.Add(time.Hour) })), nil, "certificate"},
		{"may not sign", x5c(a.certify(t, key, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement })), nil, "certificate"},
		{"an authority as leaf", x5c(a.certify(t, key, func(c *x509.Certificate) { c.IsCA = true })), nil, "certificate"},
		{"its own issuer by name", x5c(a.certify(t, key, func(c *x509.Certificate) { c.Subject.CommonName = "Root" })), nil, "certificate"},
		{"another's key", x5c(a.certify(t, &keys().other.PublicKey, nil)), nil, "signature"},
		{"another kind of key", x5c(a.certify(t, must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)).Public(), nil)), nil, "alg"},
		{"nothing", []string{}, nil, "certificate-form"},
		{"no list", "AAAA", nil, "certificate-form"},
		{"no certificate", []string{"AAAA"}, nil, "certificate-form"},
		{"base64url", []string{base64.RawURLEncoding.EncodeToString(good.Raw)}, nil, "certificate-form"},
		{"too many", x5c(good, good, good, good, good, good, good), nil, "certificate-form"},
	}
	v := verifier(t, func(i *sdjwt.TrustedIssuer, _ *sdjwt.Config) { i.Keys, i.Roots = nil, []*x509.Certificate{a.root} })
	for _, tt := range tests {
		s := fresh()
		s.header["x5c"] = tt.x5c
		delete(s.header, "kid")
		if tt.spoil != nil {
			tt.spoil(s)
		}
		if got := failure(v.Verify(context.Background(), s.build(), expect)); got != tt.reason {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.reason)
		}
	}
	if got := failure(v.Verify(context.Background(), fresh().build(), expect)); got != "certificate" {
		t.Errorf("a key id where a chain is trusted: %q", got)
	}
	s := fresh()
	s.header["x5c"] = x5c(good)
	if got := failure(verifier(t, nil).Verify(context.Background(), s.build(), expect)); got != "certificate" {
		t.Errorf("a chain where a key is trusted: %q", got)
	}
	i := must[*sdjwt.Issuer](t)(sdjwt.NewIssuer(keys().issuer, issuerName, sdjwt.IssuerConfig{Chain: []*x509.Certificate{good}, Now: clock}))
	shown := must[string](t)(holder(t).Present(must[sdjwt.Credential](t)(i.Issue(extract())), audience, nonce))
	if report := v.Verify(context.Background(), shown, expect); report.Verdict != sdjwt.Valid {
		t.Error(report.Err())
	}
	other := a.certify(t, key, func(c *x509.Certificate) { c.URIs = nil })
	if _, err := sdjwt.NewIssuer(keys().issuer, issuerName, sdjwt.IssuerConfig{Chain: []*x509.Certificate{other}}); err == nil {
		t.Error("an issuer whose certificate does not name it")
	}
}

func TestParseKeySet(t *testing.T) {
	p := jwk(&keys().issuer.PublicKey)
	set := func(change func(map[string]any)) string {
		key := map[string]any{}
		for name, value := range p {
			key[name] = value
		}
		change(key)
		return string(toJSON(map[string]any{"keys": []any{key}}))
	}
	for name, c := range map[string]struct{ text, code string }{
		"good":           {set(func(map[string]any) {}), ""},
		"metadata":       {`{"issuer":"x","jwks":` + set(func(map[string]any) {}) + `}`, ""},
		"private":        {set(func(k map[string]any) { k["d"] = "AAAA" }), "jwks-private"},
		"symmetric":      {`{"keys":[{"kty":"oct","k":"AAAA"}]}`, "jwks-private"},
		"for encryption": {set(func(k map[string]any) { k["use"] = "enc" }), "jwks-empty"},
		"off the curve":  {set(func(k map[string]any) { k["y"] = k["x"] }), "jwks-empty"},
		"no keys":        {`{}`, "jwks-form"},
		"no JSON":        {`{`, "jwks-json"},
		"huge":           {`{"keys":[` + strings.Repeat(" ", 512<<10) + `]}`, "jwks-size"},
		"key twice":      {`{"keys":[],"keys":[]}`, "jwks-json"},
	} {
		_, err := sdjwt.ParseKeySet([]byte(c.text))
		var own *sdjwt.Error
		if errors.As(err, &own); (err == nil) != (c.code == "") || err != nil && own.Rule != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	two := `{"keys":[` + string(toJSON(p)) + `,` + string(toJSON(jwk(&keys().other.PublicKey))) + `]}`
	keySet := must[sdjwt.KeySet](t)(sdjwt.ParseKeySet([]byte(two)))
	if _, found, _ := keySet.Key(context.Background(), "", "ES256"); found {
		t.Error("one of two keys was chosen")
	}
	if _, err := sdjwt.NewKeySet("k", "no key"); err == nil {
		t.Error("a set of no key")
	}
}

// failingKeys cannot be reached.
type failingKeys struct{}

func (failingKeys) Key(context.Context, string, string) (crypto.PublicKey, bool, error) {
	return nil, false, errors.New("down")
}

// wrongKeys gives a key that does not fit the algorithm.
type wrongKeys struct{ key crypto.PublicKey }

func (k wrongKeys) Key(context.Context, string, string) (crypto.PublicKey, bool, error) {
	return k.key, true, nil
}

func TestKeysOfTheCallers(t *testing.T) {
	p384 := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	for reason, source := range map[string]sdjwt.Keys{"issuer-keys": failingKeys{}, "key-unknown": wrongKeys{p384.Public()}} {
		v := verifier(t, func(i *sdjwt.TrustedIssuer, _ *sdjwt.Config) { i.Keys = source })
		if got := failure(v.Verify(context.Background(), fresh().build(), expect)); got != reason {
			t.Errorf("%q, want %q", got, reason)
		}
	}
}

func TestParseTrust(t *testing.T) {
	a := newAuthority(t)
	roots := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw}))
	head := `{"format":"motcua-credential-trust/1","issuers":[`
	entry := func(change func(map[string]any)) string {
		e := map[string]any{
			"name": issuerName, "types": []string{birthType}, "state": true, "since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z",
			"jwks": map[string]any{"keys": []any{jwk(&keys().issuer.PublicKey)}}, "algs": []string{"ES256"},
		}
		change(e)
		return head + string(toJSON(e)) + `]}`
	}
	for name, c := range map[string]struct{ text, rule string }{
		"good":     {entry(func(map[string]any) {}), ""},
		"roots":    {entry(func(e map[string]any) { delete(e, "jwks"); e["roots"] = roots + roots }), ""},
		"neither":  {entry(func(e map[string]any) { delete(e, "jwks") }), "issuer-keys"},
		"no name":  {entry(func(e map[string]any) { delete(e, "name") }), "issuer"},
		"no types": {entry(func(e map[string]any) { delete(e, "types") }), "types"},
		"none":     {entry(func(e map[string]any) { e["algs"] = []string{"none"} }), "alg"},
		"private key": {entry(func(e map[string]any) {
			e["jwks"] = map[string]any{"keys": []any{map[string]any{"kty": "EC", "d": "A"}}}
		}), "jwks-private"},
		"trash for roots": {entry(func(e map[string]any) { e["roots"] = "x" }), "roots"},
		"a key for roots": {entry(func(e map[string]any) { e["roots"] = "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n" }), "roots"},
		"bad root":        {entry(func(e map[string]any) { e["roots"] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }), "roots"},
		"unknown member":  {entry(func(e map[string]any) { e["trustAll"] = true }), "trust-json"},
		"two files":       {entry(func(map[string]any) {}) + `{}`, "trust-json"},
		"another format":  {`{"format":"x","issuers":[{}]}`, "trust-format"},
		"nobody":          {head + `]}`, "trust-format"},
		"a megabyte":      {head + strings.Repeat(" ", 1<<20) + `]}`, "trust-size"},
	} {
		issuers, err := sdjwt.ParseTrust([]byte(c.text))
		var own *sdjwt.Error
		if errors.As(err, &own); (err == nil) != (c.rule == "") || err != nil && own.Rule != c.rule {
			t.Errorf("%s: %v, want %q", name, err, c.rule)
		}
		if name == "good" {
			s := fresh()
			delete(s.header, "kid")
			v := must[*sdjwt.Verifier](t)(sdjwt.NewVerifier(issuers, sdjwt.Config{Now: clock}))
			if report := v.Verify(context.Background(), s.build(), expect); report.Verdict != sdjwt.Valid {
				t.Error(report.Err())
			}
		}
	}
}
