package office

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/file"
	"github.com/motcua/motcua/dossier/form"
	"github.com/motcua/motcua/identity"
)

// maxUpload bounds one request with a file. It is kept in memory: on the disk it would lie in clear.
const maxUpload = 25 << 20

type componentView struct {
	Code, ID, Name, Accept, Accepts, Error, File, Size string
	Required                                           bool
	Finding                                            *findingView
}

type papersView struct {
	Procedure, Back, Action, Done string
	Version                       int64
	Components                    []componentView
}

func (o *Office) componentView(lang string, c dossier.Component) componentView {
	v := componentView{Code: c.Code, ID: "paper-" + c.Code, Name: c.Name.In(lang), Required: c.Required, Accept: strings.Join(c.Media, ","),
		Accepts: o.pages.words.say(lang, "papers.accepts", mediaNames(c.Media), sizeText(c.MaxBytes))}
	if c.Signed {
		v.Accepts += ". " + o.pages.words.say(lang, "papers.signed")
	}
	return v
}

func mediaNames(media []string) string {
	var names []string
	for _, m := range media {
		names = append(names, map[string]string{"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPEG"}[m])
	}
	return strings.Join(names, ", ")
}

func sizeText(n int64) string {
	if n >= 1<<20 {
		return itoa(int(n>>20)) + " MB"
	}
	return itoa(int((n+1023)>>10)) + " kB"
}

func (o *Office) papersPage(w http.ResponseWriter, r *http.Request, d *draft, p *dossier.Procedure, _ *form.Form) {
	o.showPapers(w, r, http.StatusOK, d, p, "", nil)
}

func (o *Office) showPapers(w http.ResponseWriter, r *http.Request, status int, d *draft, p *dossier.Procedure, wrong string, why error, problems ...problem) {
	l := lang(r)
	base := "/drafts/" + d.ID
	v := papersView{Procedure: p.Name.In(l), Back: base + "/form", Action: base + "/papers", Done: base + "/papers/done", Version: d.Version}
	for _, c := range p.Components {
		view := o.componentView(l, c)
		if a, ok := d.Papers[c.Code]; ok {
			view.File, view.Size, view.Finding = a.Name, sizeText(a.Size), o.findingView(l, a.Finding)
		}
		if c.Code == wrong && why != nil {
			view.Error = o.explain(l, why)
			problems = append(problems, problem{Field: view.ID, Text: view.Error})
		}
		v.Components = append(v.Components, view)
	}
	o.show(w, r, status, "papers", "papers.title", v, problems...)
}

// paperSave stores one uploaded paper. A file that is refused leaves no trace but temporary bytes.
func (o *Office) paperSave(w http.ResponseWriter, r *http.Request, d *draft, p *dossier.Procedure, _ *form.Form) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if err := r.ParseMultipartForm(maxUpload); err != nil {
		err = asUploadError(err)
		o.showPapers(w, r, statusOf(err), d, p, "", nil, problem{Text: o.explain(lang(r), err)})
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	code := r.PostForm.Get("component")
	c, ok := p.Component(code)
	if !ok {
		o.fail(w, r, http.StatusBadRequest, failure("error.form"))
		return
	}
	a, err := o.receive(r, d.Owner, "file", c)
	if err == nil {
		if d.Papers == nil {
			d.Papers = make(map[string]attached)
		}
		d.Papers[code] = a
		err = o.saveDraft(r.Context(), d, draftChanged)
	}
	if err != nil {
		o.showPapers(w, r, statusOf(err), d, p, code, err)
		return
	}
	http.Redirect(w, r, "/drafts/"+d.ID+"/papers", http.StatusSeeOther)
}

// receive stores the file of a form's control by what the component accepts. Its signatures are judged first: what the
// procedure wants signed and is not, is not stored.
func (o *Office) receive(r *http.Request, subject, control string, c dossier.Component) (attached, error) {
	upload, header, err := r.FormFile(control)
	if errors.Is(err, http.ErrMissingFile) {
		return attached{}, failure("papers.empty")
	}
	if err != nil {
		return attached{}, asUploadError(err)
	}
	defer upload.Close()
	data, err := io.ReadAll(io.LimitReader(upload, maxUpload+1))
	if err != nil {
		return attached{}, asUploadError(err)
	}
	spec := file.Spec{MaxSize: c.MaxBytes}
	for _, media := range c.Media {
		spec.Types = append(spec.Types, file.Type(media))
	}
	ref, err := file.Judge(bytes.NewReader(data), int64(len(data)), spec)
	if err != nil {
		return attached{}, err
	}
	a := attached{Hash: ref.Hash.String(), Name: file.CleanName(header.Filename), Size: ref.Size, MediaType: string(ref.Type)}
	if ref.Type == file.PDF {
		found, err := o.examine(r.Context(), data)
		if err == nil {
			err = o.mustBeSigned(c, found)
		}
		if err != nil {
			return attached{}, err
		}
		a.Finding = &found
	}
	_, err = o.cfg.Files.Put(r.Context(), subject, data, spec)
	return a, err
}

