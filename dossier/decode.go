package dossier

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/motcua/motcua/dossier/rules"
)

// decodeBody reads the public half of a fact as encoding/json would. Every act reads the whole history, so bodies as
// this version of the program writes them take the short way of [bodyReader]; all others are left to encoding/json.
func decodeBody(raw []byte, body *factBody) error {
	r := newBodyReader(raw)
	if r.body(body); r.done() {
		return nil
	}
	*body = factBody{}
	return json.Unmarshal(raw, body)
}

// bodyReader takes values off the front of canonical JSON. ok turns false at the first thing it is not sure of, such as
// an escape, null or a member out of order; what it returns then means nothing.
type bodyReader struct {
	rest string
	ok   bool
}

func newBodyReader(raw []byte) *bodyReader {
	return &bodyReader{rest: string(raw), ok: utf8.Valid(raw)}
}

// done reports whether all was read, and surely.
func (r *bodyReader) done() bool { return r.ok && r.rest == "" }

func (r *bodyReader) skip(token string) {
	if rest, found := strings.CutPrefix(r.rest, token); found {
		r.rest = rest
		return
	}
	r.ok = false
}

func (r *bodyReader) text() string {
	r.skip(`"`)
	for i := 0; i < len(r.rest) && r.ok; i++ {
		switch c := r.rest[i]; {
		case c == '"':
			s := r.rest[:i]
			r.rest = r.rest[i+1:]
			return s
		case c == '\\' || c < 0x20:
			r.ok = false
		}
	}
	r.ok = false
	return ""
}

// object reads one object, asking for the value of each member by its name.
func (r *bodyReader) object(member func(name string)) {
	r.skip("{")
	for before := ""; r.ok && !strings.HasPrefix(r.rest, "}"); {
		if before != "" {
			r.skip(",")
		}
		name := r.text()
		r.skip(":")
		if r.ok = r.ok && name > before; r.ok {
			member(name)
		}
		before = name
	}
	r.skip("}")
}

// array leaves empty ones, which nobody writes, to encoding/json.
func (r *bodyReader) array(element func()) {
	r.skip("[")
	element()
	for r.ok && !strings.HasPrefix(r.rest, "]") {
		r.skip(",")
		element()
	}
	r.skip("]")
}

