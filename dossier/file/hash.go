package file

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is the SHA-256 of a file's content, the name it is stored under. Its zero value names nothing.
type Hash struct {
	hex string
}

// ParseHash reads 64 lower-case hexadecimal digits. Error: *[InvalidError].
func ParseHash(s string) (Hash, error) {
	if len(s) != 2*sha256.Size {
		return Hash{}, &InvalidError{Field: "hash", Rule: "64 hexadecimal digits"}
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return Hash{}, &InvalidError{Field: "hash", Rule: "lower-case hexadecimal digits"}
		}
	}
	return Hash{s}, nil
}

// String returns the 64 digits.
func (h Hash) String() string { return h.hex }

// MarshalText writes the 64 digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.hex), nil }

// UnmarshalText is [ParseHash].
func (h *Hash) UnmarshalText(text []byte) error {
	parsed, err := ParseHash(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

func hashOf(sum []byte) Hash { return Hash{hex.EncodeToString(sum)} }

// Ref is what a dossier keeps of a file. It holds no personal data.
type Ref struct {
	Hash Hash  `json:"hash"`
	Size int64 `json:"size"` // bytes
	Type Type  `json:"type"`
}
