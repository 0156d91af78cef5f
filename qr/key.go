package qr

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// KeyID is the hint by which a code names its key: the first 8 bytes of the SHA-256 of the public key
// (SubjectPublicKeyInfo). Two keys may share one; a verifier tries them all.
type KeyID [8]byte

// String returns 16 hexadecimal digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText implements encoding.TextMarshaler.
func (id KeyID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// The algorithms of codes and lists, by their COSE numbers (RFC 9053, tables 1 and 2).
const (
	algES256 = -7
	algEdDSA = -8
)

// The heads of a SubjectPublicKeyInfo (RFC 5480, RFC 8410). There are two kinds of key and one encoding of each, so a
// certificate library is not needed to read and write them.
const (
	spkiP256 = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01" +
		"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"
	spkiEd25519 = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
)

// verifyKey is a public key made ready.
type verifyKey struct {
	alg   int64
	id    KeyID
	spki  []byte
	ecdsa *ecdsa.PublicKey
	ed    ed25519.PublicKey
}

// newVerifyKey takes ECDSA P-256 and Ed25519 keys and no others.
func newVerifyKey(public crypto.PublicKey) (*verifyKey, error) {
	k := &verifyKey{}
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		if p == nil || p.Curve != elliptic.P256() {
			return nil, &InvalidError{Field: "key", Rule: "ECDSA on P-256, or Ed25519"}
		}
		point, err := p.Bytes()
		if err != nil {
			return nil, &InvalidError{Field: "key", Rule: "a point of P-256", Err: err}
		}
		k.alg, k.ecdsa, k.spki = algES256, p, append([]byte(spkiP256), point...)
	case ed25519.PublicKey:
		if len(p) != ed25519.PublicKeySize {
			return nil, &InvalidError{Field: "key", Rule: "an Ed25519 key of 32 bytes"}
		}
		k.alg, k.ed, k.spki = algEdDSA, p, append([]byte(spkiEd25519), p...)
	default:
		return nil, &InvalidError{Field: "key", Rule: "ECDSA on P-256, or Ed25519", Err: fmt.Errorf("%T", public)}
	}
	sum := sha256.Sum256(k.spki)
	k.id = KeyID(sum[:8])
	return k, nil
}

// parseVerifyKey reads a SubjectPublicKeyInfo.
func parseVerifyKey(spki []byte) (*verifyKey, error) {
	if point, ok := bytes.CutPrefix(spki, []byte(spkiP256)); ok {
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return nil, &InvalidError{Field: "key", Rule: "a point of P-256", Err: err}
		}
		return newVerifyKey(public)
	}
	if raw, ok := bytes.CutPrefix(spki, []byte(spkiEd25519)); ok {
		return newVerifyKey(ed25519.PublicKey(bytes.Clone(raw)))
	}
	return nil, &InvalidError{Field: "key", Rule: "the SubjectPublicKeyInfo of an ECDSA P-256 or Ed25519 key"}
}

func (k *verifyKey) public() crypto.PublicKey {
	if k.ecdsa != nil {
		return k.ecdsa
	}
	return k.ed
}

// verify checks a signature of 64 bytes whose form has been checked.
func (k *verifyKey) verify(alg int64, message, signature []byte) bool {
	switch {
	case alg != k.alg:
		return false
	case k.alg == algEdDSA:
		return ed25519.Verify(k.ed, message, signature)
	}
	digest := sha256.Sum256(message)
	var room [72]byte
	return ecdsa.VerifyASN1(k.ecdsa, digest[:], appendDER(room[:0], signature))
}
