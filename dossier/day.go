package dossier

import (
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Day is a civil day in Vietnam. The zero value is none.
type Day struct{ civilDay }

// DayOf returns the day t falls in.
func DayOf(t time.Time) Day {
	y, m, d := vntime.In(t).Date()
	return Day{civilDay{y, m, d}}
}

// ParseDay reads "2026-11-23". Errors: *[InvalidError].
func ParseDay(s string) (Day, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, vntime.Zone())
	if err != nil {
		return Day{}, &InvalidError{Field: "day", Rule: "a day as yyyy-MM-dd", Vi: "Ngày không đúng định dạng."}
	}
	return DayOf(t), nil
}

// Time returns the day's first instant; the zero time of the zero Day.
func (d Day) Time() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return vntime.Date(d.year, d.month, d.day)
}

// IsZero reports whether d is no day.
func (d Day) IsZero() bool { return d == Day{} }

// String returns "2026-11-23"; ParseDay reads it back.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// MarshalText implements encoding.TextMarshaler.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a day; the empty text is the zero value.
func (d *Day) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Day{}
		return nil
	}
	*d, err = ParseDay(string(text))
	return err
}
