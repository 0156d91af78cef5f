package office

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/motcua/motcua/dossier"
)

// workStates are the states a work list can be narrowed to, in the order of a dossier's way.
var workStates = []dossier.State{dossier.Registered, dossier.Accepted, dossier.Processing, dossier.SupplementRequested,
	dossier.WithdrawalRequested, dossier.Finished}

type choice struct {
	Value, Label string
	Chosen       bool
}

type workView struct {
	Unit, Code, Next string
	States           []choice
	Rows             []dossierRow
}

// workList shows the open dossiers of the unit, due first.
func (o *Office) workList(w http.ResponseWriter, r *http.Request, who *officer) {
	l, form := lang(r), r.URL.Query()
	if code := form.Get("code"); code != "" {
		o.jump(w, r, code)
		return
	}
	q := dossier.Query{Unit: o.cfg.Agency.ID, Cursor: form.Get("after")}
	v := workView{Unit: o.cfg.Agency.OneStop + " – " + o.cfg.Agency.Name}
	v.States = append(v.States, choice{"", o.pages.words.say(l, "office.all"), true})
	for _, s := range workStates {
		chosen := form.Get("state") == s.String()
		if chosen {
			q.State, v.States[0].Chosen = s, false
		}
		v.States = append(v.States, choice{s.String(), s.Label(l), chosen})
	}
	list, err := o.desk.List(r.Context(), q)
	if err != nil {
		o.fail(w, r, http.StatusBadRequest, errors.Join(failure("error.list"), err))
		return
	}
	for _, s := range list.Rows {
		v.Rows = append(v.Rows, o.row(l, "/office/", s))
	}
	if list.Next != "" {
		v.Next = "/office?" + url.Values{"state": {form.Get("state")}, "after": {list.Next}}.Encode()
	}
	o.show(w, r, http.StatusOK, "office_list", "office.title", v)
}

// jump leads from a dossier code to its page.
func (o *Office) jump(w http.ResponseWriter, r *http.Request, text string) {
	code, err := dossier.ParseCode(text)
	if err != nil {
		o.fail(w, r, http.StatusUnprocessableEntity, err)
		return
	}
	d, err := o.desk.ByCode(r.Context(), code)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	http.Redirect(w, r, "/office/"+d.ID.String(), http.StatusSeeOther)
}

type actView struct {
	Act, Label, Law              string
	NeedsReason, NeedsDate, Main bool
}

type officeView struct {
	standing
	Action string
	Rows   []answerRow
	Acts   []actView
}

func (o *Office) officePage(w http.ResponseWriter, r *http.Request, who *officer) {
	d, err := o.dossierOf(r)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	o.showOffice(w, r, http.StatusOK, d, who)
}

func (o *Office) dossierOf(r *http.Request) (*dossier.Dossier, error) {
	id, err := dossier.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, failure("error.notfound")
	}
	return o.desk.Get(r.Context(), id)
}

func (o *Office) showOffice(w http.ResponseWriter, r *http.Request, status int, d *dossier.Dossier, who *officer, problems ...problem) {
	l := lang(r)
	s, err := o.standing(r.Context(), l, d, true)
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	v := officeView{standing: s, Action: "/office/" + s.ID}
	if v.Files, err = o.documents(r.Context(), l, v.Action+"/files/", d, true); err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	if v.Rows, err = o.filedRows(l, d); err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	v.Acts = o.actsFor(l, d, who)
	o.show(w, r, status, "office_dossier", "office.title", v, problems...)
}

// offered are the acts the pages of this office offer, in order. Acts that other systems do (opinions of consulted
// agencies, financial duties) are not among them.
var offered = []dossier.Act{dossier.Accept, dossier.Assign, dossier.Approve, dossier.AttachResult, dossier.Finish, dossier.Return,
	dossier.RequestSupplement, dossier.Refuse, dossier.Reappoint, dossier.GrantWithdrawal, dossier.DeclineWithdrawal, dossier.Stop}