// papersDone goes on when nothing required is missing.
func (o *Office) papersDone(w http.ResponseWriter, r *http.Request, d *draft, p *dossier.Procedure, _ *form.Form) {
	if problems := o.missingPapers(lang(r), d, p); len(problems) > 0 {
		o.showPapers(w, r, http.StatusUnprocessableEntity, d, p, "", nil, problems...)
		return
	}
	http.Redirect(w, r, "/drafts/"+d.ID+"/check", http.StatusSeeOther)
}

func (o *Office) missingPapers(lang string, d *draft, p *dossier.Procedure) []problem {
	var problems []problem
	for _, c := range p.Components {
		if _, ok := d.Papers[c.Code]; c.Required && !ok {
			problems = append(problems, problem{"paper-" + c.Code, o.pages.words.say(lang, "papers.missing", c.Name.In(lang))})
		}
	}
	return problems
}

type checkView struct {
	Procedure, Back, Action, ChangeForm, ChangePapers, Fee string
	Version                                                int64
	Notes                                                  []note
	Rows                                                   []answerRow
	Papers                                                 []answerRow
}

func (o *Office) checkPage(w http.ResponseWriter, r *http.Request, d *draft, p *dossier.Procedure, f *form.Form) {
	o.showCheck(w, r, http.StatusOK, d, p, f)
}

func (o *Office) showCheck(w http.ResponseWriter, r *http.Request, status int, d *draft, p *dossier.Procedure, _ *form.Form, problems ...problem) {
	l := lang(r)
	base := "/drafts/" + d.ID
	v := checkView{Procedure: p.Name.In(l), Back: base + "/papers", Action: base + "/submit", ChangeForm: base + "/form",
		ChangePapers: base + "/papers", Version: d.Version, Fee: o.feeText(l, p), Notes: o.promiseNotes(l, p)}
	raw, err := json.Marshal(map[string]any(d.Values))
	if err == nil {
		if amount, err := feeTotal(p, dossier.NewPersonal(string(raw))); err == nil && amount > 0 {
			v.Fee = amount.String()
		}
		v.Rows, err = o.answerRows(l, p, d.Values, d.Origins)
	}
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	for _, c := range p.Components {
		if a, ok := d.Papers[c.Code]; ok {
			v.Papers = append(v.Papers, answerRow{Label: c.Name.In(l), Value: a.Name})
		}
	}
	o.show(w, r, status, "check", "check.title", v, problems...)
}

// submit files the dossier. The draft is the idempotency key: a second click, or a repetition after a crash, finds the
// dossier that the first one filed.
func (o *Office) submit(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	d, p, f, err := o.openDraft(r, who)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	if d.Filed != "" {
		http.Redirect(w, r, "/dossiers/"+d.Filed, http.StatusSeeOther)
		return
	}
	problems := o.missingPapers(lang(r), d, p)
	for _, fault := range f.Validate(d.Values) {
		problems = append(problems, problem{Text: fault.Text(lang(r))})
	}
	problems = append(problems, o.notYet(lang(r), p, f, d.Values)...)
	if version, err := parseVersion(r.PostFormValue("version")); err != nil || version != d.Version {
		problems = append(problems, problem{Text: o.explain(lang(r), errStale)})
	}
	if len(problems) > 0 {
		o.showCheck(w, r, http.StatusUnprocessableEntity, d, p, f, problems...)
		return
	}
	filed, err := o.fileDraft(r, d, p, who)
	if err != nil {
		o.showCheck(w, r, statusOf(err), d, p, f, problem{Text: o.explain(lang(r), err)})
		return
	}
	http.Redirect(w, r, "/dossiers/"+filed.ID.String()+"?filed", http.StatusSeeOther)
}

