package signature

import (
	"crypto/x509"
	"errors"
)

// checkChain leads the very certificate that verified to an anchor. Certificates in the message are candidates for the
// steps between, nothing more: that one of them is trusted says nothing about the signer.
func (j *judgement) checkChain(c *candidate, cert *x509.Certificate) {
	if !j.v.policy.permitsUsage(cert) {
		c.fail("certificate.usage")
	}
	// The chain is built inside the signer's validity, so that an expired certificate and an unknown issuer are told
	// apart; whether the time of judgement lies there is a question of its own.
	inside := j.at
	switch {
	case j.at.Before(cert.NotBefore):
		c.fail("certificate.not-yet-valid")
		inside = cert.NotBefore
	case j.at.After(cert.NotAfter):
		c.fail("certificate.expired")
		inside = cert.NotAfter
	}
	candidates := x509.NewCertPool()
	for _, other := range c.signed.message.Certificates {
		candidates.AddCert(other)
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: j.v.trust.pool, Intermediates: candidates, CurrentTime: inside,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // the signer's own is judged by the policy above
	})
	if err != nil {
		c.fail(chainCode(err))
		return
	}
	for _, chain := range chains {
		if j.acceptable(chain) {
			for _, above := range chain[1:] {
				c.out.Chain = append(c.out.Chain, certificateOf(above))
			}
			j.checkRevocation(c)
			return
		}
	}
	c.fail("signature.algorithm")
}

// acceptable reports whether every key of the chain is strong enough.
func (j *judgement) acceptable(chain []*x509.Certificate) bool {
	for _, cert := range chain {
		if name, bits := keyOf(cert); !j.v.policy.permits(name, bits, j.at) {
			return false
		}
	}
	return true
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

// checkRevocation says what is known about revocation. Nothing is, at this level: the policy decides what that means,
// and the report always tells.
func (j *judgement) checkRevocation(c *candidate) {
	if j.v.policy.Revocation == RevocationNotChecked {
		c.warn("certificate.revocation-not-checked")
		return
	}
	c.fail("certificate.revocation-unknown")
}
