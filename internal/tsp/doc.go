// Package tsp is the Time-Stamp Protocol (RFC 3161) without its transport, for a caller who has one digest and some roots:
// it builds requests, opens responses and judges tokens, all read and written by internal/cms.
//
//	request, err := tsp.Request(digest, nonce)      // to be posted as application/timestamp-query
//	token, err := tsp.Granted(response)             // what came back
//	info, err := tsp.Verify(token, tsp.Expect{Digest: digest, Nonce: nonce, Roots: roots})
//
// What it refuses: a token over another digest or for another nonce, one that has no signer or several, whose signer's
// certificate is not for time stamping alone and critically (RFC 3161, 2.3), is not bound by a signed certificate
// reference (2.4.2), or leads to none of the given roots at the time it states. It believes no other roots. Revocation
// is not its question.
package tsp
