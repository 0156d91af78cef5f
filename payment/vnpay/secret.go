package vnpay

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"log/slog"

	"github.com/motcua/motcua/payment"
)

// Secret is a terminal's hash secret (vnp_HashSecret). It shows itself nowhere. The zero value is no secret.
type Secret struct{ key string }

// ParseSecret takes a secret of 8 to 256 bytes. VNPAY issues 32 characters.
func ParseSecret(s string) (Secret, error) {
	if len(s) < 8 || len(s) > 256 {
		return Secret{}, &payment.InvalidError{Field: "secret", Rule: "8 to 256 bytes"}
	}
	return Secret{s}, nil
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.key == "" }

// String hides the secret.
func (s Secret) String() string { return "vnpay.Secret(hidden)" }

// Format hides the secret from every verb of fmt.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue hides the secret from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// sign returns the HMAC-SHA512 of text in lower-case hexadecimal.
func (s Secret) sign(text string) string {
	sum := s.sum(text)
	return hex.EncodeToString(sum[:])
}

// verify compares a received signature, in either case of hexadecimal, in constant time.
func (s Secret) verify(text, signature string) bool {
	var got [sha512.Size]byte
	if s.IsZero() || len(signature) != hex.EncodedLen(len(got)) {
		return false
	}
	if _, err := hex.Decode(got[:], []byte(signature)); err != nil {
		return false
	}
	want := s.sum(text)
	return hmac.Equal(want[:], got[:])
}

func (s Secret) sum(text string) (sum [sha512.Size]byte) {
	mac := hmac.New(sha512.New, []byte(s.key))
	mac.Write([]byte(text))
	mac.Sum(sum[:0])
	return sum
}
