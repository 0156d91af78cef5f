package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/motcua/motcua/internal/canon"
)

// Fact is something that happened, as the caller hands it over.
type Fact struct {
	// Kind says what happened, in the past tense: "dossier.accepted".
	Kind string
	// Actor is the pseudonym of who did it: an officer's, citizen's or system's identifier, never a personal number.
	Actor string
	// At is when it happened. The journal keeps microseconds, in UTC.
	At time.Time
	// Body is a canonical JSON object (RFC 8785, integers only) without personal data; [EncodeBody] makes one.
	Body []byte
	// Private is the half of the fact that may hold personal data of Subject; nil when there is none.
	Private []byte
	// Subject is the pseudonym of the person Private is about. Required with Private.
	Subject string
	// Command makes the append idempotent. Only the first fact of an append carries one, and it covers them all.
	Command Command
	// Keys, when not nil, replace the keys under which [Journal.Find] finds the stream. An empty slice removes them.
	Keys []Key
}

// Command is a client's idempotency key and a digest of what it asked for. The zero value is no command.
type Command struct {
	Key string
	Sum Hash
}

// NewCommand digests the parts of a request (act, input, actor …) beside the client's key. What differs between two
// tries of one request, such as the time, stays out.
func NewCommand(key string, parts ...[]byte) Command {
	h := sha256.New()
	var length [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write(part)
	}
	return Command{Key: key, Sum: Hash(h.Sum(nil))}
}

// EncodeBody returns the canonical form of v.
func EncodeBody(v any) ([]byte, error) {
	body, err := canon.Marshal(v)
	if err != nil {
		return nil, &InvalidError{Field: "body", Rule: "canonical JSON", Err: err}
	}
	return body, nil
}

// Hash is a SHA-256 digest.
type Hash [sha256.Size]byte

// String returns the digest in lower-case hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(h) {
		return fmt.Errorf("journal: hash: want %d hexadecimal digits", 2*len(h))
	}
	copy(h[:], raw)
	return nil
}

// Record is a fact that has been written.
type Record struct {
	// Position is the record's place in the whole journal, growing in commit order, with or without gaps.
	Position int64
	Stream   Stream
	// Seq is the record's place in its stream: 1, 2, 3 …
	Seq int64
	// Part is the fact's place in its append, from 0.
	Part int
	Fact
	// Prev is the hash of the stream's record before this one, zero for the first.
	Prev Hash
	// Hash covers everything above but Position; of Private it covers the digest.
	Hash Hash
	// Sealed is the private half as it is stored, when journal/seal has opened it or could not open it any more. No
	// driver sets it. The hash covers it in the place of Private, so that a record holds whoever reads it.
	Sealed []byte
}

// IsErased reports whether the fact had a private half whose key has been destroyed.
func (r *Record) IsErased() bool { return r.Sealed != nil && r.Private == nil }

// hashDomain separates this digest from every other use of SHA-256. Changing the encoding needs another domain.
const hashDomain = "motcua journal record v1\n"

// PrivateSum is the digest of the private half as it is stored, which is all that the record's hash covers of it.
func (r *Record) PrivateSum() Hash {
	if r.Sealed != nil {
		return sha256.Sum256(r.Sealed)
	}
	return sha256.Sum256(r.Private)
}

// Digest computes the record's hash from its contents.
func (r *Record) Digest() Hash { return r.DigestWith(r.PrivateSum()) }

// DigestWith computes the record's hash with private in the place of PrivateSum: for somebody who may see the record but
// not its private half.
func (r *Record) DigestWith(private Hash) Hash {
	b := make([]byte, 0, 512+len(r.Body))
	b = append(b, hashDomain...)
	b = append(b, r.Prev[:]...)
	b = appendText(b, r.Stream.name)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Part))
	b = appendText(b, r.Kind)
	b = appendText(b, r.Actor)
	b = binary.BigEndian.AppendUint64(b, uint64(r.At.UnixMicro()))
	b = appendText(b, string(r.Body))
	b = appendText(b, r.Subject)
	b = append(b, private[:]...)
	b = appendText(b, r.Command.Key)
	b = append(b, r.Command.Sum[:]...)
	b = appendKeys(b, r.Keys)
	return sha256.Sum256(b)
}

func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}
