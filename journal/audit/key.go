package audit

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Types of key in C2SP signed-note: they keep a log's signatures and a witness's apart, even under one key pair.
const (
	kindLog     = 1 // Ed25519
	kindWitness = 4 // Ed25519 cosignature/v1
)

const maxName = 200

// Key is the public key of a log or a witness, with its name. The zero value is none.
type Key struct {
	name   string
	kind   byte
	public [ed25519.PublicKeySize]byte
}

// ParseKey reads a verifier key of C2SP signed-note: name, '+', eight hexadecimal digits, '+', base64.
func ParseKey(text string) (Key, error) {
	bad := func(why string) (Key, error) { return Key{}, finding(ErrMalformed, "key", errors.New(why)) }
	name, rest, _ := strings.Cut(text, "+")
	digits, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case !isName(name):
		return bad("want a name without space and plus sign")
	case err != nil || len(raw) != 1+ed25519.PublicKeySize:
		return bad("want 33 bytes in base64")
	case raw[0] != kindLog && raw[0] != kindWitness:
		return bad("want an Ed25519 key of a log or a witness")
	}
	k := Key{name: name, kind: raw[0], public: [ed25519.PublicKeySize]byte(raw[1:])}
	if digits != fmt.Sprintf("%08x", k.id()) || k.String() != text {
		return bad("the key's hash does not fit")
	}
	return k, nil
}

// Name returns the name of the key: for a log, its origin.
func (k Key) Name() string { return k.name }

// IsWitness reports whether the key is a witness's, which says "seen then" and not "mine".
func (k Key) IsWitness() bool { return k.kind == kindWitness }

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.kind == 0 }

// String returns the text that ParseKey reads; the key is public.
func (k Key) String() string {
	if k.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s+%08x+%s", k.name, k.id(), base64.StdEncoding.EncodeToString(k.encoded()))
}

func (k Key) encoded() []byte { return append([]byte{k.kind}, k.public[:]...) }

// id is the key hash of C2SP signed-note.
func (k Key) id() uint32 {
	sum := sha256.Sum256(append([]byte(k.name+"\n"), k.encoded()...))
	return binary.BigEndian.Uint32(sum[:])
}

// isName is the rule of C2SP signed-note, with a bound.
func isName(name string) bool {
	return name != "" && len(name) <= maxName && utf8.ValidString(name) && !strings.Contains(name, "+") &&
		strings.IndexFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) < 0
}

// Signer signs checkpoints, as a log or as a witness. It never shows its key.
type Signer struct {
	name string
	key  crypto.Signer
}

// NewSigner wraps an Ed25519 key that may live elsewhere, such as in an HSM. The name is the log's origin or the
// witness's name: a URL without a scheme that the agency owns, such as "motcua.example.vn/so-theo-doi".
func NewSigner(name string, key crypto.Signer) (*Signer, error) {
	if !isName(name) {
		return nil, finding(ErrMalformed, "key", errors.New("want a name without space and plus sign"))
	}
	if key == nil {
		return nil, finding(ErrMalformed, "key", errors.New("want a key"))
	}
	if public, ok := key.Public().(ed25519.PublicKey); !ok || len(public) != ed25519.PublicKeySize {
		return nil, finding(ErrMalformed, "key", errors.New("want an Ed25519 key"))
	}
	return &Signer{name, key}, nil
}

// NewSecret makes a key and returns it in the text that [ParseSigner] reads. It is a secret.
func NewSecret(name string) (string, error) {
	if !isName(name) {
		return "", finding(ErrMalformed, "key", errors.New("want a name without space and plus sign"))
	}
	secret, _, err := note.GenerateKey(rand.Reader, name)
	return secret, err
}

// ParseSigner reads a signer key as Go's signed notes write it: "PRIVATE+KEY+", name, hash and base64.
func ParseSigner(secret string) (*Signer, error) {
	body, ok := strings.CutPrefix(secret, "PRIVATE+KEY+")
	name, rest, _ := strings.Cut(body, "+")
	digits, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || !isName(name) || len(raw) != 1+ed25519.SeedSize || raw[0] != kindLog {
		return nil, finding(ErrMalformed, "key", errors.New("want a private key of a signed note"))
	}
	s := &Signer{name, ed25519.NewKeyFromSeed(raw[1:])}
	if digits != fmt.Sprintf("%08x", s.Key().id()) {
		return nil, finding(ErrMalformed, "key", errors.New("the key's hash does not fit"))
	}
	return s, nil
}

// Key returns the key under which others verify this signer's checkpoints as a log.
func (s *Signer) Key() Key { return s.as(kindLog) }

// WitnessKey returns the key under which others verify this signer's cosignatures as a witness.
func (s *Signer) WitnessKey() Key { return s.as(kindWitness) }

func (s *Signer) as(kind byte) Key {
	return Key{s.name, kind, [ed25519.PublicKeySize]byte(s.key.Public().(ed25519.PublicKey))}
}

// String names the signer and hides its key.
func (s *Signer) String() string { return "signer " + s.name }

// GoString hides the key from %#v.
func (s *Signer) GoString() string { return s.String() }

// Format hides the key from every verb.
func (s *Signer) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue hides the key from logs.
func (s *Signer) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the key from JSON.
func (s *Signer) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Signer) sign(message []byte) ([]byte, error) {
	signature, err := s.key.Sign(rand.Reader, message, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("audit: sign: %w", err)
	}
	return signature, nil
}
