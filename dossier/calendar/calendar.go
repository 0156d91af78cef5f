package calendar

import (
	"slices"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Codes of [Reason]. The first group is what a data file may say about a day; the second is what a count adds.
const (
	Weekday      = "weekday"      // ngày làm việc thường
	Weekend      = "weekend"      // nghỉ hằng tuần
	NewYear      = "new-year"     // Tết Dương lịch
	Tet          = "tet"          // Tết Nguyên đán
	HungKings    = "hung-kings"   // Giỗ Tổ Hùng Vương
	Victory      = "victory"      // Ngày Chiến thắng 30/4
	LabourDay    = "labour-day"   // Quốc tế lao động 1/5
	NationalDay  = "national-day" // Quốc khánh
	CultureDay   = "culture-day"  // Ngày Văn hóa Việt Nam 24/11
	Compensatory = "compensatory" // nghỉ bù
	Swap         = "swap"         // nghỉ hoán đổi
	MakeUp       = "make-up"      // làm bù
	Local        = "local"        // a day the operator's own list adds

	Start   = "start"   // the day of the event, not counted (Art 147)
	CutOff  = "cut-off" // received after the cut-off: starts on the next working day
	Carried = "carried" // the last day was off: the period ends on this working day (Art 148)
)

var reasonCodes = []string{Weekday, Weekend, NewYear, Tet, HungKings, Victory, LabourDay, NationalDay, CultureDay,
	Compensatory, Swap, MakeUp, Local}

const weeklyRestLaw = "Bộ luật Lao động 2019, Điều 111"

// Reason is why a day is what it is, as a stable code and in words.
type Reason struct {
	Code string `json:"code"`
	Vi   string `json:"vi"`
	En   string `json:"en"`
}

// Text returns the words in "vi" (also for any other tag) or "en".
func (r Reason) Text(lang string) string {
	if lang == "en" {
		return r.En
	}
	return r.Vi
}

// Day is what the calendar knows about one civil day in Vietnam.
type Day struct {
	Date    time.Time // first instant of the day, +07:00
	Working bool
	Reason  Reason
	Law     string // legal ground
	Source  string // the document the row was taken from; empty for what the weekday says
	// Provisional marks a row that rests on inference or recollection and waits for the official text.
	Provisional bool
}

// Config sets how a calendar counts. Its zero value counts from the moment of the event, in the default office hours.
type Config struct {
	// Hours are the office hours of a working day, in order and without overlap. Default 07:30-11:30 and 13:30-17:00,
	// provisional: hours are set locally.
	Hours []Interval
	// CutOff, when positive, is the time of day after which a dossier counts as received at the opening of the next
	// working day (15 h for the bundles of Decree 63/2024 and for results "in the day"). A dossier received on a day off
	// is then treated alike, so that a later receipt is never due earlier. Default: no cut-off.
	CutOff time.Duration
}

// Interval is a part of a working day, as times since midnight: From <= t < To.
type Interval struct {
	From, To time.Duration
}

var defaultHours = [...]Interval{
	{7*time.Hour + 30*time.Minute, 11*time.Hour + 30*time.Minute},
	{13*time.Hour + 30*time.Minute, 17 * time.Hour},
}

// Calendar answers for the days of certain years. It is immutable and safe for concurrent use.
type Calendar struct {
	cfg   Config
	years map[int]string // year -> source of its list
	rows  map[int]Day    // day number -> what a data file says

	first int     // day number of days[0]
	days  []Day   // every day from the first to the last year, known or not
	known []bool  // whether the day's year has a list
	upTo  []int32 // working days among days[:i+1]
	nth   []int32 // index of the k-th working day
}

// With returns the same calendar counting by cfg. Error: *[InvalidError].
func (c *Calendar) With(cfg Config) (*Calendar, error) {
	end := time.Duration(0)
	for _, h := range cfg.Hours {
		if h.From < end || h.To <= h.From || h.To > 24*time.Hour {
			return nil, &InvalidError{Field: "config.hours", Rule: "intervals in order, within one day"}
		}
		end = h.To
	}
	if cfg.CutOff < 0 || cfg.CutOff >= 24*time.Hour {
		return nil, &InvalidError{Field: "config.cutoff", Rule: "a time of day"}
	}
	next := *c
	next.cfg = cfg
	next.cfg.Hours = slices.Clone(cfg.Hours)
	return &next, nil
}

// Years returns the years the calendar answers for, in order.
func (c *Calendar) Years() []int {
	var years []int
	for y := range c.years {
		years = append(years, y)
	}
	slices.Sort(years)
	return years
}

// Day says what the Vietnamese civil day of t is. Error: *[UnknownYearError].
func (c *Calendar) Day(t time.Time) (Day, error) {
	i, err := c.index(t)
	if err != nil {
		return Day{}, err
	}
	return c.days[i], nil
}

func (c *Calendar) hours() []Interval {
	if len(c.cfg.Hours) > 0 {
		return c.cfg.Hours
	}
	return defaultHours[:]
}

func (c *Calendar) index(t time.Time) (int, error) {
	i := number(t) - c.first
	if i < 0 || i >= len(c.days) || !c.known[i] {
		return 0, &UnknownYearError{Year: vntime.In(t).Year()}
	}
	return i, nil
}

// number counts civil days since 1970-01-01 on the Vietnamese clock face.
func number(t time.Time) int {
	const day = 24 * 60 * 60
	seconds := t.Unix() + 7*60*60
	n := seconds / day
	if seconds%day < 0 {
		n--
	}
	return int(n)
}

func tabulate(years map[int]string, rows map[int]Day) *Calendar {
	c := &Calendar{years: years, rows: rows}
	all := c.Years()
	start, end := vntime.Date(all[0], 1, 1), vntime.Date(all[len(all)-1]+1, 1, 1)
	c.first = number(start)
	size := number(end) - c.first
	c.days, c.known, c.upTo = make([]Day, size), make([]bool, size), make([]int32, size)
	for i := range size {
		date := start.AddDate(0, 0, i)
		_, c.known[i] = years[date.Year()]
		d, ok := rows[c.first+i]
		if !ok {
			d = ordinary(date)
		}
		c.days[i] = d
		if d.Working {
			c.nth = append(c.nth, int32(i))
		}
		c.upTo[i] = int32(len(c.nth))
	}
	return c
}

func ordinary(date time.Time) Day {
	switch date.Weekday() {
	case time.Saturday:
		return Day{Date: date, Reason: Reason{Weekend, "Nghỉ hằng tuần (thứ Bảy)", "Weekly rest (Saturday)"}, Law: weeklyRestLaw}
	case time.Sunday:
		return Day{Date: date, Reason: Reason{Weekend, "Nghỉ hằng tuần (Chủ nhật)", "Weekly rest (Sunday)"}, Law: weeklyRestLaw}
	}
	return Day{Date: date, Working: true, Reason: Reason{Weekday, "Ngày làm việc", "Working day"}}
}
