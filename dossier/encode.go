package dossier

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/rules"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// encode returns the canonical form of the body. Every act writes one, so it is written member by member in the order of
// names; what needs an escape takes the long way through [journal.EncodeBody], which says the same.
func (body *factBody) encode() ([]byte, error) {
	w := bodyWriter{b: make([]byte, 0, 1024+len(body.Detail.Deadline))}
	w.open("detail")
	w.detail(&body.Detail)
	w.close()
	if body.From != 0 {
		w.number("from", int64(body.From))
	}
	w.open("law")
	w.law(&body.Law)
	w.close()
	w.text("role", string(body.Role))
	w.open("summary")
	w.summary(&body.Summary)
	w.close()
	if w.odd {
		return journal.EncodeBody(body)
	}
	return append(w.b, '}'), nil
}

// encodeExplanation returns the canonical form of what e.MarshalJSON says.
func encodeExplanation(e calendar.Explanation) (json.RawMessage, error) {
	w := bodyWriter{b: make([]byte, 0, 256+192*len(e.Days)), odd: e.Days == nil}
	w.explanation(&e)
	if w.odd {
		return journal.EncodeBody(e)
	}
	return append(w.b, '}'), nil
}

// bodyWriter appends members of JSON objects; the caller sees to the order of names. It begins with the outermost
// object. odd means it has met text it does not write.
type bodyWriter struct {
	b   []byte
	odd bool
}

func (w *bodyWriter) name(name string) {
	switch {
	case len(w.b) == 0:
		w.b = append(w.b, '{')
	case w.b[len(w.b)-1] != '{':
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *bodyWriter) open(name string) {
	w.name(name)
	w.b = append(w.b, '{')
}

func (w *bodyWriter) close() { w.b = append(w.b, '}') }

func (w *bodyWriter) quote(s string) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			w.odd = true
		}
	}
	w.odd = w.odd || !utf8.ValidString(s)
	w.b = append(append(append(w.b, '"'), s...), '"')
}

func (w *bodyWriter) text(name, s string) {
	w.name(name)
	w.quote(s)
}

// The methods that begin with some leave out what says nothing.

func (w *bodyWriter) someText(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *bodyWriter) number(name string, n int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *bodyWriter) someNumber(name string, n int) {
	if n != 0 {
		w.number(name, int64(n))
	}
}

func (w *bodyWriter) flag(name string, yes bool) {
	w.name(name)
	w.b = strconv.AppendBool(w.b, yes)
}

func (w *bodyWriter) someTrue(name string, yes bool) {
	if yes {
		w.flag(name, yes)
	}
}

func (w *bodyWriter) time(name string, t time.Time) {
	w.name(name)
	if _, offset := t.Zone(); t.Year() < 0 || t.Year() > 9999 || offset%60 != 0 || offset >= 24*60*60 || offset <= -24*60*60 {
		w.odd = true // encoding/json refuses some of these
	}
	w.b = append(t.AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
}

func (w *bodyWriter) someTime(name string, t time.Time) {
	if !t.IsZero() {
		w.time(name, t)
	}
}

func (w *bodyWriter) detail(d *detail) {
	if len(d.Components) > 0 {
		w.name("components")
		for i, code := range d.Components {
			w.b = append(w.b, "[,"[min(i, 1)])
			w.quote(code)
		}
		w.b = append(w.b, ']')
	}
	if len(d.Deadline) > 0 {
		w.name("deadline")
		w.b = append(w.b, d.Deadline...) // canonical by encodeExplanation
	}
	w.someTime("dueAfter", d.DueAfter)
	w.someTime("dueBefore", d.DueBefore)
	w.someText("unit", d.Unit.text)
}

func (w *bodyWriter) law(l *rules.Law) {
	w.someText("amendedBy", l.AmendedBy)
	w.someText("article", l.Article)
	w.someText("basis", l.Basis)
	w.text("instrument", l.Instrument)
	w.someTrue("provisional", l.Provisional)
}

func (w *bodyWriter) summary(s *Summary) {
	w.someTime("accepted", s.Accepted)
	w.text("act", string(s.Act))
	w.text("agency", s.Agency.text)
	w.text("applicant", s.Applicant)
	w.someTrue("approved", s.Approved)
	w.text("channel", string(s.Channel))
	w.someText("code", s.Code.text)
	w.someTrue("denied", s.Denied)
	w.someTime("due", s.Due)
	w.someTime("dutyAsked", s.DutyAsked)
	w.someTime("ended", s.Ended)
	w.time("filed", s.Filed)
	w.someTime("handed", s.Handed)
	w.text("id", s.ID.text)
	w.someTime("indexDue", s.IndexDue)
	w.someText("officer", s.Officer)
	w.someNumber("openConsults", s.OpenConsults)
	w.text("procedure", s.Procedure.String())
	w.text("procedureVersion", s.ProcedureVersion)
	w.someNumber("reappointments", s.Reappointments)
	w.results(s.Results)
	w.text("ruleDigest", s.RuleDigest)
	w.text("ruleSet", s.RuleSet)
	w.number("state", int64(s.State))
	w.text("submitter", s.Submitter)
	w.someTime("supplementAsked", s.SupplementAsked)
	w.someTime("supplementDue", s.SupplementDue)
	w.someNumber("supplements", s.Supplements)
	w.text("unit", s.Unit.text)
}

func (w *bodyWriter) results(refs []FileRef) {
	if len(refs) == 0 {
		return
	}
	w.name("results")
	for i := range refs {
		w.b = append(w.b, "[,"[min(i, 1)], '{')
		w.text("component", refs[i].Component)
		w.text("hash", refs[i].Hash)
		w.text("media", refs[i].Media)
		w.someText("name", refs[i].Name.String())
		w.number("size", refs[i].Size)
		w.close()
	}
	w.b = append(w.b, ']')
}

func (w *bodyWriter) explanation(e *calendar.Explanation) {
	w.time("closes", vntime.In(e.Closes))
	w.someNumber("count", e.Count)
	w.text("date", vntime.In(e.Due).Format(time.DateOnly))
	w.name("days")
	w.b = append(w.b, '[')
	for i := range e.Days {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, '{')
		w.line(&e.Days[i])
		w.close()
	}
	w.b = append(w.b, ']')
	w.time("due", vntime.In(e.Due))
	w.time("from", vntime.In(e.From))
	w.someNumber("minutes", int(e.Period/time.Minute))
	w.flag("provisional", e.Provisional)
	w.text("unit", string(e.Unit))
}

func (w *bodyWriter) line(l *calendar.Line) {
	w.flag("counted", l.Counted)
	w.text("date", l.Date.Format(time.DateOnly))
	w.someText("law", l.Law)
	w.someNumber("minutes", int(l.Worked/time.Minute))
	w.someNumber("no", l.No)
	w.someTrue("provisional", l.Provisional)
	w.open("reason")
	w.text("code", l.Reason.Code)
	w.text("en", l.Reason.En)
	w.text("vi", l.Reason.Vi)
	w.close()
	w.someText("source", l.Source)
	w.flag("working", l.Working)
}
