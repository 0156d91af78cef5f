// Package revocation fetches what authorities say about certificates: OCSP responses (RFC 6960) and CRLs (RFC 5280) over
// HTTP, from the addresses that the certificates name. It is a signature.Source.
//
//	fetcher := revocation.New(revocation.Config{})
//	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired, Source: fetcher})
//	report, err := v.Verify(ctx, file, size, at)
//
// OCSP is asked first, CRLs when it does not answer; CRLs are kept until their next update. The verifier asks only about
// certificates that lead to an anchor of the caller's, so that no document can send the fetcher to an address of its own
// choice; [Config].Allow narrows it further. Nothing fetched is trusted: the verifier checks who signed it.
//
// What it refuses: addresses that are not http or https, redirects, bodies beyond their limits ([ErrNoAnswer] then).
// Law: Circular 15/2025/TT-BKHCN, Annex II (newest CRL or OCSP). Stable: New, Fetcher, Config.
package revocation
