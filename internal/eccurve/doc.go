// Package eccurve knows the elliptic curves of travel documents and checks signatures on them: NIST P-224 to P-521 and
// brainpoolP224r1 to P512r1 (RFC 5639), named or written out in a key's parameters.
//
//	curve, err := eccurve.Parameters(der)     // a name, or parameters that must be those of a known curve
//	key, err := curve.Point(encoded)          // on the curve, compressed or not
//	ok := key.Verify(digest, r, s)
//
// What it refuses: written-out parameters that differ from the known curve in anything, generator, order and cofactor
// too. Whoever may choose the generator can make a private key for any public key (CVE-2020-0601). Nothing is ever
// computed on a curve that came with the input.
//
// NIST curves run on crypto/ecdsa. Brainpool runs on math/big: crypto/elliptic has no curves with a free coefficient a.
// Nothing here takes constant time, so nothing here holds a long-term secret: the package verifies, and the scalars it
// multiplies by are digests, signatures and keys of one session that is over.
package eccurve
