package paper

import "fmt"

// InvalidError names the field that breaks a rule. It never quotes the value.
type InvalidError struct {
	Field string
	Rule  string
	Err   error
}

func (e *InvalidError) Error() string { return fmt.Sprintf("paper: %s: want %s", e.Field, e.Rule) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.Err }

// Code is the stable key of the message.
func (e *InvalidError) Code() string { return "paper.invalid" }

// Text explains it to an officer, in "vi" (also for any other tag) or "en".
func (e *InvalidError) Text(lang string) string {
	if lang == "en" {
		return "The document cannot be printed: please check the field " + e.Field + "."
	}
	return "Chưa in được văn bản: vui lòng kiểm tra mục " + e.Field + "."
}
