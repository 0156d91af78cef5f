// Package sdjwt issues, presents and verifies credentials a person keeps in a wallet: SD-JWT VC, signed JSON of which the
// holder shows only what is asked for, with a proof that it is theirs (chứng thư xác nhận thuộc tính, trình xuất chọn lọc).
//
// The happy path is three calls, one for each party:
//
//	credential, err := issuer.Issue(sdjwt.Draft{Type: vct, Claims: claims, Disclose: paths, Holder: key, Expires: until})
//	shown, err := holder.Present(credential, audience, nonce, sdjwt.Path{"birthdate"})
//	report := verifier.Verify(ctx, shown, sdjwt.Expect{Audience: audience, Nonce: nonce})
//
// A report is never a yes or no: it has a verdict, a step for every check with its clause, and a reason with a text for
// people. Claims can be read from a valid report only; [Report.Statement] makes them an [identity.Statement] with its source.
//
// What it refuses: an issuer, a type or an algorithm that was not named; header keys, critical extensions, "none"; a
// disclosure that is doubled, dropped into place by nobody or named like a member of the format; digests that occur
// twice; registered claims (iss, exp, cnf, vct, status …) that are disclosed selectively; a presentation without the
// holder's proof, or with one for another audience, nonce, time, key or set of disclosures; a status that is revoked,
// suspended, unknown or too old. A policy that names no issuer cannot be made.
//
// Law and norms: RFC 9901 (SD-JWT), draft-ietf-oauth-sd-jwt-vc (type dc+sd-jwt; read as of autumn 2025, the draft of
// November 2026 was not), draft-ietf-oauth-status-list, RFC 7800 (cnf), RFC 8725; Decree 69/2024/NĐ-CP for what is a
// person's electronic identity. No Vietnamese wallet profile was seen:
// the mapping of claims is data, and provisional. Not here: mdoc, JSON serialisation, revocation of issuers' certificates.
//
// Stable: the types, the codes of steps and reasons.
package sdjwt
