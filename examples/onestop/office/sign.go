package office

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/file"
	"github.com/motcua/motcua/dossier/paper"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/signature"
	"github.com/motcua/motcua/signature/pades"
)

// Signer is a key, which may sit in a token or far away, with its certificate chain, and who it belongs to.
type Signer struct {
	Key   crypto.Signer
	Chain []*x509.Certificate
	// OnBehalf, Title and Name stand in the signature block; a seal has none.
	OnBehalf, Title, Name string
	// Image is the PNG that the signature shows on a result (Decree 30/2020/NĐ-CP, Annex I).
	Image []byte
}

// Reasons that signatures carry.
const (
	reasonApproved = "Phê duyệt"
	reasonIssued   = "Phát hành"
)

// signForm signs a form the office hands out on the way: PAdES B-B, which needs nobody but the key. Whoever waits for a
// receipt must not wait for a time-stamp authority.
func (o *Office) signForm(pdf []byte) ([]byte, error) {
	var out bytes.Buffer
	err := pades.Sign(bytes.NewReader(pdf), int64(len(pdf)), &out, o.cfg.Seal.Key, o.cfg.Seal.Chain,
		pades.Config{At: o.now(), Reason: reasonIssued, Location: o.cfg.Agency.Place})
	return out.Bytes(), err
}

// signResult puts one official signature on a result and preserves what it rests on: PAdES B-LT (a time stamp, and the
// answers of the authorities about every certificate, in the document), and under the seal, which is the last, B-LTA (a
// time stamp over all of that, so that it can be judged when the certificates have long expired). All of it happens in
// memory: when an authority does not answer, nothing has been written.
func (o *Office) signResult(ctx context.Context, pdf []byte, s Signer, act pades.Act, at place) ([]byte, error) {
	reason := reasonApproved
	if act == pades.Seal {
		reason = reasonIssued
	}
	cfg, err := pades.Official{Act: act, Image: s.Image, Page: int(at.Page), X: float64(at.X), Y: float64(at.Y),
		Width: float64(at.Width), Height: float64(at.Height)}.Config()
	if err != nil {
		return nil, err
	}
	cfg.At, cfg.Reason, cfg.Location, cfg.ForTimestamp = o.now(), reason, o.cfg.Agency.Place, true
	var signed, stamped, kept bytes.Buffer
	err = pades.Sign(bytes.NewReader(pdf), int64(len(pdf)), &signed, s.Key, s.Chain, cfg)
	if errors.Is(err, pades.ErrOrder) {
		return nil, errors.Join(failure("sign.order"), err)
	}
	if err != nil {
		return nil, err
	}
	size := int64(signed.Len())
	if err := pades.Stamp(ctx, bytes.NewReader(signed.Bytes()), size, &stamped, o.cfg.Timestamps); err != nil {
		return nil, errors.Join(failure("sign.timestamp"), err)
	}
	report, err := o.mustPass(ctx, stamped.Bytes())
	if err != nil {
		return nil, err
	}
	err = pades.Preserve(bytes.NewReader(stamped.Bytes()), int64(stamped.Len()), &kept, report)
	if err != nil || act != pades.Seal {
		return kept.Bytes(), err
	}
	var archived bytes.Buffer
	err = pades.Archive(ctx, bytes.NewReader(kept.Bytes()), int64(kept.Len()), &archived, o.cfg.Timestamps, pades.Config{})
	if err != nil {
		return nil, errors.Join(failure("sign.timestamp"), err)
	}
	return archived.Bytes(), nil
}

// mustPass refuses a document of ours whose signatures do not hold, and says why.
func (o *Office) mustPass(ctx context.Context, pdf []byte) (*signature.Report, error) {
	report, err := o.judge.Verify(ctx, bytes.NewReader(pdf), int64(len(pdf)), o.now())
	if err != nil {
		return nil, err
	}
	if report.Indication == signature.TotalPassed {
		return report, nil
	}
	return nil, &dossier.Refusal{Key: "result.signature", Vi: "Chữ ký số trên kết quả chưa dùng được: " + whyNot(report, "vi"),
		En: "The result's signature does not hold: " + whyNot(report, "en")}
}

// whyNot is the decisive reason of a verdict.
func whyNot(report *signature.Report, lang string) string {
	for _, s := range slices.Backward(report.Signatures) { // an older one's reason may only be that a newer one fails
		if len(s.Reasons) > 0 {
			return s.Reasons[0].Text(lang)
		}
	}
	return report.Indication.Text(lang) + "."
}

// place is where the competent person's image stands on a result, in points: the seal's place follows from it.
type place struct {
	Page   int64 `json:"page"`
	X      int64 `json:"x"`
	Y      int64 `json:"y"`
	Width  int64 `json:"width"`
	Height int64 `json:"height"`
}

