package read

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"time"

	"github.com/motcua/motcua/qr"
)

// Scheme is a family of codes.
type Scheme string

// The schemes.
const (
	HCERT    Scheme = "hcert"     // EU Digital COVID Certificate and what was built on it
	SHC      Scheme = "shc"       // SMART Health Card
	Claim169 Scheme = "claim-169" // MOSIP identity code
)

// Document is what a code says, as far as it could be read. Nothing in it is proven before [Document.VerifiedBy] says so.
type Document struct {
	Scheme Scheme
	// Issuer is who the code says has issued it; KeyID the hint at his key.
	Issuer string
	KeyID  []byte
	// IssuedAt, NotBefore and Expires are zero when the code does not say.
	IssuedAt, NotBefore, Expires time.Time

	algorithm string
	message   []byte // what is signed
	signature []byte
	contents  any
}

// Reveal returns the contents as JSON. They are personal data.
func (d *Document) Reveal() ([]byte, error) { return json.Marshal(d.contents) }

// Algorithm names the signature's algorithm: "ES256", "PS256" or "EdDSA"; empty when the code is not signed.
func (d *Document) Algorithm() string { return d.algorithm }

// String names the scheme only.
func (d Document) String() string { return "read.Document(" + string(d.Scheme) + ")" }

// Format keeps the contents out of fmt, whatever the verb.
func (d Document) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, d.String()) }

// LogValue keeps the contents out of logs.
func (d Document) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalJSON keeps the contents out of JSON.
func (d Document) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// VerifiedBy reports whether the key has signed the document: an ECDSA key on P-256 for ES256, an RSA key of at least 2048
// bits for PS256, an Ed25519 key for EdDSA. A key of another kind has not.
func (d *Document) VerifiedBy(key crypto.PublicKey) bool {
	sum := sha256.Sum256(d.message)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if d.algorithm != "ES256" || key.Curve != elliptic.P256() || len(d.signature) != 64 {
			return false
		}
		r, s := new(big.Int).SetBytes(d.signature[:32]), new(big.Int).SetBytes(d.signature[32:])
		return ecdsa.Verify(key, sum[:], r, s)
	case *rsa.PublicKey:
		return d.algorithm == "PS256" && key.N.BitLen() >= 2048 &&
			rsa.VerifyPSS(key, crypto.SHA256, sum[:], d.signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	case ed25519.PublicKey:
		return d.algorithm == "EdDSA" && len(d.signature) == ed25519.SignatureSize && ed25519.Verify(key, d.message, d.signature)
	}
	return false
}

// InForce reports whether a time lies between the times the document states.
func (d *Document) InForce(at time.Time) bool {
	return !at.Before(d.NotBefore) && (d.Expires.IsZero() || at.Before(d.Expires))
}

func broken(layer, rule string, err error) error {
	return &qr.InvalidError{Field: layer, Rule: rule, Err: err}
}
