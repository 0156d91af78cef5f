package card

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/qr"
)

// Layout is which card a code was printed on.
type Layout int

// The layouts.
const (
	Card2021 Layout = iota + 1 // thẻ căn cước công dân gắn chip: seven fields, on the front
	Card2024                   // thẻ căn cước: eleven fields, on the back
)

// String returns "2021" or "2024".
func (l Layout) String() string {
	switch l {
	case Card2021:
		return "2021"
	case Card2024:
		return "2024"
	}
	return "unknown"
}

// QR is what a card's QR code claims. Its fields print redacted one by one.
type QR struct {
	Layout    Layout
	Person    identity.PersonID
	OldNumber identity.CMND // often absent
	Name      identity.Name
	BirthDate identity.BirthDate
	Sex       identity.Sex
	// Issued is the day the card was issued.
	Issued time.Time

	residence func() string // a closure, for fmt prints unexported fields
	mended    []string
}

const maxQR = 1200 // bytes of text, labels included

// ParseQR reads the text of a card's code. The layout itself is read by qr.ParseCitizenCard; here scanner output is
// brought to it first: six fields without the slot of the old number, dates with slashes, labels before the values. Each
// such mending is a Finding. Errors: *identity.InvalidError with field "cardqr", or one of the fields' own.
func ParseQR(text string) (QR, error) {
	if len(text) > maxQR || !utf8.ValidString(text) {
		return QR{}, &identity.InvalidError{Field: "cardqr", Rule: "text"}
	}
	text, mended := mend(text)
	read, err := qr.ParseCitizenCard(text)
	if err != nil {
		return QR{}, &identity.InvalidError{Field: "cardqr", Rule: ruleOf(err)}
	}
	data := read.Reveal()
	c := QR{Layout: Card2021, Sex: identity.Male, Issued: data.Issued, mended: mended}
	c.residence = func() string { return data.Residence }
	if data.Female {
		c.Sex = identity.Female
	}
	if len(data.Extra) > 0 {
		c.Layout = Card2024
		if slices.ContainsFunc(data.Extra, func(s string) bool { return s != "" }) {
			c.mended = append(c.mended, "extra-fields")
		}
	}
	if c.Person, err = identity.ParsePersonID(data.Number); err != nil {
		return QR{}, err
	}
	if c.Name, err = identity.ParseName(data.FullName); err != nil {
		return QR{}, err
	}
	if c.BirthDate, err = identity.ParseBirthDate(data.Birth.Format(time.DateOnly)); err != nil {
		return QR{}, err
	}
	if data.OldNumber != "" {
		c.OldNumber, err = identity.ParseCMND(data.OldNumber)
	}
	if err != nil {
		return QR{}, err
	}
	return c, nil
}

// ruleOf names the field that package qr refuses.
func ruleOf(err error) string {
	var invalid *qr.InvalidError
	if !errors.As(err, &invalid) {
		return "text"
	}
	switch invalid.Field {
	case "card.number", "card.oldNumber", "card.fullName", "card.birth", "card.sex", "card.issued":
		return strings.TrimPrefix(invalid.Field, "card.")
	}
	if strings.HasPrefix(invalid.Rule, "7 or 11") {
		return "layout"
	}
	return "text"
}

// mend brings scanner output to the layout on the card.
func mend(text string) (string, []string) {
	var mended []string
	fields := strings.Split(strings.TrimRight(strings.TrimPrefix(text, "\ufeff"), "\r\n\t "), "|")
	note := func(what string) {
		if !slices.Contains(mended, what) {
			mended = append(mended, what)
		}
	}
	for i, field := range fields {
		if label, value, found := strings.Cut(field, ":"); found && isLabel(label, i) {
			fields[i] = strings.TrimSpace(value)
			note("labels")
		}
		if day, ok := plainDate(fields[i]); ok {
			fields[i] = day
			note("slashes")
		}
	}
	// Six fields with a date in the third place can only be a card whose empty second slot was dropped.
	if len(fields) == 6 && isEightDigits(fields[2]) && isEightDigits(fields[5]) {
		fields = slices.Insert(fields, 1, "")
		note("six-fields")
	}
	return strings.Join(fields, "|"), mended
}

// isLabel says whether what stands before a colon is a label of scanner software; other colons belong to the field.
func isLabel(label string, field int) bool {
	label = strings.ToLower(strings.TrimSpace(label))
	labels := []string{
		"số cccd", "số căn cước", "cccd", "số định danh", "số cmnd", "cmnd", "số cmnd cũ", "họ và tên", "họ tên", "ngày sinh",
		"giới tính", "địa chỉ", "nơi thường trú", "thường trú", "nơi cư trú", "ngày cấp", "ngày cấp cccd",
	}
	return field < 7 && slices.Contains(labels, label)
}

// plainDate turns dd/MM/yyyy into ddMMyyyy.
func plainDate(s string) (string, bool) {
	if len(s) != 10 || s[2] != s[5] || s[2] != '/' && s[2] != '-' {
		return "", false
	}
	digits := s[:2] + s[3:5] + s[6:]
	return digits, isEightDigits(digits)
}

func isEightDigits(s string) bool { return len(s) == 8 && strings.Trim(s, "0123456789") == "" }

// RevealResidence returns the residence as printed (nơi thường trú, nơi cư trú).
func (c QR) RevealResidence() string {
	if c.residence == nil {
		return ""
	}
	return c.residence()
}

// Statement is what the code says of the person: claimed. By is the station that read it.
func (c QR) Statement(at time.Time, by string) identity.Statement {
	return identity.Statement{
		Origin: identity.Origin{Source: identity.FromCardQR, Trust: identity.Claimed, By: by, At: at},
		Person: c.Person, OldNumber: c.OldNumber, Name: c.Name, BirthDate: c.BirthDate, Sex: c.Sex,
	}
}

// Check holds the code against the clock: born and issued not in the future. Errors: *identity.InvalidError.
func (c QR) Check(at time.Time) error {
	if c.Issued.After(at) {
		return &identity.InvalidError{Field: "cardqr", Rule: "issued"}
	}
	if err := c.BirthDate.Check(at); err != nil {
		return err
	}
	if c.Person.BirthYear() > vntime.In(at).Year() {
		return &identity.InvalidError{Field: "personid", Rule: "birthyear"}
	}
	return nil
}

// Conflicts are what does not fit within the code itself: digits of the number against date of birth and sex.
func (c QR) Conflicts() []identity.Conflict { return conflicts(c.Statement(time.Unix(1, 0), "")) }

// conflicts combines one statement with nothing else.
func conflicts(s identity.Statement) []identity.Conflict {
	alone, err := identity.Subject{}.Corroborate(s.Origin.At, s)
	if err != nil {
		return nil
	}
	return alone.Conflicts
}

// Findings are remarks: what was mended, what of the number is unknown.
func (c QR) Findings() []identity.Finding {
	var list []identity.Finding
	for _, rule := range c.mended {
		list = append(list, identity.Finding{Field: "cardqr", Rule: rule})
	}
	return append(list, c.Person.Findings()...)
}

const redactedQR = "card.QR(claimed)"

// String returns no field.
func (c QR) String() string { return redactedQR }

// Format answers every verb without a field.
func (c QR) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redactedQR)) }

// LogValue gives loggers no field.
func (c QR) LogValue() slog.Value { return slog.StringValue(redactedQR) }

// MarshalText gives encoders no field.
func (c QR) MarshalText() ([]byte, error) { return []byte(redactedQR), nil }