// placeIn fits an image of the usual size into the middle of the space a document leaves for it.
func placeIn(s paper.Space) place {
	width, height := min(s.Width, 120), min(s.Height, 50)
	return place{int64(s.Page), int64(s.X + (s.Width-width)/2), int64(s.Y + (s.Height-height)/2), int64(width), int64(height)}
}

// draftResult is a result that exists in memory only.
type draftResult struct {
	pdf  []byte
	code *qr.Symbol
	at   place
}

// approvedResult renders the result of a dossier and signs it with the leader's key (ký duyệt, Decree 30/2020 Art 13).
func (o *Office) approvedResult(ctx context.Context, d *dossier.Dossier) (draftResult, error) {
	r, err := o.renderResult(d)
	if err != nil {
		return r, err
	}
	r.pdf, err = o.signResult(ctx, r.pdf, o.cfg.Leader, pades.Approve, r.at)
	return r, err
}

// sealedResult puts the agency's seal over a result the leader has signed. It first checks that the file is what the
// leader signed: a seal under anything else would be a false document.
func (o *Office) sealedResult(ctx context.Context, d *dossier.Dossier) ([]byte, error) {
	if len(d.Results) == 0 {
		return nil, &dossier.Refusal{Key: "result.unsigned", Vi: "Chưa có kết quả do lãnh đạo ký.",
			En: "There is no result signed by the leader yet."}
	}
	pdf, err := o.read(ctx, d.Applicant, d.Results[0].Hash)
	if err != nil {
		return nil, err
	}
	if _, err := o.mustPass(ctx, pdf); err != nil {
		return nil, err
	}
	forms, _, err := o.issued(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	code, ok := lastCode(forms)
	if !ok || code.At == nil {
		return nil, &dossier.Refusal{Key: "result.place", Vi: "Không rõ lãnh đạo ký ở đâu trên kết quả, nên chưa đóng dấu được.",
			En: "It is not known where on the result the leader has signed, so it cannot be sealed."}
	}
	return o.signResult(ctx, pdf, o.cfg.Seal, pades.Seal, *code.At)
}

// signedGuard lets an act pass when the dossier's result carries signatures that hold.
func (o *Office) signedGuard(ctx context.Context, d *dossier.Dossier, _ *dossier.Command) error {
	for _, ref := range d.Results {
		pdf, err := o.read(ctx, d.Applicant, ref.Hash)
		if err != nil {
			return err
		}
		if _, err := o.mustPass(ctx, pdf); err != nil {
			return err
		}
	}
	return nil
}

// keep stores a result that this office has made.
func (o *Office) keep(ctx context.Context, pdf []byte, d *dossier.Dossier) (dossier.FileRef, error) {
	ref, err := o.cfg.Files.Put(ctx, d.Applicant, pdf, file.Spec{Types: []file.Type{file.PDF}})
	if err != nil {
		return dossier.FileRef{}, err
	}
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return dossier.FileRef{}, err
	}
	return dossier.FileRef{Component: p.Result.Code, Hash: ref.Hash.String(), Name: dossier.NewPersonal("ket-qua.pdf"), Size: ref.Size,
		Media: string(ref.Type)}, nil
}

// read returns a stored file of a subject; the store proves that its bytes are those of the hash.
func (o *Office) read(ctx context.Context, subject, hash string) ([]byte, error) {
	h, err := file.ParseHash(hash)
	if err != nil {
		return nil, err
	}
	return o.cfg.Files.Get(ctx, subject, h)
}

// renderResult draws the result with its QR code: the facts of the document under the agency's signature, to be
// verified offline. The code cannot hold the hash of the file it is printed in.
func (o *Office) renderResult(d *dossier.Dossier) (draftResult, error) {
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return draftResult{}, err
	}
	now := o.now()
	plan := o.results[d.Procedure.National().String()]
	code, err := o.cfg.Issuer.Issue(qr.Claims{Expires: now.AddDate(10, 0, 0), Body: qr.Result{
		Paper: o.codePaper(d, p.Result.Name.Vi, now), ValidFrom: now, Scope: plan.Scope}})
	if err != nil {
		return draftResult{}, err
	}
	symbol, err := code.Symbol(qr.Q)
	if err != nil {
		return draftResult{}, err
	}
	fields, err := o.resultFields(d, plan)
	if err != nil {
		return draftResult{}, err
	}
	result := paper.Result{Head: o.head(symbol, now, "", paper.Form{}), Title: upper(p.Result.Name.Vi), Subtitle: plan.Subtitle,
		Code: d.Code.String(), Grounds: plan.Grounds, Fields: fields, Validity: plan.Validity, Scope: plan.Scope,
		Signer: paper.Signer{OnBehalf: o.cfg.Leader.OnBehalf, Title: o.cfg.Leader.Title, Name: o.cfg.Leader.Name}}
	var b bytes.Buffer
	space, err := result.Print(&b)
	if err != nil {
		return draftResult{}, fmt.Errorf("office: result: %w", err)
	}
	return draftResult{b.Bytes(), symbol, placeIn(space)}, nil
}
