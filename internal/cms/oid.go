package cms

import (
	"crypto"
	"crypto/sha1"
	_ "crypto/sha256" // linked, so that crypto.Hash.New works for every digest named here
	_ "crypto/sha512"
	"encoding/asn1"
	"hash"
)

// Object identifiers of contents and attributes.
var (
	OIDData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	OIDSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	OIDContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	OIDMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	OIDSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	// OIDSigningCertificate is the SHA-1 form of RFC 2634, OIDSigningCertificateV2 that of RFC 5035.
	OIDSigningCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	OIDSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	OIDTimestampToken       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	// OIDCommitmentType is commitment-type-indication (RFC 5126, 5.11.1); the types are numbered below oidCommitment.
	OIDCommitmentType = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 16}
	// OIDTSTInfo is the content of a time-stamp token (RFC 3161).
	OIDTSTInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	// OIDRevocationArchival is Adobe's signed attribute with CRLs and OCSP responses.
	OIDRevocationArchival = asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}
)

var (
	oidRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidPSS     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidECKey   = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}

	oidCommitment   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 6}
	oidOCSPResponse = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 16, 2}
)

// digests is the list of message digests this package can name.
var digests = []struct {
	hash crypto.Hash
	name string
	oid  asn1.ObjectIdentifier
}{
	{crypto.SHA224, "SHA-224", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}}, // travel documents
	{crypto.SHA256, "SHA-256", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}},
	{crypto.SHA384, "SHA-384", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}},
	{crypto.SHA512, "SHA-512", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}},
	{crypto.SHA512_224, "SHA-512/224", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 5}},
	{crypto.SHA512_256, "SHA-512/256", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 6}},
	{crypto.SHA1, "SHA-1", asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}},
	{crypto.MD5, "MD5", asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}},
}

// signatureOIDs names a key kind and a digest in one. A zero hash means: the signer's digest algorithm.
var signatureOIDs = []struct {
	oid  asn1.ObjectIdentifier
	kind Kind
	hash crypto.Hash
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 14}, PKCS1v15, crypto.SHA224},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, PKCS1v15, crypto.SHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, PKCS1v15, crypto.SHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, PKCS1v15, crypto.SHA512},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, PKCS1v15, crypto.SHA1},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}, PKCS1v15, crypto.MD5},
	{oidRSA, PKCS1v15, 0},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}, ECDSA, crypto.SHA224},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, ECDSA, crypto.SHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, ECDSA, crypto.SHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, ECDSA, crypto.SHA512},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, ECDSA, crypto.SHA1},
	{oidECKey, ECDSA, 0},
	{oidEd25519, Ed25519, 0},
}

// HashName returns the usual name of a digest algorithm.
func HashName(h crypto.Hash) string {
	for _, d := range digests {
		if d.hash == h {
			return d.name
		}
	}
	return "unknown"
}

// NewHash returns a running digest, nil for one that this package names only to refuse (MD5).
func NewHash(h crypto.Hash) hash.Hash {
	switch {
	case h == crypto.SHA1:
		return sha1.New()
	case h == crypto.MD5 || !h.Available():
		return nil
	}
	return h.New()
}

func hashByOID(id asn1.ObjectIdentifier) (crypto.Hash, bool) {
	for _, d := range digests {
		if d.oid.Equal(id) {
			return d.hash, true
		}
	}
	return 0, false
}

func oidOfHash(h crypto.Hash) asn1.ObjectIdentifier {
	for _, d := range digests {
		if d.hash == h {
			return d.oid
		}
	}
	return nil
}
