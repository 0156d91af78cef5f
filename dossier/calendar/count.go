package calendar

import (
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// MaxPeriod bounds a period: ten years of days.
const MaxPeriod = 3660

const (
	startLaw   = "Bộ luật Dân sự 2015, Điều 147"
	carriedLaw = "Bộ luật Dân sự 2015, Điều 148"
	cutOffLaw  = "Quy định tiếp nhận sau giờ chốt của thủ tục"
)

// AddWorkingDays finds the last day of a period of n working days (ngày làm việc) that an event at from sets off, and
// explains it. The day of the event is not counted; make-up working Saturdays are. With n = 0 the period ends on the day
// itself, or on the next working day if that is a day off. Errors: *[InvalidError], *[UnknownYearError].
func (c *Calendar) AddWorkingDays(from time.Time, n int) (Explanation, error) {
	at, start, due, err := c.workingSpan(from, n)
	if err != nil {
		return Explanation{}, err
	}
	e := c.explain(from, at, due, n, WorkingDays)
	no := 0
	for i := at; i <= due; i++ {
		line := c.line(i, at, start)
		if i > start && line.Working {
			no++
			line.Counted, line.No = n > 0, no
		}
		if n == 0 && i == due && due > start {
			line.carry()
		}
		e.add(line)
	}
	return e, nil
}

// Due is AddWorkingDays without the explanation, for counting in bulk: it allocates nothing.
func (c *Calendar) Due(from time.Time, n int) (time.Time, error) {
	_, _, due, err := c.workingSpan(from, n)
	if err != nil {
		return time.Time{}, err
	}
	return endOf(c.days[due].Date), nil
}

// AddDays finds the last day of a period of n calendar days (ngày) after from. A last day that is off moves to the next
// working day. Errors: *[InvalidError], *[UnknownYearError].
func (c *Calendar) AddDays(from time.Time, n int) (Explanation, error) {
	at, start, err := c.begin(from, n)
	if err != nil {
		return Explanation{}, err
	}
	return c.span(from, at, start, start+n, n, Days)
}

// AddMonths finds the last day of a period of n months (tháng) after from: the same day of the month, or the last of a
// shorter month. A last day that is off moves to the next working day. Errors: *[InvalidError], *[UnknownYearError].
func (c *Calendar) AddMonths(from time.Time, n int) (Explanation, error) {
	at, start, err := c.begin(from, n)
	if err != nil {
		return Explanation{}, err
	}
	if n > MaxPeriod/31 {
		return Explanation{}, &InvalidError{Field: "period", Rule: "0 to 118 months"}
	}
	year, month, day := c.days[start].Date.Date()
	first := vntime.Date(year, month+time.Month(n), 1)
	end := first.AddDate(0, 0, min(day, first.AddDate(0, 1, -1).Day())-1)
	return c.span(from, at, start, number(end)-c.first, n, Months)
}

// span explains a period of calendar days that ends on the day last, or on the working day after it.
func (c *Calendar) span(from time.Time, at, start, last, n int, unit Unit) (Explanation, error) {
	if err := c.holds(at, last); err != nil {
		return Explanation{}, err
	}
	due, err := c.workingFrom(last)
	if err != nil {
		return Explanation{}, err
	}
	e := c.explain(from, at, due, n, unit)
	for i := at; i <= due; i++ {
		line := c.line(i, at, start)
		if i > start && i <= last {
			line.Counted, line.No = true, i-start
		}
		if i == due && due > last {
			line.carry()
		}
		e.add(line)
	}
	return e, nil
}

// Between counts the working days after the day of from, up to and with the day of to; negative when to is earlier.
// Error: *[UnknownYearError].
func (c *Calendar) Between(from, to time.Time) (int, error) {
	a, err := c.index(from)
	if err != nil {
		return 0, err
	}
	b, err := c.index(to)
	if err != nil {
		return 0, err
	}
	if err := c.holds(min(a, b), max(a, b)); err != nil {
		return 0, err
	}
	return int(c.upTo[b] - c.upTo[a]), nil
}

// workingSpan returns the indexes of the day of from, of the day that counts as the day of the event, and of the last.
func (c *Calendar) workingSpan(from time.Time, n int) (at, start, due int, err error) {
	if at, start, err = c.begin(from, n); err != nil {
		return 0, 0, 0, err
	}
	if n == 0 {
		due, err = c.workingFrom(start)
		return at, start, due, err
	}
	k := int(c.upTo[start]) + n - 1
	if k >= len(c.nth) {
		return 0, 0, 0, &UnknownYearError{Year: c.days[len(c.days)-1].Date.Year() + 1}
	}
	due = int(c.nth[k])
	return at, start, due, c.holds(at, due)
}

func (c *Calendar) begin(from time.Time, n int) (at, start int, err error) {
	if n < 0 || n > MaxPeriod {
		return 0, 0, &InvalidError{Field: "period", Rule: "0 to 3660 days"}
	}
	if at, err = c.index(from); err != nil {
		return 0, 0, err
	}
	late := c.cfg.CutOff > 0 && (!c.days[at].Working || sinceMidnight(from) >= c.cfg.CutOff)
	if !late {
		return at, at, nil
	}
	start, err = c.workingFrom(at + 1)
	return at, start, err
}

// workingFrom returns the first working day at index i or later.
func (c *Calendar) workingFrom(i int) (int, error) {
	first := i
	for ; i < len(c.days); i++ {
		if c.days[i].Working {
			return i, c.holds(first, i)
		}
	}
	return 0, &UnknownYearError{Year: c.days[len(c.days)-1].Date.Year() + 1}
}

// holds reports the first day between two indexes whose year has no list. Years are whole, so a probe a year is enough.
func (c *Calendar) holds(from, to int) error {
	for i := from; ; i = min(i+365, to) {
		switch {
		case i >= len(c.days):
			return &UnknownYearError{Year: c.days[len(c.days)-1].Date.Year() + 1}
		case !c.known[i]:
			return &UnknownYearError{Year: c.days[i].Date.Year()}
		case i == to:
			return nil
		}
	}
}

func (c *Calendar) line(i, at, start int) Line {
	line := Line{Day: c.days[i]}
	switch {
	case i == start && at == start:
		line.Reason = Reason{Start, "Ngày tiếp nhận, không tính vào thời hạn", "Day of receipt, not counted"}
		line.Law = startLaw
	case i == at:
		line.Reason = Reason{CutOff, "Tiếp nhận sau giờ chốt hoặc vào ngày nghỉ, tính là ngày làm việc tiếp theo",
			"Received after the cut-off or on a day off: taken as the next working day"}
		line.Law, line.Provisional = cutOffLaw, line.Provisional || !line.Working
	case i == start:
		line.Reason = Reason{Start, "Ngày được tính là ngày tiếp nhận, không tính vào thời hạn",
			"Day taken as the day of receipt, not counted"}
		line.Law = startLaw
	}
	return line
}

func (l *Line) carry() {
	l.Counted, l.No = false, 0
	l.Reason = Reason{Carried, "Ngày cuối là ngày nghỉ nên thời hạn kết thúc vào ngày làm việc này",
		"The last day was off, so the period ends on this working day"}
	l.Law = carriedLaw
}

func sinceMidnight(t time.Time) time.Duration { return t.Sub(vntime.Midnight(t)) }

// endOf is the last second of a day: the law ends a period at 24:00, which written as a moment would carry the date of
// the day after.
func endOf(midnight time.Time) time.Time { return midnight.Add(24*time.Hour - time.Second) }
