package chip

// InvalidError names what was given and the rule it breaks. It never quotes what a chip holds.
type InvalidError struct {
	Field string // "files", "certificate", "masterlist", "trust", "content"
	Rule  string // short key of the rule, such as "size"

	cause error
}

func (e *InvalidError) Error() string { return "chip: " + e.Field + ": " + textOf(e.Code(), "en") }

// Code returns the stable key of the rule, such as "chip.masterlist.signature".
func (e *InvalidError) Code() string { return "chip." + e.Field + "." + e.Rule }

// Text says in plain words what is wrong: in English for "en", in Vietnamese for everything else.
func (e *InvalidError) Text(lang string) string { return textOf(e.Code(), lang) }

// Unwrap returns the cause, if there is one.
func (e *InvalidError) Unwrap() error { return e.cause }

func refuse(field, rule string) error { return &InvalidError{Field: field, Rule: rule} }

func refuseBy(field, rule string, cause error) error { return &InvalidError{field, rule, cause} }
