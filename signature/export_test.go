package signature

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"time"
)

// CheckCertificate judges one certificate as that of a signature made at the time, and returns the codes of what is wrong.
func (v *Verifier) CheckCertificate(ctx context.Context, cert *x509.Certificate, e Evidence, at time.Time) []string {
	codes, _ := v.CountChecks(ctx, cert, e, at)
	return codes
}

// CountChecks also returns how many signatures of CRLs were tried with keys other than the issuer's own.
func (v *Verifier) CountChecks(ctx context.Context, cert *x509.Certificate, e Evidence, at time.Time) ([]string, int) {
	j := &judgement{v: v, ctx: ctx, at: at, pool: pool{memory: &v.memory}}
	j.pool.add(e, 0)
	c := &candidate{best: at}
	j.checkChain(c, cert)
	var codes []string
	for _, r := range c.out.Reasons {
		codes = append(codes, r.Code)
	}
	return codes, j.listChecks
}

// MaxListChecks is the bound.
const MaxListChecks = maxListChecks

// ObeysNames holds a certificate with a subject and a mail address in it to an authority's name constraints.
func ObeysNames(extension, subject []byte, mail string) bool {
	authority := &x509.Certificate{Extensions: []pkix.Extension{{Id: oidNameConstraints, Value: extension}}}
	cert := &x509.Certificate{RawSubject: subject,
		Subject: pkix.Name{Names: []pkix.AttributeTypeAndValue{{Type: oidEmailAddress, Value: mail}}}}
	return obeysNames([]*x509.Certificate{cert, authority})
}
