package signature

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
)

// KnownRoot is what is known about a root of Viet Nam without its certificate. The certificate comes from the operator, who
// reads its fingerprint where the authority publishes it.
type KnownRoot struct {
	Name string
	Role Role
	// From and To are the years of the certificate's validity; 0 when not known.
	From, To int
	// Begins and Ends are fragments of the certificate's SHA-256 in lower-case hexadecimal; empty when not known.
	Begins, Ends string
	// Published is where the authority offers the certificate; empty when not known.
	Published string
	// Provisional says that the row has not been compared with the certificate itself.
	Provisional bool
}

// VietnameseRoots returns the two families: the national root of NEAC for public signatures (chữ ký số công cộng), with its
// root for time stamps, and the root of the Government Cipher Committee for official duty (chữ ký số chuyên dùng công vụ).
// Of the certificates only fragments were seen, in secondary copies: all rows are provisional, and none is trusted by itself.
func VietnameseRoots() []KnownRoot {
	return []KnownRoot{
		{Name: "Vietnam National Root CA G2", Role: RoleNational, From: 2014, To: 2039, Begins: "bac8bf60", Ends: "08e7",
			Published: "https://rootca.gov.vn", Provisional: true},
		{Name: "Vietnam National Root CA G3", Role: RoleNational, From: 2024, To: 2049, Published: "https://rootca.gov.vn", Provisional: true},
		{Name: "Vietnam National TSA Root", Role: RoleTimestamp, From: 2025, To: 2050, Published: "https://rootca.gov.vn", Provisional: true},
		{Name: "RootCA chuyên dùng Chính phủ G2", Role: RoleGovernment, To: 2048, Begins: "f04ba4b4", Ends: "fdb8",
			Published: "https://ca.gov.vn/pki/pub/crt/rootcag2.crt", Provisional: true},
	}
}

// Confirm makes an anchor of a certificate that the operator has for this root. fingerprint is the SHA-256 that he has read
// from the authority, in hexadecimal, colons and spaces allowed; it must be the certificate's, and both must agree with what
// is known. A certificate whose fingerprint was taken from the file itself is confirmed by nobody. Errors: [*PolicyError].
func (k KnownRoot) Confirm(cert *x509.Certificate, fingerprint string) (TrustEntry, error) {
	refuse := func(want string) (TrustEntry, error) {
		return TrustEntry{}, &PolicyError{"known root: " + k.Name, want}
	}
	if cert == nil || cert.CheckSignatureFrom(cert) != nil {
		return refuse("a root certificate, which signs itself")
	}
	sum := sha256.Sum256(cert.Raw)
	have := hex.EncodeToString(sum[:])
	read := strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(fingerprint))
	switch {
	case len(read) != 2*sha256.Size || read != have:
		return refuse("the whole fingerprint, and that of this certificate")
	case !strings.HasPrefix(have, k.Begins) || !strings.HasSuffix(have, k.Ends):
		return refuse("a fingerprint that begins and ends as the known one")
	case k.From != 0 && cert.NotBefore.Year() != k.From || k.To != 0 && cert.NotAfter.Year() != k.To:
		return refuse("a certificate of the known years")
	}
	return TrustEntry{Certificate: cert, Role: k.Role, Anchor: true, NoSignatures: k.Role == RoleTimestamp}, nil
}
