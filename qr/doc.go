// Package qr makes and reads the QR codes of the one-stop office: symbols that every scanner reads alike, and codes
// that prove themselves offline.
//
// The happy path is three calls for the agency, and three for whoever is shown the paper:
//
//	issuer, err := qr.NewIssuer(signer, "H26", qr.IssueConfig{})                 // a crypto.Signer, an HSM too
//	code, err := issuer.Issue(qr.Claims{Expires: end, Body: qr.Receipt{…}})      // "VN1:…"
//	symbol, err := code.Symbol(qr.Q)                                             // WriteSVG, WritePNG, Terminal, Dark
//
//	list, err := qr.ParseTrustList(data, root)                                   // keys, and what each may sign
//	statuses, err := list.ParseStatusList(more)                                  // what has been taken back
//	verifier, err := qr.NewVerifier(list, qr.VerifyConfig{MinVersion: seen, Status: []*qr.StatusList{statuses}})
//	report := verifier.Verify(text, time.Now())                                  // verdict, reasons, claims
//
// qr/scan finds the text in a picture, qr/update fetches the lists, qr/status packs the bits of a status list.
//
// # Profile VN1
//
// A code is "VN1:" and the base45 (RFC 9285) of a COSE_Sign1 message (RFC 9052, tag 18): protected header alg and kid
// and no other, empty unprotected header, claims (RFC 8392) in deterministic CBOR (RFC 8949, 4.2.1), ECDSA P-256 with
// SHA-256 (alg -7, low s) or Ed25519 (alg -8). One code has one text: there is no second encoding, header or signature
// that verifies. Nothing is compressed, at this size it would only make the code larger.
//
// The labels -70001 (kind) and -70002 (body), those of the trust list, and the short form of 65535 (status) are this
// project's own choice from the range RFC 8392 leaves to private use; no register knows them.
//
// Around the message a code may carry more: the fields of a [Person] one by one, so that its holder shows two of five
// ([Present]), and a proof by the holder's device that the code is shown now and not a picture of it. The issuer's
// signature holds a digest over all fields and the device's key.
//
// Codes for agencies, procedures, papers and source systems may be numbers of a [CodeList], which is signed by a root
// too; so a receipt fits version 10-M and 12-Q with its place in a status list. A number is given once and for ever.
//
// # What it refuses
//
// A verifier has no network and takes keys only from a list that a pinned root has signed, whose version does not go
// back and which is in force. A key signs for its agency, kinds and procedures and for nothing else. Anything unknown,
// a header, claim, field, kind or version, is refused, because it may restrict what is known. Claims come out only when
// the signature, key and scope hold. A code is [Valid] only beside a status list that is fresh enough; with an old one
// or none it is [ValidStatusStale], and a code that names no list says with its verdict that revocation was not
// checked. [CitizenCard] is text anyone can print: it never verifies.
//
// Law: Circular 01/2023/TT-VPCP, Article 26 (minimum content of the QR code of a dossier's papers; it asks for no
// signature); TCVN 7322:2009, that is ISO/IEC 18004:2006 (the symbol). Stable: the profile's bytes, verdict names and
// reason keys, the methods of [Symbol].
package qr
