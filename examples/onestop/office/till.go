package office

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/payment"
)

func (o *Office) openTill(context.Context) error {
	var err error
	o.till, err = payment.NewTill(o.journal, payment.Config{Now: o.now, Lifetime: 7 * 24 * time.Hour,
		Report: func(ctx context.Context, err error) { o.log.ErrorContext(ctx, "till", "error", err) }})
	return err
}

// fee is what a dossier costs and whether it has been paid. Amount 0 means that it is free.
type fee struct {
	Amount payment.VND
	Order  *payment.Order // the newest, nil when none was opened
}

func (f fee) paid() bool { return f.Amount == 0 || f.Order != nil && f.Order.State == payment.Paid }

// payable reports whether the applicant may pay now.
func (f fee) payable() bool {
	return f.Amount > 0 && (f.Order == nil || f.Order.State.Live() || f.Order.State == payment.Expired || f.Order.State == payment.Cancelled)
}

const feePurpose = "fee"

// feeOf adds up the fees of a dossier's procedure and looks for the order.
func (o *Office) feeOf(ctx context.Context, d *dossier.Dossier) (fee, error) {
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return fee{}, err
	}
	var f fee
	if !d.Erased { // then what the order says is all that is known
		if f.Amount, err = feeTotal(p, d.Form); err != nil || f.Amount == 0 {
			return f, err
		}
	}
	page, err := o.till.List(ctx, payment.Filter{Dossier: d.ID.String()})
	if err != nil {
		return fee{}, err
	}
	for _, order := range page.Orders {
		if order.Purpose == feePurpose {
			f.Order = &order
		}
	}
	if d.Erased && f.Order != nil {
		f.Amount = f.Order.Amount
	}
	return f, nil
}

// feeTotal adds up what a procedure costs for a form as filled in.
func feeTotal(p *dossier.Procedure, filled dossier.Personal) (payment.VND, error) {
	var total int64
	seen := make(map[dossier.Act]bool)
	for _, item := range p.Fees {
		if seen[item.Due] {
			continue
		}
		seen[item.Due] = true
		amount, err := p.FeeDue(item.Due, filled)
		if err != nil {
			return 0, err
		}
		total += amount
	}
	return payment.VND(total), nil
}

// pay opens the order for a dossier's fee, or finds it, and sends the payer to the gateway.
func (o *Office) pay(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	d, err := o.ownDossier(r, who)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	address, err := o.payAddress(r, d, who)
	if err != nil {
		o.fail(w, r, http.StatusConflict, err)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// payFirst refuses money for a dossier that cannot be accepted yet, because nobody could say when it is due.
func (o *Office) payFirst(d *dossier.Dossier) error {
	if !d.Due.IsZero() {
		return nil
	}
	p, err := o.catalog.Version(d.ProcedureVersion)
	if err != nil {
		return err
	}
	if unknown := o.promise(p); unknown != nil {
		return errors.Join(failure("calendar.nopay"), unknown)
	}
	return nil
}

func (o *Office) payAddress(r *http.Request, d *dossier.Dossier, who *identity.Subject) (string, error) {
	ctx := r.Context()
	f, err := o.feeOf(ctx, d)
	if err != nil {
		return "", err
	}
	if !f.payable() {
		return "/dossiers/" + d.ID.String(), nil
	}
	if err := o.payFirst(d); err != nil {
		return "", err
	}
	order := f.Order
	if order == nil || !order.State.Live() {
		key := "fee:" + d.ID.String()
		if order != nil {
			key += ":after:" + order.ID.String()
		}
		opened, err := o.till.Open(ctx, payment.Opening{Key: key, Actor: who.Pseudonym.String(), Dossier: d.ID.String(),
			Purpose: feePurpose, Amount: f.Amount, Description: o.pages.words.say("vi", "pay.info") + " " + d.ID.String()[:8],
			Payer: who.Pseudonym.String()})
		if err != nil {
			return "", err
		}
		order = &opened
	}
	return o.till.Pay(ctx, order.ID, o.cfg.Gateway, payment.Visit{Key: formKey(), IP: remoteIP(r), Lang: lang(r)})
}

func remoteIP(r *http.Request) netip.Addr {
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return at.Addr().Unmap()
	}
	return netip.IPv4Unspecified()
}

// paymentReturn shows what the journal says about the order the browser comes back from. What the browser brings along
// changes nothing.
func (o *Office) paymentReturn(w http.ResponseWriter, r *http.Request, who *identity.Subject) {
	ctx := r.Context()
	notice, err := o.cfg.Gateway.ReadReturn(r)
	if errors.Is(err, payment.ErrForged) {
		err = errors.Join(failure("pay.back.forged"), err)
	}
	if err != nil {
		o.fail(w, r, http.StatusBadRequest, err)
		return
	}
	order, err := o.till.ByReference(ctx, o.cfg.Gateway.Name(), notice.Reference)
	if err != nil {
		o.fail(w, r, http.StatusNotFound, err)
		return
	}
	id, err := dossier.ParseID(order.Dossier)
	if err != nil || order.Payer != who.Pseudonym.String() {
		o.fail(w, r, http.StatusNotFound, errors.Join(failure("error.notfound"), err))
		return
	}
	note := "pending"
	switch {
	case order.State == payment.Paid:
		note = "paid"
	case notice.Status == payment.StatusFailed:
		note = "failed"
	}
	http.Redirect(w, r, "/dossiers/"+id.String()+"?payment="+note, http.StatusSeeOther)
}

// feeGuard lets an act pass when the dossier's fee has been paid. It is the application's: dossier knows no money and
// payment no dossiers.
func (o *Office) feeGuard(ctx context.Context, d *dossier.Dossier, _ *dossier.Command) error {
	f, err := o.feeOf(ctx, d)
	if err != nil {
		return err
	}
	if f.paid() {
		return nil
	}
	return &dossier.Refusal{Key: "payment.fee-unpaid", Vi: "Hồ sơ chưa thanh toán phí (" + f.Amount.String() + ").",
		En: "The fee has not been paid (" + f.Amount.String() + ")."}
}
