// Package read reads codes of other countries and schemes, so that one verifier app needs one library: EU health
// certificates ("HC1:", HCERT 1.0.1), SMART Health Cards ("shc:/"), MOSIP identity codes (Claim 169) and Visible Digital Seals
// (ICAO Doc 9303-13, BSI TR-03137).
//
//	document, err := read.Parse(text)                      // what it is and what it says: a claim, no more
//	signed := document.VerifiedBy(key)                     // whether this key has signed it
//	seal, err := read.ParseSeal(bytes)                     // the same for a seal
//
// It trusts nothing by itself: keys come from the caller, who knows whose they are and where they came from, never from an
// address inside the code. Compressed contents end at 64 KiB, nesting at 16, and every error is a *qr.InvalidError that
// names the layer. Contents are personal data: a Document prints as nothing, and [Document.Reveal] gives them as JSON.
//
// The codes this house issues itself are read and judged by package qr.
package read
