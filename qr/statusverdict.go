package qr

import (
	"time"

	"github.com/motcua/motcua/qr/status"
)

// statusKey names a status list.
type statusKey struct {
	issuer string
	list   uint64
}

// installStatus takes the newest list of each number. A list that the trust list in force does not vouch for any more
// is an error: whoever installs it should know.
func (v *Verifier) installStatus(lists []*StatusList) error {
	v.status = make(map[statusKey]*StatusList, len(lists))
	for _, list := range lists {
		if list == nil || list.signer == nil {
			return &InvalidError{Field: "status", Rule: "lists from ParseStatusList"}
		}
		if !v.list.vouches(list) {
			return ErrUntrustedStatus
		}
		key := statusKey{list.issuer, list.draft.List}
		if old := v.status[key]; old == nil || old.Issued().Before(list.Issued()) {
			v.status[key] = list
		}
	}
	return nil
}

// judgeStatus looks a genuine code that is in its time up in its issuer's list. A list that is too old can still take
// a code back, but it cannot clear one.
func (v *Verifier) judgeStatus(report Report, claims *Claims, at time.Time) Report {
	if claims.Status == nil {
		if v.demandStatus {
			return report.with(ValidStatusStale, reasonNoStatus)
		}
		return report.with(Valid, reasonNoStatus)
	}
	key := statusKey{claims.Issuer, claims.Status.List}
	list := v.status[key]
	if list == nil || list.Issued().After(at.Add(v.skew)) {
		return report.with(ValidStatusStale, reasonStatusUnchecked)
	}
	report.StatusIssued, report.StatusAge = list.Issued(), at.Sub(list.Issued())
	value, inside := list.At(claims.Status.Index)
	switch {
	case !inside:
		report.Claims = nil
		return report.with(Malformed, reasonStatusIndex)
	case value == status.Revoked:
		return report.with(Revoked, reasonRevoked)
	case value == status.Suspended:
		return report.with(Suspended, reasonSuspended)
	case value != status.Good:
		return report.with(Suspended, reasonStatusValue)
	}
	maxAge := v.maxStatusAge
	if source, ok := v.list.status[key]; ok {
		maxAge = source.MaxAge
	}
	if !at.Before(list.Expires()) || report.StatusAge >= maxAge {
		return report.with(ValidStatusStale, reasonStatusOld)
	}
	return report.with(Valid, reasonNone)
}
