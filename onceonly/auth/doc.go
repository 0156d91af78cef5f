// Package auth has the ways in which registers and platforms want to be logged in to. Each way is a type with the
// method Authenticate, which is onceonly.Authenticator:
//
//	login, err := auth.NewTimestamped(user, secret, auth.Seconds, auth.Config{})
//	err = login.Authenticate(ctx, req) // sets the headers Timestamp and Authorization
//
// [Timestamped] is the population register's direct dialect, [Bearer] a fixed token, [ClientCredentials] the OAuth 2.0
// grant (RFC 6749 section 4.4) of the provincial platforms. Further dialects are further types.
//
// It refuses empty credentials, a token endpoint without TLS outside the machine itself, and credentials over a request
// that has no host. It never reads credentials from the environment and never prints them.
//
// Source: wire forms as seen in independent public clients; none is officially published, and where clients contradict
// each other the choice is a required argument.
package auth
