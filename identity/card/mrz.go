package card

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
)

// Document is the format of a machine-readable zone.
type Document int

// The formats of ICAO Doc 9303 that Vietnamese documents use.
const (
	TD1 Document = iota + 1 // cards: three lines of 30 (part 5)
	TD3                     // passports: two lines of 44 (part 4)
)

// String returns "TD1" or "TD3".
func (d Document) String() string {
	switch d {
	case TD1:
		return "TD1"
	case TD3:
		return "TD3"
	}
	return "unknown"
}

// MRZ is what a machine-readable zone claims. Its fields print redacted one by one.
type MRZ struct {
	Document Document
	// Issuer and Nationality are the three-letter codes of the zone, "VNM".
	Issuer, Nationality string
	// Person and OldNumber come from the optional data, as Vietnamese cards and passports use it.
	Person    identity.PersonID
	OldNumber identity.CMND
	Passport  identity.Passport // of TD3
	// Name is without diacritics and may be cut: compare it by identity.Name.Begins.
	Name      identity.Name
	BirthDate identity.BirthDate // year only, or year and month, where the zone has fillers
	Sex       identity.Sex
	// Expires is the last day of validity; zero when the zone has none.
	Expires time.Time

	number   func() string // of the document; a closure, for fmt prints unexported fields
	findings []string
}

// blanks is what may stand between lines.
var blanks = strings.NewReplacer("\r", "", "\n", "", " ", "", "\t", "")

// ParseMRZ reads three lines of 30 characters or two of 44, with line breaks or without. Two-digit years of birth are
// the latest that is not after at, or those of the personal number; years of expiry lie within 50 years of at. Errors:
// *identity.InvalidError with field "mrz".
func ParseMRZ(text string, at time.Time) (MRZ, error) {
	if len(text) > 256 {
		return MRZ{}, refuse("size")
	}
	zone := blanks.Replace(text)
	for i := range len(zone) {
		c := zone[i]
		if c != filler && (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return MRZ{}, refuse("characters")
		}
	}
	switch len(zone) {
	case 90:
		return parseTD1(zone[:30], zone[30:60], zone[60:], at)
	case 88:
		return parseTD3(zone[:44], zone[44:], at)
	}
	return MRZ{}, refuse("size")
}

func refuse(rule string) *identity.InvalidError {
	return &identity.InvalidError{Field: "mrz", Rule: rule}
}

// parseTD1 reads a card (Doc 9303-5 section 4.2.2). A Vietnamese card has the last nine digits of the personal number as
// document number and all twelve in the optional data, two fillers and a check digit of its own behind them.
func parseTD1(line1, line2, line3 string, at time.Time) (MRZ, error) {
	m := MRZ{Document: TD1, Issuer: trim(line1[2:5]), Nationality: trim(line2[15:18])}
	number, optional := line1[5:14], line1[15:30]
	composite := line1[5:30] + line2[:7] + line2[8:15] + line2[18:29]
	switch {
	case line1[0] != 'I' && line1[0] != 'A' && line1[0] != 'C', trim(number) == "":
		return MRZ{}, refuse("document")
	case !checks(number, line1[14]):
		return MRZ{}, refuse("check-number")
	case !checks(composite, line2[29]):
		return MRZ{}, refuse("check-composite")
	}
	if m.Issuer == "VNM" {
		if err := m.readCardOptional(optional); err != nil {
			return MRZ{}, err
		}
		if id := m.Person.Reveal(); id != "" && id[3:] != number {
			m.findings = append(m.findings, "number-mismatch")
		}
	}
	m.number = func() string { return trim(number) }
	return m.finish(line2[:7], line2[7], line2[8:15], line3, at)
}

func (m *MRZ) readCardOptional(optional string) error {
	digits := optional[:12]
	if strings.Trim(digits, "0123456789") != "" {
		if trim(optional) != "" {
			m.findings = append(m.findings, "optional-unknown")
		}
		return nil
	}
	if optional[12:14] != "<<" || !checks(digits, optional[14]) {
		return refuse("check-optional")
	}
	var err error
	m.Person, err = identity.ParsePersonID(digits)
	return err
}

// parseTD3 reads a passport (Doc 9303-4 section 4.2.2).
func parseTD3(line1, line2 string, at time.Time) (MRZ, error) {
	m := MRZ{Document: TD3, Issuer: trim(line1[2:5]), Nationality: trim(line2[10:13])}
	number, optional := line2[:9], line2[28:42]
	composite := line2[:10] + line2[13:20] + line2[21:43]
	var err error
	switch {
	case line1[0] != 'P':
		return MRZ{}, refuse("document")
	case !checks(number, line2[9]):
		return MRZ{}, refuse("check-number")
	case !checks(optional, line2[42]) && (line2[42] != filler || trim(optional) != ""):
		return MRZ{}, refuse("check-optional")
	case !checks(composite, line2[43]):
		return MRZ{}, refuse("check-composite")
	}
	if m.Passport, err = identity.ParsePassport(trim(number)); err != nil {
		return MRZ{}, err
	}
	if m.Issuer == "VNM" {
		m.readPassportOptional(trim(optional))
	}
	m.number = func() string { return trim(number) }
	return m.finish(line2[13:20], line2[20], line2[21:28], line1[5:], at)
}

