// Package pki reads what authorities say about certificates after issuing them: OCSP responses (RFC 6960) and CRLs
// (RFC 5280, section 5), and writes OCSP requests.
//
//	r, err := pki.ParseOCSP(der)
//	err = r.CheckSignature(responder)
//	single, ok := r.Find(cert, issuer)
//
// Parsing is bounded and decides nothing: who may speak for which certificate, and how old an answer may be, is asked by
// the verifier. A CRL with a critical extension that is not understood here is refused, as RFC 5280, 5.2 demands.
package pki
