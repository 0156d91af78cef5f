package qr

import (
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Slip is the QR text of a paper as Article 26 of Circular 01/2023/TT-VPCP asks for it and as most systems print it: the
// fields, unsigned, between bars. Anyone can print one; all of it is claimed and nothing verified, and a [Verifier] says
// [Unsigned]. It is here for systems that must print it beside the signed code, and to read it. The circular names the
// fields and no layout; this one, with a mark and a version in front, is the project's own.
type Slip struct {
	kind  Kind
	paper Paper
	due   time.Time
	from  time.Time
	until time.Time
	scope string
}

const (
	slipMark   = "TTHC1"
	maxSlip    = 2000
	slipFields = 11
)

// slipDay and slipTime are how dates stand in the text, in Vietnam's time.
const (
	slipDay  = "2006-01-02"
	slipTime = "2006-01-02T15:04:05"
)

// NewSlip makes the unsigned text of a [Receipt] or [Result]. The paper's name must be written out. The error is an
// *InvalidError.
func NewSlip(body Body) (Slip, error) {
	s := Slip{}
	switch v := body.(type) {
	case Receipt:
		s = Slip{kind: KindReceipt, paper: v.Paper, due: v.Due}
	case Result:
		s = Slip{kind: KindResult, paper: v.Paper, from: v.ValidFrom, until: v.ValidUntil, scope: v.Scope}
	default:
		return Slip{}, &InvalidError{Field: "slip", Rule: "a receipt or a result"}
	}
	if err := body.check(); err != nil {
		return Slip{}, err
	}
	if s.paper.Name == "" {
		return Slip{}, &InvalidError{Field: "slip.name", Rule: "the name of the paper in full"}
	}
	for _, field := range s.fields() {
		if strings.Contains(field, "|") {
			return Slip{}, &InvalidError{Field: "slip", Rule: "fields without a bar"}
		}
	}
	return s, nil
}

func (s Slip) fields() []string {
	day := func(t time.Time, layout string) string {
		if t.IsZero() {
			return ""
		}
		return vntime.In(t).Format(layout)
	}
	p := s.paper
	return []string{
		slipMark, strconv.Itoa(int(s.kind)), p.Dossier, p.Procedure, p.Subject, p.Name, p.Source, day(p.Published, slipTime),
		day(s.due, slipTime), day(s.from, slipDay) + "/" + day(s.until, slipDay), s.scope,
	}
}

// Text returns the text of the symbol. [Encode] marks it as UTF-8 (ECI 26), which scanners need to read Vietnamese.
func (s Slip) Text() string { return strings.Join(s.fields(), "|") }

// Kind returns [KindReceipt] or [KindResult].
func (s Slip) Kind() Kind { return s.kind }

// Claimed returns what the text claims, a [Receipt] or a [Result] that nobody has signed: to look a dossier up by, never
// to rely on.
func (s Slip) Claimed() Body {
	if s.kind == KindReceipt {
		return Receipt{Paper: s.paper, Due: s.due}
	}
	return Result{Paper: s.paper, ValidFrom: s.from, ValidUntil: s.until, Scope: s.scope}
}

// ParseSlip reads the text that [Slip.Text] writes. The error is an *InvalidError that names the field.
func ParseSlip(text string) (Slip, error) {
	fields := strings.Split(strings.TrimRight(text, "\r\n"), "|")
	if len(text) > maxSlip || len(fields) != slipFields || fields[0] != slipMark {
		return Slip{}, &InvalidError{Field: "slip", Rule: "the mark TTHC1 and ten fields between bars"}
	}
	paper := Paper{Dossier: fields[2], Procedure: fields[3], Subject: fields[4], Name: fields[5], Source: fields[6]}
	from, until, _ := strings.Cut(fields[9], "/")
	var due, validFrom, validUntil time.Time
	for _, t := range []struct {
		text, layout, field string
		into                *time.Time
	}{
		{fields[7], slipTime, "slip.published", &paper.Published}, {fields[8], slipTime, "slip.due", &due},
		{from, slipDay, "slip.validFrom", &validFrom}, {until, slipDay, "slip.validUntil", &validUntil},
	} {
		if t.text == "" {
			continue
		}
		parsed, err := time.ParseInLocation(t.layout, t.text, vntime.Zone())
		if err != nil || parsed.Format(t.layout) != t.text {
			return Slip{}, &InvalidError{Field: t.field, Rule: "a date as " + t.layout}
		}
		*t.into = parsed
	}
	var body Body
	switch fields[1] {
	case "2":
		body = Receipt{Paper: paper, Due: due}
	case "3":
		body = Result{Paper: paper, ValidFrom: validFrom, ValidUntil: validUntil, Scope: fields[10]}
	default:
		return Slip{}, &InvalidError{Field: "slip.kind", Rule: "2 for a receipt or 3 for a result"}
	}
	s, err := NewSlip(body)
	if err == nil && s.Text() != strings.TrimRight(text, "\r\n") {
		return Slip{}, &InvalidError{Field: "slip", Rule: "the fields of its kind and no others"}
	}
	return s, err
}
