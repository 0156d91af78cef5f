package office

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/file"
	"github.com/motcua/motcua/dossier/paper"
	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/signature/pades"
)

// Signer is a key, which may sit in a token or far away, with its certificate chain, and who it belongs to.
type Signer struct {
	Key   crypto.Signer
	Chain []*x509.Certificate
	// OnBehalf, Title and Name stand in the signature block; a seal has none.
	OnBehalf, Title, Name string
}

// sign signs a PDF for a purpose.
func (o *Office) sign(pdf []byte, s Signer, reason string) ([]byte, error) {
	var out bytes.Buffer
	err := pades.Sign(bytes.NewReader(pdf), int64(len(pdf)), &out, s.Key, s.Chain,
		pades.Config{At: o.now(), Reason: reason, Location: o.cfg.Agency.Place})
	return out.Bytes(), err
}

// signedResult renders the result of a dossier and signs it with the leader's key (ký duyệt, Decree 30/2020 Art 13).
func (o *Office) signedResult(ctx context.Context, d *dossier.Dossier) (dossier.FileRef, error) {
	pdf, code, err := o.renderResult(d)
	if err != nil {
		return dossier.FileRef{}, err
	}
	if err := o.keepCode(ctx, d, code); err != nil {
		return dossier.FileRef{}, err
	}
	signed, err := o.sign(pdf, o.cfg.Leader, "Phê duyệt")
	if err != nil {
		return dossier.FileRef{}, err
	}
	return o.keep(ctx, signed, d, "ket-qua.pdf")
}

// sealedResult puts the agency's seal over a result the leader has signed. It first checks that the file is what the
// leader signed: a seal under anything else would be a false document.
func (o *Office) sealedResult(ctx context.Context, d *dossier.Dossier) (dossier.FileRef, error) {
	if len(d.Results) == 0 {
		return dossier.FileRef{}, &dossier.Refusal{Key: "result.unsigned", Vi: "Chưa có kết quả do lãnh đạo ký.",
			En: "There is no result signed by the leader yet."}
	}
	pdf, err := o.read(ctx, d.Results[0].Hash)
	if err != nil {
		return dossier.FileRef{}, err
	}
	if err := o.mustPass(pdf); err != nil {
		return dossier.FileRef{}, err
	}
	sealed, err := o.sign(pdf, o.cfg.Seal, "Phát hành")
	if err != nil {
		return dossier.FileRef{}, err
	}
	return o.keep(ctx, sealed, d, "ket-qua.pdf")
}

// signedGuard lets an act pass when the dossier's result carries signatures that hold.
func (o *Office) signedGuard(ctx context.Context, d *dossier.Dossier, _ *dossier.Command) error {
	for _, ref := range d.Results {
		pdf, err := o.read(ctx, ref.Hash)
		if err != nil {
			return err
		}
		if err := o.mustPass(pdf); err != nil {
			return err
		}
	}
	return nil
}

// keep stores a result that this office has made.
func (o *Office) keep(ctx context.Context, pdf []byte, d *dossier.Dossier, name string) (dossier.FileRef, error) {
	ref, err := o.cfg.Files.Put(ctx, bytes.NewReader(pdf), file.Spec{Types: []file.Type{file.PDF}})
	if err != nil {
		return dossier.FileRef{}, err
	}
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return dossier.FileRef{}, err
	}
	return dossier.FileRef{Component: p.Result.Code, Hash: ref.Hash.String(), Name: dossier.NewPersonal(name), Size: ref.Size,
		Media: string(ref.Type)}, nil
}

// maxDocument bounds a stored document that is read into memory to be signed or shown.
const maxDocument = 32 << 20

var errDocumentTooLarge = errors.New("office: document is too large")

// read returns a stored file; the store proves that its bytes are those of the hash.
func (o *Office) read(ctx context.Context, hash string) ([]byte, error) {
	h, err := file.ParseHash(hash)
	if err != nil {
		return nil, err
	}
	f, err := o.cfg.Files.Open(ctx, h)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = errDocumentTooLarge
	}
	return data, err
}

// renderResult draws the result with its QR code: the facts of the document under the agency's signature, to be
// verified offline. The code cannot hold the hash of the file it is printed in.
func (o *Office) renderResult(d *dossier.Dossier) ([]byte, *qr.Symbol, error) {
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return nil, nil, err
	}
	now := o.now()
	code, err := o.cfg.Issuer.Issue(qr.Claims{Expires: now.AddDate(10, 0, 0), Body: qr.Result{
		Paper: o.codePaper(d, p.Result.Name.Vi, now), ValidFrom: now, Scope: o.results[d.Procedure.National().String()].Scope}})
	if err != nil {
		return nil, nil, err
	}
	symbol, err := code.Symbol(qr.Q)
	if err != nil {
		return nil, nil, err
	}
	plan := o.results[d.Procedure.National().String()]
	fields, err := o.resultFields(d, plan)
	if err != nil {
		return nil, nil, err
	}
	result := paper.Result{Head: o.head(symbol, now, "", paper.Form{}), Title: upper(p.Result.Name.Vi), Subtitle: plan.Subtitle,
		Code: d.Code.String(), Grounds: plan.Grounds, Fields: fields, Validity: plan.Validity, Scope: plan.Scope,
		Signer: paper.Signer{OnBehalf: o.cfg.Leader.OnBehalf, Title: o.cfg.Leader.Title, Name: o.cfg.Leader.Name}}
	var b bytes.Buffer
	if _, err := result.Print(&b); err != nil {
		return nil, nil, fmt.Errorf("office: result: %w", err)
	}
	return b.Bytes(), symbol, nil
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
