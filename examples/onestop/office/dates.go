package office

import (
	"time"

	"github.com/motcua/motcua/dossier"
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
