package pki

import (
	"errors"
	"fmt"
)

// Kinds of failure, wrapped in the errors of this package.
var (
	ErrFormat    = errors.New("pki: malformed")
	ErrSignature = errors.New("pki: signature does not fit")
	ErrRefused   = errors.New("pki: the responder gives no answer")
)

func malformed(rule string) error { return fmt.Errorf("%w: want %s", ErrFormat, rule) }
