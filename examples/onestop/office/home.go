package office

import (
	"net/http"
	"strings"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/payment"
)

type procedureCard struct{ Code, Name, Limit, Fee string }

func (o *Office) home(w http.ResponseWriter, r *http.Request) {
	l := lang(r)
	var cards []procedureCard
	for _, p := range o.catalog.All(o.now()) {
		cards = append(cards, procedureCard{p.Code.String(), p.Name.In(l), p.Limit.Text(l), o.feeText(l, p)})
	}
	o.show(w, r, http.StatusOK, "home", "home.title", map[string]any{"Procedures": cards})
}

// feeText says what a procedure costs.
func (o *Office) feeText(lang string, p *dossier.Procedure) string {
	var parts []string
	for _, f := range p.Fees {
		if f.Amount == 0 {
			continue
		}
		text := payment.VND(f.Amount).String()
		if f.CopiesField != "" {
			text = o.pages.words.say(lang, "procedure.fee.percopy", text)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return o.pages.words.say(lang, "procedure.fee.none")
	}
	return strings.Join(parts, ", ")
}

type paperLine struct {
	Name     string
	Required bool
}

func (o *Office) procedure(w http.ResponseWriter, r *http.Request) {
	p, err := o.procedureOf(r)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	l := lang(r)
	var papers []paperLine
	illustrative := p.Limit.Illustrative || p.Result.Illustrative
	for _, c := range p.Components {
		papers = append(papers, paperLine{c.Name.In(l), c.Required})
		illustrative = illustrative || c.Illustrative
	}
	data := map[string]any{"Code": p.Code.String(), "Name": p.Name.In(l), "Agency": o.cfg.Agency.Name, "Papers": papers,
		"Limit": o.pages.words.say(l, "procedure.limit.value", p.Limit.Text(l)), "LimitLaw": p.Limit.Law,
		"Fee": o.feeText(l, p), "FeeLaw": "", "Result": p.Result.Name.In(l), "Illustrative": illustrative, "Notes": o.promiseNotes(l, p)}
	if len(p.Fees) > 0 {
		data["FeeLaw"] = p.Fees[0].Law
	}
	data["Drawing"] = o.draw(l, p)
	o.show(w, r, http.StatusOK, "procedure", p.Name.In(l), data)
}

func (o *Office) procedureOf(r *http.Request) (*dossier.Procedure, error) {
	code, err := dossier.ParseProcedureCode(r.PathValue("code"))
	if err != nil {
		return nil, failure("error.notfound")
	}
	return o.catalog.At(code, o.now())
}

// start begins a draft: the register is asked once, and what it knows is filled in.
func (o *Office) start(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	p, err := o.procedureOf(r)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	content, err := o.prefill(r.Context(), p, who)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	d, err := o.beginDraft(r.Context(), who.Pseudonym.String(), p.Code.String(), content)
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	http.Redirect(w, r, "/drafts/"+d.ID+"/form", http.StatusSeeOther)
}
