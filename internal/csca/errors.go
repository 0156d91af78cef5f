package csca

import "errors"

// Kinds of failure. Errors of this package wrap one of them.
var (
	ErrFormat    = errors.New("csca: malformed")
	ErrKey       = errors.New("csca: the key cannot be used")
	ErrSignature = errors.New("csca: the signature does not fit the key")
)

// Error says which rule is broken.
type Error struct {
	Kind error
	Rule string
	Err  error
}

func (e *Error) Error() string { return e.Kind.Error() + ": want " + e.Rule }

// Unwrap returns the kind and, if there is one, the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

func fail(rule string) error { return &Error{Kind: ErrFormat, Rule: rule} }
