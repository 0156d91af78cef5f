package pdf

import (
	"errors"
	"fmt"
)

// Kinds of failure, wrapped in [Error].
var (
	ErrSyntax      = errors.New("pdf: malformed file")
	ErrEncrypted   = errors.New("pdf: file is encrypted")
	ErrUnsupported = errors.New("pdf: feature not supported")
	ErrLimit       = errors.New("pdf: limit exceeded")
)

// Error says what was wanted where.
type Error struct {
	Kind   error
	Offset int64 // in the file, -1 when it is not about one place
	Rule   string
	Err    error
}

func (e *Error) Error() string {
	if e.Offset < 0 {
		return fmt.Sprintf("%v: want %s", e.Kind, e.Rule)
	}
	return fmt.Sprintf("%v: offset %d: want %s", e.Kind, e.Offset, e.Rule)
}

// Unwrap returns the kind and, if there is one, the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

func syntax(offset int64, rule string) error {
	return &Error{Kind: ErrSyntax, Offset: offset, Rule: rule}
}

func limit(offset int64, rule string) error {
	return &Error{Kind: ErrLimit, Offset: offset, Rule: rule}
}
