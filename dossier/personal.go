package dossier

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// Personal is text that may hold personal data: the answers of a form, a reason in free words. It prints redacted
// everywhere; [Personal.Reveal] gives it where a purpose asks for it. It compares with ==. The zero value is empty.
type Personal struct {
	// A handle, because fmt prints unexported fields without asking, and stops at pointers inside structs.
	text unique.Handle[string]
}

// NewPersonal wraps text.
func NewPersonal(text string) Personal {
	if text == "" {
		return Personal{}
	}
	return Personal{unique.Make(text)}
}

// Reveal returns the text.
func (p Personal) Reveal() string {
	if p.IsZero() {
		return ""
	}
	return p.text.Value()
}

// IsZero reports whether there is no text.
func (p Personal) IsZero() bool { return p == Personal{} }

// String returns "***", or "" of the zero value.
func (p Personal) String() string {
	if p.IsZero() {
		return ""
	}
	return "***"
}

// Format answers every verb with the redacted form.
func (p Personal) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, p.String()) }

// LogValue gives loggers the redacted form.
func (p Personal) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText gives encoders the redacted form. There is no way back: store Reveal().
func (p Personal) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
