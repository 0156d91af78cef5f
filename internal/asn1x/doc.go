// Package asn1x reads and writes the small part of ASN.1 that signatures need, from input nobody vouches for.
//
//	der, rest, err := asn1x.Normalize(input, asn1x.Limits{}) // BER or DER in, DER out, bounded
//	c := asn1x.Open(der)
//	body, err := c.Take(asn1x.Sequence)
//
// [Normalize] walks the input once without recursion, so that nesting costs a counter and not a stack: twelve megabytes
// of nested indefinite lengths, which end the process of a recursive reader, are refused at the depth limit. It refuses
// what signatures never hold: tag numbers above 30, lengths beyond the input, elements after the limit.
//
// Source: ITU-T X.690 (BER, DER). Nothing here knows CMS or X.509.
package asn1x
