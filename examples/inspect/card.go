package main

import (
	"context"
	"flag"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/card"
)

// cardAnswer is what is claimed on a card. Values are redacted unless -reveal is given.
type cardAnswer struct {
	verdict
	Layout    string `json:"layout,omitempty"`
	Trust     string `json:"trust,omitempty"`
	Number    string `json:"number,omitempty"`
	Person    string `json:"person,omitempty"`
	OldNumber string `json:"oldNumber,omitempty"`
	Name      string `json:"name,omitempty"`
	BirthDate string `json:"birthDate,omitempty"`
	Sex       string `json:"sex,omitempty"`
	Issued    string `json:"issued,omitempty"`
	Expires   string `json:"expires,omitempty"`
}

// shown gives a value as it prints, or in clear.
type shown interface {
	String() string
	Reveal() string
}

func show(v shown, reveal bool) string {
	if reveal {
		return v.Reveal()
	}
	return v.String()
}

// judged turns conflicts, findings and a refusal into a verdict. Findings alone do not make a card invalid.
func judged(err error, conflicts []identity.Conflict, findings []identity.Finding) verdict {
	v := verdict{Valid: err == nil && len(conflicts) == 0, Reasons: []reason{}}
	if err != nil {
		v.Reasons = append(v.Reasons, reasonOf(err))
	}
	for _, c := range conflicts {
		v.Reasons = append(v.Reasons, reason{Code: c.Code(), VI: c.Text("vi"), EN: c.Text("en")})
	}
	for _, f := range findings {
		v.Reasons = append(v.Reasons, reason{Code: f.Code(), VI: f.Text("vi"), EN: f.Text("en")})
	}
	return v
}

// cardFlags are those of both commands.
func cardFlags(flags *flag.FlagSet, read func(input string, at time.Time, reveal bool) (cardAnswer, bool)) func() (judge, error) {
	at := flags.String("at", "", "time of judgement, RFC 3339 or yyyy-mm-dd; default now")
	reveal := flags.Bool("reveal", false, "print values in clear")
	return func() (judge, error) {
		when, err := parseTime(*at)
		if err != nil {
			return nil, err
		}
		return func(_ context.Context, input string) (any, bool) {
			a, valid := read(input, when, *reveal)
			return a, valid
		}, nil
	}
}

// cardQRCommand judges the QR code of a citizen card, as text or as a picture.
func cardQRCommand(flags *flag.FlagSet) func() (judge, error) {
	return cardFlags(flags, func(input string, at time.Time, reveal bool) (cardAnswer, bool) {
		text, err := codeText(input)
		if err != nil {
			return cardAnswer{verdict: refuse(err)}, false
		}
		c, err := card.ParseQR(text)
		if err != nil {
			return cardAnswer{verdict: refuse(err)}, false
		}
		a := cardAnswer{
			verdict: judged(c.Check(at), c.Conflicts(), c.Findings()), Layout: c.Layout.String(),
			Trust: identity.Claimed.String(), Person: show(c.Person, reveal), OldNumber: show(c.OldNumber, reveal),
			Name: show(c.Name, reveal), BirthDate: show(c.BirthDate, reveal), Sex: c.Sex.String(),
			Issued: c.Issued.Format(time.DateOnly),
		}
		return a, a.Valid
	})
}

// mrzCommand judges the machine-readable zone of a card or passport, as text or as a text file.
func mrzCommand(flags *flag.FlagSet) func() (judge, error) {
	return cardFlags(flags, func(input string, at time.Time, reveal bool) (cardAnswer, bool) {
		if raw, err := readFile(input); err == nil {
			input = string(raw)
		}
		m, err := card.ParseMRZ(input, at)
		if err != nil {
			return cardAnswer{verdict: refuse(err)}, false
		}
		a := cardAnswer{
			verdict: judged(m.Check(at), m.Conflicts(), m.Findings()), Layout: m.Document.String(),
			Trust: identity.Claimed.String(), Person: show(m.Person, reveal), OldNumber: show(m.OldNumber, reveal),
			Name: show(m.Name, reveal), BirthDate: show(m.BirthDate, reveal), Sex: m.Sex.String(),
		}
		if reveal {
			a.Number = m.RevealNumber()
		}
		if !m.Expires.IsZero() {
			a.Expires = m.Expires.Format(time.DateOnly)
		}
		return a, a.Valid
	})
}
