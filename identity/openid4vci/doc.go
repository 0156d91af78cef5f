// Package openid4vci hands a result to a person's wallet: the issuer of OpenID for Verifiable Credential Issuance 1.0 with
// the pre-authorized code flow, for credentials of package identity/sdjwt (trả kết quả vào ví điện tử).
//
// The happy path is three calls:
//
//	server, err := openid4vci.New(base, issuer, fill, configurations, openid4vci.Config{})
//	server.Register(mux)                                                    // metadata, token, nonce, credential
//	offered, err := server.Offer(ctx, "khai-sinh", dossierCode, openid4vci.OfferConfig{})  // a link or symbol for the wallet
//
// The store keeps a reference only, such as a dossier's code: what the credential says is asked for with Fill when the
// wallet has proved its key, so that nothing personal waits in a table, and what is issued is what is true by then. The
// offer's link goes to the person over one channel, the transaction code ([Offered.TxCode]) over another: who has only
// the link gets nothing.
//
// What it refuses: a code used twice, expired or with another transaction code, five wrong ones at most; an access token
// used twice; a proof of possession without type, for another issuer, with a nonce that is not ours or too old, by a key
// that the header does not carry, with header keys of other kinds. Errors are *[Error].
//
// Norms: OpenID4VCI 1.0 (2025-09), RFC 6749, RFC 8414. Not here: the authorization code flow, DPoP and key attestation (so
// not the whole of HAIP 1.0), batches, deferred issuance, notifications, encryption of answers. Stable: types, codes, the
// form of grants.
package openid4vci
