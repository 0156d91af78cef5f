// Package identity answers who stands before the desk, how sure we are, and on whose behalf they act.
//
// The happy path is three calls:
//
//	id, err := identity.ParsePersonID(text)        // form; prints as 001*********
//	err = id.Check(time.Now(), birthDate, sex)     // against the clock and what else is claimed
//	who := pseudonymizer.Person(id)                // the only form that journals and logs see
//
// Two spellings of one name are compared by [Name.Match]: equal, equal only once diacritics are dropped, or different.
//
// A [Subject] knows of each attribute which source it comes from and how sure that is; [Subject.Corroborate] adds the
// card's code, its machine-readable zone, its chip or a register, and reports what does not fit. A [Representation] says
// on whose behalf somebody acts.
//
// What it refuses: numbers of the wrong form, tax codes whose check digit does not fit, years of birth in the future,
// names with control characters; and it never invents a check digit for the personal number, which has none. A place
// code the table does not know is a [Finding], not an error. Errors are *[InvalidError]: field, rule, and a text for
// people in Vietnamese or English, never the value.
//
// Every identifier is a type made only by its Parse function. The types print redacted in fmt, log/slog, encoding/json
// and encoding/xml, also from inside unexported fields; Reveal gives the value where a purpose asks for it.
//
// Sub-packages: identity/oidc signs people in through VNeID, VNConnect or any OpenID Provider; identity/sdjwt verifies and
// issues the credentials of wallets, identity/openid4vp asks for them, identity/openid4vci hands them out; identity/tags
// puts these rules on a go-playground/validator; identity/card reads what is printed on a card, identity/chip verifies
// what its chip holds; identity/identitytest is a provider, a wallet and a personaliser of cards to test against.
//
// Law: Law on Identification 26/2023/QH15; Decree 69/2024/NĐ-CP (electronic identification, levels 1 and 2); Circulars
// 07/2016/TT-BCA and 59/2021/TT-BCA (structure of the number); Circulars 105/2020/TT-BTC and 86/2024/TT-BTC (tax
// codes); Law 91/2025/QH15 (personal data). Stable: the types and their canonical text, the error codes, the form of a
// pseudonym.
package identity
