package office

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/examples/onestop/vault"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/signature"
)

// openJudges makes the two verifiers. Both were told what to trust. Whether a certificate was revoked is asked of its
// authority where the document does not prove it; one that names no authority (an office from before there was one) gets
// a warning.
func (o *Office) openJudges(context.Context) error {
	var err error
	o.judge, err = signature.NewVerifier(o.cfg.Anchors, signature.Policy{Revocation: signature.RevocationWhereNamed,
		Source: o.cfg.Revocation, MaxSize: vault.MaxSize})
	if err != nil {
		return err
	}
	o.codes, err = qr.NewVerifier(o.cfg.Codes, qr.VerifyConfig{})
	return err
}

// judgePDF judges an uploaded document.
func (o *Office) judgePDF(ctx context.Context, lang string, doc io.ReaderAt, size int64) (verdictView, error) {
	report, err := o.judge.Verify(ctx, doc, size, o.now())
	if err != nil {
		return verdictView{}, err
	}
	say := o.pages.words.say
	v := verdictView{}
	switch report.Indication {
	case signature.TotalPassed:
		v.Headline = say(lang, "verify.pdf.good")
	case signature.Indeterminate:
		v.Headline, v.Class = say(lang, "verify.pdf.unsure"), "warn"
	case signature.NoSignatureFound:
		v.Headline, v.Class = say(lang, "verify.pdf.none"), "warn"
	default:
		v.Headline, v.Class = say(lang, "verify.pdf.bad"), "bad"
	}
	for _, r := range report.Warnings {
		v.Reasons = append(v.Reasons, r.Text(lang))
	}
	for i, s := range report.Signatures {
		for _, r := range s.Reasons {
			if text := r.Text(lang); !slices.Contains(v.Reasons, text) {
				v.Reasons = append(v.Reasons, text)
			}
		}
		v.Sections = append(v.Sections, o.signatureSection(lang, i+1, &s))
	}
	for i, t := range report.DocumentTimestamps {
		v.Sections = append(v.Sections, o.timestampSection(lang, i+1, &t))
	}
	v.Revisions = o.revisions(lang, report)
	v.Drawing = o.drawRevisions(lang, v.Revisions, report.Size)
	return v, nil
}

// signatureSection is the verdict on one signature: first what every verifier must show (Circular 15/2025/TT-BKHCN, Art
// 6), then what an expert asks for, then each change that came after.
func (o *Office) signatureSection(lang string, no int, s *signature.Signature) verdictSection {
	say := o.pages.words.say
	section := verdictSection{Title: say(lang, "verify.signature", no), State: s.Indication.Text(lang), Class: indicationClass(s.Indication),
		Changes: o.changeLines(lang, s)}
	for _, f := range s.Display(lang) {
		section.Rows = append(section.Rows, verdictRow{f.Label, f.Value})
	}
	add := func(code, value string) {
		if value != "" {
			section.Details = append(section.Details, verdictRow{say(lang, code), value})
		}
	}
	add("verify.indication", string(s.Indication)+subText(s.SubIndication))
	for _, r := range s.Reasons {
		add("verify.reason", r.Text(lang))
	}
	if s.Why != "" {
		add("verify.why", strings.Trim(s.Why+", "+s.Location, ", "))
	}
	if s.ClaimedTime != nil {
		add("verify.claimed", formatMinute(*s.ClaimedTime))
	}
	add("verify.proven", provenText(s.ProvenTime))
	add("verify.level", s.Level)
	add("verify.algorithm", strings.Trim(s.Algorithm+", "+s.Digest, ", "))
	add("verify.coverage", say(lang, "verify.coverage."+string(s.Coverage)))
	for _, r := range s.Revocation {
		add("verify.revocation", o.statusText(lang, r))
	}
	for _, r := range s.Warnings {
		add("verify.pdf.warning", r.Text(lang))
	}
	return section
}

