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

	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// MaxResponse bounds a response; a token with a chain has under 10 KiB.
const MaxResponse = 64 << 10

// OIDInfo is the content type of a token, id-ct-TSTInfo.
var OIDInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

var (
	oidSHA256      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimestamps  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

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
	algorithm := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(oidSHA256), asn1x.Encode(asn1x.Null))
	imprint := asn1x.Encode(asn1x.Sequence, algorithm, asn1x.Encode(asn1x.OctetString, digest))
	const boolean = 0x01
	return asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(big.NewInt(1)), imprint, asn1x.EncodeInt(nonce),
		asn1x.Encode(boolean, []byte{0xff})), nil
}

// Granted returns the token of a response that grants one.
func Granted(response []byte) ([]byte, error) {
	der, rest, err := asn1x.Normalize(response, asn1x.Limits{Size: MaxResponse})
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%w: want one TimeStampResp", ErrFormat)
	}
	outer, err := asn1x.Open(der).Take(asn1x.Sequence)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	c := asn1x.Open(outer.Body)
	info, err := c.Take(asn1x.Sequence)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	status, err := asn1x.Open(info.Body).Int()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if status != 0 && status != 1 { // granted, granted with modifications
		return nil, &RefusedError{status}
	}
	token, err := c.Take(asn1x.Sequence)
	if err != nil || c.End() != nil {
		return nil, fmt.Errorf("%w: want a token behind the status", ErrFormat)
	}
	return bytes.Clone(token.Full), nil
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
	m, rest, err := cms.Parse(token)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	case len(rest) > 0 || !m.ContentType.Equal(OIDInfo) || m.Content == nil || len(m.Signers) != 1:
		return nil, fmt.Errorf("%w: want one signed TSTInfo", ErrFormat)
	}
	stated, err := parseInfo(m.Content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if !bytes.Equal(stated.digest, e.Digest) {
		return nil, fmt.Errorf("%w: another digest", ErrMismatch)
	}
	if e.Nonce != nil && (stated.nonce == nil || stated.nonce.Cmp(e.Nonce) != 0) {
		return nil, fmt.Errorf("%w: another nonce", ErrMismatch)
	}
	if err := checkSigner(m, stated, e.Roots); err != nil {
		return nil, err
	}
	return &stated.Info, nil
}

func checkSigner(m *cms.Message, stated *info, roots *x509.CertPool) error {
	s := m.Signers[0]
	cert, err := m.Certificate(s)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	h := cms.NewHash(s.Digest)
	if h == nil || s.Digest == crypto.SHA1 {
		return fmt.Errorf("%w: digest algorithm too weak", ErrAuthority)
	}
	h.Write(m.Content)
	if err := s.CheckContent(OIDInfo, h.Sum(nil)); err != nil {
		return fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	if err := s.CheckSignature(cert); err != nil {
		return fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	if bound, err := s.CheckBinding(cert); err != nil || !bound {
		return fmt.Errorf("%w: want a signed reference to the certificate", ErrAuthority)
	}
	if !stampsOnly(cert) {
		return fmt.Errorf("%w: want a certificate for time stamping alone", ErrAuthority)
	}
	between := x509.NewCertPool()
	for _, other := range m.Certificates {
		between.AddCert(other)
	}
	if roots == nil { // crypto/x509 would take the system's
		roots = x509.NewCertPool()
	}
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: stated.At,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	stated.Authority = cert
	return nil
}

// stampsOnly reports whether the extended key usage is critical and names time stamping and nothing else.
func stampsOnly(cert *x509.Certificate) bool {
	for _, ext := range cert.Extensions {
		if !ext.Id.Equal(oidExtKeyUsage) {
			continue
		}
		var usages []asn1.ObjectIdentifier
		rest, err := asn1.Unmarshal(ext.Value, &usages)
		return err == nil && len(rest) == 0 && ext.Critical && len(usages) == 1 && usages[0].Equal(oidTimestamps)
	}
	return false
}
