// Package csca reads the certificates, revocation lists and master lists of travel-document authorities (ICAO Doc
// 9303-12), also those that crypto/x509 cannot: brainpool curves, written-out curve parameters, RSA keys that are for
// PSS only, country names in small letters, serial numbers that are too long, extensions that are malformed.
//
//	cert, err := csca.Parse(der)                  // what is unreadable in it is noted, and the rest is there
//	err = cert.CheckSignature(issuer.Key)         // over the bytes as they came
//	list, err := csca.ParseMasterList(der)
//
// Reading decides nothing. A key that cannot be used, an extension that is broken and a critical one that is not known
// are kept as such, and whoever relies on the certificate asks for them. What it refuses: input beyond its bounds, what
// is not the frame of a certificate, and inner and outer signature algorithms that differ.
package csca
