// Package card reads what is printed on a citizen card or passport: the QR code and the machine-readable zone, typed and
// cross-checked. All of it is claimed, nothing is evidence: anybody can print a code, and check digits catch misreading
// only. For evidence see identity/chip.
//
// The happy path is three calls:
//
//	code, err := card.ParseQR(text)                    // of the card of 2021 or 2024, as a scanner gives it
//	zone, err := card.ParseMRZ(lines, time.Now())      // TD1 of the card, TD3 of a passport
//	subject, err = subject.Corroborate(time.Now(), code.Statement(now, "quầy 3"), zone.Statement(now, "quầy 3"))
//
// What it refuses: a code with a layout it does not know (it never guesses which field is which, so a bar inside a name
// is an error), a date that is none, a number that is none; a zone of another size, with a letter that cannot be there,
// or with a wrong check digit. What is readable but does not fit together (digits of the number against date of birth
// and sex, the Vietnamese optional data against the document number) is read and reported: Conflicts. What scanners did to
// the text, and what rests on published samples instead of a circular, is a Finding. Errors are *identity.InvalidError
// with the fields "cardqr" and "mrz".
//
// Law: Circular 06/2021/TT-BCA and Circular 16/2024/TT-BCA (the cards), Circular 59/2021/TT-BCA Art. 4 (digits of the
// number). Standards: ICAO Doc 9303 parts 3, 4 and 5. Stable: the types, the codes of findings.
package card
