// Package tags puts the rules of package identity on a go-playground/validator of the caller's, so that a struct that
// came from a form is checked in one go.
//
// The happy path is three calls:
//
//	v := validator.New(validator.WithRequiredStructEnabled())
//	err := tags.Register(v)                            // once, at the start
//	problems := tags.Describe(v.Struct(form), "vi")    // none, or what to show beside each field
//
// The tags, for string fields: personid, cmnd, passport, taxcode, orgid, vnname, vnorgname, birthdate, vnphone, bhyt
// (health-insurance card), bhxh (social-insurance code). An empty string is refused; put omitempty before the tag where
// a field is optional. A number's year of birth is compared with the clock by identity.PersonID.Check, which a tag has
// no clock for.
//
// It is a package of its own because validator/v10 brings a dozen packages with it, and most importers of identity do
// not validate structs; see docs/decisions/validator-tags.md. Stable: the names of the tags, the codes of the problems.
package tags

import (
	"errors"
	"reflect"

	"github.com/go-playground/validator/v10"

	"github.com/motcua/motcua/identity"
)

// rule is a tag and the parser behind it.
type rule struct {
	tag   string
	parse func(string) error
}

func rules() []rule {
	return []rule{
		{"personid", func(s string) error { _, err := identity.ParsePersonID(s); return err }},
		{"taxcode", func(s string) error { _, err := identity.ParseTaxCode(s); return err }},
		{"orgid", func(s string) error { _, err := identity.ParseOrgID(s); return err }},
		{"vnname", func(s string) error { _, err := identity.ParseName(s); return err }},
		{"vnorgname", func(s string) error { _, err := identity.ParseOrgName(s); return err }},
		{"birthdate", func(s string) error { _, err := identity.ParseBirthDate(s); return err }},
		{"vnphone", func(s string) error { _, err := identity.ParsePhone(s); return err }},
		{"cmnd", func(s string) error { _, err := identity.ParseCMND(s); return err }},
		{"bhyt", func(s string) error { _, err := identity.ParseHealthCard(s); return err }},
		{"bhxh", func(s string) error { _, err := identity.ParseInsuranceID(s); return err }},
		{"passport", func(s string) error { _, err := identity.ParsePassport(s); return err }},
	}
}

// Register adds the tags to v. Call it before v is used; a validator is not safe to change afterwards.
func Register(v *validator.Validate) error {
	if v == nil {
		return errors.New("tags: register: no validator")
	}
	for _, r := range rules() {
		check := func(field validator.FieldLevel) bool {
			return field.Field().Kind() == reflect.String && r.parse(field.Field().String()) == nil
		}
		if err := v.RegisterValidation(r.tag, check); err != nil {
			return err
		}
	}
	return nil
}

// Problem is what is wrong with one field. It holds no value.
type Problem struct {
	Field string // path of the field, "Form.Applicant.ID"
	Code  string // "personid.digits"; for tags that are not ours "field." and the tag
	Text  string // for the person who filled the form in
}

// Describe turns the error of v.Struct into problems to show: in English for "en", in Vietnamese for everything else.
// An error of another kind (a nil pointer was validated) is one problem without a field; nil is none.
func Describe(err error, lang string) []Problem {
	var fields validator.ValidationErrors
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &fields):
		return []Problem{{Code: "field.invalid", Text: fallback("", lang)}}
	}
	problems := make([]Problem, 0, len(fields))
	for _, field := range fields {
		problems = append(problems, describe(field, lang))
	}
	return problems
}

func describe(field validator.FieldError, lang string) Problem {
	problem := Problem{Field: field.Namespace(), Code: "field." + field.Tag(), Text: fallback(field.Tag(), lang)}
	for _, r := range rules() {
		text, ok := field.Value().(string)
		if r.tag != field.Tag() || !ok {
			continue
		}
		var told interface {
			Code() string
			Text(lang string) string
		}
		if errors.As(r.parse(text), &told) {
			problem.Code, problem.Text = told.Code(), told.Text(lang)
		}
	}
	return problem
}

func fallback(tag, lang string) string {
	switch {
	case tag == "required" && lang == "en":
		return "Please fill in this field."
	case tag == "required":
		return "Vui lòng điền thông tin này."
	case lang == "en":
		return "This entry is not valid."
	}
	return "Thông tin này không hợp lệ."
}