// readPassportOptional takes the optional data of a Vietnamese passport for the holder's number when it has its form.
// No document that says so was seen, hence the finding.
func (m *MRZ) readPassportOptional(optional string) {
	var err error
	switch len(optional) {
	case 12:
		m.Person, err = identity.ParsePersonID(optional)
	case 9:
		m.OldNumber, err = identity.ParseCMND(optional)
	case 0:
		return
	}
	if err != nil || m.Person.IsZero() && m.OldNumber.IsZero() {
		m.findings = append(m.findings, "optional-unknown")
		return
	}
	m.findings = append(m.findings, "optional-unconfirmed")
}

// finish reads what both formats have: birth and expiry with their check digits, sex and name.
func (m MRZ) finish(birth string, sex byte, expiry, name string, at time.Time) (MRZ, error) {
	if !checks(birth[:6], birth[6]) {
		return MRZ{}, refuse("check-birth")
	}
	var err error
	if m.BirthDate, err = birthOf(birth[:6], m.Person, at); err != nil {
		return MRZ{}, err
	}
	if err := m.readExpiry(expiry, at); err != nil {
		return MRZ{}, err
	}
	switch sex {
	case 'M':
		m.Sex = identity.Male
	case 'F':
		m.Sex = identity.Female
	case filler, 'X':
	default:
		return MRZ{}, refuse("sex")
	}
	if m.Name, err = nameOf(name); err != nil {
		return MRZ{}, err
	}
	if name[len(name)-1] != filler {
		m.findings = append(m.findings, "name-cut")
	}
	return m, nil
}

func (m *MRZ) readExpiry(expiry string, at time.Time) error {
	if expiry[:6] == "<<<<<<" {
		if expiry[6] != filler && expiry[6] != '0' {
			return refuse("check-expiry")
		}
		m.findings = append(m.findings, "no-expiry") // cards without end: no rule was seen
		return nil
	}
	if !checks(expiry[:6], expiry[6]) {
		return refuse("check-expiry")
	}
	y, mo, d, ok := sixDigits(expiry[:6])
	if !ok {
		return refuse("expiry")
	}
	year := at.Year() - at.Year()%100 + y
	switch {
	case year > at.Year()+50:
		year -= 100
	case year <= at.Year()-50:
		year += 100
	}
	m.Expires, ok = day(year, mo, d)
	if !ok {
		return refuse("expiry")
	}
	return nil
}

// RevealNumber returns the document number.
func (m MRZ) RevealNumber() string {
	if m.number == nil {
		return ""
	}
	return m.number()
}

// Statement is what the zone says of the person: claimed. By is the station that read it.
func (m MRZ) Statement(at time.Time, by string) identity.Statement {
	return identity.Statement{
		Origin: identity.Origin{Source: identity.FromMRZ, Trust: identity.Claimed, By: by, At: at},
		Person: m.Person, OldNumber: m.OldNumber, Passport: m.Passport, Name: m.Name, NamePartial: true,
		BirthDate: m.BirthDate, Sex: m.Sex,
	}
}

// Check refuses a document that is no longer valid. The last day of validity still counts. Errors:
// *identity.InvalidError with rule "expired".
func (m MRZ) Check(at time.Time) error {
	if !m.Expires.IsZero() && !at.Before(m.Expires.AddDate(0, 0, 1)) {
		return refuse("expired")
	}
	return m.BirthDate.Check(at)
}

// Conflicts are what does not fit within the zone itself: digits of the number against date of birth and sex, and the
// number in the optional data against the document number.
func (m MRZ) Conflicts() []identity.Conflict {
	list := conflicts(m.Statement(time.Unix(1, 0), ""))
	for _, rule := range m.findings {
		if rule == "number-mismatch" {
			list = append(list, identity.Conflict{
				Attribute: identity.AttrPerson, Rule: "differs", Sources: [2]identity.Source{identity.FromMRZ, identity.FromMRZ},
			})
		}
	}
	return list
}

// Findings are remarks: a name that was cut, data whose meaning is not confirmed, a document without end.
func (m MRZ) Findings() []identity.Finding {
	var list []identity.Finding
	for _, rule := range m.findings {
		list = append(list, identity.Finding{Field: "mrz", Rule: rule})
	}
	return append(list, m.Person.Findings()...)
}

const redactedMRZ = "card.MRZ(claimed)"

// String returns no field.
func (m MRZ) String() string { return redactedMRZ }

// Format answers every verb without a field.
func (m MRZ) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redactedMRZ)) }

// LogValue gives loggers no field.
func (m MRZ) LogValue() slog.Value { return slog.StringValue(redactedMRZ) }

// MarshalText gives encoders no field.
func (m MRZ) MarshalText() ([]byte, error) { return []byte(redactedMRZ), nil }
