package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"slices"
)

// maxVouched bounds the signatures that are checked of certificates and answers no verdict needs.
const maxVouched = 64

// baggage warns of what a document carries and nothing can be done with. It changes no verdict, but somebody has put it
// there, or has damaged what the signer put there.
func (j *judgement) baggage() []Reason {
	var out []Reason
	warn := func(code string, objects []int) {
		objects = slices.DeleteFunc(objects, func(n int) bool { return n == 0 }) // the caller's own
		if len(objects) == 0 {
			return
		}
		slices.Sort(objects)
		objects = slices.Compact(objects)
		out = append(out, reason(code, objects[:min(len(objects), maxListed)]...))
	}
	warn("certificate.unreadable", j.pool.broken)
	left := maxVouched
	warn("certificate.stray", j.strays(&left))
	warn("evidence.unreadable", j.pool.useless)
	warn("evidence.stray", j.unproven(&left))
	return out
}

// strays are the objects with a certificate that is in no chain, is no anchor, and whose own signature no certificate at
// hand explains. Where there are very many, the rest counts as strays unseen.
func (j *judgement) strays(left *int) []int {
	if len(j.pool.origin) == 0 {
		return nil
	}
	settled := map[[sha256.Size]byte]bool{}
	settle := func(chain []*x509.Certificate) {
		for _, cert := range chain {
			settled[j.v.memory.know(cert).sum] = true
		}
	}
	settle(j.v.trust.anchors)
	for _, c := range j.candidates {
		settle(c.chain)
		if c.stamp != nil {
			settle(c.stamp.chain)
		}
		for _, t := range slices.Concat(c.out.Timestamps, c.out.ContentTimestamps) {
			settle(t.chain)
		}
	}
	var out []int
	for _, cert := range j.pool.certificates {
		object, brought := j.pool.origin[cert]
		if brought && !settled[j.v.memory.know(cert).sum] && !j.vouched(cert, left) {
			out = append(out, object)
		}
	}
	return out
}

// vouched reports whether the key of a certificate at hand made the signature of another. What that one is trusted with,
// and when, does not matter here.
func (j *judgement) vouched(cert *x509.Certificate, left *int) bool {
	for _, issuer := range slices.Concat(j.pool.certificates, j.v.trust.anchors) {
		if !bytes.Equal(issuer.RawSubject, cert.RawIssuer) {
			continue
		}
		if *left--; *left < 0 {
			return false
		}
		if issuer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil {
			return true
		}
	}
	return false
}

// unproven are the objects with an answer about revocation that nobody at hand has signed, whether it was asked for or not.
func (j *judgement) unproven(left *int) []int {
	var out []int
	signed := func(by func(*x509.Certificate) bool, check func(*x509.Certificate) error, more []*x509.Certificate) bool {
		for _, cert := range slices.Concat(more, j.pool.certificates, j.v.trust.anchors) {
			if !by(cert) {
				continue
			}
			if *left--; *left < 0 {
				return false
			}
			if check(cert) == nil {
				return true
			}
		}
		return false
	}
	for _, r := range j.pool.responses {
		if r.object > 0 && !*r.proven && !signed(r.piece.IsBy, r.piece.CheckSignature, r.piece.Certificates) {
			out = append(out, r.object)
		}
	}
	for _, l := range j.pool.lists {
		by := func(cert *x509.Certificate) bool { return bytes.Equal(cert.RawSubject, l.piece.RawIssuer) }
		check := func(cert *x509.Certificate) error {
			return cert.CheckSignature(l.piece.SignatureAlgorithm, l.piece.RawTBSRevocationList, l.piece.Signature)
		}
		if l.object > 0 && !*l.proven && !signed(by, check, nil) {
			out = append(out, l.object)
		}
	}
	return out
}
