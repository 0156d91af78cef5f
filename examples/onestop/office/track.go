package office

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/payment"
)

// note is a panel above a page's content.
type note struct{ Class, Text string }

// event is one line of a timeline.
type event struct {
	At               time.Time
	Title, Who, Note string
	Law              string
}

// dueLine is one day of a due date's explanation.
type dueLine struct{ Day, Counted, Reason, Law string }

// link is a document to fetch.
type link struct {
	URL, Name, Note string // no address when it was erased
	Finding         *findingView
}

// standing is what every page about one dossier shows.
type standing struct {
	ID, Code, Procedure     string
	Version                 int64
	Key                     string
	State, StateClass       string
	Filed                   time.Time
	Due, Unit               string
	Fee, FeeState, FeeClass string
	Notes                   []note
	Files                   []link
	Timeline                []event
	Explanation             []dueLine
	DueDrawing              []byte
	Intact                  bool
	Facts                   int
	Head                    string
}

func stateClass(s dossier.State) string {
	switch s {
	case dossier.Finished, dossier.Returned:
		return "good"
	case dossier.Refused, dossier.Stopped:
		return "bad"
	case dossier.SupplementRequested, dossier.DutyRequested, dossier.WithdrawalRequested:
		return "warn"
	}
	return "calm"
}

// standing collects what the pages show of a dossier. inside says that the reader is an officer, who sees notes.
func (o *Office) standing(ctx context.Context, lang string, d *dossier.Dossier, inside bool) (standing, error) {
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return standing{}, err
	}
	s := standing{ID: d.ID.String(), Code: d.Code.String(), Procedure: p.Name.In(lang), Version: d.Version, Key: formKey(),
		State: d.State.Label(lang), StateClass: stateClass(d.State), Filed: d.Filed, Unit: o.cfg.Agency.Name}
	if !d.Due.IsZero() {
		s.Due = formatDue(d.Due)
	}
	if err := o.addFee(ctx, lang, d, &s); err != nil {
		return standing{}, err
	}
	if d.Erased {
		s.Notes = append(s.Notes, note{"warn", o.pages.words.say(lang, "erased.dossier")})
	}
	o.addTimeline(lang, d, &s, inside)
	o.addExplanation(lang, d, &s)
	return s, o.addJournal(ctx, d, &s)
}

func (o *Office) addFee(ctx context.Context, lang string, d *dossier.Dossier, s *standing) error {
	f, err := o.feeOf(ctx, d)
	if err != nil || f.Amount == 0 {
		return err
	}
	say := func(code string) string { return o.pages.words.say(lang, code) }
	s.Fee, s.FeeState, s.FeeClass = f.Amount.String(), say("pay.unpaid"), "warn"
	if f.Order == nil {
		return nil
	}
	switch f.Order.State {
	case payment.Paid:
		s.FeeState, s.FeeClass = say("pay.paid"), "good"
		for _, paid := range f.Order.Payments {
			s.Timeline = append(s.Timeline, event{At: paid.Posted, Title: say("event.paid"), Note: paid.Amount.String() + " – " + paid.Transaction})
		}
	case payment.Pending:
		s.FeeState = say("pay.pending")
	case payment.Opened, payment.Failed, payment.Expired, payment.Cancelled:
	default:
		s.FeeState, s.FeeClass = say("pay.odd"), "bad"
	}
	return nil
}

func (o *Office) addTimeline(lang string, d *dossier.Dossier, s *standing, inside bool) {
	payments := s.Timeline
	s.Timeline = nil
	for _, entry := range d.History {
		for len(payments) > 0 && payments[0].At.Before(entry.At.Truncate(time.Second)) {
			s.Timeline, payments = append(s.Timeline, payments[0]), payments[1:]
		}
		e := event{At: entry.At, Title: entry.Act.Label(lang), Who: entry.Role.Label(lang), Law: entry.Law.String(), Note: entry.Reason.Reveal()}
		if inside && !entry.Note.IsZero() {
			e.Note += " " + entry.Note.Reveal()
		}
		s.Timeline = append(s.Timeline, e)
	}
	s.Timeline = append(s.Timeline, payments...)
}

func (o *Office) addExplanation(lang string, d *dossier.Dossier, s *standing) {
	if d.Deadline.Due.IsZero() {
		return
	}
	s.DueDrawing = []byte(d.Deadline.SVG(lang))
	for _, day := range d.Deadline.Days {
		counted := o.pages.words.say(lang, "due.no")
		if day.Counted {
			counted = itoa(day.No)
		}
		s.Explanation = append(s.Explanation, dueLine{formatDay(day.Date), counted, day.Reason.Text(lang), day.Law})
	}
}

// addJournal verifies the dossier's own chain, so that the page says what is, not what ought to be.
func (o *Office) addJournal(ctx context.Context, d *dossier.Dossier, s *standing) error {
	stream, err := d.ID.Stream()
	if err != nil {
		return err
	}
	head, err := journal.VerifyStream(ctx, o.journal, stream)
	if err != nil && !errors.Is(err, journal.ErrBroken) {
		return err
	}
	s.Intact, s.Facts, s.Head = err == nil, int(head.Seq), head.Hash.String()
	return nil
}

// ownDossier reads a dossier for its applicant; somebody else's does not exist for him.
func (o *Office) ownDossier(r *http.Request, who *identity.Subject) (*dossier.Dossier, error) {
	id, err := dossier.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, failure("error.notfound")
	}
	d, err := o.desk.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if self := who.Pseudonym.String(); d.Applicant != self && d.Submitter != self {
		return nil, failure("error.notfound")
	}
	return d, nil
}

type dossierView struct {
	standing
	JustFiled  bool
	Pay        string
	Withdraw   string
	Supplement *supplementView
}

type supplementView struct {
	Reason, Action string
	Components     []componentView
}

func (o *Office) dossierPage(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	d, err := o.ownDossier(r, who)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	o.showDossier(w, r, http.StatusOK, d)
}

func (o *Office) showDossier(w http.ResponseWriter, r *http.Request, status int, d *dossier.Dossier, problems ...problem) {
	l := lang(r)
	s, err := o.standing(r.Context(), l, d, false)
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	v := dossierView{standing: s, JustFiled: r.URL.Query().Has("filed")}
	base := "/dossiers/" + s.ID
	if v.Files, err = o.documents(r.Context(), l, base+"/files/", d, false); err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	f, err := o.feeOf(r.Context(), d)
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	if f.payable() && d.State.Open() {
		if err := o.payFirst(d); err != nil {
			v.Notes = append(v.Notes, note{"warn", o.explain(l, err)})
		} else {
			v.Pay = base + "/pay"
		}
	}
	if code := map[string]string{"paid": "pay.back.paid", "pending": "pay.back.pending", "failed": "pay.back.failed"}[r.URL.Query().Get("payment")]; code != "" && !(f.paid() && code != "pay.back.paid") {
		class := map[string]string{"pay.back.pending": "warn", "pay.back.failed": "bad"}[code]
		v.Notes = append(v.Notes, note{class, o.pages.words.say(l, code)})
	}
	o.addApplicantActs(l, base, d, &v)
	o.show(w, r, status, "dossier", "dossiers.title", v, problems...)
}

// addApplicantActs offers what the rules allow the applicant now.
func (o *Office) addApplicantActs(lang, base string, d *dossier.Dossier, v *dossierView) {
	for _, option := range o.desk.Options(d, dossier.Applicant) {
		switch option.Act {
		case dossier.Withdraw:
			v.Withdraw = base + "/withdraw"
		case dossier.Supplement:
			v.Supplement = o.supplementView(lang, base, d)
		}
	}
}

type dossierRow struct {
	URL, Code, Procedure, State, Class, Due string
	Filed                                   time.Time
	Late                                    bool
}

func (o *Office) row(lang, base string, s dossier.Summary) dossierRow {
	row := dossierRow{URL: base + s.ID.String(), Code: s.Code.String(), Procedure: s.Procedure.String(), State: s.State.Label(lang),
		Class: stateClass(s.State), Filed: s.Filed, Late: s.Overdue(o.now())}
	if p, err := o.catalog.Version(s.ProcedureVersion); err == nil {
		row.Procedure = p.Name.In(lang)
	}
	if !s.Due.IsZero() {
		row.Due = formatDue(s.Due)
	}
	return row
}

func (o *Office) dossiersPage(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	l := lang(r)
	page, err := o.desk.List(r.Context(), dossier.Query{Applicant: who.Pseudonym.String(), Descending: true, Cursor: r.URL.Query().Get("after")})
	if err != nil {
		o.fail(w, r, http.StatusBadRequest, errors.Join(failure("error.list"), err))
		return
	}
	var rows []dossierRow
	for _, s := range page.Rows {
		rows = append(rows, o.row(l, "/dossiers/", s))
	}
	type draftRow struct {
		URL, Procedure string
		At             time.Time
	}
	drafts, err := o.drafts(r.Context(), who.Pseudonym.String())
	if err != nil {
		o.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	var begun []draftRow
	for _, d := range drafts {
		name := d.Procedure
		if p, err := o.procedureByCode(d.Procedure); err == nil {
			name = p.Name.In(l)
		}
		begun = append(begun, draftRow{"/drafts/" + d.ID + "/form", name, d.Begun})
	}
	next := ""
	if page.Next != "" {
		next = "/dossiers?after=" + url.QueryEscape(page.Next)
	}
	o.show(w, r, http.StatusOK, "dossiers", "dossiers.title", map[string]any{"Drafts": begun, "Rows": rows, "Next": next})
}
