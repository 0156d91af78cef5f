package office

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/file"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/signature"
)

// finding is what the office found out about the signatures of a PDF that was handed in. It names nobody, so that it can
// stand in the open half of the journal.
type finding struct {
	Class         string                  `json:"class"`
	Indication    signature.Indication    `json:"indication,omitempty"`
	SubIndication signature.SubIndication `json:"subIndication,omitempty"`
	Level         string                  `json:"level,omitempty"` // of the newest signature
	Signatures    int                     `json:"signatures"`
	Reasons       []why                   `json:"reasons,omitempty"`
	At            time.Time               `json:"at"`
}

// why is a reason with its words as they were then.
type why struct {
	Code string `json:"code"`
	Vi   string `json:"vi"`
	En   string `json:"en"`
}

// Classes of findings.
const (
	unsigned = "unsigned"
	valid    = "valid"
	unsure   = "unsure"  // it may be good, and cannot be said to be
	altered  = "altered" // something changed after it was signed
	broken   = "broken"  // the file or the signature cannot be what it says
)

// maxWhy bounds the reasons that are kept of one file.
const maxWhy = 8

// examine judges an uploaded PDF. Only a failure of ours is an error.
func (o *Office) examine(ctx context.Context, pdf []byte) (finding, error) {
	f := finding{At: o.now()}
	report, err := o.judge.Verify(ctx, bytes.NewReader(pdf), int64(len(pdf)), f.At)
	if unreadable := new(signature.DocumentError); errors.As(err, &unreadable) {
		f.Class, f.Reasons = broken, []why{{unreadable.Code(), unreadable.Text("vi"), unreadable.Text("en")}}
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.Indication, f.Signatures = report.Indication, len(report.Signatures)
	for _, s := range slices.Backward(report.Signatures) {
		if f.Level == "" {
			f.Level = s.Level
		}
		if f.SubIndication == "" {
			f.SubIndication = s.SubIndication
		}
		for _, r := range s.Reasons {
			known := slices.ContainsFunc(f.Reasons, func(w why) bool { return w.Code == r.Code })
			if !known && len(f.Reasons) < maxWhy {
				f.Reasons = append(f.Reasons, why{r.Code, r.Vi, r.En})
			}
		}
	}
	f.Class = classOf(f)
	return f, nil
}

func classOf(f finding) string {
	switch f.Indication {
	case signature.TotalPassed:
		return valid
	case signature.NoSignatureFound:
		return unsigned
	}
	for _, r := range f.Reasons {
		changed := strings.HasPrefix(r.Code, "document.") && r.Code != "document.later-signature"
		if changed || r.Code == "signature.content" {
			return altered
		}
	}
	if f.Indication == signature.TotalFailed {
		return broken
	}
	return unsure
}

// findingView is a finding for people.
type findingView struct{ Class, Title, Why string }

func (o *Office) findingView(lang string, f *finding) *findingView {
	if f == nil {
		return nil
	}
	v := &findingView{Title: o.pages.words.say(lang, "intake."+f.Class)}
	switch f.Class {
	case valid:
		v.Class = "good"
	case unsigned:
		v.Class = "calm"
	case unsure:
		v.Class = "warn"
	default:
		v.Class = "bad"
	}
	if len(f.Reasons) > 0 {
		v.Why = f.Reasons[0].Vi
		if lang == "en" {
			v.Why = f.Reasons[0].En
		}
	}
	return v
}

// mustBeSigned refuses a paper that the procedure wants signed and that is not, or not so that it can be relied on.
func (o *Office) mustBeSigned(c dossier.Component, f finding) error {
	if !c.Signed || f.Class == valid {
		return nil
	}
	text := func(lang string) string {
		v := o.findingView(lang, &f)
		return strings.TrimSpace(o.pages.words.say(lang, "intake.mustbesigned", c.Name.In(lang), v.Title) + " " + v.Why)
	}
	return &dossier.Refusal{Key: "paper." + f.Class, Vi: text("vi"), En: text("en")}
}

// papersGuard lets a dossier in when the papers that its procedure wants signed carry signatures that hold.
func (o *Office) papersGuard(ctx context.Context, d *dossier.Dossier, c *dossier.Command) error {
	p, subject, files := (*dossier.Procedure)(nil), d.Applicant, c.Files
	var err error
	if c.Act == dossier.File {
		subject, files = c.Filing.Owner.Pseudonym, c.Filing.Files
		p, err = o.catalog.At(c.Filing.Procedure, o.now())
	} else {
		p, err = o.catalog.Version(d.ProcedureVersion)
	}
	if err != nil {
		return err
	}
	for _, ref := range files {
		component, ok := p.Component(ref.Component)
		if !ok || !component.Signed {
			continue
		}
		pdf, err := o.read(ctx, subject, ref.Hash)
		if err != nil {
			return err
		}
		f, err := o.examine(ctx, pdf)
		if err != nil {
			return err
		}
		if err := o.mustBeSigned(component, f); err != nil {
			return err
		}
	}
	return nil
}

const paperJudged = "paper.judged"

// judged is the record of a finding, in the stream of papers beside the dossier's.
type judged struct {
	Component string `json:"component"`
	Hash      string `json:"hash"`
	finding
}

// recordFindings judges the PDF files of a dossier that have not been judged since they were handed in. It runs when they
// are, and before every listing, so that a crash in between heals itself.
func (o *Office) recordFindings(ctx context.Context, d *dossier.Dossier) error {
	have, head, err := o.findings(ctx, d.ID)
	if err != nil {
		return err
	}
	for _, ref := range d.Files {
		if ref.Media != string(file.PDF) || have[ref.Hash] != nil {
			continue
		}
		pdf, err := o.read(ctx, d.Applicant, ref.Hash)
		if errors.Is(err, seal.ErrErased) {
			continue
		}
		if err != nil {
			return err
		}
		f, err := o.examine(ctx, pdf)
		if err != nil {
			return err
		}
		if head, err = o.recordFinding(ctx, d, judged{ref.Component, ref.Hash, f}, head); err != nil {
			return err
		}
	}
	return nil
}

func (o *Office) recordFinding(ctx context.Context, d *dossier.Dossier, j judged, head int64) (int64, error) {
	body, err := journal.EncodeBody(j)
	if err != nil {
		return head, err
	}
	stream, err := paperStream(d.ID)
	if err != nil {
		return head, err
	}
	key := "judged:" + j.Hash
	records, err := o.journal.Append(ctx, stream, head, journal.Fact{Kind: paperJudged, Actor: "system:office", At: j.At, Body: body,
		Command: journal.NewCommand(key, []byte(d.ID.String()), []byte(key))})
	if errors.Is(err, journal.ErrConflict) {
		return head, errStale
	}
	if err != nil {
		return head, err
	}
	return records[len(records)-1].Seq, nil
}

// findings are those of a dossier's files by hash, and the end of their stream.
func (o *Office) findings(ctx context.Context, id dossier.ID) (map[string]*finding, int64, error) {
	stream, err := paperStream(id)
	if err != nil {
		return nil, 0, err
	}
	records, err := journal.Load(ctx, o.journal, stream)
	if err != nil {
		return nil, 0, err
	}
	found := make(map[string]*finding)
	for _, r := range records {
		if r.Kind != paperJudged {
			continue
		}
		var j judged
		if err := json.Unmarshal(r.Body, &j); err != nil {
			return nil, 0, errors.Join(errors.New("office: paper "+strconv.FormatInt(r.Seq, 10)+": finding"), err)
		}
		found[j.Hash] = &j.finding
	}
	return found, int64(len(records)), nil
}
