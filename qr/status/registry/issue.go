package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/status"
)

// Issue draws a place, signs the claims with it and writes the record; the code is returned when the record is. The
// claims' Status is filled in. The actor is the pseudonym of the officer or system that issues. Errors: [ErrFull],
// [ErrDuplicate], *RateError, *InvalidError, *qr.InvalidError; the signer's and the store's own.
func (r *Registry) Issue(ctx context.Context, actor string, claims qr.Claims) (qr.Code, error) {
	codes, err := r.IssueBatch(ctx, actor, []qr.Claims{claims})
	if err != nil {
		return qr.Code{}, err
	}
	return codes[0], nil
}

// IssueBatch issues up to 50 codes in one append: all of them or none.
func (r *Registry) IssueBatch(ctx context.Context, actor string, claims []qr.Claims) ([]qr.Code, error) {
	return r.issue(ctx, actor, claims, nil)
}

// Reissue revokes a code and issues another in its place, in one append: there is no moment with two good ones and none
// with neither.
func (r *Registry) Reissue(ctx context.Context, actor string, old qr.ID, reason string, claims qr.Claims) (qr.Code, error) {
	if !isName(reason, 64) {
		return qr.Code{}, errReason()
	}
	codes, err := r.issue(ctx, actor, []qr.Claims{claims}, &replaced{old, reason})
	if err != nil {
		return qr.Code{}, err
	}
	return codes[0], nil
}

// replaced is the code that a new one takes the place of.
type replaced struct {
	id     qr.ID
	reason string
}

func (r *Registry) issue(ctx context.Context, actor string, claims []qr.Claims, old *replaced) ([]qr.Code, error) {
	switch {
	case len(claims) == 0 || len(claims) > maxBatch:
		return nil, &InvalidError{Field: "claims", Rule: "1 to 50 codes"}
	case actor == "" || len(actor) > 200:
		return nil, &InvalidError{Field: "actor", Rule: "a pseudonym of 1 to 200 bytes"}
	}
	var codes []qr.Code
	alarms, err := r.try(ctx, func() (plan, error) {
		p, made, err := r.planIssue(actor, claims, old)
		codes = made
		return p, err
	})
	r.tell(alarms)
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// plan is what an act wants to write.
type plan struct {
	facts   []Fact
	alarms  []Alarm
	refusal error // to be returned when the facts are written
}

// try decides and writes, again if another process was faster.
func (r *Registry) try(ctx context.Context, decide func() (plan, error)) ([]Alarm, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for range maxTries {
		if err := r.sync(ctx); err != nil {
			return nil, err
		}
		p, err := decide()
		if err != nil {
			return nil, err
		}
		if len(p.facts) > 0 {
			err = r.commit(ctx, p.facts...)
		}
		if err == nil {
			return p.alarms, p.refusal
		}
		if !errors.Is(err, ErrConflict) {
			return nil, err
		}
	}
	return nil, ErrConflict
}

// planIssue signs the codes and makes their records. The caller holds the lock.
func (r *Registry) planIssue(actor string, claims []qr.Claims, old *replaced) (plan, []qr.Code, error) {
	var p plan
	if p = r.checkRates(actor, claims); p.refusal != nil {
		facts, err := r.rateFacts(actor, p.alarms)
		return plan{facts, p.alarms, p.refusal}, nil, err
	}
	var drawn []uint64
	defer func() { r.release(drawn) }()
	replaces := ""
	if old != nil {
		f, decoys, err := r.planChange(factRevoked, actor, old.id, old.reason, status.Revoked)
		drawn = append(drawn, decoys...)
		if err != nil {
			return plan{}, nil, err
		}
		p.facts, replaces = append(p.facts, f), old.id.String()
	}
	codes := make([]qr.Code, 0, len(claims))
	fresh := make(map[qr.ID]bool, len(claims))
	for _, c := range claims {
		index, err := r.draw()
		if err != nil {
			return plan{}, nil, err
		}
		drawn = append(drawn, index)
		c.Status = &qr.Status{List: r.list.Number, Index: index}
		code, err := r.issuer.Issue(c)
		if err != nil {
			return plan{}, nil, err
		}
		if _, known := r.ids[code.ID()]; known || fresh[code.ID()] {
			return plan{}, nil, ErrDuplicate
		}
		fresh[code.ID()] = true
		f, err := r.fact(factIssued, actor, issued(code, c, index, replaces))
		if err != nil {
			return plan{}, nil, err
		}
		p.facts, codes = append(p.facts, f), append(codes, code)
	}
	rates, err := r.rateFacts(actor, p.alarms)
	p.facts = append(p.facts, rates...)
	return p, codes, err
}

// issued is the record of a code.
func issued(code qr.Code, c qr.Claims, index uint64, replaces string) issuedBody {
	sum := sha256.Sum256([]byte(code.Text()))
	b := issuedBody{ID: code.ID().String(), Index: index, Kind: code.Kind().String(), Expires: c.Expires.Unix(),
		Sum: hex.EncodeToString(sum[:]), Replaces: replaces}
	switch body := c.Body.(type) {
	case qr.Receipt:
		b.Procedure, b.Dossier = body.Procedure, body.Dossier
	case qr.Result:
		b.Procedure, b.Dossier = body.Procedure, body.Dossier
	case qr.Payment:
		b.Procedure, b.Dossier = body.Procedure, body.Dossier
	}
	return b
}
