// Package cms builds and verifies CMS SignedData (RFC 5652) as the CAdES baseline shapes it (ETSI EN 319 122-1).
//
// Signing is two steps, so that the private key may be far away:
//
//	attrs := cms.SignedAttributes(cert, scheme, digest)   // what is to be signed
//	value, err := scheme.Sign(signer, attrs)              // here, or by a remote service minutes later
//	der, err := cms.Assemble(cms.Parts{Certificate: cert, Scheme: scheme, Attributes: attrs, Value: value})
//
// Verifying takes the message apart, and then each question is asked on its own, so that a report can say which one
// failed:
//
//	m, rest, err := cms.Parse(der)
//	cert, err := m.Certificate(signer)
//	err = signer.CheckContent(cms.OIDData, digest); err = signer.CheckSignature(cert); err = signer.CheckBinding(cert)
//
// What it refuses: a signer without signed attributes (the EUF-CMA forgery of
// draft-ietf-lamps-cms-euf-cma-signeddata), a signed attribute that stands twice or has several values, a content-type
// attribute that differs from the content, RSASSA-PSS with parameters that disagree with the digest, nesting and counts
// beyond limits. It knows SHA-1 only to name it: whether an algorithm is still good is the policy's question.
package cms
