package registry

import (
	"errors"
	"fmt"
	"time"
)

// Errors the caller branches on.
var (
	// ErrConflict is what a [Store] answers when a stream does not end where expected.
	ErrConflict = errors.New("registry: stream does not end where expected")
	// ErrFull means seven eighths of the list are taken: open the next one.
	ErrFull = errors.New("registry: list is full")
	// ErrUnknown means no code with that identifier is in the book.
	ErrUnknown = errors.New("registry: no such code")
	// ErrDuplicate means a code with that identifier is in the book already.
	ErrDuplicate = errors.New("registry: identifier is taken")
	// ErrState means the code cannot change that way: a revoked one stays revoked.
	ErrState = errors.New("registry: the code's status does not allow it")
)

// RateError says that an issue was refused because too many came before it. It is meant for the officer too.
type RateError struct {
	Limit  string
	Most   int
	Within time.Duration
}

func (e *RateError) Error() string {
	return fmt.Sprintf("registry: limit %q: more than %d codes within %v", e.Limit, e.Most, e.Within)
}

// Code returns "qr.registry.rate".
func (e *RateError) Code() string { return "qr.registry.rate" }

// Text says in Vietnamese, or with lang "en" in English, that issuing has been stopped.
func (e *RateError) Text(lang string) string {
	if lang == "en" {
		return "Too many codes were issued in a short time. Issuing is stopped until an administrator has looked into it."
	}
	return "Số mã được cấp trong thời gian ngắn vượt quá giới hạn. Việc cấp mã tạm dừng để người quản trị kiểm tra."
}

// InvalidError names the input that breaks a rule. It never quotes the value.
type InvalidError struct {
	Field string
	Rule  string
}

func (e *InvalidError) Error() string { return fmt.Sprintf("registry: %s: want %s", e.Field, e.Rule) }

// BrokenError means the book does not read as one that a registry has written.
type BrokenError struct {
	Stream string
	Seq    int64
	Rule   string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("registry: stream %s: record %d: want %s", e.Stream, e.Seq, e.Rule)
}
