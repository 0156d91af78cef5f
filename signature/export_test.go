package signature

import (
	"context"
	"crypto/x509"
	"time"
)

// CheckCertificate judges one certificate as that of a signature made at the time, and returns the codes of what is wrong.
func (v *Verifier) CheckCertificate(ctx context.Context, cert *x509.Certificate, e Evidence, at time.Time) []string {
	j := &judgement{v: v, ctx: ctx, at: at, pool: pool{memory: &v.memory}}
	j.pool.add(e, 0)
	c := &candidate{best: at}
	j.checkChain(c, cert)
	var codes []string
	for _, r := range c.out.Reasons {
		codes = append(codes, r.Code)
	}
	return codes
}
