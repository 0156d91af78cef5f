package dossier

import (
	"fmt"

	"github.com/motcua/motcua/dossier/form"
)

// FormError says what is wrong with a filled form, field by field.
type FormError struct{ Faults []*form.FieldError }

func (e *FormError) Error() string {
	return fmt.Sprintf("dossier: form: %d field(s) to put right", len(e.Faults))
}

// Unwrap returns the faults.
func (e *FormError) Unwrap() []error {
	var all []error
	for _, fault := range e.Faults {
		all = append(all, fault)
	}
	return all
}

// Code is the stable key of the error.
func (e *FormError) Code() string { return "dossier.form" }

// Text tells the first fault in "vi" or "en"; a page shows each beside its field.
func (e *FormError) Text(lang string) string {
	if len(e.Faults) == 0 {
		return ""
	}
	return e.Faults[0].Text(lang)
}

// Compiled returns the e-form, for pages to render and decode.
func (p *Procedure) Compiled() *form.Form { return p.form }

func (p *Procedure) judgeForm(filled Personal) error {
	if faults := p.form.ValidateJSON([]byte(filled.Reveal())); len(faults) > 0 {
		return &FormError{faults}
	}
	return nil
}
