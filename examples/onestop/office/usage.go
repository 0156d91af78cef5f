package office

import (
	"net/http"
	"strings"
	"time"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/onceonly"
)

type usageRow struct {
	At                                           time.Time
	Who, Source, Fields, Purpose, Basis, Outcome string
}

// usagePage shows a citizen who has looked at his data, when, what for and on what ground.
func (o *Office) usagePage(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	l := lang(r)
	page, err := o.broker.Usage(r.Context(), onceonly.Actor{Kind: identity.Citizen, Pseudonym: who.Pseudonym}, who.Pseudonym, onceonly.Window{})
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	var rows []usageRow
	for _, use := range page.Uses {
		for _, ask := range use.Asks {
			row := usageRow{At: use.AskedAt, Who: o.pages.words.say(l, "usage.who.self"), Source: o.pages.words.say(l, "form.register.source"),
				Purpose: use.PurposeText, Basis: use.Provision}
			if use.ActorKind == identity.Officer.String() {
				row.Who = o.pages.words.say(l, "usage.who.officer")
			}
			var fields []string
			for _, f := range ask.Fields {
				fields = append(fields, f.Text(l))
			}
			row.Fields = strings.Join(fields, ", ")
			row.Outcome = o.pages.words.say(l, "usage.open")
			if ask.Outcome != "" {
				row.Outcome = onceonly.Outcome{Kind: ask.Outcome}.Text(l)
			}
			rows = append(rows, row)
		}
	}
	o.show(w, r, http.StatusOK, "usage", "usage.title", rows)
}
