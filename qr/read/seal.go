package read

import (
	"crypto"
	"crypto/ecdsa"
	_ "crypto/sha256" // for SHA-224 and SHA-256
	_ "crypto/sha512" // for SHA-384 and SHA-512
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strconv"
	"time"
)

// Seal is a Visible Digital Seal (ICAO Doc 9303-13, BSI TR-03137 part 1), versions 3 and 4: what printed documents carry in
// a DataMatrix or QR symbol. It prints as nothing, for its features are personal data. Nothing in it is proven before
// [Seal.VerifiedBy] says so.
type Seal struct {
	Version int    // 3 or 4
	Country string // issuing country, as in machine-readable zones: "D"
	// Signer is country and authority: "DETS"; Certificate the reference of his certificate.
	Signer, Certificate string
	// Issued is the day of the document, Signed of the signature.
	Issued, Signed time.Time
	// Definition and Category tell which profile explains the features.
	Definition, Category byte
	Features             []Feature

	message   []byte
	signature []byte
}

// Feature is one datum of the message zone, by its tag in the profile.
type Feature struct {
	Tag   byte
	Value []byte
}

// Text reads the value as C40 text; false when it is none.
func (f Feature) Text() (string, bool) { return c40(f.Value) }

// Format keeps the value out of fmt.
func (f Feature) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "read.Feature(%d)", f.Tag) }

// Format keeps the features out of fmt.
func (s Seal) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "read.Seal("+s.Signer+")")
}

// LogValue keeps the features out of logs.
func (s Seal) LogValue() slog.Value { return slog.StringValue("read.Seal(" + s.Signer + ")") }

// MarshalText keeps the features out of JSON.
func (s Seal) MarshalText() ([]byte, error) { return []byte("read.Seal(" + s.Signer + ")"), nil }

const (
	sealMagic    = 0xDC
	signatureTag = 0xFF
)

// ParseSeal reads the bytes of a seal, as a symbol in byte mode holds them. Errors: *qr.InvalidError.
func ParseSeal(data []byte) (*Seal, error) {
	if len(data) > maxText {
		return nil, broken("seal", "what fits one symbol", nil)
	}
	r := &reader{data: data}
	s := &Seal{}
	if r.byte() != sealMagic {
		return nil, broken("seal.magic", "0xDC", nil)
	}
	switch r.byte() {
	case 2:
		s.Version = 3
	case 3:
		s.Version = 4
	default:
		return nil, broken("seal.version", "3 or 4", nil)
	}
	s.Country = r.text(2)
	s.readSigner(r)
	s.Issued, s.Signed = r.date(), r.date()
	s.Definition, s.Category = r.byte(), r.byte()
	s.readFeatures(r)
	if r.err != nil {
		return nil, r.err
	}
	if len(s.signature) == 0 || len(s.signature)%2 != 0 || len(r.data) != r.at || len(s.Features) == 0 {
		return nil, broken("seal", "features, then one signature, and nothing behind it", nil)
	}
	return s, nil
}

// readSigner reads nine characters in version 3; in version 4 the length of the certificate's reference stands before it,
// in hexadecimal.
func (s *Seal) readSigner(r *reader) {
	if s.Version == 3 {
		if text := r.text(6); len(text) == 9 {
			s.Signer, s.Certificate = text[:4], text[4:]
		} else {
			r.fail("seal.signer", "nine characters")
		}
		return
	}
	head, ok := c40(r.peek(4))
	if !ok || len(head) != 6 {
		r.fail("seal.signer", "four characters and a length")
		return
	}
	n, err := strconv.ParseUint(head[4:], 16, 8)
	if err != nil {
		r.fail("seal.signer", "a length in hexadecimal")
		return
	}
	text := r.text((6 + int(n) + 2) / 3 * 2)
	if r.err == nil && len(text) != 6+int(n) {
		r.fail("seal.signer", "a reference as long as it says")
		return
	}
	if r.err == nil {
		s.Signer, s.Certificate = text[:4], text[6:]
	}
}

func (s *Seal) readFeatures(r *reader) {
	for r.err == nil && r.at < len(r.data) {
		start := r.at
		tag := r.byte()
		value := r.take(r.length())
		if tag == signatureTag {
			s.message, s.signature = r.data[:start], value
			return
		}
		s.Features = append(s.Features, Feature{tag, value})
	}
}

// VerifiedBy reports whether an ECDSA key on P-224, P-256, P-384 or P-521 has signed the seal. Seals are often signed on
// Brainpool curves, which the standard library does not have: those are not verified here.
func (s *Seal) VerifiedBy(key crypto.PublicKey) bool {
	public, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return false
	}
	size := (public.Curve.Params().BitSize + 7) / 8
	hash, ok := map[int]crypto.Hash{28: crypto.SHA224, 32: crypto.SHA256, 48: crypto.SHA384, 66: crypto.SHA512}[size]
	if !ok || len(s.signature) != 2*size {
		return false
	}
	h := hash.New()
	h.Write(s.message)
	return ecdsa.Verify(public, h.Sum(nil), new(big.Int).SetBytes(s.signature[:size]), new(big.Int).SetBytes(s.signature[size:]))
}
