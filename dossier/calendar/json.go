package calendar

import (
	"encoding/json"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

type wireDay struct {
	Date        string `json:"date"`
	Working     bool   `json:"working"`
	Reason      Reason `json:"reason"`
	Law         string `json:"law,omitempty"`
	Source      string `json:"source,omitempty"`
	Provisional bool   `json:"provisional,omitempty"`
}

type wireLine struct {
	wireDay
	Counted bool  `json:"counted"`
	No      int   `json:"no,omitempty"`
	Minutes int64 `json:"minutes,omitempty"`
}

type wireExplanation struct {
	From        time.Time `json:"from"`
	Due         time.Time `json:"due"`
	Date        string    `json:"date"`
	Closes      time.Time `json:"closes"`
	Unit        Unit      `json:"unit"`
	Count       int       `json:"count,omitempty"`
	Minutes     int64     `json:"minutes,omitempty"`
	Provisional bool      `json:"provisional"`
	Days        []Line    `json:"days"`
}

// MarshalJSON writes the date as yyyy-mm-dd.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.wire()) }

// UnmarshalJSON reads what MarshalJSON wrote. Error: *[InvalidError], or that of encoding/json.
func (d *Day) UnmarshalJSON(raw []byte) error {
	var w wireDay
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	day, err := w.day()
	if err == nil {
		*d = day
	}
	return err
}

// MarshalJSON writes the day's members and its count in one object.
func (l Line) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireLine{l.wire(), l.Counted, l.No, int64(l.Worked / time.Minute)})
}

// UnmarshalJSON reads what MarshalJSON wrote. Error: *[InvalidError], or that of encoding/json.
func (l *Line) UnmarshalJSON(raw []byte) error {
	var w wireLine
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	day, err := w.day()
	if err == nil {
		*l = Line{Day: day, Counted: w.Counted, No: w.No, Worked: time.Duration(w.Minutes) * time.Minute}
	}
	return err
}

// MarshalJSON writes moments in RFC 3339 with +07:00, whole minutes, and the due day as yyyy-mm-dd besides. All numbers
// are whole.
func (e Explanation) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireExplanation{vntime.In(e.From), vntime.In(e.Due), vntime.In(e.Due).Format(time.DateOnly),
		vntime.In(e.Closes), e.Unit, e.Count, int64(e.Period / time.Minute), e.Provisional, e.Days})
}

// UnmarshalJSON reads what MarshalJSON wrote, so that a due date once given stays explained by the days that were counted
// then. Error: *[InvalidError], or that of encoding/json.
func (e *Explanation) UnmarshalJSON(raw []byte) error {
	var w wireExplanation
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*e = Explanation{From: vntime.In(w.From), Due: vntime.In(w.Due), Closes: vntime.In(w.Closes), Unit: w.Unit,
		Count: w.Count, Period: time.Duration(w.Minutes) * time.Minute, Provisional: w.Provisional, Days: w.Days}
	return nil
}

func (d Day) wire() wireDay {
	return wireDay{d.Date.Format(time.DateOnly), d.Working, d.Reason, d.Law, d.Source, d.Provisional}
}

func (w wireDay) day() (Day, error) {
	date, err := time.ParseInLocation(time.DateOnly, w.Date, vntime.Zone())
	if err != nil {
		return Day{}, &InvalidError{Field: "date", Rule: "yyyy-mm-dd", Err: err}
	}
	return Day{date, w.Working, w.Reason, w.Law, w.Source, w.Provisional}, nil
}
