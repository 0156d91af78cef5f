package tsp

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/motcua/motcua/internal/cms"
)

// MaxResponse bounds a response; a token with a chain has under 10 KiB.
const MaxResponse = 64 << 10

// Kinds of failure; each error wraps one of them.
var (
	ErrFormat    = errors.New("tsp: malformed")
	ErrRefused   = errors.New("tsp: the authority refused")
	ErrMismatch  = errors.New("tsp: not the answer to this request")
	ErrAuthority = errors.New("tsp: authority not trusted")
)

// RefusedError is an authority's refusal. errors.Is(err, ErrRefused) holds.
type RefusedError struct{ Status int }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("tsp: the authority refused: status %d", e.Status)
}

// Is makes the error one with ErrRefused.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// Request returns the DER of a TimeStampReq over a SHA-256 digest, with the nonce, asking for the certificate.
func Request(digest []byte, nonce *big.Int) ([]byte, error) {
	if len(digest) != crypto.SHA256.Size() || nonce == nil || nonce.Sign() <= 0 {
		return nil, fmt.Errorf("%w: want a SHA-256 digest and a positive nonce", ErrFormat)
	}
	return cms.TimestampRequest{Hash: crypto.SHA256, Imprint: digest, Nonce: nonce, Certificates: true}.Encode(), nil
}

// Granted returns the token of a response that grants one.
func Granted(response []byte) ([]byte, error) {
	if len(response) > MaxResponse {
		return nil, fmt.Errorf("%w: want at most 64 KiB", ErrFormat)
	}
	status, token, err := cms.ParseTimestampResponse(response)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	case status != 0 && status != 1: // granted, granted with modifications
		return nil, &RefusedError{status}
	case token == nil:
		return nil, fmt.Errorf("%w: want a token behind the status", ErrFormat)
	}
	return bytes.Clone(token), nil
}

// Expect is what a token is held to.
type Expect struct {
	// Digest is the SHA-256 digest that was to be stamped.
	Digest []byte
	// Nonce is that of the request; nil when the request is long over.
	Nonce *big.Int
	// Roots are the authorities believed.
	Roots *x509.CertPool
}

// Info is what a verified token says.
type Info struct {
	// At is the time, in UTC.
	At time.Time
	// Policy is the authority's policy.
	Policy asn1.ObjectIdentifier
	Serial *big.Int
	// Authority is the certificate that signed.
	Authority *x509.Certificate
}

// Verify judges a token and returns what it says.
func Verify(token []byte, e Expect) (*Info, error) {
	if len(token) > MaxResponse {
		return nil, fmt.Errorf("%w: want at most 64 KiB", ErrFormat)
	}
	t, rest, err := cms.ParseToken(token)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	case len(rest) > 0:
		return nil, fmt.Errorf("%w: want one signed TSTInfo", ErrFormat)
	case t.Info.Hash != crypto.SHA256 || !bytes.Equal(t.Info.Imprint, e.Digest):
		return nil, fmt.Errorf("%w: another digest", ErrMismatch)
	case e.Nonce != nil && (t.Info.Nonce == nil || t.Info.Nonce.Cmp(e.Nonce) != 0):
		return nil, fmt.Errorf("%w: another nonce", ErrMismatch)
	}
	authority, err := checkSigner(t, e.Roots)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	return &Info{t.Info.Time, t.Info.Policy, t.Info.Serial, authority}, nil
}

func checkSigner(t *cms.Token, roots *x509.CertPool) (*x509.Certificate, error) {
	cert, err := t.Certificate()
	if err != nil {
		return nil, err
	}
	if t.Signer.Digest == crypto.SHA1 || t.Signer.Digest == crypto.MD5 {
		return nil, errors.New("want a digest algorithm that is not broken")
	}
	if err := t.Check(cert); err != nil {
		return nil, err
	}
	if !cms.IsTimestampAuthority(cert) {
		return nil, errors.New("want a certificate for time stamping alone")
	}
	between := x509.NewCertPool()
	for _, other := range t.Message.Certificates {
		between.AddCert(other)
	}
	if roots == nil { // crypto/x509 would take the system's
		roots = x509.NewCertPool()
	}
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: t.Info.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	return cert, err
}
