package qr

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/internal/vntime"
)

// VerifyConfig holds what a [Verifier] may be told. The zero value is ready.
type VerifyConfig struct {
	// MinVersion is the highest version of the trust list seen so far; an older list is refused.
	MinVersion uint64
	// Skew is how far the issuer's clock may be ahead of the verifier's; 0 means two minutes, at most one hour. It
	// never lets a code or a list live past its end.
	Skew time.Duration
	// Status are the status lists at hand, from [TrustList.ParseStatusList]; of two with one number the newer counts.
	Status []*StatusList
	// MaxStatusAge is how long a status list answers that the trust list gives no [StatusSource]; 0 means one day.
	MaxStatusAge time.Duration
	// DemandStatus makes a code that has no place in a status list [ValidStatusStale] at best.
	DemandStatus bool
	// Codes is the list that says what the numbers in codes stand for; without it a code that has numbers is refused.
	// MinCodes is the highest version of it seen so far; an older list is refused.
	Codes    *CodeList
	MinCodes uint64
}

// Verifier checks codes offline against one trust list. It never changes, never asks the network, and is safe for
// concurrent use; a newer list makes a new verifier.
type Verifier struct {
	list         *TrustList
	skew         time.Duration
	status       map[statusKey]*StatusList
	maxStatusAge time.Duration
	demandStatus bool
	codes        *CodeList
}

// NewVerifier makes a verifier. Errors: [ErrRollback]; [ErrUntrustedStatus] for a status list that the trust list does
// not vouch for; *InvalidError without a list.
func NewVerifier(list *TrustList, cfg VerifyConfig) (*Verifier, error) {
	switch {
	case list == nil || list.byID == nil:
		return nil, &InvalidError{Field: "trustlist", Rule: "a list from ParseTrustList"}
	case list.Version() < cfg.MinVersion, cfg.Codes != nil && cfg.Codes.Version() < cfg.MinCodes:
		return nil, ErrRollback
	case cfg.Skew < 0 || cfg.Skew > time.Hour:
		return nil, &InvalidError{Field: "skew", Rule: "0 to one hour"}
	case cfg.MaxStatusAge < 0:
		return nil, &InvalidError{Field: "maxStatusAge", Rule: "not negative"}
	}
	v := &Verifier{
		list: list, skew: cmp.Or(cfg.Skew, 2*time.Minute), maxStatusAge: cmp.Or(cfg.MaxStatusAge, 24*time.Hour),
		demandStatus: cfg.DemandStatus, codes: cfg.Codes,
	}
	if err := v.installStatus(cfg.Status); err != nil {
		return nil, err
	}
	return v, nil
}

// Report is the outcome of a verification with its grounds.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Reasons are the grounds of a refusal, and with a valid code what was not checked.
	Reasons []Reason `json:"reasons"`
	// KeyID is the key the code names, Issuer the name of the key's owner in the trust list. Issuer is empty until a
	// listed key's signature holds.
	KeyID  KeyID  `json:"keyId,omitzero"`
	Issuer string `json:"issuer,omitempty"`
	// ListVersion is the trust list's number, ListAge the time since it was issued.
	ListVersion uint64        `json:"listVersion"`
	ListAge     time.Duration `json:"listAge"` // nanoseconds
	// CodesVersion is the number of the code list, 0 if there is none.
	CodesVersion uint64 `json:"codesVersion,omitempty"`
	// StatusIssued is when the status list was made that the code was looked up in, StatusAge the time since then.
	// Both are zero if there was none.
	StatusIssued time.Time     `json:"statusIssued,omitzero"`
	StatusAge    time.Duration `json:"statusAge,omitempty"` // nanoseconds
	// PresentedAt is when the holder has shown the code; zero for a code that is bound to no holder.
	PresentedAt time.Time `json:"presentedAt,omitzero"`
	// Claims is what the code says. It is nil unless a key in whose scope it is has signed it: for all verdicts but
	// the genuine ones, [NotYetValid] to [Valid].
	Claims *Claims `json:"claims,omitempty"`
}

// Valid reports whether everything asked for holds.
func (r *Report) Valid() bool { return r.Verdict == Valid }

// Verify judges the text of a code at a time. It takes the text as scanned, to the byte. A code neither
// begins nor ends in a blank, so a caller whose scanner adds a line end may trim it.
func (v *Verifier) Verify(text string, at time.Time) Report { return v.verify(text, at, proofWanted{}) }

// VerifyPresented judges like [Verifier.Verify] and demands besides that the holder's device has signed the nonce, which
// the verifier has just shown it. An empty nonce demands a holder's proof without one.
func (v *Verifier) VerifyPresented(text string, at time.Time, nonce []byte) Report {
	return v.verify(text, at, proofWanted{demanded: true, nonce: nonce})
}

