package form

import (
	"errors"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/motcua/motcua/identity"
)

// formats are the formats of this package. Each takes strings only; type says the rest.
func formats() []*jsonschema.Format {
	text := func(name string, check func(string) error) *jsonschema.Format {
		return &jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return check(s)
			}
			return nil
		}}
	}
	return []*jsonschema.Format{
		text("personid", func(s string) error { _, err := identity.ParsePersonID(s); return err }),
		text("taxcode", func(s string) error { _, err := identity.ParseTaxCode(s); return err }),
		text("date-vn", func(s string) error { _, err := time.Parse("02/01/2006", s); return err }),
		text("phone-vn", checkPhone),
	}
}

// checkPhone takes 10 digits (mobile) or 11 (some fixed lines) from 0, or the same number after +84. The numbering plan
// itself is not checked: it changes faster than forms do.
func checkPhone(s string) error {
	if rest, ok := strings.CutPrefix(s, "+84"); ok {
		s = "0" + rest
	}
	if len(s) < 10 || len(s) > 11 || s[0] != '0' || strings.Trim(s, "0123456789") != "" {
		return errors.New("not 10 or 11 digits from 0")
	}
	return nil
}