func (r *bodyReader) number() int64 {
	n := 0
	for n < len(r.rest) && n < 16 && (r.rest[n] >= '0' && r.rest[n] <= '9' || n == 0 && r.rest[n] == '-') {
		n++
	}
	v, err := strconv.ParseInt(r.rest[:n], 10, 64)
	if err != nil || strconv.FormatInt(v, 10) != r.rest[:n] {
		r.ok = false
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *bodyReader) flag() bool {
	if rest, found := strings.CutPrefix(r.rest, "true"); found {
		r.rest = rest
		return true
	}
	r.skip("false")
	return false
}

func (r *bodyReader) state() State {
	s := State(r.number())
	r.ok = r.ok && s.IsValid()
	return s
}

func (r *bodyReader) time() time.Time {
	var t time.Time
	if text := r.text(); r.ok {
		r.ok = t.UnmarshalText([]byte(text)) == nil
	}
	return t
}

// agency, and what follows it, read identifiers that must not be empty: those are left to encoding/json.
func (r *bodyReader) agency() AgencyID {
	a := AgencyID{r.text()}
	r.ok = r.ok && isAgencyID(a.text)
	return a
}

func (r *bodyReader) id() ID {
	id, err := ParseID(r.text())
	r.ok = r.ok && err == nil
	return id
}

func (r *bodyReader) code() Code {
	code, err := ParseCode(r.text())
	r.ok = r.ok && err == nil
	return code
}

func (r *bodyReader) procedure() ProcedureCode {
	code, err := ParseProcedureCode(r.text())
	r.ok = r.ok && err == nil
	return code
}

// raw takes one object without looking into it; what it is, its own reader finds out.
func (r *bodyReader) raw() json.RawMessage {
	depth, inText := 0, false
	for i := 0; i < len(r.rest) && r.ok; i++ {
		switch c := r.rest[i]; {
		case c == '\\':
			r.ok = false
		case c == '"':
			inText = !inText
		case inText:
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if depth == 0 {
			raw := json.RawMessage(r.rest[:i+1])
			r.rest = r.rest[i+1:]
			r.ok = r.ok && json.Valid(raw) && raw[0] == '{'
			return raw
		}
	}
	r.ok = false
	return nil
}

func (r *bodyReader) body(body *factBody) {
	r.object(func(name string) {
		switch name {
		case "detail":
			r.detail(&body.Detail)
		case "from":
			body.From = r.state()
		case "law":
			r.law(&body.Law)
		case "role":
			body.Role = Role(r.text())
		case "summary":
			r.summary(&body.Summary)
		default:
			r.ok = false
		}
	})
}

func (r *bodyReader) detail(d *detail) {
	r.object(func(name string) {
		switch name {
		case "components":
			r.array(func() { d.Components = append(d.Components, r.text()) })
		case "deadline":
			d.Deadline = r.raw()
		case "dueAfter":
			d.DueAfter = r.time()
		case "dueBefore":
			d.DueBefore = r.time()
		case "unit":
			d.Unit = r.agency()
		default:
			r.ok = false
		}
	})
}

func (r *bodyReader) law(l *rules.Law) {
	r.object(func(name string) {
		switch name {
		case "amendedBy":
			l.AmendedBy = r.text()
		case "article":
			l.Article = r.text()
		case "basis":
			l.Basis = r.text()
		case "instrument":
			l.Instrument = r.text()
		case "provisional":
			l.Provisional = r.flag()
		default:
			r.ok = false
		}
	})
}

func (r *bodyReader) summary(s *Summary) {
	r.object(func(name string) {
		if t := s.timeOf(name); t != nil {
			*t = r.time()
			return
		}
		switch name {
		case "act":
			s.Act = Act(r.text())
		case "agency":
			s.Agency = r.agency()
		case "applicant":
			s.Applicant = r.text()
		case "approved":
			s.Approved = r.flag()
		case "channel":
			s.Channel = Channel(r.text())
		case "code":
			s.Code = r.code()
		case "denied":
			s.Denied = r.flag()
		case "id":
			s.ID = r.id()
		case "officer":
			s.Officer = r.text()
		case "procedure":
			s.Procedure = r.procedure()
		case "procedureVersion":
			s.ProcedureVersion = r.text()
		case "results":
			r.array(func() { s.Results = append(s.Results, r.file()) })
		case "ruleDigest":
			s.RuleDigest = r.text()
		case "ruleSet":
			s.RuleSet = r.text()
		case "state":
			s.State = r.state()
		case "submitter":
			s.Submitter = r.text()
		case "unit":
			s.Unit = r.agency()
		default:
			r.count(s, name)
		}
	})
}

// timeOf returns the member of a summary that is stored under a name and is a time.
func (s *Summary) timeOf(name string) *time.Time {
	switch name {
	case "accepted":
		return &s.Accepted
	case "due":
		return &s.Due
	case "dutyAsked":
		return &s.DutyAsked
	case "ended":
		return &s.Ended
	case "filed":
		return &s.Filed
	case "handed":
		return &s.Handed
	case "indexDue":
		return &s.IndexDue
	case "supplementAsked":
		return &s.SupplementAsked
	case "supplementDue":
		return &s.SupplementDue
	}
	return nil
}

func (r *bodyReader) count(s *Summary, name string) {
	n := int(r.number())
	switch name {
	case "openConsults":
		s.OpenConsults = n
	case "reappointments":
		s.Reappointments = n
	case "supplements":
		s.Supplements = n
	default:
		r.ok = false
	}
}

// file leaves files with names, which do not stand in this half of a fact, to encoding/json.
func (r *bodyReader) file() FileRef {
	var f FileRef
	r.object(func(name string) {
		switch name {
		case "component":
			f.Component = r.text()
		case "hash":
			f.Hash = r.text()
		case "media":
			f.Media = r.text()
		case "size":
			f.Size = r.number()
		default:
			r.ok = false
		}
	})
	return f
}
