// Package pades signs PDF documents as PAdES baseline B-B to B-LTA (ETSI EN 319 142-1): ký số tài liệu PDF.
//
//	err := pades.Sign(in, size, out, key, chain, pades.Config{Name: "Nguyễn Trọng Nghĩa", Reason: "Phê duyệt"})
//
// Where the key answers late (a remote signing service that waits for a person's telephone), signing is three steps,
// and the state between them survives a restart:
//
//	prepared, err := pades.Prepare(in, size, chain, pades.Config{…}) // prepared.MarshalBinary() keeps it
//	input, opts := prepared.Input()                                  // what the key is to sign
//	err = prepared.Embed(in, size, out, value)                       // verifies value before a byte is written
//
// The levels above B-B are steps of their own, each from one document to the next:
//
//	err = pades.Stamp(ctx, signed, size, out, authority)         // B-T: a time stamp in the signature
//	err = pades.Preserve(stamped, size, out, report)             // B-LT: the evidence of a verdict (DSS, VRI)
//	err = pades.Archive(ctx, preserved, size, out, authority, pades.Config{}) // B-LTA: a document time stamp
//
// The result is the input, byte for byte, and one revision after it. A leader approves and an agency seals by signing
// one after the other; each signature covers the one before. Memory does not follow the size of the document.
//
// What it refuses: a certificate that is not valid at the time of signing, not meant for signatures, or not the key's
// own (Circular 15/2025/TT-BKHCN, Art 5: [CertificateError]); a document that a certifying signature has locked
// ([ErrLocked]); an encrypted or broken one; a signature value that does not fit the certificate; a document that
// changed between Prepare and Embed ([ErrChanged]). Nothing is written before all of that is known.
//
// RSA keys sign with RSASSA-PSS, which Annex I of the circular names; [Config].PKCS1v15 is for keys that cannot.
// The chain of the signer's certificate is not judged here: that is signature.Verifier's work, before or after.
//
// Stable: Sign, Prepare, Embed, Stamp, Preserve, Archive, Config. The bytes of a marshalled [Prepared] are stable within their version number.
package pades
