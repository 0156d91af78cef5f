package onceonly

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
)

// Source is a register, or the way to it. Its methods are safe for concurrent use.
type Source interface {
	// Describe says what the source is; the answer never changes.
	Describe() Description
	// Fetch asks the register once, by the query's request id. It returns soon after ctx ends, and never more fields
	// than asked. Any end but a good answer is a *SourceError.
	Fetch(ctx context.Context, query Query) (Evidence, error)
}

// Checker is a further ability of sources: to say before anything is written or sent that a query cannot be asked.
type Checker interface {
	// CheckQuery refuses a query the register's rules do not allow. Errors: *RequestError.
	CheckQuery(query Query) error
}

// Authenticator puts credentials on a request just before it leaves. Package auth has the dialects seen.
type Authenticator interface {
	Authenticate(ctx context.Context, req *http.Request) error
}

// Description says what a source is.
type Description struct {
	// Name is the register's key in answers and in the journal: "c06".
	Name string
	// Via is the platform the requests pass through: "ndxp", "ndop", "lgsp-…"; empty for a direct line.
	Via string
	// Fields are the fields the register holds.
	Fields []Field
}

// Query is one question to one register.
type Query struct {
	// RequestID is unique and at most 40 characters of A-Z and 2-7.
	RequestID string
	Subject   identity.Subject
	Fields    []Field
	Procedure string
	Dossier   string
	Purpose   Purpose
	Actor     Actor
}

// Evidence is a register's answer about exactly one person.
type Evidence struct {
	// Values holds at most the fields asked for; one that is absent or zero is not in the register.
	Values map[Field]Value
	// Asserted is the time the register states for its data (thời điểm dữ liệu); zero when it states none.
	Asserted time.Time
	// AnswerHash is the SHA-256 of the answer's bytes as received.
	AnswerHash journal.Hash
}

// SourceError is how asking a register failed. Err is for operators and never holds personal data.
type SourceError struct {
	Outcome Outcome
	// AnswerHash is the SHA-256 of the bytes received, zero if there were none.
	AnswerHash journal.Hash
	Err        error
}

func (e *SourceError) Error() string {
	text := "onceonly: source: " + string(e.Outcome.Kind)
	if e.Outcome.Ground != "" {
		text = fmt.Sprintf("%s (%s)", text, e.Outcome.Ground)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause, if there is one.
func (e *SourceError) Unwrap() error { return e.Err }

// Code returns the stable key of the outcome.
func (e *SourceError) Code() string { return e.Outcome.Code() }

// Text says in plain words what happened: in English for "en", in Vietnamese for everything else.
func (e *SourceError) Text(lang string) string { return e.Outcome.Text(lang) }
