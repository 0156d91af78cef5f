package card

import (
	"fmt"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/internal/vntime"
)

const filler = '<'

// checks reports whether digit is the check digit of field: weights 7, 3, 1, letters from 10, fillers 0, modulo 10 (Doc
// 9303-3 section 4.9).
func checks(field string, digit byte) bool {
	sum := 0
	for i := range len(field) {
		value := 0
		switch c := field[i]; {
		case c >= '0' && c <= '9':
			value = int(c - '0')
		case c >= 'A' && c <= 'Z':
			value = int(c-'A') + 10
		}
		sum += value * [...]int{7, 3, 1}[i%3]
	}
	return digit == byte('0'+sum%10)
}

// trim drops the fillers behind a field.
func trim(field string) string { return strings.TrimRight(field, string(filler)) }

// sixDigits reads YYMMDD.
func sixDigits(s string) (y, m, d int, ok bool) {
	if strings.Trim(s, "0123456789") != "" {
		return 0, 0, 0, false
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	return two(0), two(2), two(4), true
}

func day(y, m, d int) (time.Time, bool) {
	if m < 1 || m > 12 || d < 1 {
		return time.Time{}, false
	}
	t := vntime.Date(y, time.Month(m), d)
	return t, t.Day() == d
}

// birthOf reads YYMMDD, of which month and day may be fillers when they are not known (Doc 9303-3 section 4.8).
func birthOf(s string, id identity.PersonID, at time.Time) (identity.BirthDate, error) {
	known := strings.TrimRight(s, string(filler))
	if len(known) != 2 && len(known) != 4 && len(known) != 6 {
		return identity.BirthDate{}, refuse("birth")
	}
	y, m, d, ok := sixDigits((known + "0000")[:6])
	if !ok {
		return identity.BirthDate{}, refuse("birth")
	}
	today := vntime.In(at)
	year := today.Year() - today.Year()%100 + y
	if vntime.Date(year, time.Month(max(m, 1)), max(d, 1)).After(at) {
		year -= 100
	}
	if id.BirthYear()%100 == y && !id.IsZero() {
		year = id.BirthYear()
	}
	text := fmt.Sprintf("%04d-%02d-%02d", year, m, d)[:[]int{4, 7, 10}[len(known)/2-1]]
	born, err := identity.ParseBirthDate(text)
	if err != nil {
		return identity.BirthDate{}, refuse("birth")
	}
	return born, nil
}

// nameOf reads FAMILY<<GIVEN<NAMES in the Vietnamese order, the family name first (Doc 9303-3 section 4.6).
func nameOf(field string) (identity.Name, error) {
	name := strings.Join(strings.FieldsFunc(field, func(r rune) bool { return r == filler }), " ")
	if strings.ContainsAny(name, "0123456789") {
		return identity.Name{}, refuse("name")
	}
	parsed, err := identity.ParseName(name)
	if err != nil {
		return identity.Name{}, refuse("name")
	}
	return parsed, nil
}
