package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/pki"
	"github.com/motcua/motcua/internal/vntime"
)

// CertificateStatus is what is known about the revocation of one certificate (thu hồi, tạm dừng).
type CertificateStatus struct {
	// SHA256 is the certificate's fingerprint in lower-case hexadecimal.
	SHA256 string `json:"sha256"`
	// Status is "good", "revoked", "on-hold" or "unknown"; Source is "OCSP" or "CRL", empty when it is unknown.
	Status string `json:"status"`
	Source string `json:"source,omitempty"`
	// ThisUpdate and NextUpdate are those of the evidence.
	ThisUpdate *time.Time `json:"thisUpdate,omitempty"`
	NextUpdate *time.Time `json:"nextUpdate,omitempty"`
	RevokedAt  *time.Time `json:"revokedAt,omitempty"`
	// Reason is the code of RFC 5280, 5.3.1; 6 is certificateHold.
	Reason int `json:"revocationReason,omitempty"`
	// Embedded says that the document itself carries the evidence.
	Embedded bool `json:"embedded,omitempty"`
}

// String leaves out everything but the status.
func (s CertificateStatus) String() string { return "certificate status " + s.Status }

var oidOCSPSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 9}

// statement is a verified piece of evidence about one certificate.
type statement struct {
	status     pki.Status
	source     string
	this, next time.Time
	revokedAt  time.Time
	reason     int
	pos        int64
	stored     int64 // where the document's own statement stands, be it this or another; 0 when it has none
	used       Evidence
	reasons    pki.Reasons // of which it speaks
	overlaid   bool        // a delta CRL upon its base
}

// above reports whether the statement counts and not the other: it is newer; of the same instant, it has the base of the
// other and more; or it says the worse.
func (s *statement) above(other *statement) bool {
	switch {
	case other == nil:
		return true
	case !s.this.Equal(other.this):
		return s.this.After(other.this)
	case s.overlaid != other.overlaid:
		return s.overlaid
	}
	return other.status == pki.Good && s.status != pki.Good
}

// maxSkew is how far the clock of an authority may be ahead of ours.
const maxSkew = 5 * time.Minute

// speaks reports whether the statement says something about the instant when: it was made before the time of judgement
// and had not been superseded by then, or it was made after it.
func (s *statement) speaks(when, at time.Time, age time.Duration) bool {
	until := s.next
	if until.IsZero() {
		until = s.this.Add(age)
	}
	return !s.this.After(at.Add(maxSkew)) && !until.Before(when)
}

// inquiry asks about one certificate.
type inquiry struct {
	j            *judgement
	cert, issuer *x509.Certificate
	chain        []*x509.Certificate // from cert to an anchor
	asked        []*x509.Certificate // about which somebody asks anyway
	when         time.Time           // the instant for which the status matters
	depth        int
}

// status finds out whether a certificate was revoked at q.when. It is nil when nobody says.
func (q inquiry) status() *statement {
	if s := q.decide(); s != nil {
		return s
	}
	source := q.j.v.policy.Source
	if source == nil || q.j.ctx.Err() != nil {
		return nil
	}
	evidence, err := source.Revocation(q.j.ctx, q.cert, q.issuer)
	if err != nil {
		return nil // silence is not evidence; the report says that the status is unknown
	}
	q.j.pool.add(evidence, 0)
	return q.decide()
}

// decide weighs the statements at hand. The newest counts; but a certificate on hold at the instant in question was on
// hold then, even if it was released later.
func (q inquiry) decide() *statement {
	var newest, then *statement
	stored := int64(0)
	speaking := slices.DeleteFunc(q.statements(), func(s *statement) bool {
		return !s.speaks(q.when, q.j.at, q.j.v.policy.MaxAge)
	})
	for _, s := range wholes(speaking) {
		if s.pos > 0 && (stored == 0 || s.pos < stored) {
			stored = s.pos
		}
		if s.above(newest) {
			newest = s
		}
		if !s.this.After(q.when) && s.above(then) {
			then = s
		}
	}
	if newest == nil {
		return nil
	}
	if newest.status == pki.Good && then != nil && then.status == pki.OnHold && !then.revokedAt.After(q.when) {
		newest = then
	}
	newest.stored = stored
	return newest
}

func (q inquiry) statements() []*statement {
	var out []*statement
	for _, r := range q.j.pool.responses {
		if s := q.ocsp(r.piece); s != nil {
			s.pos, *r.proven = r.pos, true
			out = append(out, s)
		}
	}
	return append(out, q.lists()...)
}

