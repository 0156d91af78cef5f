package office

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/form"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/onceonly"
)

// fieldView is a form field as the page asks it.
type fieldView struct {
	ID, Label, Help, Value, Source, Error string
	Widget, InputMode, Autocomplete       string
	Required, Locked                      bool
	Options                               []optionView
}

type optionView struct{ Value, Label string }

type formView struct {
	Procedure, Back, Action string
	Version                 int64
	Notes                   []note
	Fields                  []fieldView
}

// openDraft reads the draft and procedure of a request.
func (o *Office) openDraft(r *http.Request, who *identity.Subject) (*draft, *dossier.Procedure, *form.Form, error) {
	d, err := o.draft(r.Context(), r.PathValue("id"), who.Pseudonym.String())
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := o.procedureByCode(d.Procedure)
	if err != nil {
		return nil, nil, nil, err
	}
	f, err := form.Compile(p.Form)
	return d, p, f, err
}

func (o *Office) procedureByCode(text string) (*dossier.Procedure, error) {
	code, err := dossier.ParseProcedureCode(text)
	if err != nil {
		return nil, err
	}
	return o.catalog.At(code, o.now())
}

// withDraft opens the draft of a request; one that has been filed leads to its dossier.
func (o *Office) withDraft(next func(http.ResponseWriter, *http.Request, *draft, *dossier.Procedure, *form.Form)) func(http.ResponseWriter, *http.Request, *identity.Subject) {
	return func(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
		d, p, f, err := o.openDraft(r, who)
		switch {
		case err != nil:
			o.fail(w, r, statusOf(err), err)
		case d.Filed != "":
			http.Redirect(w, r, "/dossiers/"+d.Filed, http.StatusSeeOther)
		default:
			next(w, r, d, p, f)
		}
	}
}

func (o *Office) formPage(w http.ResponseWriter, r *http.Request, d *draft, p *dossier.Procedure, f *form.Form) {
	o.showForm(w, r, http.StatusOK, d, p, f, d.Values, nil)
}

// formSave takes the posted answers over the draft. Nothing is kept of a form that has faults: the page shows them beside
// what was typed.
func (o *Office) formSave(w http.ResponseWriter, r *http.Request, d *draft, p *dossier.Procedure, f *form.Form) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		o.fail(w, r, statusOf(asUploadError(err)), asUploadError(err))
		return
	}
	posted, faults := f.Decode(r.PostForm)
	filled, err := f.Merge(form.Filled{Values: d.Values, Origins: d.Origins}, posted)
	if locked := new(form.LockedError); errors.As(err, &locked) {
		o.showForm(w, r, http.StatusUnprocessableEntity, d, p, f, d.Values, nil, problem{Field: locked.Fields[0], Text: locked.Text(lang(r))})
		return
	}
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	faults = append(faults, newFaults(faults, f.Validate(filled.Values))...)
	if late := o.notYet(lang(r), p, f, filled.Values); len(faults) > 0 || len(late) > 0 {
		o.showForm(w, r, http.StatusUnprocessableEntity, d, p, f, filled.Values, faults, late...)
		return
	}
	version, err := parseVersion(r.PostForm.Get("version"))
	if err == nil && version != d.Version {
		err = errStale
	}
	if err == nil {
		d.Values, d.Origins = filled.Values, filled.Origins
		err = o.saveDraft(r.Context(), d, draftChanged)
	}
	if err != nil {
		o.showForm(w, r, statusOf(err), d, p, f, filled.Values, nil, problem{Text: o.explain(lang(r), err)})
		return
	}
	http.Redirect(w, r, "/drafts/"+d.ID+"/papers", http.StatusSeeOther)
}

// newFaults leaves out the faults of fields that have one already.
func newFaults(have, more []*form.FieldError) []*form.FieldError {
	seen := make(map[string]bool)
	for _, fault := range have {
		seen[fault.Field] = true
	}
	var fresh []*form.FieldError
	for _, fault := range more {
		if !seen[fault.Field] {
			fresh = append(fresh, fault)
		}
	}
	return fresh
}

