package c06

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/onceonly"
)

const (
	soapNS     = "http://schemas.xmlsoap.org/soap/envelope/"
	requestNS  = "http://dancuquocgia.bca"
	responseNS = "http://www.mic.gov.vn/dancu/1.0"
)

type element struct{ name, text string }

// CheckQuery refuses a query the service's rules do not allow, before anything is written or sent.
func (s *Source) CheckQuery(q onceonly.Query) error {
	refuse := func(field, rule string) error { return &onceonly.RequestError{Field: field, Rule: rule} }
	name := q.Subject.Name.Reveal()
	switch {
	case q.Subject.Person.IsZero():
		return refuse("subject", "person")
	case name == "" || utf8.RuneCountInString(name) > 100:
		return refuse("subject", "name")
	case q.Subject.BirthDate.IsZero():
		return refuse("subject", "birthdate")
	case len(q.Procedure) > 20:
		return refuse("procedure", "form")
	case !s.dialect.OmitUnit && !isLength(s.unit(q), 1, 35):
		return refuse("actor", "unit")
	case !isLength(s.officer(q), 1, 20):
		return refuse("actor", "account")
	case !isLength(q.RequestID, 1, 38):
		return refuse("request", "form")
	}
	return nil
}

func isLength(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= least && n <= most
}

// unit is the agency on whose behalf the lookup runs: the officer's, else the configured one.
func (s *Source) unit(q onceonly.Query) string {
	if q.Actor.Kind == identity.Officer && q.Actor.Unit != "" {
		return q.Actor.Unit
	}
	return s.cfg.Unit
}

// officer is the account on which the lookup runs: the officer's, else the configured one.
func (s *Source) officer(q onceonly.Query) string {
	if q.Actor.Kind == identity.Officer && q.Actor.Account != "" {
		return q.Actor.Account
	}
	return s.cfg.Officer
}

// envelope writes the request. The order of the fields is the schema's (xs:sequence). A request sent again has a
// further number behind its id, for the register wants every id once.
func (s *Source) envelope(q onceonly.Query, sent int) []byte {
	id := q.RequestID
	if sent > 0 {
		id += "-" + strconv.Itoa(sent)
	}
	fields := []element{
		{"MaYeuCau", id},
		{"MaDVC", q.Procedure},
		{"MaTichHop", s.dialect.Integration},
	}
	if !s.dialect.OmitUnit {
		fields = append(fields, element{"MaDonVi", s.unit(q)})
	}
	fields = append(fields,
		element{"MaCanBo", s.officer(q)},
		element{"SoDinhDanh", q.Subject.Person.Reveal()},
		element{"HoVaTen", s.name(q.Subject.Name)},
	)
	var b bytes.Buffer
	b.WriteString(xml.Header + `<soapenv:Envelope xmlns:soapenv="` + soapNS + `" xmlns:dan="` + requestNS + `">` +
		`<soapenv:Header/><soapenv:Body><dan:TraCuuThongTinCongDan>`)
	for _, f := range fields {
		f.write(&b)
	}
	s.writeBirth(&b, q.Subject.BirthDate)
	b.WriteString(`</dan:TraCuuThongTinCongDan></soapenv:Body></soapenv:Envelope>`)
	return b.Bytes()
}

func (e element) write(b *bytes.Buffer) {
	b.WriteString("<dan:" + e.name + ">")
	_ = xml.EscapeText(b, []byte(e.text)) // a bytes.Buffer takes everything
	b.WriteString("</dan:" + e.name + ">")
}

func (s *Source) name(n identity.Name) string {
	switch s.dialect.Name {
	case NamePlain:
		return plain(n.Reveal())
	case NameJoined:
		return joined(n.Reveal())
	}
	return n.Reveal()
}

// writeBirth writes the whole date, or the year alone when the day is not known.
func (s *Source) writeBirth(b *bytes.Buffer, date identity.BirthDate) {
	_, _, day := date.Parts()
	text, inner := date.Reveal(), element{name: "NgayThangNam"}
	inner.text = strings.ReplaceAll(text, "-", "")
	if day == 0 {
		text = text[:4]
		inner = element{"Nam", text}
	}
	if s.dialect.Birth == BirthText {
		element{"NgayThangNamSinh", text}.write(b)
		return
	}
	b.WriteString("<dan:NgayThangNamSinh>")
	inner.write(b)
	b.WriteString("</dan:NgayThangNamSinh>")
}
