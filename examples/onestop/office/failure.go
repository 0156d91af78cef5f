package office

import "fmt"

// failure is an error of the application for people: a code of words.json.
type failure string

func (f failure) Error() string { return "office: " + string(f) }

// Code returns the stable key.
func (f failure) Code() string { return string(f) }

// wordedError is a failure with its words, made where the catalogue and the arguments are at hand.
type wordedError struct{ code, vi, en string }

func (e *wordedError) Error() string { return fmt.Sprintf("office: %s", e.code) }
func (e *wordedError) Code() string  { return e.code }
func (e *wordedError) Text(lang string) string {
	if lang == "en" {
		return e.en
	}
	return e.vi
}

// worded makes an error for people from the catalogue.
func (o *Office) worded(code string, args ...any) error {
	return &wordedError{code, o.pages.words.say("vi", code, args...), o.pages.words.say("en", code, args...)}
}
