// Package jose is the strict gate before signed and encrypted JSON: what may pass is one form of compact JWS or JWE, with
// every algorithm, type and header member pinned by the caller, and nothing is left to a lenient decoder (RFC 8725). The
// cryptography behind it is jwx's and the standard library's.
package jose
