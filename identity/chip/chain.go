package chip

import (
	"errors"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/csca"
	"github.com/motcua/motcua/internal/eccurve"
)

const (
	// slack is how far clocks of those who sign may be apart from ours.
	slack = 5 * time.Minute
	// listAge is how old a revocation list without an end may be: Doc 9303-12, 7.1.4 has a new one every 90 days.
	listAge = 90 * 24 * time.Hour
)

// keyRule says why a key cannot be used. Parameters that differ from the known curve are an attack until shown otherwise.
func keyRule(err error) string {
	switch {
	case errors.Is(err, eccurve.ErrDiffers):
		return "curve-forged"
	case errors.Is(err, eccurve.ErrUnknown):
		return "curve-unknown"
	}
	return "key"
}

// checkChain finds the authority behind the document signer, among those for this kind of document.
func (r *run) checkChain() {
	if r.zoneErr != nil {
		r.step("chain", true, NotDone, "no-kind")
		return
	}
	c, trust := r.signer, r.v.trust
	if c.SchemeErr == nil && !r.v.policy.permits(c.Scheme.Hash, c.NotBefore) {
		r.step("chain", true, Failed, "digest", cms.HashName(c.Scheme.Hash))
		return
	}
	r.issuer = r.v.memory.issuerOf(c, r.zone.kind, trust)
	if r.issuer != nil && !r.v.policy.permitsLinks(r.issuer) {
		r.step("chain", true, Failed, "link-digest", cms.HashName(r.issuer.Scheme.Hash))
		return
	}
	if r.issuer != nil {
		r.report.Authority = &Certificate{r.issuer.Certificate}
		reason := "ok"
		if r.issuer.parent != nil {
			reason = "linked"
		}
		r.step("chain", true, Passed, reason, r.issuer.Key.String())
		return
	}
	for kind, pool := range trust.pools {
		if kind != r.zone.kind && issuerOf(c, pool) != nil {
			r.step("chain", true, Failed, "other-kind", kind.String())
			return
		}
	}
	for _, a := range trust.pools[r.zone.kind] {
		if len(c.AuthorityKeyID) > 0 && len(a.SubjectKeyID) > 0 && c.MayBeIssuedBy(a.Certificate) {
			r.step("chain", true, Failed, "wrong", a.Subject.String())
			return
		}
	}
	r.step("chain", true, NotDone, "no-anchor", c.Issuer.String())
}

// permitsLinks holds the digests of links to the policy. An anchor's signature of itself proves nothing and is not asked.
func (p Policy) permitsLinks(a *authority) bool {
	for ; a.parent != nil; a = a.parent {
		if !p.permits(a.Scheme.Hash, a.NotBefore) {
			return false
		}
	}
	return true
}

// checkTimes asks two questions apart: was the document signed while the signer's key was in use, and are the
// certificates valid now (Doc 9303-12, 3.1: signers' certificates outlive their keys, as long as the documents do).
func (r *run) checkTimes() {
	c := r.signer
	from, to := c.NotBefore, c.NotAfter
	if c.KeyFrom.After(from) {
		from = c.KeyFrom
	}
	if !c.KeyTo.IsZero() && c.KeyTo.Before(to) {
		to = c.KeyTo
	}
	signed, inTime := r.object.signedAt, false
	switch {
	case r.object.brokenTime:
		r.step("signing-time", true, Failed, "form")
	case signed.IsZero():
		r.step("signing-time", false, NotDone, "not-given")
	case signed.After(r.at.Add(slack)):
		r.step("signing-time", true, Failed, "future")
	case signed.Before(from.Add(-slack)) || signed.After(to.Add(slack)):
		r.step("signing-time", true, Failed, "outside", period(from, to))
	default:
		inTime = true
		r.step("signing-time", true, Passed, "ok")
	}
	r.checkValidity(inTime)
}

// period writes from when to when, for people.
func period(from, to time.Time) string {
	return from.Format(time.DateOnly) + " to " + to.Format(time.DateOnly)
}

func (r *run) checkValidity(inTime bool) {
	c := r.signer
	switch {
	case r.at.Before(c.NotBefore.Add(-slack)):
		r.step("validity", true, Failed, "not-yet", period(c.NotBefore, c.NotAfter))
	case r.issuer != nil && !r.issuer.mayHaveSigned(c):
		r.step("validity", true, Failed, "authority-period", r.issuer.Subject.String())
	case r.at.After(c.NotAfter) && inTime:
		r.step("validity", true, Warning, "signer-expired", period(c.NotBefore, c.NotAfter))
	case r.at.After(c.NotAfter):
		r.step("validity", true, NotDone, "signer-expired-untimed", period(c.NotBefore, c.NotAfter))
	case r.issuer != nil && r.at.After(r.issuer.NotAfter):
		r.step("validity", true, Warning, "authority-expired", r.issuer.Subject.String())
	default:
		r.step("validity", true, Passed, "ok")
	}
}

// mayHaveSigned reports whether a certificate begins while the authority was valid and its key in use. Certificates begin
// at midnight where the authority's begins at its ceremony the same day.
func (a *authority) mayHaveSigned(c *csca.Certificate) bool {
	const day = 24 * time.Hour
	inside := func(from, to time.Time) bool {
		return !c.NotBefore.Before(from.Add(-day)) && (to.IsZero() || !c.NotBefore.After(to.Add(slack)))
	}
	return inside(a.NotBefore, a.NotAfter) && inside(a.KeyFrom, a.KeyTo)
}

// checkRevocation asks the newest list of the signer's authority. Whoever is revoked in any list is revoked, however old
// the list or the document: lists take nobody back (Doc 9303-12 knows no suspension).
func (r *run) checkRevocation() {
	if r.issuer == nil {
		return
	}
	needed := !r.v.policy.RevocationOptional
	var newest *revocation
	for _, l := range r.v.trust.crls {
		if !l.speaksFor(r.zone.kind, r.issuer) {
			continue
		}
		if at, ok := l.Revoked(r.signer.Serial); ok {
			r.step("revocation", true, Failed, "revoked", at.Format(time.DateOnly))
			return
		}
		for a := r.issuer; a != nil; a = a.parent {
			if at, ok := l.Revoked(a.Serial); ok {
				r.step("revocation", true, Failed, "authority-revoked", at.Format(time.DateOnly))
				return
			}
		}
		if r.v.policy.permits(l.Scheme().Hash, l.ThisUpdate) && (newest == nil || l.ThisUpdate.After(newest.ThisUpdate)) {
			newest = l
		}
	}
	switch {
	case newest == nil:
		r.revocationUnknown(needed, "no-list")
	case !newest.freshAt(r.at):
		r.revocationUnknown(needed, "stale", newest.ThisUpdate.Format(time.DateOnly))
	default:
		r.step("revocation", needed, Passed, "ok", newest.ThisUpdate.Format(time.DateOnly))
	}
}

func (r *run) revocationUnknown(needed bool, reason string, detail ...string) {
	if needed {
		r.step("revocation", true, NotDone, reason, detail...)
		return
	}
	r.step("revocation", false, Warning, reason, detail...)
}

func (l *revocation) freshAt(at time.Time) bool {
	end := l.NextUpdate
	if end.IsZero() {
		end = l.ThisUpdate.Add(listAge)
	}
	return !at.Before(l.ThisUpdate.Add(-slack)) && !at.After(end)
}