// timestampSection is the verdict on a time stamp over the whole document.
func (o *Office) timestampSection(lang string, no int, t *signature.Timestamp) verdictSection {
	say := o.pages.words.say
	section := verdictSection{Title: say(lang, "verify.timestamp", no), State: t.Indication.Text(lang), Class: indicationClass(t.Indication),
		Changes: o.lines(lang, t.Changes, nil), Rows: []verdictRow{{say(lang, "verify.proven"), formatMinute(t.Time)}}}
	if t.Authority != nil {
		section.Rows = append(section.Rows, verdictRow{say(lang, "verify.authority"), t.Authority.CommonName})
	}
	for _, r := range t.Reasons {
		section.Rows = append(section.Rows, verdictRow{say(lang, "verify.reason"), r.Text(lang)})
	}
	return section
}

// statusText says what is known about the revocation of a certificate.
func (o *Office) statusText(lang string, s signature.CertificateStatus) string {
	text := o.pages.words.say(lang, "verify.status."+s.Status)
	if s.ThisUpdate != nil {
		text += ", " + s.Source + " " + formatMinute(*s.ThisUpdate)
	}
	if s.Embedded {
		text += ", " + o.pages.words.say(lang, "verify.status.embedded")
	}
	return text
}

func subText(s signature.SubIndication) string {
	if s == "" {
		return ""
	}
	return " / " + string(s)
}

// judgeCode judges the text of a QR code.
func (o *Office) judgeCode(lang, text string) verdictView {
	report := o.codes.Verify(strings.TrimSpace(text), o.now())
	say := o.pages.words.say
	v := verdictView{Headline: say(lang, "verify.qr.good")}
	if !report.Valid() {
		v.Headline, v.Class = say(lang, "verify.qr.bad"), "bad"
		if report.Claims != nil {
			v.Class = "warn"
		}
	}
	v.Reasons = append(v.Reasons, report.Verdict.Text(lang))
	for _, r := range report.Reasons {
		v.Reasons = append(v.Reasons, r.Text(lang))
	}
	if report.Claims != nil {
		v.Sections = append(v.Sections, o.claimsSection(lang, report.Claims))
	}
	about := verdictSection{Title: say(lang, "verify.qr.about"), Rows: []verdictRow{
		{say(lang, "verify.verdict"), report.Verdict.String()},
		{say(lang, "verify.list"), say(lang, "verify.list.value", report.ListVersion, int(report.ListAge/(24*time.Hour)))}}}
	if report.Issuer != "" {
		about.Rows = append([]verdictRow{{say(lang, "verify.signer"), report.Issuer}}, about.Rows...)
	}
	v.Sections = append(v.Sections, about)
	return v
}

func (o *Office) claimsSection(lang string, c *qr.Claims) verdictSection {
	say := o.pages.words.say
	section := verdictSection{Title: say(lang, "verify.qr.signed")}
	add := func(code, value string) {
		if value != "" {
			section.Rows = append(section.Rows, verdictRow{say(lang, code), value})
		}
	}
	paper := func(p qr.Paper) {
		add("verify.field.paper", p.Name)
		add("verify.field.dossier", p.Dossier)
		add("verify.field.procedure", p.Procedure)
		add("verify.field.subject", p.Subject)
		add("verify.field.source", p.Source)
		add("verify.field.published", formatMinute(p.Published))
	}
	switch body := c.Body.(type) {
	case qr.Receipt:
		paper(body.Paper)
		add("verify.field.due", formatDue(body.Due))
	case qr.Result:
		paper(body.Paper)
		add("verify.field.scope", body.Scope)
		if !body.ValidFrom.IsZero() {
			add("verify.field.from", formatDay(body.ValidFrom))
		}
		if !body.ValidUntil.IsZero() {
			add("verify.field.until", formatDay(body.ValidUntil))
		}
	}
	add("verify.field.issued", formatMinute(c.IssuedAt))
	add("verify.field.expires", formatDay(c.Expires))
	return section
}
