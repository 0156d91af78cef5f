// Package timestamp asks a time-stamp authority for tokens over HTTP (RFC 3161): dấu thời gian.
//
//	authority, err := timestamp.New("http://tsa.example.vn/", timestamp.Config{})
//	token, err := authority.Timestamp(ctx, crypto.SHA256, digest)
//	err = pades.Stamp(ctx, in, size, out, authority)      // the usual way to use it
//
// Each request has a nonce and asks for the authority's certificate. An answer is handed out only if it is the answer to
// this very question: granted, same digest, same nonce, signed by the certificate it names, which was issued for time
// stamps. Failures of the network and of the server are tried again; a refusal or a wrong answer is not.
//
// What it refuses: answers that are too long ([ErrAnswer]), that are to another question ([ErrMismatch]), refusals
// ([ErrRefused]). Whether the authority is trusted is signature.Verifier's question: a client is told by whom it runs.
//
// Law: Circular 15/2025/TT-BKHCN, Art 5 (time stamps where the law asks for them). Stable: New, Client, Config.
package timestamp
