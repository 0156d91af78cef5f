package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"crypto/ed25519"

	"golang.org/x/mod/sumdb/note"

	"github.com/motcua/motcua/journal"
)

// maxNote bounds a signed checkpoint; one with a few witnesses has half a kilobyte.
const maxNote = 16 << 10

// timeLayout is the time in the checkpoint's extension line.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// Checkpoint is a verified statement of a log: with so many records, the tree had this root. Only [Verifier.Checkpoint]
// and what builds on it make one; the zero value is none.
type Checkpoint struct {
	origin    string
	size      int64
	root      journal.Hash
	at        time.Time
	note      []byte
	witnesses []Cosignature
}

// Cosignature says that a witness saw the checkpoint, and when.
type Cosignature struct {
	Key Key
	At  time.Time
}

// Origin names the log.
func (c Checkpoint) Origin() string { return c.origin }

// Size is the number of records covered.
func (c Checkpoint) Size() int64 { return c.size }

// Root is the root of the tree over them, RFC 6962, 2.1.
func (c Checkpoint) Root() journal.Hash { return c.root }

// At is when the log signed, by its own clock, in UTC.
func (c Checkpoint) At() time.Time { return c.at }

// Note returns the signed note: what to store, publish and verify again.
func (c Checkpoint) Note() []byte { return bytes.Clone(c.note) }

// Witnesses returns the cosignatures of the witnesses that the verifier knows.
func (c Checkpoint) Witnesses() []Cosignature { return slices.Clone(c.witnesses) }

// IsZero reports whether there is no checkpoint.
func (c Checkpoint) IsZero() bool { return c.note == nil }

// String names the checkpoint without its signature.
func (c Checkpoint) String() string {
	return c.origin + " " + strconv.FormatInt(c.size, 10) + " " + c.root.String()
}

// same reports whether both say the same of the same log, whoever else has signed.
func (c Checkpoint) same(d Checkpoint) bool {
	return c.origin == d.origin && c.size == d.size && c.root == d.root && c.at.Equal(d.at)
}

// text is what is signed: C2SP tlog-checkpoint with the extension line "time".
func (c Checkpoint) text() string {
	return c.origin + "\n" + strconv.FormatInt(c.size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.root[:]) +
		"\ntime " + c.at.UTC().Format(timeLayout) + "\n"
}

// parseText reads the signed text. Extension lines behind ours are signed too, and left alone.
func parseText(text string) (Checkpoint, error) {
	bad := func(why string) (Checkpoint, error) {
		return Checkpoint{}, finding(ErrMalformed, "note", errors.New(why))
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 5 {
		return bad("want origin, size, root and time")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return bad("want the size as a decimal number")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(journal.Hash{}) {
		return bad("want the root as 32 bytes in base64")
	}
	stated, ok := strings.CutPrefix(lines[3], "time ")
	at, err := time.Parse(timeLayout, stated)
	if !ok || err != nil {
		return bad("want the time behind the root")
	}
	return Checkpoint{origin: lines[0], size: size, root: journal.Hash(root), at: at}, nil
}

// signCheckpoint returns the note with the log's signature alone.
func signCheckpoint(c Checkpoint, s *Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.text()}, noteSigner{s, time.Time{}})
}

// noteSigner makes a Signer a signer of notes: as a log, or with a time as a witness (C2SP tlog-cosignature).
type noteSigner struct {
	*Signer
	at time.Time
}

func (s noteSigner) key() Key {
	if s.at.IsZero() {
		return s.Key()
	}
	return s.WitnessKey()
}

func (s noteSigner) Name() string    { return s.name }
func (s noteSigner) KeyHash() uint32 { return s.key().id() }

func (s noteSigner) Sign(text []byte) ([]byte, error) {
	if s.at.IsZero() {
		return s.sign(text)
	}
	seconds := uint64(s.at.Unix())
	signature, err := s.sign(cosigned(seconds, text))
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint64(nil, seconds), signature...), nil
}

// cosigned is what a witness signs.
func cosigned(seconds uint64, text []byte) []byte {
	head := "cosignature/v1\ntime " + strconv.FormatUint(seconds, 10) + "\n"
	return append([]byte(head), text...)
}

// noteVerifier makes a Key a verifier of notes.
type noteVerifier struct{ Key }

func (v noteVerifier) KeyHash() uint32 { return v.id() }

func (v noteVerifier) Verify(text, signature []byte) bool {
	if v.kind == kindLog {
		return ed25519.Verify(v.public[:], text, signature)
	}
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(v.public[:], cosigned(binary.BigEndian.Uint64(signature), text), signature[8:])
}
