package signature_test

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
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

// TestPKITS holds path building, RFC 5280's path validation and CRLs to NIST's suite, with its default settings. A name
// says what its certificate must be, but for the policies of 4.8 and 4.12.3.
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
	for _, name := range s.names {
		cert, err := x509.ParseCertificate(s.der[name])
		codes := []string{"unreadable"}
		if err == nil {
			e := signature.Evidence{Certificates: s.above(cert), CRLs: s.lists}
			codes = v.CheckCertificate(t.Context(), cert, e, at)
		}
		valid := strings.HasPrefix(name, "Valid")
		if (len(codes) == 0) != valid {
			t.Errorf("%s: %v %v", name, codes, err)
		}
	}
}
