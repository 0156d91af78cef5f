package dossier

import (
	"encoding/json"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/internal/vntime"
)

// storedExplanation reads what calendar.Explanation writes: a due date once given stays explained by the days that were
// counted then, whatever list of days off is loaded later.
type storedExplanation struct {
	From        time.Time     `json:"from"`
	Due         time.Time     `json:"due"`
	Closes      time.Time     `json:"closes"`
	Unit        calendar.Unit `json:"unit"`
	Count       int           `json:"count"`
	Minutes     int           `json:"minutes"`
	Provisional bool          `json:"provisional"`
	Days        []storedLine  `json:"days"`
}

type storedLine struct {
	Date        Day             `json:"date"`
	Working     bool            `json:"working"`
	Reason      calendar.Reason `json:"reason"`
	Law         string          `json:"law"`
	Source      string          `json:"source"`
	Provisional bool            `json:"provisional"`
	Counted     bool            `json:"counted"`
	No          int             `json:"no"`
	Minutes     int             `json:"minutes"`
}

func readExplanation(raw json.RawMessage) (calendar.Explanation, error) {
	var s storedExplanation
	if len(raw) == 0 {
		return calendar.Explanation{}, nil
	}
	if err := decodeExplanation(raw, &s); err != nil {
		return calendar.Explanation{}, err
	}
	e := calendar.Explanation{From: vntime.In(s.From), Due: vntime.In(s.Due), Closes: vntime.In(s.Closes), Unit: s.Unit,
		Count: s.Count, Period: time.Duration(s.Minutes) * time.Minute, Provisional: s.Provisional}
	for _, l := range s.Days {
		e.Days = append(e.Days, calendar.Line{
			Day: calendar.Day{Date: l.Date.Time(), Working: l.Working, Reason: l.Reason, Law: l.Law, Source: l.Source,
				Provisional: l.Provisional},
			Counted: l.Counted, No: l.No, Worked: time.Duration(l.Minutes) * time.Minute,
		})
	}
	return e, nil
}
