package office

import (
	"context"
	"slices"

	"github.com/motcua/motcua/dossier"
)

// approveAndSign is the leader's one step on the page and two acts in the journal: the decision, and the result signed
// with the leader's key. The signature is made first, in memory: when the key, the time-stamp authority or the status of
// a certificate fails it, nothing is decided. A repetition after a crash between the two acts does what is missing.
func (o *Office) approveAndSign(ctx context.Context, c dossier.Command) error {
	d, err := o.desk.Get(ctx, c.Dossier)
	if err != nil {
		return err
	}
	var made draftResult
	if o.isOpen(d, c) {
		if made, err = o.approvedResult(ctx, d); err != nil {
			return err
		}
	}
	if _, err = o.desk.Do(ctx, c); err != nil { // refuses, repeats or decides
		return err
	}
	if d, err = o.desk.Get(ctx, c.Dossier); err != nil || len(d.Results) > 0 {
		return err
	}
	return o.attachApproved(ctx, c, d, made)
}

// signAgain makes up for a signature that is missing under a decision, after a crash or a loss.
func (o *Office) signAgain(ctx context.Context, c dossier.Command) error {
	d, err := o.desk.Get(ctx, c.Dossier)
	if err != nil {
		return err
	}
	if d.Version != c.Seen {
		return &dossier.StaleError{Dossier: d.ID, Seen: c.Seen, Version: d.Version}
	}
	return o.attachApproved(ctx, c, d, draftResult{})
}

func (o *Office) attachApproved(ctx context.Context, c dossier.Command, d *dossier.Dossier, made draftResult) (err error) {
	if made.pdf == nil {
		if made, err = o.approvedResult(ctx, d); err != nil {
			return err
		}
	}
	if err := o.keepCode(ctx, d, made); err != nil {
		return err
	}
	_, err = o.attach(ctx, c, d, made.pdf)
	return err
}

// isOpen reports whether the rules let this very command through now, as far as they can tell before it is made.
func (o *Office) isOpen(d *dossier.Dossier, c dossier.Command) bool {
	options := o.desk.Options(d, c.Actor.Role)
	return d.Version == c.Seen && slices.ContainsFunc(options, func(option dossier.Option) bool { return option.Act == c.Act })
}

// sealAndFinish is the clerk's one step: the agency's seal over the leader's signature, then the hand-over to the one-stop
// unit. A repetition after a crash between the two finds the seal in place and hands over.
func (o *Office) sealAndFinish(ctx context.Context, c dossier.Command) error {
	d, err := o.desk.Get(ctx, c.Dossier)
	if err != nil {
		return err
	}
	if d.State != dossier.Finished && !isAttached(d, dossier.Clerk) {
		if d.Version != c.Seen {
			return &dossier.StaleError{Dossier: d.ID, Seen: c.Seen, Version: d.Version}
		}
		sealed, err := o.sealedResult(ctx, d)
		if err != nil {
			return err
		}
		if d, err = o.attach(ctx, c, d, sealed); err != nil {
			return err
		}
	}
	c.Seen = d.Version
	_, err = o.desk.Do(ctx, c)
	return err
}

// isAttached reports whether the newest act has put the result of that role in place.
func isAttached(d *dossier.Dossier, role dossier.Role) bool {
	last := d.History[len(d.History)-1]
	return last.Act == dossier.AttachResult && last.Role == role
}

// attach records the next version of the result.
func (o *Office) attach(ctx context.Context, c dossier.Command, d *dossier.Dossier, pdf []byte) (*dossier.Dossier, error) {
	ref, err := o.keep(ctx, pdf, d)
	if err != nil {
		return nil, err
	}
	return o.desk.Do(ctx, dossier.Command{Key: c.Key + ":result", Dossier: d.ID, Seen: d.Version, Act: dossier.AttachResult,
		Actor: c.Actor, Files: []dossier.FileRef{ref}})
}
