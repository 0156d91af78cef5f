package journal

import (
	"errors"
	"fmt"
)

// Errors the caller branches on.
var (
	// ErrConflict means the stream has moved on: read it again and decide anew.
	ErrConflict = errors.New("journal: stream does not end where expected")
	// ErrCommandReused means the command key was used before for another request.
	ErrCommandReused = errors.New("journal: command key used for another request")
	// ErrBroken means stored records contradict themselves: somebody or something changed them.
	ErrBroken = errors.New("journal: chain broken")
)

// ConflictError says where the stream really ends. errors.Is(err, ErrConflict) holds.
type ConflictError struct {
	Stream Stream
	After  int64 // what the caller expected
	Head   int64 // what is there
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("journal: append to %q after %d: stream ends at %d", e.Stream, e.After, e.Head)
}

// Is makes the error one with ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// InvalidError names the part of the input that breaks a rule. It never quotes the value.
type InvalidError struct {
	Field string
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("journal: %s: want %s", e.Field, e.Rule)
}

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// BrokenError names the first record that contradicts the chain. errors.Is(err, ErrBroken) holds.
type BrokenError struct {
	Position int64 // 0 when the damage has no place among the records, such as an unreadable file
	Stream   string
	Seq      int64
	Rule     string // what does not hold: "hash", "previous hash", "sequence", "index" …
	Err      error
}

func (e *BrokenError) Error() string {
	if e.Position == 0 {
		return fmt.Sprintf("journal: %s does not hold", e.Rule)
	}
	return fmt.Sprintf("journal: position %d (%q no. %d): %s does not hold", e.Position, e.Stream, e.Seq, e.Rule)
}

// Is makes the error one with ErrBroken.
func (e *BrokenError) Is(target error) bool { return target == ErrBroken }

// Unwrap returns the cause, if there is one.
func (e *BrokenError) Unwrap() error { return e.Err }
