package calendar

import (
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// AddWorkingHours finds the moment at which a period of working hours (giờ làm việc) ends that runs from the moment of
// from through the office hours of working days. Before opening it waits for the opening, in the lunch break for the
// afternoon, after closing for the next working day; [Config.CutOff] is for periods in days and plays no part here.
// Errors: *[InvalidError], *[UnknownYearError].
func (c *Calendar) AddWorkingHours(from time.Time, d time.Duration) (Explanation, error) {
	if d < 0 || d > MaxPeriod*time.Hour {
		return Explanation{}, &InvalidError{Field: "period", Rule: "0 to 3660 hours"}
	}
	at, err := c.index(from)
	if err != nil {
		return Explanation{}, err
	}
	var lines []Line
	left, after := d, sinceMidnight(from)
	for i := at; ; i++ {
		if i >= len(c.days) || !c.known[i] {
			return Explanation{}, &UnknownYearError{Year: c.days[i-1].Date.Year() + 1}
		}
		line := Line{Day: c.days[i]}
		end, done := time.Duration(0), false
		if line.Working {
			line.Worked, end, done = c.spend(after, left)
			line.Counted = line.Worked > 0
			left -= line.Worked
		}
		after = 0
		lines = append(lines, line)
		if done {
			return c.explainHours(from, i, end, d, lines), nil
		}
	}
}

// AddHours finds the moment at which a period of hours (giờ) around the clock ends that runs from the moment of from,
// such as the 24 hours of a birth registration. One that ends on a day off is carried to the end of the next working day.
// Errors: *[InvalidError], *[UnknownYearError].
func (c *Calendar) AddHours(from time.Time, d time.Duration) (Explanation, error) {
	if d < 0 || d > MaxPeriod*24*time.Hour {
		return Explanation{}, &InvalidError{Field: "period", Rule: "0 to 3660 days of hours"}
	}
	at, err := c.index(from)
	if err != nil {
		return Explanation{}, err
	}
	from = vntime.In(from)
	end := from.Add(d)
	last := number(end) - c.first
	if err := c.holds(at, last); err != nil {
		return Explanation{}, err
	}
	due, err := c.workingFrom(last)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{From: from, Due: end, Closes: c.closes(due), Unit: Hours, Period: d, Days: make([]Line, 0, due-at+1)}
	for i := at; i <= due; i++ {
		line := Line{Day: c.days[i]}
		if i <= last {
			line.Worked = earlier(end, line.Date.Add(24*time.Hour)).Sub(later(from, line.Date))
			line.Counted = line.Worked > 0
		}
		if i == due && due > last {
			line.carry()
			e.Due = endOf(line.Date)
		}
		e.add(line)
	}
	return e, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (c *Calendar) explainHours(from time.Time, due int, end, d time.Duration, lines []Line) Explanation {
	e := Explanation{
		From: vntime.In(from), Due: c.days[due].Date.Add(end), Closes: c.closes(due), Unit: WorkingHours, Period: d,
		Provisional: len(c.cfg.Hours) == 0,
	}
	for _, line := range lines {
		e.add(line)
	}
	return e
}

// spend uses up to left of the office hours of one day that lie after a time of day. end is when it was used up.
func (c *Calendar) spend(after, left time.Duration) (worked, end time.Duration, done bool) {
	for _, h := range c.hours() {
		from := max(h.From, after)
		if from > h.To || (from == h.To && left > 0) {
			continue
		}
		if h.To-from >= left {
			return worked + left, from + left, true
		}
		worked += h.To - from
		left -= h.To - from
	}
	return worked, 0, false
}

func (c *Calendar) closes(i int) time.Time {
	hours := c.hours()
	return c.days[i].Date.Add(hours[len(hours)-1].To)
}
