// Package attacktest attacks software that verifies signed PDF files: from any document and any signing software it makes
// what an attacker without the signer's key can make, and holds a verifier to refusing it.
//
//	kit, err := attacktest.New(attacktest.Config{})            // signs with signature/pades; or Config.Sign: yours
//	attacks, err := kit.Attacks(document)                       // the forged files, each with the family it belongs to
//	attacktest.Run(t, kit, document, func(file []byte) bool {   // or all at once, against your verifier
//		return mine.Verify(file, kit.Root(), kit.At())
//	})
//
// A verifier is broken that lets one of them pass while it passes [Kit.Genuine]. The attacks are those published on PDF
// signatures: incremental saving, signature wrapping and universal forgery (Mladenov et al., CCS 2019), shadow documents
// (Mainka et al., NDSS 2021), evil annotations and sneaky signatures on certified documents (Rohlmann et al., IEEE S&P
// 2021); besides, the ones on trust and time: a root of the attacker's beside the genuine certificates, a time stamp of his
// own authority, forged answers about revocation in the document, and encodings that exhaust a parser.
//
// The document may be any PDF with a page that is not encrypted. An attack that a document gives no room for is listed with
// Attack.Skipped. Nothing made here may be trusted outside a test.
package attacktest
