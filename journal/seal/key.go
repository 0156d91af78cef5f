package seal

import (
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
)

const (
	keySize   = 32 // AES-256
	keyIDSize = 16
	hidden    = "***"
)

// KeyID tells the data keys of one subject apart. It is random and says nothing about anybody.
type KeyID [keyIDSize]byte

// String returns the ID in lower-case hexadecimal.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// ParseKeyID reads what String has written.
func ParseKeyID(text string) (KeyID, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != keyIDSize || hex.EncodeToString(raw) != text {
		return KeyID{}, &InvalidError{Field: "key id", Rule: "32 lower-case hexadecimal digits"}
	}
	return KeyID(raw), nil
}

// Key is a subject's data key in clear, as a [KeyStore] hands it out. It prints as "***" everywhere.
type Key struct {
	id     KeyID
	secret [keySize]byte
}

// NewKey makes a key of 32 random bytes.
func NewKey(id KeyID, secret []byte) (Key, error) {
	if len(secret) != keySize || id == (KeyID{}) {
		return Key{}, &InvalidError{Field: "key", Rule: "an ID and 32 bytes"}
	}
	return Key{id, [keySize]byte(secret)}, nil
}

// ID returns the key's ID.
func (k Key) ID() KeyID { return k.id }

// Reveal returns the key itself.
func (k Key) Reveal() []byte { return k.secret[:] }

// String hides the key.
func (k Key) String() string { return hidden }

// Format hides the key from every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides the key from logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the key from encoders.
func (k Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }
