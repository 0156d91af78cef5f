package office

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/file"
	"github.com/motcua/motcua/dossier/paper"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/qr"
)

// issued is a form this office has handed out: receipt, request for supplement, refusal. Each is made once, signed, and
// recorded in a stream beside the dossier's, under the act it follows from.
type issued struct {
	Kind string `json:"kind"` // "receipt", "supplement", "refusal"
	Form string `json:"form"` // number of the form
	Of   int64  `json:"of"`   // the dossier's version it follows from
	Hash string `json:"hash"`
	Size int64  `json:"size"`
	// At is where the result this code belongs to is signed.
	At *place `json:"at,omitempty"`
}

// lastCode is the code of the result as it stands.
func lastCode(forms []issued) (issued, bool) {
	for _, f := range slices.Backward(forms) {
		if f.Kind == codeKind {
			return f, true
		}
	}
	return issued{}, false
}

// codeKind is the QR code of the result as a picture of its own.
const codeKind = "code"

// name is the last part of the paper's address.
func (i issued) name() string {
	if i.Kind == codeKind {
		return "result-qr.png"
	}
	return i.Kind + "-" + strconv.FormatInt(i.Of, 10) + ".pdf"
}

func (i issued) media() string {
	if i.Kind == codeKind {
		return "image/png"
	}
	return "application/pdf"
}

const paperIssued = "paper.issued"

// formInstrument is the circular whose form numbers are printed; dated data of the office, not of the library.
const formInstrument = "03/2025/TT-VPCP"

// issuePapers makes the forms that the dossier's acts call for and that have not been made yet. It runs after every act
// and before every listing, so that a crash between an act and its paper heals itself.
func (o *Office) issuePapers(ctx context.Context, d *dossier.Dossier) error {
	if d.Erased {
		return nil // nobody is left to name in them
	}
	have, head, err := o.issued(ctx, d.ID)
	if err != nil {
		return err
	}
	for _, entry := range d.History {
		kind, form := formOf(entry.Act)
		if kind == "" || slices.ContainsFunc(have, func(i issued) bool { return i.Kind == kind && i.Of == entry.Version }) {
			continue
		}
		if head, err = o.issue(ctx, d, entry, kind, form, head); err != nil {
			return err
		}
	}
	return nil
}

func formOf(act dossier.Act) (kind, form string) {
	switch act {
	case dossier.Accept:
		return "receipt", "01"
	case dossier.RequestSupplement:
		return "supplement", "02"
	case dossier.Refuse:
		return "refusal", "03"
	}
	return "", ""
}

func paperStream(id dossier.ID) (journal.Stream, error) {
	return journal.ParseStream("paper/" + id.String())
}

// issued lists the forms of a dossier and the end of their stream.
func (o *Office) issued(ctx context.Context, id dossier.ID) ([]issued, int64, error) {
	stream, err := paperStream(id)
	if err != nil {
		return nil, 0, err
	}
	records, err := journal.Load(ctx, o.journal, stream)
	if err != nil {
		return nil, 0, err
	}
	var list []issued
	var head int64
	for _, r := range records {
		head = r.Seq
		if r.Kind != paperIssued {
			continue
		}
		var i issued
		if err := json.Unmarshal(r.Body, &i); err != nil {
			return nil, 0, fmt.Errorf("office: paper %d: %w", r.Seq, err)
		}
		list = append(list, i)
	}
	return list, head, nil
}

func (o *Office) issue(ctx context.Context, d *dossier.Dossier, entry dossier.Entry, kind, form string, head int64) (int64, error) {
	pdf, err := o.renderForm(d, entry, kind, form)
	if err != nil {
		return head, err
	}
	sealed, err := o.signForm(pdf)
	if err != nil {
		return head, err
	}
	return o.record(ctx, d, issued{Kind: kind, Form: form, Of: entry.Version}, file.PDF, sealed, head)
}

