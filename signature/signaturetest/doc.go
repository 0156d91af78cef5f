// Package signaturetest is the other side of a signature, for tests and demonstrations: a certification authority that
// lives in memory, small PDF files with the features that break signing software, and a kit of attacks.
//
//	ca, err := signaturetest.NewCA(now, signaturetest.CAConfig{Name: "CA thử nghiệm"})
//	id, err := ca.Issue(now, signaturetest.Subject{CommonName: "Trần Thị Mỹ Vĩnh"})
//	forged, err := signaturetest.ReplaceContent(signed, "1.000.000.000 đồng")
//
// Each attack takes a signed file and returns what an attacker who does not hold the signer's key could make of it. A
// verifier that passes one of them is broken. The kit works on files of any signer whose cross-reference is a table.
//
// Nothing made here may be trusted outside a test: every CA says so in its name.
package signaturetest