// actsFor asks the Desk what this officer may do now. The page decides nothing: it only leaves out.
func (o *Office) actsFor(lang string, d *dossier.Dossier, who *officer) []actView {
	var acts []actView
	for _, role := range who.Roles {
		options := o.desk.Options(d, role)
		for _, act := range offered {
			i := slices.IndexFunc(options, func(option dossier.Option) bool { return option.Act == act })
			seen := slices.ContainsFunc(acts, func(a actView) bool { return a.Act == string(act) })
			if i < 0 || seen || act == dossier.AttachResult && !needsSignature(d, role) {
				continue
			}
			acts = append(acts, actView{Act: string(act), Label: o.actLabel(lang, act), Law: options[i].Law.String(),
				NeedsReason: slices.Contains(act.Needs(), "reason"), NeedsDate: slices.Contains(act.Needs(), "due"),
				Main: len(acts) == 0})
		}
	}
	return acts
}

// needsSignature reports whether a decision stands without the signature that should have come with it.
func needsSignature(d *dossier.Dossier, role dossier.Role) bool {
	return role == dossier.Leader && d.Approved && len(d.Results) == 0
}

// actLabel names an act by what this office does with it.
func (o *Office) actLabel(lang string, act dossier.Act) string {
	switch act {
	case dossier.Approve:
		return o.pages.words.say(lang, "act.approve")
	case dossier.AttachResult:
		return o.pages.words.say(lang, "act.sign")
	case dossier.Finish:
		return o.pages.words.say(lang, "act.finish")
	}
	return act.Label(lang)
}

// act carries out what an officer has chosen.
func (o *Office) act(w http.ResponseWriter, r *http.Request, who *officer) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	d, err := o.dossierOf(r)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	if err := o.perform(r, d, who); err != nil {
		status := statusOf(err)
		if status == http.StatusInternalServerError {
			o.log.Error("act failed", "act", r.PostForm.Get("act"), "error", err)
		}
		fresh, reread := o.desk.Get(r.Context(), d.ID)
		if reread != nil {
			o.fail(w, r, http.StatusInternalServerError, reread)
			return
		}
		o.showOffice(w, r, status, fresh, who, problem{Text: o.explain(lang(r), err)})
		return
	}
	http.Redirect(w, r, "/office/"+d.ID.String(), http.StatusSeeOther)
}

func (o *Office) perform(r *http.Request, d *dossier.Dossier, who *officer) error {
	c, err := o.command(r, d, who)
	if err != nil {
		return err
	}
	ctx := r.Context()
	switch c.Act {
	case dossier.Approve:
		return o.approveAndSign(ctx, c)
	case dossier.AttachResult:
		return o.signAgain(ctx, c)
	case dossier.Finish:
		return o.sealAndFinish(ctx, c)
	}
	after, err := o.desk.Do(ctx, c)
	if err != nil {
		return err
	}
	return o.issuePapers(ctx, after)
}

// command reads the form of an act.
func (o *Office) command(r *http.Request, d *dossier.Dossier, who *officer) (dossier.Command, error) {
	if err := r.ParseForm(); err != nil {
		return dossier.Command{}, asUploadError(err)
	}
	version, err := parseVersion(r.PostForm.Get("version"))
	if err != nil {
		return dossier.Command{}, err
	}
	act := dossier.Act(r.PostForm.Get("act"))
	role, err := o.roleFor(d, who, act)
	if err != nil {
		return dossier.Command{}, err
	}
	c := dossier.Command{Key: r.PostForm.Get("key"), Dossier: d.ID, Seen: version, Act: act,
		Actor:  dossier.Actor{ID: who.Pseudonym.String(), Role: role, Unit: o.cfg.Agency.ID},
		Reason: dossier.NewPersonal(r.PostForm.Get("reason"))}
	if date := r.PostForm.Get("date"); date != "" {
		if c.Due, err = dossier.ParseDay(date); err != nil {
			return c, err
		}
	}
	return c, nil
}

// roleFor chooses in which of his capacities an officer acts: the first the rules accept; when none does, the first he
// has, so that the Desk says why not.
func (o *Office) roleFor(d *dossier.Dossier, who *officer, act dossier.Act) (dossier.Role, error) {
	if !slices.Contains(offered, act) {
		return "", failure("error.form")
	}
	for _, role := range who.Roles {
		options := o.desk.Options(d, role)
		if slices.ContainsFunc(options, func(option dossier.Option) bool { return option.Act == act }) {
			return role, nil
		}
	}
	return who.Roles[0], nil
}
