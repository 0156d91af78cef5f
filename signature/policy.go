package signature

import (
	"crypto/x509"
	"encoding/asn1"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// RevocationRule says what a verdict needs to know about revocation (thu hồi, tạm dừng chứng thư số). There is no
// default: a policy must say.
type RevocationRule int

const (
	_ RevocationRule = iota
	// RevocationRequired: a certificate whose status is unknown leaves the signature [Indeterminate], TRY_LATER. Evidence
	// comes from the document and from [Policy].Source.
	RevocationRequired
	// RevocationNotChecked: the caller accepts that nobody has asked whether the certificate is revoked. The report
	// carries a warning (Circular 15/2025/TT-BKHCN, Annex II: the user must be warned).
	RevocationNotChecked
	// RevocationWhereNamed is RevocationRequired for certificates that name a CRL or an OCSP responder. For one that names
	// neither, an unknown status is a warning: nobody could ask.
	RevocationWhereNamed
)

// Policy is what a deployment demands of every signature.
type Policy struct {
	// Revocation must be stated.
	Revocation RevocationRule
	// Source answers about revocation where the document does not: [Evidence] at hand, or a fetcher. Default: nobody.
	Source Source
	// Certificates are further candidates for the steps between a signer and an anchor. They are not trusted.
	Certificates []*x509.Certificate
	// MaxAge is how long an answer without nextUpdate counts; default 24 hours.
	MaxAge time.Duration
	// ExtKeyUsages are the extended key usages a signer's certificate may have; one of them suffices, and a certificate
	// without the extension is not restricted. Default: document signing (RFC 9336 and the Microsoft and Adobe
	// identifiers), e-mail protection, client authentication.
	ExtKeyUsages []asn1.ObjectIdentifier
	// Algorithms is the table of acceptable algorithms; default [DefaultAlgorithms].
	Algorithms []Algorithm
	// Repair has files read whose cross-reference cannot be followed, by looking for their objects as viewers do. What is
	// found that way is a guess: no signature in it is better than [Indeterminate], and the report says so. Default: such a
	// file is a [DocumentError].
	Repair bool
	// MaxSize bounds the file in bytes; default 2 GiB.
	MaxSize int64
	// MaxSignatures bounds the signatures in a file; default 32.
	MaxSignatures int
}

var defaultUsages = []asn1.ObjectIdentifier{
	{1, 3, 6, 1, 5, 5, 7, 3, 36},       // id-kp-documentSigning, RFC 9336
	{1, 3, 6, 1, 4, 1, 311, 10, 3, 12}, // Microsoft document signing
	{1, 2, 840, 113583, 1, 1, 5},       // Adobe authentic documents
	{1, 3, 6, 1, 5, 5, 7, 3, 4},        // e-mail protection
	{1, 3, 6, 1, 5, 5, 7, 3, 2},        // client authentication
}

// usageOIDs are the usages that crypto/x509 takes apart itself.
var usageOIDs = map[x509.ExtKeyUsage]asn1.ObjectIdentifier{
	x509.ExtKeyUsageEmailProtection: {1, 3, 6, 1, 5, 5, 7, 3, 4},
	x509.ExtKeyUsageClientAuth:      {1, 3, 6, 1, 5, 5, 7, 3, 2},
	x509.ExtKeyUsageServerAuth:      {1, 3, 6, 1, 5, 5, 7, 3, 1},
	x509.ExtKeyUsageCodeSigning:     {1, 3, 6, 1, 5, 5, 7, 3, 3},
	x509.ExtKeyUsageTimeStamping:    {1, 3, 6, 1, 5, 5, 7, 3, 8},
	x509.ExtKeyUsageOCSPSigning:     {1, 3, 6, 1, 5, 5, 7, 3, 9},
	x509.ExtKeyUsageAny:             {2, 5, 29, 37, 0},
}

func (p Policy) normalize() (Policy, error) {
	if p.Revocation < RevocationRequired || p.Revocation > RevocationWhereNamed {
		return p, &PolicyError{"policy: revocation", "RevocationRequired or another rule, stated"}
	}
	if p.MaxSize < 0 || p.MaxSignatures < 0 || p.MaxAge < 0 {
		return p, &PolicyError{"policy: limits", "limits that are not negative"}
	}
	if p.ExtKeyUsages == nil {
		p.ExtKeyUsages = defaultUsages
	}
	if p.Algorithms == nil {
		p.Algorithms = DefaultAlgorithms()
	}
	if p.MaxAge == 0 {
		p.MaxAge = 24 * time.Hour
	}
	if p.MaxSize == 0 {
		p.MaxSize = 2 << 30
	}
	if p.MaxSignatures == 0 {
		p.MaxSignatures = 32
	}
	return p, nil
}

// permitsUsage reports whether the certificate was issued for signing documents.
func (p Policy) permitsUsage(cert *x509.Certificate) bool {
	const usage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if cert.IsCA || cert.KeyUsage != 0 && cert.KeyUsage&usage == 0 {
		return false
	}
	if len(cert.ExtKeyUsage) == 0 && len(cert.UnknownExtKeyUsage) == 0 {
		return true
	}
	has := append([]asn1.ObjectIdentifier(nil), cert.UnknownExtKeyUsage...)
	for _, u := range cert.ExtKeyUsage {
		if u == x509.ExtKeyUsageAny {
			return true
		}
		has = append(has, usageOIDs[u])
	}
	for _, h := range has {
		for _, want := range p.ExtKeyUsages {
			if h.Equal(want) {
				return true
			}
		}
	}
	return false
}

// Algorithm is a row of the dated table of algorithms.
type Algorithm struct {
	// Name as reports spell it: "SHA-256", "RSA", "ECDSA", "Ed25519" …
	Name string
	// MinBits is the least key size; 0 for digests.
	MinBits int
	// Until is the instant from which the row no longer holds; zero when no end is known.
	Until time.Time
	// Source is the instrument or standard. Provisional marks a date that is not confirmed by a text in force.
	Source      string
	Provisional bool
}

// DefaultAlgorithms returns the table this package ships: what Annex I of Circular 15/2025/TT-BKHCN names, and older
// algorithms with the date they ended. MD5 is in no row and never accepted.
func DefaultAlgorithms() []Algorithm {
	const annex = "Circular 15/2025/TT-BKHCN, Annex I"
	sha1 := vntime.Date(2011, time.January, 1)
	return []Algorithm{
		{Name: "SHA-256", Source: annex}, {Name: "SHA-384", Source: annex}, {Name: "SHA-512", Source: annex},
		{Name: "SHA-512/224", Source: annex}, {Name: "SHA-512/256", Source: annex},
		{Name: "RSA", MinBits: 2048, Source: annex},
		{Name: "ECDSA", MinBits: 256, Source: annex},
		{Name: "Ed25519", MinBits: 256, Source: "RFC 8419; not named by the circular", Provisional: true},
		{Name: "SHA-1", Until: sha1, Source: "NIST SP 800-131A", Provisional: true},
		{Name: "RSA", MinBits: 1024, Until: sha1, Source: "NIST SP 800-131A", Provisional: true},
	}
}

// permits reports whether an algorithm holds at a time.
func (p Policy) permits(name string, bits int, at time.Time) bool {
	for _, row := range p.Algorithms {
		if row.Name == name && bits >= row.MinBits && (row.Until.IsZero() || at.Before(row.Until)) {
			return true
		}
	}
	return false
}
