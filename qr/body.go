package qr

import (
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/motcua/motcua/internal/detcbor"
	"github.com/motcua/motcua/internal/vntime"
)

// maxField bounds each text of a code, in bytes.
const maxField = 200

// Paper is what Article 26 of Circular 01/2023/TT-VPCP asks of the QR code of every paper. Texts are in normal form C,
// without control characters, at most 200 bytes.
type Paper struct {
	// Dossier is the dossier code, mã hồ sơ.
	Dossier string `json:"dossier"`
	// Procedure is the procedure code, mã thủ tục hành chính: "2.000635".
	Procedure string `json:"procedure"`
	// Subject identifies the person or organisation. Whoever sees the paper can read it: give a masked number or a
	// pseudonym unless the procedure demands the number itself.
	Subject string `json:"subject"`
	// NameCode is the paper's entry in the code list of papers, Name its name in full. One of them is required; the
	// code keeps the symbol small.
	NameCode string `json:"nameCode,omitempty"`
	Name     string `json:"name,omitempty"`
	// Source is the system the paper comes from, as code or name, tên hệ thống nguồn.
	Source string `json:"source"`
	// Published is when the paper was published.
	Published time.Time `json:"published"`
}

// Receipt is the body of the code on a giấy tiếp nhận hồ sơ và hẹn trả kết quả.
type Receipt struct {
	Paper
	// Due is the appointment, ngày hẹn trả kết quả.
	Due time.Time `json:"due"`
}

// Result is the body of the code of a result.
type Result struct {
	Paper
	// ValidFrom and ValidUntil are the first and last Vietnamese civil day of the result's validity, thời hạn có hiệu
	// lực; zero means not limited. They are the result's, not the code's.
	ValidFrom  time.Time `json:"validFrom,omitzero"`
	ValidUntil time.Time `json:"validUntil,omitzero"`
	// Scope is where and for what the result holds, phạm vi có hiệu lực; empty means everywhere.
	Scope string `json:"scope,omitempty"`
	// Document is the SHA-256 of the signed file, which leads from the code back to it; zero means none is named. A
	// code printed inside the file itself cannot name it.
	Document Digest `json:"document,omitzero"`
}

var (
	_ Body = Receipt{}
	_ Body = Result{}
)

// Keys of the body map.
const (
	bodyDossier   = 1
	bodyProcedure = 2
	bodySubject   = 3
	bodyNameCode  = 4
	bodyName      = 5
	bodySource    = 6
	bodyPublished = 7
	bodyDue       = 10
	bodyFrom      = 11
	bodyUntil     = 12
	bodyScope     = 13
	bodyDocument  = 14
)

// Kind returns [KindReceipt].
func (Receipt) Kind() Kind { return KindReceipt }

// Kind returns [KindResult].
func (Result) Kind() Kind { return KindResult }

// codes lists the codes of a paper for the code list.
func (p Paper) codes() codeNames { return codeNames{"", p.Procedure, p.NameCode, p.Source} }

func (p *Paper) setCodes(names codeNames) {
	p.Procedure, p.NameCode, p.Source = names[registerProcedure], names[registerPaper], names[registerSource]
}

func (v Receipt) withCodes(names codeNames) Body { v.setCodes(names); return v }

func (v Result) withCodes(names codeNames) Body { v.setCodes(names); return v }

func (p *Paper) check(kind string) *InvalidError {
	fields := [...]struct {
		name, value string
		required    bool
	}{
		{"dossier", p.Dossier, true},
		{"procedure", p.Procedure, true},
		{"subject", p.Subject, true},
		{"nameCode", p.NameCode, p.Name == ""},
		{"name", p.Name, false},
		{"source", p.Source, true},
	}
	for _, f := range fields {
		if f.required && f.value == "" || !isPlain(f.value) {
			return &InvalidError{Field: kind + "." + f.name, Rule: "1 to 200 bytes of plain text in normal form C"}
		}
	}
	if !isSecond(p.Published) {
		return &InvalidError{Field: kind + ".published", Rule: "a time between 1970 and 9999"}
	}
	return nil
}

func (v Receipt) check() *InvalidError {
	if err := v.Paper.check("receipt"); err != nil {
		return err
	}
	if !isSecond(v.Due) || v.Due.Before(v.Published) {
		return &InvalidError{Field: "receipt.due", Rule: "a time not before publication"}
	}
	return nil
}

func (v Result) check() *InvalidError {
	if err := v.Paper.check("result"); err != nil {
		return err
	}
	switch {
	case !isPlain(v.Scope):
		return &InvalidError{Field: "result.scope", Rule: "at most 200 bytes of plain text in normal form C"}
	case !v.ValidFrom.IsZero() && !isDay(v.ValidFrom):
		return &InvalidError{Field: "result.validFrom", Rule: "a day between 1970 and 9999"}
	case !v.ValidUntil.IsZero() && (!isDay(v.ValidUntil) || v.ValidUntil.Before(v.ValidFrom)):
		return &InvalidError{Field: "result.validUntil", Rule: "a day not before the first"}
	}
	return nil
}

// isPlain reports whether s may stand in a code. One name has one writing, so a composed and a decomposed "Nghĩa"
// cannot be two codes.
func isPlain(s string) bool {
	if len(s) > maxField || !utf8.ValidString(s) {
		return false
	}
	ascii := true
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return false
		}
		ascii = ascii && r < utf8.RuneSelf
	}
	return ascii || norm.NFC.IsNormalString(s)
}

