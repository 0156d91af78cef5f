package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal/seal"
)

// Eraser destroys what can be read about a person; seal.Journal is one.
type Eraser interface {
	Erase(ctx context.Context, subject string, order seal.Order) error
}

// ground is a legal ground on which personal data may be erased. Grounds are data of the agency (grounds.json).
type ground struct {
	Code        string `json:"code"`
	Vi          string `json:"vi"`
	En          string `json:"en"`
	Law         string `json:"law"`
	Provisional bool   `json:"provisional"`
}

func readGrounds() ([]ground, error) {
	raw, err := content.ReadFile("grounds.json")
	if err != nil {
		return nil, err
	}
	var grounds []ground
	if err := json.Unmarshal(raw, &grounds); err != nil {
		return nil, fmt.Errorf("grounds.json: %w", err)
	}
	return grounds, nil
}

// erasureView is what an administrator sees before he decides: how much, never whom.
type erasureView struct {
	Code     string
	Found    bool
	Dossiers []dossierRow
	Drafts   int
	Open     bool // a dossier is under way: nothing can be erased yet
	Erased   bool
	Grounds  []choice
	Key      string
	Done     string
}

// erasurePage looks a dossier up and says what would be erased with its applicant.
func (o *Office) erasurePage(w http.ResponseWriter, r *http.Request, _ *officer) {
	o.showErasure(w, r, http.StatusOK, r.URL.Query().Get("code"), "")
}

func (o *Office) showErasure(w http.ResponseWriter, r *http.Request, status int, code, done string, problems ...problem) {
	l := lang(r)
	v := erasureView{Code: strings.TrimSpace(code), Done: done}
	for _, g := range o.grounds {
		label := g.Vi
		if l == "en" {
			label = g.En
		}
		v.Grounds = append(v.Grounds, choice{Value: g.Code, Label: label + " (" + g.Law + ")"})
	}
	if v.Code != "" && done == "" {
		if err := o.lookErasure(r.Context(), l, &v); err != nil {
			problems = append(problems, problem{Field: "code", Text: o.explain(l, err)})
			status = max(status, statusOf(err))
		}
	}
	o.show(w, r, status, "erasure", "erasure.title", v, problems...)
}

// lookErasure fills in what is known of the person behind a dossier code.
func (o *Office) lookErasure(ctx context.Context, lang string, v *erasureView) error {
	d, err := o.dossierByText(ctx, v.Code)
	if err != nil {
		return err
	}
	all, err := o.dossiersOf(ctx, d.Applicant)
	if err != nil {
		return err
	}
	for _, s := range all {
		v.Dossiers = append(v.Dossiers, o.row(lang, "", s))
		v.Open = v.Open || s.State.Open()
	}
	drafts, err := o.drafts(ctx, d.Applicant)
	v.Found, v.Erased, v.Drafts = err == nil, d.Erased, len(drafts)
	return err
}

func (o *Office) dossierByText(ctx context.Context, text string) (*dossier.Dossier, error) {
	code, err := dossier.ParseCode(text)
	if err != nil {
		return nil, err
	}
	return o.desk.ByCode(ctx, code)
}

// maxErased bounds the dossiers of one person that an erasure looks through.
const maxErased = 10_000

var errTooMany = errors.New("office: more dossiers of one person than an erasure looks through")

// dossiersOf lists all dossiers of an applicant.
func (o *Office) dossiersOf(ctx context.Context, applicant string) ([]dossier.Summary, error) {
	var all []dossier.Summary
	q := dossier.Query{Applicant: applicant, Limit: 500}
	for {
		page, err := o.desk.List(ctx, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Rows...)
		if page.Next == "" {
			return all, nil
		}
		if len(all) > maxErased {
			return nil, errTooMany
		}
		q.Cursor = page.Next
	}
}

// document numbers, such as "12/YC-UBND": nobody's name fits in.
var isNumber = regexp.MustCompile(`^[0-9]{1,6}(/[0-9A-ZĐ.-]{1,24})?$`)

// erase carries an erasure out: the person's keys are destroyed, and with them everything personal that the journal and
// the vault hold about him. It wants a ground, the number of the document that orders it, and the code typed once more.
func (o *Office) erase(w http.ResponseWriter, r *http.Request, who *officer) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		o.fail(w, r, statusOf(asUploadError(err)), asUploadError(err))
		return
	}
	l, code := lang(r), r.PostForm.Get("code")
	g, problems := o.readOrder(r)
	if len(problems) > 0 {
		o.showErasure(w, r, http.StatusUnprocessableEntity, code, "", problems...)
		return
	}
	err := o.eraseBehind(r.Context(), code, seal.Order{Actor: who.Pseudonym.String(),
		Ground: g.Vi + " (" + g.Law + "), số " + r.PostForm.Get("number")})
	if err != nil {
		o.showErasure(w, r, statusOf(err), code, "", problem{Text: o.explain(l, err)})
		return
	}
	o.showErasure(w, r, http.StatusOK, code, o.pages.words.say(l, "erasure.done", code))
}

// readOrder reads the form that orders an erasure.
func (o *Office) readOrder(r *http.Request) (g ground, problems []problem) {
	wrong := func(field string, why failure) {
		problems = append(problems, problem{Field: field, Text: o.explain(lang(r), why)})
	}
	for _, known := range o.grounds {
		if known.Code == r.PostForm.Get("ground") {
			g = known
		}
	}
	if g.Code == "" {
		wrong("ground-0", failure("erasure.noground"))
	}
	if !isNumber.MatchString(r.PostForm.Get("number")) {
		wrong("number", failure("erasure.nonumber"))
	}
	if code := r.PostForm.Get("code"); code == "" || r.PostForm.Get("confirm") != code {
		wrong("confirm", failure("erasure.notconfirmed"))
	}
	return g, problems
}

// eraseBehind erases the applicant of a dossier, unless something of his is still under way.
func (o *Office) eraseBehind(ctx context.Context, code string, order seal.Order) error {
	d, err := o.dossierByText(ctx, code)
	if err != nil {
		return err
	}
	all, err := o.dossiersOf(ctx, d.Applicant)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.State.Open() {
			return failure("erasure.open")
		}
	}
	return o.cfg.Eraser.Erase(ctx, d.Applicant, order)
}
