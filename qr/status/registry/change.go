package registry

import (
	"context"
	"errors"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

// Revoke takes a code back for good. The reason is a key such as "lost" or "issued-in-error", letters, digits, dots and
// hyphens: what happened to whom belongs into the dossier. Errors: [ErrUnknown], [ErrState],
// *InvalidError; the store's own.
func (r *Registry) Revoke(ctx context.Context, actor string, id qr.ID, reason string) error {
	return r.change(ctx, factRevoked, actor, id, reason, status.Revoked)
}

// Suspend puts a code on hold; errors as with [Registry.Revoke].
func (r *Registry) Suspend(ctx context.Context, actor string, id qr.ID, reason string) error {
	return r.change(ctx, factSuspended, actor, id, reason, status.Suspended)
}

// Resume makes a code on hold good again; errors as with [Registry.Revoke].
func (r *Registry) Resume(ctx context.Context, actor string, id qr.ID, reason string) error {
	return r.change(ctx, factResumed, actor, id, reason, status.Good)
}

func (r *Registry) change(ctx context.Context, kind, actor string, id qr.ID, reason string, to status.Value) error {
	switch {
	case !isName(reason, 64):
		return errReason()
	case actor == "" || len(actor) > 200:
		return &InvalidError{Field: "actor", Rule: "a pseudonym of 1 to 200 bytes"}
	}
	_, err := r.try(ctx, func() (plan, error) {
		f, decoys, err := r.planChange(kind, actor, id, reason, to)
		r.release(decoys)
		return plan{facts: []Fact{f}}, err
	})
	return err
}

func errReason() error {
	return &InvalidError{Field: "reason", Rule: "a key of 1 to 64 letters, digits, dots and hyphens"}
}

// planChange makes the record of a change, and draws its decoys, which the caller releases. The caller holds the lock.
func (r *Registry) planChange(kind, actor string, id qr.ID, reason string, to status.Value) (Fact, []uint64, error) {
	index, known := r.ids[id]
	if !known {
		return Fact{}, nil, ErrUnknown
	}
	if from, _ := r.table.At(uint64(index)); !mayChange(from, to) {
		return Fact{}, nil, ErrState
	}
	var decoys []uint64
	if to == status.Revoked && r.cfg.Decoys > 0 {
		n, err := r.below(2*uint64(r.cfg.Decoys) + 1)
		if err != nil {
			return Fact{}, nil, err
		}
		for range n {
			place, err := r.draw()
			if errors.Is(err, ErrFull) {
				break // a full list revokes without company rather than not at all
			}
			if err != nil {
				return Fact{}, decoys, err
			}
			decoys = append(decoys, place)
		}
	}
	f, err := r.fact(kind, actor, changedBody{ID: id.String(), Reason: reason, Decoys: decoys})
	return f, decoys, err
}
