package dossier

import (
	"fmt"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/internal/vntime"
)

// Limit is how long a procedure may take (thời hạn giải quyết): Number/Of units. Sources count in hours, days, working
// days and months, and write fractions such as 0,5 ngày.
type Limit struct {
	Number int64 `json:"number"`
	Of     int64 `json:"of,omitempty"` // denominator; 0 means 1
	// Unit is "workingDay", "workingHour", "day", "month" or, around the clock, "hour". Working days with a fraction count
	// as eight working hours a day; the other units take whole numbers only.
	Unit string `json:"unit"`
	// CutOff is the time of day ("15:00") from which a dossier counts as received on the next working day, where the
	// procedure says so. Only with workingDay and day.
	CutOff       string `json:"cutOff,omitempty"`
	Law          string `json:"law,omitempty"`
	Illustrative bool   `json:"illustrative,omitempty"`
}

// IsZero reports whether no limit is set.
func (l Limit) IsZero() bool { return l == Limit{} }

// Text writes the limit for people in "vi" (also for any other tag) or "en".
func (l Limit) Text(lang string) string {
	number := fmt.Sprint(l.Number)
	if l.Of > 1 {
		number = fmt.Sprintf("%d/%d", l.Number, l.Of)
	}
	vi, en := l.unitNames()
	if lang == "en" {
		return number + " " + en
	}
	return number + " " + vi
}

func (l Limit) unitNames() (vi, en string) {
	switch l.Unit {
	case "workingDay":
		return "ngày làm việc", "working day(s)"
	case "workingHour":
		return "giờ làm việc", "working hour(s)"
	case "day":
		return "ngày", "day(s)"
	case "month":
		return "tháng", "month(s)"
	case "hour":
		return "giờ", "hour(s)"
	}
	return l.Unit, l.Unit
}

// hoursPerDay is how sources convert a fraction of a working day into working hours.
const hoursPerDay = 8

// broken names the rule the limit breaks, or nothing.
func (l Limit) broken() string {
	of := max(l.Of, 1)
	switch l.Unit {
	case "workingDay":
		if l.Number*hoursPerDay*60%of != 0 {
			return "a fraction that is a whole number of working minutes"
		}
		if l.CutOff != "" && l.Number%of != 0 {
			return "a cut-off only with whole days"
		}
	case "day":
	case "workingHour", "month", "hour":
		if l.CutOff != "" {
			return "a cut-off only with workingDay and day"
		}
	default:
		return "unit workingDay, workingHour, hour, day or month"
	}
	switch {
	case l.Number < 0 || l.Number > 3000 || l.Of < 0 || l.Of > 60:
		return "a number from 0 to 3000 of at most 60"
	case l.Unit != "workingDay" && l.Number%of != 0:
		return "a whole number with this unit"
	}
	if _, err := l.cutOff(); err != nil {
		return "a cut-off as HH:mm"
	}
	return ""
}

func (l Limit) cutOff() (time.Duration, error) {
	if l.CutOff == "" {
		return 0, nil
	}
	t, err := time.Parse("15:04", l.CutOff)
	if err != nil {
		return 0, err
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// From counts the limit from an event on and explains every day. Errors: *calendar.UnknownYearError when a day of a
// year without an official calendar is touched, *[InvalidError].
func (l Limit) From(cal *calendar.Calendar, hours []calendar.Interval, from time.Time) (calendar.Explanation, error) {
	if rule := l.broken(); rule != "" {
		return calendar.Explanation{}, &InvalidError{Field: "limit", Rule: rule}
	}
	cut, _ := l.cutOff() // broken has looked at it
	cal, err := cal.With(calendar.Config{Hours: hours, CutOff: cut})
	if err != nil {
		return calendar.Explanation{}, err
	}
	of := max(l.Of, 1)
	switch {
	case l.Unit == "workingDay" && l.Number%of == 0:
		return cal.AddWorkingDays(from, int(l.Number/of))
	case l.Unit == "workingDay":
		return cal.AddWorkingHours(from, time.Duration(l.Number*hoursPerDay*60/of)*time.Minute)
	case l.Unit == "workingHour":
		return cal.AddWorkingHours(from, time.Duration(l.Number/of)*time.Hour)
	case l.Unit == "hour":
		return cal.AddHours(from.Truncate(time.Minute), time.Duration(l.Number/of)*time.Hour)
	case l.Unit == "day":
		return cal.AddDays(from, int(l.Number/of))
	}
	return addMonths(cal, from, int(l.Number/of))
}

// addMonths counts months by the calendar (Civil Code 2015 Art 148(3)): the same day of a later month, or that month's
// last day when it has no such day.
func addMonths(cal *calendar.Calendar, from time.Time, n int) (calendar.Explanation, error) {
	start := vntime.Midnight(from)
	y, m, d := start.Date()
	last := vntime.Date(y, m+time.Month(n)+1, 0) // day 0 is the last day of the month before
	if d < last.Day() {
		last = vntime.Date(last.Year(), last.Month(), d)
	}
	return cal.AddDays(from, int(last.Sub(start)/(24*time.Hour)))
}
