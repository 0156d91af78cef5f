package privacy

import (
	_ "embed" // the deadlines
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

//go:embed data/deadlines.json
var deadlines []byte

// WorkingDays returns the last moment of a period of working days that begins with the event at from; the day of the
// event is not counted (Civil Code 91/2015/QH13 Art. 147). dossier/calendar counts them:
//
//	func(from time.Time, n int) (time.Time, error) { e, err := cal.AddWorkingDays(from, n); return e.Due, err }
type WorkingDays func(from time.Time, days int) (time.Time, error)

// Deadlines are the law's periods, a dated row each.
type Deadlines struct {
	Format      string `json:"format"`
	Since       string `json:"since"`
	Instrument  string `json:"instrument"`
	Source      string `json:"source"`
	Acknowledge struct {
		WorkingDays int  `json:"workingDays"`
		Provisional bool `json:"provisional,omitempty"`
	} `json:"acknowledge"`
	Breach struct {
		Hours       int    `json:"hours"`
		Article     string `json:"article,omitempty"`
		Provisional bool   `json:"provisional,omitempty"`
	} `json:"breachHours"`
	Rights []RightDeadline `json:"rights"`
}

// RightDeadline is the row of one right, in calendar days.
type RightDeadline struct {
	Right          Right `json:"right"`
	Days           int   `json:"days"`
	DaysWithOthers int   `json:"daysWithOthers"` // when a processor or third party has to act as well
	Extension      int   `json:"extension"`      // once, at most
	Provisional    bool  `json:"provisional,omitempty"`
}

// StandardDeadlines returns the rows of Decree 356/2025/NĐ-CP.
func StandardDeadlines() (Deadlines, error) { return ParseDeadlines(deadlines) }

// ParseDeadlines reads a file of deadlines. Errors: *Error.
func ParseDeadlines(data []byte) (Deadlines, error) {
	var d Deadlines
	if err := decode(data, "deadlines", &d); err != nil {
		return Deadlines{}, err
	}
	if d.Format != "motcua-privacy-deadlines/1" || d.Since == "" || d.Instrument == "" || d.Source == "" {
		return Deadlines{}, refuse("deadlines", "format")
	}
	if d.Acknowledge.WorkingDays < 1 || d.Acknowledge.WorkingDays > 30 || d.Breach.Hours < 1 || d.Breach.Hours > 720 {
		return Deadlines{}, refuse("deadlines", "range")
	}
	seen := map[Right]bool{}
	for _, row := range d.Rights {
		if row.Days < 1 || row.DaysWithOthers < row.Days || row.DaysWithOthers > 365 || row.Extension < 0 ||
			row.Extension > 365 || seen[row.Right] || row.Right == "" {
			return Deadlines{}, refuse("deadlines", "range")
		}
		seen[row.Right] = true
	}
	return d, nil
}

func (d Deadlines) row(right Right) (RightDeadline, bool) {
	for _, row := range d.Rights {
		if row.Right == right {
			return row, true
		}
	}
	return RightDeadline{}, false
}

// afterDays returns when a period of calendar days ends: with its last day, the day of the event not counted, and if that
// is no working day with the next one (Civil Code Art. 147 and 148). A calendar that does not know the year moves nothing:
// the earlier end is the safe one, and known is false.
func afterDays(from time.Time, days int, working WorkingDays) (end time.Time, known bool) {
	last := vntime.Midnight(from).AddDate(0, 0, days)
	if end, err := working(last.Add(-time.Second), 1); err == nil {
		return end, true
	}
	return last.AddDate(0, 0, 1).Add(-time.Second), false
}

// afterWorkingDays is the same for working days; without a calendar every day counts.
func afterWorkingDays(from time.Time, days int, working WorkingDays) (end time.Time, known bool) {
	if end, err := working(from, days); err == nil {
		return end, true
	}
	return vntime.Midnight(from).AddDate(0, 0, days+1).Add(-time.Second), false
}