// record stores a paper and writes it down behind head.
func (o *Office) record(ctx context.Context, d *dossier.Dossier, i issued, kind file.Type, data []byte, head int64) (int64, error) {
	ref, err := o.cfg.Files.Put(ctx, d.Applicant, data, file.Spec{Types: []file.Type{kind}})
	if err != nil {
		return head, err
	}
	i.Hash, i.Size = ref.Hash.String(), ref.Size
	body, err := journal.EncodeBody(i)
	if err != nil {
		return head, err
	}
	stream, err := paperStream(d.ID)
	if err != nil {
		return head, err
	}
	key := i.Kind + ":" + strconv.FormatInt(i.Of, 10)
	records, err := o.journal.Append(ctx, stream, head, journal.Fact{Kind: paperIssued, Actor: "system:office", At: o.now(), Body: body,
		Command: journal.NewCommand(key, []byte(d.ID.String()), []byte(key))})
	if errors.Is(err, journal.ErrConflict) {
		return head, errStale // somebody else issues at this moment; the next look shows his
	}
	if err != nil {
		return head, err
	}
	return records[len(records)-1].Seq, nil
}

// keepCode stores the QR code of a result as a picture, for people who want it apart from the document.
func (o *Office) keepCode(ctx context.Context, d *dossier.Dossier, r draftResult) error {
	_, head, err := o.issued(ctx, d.ID)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := r.code.WritePNG(&b, 8); err != nil {
		return err
	}
	_, err = o.record(ctx, d, issued{Kind: codeKind, Of: d.Version, At: &r.at}, file.PNG, b.Bytes(), head)
	return err
}

func (o *Office) renderForm(d *dossier.Dossier, entry dossier.Entry, kind, form string) ([]byte, error) {
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return nil, err
	}
	head := o.head(nil, entry.At, "", paper.Form{Instrument: formInstrument, No: form})
	head.Office = o.cfg.Agency.OneStop
	head.Superior = o.cfg.Agency.Name
	who := paper.Party{Name: d.Owner.Name.Reveal(), ID: d.Owner.PersonID.Reveal()}
	var b bytes.Buffer
	switch kind {
	case "receipt":
		if head.Symbol, err = o.receiptSymbol(d, entry); err != nil {
			return nil, err
		}
		_, err = o.receipt(d, entry, p, head, who).Print(&b)
	case "supplement":
		_, err = paper.Supplement{Head: head, Applicant: who, Procedure: p.Name.Vi, Code: d.Code.String(), Reason: entry.Reason.Reveal(),
			Missing: missing(p, entry.Components), Officer: o.cfg.Agency.OneStop, Contact: o.cfg.Agency.OneStop, Phone: o.cfg.Agency.Hotline}.Print(&b)
	default:
		_, err = paper.Refusal{Head: head, Applicant: who, Procedure: p.Name.Vi, Code: d.Code.String(),
			Reasons: []string{entry.Reason.Reveal()}, Law: entry.Law.String(), Officer: o.cfg.Agency.OneStop}.Print(&b)
	}
	return b.Bytes(), err
}