func (v *Verifier) verify(text string, at time.Time, want proofWanted) Report {
	report := Report{ListVersion: v.list.Version(), ListAge: at.Sub(v.list.Issued())}
	if v.codes != nil {
		report.CodesVersion = v.codes.Version()
	}
	if verdict, reason := classify(text); reason != reasonNone {
		return report.with(verdict, reason)
	}
	data, err := base45.AppendDecoded(make([]byte, 0, len(text)*2/3), text[len(prefix):])
	if err != nil {
		return report.with(Malformed, reasonBase45)
	}
	e, reason := parseEnvelope(data)
	report.KeyID = e.kid
	if reason != reasonNone {
		return report.with(Malformed, reason)
	}
	if reason := v.listReason(at); reason != reasonNone {
		return report.with(UntrustedIssuer, reason)
	}
	candidates := v.list.byID[e.kid]
	if len(candidates) == 0 {
		return report.with(UntrustedIssuer, reasonKeyUnknown)
	}
	signers := signersOf(candidates, &e.sign1)
	if len(signers) == 0 {
		return report.with(BadSignature, reasonSignature)
	}
	claims, reason := parseClaims(e.payload, v.codes)
	if reason == reasonCodesOld || reason == reasonCodesUnknown {
		return report.with(UntrustedIssuer, reason)
	}
	if reason != reasonNone {
		return report.with(Malformed, reason)
	}
	if verdict, reason := e.open(claims, want); reason != reasonNone {
		return report.with(verdict, reason)
	}
	if e.presented {
		report.PresentedAt = vntime.In(time.Unix(int64(e.at), 0))
	}
	return v.judge(report, signers, claims, &e, at)
}

// classify sorts out what cannot be a code of the profile.
func classify(text string) (Verdict, Reason) {
	switch {
	case strings.HasPrefix(text, prefix):
		if len(text) > maxTextCode {
			return Malformed, reasonLength
		}
		return Valid, reasonNone
	case len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix):
		return Malformed, reasonPrefix
	case len(text) > 4 && text[:2] == "VN" && text[2] >= '0' && text[2] <= '9' && text[3] == ':':
		return Malformed, reasonVersion
	}
	return Unsigned, reasonUnsigned
}

func (v *Verifier) listReason(at time.Time) Reason {
	switch {
	case at.Before(v.list.Issued().Add(-v.skew)):
		return reasonListNotYet
	case !at.Before(v.list.Until()):
		return reasonListExpired
	}
	return reasonNone
}

// signersOf returns the entries whose key has signed the message: one, unless a key stands in the list with several
// scopes.
func signersOf(candidates []*listedKey, message *sign1) []*listedKey {
	signed := toBeSigned(message.protected, message.payload)
	var signers []*listedKey
	for _, key := range candidates {
		if len(signers) > 0 && string(signers[0].spki) == string(key.spki) ||
			key.verify(message.alg, signed, message.signature) {
			signers = append(signers, key)
		}
	}
	return signers
}

// judge holds genuine claims to the scope of the keys and to the time. The entry that lets the code get furthest
// decides.
func (v *Verifier) judge(report Report, signers []*listedKey, claims *Claims, e *envelope, at time.Time) Report {
	verdict, reason, best := Malformed, reasonClaims, signers[0]
	for _, key := range signers {
		if w, why := key.scope(claims, at); w > verdict {
			verdict, reason, best = w, why, key
		}
	}
	report.Issuer = best.IssuerName
	if verdict != Valid {
		return report.with(verdict, reason)
	}
	report.Claims = claims
	switch {
	case claims.IssuedAt.After(at.Add(v.skew)):
		return report.with(NotYetValid, reasonIssuedLater)
	case claims.NotBefore.After(at.Add(v.skew)):
		return report.with(NotYetValid, reasonNotYet)
	case !at.Before(claims.Expires):
		return report.with(Expired, reasonExpired)
	}
	if verdict, reason := e.window(at); reason != reasonNone {
		return report.with(verdict, reason)
	}
	return v.judgeStatus(report, claims, at)
}

// scope says whether the entry covers the claims.
func (k *listedKey) scope(claims *Claims, at time.Time) (Verdict, Reason) {
	withdrawn := !k.WithdrawnAt.IsZero() && !at.Before(k.WithdrawnAt)
	switch {
	case withdrawn && (k.VoidEarlier || !claims.IssuedAt.Before(k.WithdrawnAt)):
		return UntrustedIssuer, reasonKeyWithdrawn
	case claims.IssuedAt.Before(k.NotBefore) || !claims.IssuedAt.Before(k.NotAfter):
		return UntrustedIssuer, reasonKeyWindow
	case claims.Issuer != k.TrustedKey.Issuer:
		return OutOfScope, reasonScopeIssuer
	case !slices.Contains(k.Kinds, claims.Body.Kind()):
		return OutOfScope, reasonScopeKind
	case k.Procedures[0] != AllProcedures && claims.Body.codes()[registerProcedure] != "" &&
		!slices.Contains(k.Procedures, claims.Body.codes()[registerProcedure]):
		return OutOfScope, reasonScopeProcedure
	}
	return Valid, reasonNone
}

// with sets the verdict and its ground; a valid one too has something to state, what was not checked.
func (r Report) with(verdict Verdict, reason Reason) Report {
	r.Verdict, r.Reasons = verdict, []Reason{}
	if reason != reasonNone {
		r.Reasons = append(r.Reasons, reason)
	}
	return r
}
