package dossier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"github.com/motcua/motcua/journal"
)

// ID is a dossier's opaque identifier inside the system: 26 letters and digits. It says nothing about the person and
// exists from the moment of filing, before a [Code] does. The zero value is none.
type ID struct{ text string }

const idAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

// NewID returns the identifier of the dossier that an applicant files with a client's command key. It is a digest of
// both, so that a filing sent twice finds the dossier of the first time.
func NewID(applicant, key string) ID {
	h := sha256.New()
	h.Write([]byte("motcua dossier id v1\n"))
	for _, part := range []string{applicant, key} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write([]byte(part))
	}
	enc := base32.NewEncoding(idAlphabet).WithPadding(base32.NoPadding)
	return ID{enc.EncodeToString(h.Sum(nil)[:16])}
}

// ParseID checks and returns an identifier. Errors: *[InvalidError].
func ParseID(s string) (ID, error) {
	if len(s) != 26 || strings.Trim(s, idAlphabet) != "" {
		return ID{}, &InvalidError{Field: "id", Rule: "26 letters and digits", Vi: "Đường dẫn đến hồ sơ không đúng."}
	}
	return ID{s}, nil
}

// IsZero reports whether id names no dossier.
func (id ID) IsZero() bool { return id.text == "" }

// String returns the identifier; ParseID reads it back.
func (id ID) String() string { return id.text }

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.text), nil }

// UnmarshalText reads an identifier; the empty text is the zero value.
func (id *ID) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	*id, err = ParseID(string(text))
	return err
}

// Stream names the dossier's facts in the journal.
func (id ID) Stream() (journal.Stream, error) { return journal.ParseStream("dossier/" + id.text) }

// commandSum digests a request under the application's secret. The digest outlives an erasure of the personal data in
// the request, and what a person writes can be guessed; without the secret the guess cannot be tested.
func commandSum(secret []byte, key string, parts ...[]byte) journal.Command {
	cmd := journal.NewCommand(key, parts...)
	if len(secret) > 0 {
		mac := hmac.New(sha256.New, secret)
		mac.Write(cmd.Sum[:])
		cmd.Sum = journal.Hash(mac.Sum(nil))
	}
	return cmd
}
