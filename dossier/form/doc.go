// Package form is the electronic form of a procedure (biểu mẫu điện tử): a JSON Schema that says what may be filled in, how
// it is shown, and which fields a register fills.
//
// The happy path is three calls:
//
//	f, err := form.Compile(schema)
//	values, faults := f.Decode(r.PostForm) // typed, trimmed, NFC, bounded
//	faults = f.Join(faults, f.Validate(values))
//
// The fields come in the order in which the schema writes them, with titles, help and options in Vietnamese and English,
// so that a page needs nothing else. [Form.Prefill] writes what registers answered into the fields that ask for it, and
// [Form.Merge] takes the browser's answer over it: a locked field keeps the register's value, and a browser that sends
// another one is told so.
//
// # Annotations
//
// Beside the JSON Schema 2020-12 keywords a field may carry: title and x-title-en, description and x-description-en,
// x-widget, x-autocomplete (an HTML autocomplete token), x-message and x-message-en (shown instead of the general text
// when pattern or format does not hold), x-prefill {source, field} and x-locked. Another x- keyword is an error. Choices
// are oneOf with const, title and x-title-en, or enum. Formats asserted beside those of JSON Schema: personid, taxcode,
// date-vn (dd/MM/yyyy) and phone-vn.
//
// It refuses, with *[InvalidError]: a schema that is too large or too deep, refers outside itself, leaves an object open to
// unknown members, or has a field no page can ask for (fractions, lists of objects). Values that break the schema give one
// *[FieldError] a field, with a code and a text that names the field by its title and never quotes the value.
//
// Law: interactive e-forms and data not to be asked twice, Decree 118/2025/NĐ-CP Art 4(2a) and Decree 224/2026/NĐ-CP
// Art 15(1)(d).
//
// Stable: [Form], [Field], the annotations and the codes of [FieldError].
package form
