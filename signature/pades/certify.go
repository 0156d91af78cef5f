package pades

import (
	"maps"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/pdf"
)

// Certification says what a certifying signature lets happen to the document (DocMDP; ISO 32000-2, 12.8.2.2).
type Certification int

// Certifications. The zero value is an approval signature.
const (
	Approval   Certification = iota
	NoChanges                // nothing but validation data and document time stamps
	FormFields               // filling in forms and signing too
	Annotation               // annotations too
)

// LockAction says which fields a signature locks.
type LockAction string

// Lock actions.
const (
	LockAll     LockAction = "All"
	LockInclude LockAction = "Include" // those listed
	LockExclude LockAction = "Exclude" // all but those listed
)

// FieldLock names form fields that nobody may change after the signature (FieldMDP). The zero value locks none.
type FieldLock struct {
	Action LockAction
	Fields []string
}

const maxLocked = 1024

func (cfg Config) checkLocks() error {
	if cfg.Certify < Approval || cfg.Certify > Annotation {
		return &ConfigError{"Certify", "a known certification"}
	}
	switch cfg.Lock.Action {
	case "":
		if len(cfg.Lock.Fields) > 0 {
			return &ConfigError{"Lock", "an action for its fields"}
		}
	case LockAll, LockInclude, LockExclude:
	default:
		return &ConfigError{"Lock", "a known action"}
	}
	if len(cfg.Lock.Fields) > maxLocked {
		return &ConfigError{"Lock", "at most 1024 fields"}
	}
	for _, name := range cfg.Lock.Fields {
		if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxText {
			return &ConfigError{"Lock", "names of 1 to 1000 characters"}
		}
	}
	return nil
}

// protect writes what the signature certifies and locks into its dictionary.
func (l layout) protect(cfg Config) error {
	var references pdf.Array
	if cfg.Certify != Approval {
		if err := l.mustBeFirst(); err != nil {
			return err
		}
		references = append(references, pdf.Dict{"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("DocMDP"),
			"TransformParams": pdf.Dict{"Type": pdf.Name("TransformParams"), "P": int64(cfg.Certify), "V": pdf.Name("1.2")}})
	}
	lock := pdf.FieldLock{Action: pdf.Name(cfg.Lock.Action), Fields: cfg.Lock.Fields}
	if lock.Action == "" {
		var err error
		if lock, err = l.fieldsOwnLock(); err != nil {
			return err
		}
	}
	if lock.Action != "" {
		params := pdf.Dict{"Type": pdf.Name("TransformParams"), "Action": lock.Action, "V": pdf.Name("1.2")}
		if lock.Action != pdf.Name(LockAll) {
			names := pdf.Array{}
			for _, name := range lock.Fields {
				names = append(names, pdf.Text(name))
			}
			params["Fields"] = names
		}
		references = append(references, pdf.Dict{"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("FieldMDP"),
			"Data": l.doc.Trailer()["Root"], "TransformParams": params})
	}
	if len(references) > 0 {
		l.dict["Reference"] = references
	}
	return nil
}

// mustBeFirst refuses to certify a document that has a signature.
func (l layout) mustBeFirst() error {
	fields, err := l.doc.Fields()
	if err != nil {
		return &DocumentError{err}
	}
	for _, f := range fields {
		if f.Type == "Sig" && f.Value != nil {
			return ErrNotFirst
		}
	}
	return nil
}

// fieldsOwnLock reads what the empty field that is to be signed says about other fields.
func (l layout) fieldsOwnLock() (pdf.FieldLock, error) {
	fields, err := l.doc.Fields()
	if err != nil {
		return pdf.FieldLock{}, &DocumentError{err}
	}
	for _, f := range fields {
		if l.field == "" || f.Name != l.field || f.Dict["Lock"] == nil {
			continue
		}
		dict, err := l.doc.Dict(f.Dict["Lock"])
		if err != nil {
			return pdf.FieldLock{}, &DocumentError{err}
		}
		lock, err := l.doc.ReadLock(dict)
		if err != nil {
			return lock, &DocumentError{err}
		}
		return lock, nil
	}
	return pdf.FieldLock{}, nil
}

// checkFieldLocks refuses to sign in a field that an earlier signature has locked.
func checkFieldLocks(doc *pdf.Document, name string) error {
	fields, err := doc.Fields()
	if err != nil {
		return &DocumentError{err}
	}
	for _, f := range fields {
		if name == "" || f.Type != "Sig" || f.Value == nil {
			continue
		}
		dict, err := doc.Dict(f.Value)
		if err != nil {
			return &DocumentError{err}
		}
		lock, err := doc.FieldMDP(dict)
		if err != nil {
			return &DocumentError{err}
		}
		if lock.Action == pdf.Name(LockInclude) && lock.Locks(name) {
			return ErrLocked
		}
	}
	return nil
}

// permit returns the catalog's entry for permissions with the certifying signature in it.
func permit(old pdf.Dict, value pdf.Ref) pdf.Dict {
	perms := pdf.Dict{}
	maps.Copy(perms, old)
	perms["DocMDP"] = value
	return perms
}
