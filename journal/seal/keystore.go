package seal

import "context"

// KeyStore keeps the data keys of subjects. It is the port for a vendor's own: a table beside the journal with a key
// management service as [Wrapper], or a device that does both. Its methods are safe for concurrent use, also by several
// processes on one store.
type KeyStore interface {
	// Current returns the key that facts about the subject are sealed under from now on, and makes one if there is none
	// or the last one has been destroyed. It returns a key only when that key is as durable as the journal.
	Current(ctx context.Context, subject string) (Key, error)
	// Key returns the subject's key of that ID. Errors: [ErrErased] when it was destroyed, [ErrNoKey] when the store has
	// never heard of it. A store that caches must still notice at once that another process has destroyed the key.
	Key(ctx context.Context, subject string, id KeyID) (Key, error)
	// Destroy makes every key of the subject unrecoverable, for good and durably, and remembers their IDs. A subject
	// without keys is no error, nor is one whose keys have been destroyed before.
	Destroy(ctx context.Context, subject string) error
}

// Wrapper encrypts data keys under a wrapping key that never leaves it: a device behind PKCS#11, a key management
// service, or a [Keyring]. What Unwrap gets back it must authenticate, and it must refuse another context than Wrap was
// given (additional authenticated data; "encryption context").
type Wrapper interface {
	// Wrap encrypts a data key of 32 bytes under the current wrapping key.
	Wrap(ctx context.Context, key, context []byte) ([]byte, error)
	// Unwrap decrypts what Wrap has returned, under any wrapping key that is not retired.
	Unwrap(ctx context.Context, wrapped, context []byte) ([]byte, error)
}

// Dater is a further ability of a [Wrapper]: [Dir.Rewrap] then leaves alone what needs no rewrapping, and a rotation
// that was broken off goes on where it stopped.
type Dater interface {
	// IsCurrent reports whether wrapped is under the current wrapping key.
	IsCurrent(wrapped []byte) bool
}
