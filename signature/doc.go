// Package signature judges signed documents: kiểm tra chữ ký số.
//
//	trust, err := signature.ParseTrustStore(pem)     // or NewTrustStore(certificates…): the only anchors there are
//	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired})
//	report, err := v.Verify(ctx, file, size, at)     // report.Indication, report.Signatures[i].Reasons …
//
// The verdict is one of ETSI EN 319 102-1: [TotalPassed], [Indeterminate], [TotalFailed], or [NoSignatureFound]; it is
// never a bool. Each signature is asked, in this order: Is the signed range the whole file but the signature? Is the
// message well formed, with exactly one signer and signed attributes? Does the content have the signed digest? Does the
// signature fit the certificate that the message is bound to? Does that very certificate chain to an anchor of the
// caller's? Was it valid, and issued for this use, at the time in question? Is it revoked? What came after?
//
// The time in question is the earliest for which a trusted time stamp proves that the signature existed: its own (RFC
// 3161), or one over the whole document (DocTimeStamp); without any it is the time of judgement. About revocation the
// verifier takes what the document carries (DSS, CMS) and what [Policy].Source answers; revocation.Fetcher asks the
// authorities. An unknown status is [Indeterminate], never passed.
//
// A revision after a signature is permitted when it adds nothing but further signatures that pass themselves, with the
// document information their software touches, or validation data (the DSS of PAdES). Each changed object is named in
// the report. Everything else added to a signed file, be it one byte, keeps it from passing.
//
// Anchors come from certificates at hand ([ParseTrustStore]), from a list that its owner signed ([ParseTrustList]), or
// from a European trusted list whose digest was confirmed ([ParseEuropeanList]); of the two Vietnamese families the
// operator confirms each root by its fingerprint ([VietnameseRoots]). Make one verifier and keep it: it remembers the
// authorities it has met, which saves nearly half the work on a small document, and never changes a verdict.
//
// What it refuses: a verifier without anchors ([ErrNoAnchors]) or with a policy that does not say what is to happen
// when revocation cannot be checked ([PolicyError]); files that are not readable without repair ([DocumentError]),
// unless [Policy].Repair asks for a guess, which is never better than [Indeterminate].
// System roots are never used. The claimed time of signing is shown, never believed: the time of judgement is an
// argument.
//
// Law: Circular 15/2025/TT-BKHCN, Art 6 and Annex II; Law on E-Transactions 20/2023/QH15. Formats: ETSI EN 319 142-1
// (PAdES), EN 319 122-1 (CAdES), ISO 32000-2, RFC 5652, RFC 5280.
//
// Stable: TrustStore, Policy, Verifier, Evidence, Source, Report with its JSON form, the codes of reasons. Signing is in
// signature/pades, time stamps are fetched by signature/timestamp; signature/attacktest holds a verifier to the published
// attacks.
package signature
