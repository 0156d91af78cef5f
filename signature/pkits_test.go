package signature_test

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/signature"
)

// suite is NIST's Public Key Interoperability Test Suite: certificates by file name, and all CRLs.
type suite struct {
	names  []string // of end entities
	der    map[string][]byte
	issuer map[string][]string // the files that hold a certificate with that subject
	lists  [][]byte
}

func readSuite(t *testing.T) *suite {
	t.Helper()
	z, err := zip.OpenReader("testdata/pkits/pkits.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	s := &suite{der: map[string][]byte{}, issuer: map[string][]string{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(io.LimitReader(r, 1<<20))
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(path.Base(f.Name), path.Ext(f.Name))
		switch path.Ext(f.Name) {
		case ".crl":
			s.lists = append(s.lists, data)
		case ".crt":
			s.der[name] = data
			if cert, err := x509.ParseCertificate(data); err == nil {
				s.issuer[string(cert.RawSubject)] = append(s.issuer[string(cert.RawSubject)], name)
			}
			if strings.HasSuffix(name, "EE") {
				s.names = append(s.names, name)
			}
		}
	}
	if len(s.names) != 223 || len(s.lists) != 173 {
		t.Fatalf("the suite has %d end entities and %d CRLs", len(s.names), len(s.lists))
	}
	return s
}

// above collects the certificates that may lie on a path from cert to the anchor, and those of CRL issuers.
func (s *suite) above(cert *x509.Certificate) (ders [][]byte) {
	seen := map[string]bool{}
	names := []string{string(cert.RawIssuer)}
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, file := range s.issuer[name] {
			ders = append(ders, s.der[file])
			if c, err := x509.ParseCertificate(s.der[file]); err == nil {
				names = append(names, string(c.RawIssuer))
			}
		}
	}
	for file, der := range s.der {
		if strings.Contains(strings.ToLower(file), "crl") && !strings.HasSuffix(file, "EE") {
			ders = append(ders, der)
		}
	}
	slices.SortFunc(ders, bytes.Compare)
	return slices.CompactFunc(ders, bytes.Equal)
}

// Certificates whose name does not say what they must be: the policies of 4.8 and 4.12.3, under the suite's default settings.
var validAnyhow = []string{
	"AllCertificatesNoPoliciesTest2EE", "DifferentPoliciesTest3EE", "OverlappingPoliciesTest6EE", "AllCertificatesSamePoliciesTest10EE",
	"AllCertificatesanyPolicyTest11EE", "AllCertificatesSamePoliciesTest13EE", "AnyPolicyTest14EE", "UserNoticeQualifierTest15EE",
	"UserNoticeQualifierTest16EE", "UserNoticeQualifierTest17EE", "UserNoticeQualifierTest18EE", "UserNoticeQualifierTest19EE",
	"CPSPointerQualifierTest20EE", "inhibitAnyPolicyTest3EE",
}

// Where we refuse what the suite holds valid, and why. There is no other direction.
var refusedAnyhow = map[string]string{
	// An authority's key does not sign documents; the suite has these paths end at one.
	"ValidpathLenConstraintTest8EE": "certificate.usage", "ValidpathLenConstraintTest14EE": "certificate.usage",
	"ValidonlyContainsCACertsTest13EE": "certificate.usage", "OverlappingPoliciesTest6EE": "certificate.usage",
	// crypto/x509 verifies no DSA, and Circular 15/2025 names none.
	"ValidDSASignaturesTest4EE": "certificate.untrusted", "ValidDSAParameterInheritanceTest5EE": "unreadable",
	// crypto/x509 compares the names of a path byte by byte.
	"ValidNameChainingWhitespaceTest3EE": "certificate.untrusted", "ValidNameChainingWhitespaceTest4EE": "certificate.untrusted",
	"ValidNameChainingCapitalizationTest5EE":               "certificate.untrusted",
	"ValidRolloverfromPrintableStringtoUTF8StringTest10EE": "certificate.untrusted",
	"ValidUTF8StringCaseInsensitiveMatchTest11EE":          "certificate.untrusted",
	// It counts an authority's certificate for its own new key in a path's length.
	"ValidSelfIssuedpathLenConstraintTest15EE": "certificate.chain", "ValidSelfIssuedpathLenConstraintTest17EE": "certificate.chain",
	// It does not read a distribution point named relative to its issuer.
	"ValiddistributionPointTest4EE": "unreadable", "ValiddistributionPointTest5EE": "unreadable", "ValidcRLIssuerTest29EE": "unreadable",
	// An issuer of CRLs would vouch for itself.
	"ValidcRLIssuerTest30EE": "certificate.revocation-unknown",
}

// TestPKITS holds path building, RFC 5280's path validation and CRLs to NIST's suite, with its default settings.
func TestPKITS(t *testing.T) {
	s := readSuite(t)
	root, err := x509.ParseCertificate(s.der["TrustAnchorRootCertificate"])
	if err != nil {
		t.Fatal(err)
	}
	trust, err := signature.NewTrustStore(root)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(trust, signature.Policy{Revocation: signature.RevocationRequired})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	passed, refused := 0, 0
	for _, name := range s.names {
		codes := []string{"unreadable"}
		if cert, err := x509.ParseCertificate(s.der[name]); err == nil {
			e := signature.Evidence{Certificates: s.above(cert), CRLs: s.lists}
			codes = v.CheckCertificate(t.Context(), cert, e, at)
		}
		valid := strings.HasPrefix(name, "Valid") || slices.Contains(validAnyhow, name)
		want, differs := refusedAnyhow[name]
		switch {
		case !valid && len(codes) == 0:
			t.Errorf("%s: accepted", name)
		case differs && !slices.Equal(codes, []string{want}):
			t.Errorf("%s: got %v, want %s", name, codes, want)
		case valid && !differs && len(codes) > 0:
			t.Errorf("%s: refused: %v", name, codes)
		case len(codes) == 0:
			passed++
		default:
			refused++
		}
	}
	t.Logf("%d accepted, %d refused, %d of them against the suite", passed, refused, len(refusedAnyhow))
}

// FuzzNameConstraints wants an answer to whatever an authority writes, and the same for a name in other letters.
func FuzzNameConstraints(f *testing.F) {
	name, err := asn1.Marshal(pkix.Name{Organization: []string{"Sở Tư pháp"}, CommonName: "Trần Thị Mỹ Vĩnh"}.ToRDNSequence())
	if err != nil {
		f.Fatal(err)
	}
	mail := []byte{0x30, 0x0f, 0xa0, 0x0d, 0x30, 0x0b, 0x81, 0x09, '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', '9'}
	f.Add(mail, name, "canbo@so.example9")
	f.Add([]byte{0x30, 0x00}, name, "")
	f.Fuzz(func(t *testing.T, extension, subject []byte, address string) {
		got := signature.ObeysNames(extension, subject, address)
		if at := strings.LastIndexByte(address, '@'); at >= 0 && len(extension) < 1000 {
			if again := signature.ObeysNames(extension, subject, address[:at]+strings.ToUpper(address[at:])); isASCII(address) && got != again {
				t.Errorf("%x allows %v, in capitals %v", extension, got, again)
			}
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}
