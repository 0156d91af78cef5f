package identity

import "errors"

// ErrMismatch means two statements about one person contradict each other. *InvalidError is one with it when the rule
// is such a comparison.
var ErrMismatch = errors.New("identity: statements contradict each other")

// InvalidError names the field and the rule it breaks. It never quotes the value, which may be personal data.
type InvalidError struct {
	Field string // "personid", "taxcode", "phone", "name", "birthdate", "pseudonym", "subject" …
	Rule  string // short key of the rule, such as "digits" or "checkdigit"
}

func (e *InvalidError) Error() string {
	return "identity: " + e.Field + ": " + messageOf(e.Code()).rule
}

// Code returns the stable key of the rule, such as "personid.birthyear".
func (e *InvalidError) Code() string { return e.Field + "." + e.Rule }

// Text says in plain words what to do: in English for "en", in Vietnamese for everything else.
func (e *InvalidError) Text(lang string) string { return messageOf(e.Code()).text(lang) }

// Is makes the error one with [ErrMismatch] when the rule compares two statements.
func (e *InvalidError) Is(target error) bool {
	return target == ErrMismatch && messageOf(e.Code()).mismatch
}

// Finding is a remark that does not make a value invalid, such as a place code the table does not know yet.
type Finding struct {
	Field string
	Rule  string
}

// Code returns the stable key of the finding.
func (f Finding) Code() string { return f.Field + "." + f.Rule }

// Text says what was found: in English for "en", in Vietnamese for everything else.
func (f Finding) Text(lang string) string { return messageOf(f.Code()).text(lang) }
