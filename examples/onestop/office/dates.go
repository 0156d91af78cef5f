package office

import (
	"errors"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/dossier/form"
)

// notYet finds the days that the agency's data (results.json) says have been, and that have not: nobody registers a birth
// before it.
func (o *Office) notYet(lang string, p *dossier.Procedure, f *form.Form, values form.Values) []problem {
	today := o.now().Format(time.DateOnly)
	var problems []problem
	for _, name := range o.results[p.Code.National().String()].Past {
		day, _ := values.Get(name)
		text, _ := day.(string)
		field, ok := f.Field(name)
		if ok && text > today { // dates of forms are yyyy-mm-dd
			problems = append(problems, problem{name, o.pages.words.say(lang, "form.date.future", field.Title.In(lang))})
		}
	}
	return problems
}

// acceptance is how long after the filing the office may take to accept a dossier, for [Office.promise].
const acceptance = 7

// promise reports why no due date can be given for a dossier filed today, whether it is accepted at once or in a week:
// there is no official calendar of working days yet for a day it would be counted over. nil means that one can.
func (o *Office) promise(p *dossier.Procedure) *calendar.UnknownYearError {
	for _, days := range []int{0, acceptance} {
		_, err := p.Limit.From(o.calendar, nil, o.now().AddDate(0, 0, days))
		if unknown := new(calendar.UnknownYearError); errors.As(err, &unknown) {
			return unknown
		}
	}
	return nil
}

// promiseNotes tells the citizen, before he files or pays, that the office cannot say when he will have his result.
func (o *Office) promiseNotes(lang string, p *dossier.Procedure) []note {
	unknown := o.promise(p)
	if unknown == nil {
		return nil
	}
	return []note{{"warn", unknown.Text(lang) + " " + o.pages.words.say(lang, "calendar.unknown")}}
}
