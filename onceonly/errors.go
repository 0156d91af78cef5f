package onceonly

import (
	"errors"
	"fmt"
)

// Errors the caller branches on.
var (
	// ErrRequest means the lookup was refused before anything was written or sent. It comes as *RequestError.
	ErrRequest = errors.New("onceonly: request refused")
	// ErrNotRecorded means the journal did not take an intent or an outcome, so nothing was asked or nothing is handed
	// out. It comes as *RecordError.
	ErrNotRecorded = errors.New("onceonly: not recorded")
	// ErrRepeated means the command key was used before. What was fetched then is not kept; a lookup that is to ask
	// again takes a new key. It comes as *RepeatedError.
	ErrRepeated = errors.New("onceonly: command carried out before")
)

// RequestError names the part of a request and the rule it breaks. It never quotes personal data.
type RequestError struct {
	Field string // "purpose", "basis", "consent", "fields", "source", "procedure", "dossier", "actor", "subject" …
	Rule  string // short key of the rule: "missing", "allowed" …
	Name  Field  // the field of the lookup in question, if it is about one
	Err   error
}

func (e *RequestError) Error() string {
	text := fmt.Sprintf("onceonly: %s: %s", e.Field, messageOf(e.Code()).rule)
	if e.Name != "" {
		text += ": " + string(e.Name)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause, if there is one.
func (e *RequestError) Unwrap() error { return e.Err }

// Is makes the error one with [ErrRequest].
func (e *RequestError) Is(target error) bool { return target == ErrRequest }

// Code returns the stable key of the rule: "lookup.fields.allowed".
func (e *RequestError) Code() string { return "lookup." + e.Field + "." + e.Rule }

// Text says in plain words what to do: in English for "en", in Vietnamese for everything else.
func (e *RequestError) Text(lang string) string {
	var inner interface{ Text(lang string) string }
	if errors.As(e.Err, &inner) {
		return inner.Text(lang)
	}
	text := messageOf(e.Code()).text(lang)
	if e.Name != "" {
		text += " (" + e.Name.Text(lang) + ")"
	}
	return text
}

// RecordError says which record the journal did not take. With step "outcome" the register was asked, and the open
// intent stays visible ([Broker.Open]).
type RecordError struct {
	Step string // "intent", "outcome", "reading"
	Err  error
}

func (e *RecordError) Error() string { return fmt.Sprintf("onceonly: record %s: %v", e.Step, e.Err) }

// Unwrap returns the journal's error.
func (e *RecordError) Unwrap() error { return e.Err }

// Is makes the error one with [ErrNotRecorded].
func (e *RecordError) Is(target error) bool { return target == ErrNotRecorded }

// Code returns the stable key: "record.intent".
func (e *RecordError) Code() string { return "record." + e.Step }

// Text says in plain words what to do: in English for "en", in Vietnamese for everything else.
func (e *RecordError) Text(lang string) string { return messageOf(e.Code()).text(lang) }

// RepeatedError names the lookup that the command key began.
type RepeatedError struct{ Lookup string }

func (e *RepeatedError) Error() string {
	return fmt.Sprintf("onceonly: lookup %s: command carried out before", e.Lookup)
}

// Is makes the error one with [ErrRepeated].
func (e *RepeatedError) Is(target error) bool { return target == ErrRepeated }

// Code returns the stable key: "lookup.command.repeated".
func (e *RepeatedError) Code() string { return "lookup.command.repeated" }

// Text says in plain words what to do: in English for "en", in Vietnamese for everything else.
func (e *RepeatedError) Text(lang string) string { return messageOf(e.Code()).text(lang) }
