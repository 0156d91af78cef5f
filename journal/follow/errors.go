package follow

import (
	"errors"
	"fmt"

	"github.com/motcua/motcua/journal"
)

// Errors the caller branches on.
var (
	// ErrLost is the cause of a handler's cancelled context when another worker has taken the lease over.
	ErrLost = errors.New("follow: lease lost")
	// ErrUnmoved is reported when a timer's handler was content and its stream is still due.
	ErrUnmoved = errors.New("follow: the stream is still due")
	// ErrClogged is reported when too many streams of a partition are parked to go on.
	ErrClogged = errors.New("follow: too many streams are parked")
	// ErrCrashed is what a record is parked with that was being handled each time a worker vanished.
	ErrCrashed = errors.New("follow: the worker vanished while handling it")
)

// InvalidError names the part of the input that breaks a rule. It never quotes the value.
type InvalidError struct {
	Field string
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string { return fmt.Sprintf("follow: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// FailureError says that a handler did not manage one record, or one timer. Its text leaves the cause out, which may
// hold personal data.
type FailureError struct {
	Name     string // of the follower
	Stream   journal.Stream
	Seq      int64
	Position int64
	Attempts int
	Dead     bool // it is a dead letter now
	Err      error
}

func (e *FailureError) Error() string {
	end := ""
	if e.Dead {
		end = ", given up"
	}
	return fmt.Sprintf("follow: %s: %q no. %d: failed %d time(s)%s", e.Name, e.Stream, e.Seq, e.Attempts, end)
}

// Unwrap returns the cause.
func (e *FailureError) Unwrap() error { return e.Err }

// PanicError is what a handler's panic becomes; it counts as a failure.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return "follow: handler panicked" }

// Code is what a letter of a panic is marked with.
func (e *PanicError) Code() string { return "follow.panic" }

// Permanent marks an error that no further try will cure: the record is a dead letter at once.
func Permanent(err error) error { return &marked{err, true} }

// Later marks an error that is not the record's: a system that everybody needs is away. The follower waits and shows
// the same record again; nothing is parked and nothing counted.
func Later(err error) error { return &marked{err, false} }

type marked struct {
	err       error
	permanent bool
}

func (m *marked) Error() string { return fmt.Sprint(m.err) }

// Unwrap returns the error that was marked.
func (m *marked) Unwrap() error { return m.err }

func isPermanent(err error) bool {
	m, ok := errors.AsType[*marked](err)
	return ok && m.permanent
}

func isLater(err error) bool {
	m, ok := errors.AsType[*marked](err)
	return ok && !m.permanent
}

// codeOf returns the stable key of an error that has one.
func codeOf(err error) string {
	if errors.Is(err, ErrCrashed) {
		return "follow.crashed"
	}
	if coder, ok := errors.AsType[interface {
		error
		Code() string
	}](err); ok {
		if code := coder.Code(); isName(code) {
			return code
		}
	}
	return ""
}