func (o *Office) showForm(w http.ResponseWriter, r *http.Request, status int, d *draft, p *dossier.Procedure, f *form.Form, values form.Values, faults []*form.FieldError, problems ...problem) {
	l := lang(r)
	v := formView{Procedure: p.Name.In(l), Back: "/procedures/" + p.Code.String(), Action: "/drafts/" + d.ID + "/form", Version: d.Version,
		Notes: o.lookupNotes(l, d)}
	wrong := make(map[string]string)
	for _, found := range problems {
		wrong[found.Field] = found.Text
	}
	for _, fault := range faults {
		wrong[fault.Field] = fault.Text(l)
		problems = append(problems, problem{Field: fault.Field, Text: fault.Text(l)})
	}
	for _, field := range f.Fields() {
		v.Fields = append(v.Fields, o.fieldView(l, &field, d, values, wrong[field.Name]))
	}
	o.show(w, r, status, "form", "form.title", v, problems...)
}

func (o *Office) fieldView(lang string, field *form.Field, d *draft, values form.Values, wrong string) fieldView {
	v := fieldView{ID: field.Name, Label: field.Title.In(lang), Help: field.Help.In(lang), Required: field.Required, Error: wrong,
		Widget: "text", Autocomplete: field.Autocomplete, Value: rawValue(field, values)}
	switch {
	case field.Kind == form.Choice && len(field.Options) <= 5:
		v.Widget = "radio"
	case field.Kind == form.Choice:
		v.Widget = "select"
	case field.Widget == "textarea":
		v.Widget = "textarea"
	case field.Kind == form.Integer || field.Format == "personid":
		v.InputMode = "numeric"
	case field.Kind == form.Date:
		v.Value = field.Show(values, lang)
		if v.Help == "" {
			v.Help = o.pages.words.say(lang, "form.date.help")
		}
	}
	for _, option := range field.Options {
		v.Options = append(v.Options, optionView{option.Value, option.Title.In(lang)})
	}
	if origin, ok := d.Origins[field.Name]; ok {
		v.Locked = origin.Locked
		v.Source = o.pages.words.say(lang, "form.register.source")
	}
	return v
}

// rawValue is a field's value as the page's control holds it.
func rawValue(field *form.Field, values form.Values) string {
	switch v, _ := values.Get(field.Name); v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatInt(int64(v), 10)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// lookupNotes says what the register had to say.
func (o *Office) lookupNotes(lang string, d *draft) []note {
	source := o.pages.words.say(lang, "form.register.source")
	switch onceonly.Kind(d.Lookup) {
	case "":
		return nil
	case onceonly.Fetched:
		return []note{{"", o.pages.words.say(lang, "form.fetched", source, formatMinute(d.LookupAt))}}
	case onceonly.NotFound, onceonly.Ambiguous, onceonly.Mismatch:
		return []note{{"warn", o.pages.words.say(lang, "form.notfound")}}
	}
	return []note{{"warn", o.pages.words.say(lang, "form.unavailable")}}
}

// answerRow is one answer to read.
type answerRow struct {
	ID, Label, Value, Source string
	Locked                   bool
}

// answerRows reads a filled form for people.
func (o *Office) answerRows(lang string, p *dossier.Procedure, values form.Values, origins map[string]form.Origin) ([]answerRow, error) {
	f, err := form.Compile(p.Form)
	if err != nil {
		return nil, err
	}
	var rows []answerRow
	for _, field := range f.Fields() {
		row := answerRow{ID: field.Name, Label: field.Title.In(lang), Value: field.Show(values, lang)}
		if origin, ok := origins[field.Name]; ok {
			row.Source, row.Locked = o.pages.words.say(lang, "form.register.source"), origin.Locked
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// filedRows reads the form of a dossier.
func (o *Office) filedRows(lang string, d *dossier.Dossier) ([]answerRow, error) {
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return nil, err
	}
	if d.Erased {
		return nil, nil
	}
	var values form.Values
	if err := json.Unmarshal([]byte(d.Form.Reveal()), &values); err != nil {
		return nil, err
	}
	return o.answerRows(lang, p, values, nil)
}

func parseVersion(text string) (int64, error) {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 0 {
		return 0, failure("error.form")
	}
	return v, nil
}
