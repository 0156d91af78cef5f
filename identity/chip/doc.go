// Package chip verifies what was read from the chip of a citizen card or passport (thẻ căn cước gắn chip, hộ chiếu gắn
// chip): passive authentication, and what a terminal recorded of active and chip authentication (ICAO Doc 9303-11).
//
// The happy path is four calls:
//
//	trust, err := chip.NewTrust(chip.Anchors{Cards: cscas, CRLs: crls})        // the caller's anchors, there are no others
//	verifier, err := chip.NewVerifier(trust, chip.Policy{})
//	report := verifier.Verify(time.Now(), files, chip.Session{})               // of chip.ReadFiles or chip.NewFiles
//	if doc, ok := report.Document(); ok {
//		subject, err = subject.Corroborate(time.Now(), doc.Statements("quầy 3")...)
//	}
//
// A report has a step for every check, with its outcome and a reason in Vietnamese and English, never a bare yes or no.
// The verdict is Accepted, Rejected or Incomplete; what the chip holds is handed out with the first only.
//
// What it refuses: a file that is not in the signed list or differs from it; a signer without signed attributes, of
// another country than the document, of a type of document it may not sign, revoked, or out of its time; an authority
// that is trusted for the other kind of document; RSASSA-PSS parameters that disagree; curve parameters that differ from
// the known curve in anything (CVE-2020-0601); SHA-1 but before a date the policy names; anything behind or beyond
// bounds. Active and chip authentication count only after passive authentication, for their keys come from the files.
//
// It talks to no card: readers do BAC or PACE and hand over raw files. It decodes no images. Diffie-Hellman over integers
// in chip authentication and TD2 zones are not supported.
//
// Types that hold personal data print redacted; a report holds none. The layout of DG13 and of Vietnamese DG14 was seen in
// no circular and is provisional: what cannot be read there is a warning.
//
// Law: Law on Identification 26/2023/QH15 Art. 18; Decree 69/2024/NĐ-CP; Circular 16/2024/TT-BCA Art. 6 (what the chip
// holds). Standards: ICAO Doc 9303 parts 10, 11 and 12, RFC 5652, RFC 5280, RFC 5639, BSI TR-03110 and TR-03111. Stable: the
// types, the names of steps and their codes.
package chip
