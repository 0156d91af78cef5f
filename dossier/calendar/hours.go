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
