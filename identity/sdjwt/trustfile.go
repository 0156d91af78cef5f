package sdjwt

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"time"
)

const (
	trustFormat = "motcua-credential-trust/1"
	maxTrust    = 1 << 20
	maxIssuers  = 1000
)

// trustFile is a file that says whose credentials are accepted.
type trustFile struct {
	Format  string       `json:"format"`
	Issuers []trustEntry `json:"issuers"`
}

type trustEntry struct {
	Name  string          `json:"name"`
	Types []string        `json:"types"`
	JWKS  json.RawMessage `json:"jwks,omitempty"`
	Roots string          `json:"roots,omitempty"` // PEM
	Algs  []string        `json:"algs,omitempty"`
	State bool            `json:"state,omitempty"`
	Since time.Time       `json:"since,omitzero"`
	Until time.Time       `json:"until,omitzero"`
}

// ParseTrust reads a file of trusted issuers: JSON of format motcua-credential-trust/1 with for each its name, types, a
// JWKS or roots in PEM, algorithms, whether it is the State's, and dates. Errors: *Error.
func ParseTrust(data []byte) ([]TrustedIssuer, error) {
	if len(data) > maxTrust {
		return nil, refuse("config", "trust-size")
	}
	var file trustFile
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, &Error{Field: "config", Rule: "trust-json", Err: err}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, refuse("config", "trust-json")
	}
	if file.Format != trustFormat || len(file.Issuers) == 0 || len(file.Issuers) > maxIssuers {
		return nil, refuse("config", "trust-format")
	}
	var issuers []TrustedIssuer
	for _, entry := range file.Issuers {
		issuer, err := entry.issuer()
		if err != nil {
			return nil, err
		}
		issuers = append(issuers, issuer)
	}
	return issuers, nil
}

func (e trustEntry) issuer() (TrustedIssuer, error) {
	i := TrustedIssuer{Name: e.Name, Types: e.Types, Algs: e.Algs, State: e.State, Since: e.Since, Until: e.Until}
	if len(e.JWKS) > 0 {
		set, err := ParseKeySet(e.JWKS)
		if err != nil {
			return i, err
		}
		i.Keys = set
	}
	for rest := []byte(e.Roots); len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return i, refuse("config", "roots")
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return i, &Error{Field: "config", Rule: "roots", Err: err}
		}
		i.Roots = append(i.Roots, root)
	}
	return i, i.check()
}
