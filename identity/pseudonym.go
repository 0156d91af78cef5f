package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
)

// Pseudonym stands for a party in journals, keys and logs: "p-" (person), "o-" (organisation) or "a-" (account) and
// 32 letters and digits. It is made by a [Pseudonymizer] and cannot be traced back without its key. It prints as it is.
type Pseudonym struct{ s string }

const pseudonymLen = 2 + 32

// ParsePseudonym reads back what [Pseudonym.String] wrote. Errors: *InvalidError.
func ParsePseudonym(s string) (Pseudonym, error) {
	if len(s) != pseudonymLen || s[1] != '-' || !strings.ContainsRune("poa", rune(s[0])) {
		return Pseudonym{}, &InvalidError{Field: "pseudonym", Rule: "form"}
	}
	for i := 2; i < len(s); i++ {
		if !strings.ContainsRune(pseudonymLetters, rune(s[i])) {
			return Pseudonym{}, &InvalidError{Field: "pseudonym", Rule: "form"}
		}
	}
	return Pseudonym{s}, nil
}

// String returns the pseudonym.
func (p Pseudonym) String() string { return p.s }

// IsZero reports whether p stands for nobody.
func (p Pseudonym) IsZero() bool { return p.s == "" }

// MarshalText returns the pseudonym.
func (p Pseudonym) MarshalText() ([]byte, error) { return []byte(p.s), nil }

// UnmarshalText reads a pseudonym; the empty text is the zero value.
func (p *Pseudonym) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Pseudonym{}
		return nil
	}
	parsed, err := ParsePseudonym(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// Pseudonymizer makes pseudonyms: HMAC-SHA-256 under a key of the application. A bare hash would be none, for all
// 12-digit numbers can be hashed in an afternoon. Keep the key apart from the journal: whoever holds both can trace,
// and destroying the key makes every pseudonym anonymous. It is safe for concurrent use.
type Pseudonymizer struct {
	mac func() hash.Hash // a closure, for fmt would print a key in a field
}

// NewPseudonymizer takes a secret key of at least 32 bytes. Errors: *InvalidError.
func NewPseudonymizer(key []byte) (*Pseudonymizer, error) {
	if len(key) < 32 {
		return nil, &InvalidError{Field: "pseudonym", Rule: "key"}
	}
	key = slices.Clone(key)
	return &Pseudonymizer{func() hash.Hash { return hmac.New(sha256.New, key) }}, nil
}

// Person returns the pseudonym of a natural person; the zero PersonID has the zero Pseudonym.
func (z *Pseudonymizer) Person(p PersonID) Pseudonym {
	if p.IsZero() {
		return Pseudonym{}
	}
	return z.mint('p', p.Reveal())
}

// Org returns the pseudonym of an organisation; the zero OrgID has the zero Pseudonym.
func (z *Pseudonymizer) Org(o OrgID) Pseudonym {
	if o.IsZero() {
		return Pseudonym{}
	}
	return z.mint('o', o.Reveal())
}

// Account returns the pseudonym of an account known only by its provider's issuer and subject: an officer, or a
// foreigner without a personal number. Either part empty gives the zero Pseudonym.
func (z *Pseudonymizer) Account(issuer, subject string) Pseudonym {
	if issuer == "" || subject == "" {
		return Pseudonym{}
	}
	return z.mint('a', issuer, subject)
}

// Format prints no part of the key.
func (z *Pseudonymizer) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "identity.Pseudonymizer")
}

const pseudonymLetters = "abcdefghijklmnopqrstuvwxyz234567"

func (z *Pseudonymizer) mint(kind byte, parts ...string) Pseudonym {
	mac := z.mac()
	_, _ = mac.Write([]byte("motcua pseudonym v1\n"))
	_, _ = mac.Write([]byte{kind})
	for _, part := range parts {
		_, _ = mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		_, _ = mac.Write([]byte(part))
	}
	encoding := base32.NewEncoding(pseudonymLetters).WithPadding(base32.NoPadding)
	return Pseudonym{string(kind) + "-" + encoding.EncodeToString(mac.Sum(nil)[:20])}
}
