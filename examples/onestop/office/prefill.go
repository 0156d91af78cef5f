package office

import (
	"context"
	"errors"
	"fmt"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/form"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/onceonly"
)

// population is the name under which forms ask for the population register (x-prefill source).
const population = "population"

func (o *Office) openBroker(context.Context) error {
	cfg := onceonly.Config{Now: o.now}
	for _, p := range o.catalog.All(o.now()) {
		f, err := form.Compile(p.Form)
		if err != nil {
			return err
		}
		cfg.Allowances = append(cfg.Allowances, onceonly.Allowance{Procedure: p.Code.String(), Fields: registerFields(f),
			Since: p.Since.Time(), Law: "Nghị định 118/2025/NĐ-CP, Điều 4 khoản 2a", Provisional: true})
	}
	var err error
	o.broker, err = onceonly.NewBroker(o.journal, cfg, o.cfg.Registers...)
	return err
}

// registerFields are the facts a form asks the population register for, and so all the procedure may fetch.
func registerFields(f *form.Form) []onceonly.Field {
	var fields []onceonly.Field
	for _, field := range f.Fields() {
		if field.Prefill.Source != population {
			continue
		}
		if parsed, err := onceonly.ParseField(field.Prefill.Field); err == nil {
			fields = append(fields, parsed)
		}
	}
	return fields
}

// prefill asks the registers once for what the form needs. A register that cannot answer leaves the fields open to the
// citizen; the reason is kept with the draft and shown.
func (o *Office) prefill(ctx context.Context, p *dossier.Procedure, who *identity.Subject) (draftContent, error) {
	f, err := form.Compile(p.Form)
	if err != nil {
		return draftContent{}, err
	}
	c := draftContent{Values: form.Values{}}
	fields := registerFields(f)
	if len(fields) == 0 {
		return c, nil
	}
	answer, err := o.broker.Lookup(ctx, onceonly.Request{Subject: *who, Fields: fields, Procedure: p.Code.String(),
		Actor:   onceonly.Actor{Kind: identity.Citizen, Pseudonym: who.Pseudonym},
		Purpose: onceonly.Purpose{Code: "prefill", Text: "Điền sẵn tờ khai: " + p.Name.Vi},
		Basis:   onceonly.LegalBasis{Kind: onceonly.ByLaw, Provision: "Nghị định 118/2025/NĐ-CP, Điều 4 khoản 2a"}})
	if request := new(onceonly.RequestError); errors.As(err, &request) {
		return draftContent{}, err // our own allowance list refuses: a mistake of the office, not of the register
	}
	if err != nil {
		return draftContent{}, err
	}
	c.LookupAt, c.Lookup = o.now(), outcomeOf(answer)
	filled, _, err := f.Prefill(nil, answersOf(answer))
	if err != nil {
		return draftContent{}, err
	}
	c.Values, c.Origins = filled.Values, filled.Origins
	return c, nil
}

// outcomeOf sums an answer up for the page: the first field that was not fetched says why.
func outcomeOf(a onceonly.Answer) string {
	for _, f := range a.Fields {
		if f.Outcome.Kind != onceonly.Fetched && f.Outcome.Kind != onceonly.Incomplete {
			return string(f.Outcome.Kind)
		}
	}
	return string(onceonly.Fetched)
}

func answersOf(a onceonly.Answer) []form.Answer {
	var answers []form.Answer
	for _, f := range a.Fields {
		if f.Outcome.Kind == onceonly.Fetched {
			answers = append(answers, form.Answer{Source: population, Field: string(f.Field), Value: plainValue(f.Value),
				Ref: a.Lookup, At: f.Provenance.Fetched})
		}
	}
	return answers
}

// plainValue writes a register's value the way forms hold it.
func plainValue(v onceonly.Value) any {
	if place, ok := v.Place(); ok {
		return place.Detail
	}
	if birth, ok := v.BirthDate(); ok {
		return birthText(birth)
	}
	return v.Reveal()
}

// birthText writes a date of birth as Vietnamese papers do, with as much of it as the register knows.
func birthText(b identity.BirthDate) string {
	switch year, month, day := b.Parts(); {
	case day != 0:
		return fmt.Sprintf("%02d/%02d/%04d", day, month, year)
	case month != 0:
		return fmt.Sprintf("%02d/%04d", month, year)
	default:
		return fmt.Sprintf("%04d", year)
	}
}