// ocsp verifies an OCSP response: the issuer signed it, or somebody whom the issuer certified for that.
func (q inquiry) ocsp(r *pki.Response) *statement {
	single, ok := r.Find(q.cert, q.issuer)
	policy := q.j.v.policy
	if !ok || single.Status == pki.Unknown || !policy.permits(cms.HashName(r.Scheme.Hash), 0, single.ThisUpdate) {
		return nil
	}
	s := &statement{status: single.Status, source: "OCSP", this: single.ThisUpdate, next: single.NextUpdate,
		revokedAt: single.RevokedAt, reason: single.Reason, used: Evidence{OCSPs: [][]byte{r.Raw}}, reasons: pki.AllReasons}
	if r.IsBy(q.issuer) && r.CheckSignature(q.issuer) == nil {
		return s
	}
	for _, list := range [][]*x509.Certificate{r.Certificates, q.j.pool.certificates} {
		for _, cert := range list {
			if r.IsBy(cert) && q.mayAnswer(cert, r.ProducedAt) && r.CheckSignature(cert) == nil {
				s.used.Certificates = [][]byte{cert.Raw}
				return s
			}
		}
	}
	return nil
}

// mayAnswer reports whether the issuer delegated answering to the certificate's holder (RFC 6960, 4.2.2.2), and whether
// that held when the answer was made. A responder without id-pkix-ocsp-nocheck has to be shown unrevoked itself.
func (q inquiry) mayAnswer(responder *x509.Certificate, made time.Time) bool {
	delegated := slices.ContainsFunc(responder.ExtKeyUsage, func(u x509.ExtKeyUsage) bool {
		return usageOIDs[u].Equal(oidOCSPSigning)
	})
	if !delegated || made.Before(responder.NotBefore) || made.After(responder.NotAfter) ||
		!bytes.Equal(responder.RawIssuer, q.issuer.RawSubject) || responder.CheckSignatureFrom(q.issuer) != nil {
		return false
	}
	if pki.NoCheck(responder) {
		return true
	}
	if q.depth > 0 {
		return false
	}
	deeper := inquiry{j: q.j, cert: responder, issuer: q.issuer, chain: q.chain, asked: q.asked, when: made, depth: q.depth + 1}
	s := deeper.decide()
	return s != nil && s.status == pki.Good
}

// wholes drops statements that speak of some reasons only and find nothing. Together they may speak of all: then they are
// one statement, as old as the oldest and good as long as each (RFC 5280, 6.3.3).
func wholes(all []*statement) []*statement {
	var together *statement
	whole := slices.DeleteFunc(all, func(s *statement) bool {
		if s.status != pki.Good || s.reasons == pki.AllReasons {
			return false
		}
		if together == nil {
			together = &statement{status: pki.Good, source: s.source, this: s.this, next: s.next, pos: s.pos}
		}
		if s.this.Before(together.this) {
			together.this = s.this
		}
		if s.next.IsZero() || s.next.Before(together.next) {
			together.next = s.next
		}
		together.pos = min(together.pos, s.pos) // in the document only if all are
		together.reasons |= s.reasons
		together.used.merge(s.used)
		return true
	})
	if together != nil && together.reasons == pki.AllReasons {
		whole = append(whole, together)
	}
	return whole
}

// checkRevocation asks about every certificate of a chain below its anchor, for the instant when. It returns the code of
// what is wrong, or of a warning, and the status of each.
func (j *judgement) checkRevocation(chain []*x509.Certificate, when time.Time) (code string, revokedAt time.Time, all []statusOf) {
	unnamed := false
	for i := range len(chain) - 1 {
		q := inquiry{j: j, cert: chain[i], issuer: chain[i+1], chain: chain, asked: chain, when: when}
		s := q.status()
		all = append(all, statusOf{chain[i], s})
		wrong := ""
		switch {
		case s == nil && j.v.policy.Revocation == RevocationWhereNamed && namesNothing(chain[i]):
			unnamed = true
		case s == nil:
			wrong = "certificate.revocation-unknown"
		case s.status == pki.Good || s.revokedAt.After(when):
		case s.status == pki.OnHold:
			wrong = "certificate.on-hold"
		case i > 0:
			wrong = "certificate.ca-revoked"
		default:
			wrong = "certificate.revoked-no-poe"
			revokedAt = s.revokedAt
		}
		if code == "" || code == "certificate.revocation-unknown" && wrong != "" {
			code = wrong
		}
	}
	if code == "" && unnamed {
		code = "certificate.revocation-unnamed"
	}
	return code, revokedAt, all
}

// namesNothing reports whether a certificate says nowhere where its status could be asked for.
func namesNothing(cert *x509.Certificate) bool {
	return len(cert.OCSPServer) == 0 && len(cert.CRLDistributionPoints) == 0
}

// statusOf is a statement, or nil, about a certificate.
type statusOf struct {
	cert *x509.Certificate
	*statement
}

var statusNames = map[pki.Status]string{pki.Good: "good", pki.Revoked: "revoked", pki.OnHold: "on-hold"}

// report describes it.
func (s statusOf) report() CertificateStatus {
	sum := sha256.Sum256(s.cert.Raw)
	out := CertificateStatus{SHA256: hex.EncodeToString(sum[:]), Status: "unknown"}
	if s.statement == nil {
		return out
	}
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = vntime.In(t)
		return &t
	}
	out.Status, out.Source, out.Reason, out.Embedded = statusNames[s.status], s.source, s.reason, s.pos > 0
	out.ThisUpdate, out.NextUpdate, out.RevokedAt = at(s.this), at(s.next), at(s.revokedAt)
	return out
}