// receiptSymbol is the signed code of the receipt, with the due date in it.
func (o *Office) receiptSymbol(d *dossier.Dossier, entry dossier.Entry) (*qr.Symbol, error) {
	code, err := o.cfg.Issuer.Issue(qr.Claims{Expires: d.Due.AddDate(1, 0, 0),
		Body: qr.Receipt{Paper: o.codePaper(d, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", entry.At), Due: entry.Deadline.Due}})
	if err != nil {
		return nil, err
	}
	return code.Symbol(qr.Q)
}

func (o *Office) receipt(d *dossier.Dossier, entry dossier.Entry, p *dossier.Procedure, head paper.Head, who paper.Party) paper.Receipt {
	due := entry.Deadline.Closes
	if entry.Deadline.Due.Before(due) { // a limit in hours
		due = entry.Deadline.Due
	}
	r := paper.Receipt{Head: head, Code: d.Code.String(), Applicant: who, Procedure: p.Name.Vi, Sets: 1, Limit: p.Limit.Text("vi"),
		ReceivedAt: entry.At, DueAt: due, ReturnAt: "Trực tuyến, trong mục Hồ sơ của tôi", Hotline: o.cfg.Agency.Hotline,
		Officer: o.cfg.Agency.OneStop}
	if amount, err := feeTotal(p, d.Form); err == nil {
		r.Fee = int64(amount)
	}
	for _, f := range d.Files {
		name := f.Component
		if c, ok := p.Component(f.Component); ok {
			name = c.Name.Vi
		}
		r.Components = append(r.Components, paper.Component{Name: name, Kind: "bản điện tử", Count: 1})
	}
	return r
}

func missing(p *dossier.Procedure, codes []string) []paper.Missing {
	var list []paper.Missing
	for _, code := range codes {
		if c, ok := p.Component(code); ok {
			list = append(list, paper.Missing{Name: c.Name.Vi})
		}
	}
	return list
}

// documents lists what can be fetched of a dossier: the forms issued, the papers attached, the result.
func (o *Office) documents(ctx context.Context, lang, base string, d *dossier.Dossier, inside bool) ([]link, error) {
	for _, heal := range []func(context.Context, *dossier.Dossier) error{o.issuePapers, o.recordFindings} {
		if err := heal(ctx, d); err != nil && !errors.Is(err, errStale) {
			return nil, err
		}
	}
	findings, _, err := o.findings(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	forms, _, err := o.issued(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	say := o.pages.words.say
	var links []link
	handed := d.State == dossier.Returned || inside
	for _, f := range forms {
		if f.Kind != codeKind {
			links = append(links, link{URL: base + f.name(), Name: say(lang, "dossier.file."+f.Kind), Note: say(lang, "dossier.file.form", f.Form)})
		}
	}
	if code, ok := lastCode(forms); ok && handed {
		links = append(links, link{URL: base + code.name(), Name: say(lang, "dossier.file.code"), Note: "PNG"})
	}
	for i, ref := range d.Files {
		links = append(links, link{URL: base + "paper-" + itoa(i) + "." + extension(ref.Media), Name: ref.Name.Reveal(),
			Note: say(lang, "dossier.file.attached"), Finding: o.findingView(lang, findings[ref.Hash])})
	}
	if handed && len(d.Results) > 0 {
		links = append(links, link{URL: base + "result.pdf", Name: say(lang, "dossier.file.result"), Note: say(lang, "dossier.file.signed")})
	}
	if d.Erased {
		for i := range links {
			links[i].URL, links[i].Note = "", say(lang, "erased.note")
		}
	}
	return links, nil
}

func extension(media string) string {
	switch media {
	case "image/png":
		return "png"
	case "image/jpeg":
		return "jpg"
	}
	return "pdf"
}

// document finds the file behind a document's name.
func (o *Office) document(ctx context.Context, d *dossier.Dossier, name string, inside bool) (hash, media string, err error) {
	if name == "result.pdf" && len(d.Results) > 0 && (inside || d.State == dossier.Returned) {
		return d.Results[0].Hash, d.Results[0].Media, nil
	}
	for i, ref := range d.Files {
		if name == "paper-"+itoa(i)+"."+extension(ref.Media) {
			return ref.Hash, ref.Media, nil
		}
	}
	if d.Erased && strings.HasPrefix(name, "paper-") { // which there were was erased, too
		return "", "", seal.ErrErased
	}
	forms, _, err := o.issued(ctx, d.ID)
	for _, f := range slices.Backward(forms) {
		if name == f.name() && (f.Kind != codeKind || inside || d.State == dossier.Returned) {
			return f.Hash, f.media(), nil
		}
	}
	if err == nil {
		err = errNoDraft
	}
	return "", "", err
}

func (o *Office) citizenFile(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	d, err := o.ownDossier(r, who)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	o.send(w, r, d, false)
}

func (o *Office) officerFile(w http.ResponseWriter, r *http.Request, _ *officer) {
	d, err := o.dossierOf(r)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	o.send(w, r, d, true)
}

func (o *Office) send(w http.ResponseWriter, r *http.Request, d *dossier.Dossier, inside bool) {
	hash, media, err := o.document(r.Context(), d, r.PathValue("name"), inside)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	data, err := o.read(r.Context(), d.Applicant, hash)
	if err != nil {
		o.fail(w, r, statusOf(err), err)
		return
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `inline; filename="`+r.PathValue("name")+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// codePaper is what every code of this office says of its paper (Circular 01/2023/TT-VPCP Art 26). The person is masked:
// whoever holds the paper can read the code.
func (o *Office) codePaper(d *dossier.Dossier, name string, at time.Time) qr.Paper {
	return qr.Paper{Dossier: d.Code.String(), Procedure: d.Procedure.String(), Subject: d.Owner.PersonID.String(), Name: name,
		Source: o.cfg.Agency.ID.String(), Published: at}
}

func (o *Office) head(symbol *qr.Symbol, at time.Time, number string, form paper.Form) paper.Head {
	return paper.Head{Form: form, Superior: o.cfg.Agency.Superior, Office: o.cfg.Agency.Name, Number: number,
		Place: o.cfg.Agency.Place, Date: at, Symbol: symbol}
}

// upper writes a title in capitals.
func upper(s string) string { return strings.ToUpper(s) }