// isSecond reports whether t has a place in a code: from 1970 to the end of 9999.
func isSecond(t time.Time) bool { return t.Unix() >= 0 && t.Unix() <= maxSeconds }

// Days count from 1970-01-01, the civil day in Vietnam.
const secondsPerDay = 24 * 60 * 60

func isDay(t time.Time) bool { return isSecond(t) && vntime.Midnight(t).Unix() >= -7*60*60 }

func dayNumber(t time.Time) uint64 {
	return uint64((vntime.Midnight(t).Unix() + 7*60*60) / secondsPerDay)
}

func readDay(r *detcbor.Reader) time.Time {
	v := r.Uint()
	if v > maxSeconds/secondsPerDay {
		r.Fail("a day before the year 10000")
		return time.Time{}
	}
	return vntime.In(time.Unix(int64(v)*secondsPerDay-7*60*60, 0))
}

func (p *Paper) fields() int {
	n := 5
	if p.NameCode != "" {
		n++
	}
	if p.Name != "" {
		n++
	}
	return n
}

func (p *Paper) append(b []byte, n *numbers) []byte {
	b = appendField(b, bodyDossier, p.Dossier)
	b = n.append(b, bodyProcedure, registerProcedure, p.Procedure)
	b = appendField(b, bodySubject, p.Subject)
	b = n.append(b, bodyNameCode, registerPaper, p.NameCode)
	b = appendField(b, bodyName, p.Name)
	b = n.append(b, bodySource, registerSource, p.Source)
	return detcbor.AppendInt(detcbor.AppendInt(b, bodyPublished), p.Published.Unix())
}

// appendField writes a text unless it is empty.
func appendField(b []byte, key int64, value string) []byte {
	if value == "" {
		return b
	}
	return detcbor.AppendText(detcbor.AppendInt(b, key), value)
}

func (v Receipt) appendTo(b []byte, n *numbers) []byte {
	b = v.Paper.append(n.appendVersion(b, v.fields()+1), n)
	return detcbor.AppendInt(detcbor.AppendInt(b, bodyDue), v.Due.Unix())
}

func (v Result) appendTo(b []byte, coded *numbers) []byte {
	n := v.fields()
	optional := []bool{!v.ValidFrom.IsZero(), !v.ValidUntil.IsZero(), v.Scope != "", v.Document != Digest{}}
	for _, present := range optional {
		if present {
			n++
		}
	}
	b = v.Paper.append(coded.appendVersion(b, n), coded)
	if !v.ValidFrom.IsZero() {
		b = detcbor.AppendUint(detcbor.AppendInt(b, bodyFrom), dayNumber(v.ValidFrom))
	}
	if !v.ValidUntil.IsZero() {
		b = detcbor.AppendUint(detcbor.AppendInt(b, bodyUntil), dayNumber(v.ValidUntil))
	}
	b = appendField(b, bodyScope, v.Scope)
	if v.Document != (Digest{}) {
		b = detcbor.AppendBytes(detcbor.AppendInt(b, bodyDocument), v.Document[:])
	}
	return b
}

// readBody reads the body of a kind; nil means the kind has none.
func readBody(r *detcbor.Reader, kind Kind, n *numbers) Body {
	switch kind {
	case KindPerson:
		return readPerson(r, n)
	case KindReceipt, KindResult:
		return readPaper(r, kind, n)
	case KindPayment:
		return readPayment(r, n)
	}
	return nil
}

func readPaper(r *detcbor.Reader, kind Kind, n *numbers) Body {
	var v Result
	var due time.Time
	fields := r.Map(16)
	for key, ok := fields.Next(); ok; key, ok = fields.Next() {
		switch {
		case key == bodyCodes:
			n.readVersion(r)
		case v.Paper.read(r, key, n):
		case kind == KindReceipt && key == bodyDue:
			due = readTime(r)
		case kind == KindResult:
			v.read(r, key)
		default:
			r.Fail("a known field")
		}
	}
	if kind == KindReceipt {
		return Receipt{Paper: v.Paper, Due: due}
	}
	return v
}

// read reads a field that all papers have. Empty texts are left out when writing, so they are refused when reading.
func (p *Paper) read(r *detcbor.Reader, key int64, n *numbers) bool {
	switch key {
	case bodyDossier:
		p.Dossier = readFilled(r)
	case bodyProcedure:
		p.Procedure = n.read(r, registerProcedure)
	case bodySubject:
		p.Subject = readFilled(r)
	case bodyNameCode:
		p.NameCode = n.read(r, registerPaper)
	case bodyName:
		p.Name = readFilled(r)
	case bodySource:
		p.Source = n.read(r, registerSource)
	case bodyPublished:
		p.Published = readTime(r)
	default:
		return false
	}
	return true
}

func (v *Result) read(r *detcbor.Reader, key int64) {
	switch key {
	case bodyFrom:
		v.ValidFrom = readDay(r)
	case bodyUntil:
		v.ValidUntil = readDay(r)
	case bodyScope:
		v.Scope = readFilled(r)
	case bodyDocument:
		document := r.Bytes()
		if len(document) != len(v.Document) || [32]byte(document) == (Digest{}) {
			r.Fail("a SHA-256 digest")
			return
		}
		v.Document = Digest(document)
	default:
		r.Fail("a known field")
	}
}

func readFilled(r *detcbor.Reader) string {
	s := r.Text()
	if s == "" {
		r.Fail("a text that is not empty")
	}
	return s
}
