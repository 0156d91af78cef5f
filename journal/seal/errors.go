package seal

import (
	"errors"
	"fmt"
)

// Errors a [KeyStore] answers with.
var (
	// ErrErased means the key was destroyed, and with it what it had sealed.
	ErrErased = errors.New("seal: key destroyed")
	// ErrNoKey means the key store has never heard of the key: it is another store, or a part of it is missing.
	ErrNoKey = errors.New("seal: no such key")
)

// InvalidError names the part of the input that breaks a rule. It never quotes the value.
type InvalidError struct {
	Field string
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string { return fmt.Sprintf("seal: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// KeyError says what could not be done with which key, and why. errors.Is(err, [ErrNoKey]) tells a missing key.
type KeyError struct {
	Act string // "make", "read", "unwrap", "destroy", "rewrap"
	ID  KeyID  // zero when it is not known
	Err error
}

func (e *KeyError) Error() string {
	if e.ID == (KeyID{}) {
		return fmt.Sprintf("seal: %s key: %v", e.Act, e.Err)
	}
	return fmt.Sprintf("seal: %s key %s: %v", e.Act, e.ID, e.Err)
}

// Unwrap returns the cause.
func (e *KeyError) Unwrap() error { return e.Err }

func keyError(act string, id KeyID, err error) error {
	if err == nil || errors.Is(err, ErrErased) {
		return err
	}
	if _, ok := errors.AsType[*KeyError](err); ok {
		return err
	}
	return &KeyError{Act: act, ID: id, Err: err}
}