func (o *Office) fileDraft(r *http.Request, d *draft, p *dossier.Procedure, who *identity.Subject) (*dossier.Dossier, error) {
	raw, err := json.Marshal(map[string]any(d.Values))
	if err != nil {
		return nil, err
	}
	filing := &dossier.Filing{Procedure: p.Code, Agency: o.cfg.Agency.ID, Channel: dossier.Online, Owner: dossier.NewParty(*who),
		Form: dossier.NewPersonal(string(raw)), Files: d.files()}
	filed, err := o.desk.Do(r.Context(), dossier.Command{Key: d.ID, Act: dossier.File, Filing: filing,
		Actor: dossier.Actor{ID: who.Pseudonym.String(), Role: dossier.Applicant}})
	if err != nil {
		return nil, err
	}
	if err := o.recordFindings(r.Context(), filed); err != nil {
		o.log.ErrorContext(r.Context(), "papers not judged yet", "error", err) // the next look at the dossier makes up for it
	}
	return filed, o.markFiled(r.Context(), d, filed.ID.String())
}

// files are the draft's papers as a dossier refers to them, in the order of their codes.
func (d *draft) files() []dossier.FileRef {
	var refs []dossier.FileRef
	for code, a := range d.Papers {
		refs = append(refs, dossier.FileRef{Component: code, Hash: a.Hash, Name: dossier.NewPersonal(a.Name), Size: a.Size, Media: a.MediaType})
	}
	slices.SortFunc(refs, func(a, b dossier.FileRef) int { return strings.Compare(a.Component, b.Component) })
	return refs
}

// supplementView is what the applicant was asked for.
func (o *Office) supplementView(lang, base string, d *dossier.Dossier) *supplementView {
	v := &supplementView{Action: base + "/supplement"}
	var asked []string
	for _, entry := range d.History {
		if entry.Act == dossier.RequestSupplement {
			v.Reason, asked = entry.Reason.Reveal(), entry.Components
		}
	}
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return v
	}
	for _, c := range p.Components {
		if len(asked) == 0 || slices.Contains(asked, c.Code) {
			v.Components = append(v.Components, o.componentView(lang, c))
		}
	}
	return v
}

// supplement hands in what was missing.
func (o *Office) supplement(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	d, err := o.ownDossier(r, who)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if err := r.ParseMultipartForm(maxUpload); err != nil {
		err = asUploadError(err)
		o.showDossier(w, r, statusOf(err), d, problem{Text: o.explain(lang(r), err)})
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	c, err := o.applicantCommand(r, d, who, dossier.Supplement)
	if err == nil {
		c.Files, err = o.receiveAll(r, d)
	}
	if err == nil {
		c.Note = dossier.NewPersonal(r.PostForm.Get("note"))
		_, err = o.desk.Do(r.Context(), c)
	}
	o.afterAct(w, r, d, err)
}

func (o *Office) receiveAll(r *http.Request, d *dossier.Dossier) ([]dossier.FileRef, error) {
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return nil, err
	}
	var refs []dossier.FileRef
	for _, c := range p.Components {
		if len(r.MultipartForm.File[c.Code]) == 0 || r.MultipartForm.File[c.Code][0].Filename == "" {
			continue
		}
		a, err := o.receive(r, d.Applicant, c.Code, c)
		if err != nil {
			return nil, err
		}
		refs = append(refs, dossier.FileRef{Component: c.Code, Hash: a.Hash, Name: dossier.NewPersonal(a.Name), Size: a.Size, Media: a.MediaType})
	}
	return refs, nil
}

func (o *Office) withdraw(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	d, err := o.ownDossier(r, who)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	c, err := o.applicantCommand(r, d, who, dossier.Withdraw)
	if err == nil {
		c.Reason = dossier.NewPersonal(r.PostFormValue("reason"))
		_, err = o.desk.Do(r.Context(), c)
	}
	o.afterAct(w, r, d, err)
}

func (o *Office) applicantCommand(r *http.Request, d *dossier.Dossier, who *identity.Subject, act dossier.Act) (dossier.Command, error) {
	version, err := parseVersion(r.PostFormValue("version"))
	return dossier.Command{Key: r.PostFormValue("key"), Dossier: d.ID, Seen: version, Act: act,
		Actor: dossier.Actor{ID: who.Pseudonym.String(), Role: dossier.Applicant}}, err
}

// afterAct shows what became of an applicant's act.
func (o *Office) afterAct(w http.ResponseWriter, r *http.Request, d *dossier.Dossier, err error) {
	if err != nil {
		o.showDossier(w, r, statusOf(err), d, problem{Text: o.explain(lang(r), err)})
		return
	}
	http.Redirect(w, r, "/dossiers/"+d.ID.String(), http.StatusSeeOther)
}
