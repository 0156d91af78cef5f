package dossier

import (
	"encoding/json"
	"time"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/internal/vntime"
)

// decodeExplanation is decodeBody for the deadline in a body.
func decodeExplanation(raw []byte, s *storedExplanation) error {
	r := newBodyReader(raw)
	if r.explanation(s); r.done() {
		return nil
	}
	*s = storedExplanation{}
	return json.Unmarshal(raw, s)
}

func (r *bodyReader) explanation(s *storedExplanation) {
	r.object(func(name string) {
		switch name {
		case "closes":
			s.Closes = r.time()
		case "count":
			s.Count = int(r.number())
		case "date":
			r.text() // the day of Due
		case "days":
			r.array(func() { s.Days = append(s.Days, r.line()) })
		case "due":
			s.Due = r.time()
		case "from":
			s.From = r.time()
		case "minutes":
			s.Minutes = int(r.number())
		case "provisional":
			s.Provisional = r.flag()
		case "unit":
			s.Unit = calendar.Unit(r.text())
		default:
			r.ok = false
		}
	})
}

func (r *bodyReader) line() storedLine {
	var l storedLine
	r.object(func(name string) {
		switch name {
		case "counted":
			l.Counted = r.flag()
		case "date":
			l.Date = r.day()
		case "law":
			l.Law = r.text()
		case "minutes":
			l.Minutes = int(r.number())
		case "no":
			l.No = int(r.number())
		case "provisional":
			l.Provisional = r.flag()
		case "reason":
			l.Reason = r.reason()
		case "source":
			l.Source = r.text()
		case "working":
			l.Working = r.flag()
		default:
			r.ok = false
		}
	})
	return l
}

func (r *bodyReader) reason() calendar.Reason {
	var why calendar.Reason
	r.object(func(name string) {
		switch name {
		case "code":
			why.Code = r.text()
		case "en":
			why.En = r.text()
		case "vi":
			why.Vi = r.text()
		default:
			r.ok = false
		}
	})
	return why
}

func (r *bodyReader) day() Day {
	text := r.text()
	t, err := time.ParseInLocation(time.DateOnly, text, vntime.Zone())
	r.ok = r.ok && err == nil
	return DayOf(t)
}
