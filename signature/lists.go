package signature

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/pki"
)

// lists verifies CRLs: complete ones, and delta CRLs upon them.
func (q inquiry) lists() (out []*statement) {
	var complete, deltas []verifiedList
	for _, l := range q.j.pool.lists {
		reasons := l.piece.SpeaksOf(q.cert)
		if reasons == 0 {
			continue
		}
		by, ok := q.signed(l.piece)
		if !ok {
			continue
		}
		*l.proven = true
		by.CRLs = append(by.CRLs, l.piece.Raw)
		if v := (verifiedList{l, reasons, by}); l.piece.Base != nil {
			deltas = append(deltas, v)
		} else {
			complete = append(complete, v)
		}
	}
	for _, base := range complete {
		s := q.read(base)
		out = append(out, s)
		for _, delta := range deltas {
			if delta.piece.Extends(base.piece) {
				out = append(out, q.overlay(s, delta))
			}
		}
	}
	return out
}

// verifiedList is a CRL that speaks of the certificate asked about, for what reasons, and what its signature rests on.
type verifiedList struct {
	answer[*pki.List]
	reasons pki.Reasons
	used    Evidence
}

// read is what a complete CRL says.
func (q inquiry) read(l verifiedList) *statement {
	s := &statement{status: pki.Good, source: "CRL", this: l.piece.ThisUpdate, next: l.piece.NextUpdate, pos: l.pos,
		used: l.used, reasons: l.reasons}
	if entry, ok := l.piece.Find(q.cert); ok {
		s.enter(entry)
	}
	return s
}

func (s *statement) enter(e pki.Entry) {
	s.revokedAt, s.reason = e.At, e.Reason
	switch e.Reason {
	case pki.ReasonHold:
		s.status = pki.OnHold
	case pki.ReasonRemove:
		s.status, s.revokedAt, s.reason = pki.Good, time.Time{}, 0
	default:
		s.status = pki.Revoked
	}
}

// overlay is what a delta CRL makes of its base.
func (q inquiry) overlay(base *statement, delta verifiedList) *statement {
	s := *base
	s.overlaid, s.reasons = true, base.reasons&delta.reasons
	s.this, s.next = delta.piece.ThisUpdate, delta.piece.NextUpdate
	s.used = base.used.clone()
	s.used.merge(delta.used)
	if s.pos != 0 {
		s.pos = delta.pos // in the document only if both are
	}
	if entry, ok := delta.piece.Find(q.cert); ok {
		s.enter(entry)
	}
	return &s
}

// maxListChecks bounds, for one document, the signatures of CRLs tried with other keys than the issuer's own: a document may
// bring hundreds of lists and hundreds of certificates of one name. What is left over says nothing.
const maxListChecks = 256

// signed checks a CRL's signature, and returns what else it rests on: it is by the certificate's issuer, or by another key
// or issuer of CRLs, which must lead to the same anchor and not be revoked itself.
func (q inquiry) signed(l *pki.List) (used Evidence, ok bool) {
	if bytes.Equal(l.RawIssuer, q.issuer.RawSubject) && l.CheckSignatureFrom(q.issuer) == nil {
		return Evidence{}, true
	}
	anchor := q.chain[len(q.chain)-1]
	for _, cert := range slices.Concat(q.j.pool.certificates, q.j.v.trust.anchors) {
		if !bytes.Equal(cert.RawSubject, l.RawIssuer) || !mayIssueLists(cert) {
			continue
		}
		if q.j.listChecks >= maxListChecks {
			return Evidence{}, false
		}
		q.j.listChecks++
		if cert.CheckSignature(l.SignatureAlgorithm, l.RawTBSRevocationList, l.Signature) != nil {
			continue
		}
		path, _ := q.j.path(cert, l.ThisUpdate, forLists)
		if path == nil || !path[len(path)-1].Equal(anchor) {
			continue
		}
		if used, ok := q.stands(path); ok {
			used.Certificates = append(used.Certificates, cert.Raw)
			return used, true
		}
	}
	return Evidence{}, false
}

// stands reports whether nothing on the path of an issuer of CRLs was revoked at the instant in question. The answer may
// not come from yet another issuer of CRLs, so that none vouches for itself.
func (q inquiry) stands(path []*x509.Certificate) (used Evidence, ok bool) {
	for i, cert := range path[:len(path)-1] {
		if slices.ContainsFunc(q.asked, cert.Equal) {
			continue
		}
		if q.depth > 0 {
			return Evidence{}, false
		}
		deeper := inquiry{j: q.j, cert: cert, issuer: path[i+1], chain: path[i:], asked: q.asked, when: q.when, depth: q.depth + 1}
		s := deeper.status()
		switch {
		case s == nil && q.j.v.policy.Revocation == RevocationWhereNamed && namesNothing(cert):
		case s == nil || s.status != pki.Good && !s.revokedAt.After(q.when):
			return Evidence{}, false
		default:
			used.merge(s.used)
		}
	}
	return used, true
}

func mayIssueLists(cert *x509.Certificate) bool { return cert.KeyUsage&x509.KeyUsageCRLSign != 0 }
