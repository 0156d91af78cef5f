package dossier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Code is the dossier code (mã số hồ sơ): who accepted, on which day, under which serial number of that day. It is
// issued on acceptance, once, and never changes. Circular 01/2018/TT-VPCP Art 19; the pattern of Circular
// 03/2025/TT-VPCP is not confirmed. Codes compare with ==. The zero value is none.
type Code struct {
	text   string
	agency AgencyID
	day    civilDay
	serial int64
}

type civilDay struct {
	year  int
	month time.Month
	day   int
}

// MaxSerial is the last serial number of an agency's day in the pattern [NewCode] writes.
const MaxSerial = 9999

// maxCode bounds what ParseCode looks at: agency, two dashes, date and serial number.
const maxCode = maxAgency + 2 + 8 + 7

// NewCode writes the one pattern this office issues: agency identifier of Decision 20/2020/QĐ-TTg, most general level
// first, yyMMdd of the day of acceptance in Vietnam, four digits: "H15.50.05.13-261008-0975". A serial number outside
// 1 to [MaxSerial] is a *[SerialError].
func NewCode(agency AgencyID, day time.Time, serial int64) (Code, error) {
	y, m, d := vntime.In(day).Date()
	switch {
	case agency.IsZero():
		return Code{}, &InvalidError{Field: "agency", Rule: "an agency"}
	case y < 2000 || y > 2099:
		return Code{}, &InvalidError{Field: "code.date", Rule: "a day from 2000 to 2099"}
	case serial < 1 || serial > MaxSerial:
		return Code{}, &SerialError{Agency: agency, Max: MaxSerial}
	}
	text := fmt.Sprintf("%s-%02d%02d%02d-%04d", agency, y%100, m, d, serial)
	return Code{text: text, agency: agency, day: civilDay{y, m, d}, serial: serial}, nil
}

// ParseCode reads every shape that circulates: agency groups most specific first ("000.17.22.H56", the order of 2018,
// also with leading groups left out) or most general first ("H56.22.17"); the day as yyMMdd or yyyyMMdd; a serial
// number of four to seven digits. Errors: *[InvalidError], naming the part.
func ParseCode(s string) (Code, error) {
	bad := func(part, rule string) (Code, error) {
		return Code{}, &InvalidError{Field: "code" + part, Rule: rule,
			Vi: "Mã số hồ sơ không đúng định dạng (ví dụ đúng: H56.22.17-261008-0975)."}
	}
	if len(s) > maxCode {
		return bad("", "at most 52 characters")
	}
	parts := strings.Split(s, "-")
	if len(parts) != 3 {
		return bad("", "agency, date and serial number with dashes between")
	}
	agency, ok := codeAgency(parts[0])
	if !ok {
		return bad(".agency", "an agency identifier in the order of 2018 or of 2020")
	}
	day, ok := codeDay(parts[1])
	if !ok {
		return bad(".date", "a day as yyMMdd or yyyyMMdd, 2000 to 2099")
	}
	if len(parts[2]) < 4 || len(parts[2]) > 7 || !isDigits(parts[2]) {
		return bad(".serial", "four to seven digits")
	}
	serial, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || serial == 0 {
		return bad(".serial", "a number from 1")
	}
	return Code{text: s, agency: agency, day: day, serial: serial}, nil
}

// Agency returns the accepting agency, most general level first, whatever order the code was written in.
func (c Code) Agency() AgencyID { return c.agency }

// Date returns the first instant of the day of acceptance, in Vietnam; the zero time of the zero code.
func (c Code) Date() time.Time {
	if c.IsZero() {
		return time.Time{}
	}
	return vntime.Date(c.day.year, c.day.month, c.day.day)
}

// Serial returns the serial number of the day.
func (c Code) Serial() int64 { return c.serial }

// IsZero reports whether c is no code.
func (c Code) IsZero() bool { return c.text == "" }

// String returns the code as it was written; ParseCode reads it back.
func (c Code) String() string { return c.text }

// MarshalText implements encoding.TextMarshaler.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.text), nil }

// UnmarshalText reads a code; the empty text is the zero value.
func (c *Code) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*c = Code{}
		return nil
	}
	*c, err = ParseCode(string(text))
	return err
}

func codeAgency(s string) (AgencyID, bool) {
	if isAgencyID(s) {
		return AgencyID{s}, true
	}
	groups := strings.Split(s, ".")
	if len(groups) > 4 || !isLevel1(groups[len(groups)-1]) {
		return AgencyID{}, false
	}
	slices.Reverse(groups)
	return dropZeroLevels(groups)
}

// dropZeroLevels turns H56, 22, 17, 000 into H56.22.17. A zero above a level that is not zero would make two agencies
// one, so it is refused.
func dropZeroLevels(groups []string) (AgencyID, bool) {
	end := len(groups)
	for i, group := range groups[1:] {
		zero := strings.Trim(group, "0") == ""
		switch {
		case len(group) < 2 || len(group) > 3 || !isDigits(group):
			return AgencyID{}, false
		case zero && end == len(groups):
			end = i + 1
		case !zero && end < len(groups):
			return AgencyID{}, false
		}
	}
	return AgencyID{strings.Join(groups[:end], ".")}, true
}

func codeDay(s string) (civilDay, bool) {
	if len(s) == 6 {
		s = "20" + s
	}
	if len(s) != 8 || !isDigits(s) || s[:2] != "20" {
		return civilDay{}, false
	}
	t, err := time.Parse("20060102", s)
	if err != nil {
		return civilDay{}, false
	}
	y, m, d := t.Date()
	return civilDay{y, m, d}, true
}
