// Package openid4vp asks a wallet for a credential and checks what it answers: the verifier of OpenID for Verifiable
// Presentations 1.0, for credentials of package identity/sdjwt (yêu cầu và nhận chứng thư từ ví).
//
// The happy path is three calls:
//
//	ask, err := openid4vp.NewAsk("pid", purpose, openid4vp.PIDCatalogue(), vct) // what the purpose names, and no more
//	invitation, err := verifier.Begin(w, r, openid4vp.Begin{}, ask)             // a link, or a symbol for another device
//	result, err := verifier.Collect(r)                                          // once, in the browser that began
//
// Between the last two the wallet fetches the request from [Verifier.RequestObject] and posts its answer to
// [Verifier.Response]. [Verifier.Start] is Begin as a handler for a wallet on the same device.
//
// What it refuses: an answer to another transaction, a second answer, one after ten minutes; one that is not encrypted to
// this transaction's key, where that is demanded; a presentation for another audience or nonce, of another type, without
// a claim that was asked for, or that identity/sdjwt does not find valid; a result fetched by another browser than began,
// fetched twice, or on the same device without the response code that the wallet was given. What is shown beyond what was
// asked is dropped. Errors are *[Error]; people see Text.
//
// A wallet on another device is brought in by whoever shows the symbol, and nothing in the protocol can tell that the
// person with the wallet sits before this browser: [Result.SameDevice] says which it was, and a procedure that matters asks
// for the same device (OpenID4VP 1.0 section 14.2).
//
// Norms: OpenID4VP 1.0 (2025-07), HAIP 1.0, RFC 9101 (signed requests), RFC 7516 and 7518 (ECDH-ES). Not here: mdoc
// credentials, the Digital Credentials API, transaction data, federation and DID client identifiers, requests encrypted to
// wallets. Stable: types, codes, the form of transactions.
package openid4vp
