// Package session keeps somebody signed in: sessions on the server (alexedwards/scs) begun by package oidc's sign-in.
//
// The happy path is three calls:
//
//	sessions := session.New(session.Config{})
//	party, err := oidc.New(profile, client, names, sessions.SignIn, oidc.Config{EndSession: sessions.EndSession, End: sessions.End})
//	http.ListenAndServe(addr, sessions.Wrap(mux)) // in mux: sessions.Require(identity.Level2, "/login", "/step-up")(page)
//
// The cookie holds a random token and nothing else; the store holds its hash. The token is a new one after every sign-in
// and step-up, so that one planted before is worth nothing, and with a page opened a quarter of an hour later. A session
// ends after half an hour without a request, after eight hours in any case, at logout, and when the provider says so over
// its back or front channel, which reaches every process through [Revocations].
//
// With Config.Renew the provider is asked again every quarter of an hour, once for all requests of a session.
//
// What it refuses: a session that cannot be read whole, a page without the level it needs (a person without it is sent to
// sign in or step up, a request that changes something is refused instead). If the store of revocations cannot be asked
// nobody is signed in.
//
// The store holds personal data in clear: keep it on the server and let it forget. Stable: the types.
package session
