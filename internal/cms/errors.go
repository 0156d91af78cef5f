package cms

import "errors"

// Kinds of failure. Each error of this package is an [Error] that wraps one of them.
var (
	ErrFormat     = errors.New("cms: not a well-formed signed message")
	ErrAttributes = errors.New("cms: signed attributes break the rules")
	ErrAlgorithm  = errors.New("cms: algorithm not supported")
	ErrNoSigner   = errors.New("cms: the signer's certificate is not in the message")
	ErrDigest     = errors.New("cms: the content is not what was signed")
	ErrSignature  = errors.New("cms: the signature value does not fit the key")
	ErrBinding    = errors.New("cms: the signed certificate reference names another certificate")
)

// Error says which rule a message breaks.
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

func fail(kind error, rule string) error { return &Error{Kind: kind, Rule: rule} }
