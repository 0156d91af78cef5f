// Package oidc signs people in: an OpenID Connect relying party for VNeID, VNConnect and any other provider, described
// by dated profiles.
//
// The happy path is three calls:
//
//	profile, err := oidc.BuiltIn("vnconnect")  // or ParseProfile of your own file
//	party, err := oidc.New(profile, client, pseudonymizer, signIn, oidc.Config{})
//	mux.HandleFunc("GET /login", party.Login)  // and GET /callback, POST /logout
//
// signIn is the application's: it gets a checked [Login], begins a session with a fresh id and redirects to
// Login.ReturnTo. Never take an identity from the browser instead.
//
// Code flow only, always with PKCE S256, state and nonce. The login transaction is kept on the server, works once, for
// ten minutes, and only in the browser that began it. The id_token is checked in full (OpenID Connect Core 1.0 section
// 3.1.3.7), behind a gate that lets through one strict form of JWS; userinfo must speak of the same subject. A profile may
// ask for more: pushed requests, tokens bound to a key, encrypted tokens, signed userinfo, or all that FAPI 2.0 wants.
//
// Later, [RelyingParty.Renew] asks again without the person, [RelyingParty.StepUp] for a higher level of the same account,
// and [RelyingParty.Logout], [RelyingParty.BackChannel] and [RelyingParty.FrontChannel] end sessions from either side.
// Package oidc/session keeps them.
//
// What it refuses: tokens of another issuer, audience, authorised party, nonce, time or algorithm, tokens encrypted
// otherwise than agreed, keys from a header, a response that names another issuer (RFC 9207), account types it does not
// know, a login below the level asked for, a step-up as somebody else, a logout token that comes twice, a return path
// outside the site. It follows no redirect, reads no body without a limit, speaks http only to loopback, drops claims the
// profile does not name, and logs nothing. Errors are *[Error].
//
// Standards: RFC 6749, 6750, 7515, 7516, 7517, 7636, 8705, 8725, 9126, 9207, 9449, 9700; OpenID Connect Core, Discovery,
// RP-Initiated, Back-Channel and Front-Channel Logout 1.0; FAPI 2.0 Security Profile. Law: Decree 69/2024/NĐ-CP. Stable:
// the types, the profile file, the error codes.
package oidc
