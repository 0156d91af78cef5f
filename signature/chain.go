package signature

import (
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// purpose is what a chain is built for.
type purpose int

const (
	forSignatures purpose = iota
	forTimestamps
	forLists
)

// path leads a certificate to an anchor that holds at the time, or gives the code of what is wrong. The certificates at
// hand are candidates for the steps between, nothing more: that one of them is trusted says nothing about this one.
func (j *judgement) path(cert *x509.Certificate, at time.Time, why purpose) ([]*x509.Certificate, string) {
	found := j.search(cert, at)
	if found.code != "" {
		return nil, found.code
	}
	code := "signature.algorithm"
	for _, chain := range found.chains {
		switch {
		case !j.v.trust.serves(chain[len(chain)-1], why, at):
			code = "certificate.role"
		case !obeysNames(chain):
			code = "certificate.chain"
		case j.acceptable(chain, at):
			return chain, ""
		}
	}
	return nil, code
}

// search finds the chains from a certificate to the anchors, or remembers them.
func (j *judgement) search(cert *x509.Certificate, at time.Time) search {
	key := searchKey{j.v.memory.know(cert).sum, j.pool.identity}
	if s, ok := j.v.memory.recall(key, at); ok {
		return s
	}
	if j.between == nil {
		j.between = x509.NewCertPool()
	}
	for _, other := range j.pool.certificates[j.added:] {
		j.between.AddCert(unconstrained(other))
	}
	j.added = len(j.pool.certificates)
	chains, err := unconstrained(cert).Verify(x509.VerifyOptions{
		Roots: j.v.trust.pool, Intermediates: j.between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // the certificate's own is judged by its purpose
	})
	s := search{chains: j.originals(cert, chains)}
	if err != nil {
		s = search{code: chainCode(err)}
	}
	s.steady(at, []*x509.Certificate{cert})
	s.steady(at, j.pool.certificates)
	s.steady(at, j.v.trust.anchors)
	j.v.memory.keep(key, s)
	return s
}

// originals puts the certificates at hand in the place of those that were given to crypto/x509.
func (j *judgement) originals(cert *x509.Certificate, chains [][]*x509.Certificate) [][]*x509.Certificate {
	for _, chain := range chains {
		for i, bare := range chain {
			if i == 0 {
				chain[0] = cert
				continue
			}
			for _, list := range [][]*x509.Certificate{j.pool.certificates, j.v.trust.anchors} {
				if k := slices.IndexFunc(list, bare.Equal); k >= 0 {
					chain[i] = list[k]
				}
			}
		}
	}
	return chains
}

// facts tells about a certificate.
func (j *judgement) facts(cert *x509.Certificate) Certificate { return j.v.memory.know(cert).facts() }

// checkChain leads the very certificate that verified to an anchor, as at the proven time of the signature.
func (j *judgement) checkChain(c *candidate, cert *x509.Certificate) {
	if !j.v.policy.permitsUsage(cert) {
		c.fail("certificate.usage")
	}
	// The chain is built inside the signer's validity, so that an expired certificate and an unknown issuer are told
	// apart; whether the time lies there is a question of its own.
	inside := c.best
	switch {
	case c.best.Before(cert.NotBefore):
		c.fail("certificate.not-yet-valid")
		inside = cert.NotBefore
	case c.best.After(cert.NotAfter):
		c.fail("certificate.expired")
		inside = cert.NotAfter
	}
	chain, code := j.path(cert, inside, forSignatures)
	if code != "" {
		c.fail(code)
		return
	}
	for _, above := range chain[1:] {
		c.out.Chain = append(c.out.Chain, j.facts(above))
	}
	c.chain = chain
	c.out.Role = j.v.trust.role(chain[1:])
	if tooLong(cert, c.out.Role) {
		c.warn("certificate.period")
	}
	if j.v.policy.Revocation == RevocationNotChecked {
		c.warn("certificate.revocation-not-checked")
		return
	}
	code, c.revokedAt, c.statuses = j.checkRevocation(chain, inside)
	for _, s := range c.statuses {
		c.out.Revocation = append(c.out.Revocation, s.report())
	}
	switch code {
	case "":
	case "certificate.revocation-unnamed":
		c.warn(code)
	default:
		c.fail(code)
	}
}

// publicRule is when Decree 23/2025/NĐ-CP came into force, by which a certificate for public signatures is valid for three
// years at most.
var publicRule = vntime.Date(2025, time.April, 10)

// tooLong reports whether a public certificate was issued for longer than its law lets it be.
func tooLong(cert *x509.Certificate, role Role) bool {
	public := role == RoleNational || role == RoleRemote
	return public && !cert.NotBefore.Before(publicRule) && cert.NotAfter.After(cert.NotBefore.AddDate(3, 0, 1))
}

// acceptable reports whether every key of the chain is strong enough.
func (j *judgement) acceptable(chain []*x509.Certificate, at time.Time) bool {
	return !slices.ContainsFunc(chain, func(cert *x509.Certificate) bool {
		name, bits := keyOf(cert)
		return !j.v.policy.permits(name, bits, at)
	})
}

func chainCode(err error) string {
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return "certificate.untrusted"
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return "certificate.chain-expired"
	}
	return "certificate.chain"
}
