package csca_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/csca"
)

// TestVietnam reads the certificate of the authority behind Vietnamese passports, as ICAO publishes it: brainpoolP512r1
// written out, which crypto/x509 does not read.
func TestVietnam(t *testing.T) {
	file, err := os.ReadFile("testdata/csca-vn.pem")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(file)
	if _, err := x509.ParseCertificate(block.Bytes); err == nil {
		t.Log("crypto/x509 reads it by now")
	}
	c, err := csca.Parse(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := c.Fingerprint()
	for name, pair := range map[string][2]string{
		"subject": {c.Subject.String(), "C=VN, O=Vietnam Government Information Security Commission, CN=CSCA ePassport Vietnam"},
		"serial":  {strings.ToUpper(c.Serial.Text(16)), "506F1357A3A196C24DC32CF464140CAE"},
		"key":     {c.Key.String(), "brainpoolP512r1"},
		"scheme":  {c.Scheme.String() + " " + c.Scheme.Hash.String(), "ECDSA SHA-512"},
		"ski":     {strings.ToUpper(hex.EncodeToString(c.SubjectKeyID)), "88918F5A25ECE37A3E04C52D38A4F2B5123C85C7"},
		"from":    {c.NotBefore.Format(time.DateOnly), "2022-06-29"},
		"to":      {c.NotAfter.Format(time.DateOnly), "2037-10-01"},
		"key to":  {c.KeyTo.Format(time.DateOnly), "2027-07-01"},
		"state":   {c.SubjectState, "VNM"},
		"sha256":  {strings.ToUpper(hex.EncodeToString(sum[:])), "6B5FA6FE45CC4E855A73760413E08B7A9AC50A27722C702F3909A90FACC991BD"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
		}
	}
	if !c.CA || c.PathLen != 0 || c.KeyUsage != csca.CertSign|csca.CRLSign || !c.SelfIssued() || len(c.CRLPoints) == 0 || len(c.Defects) != 0 {
		t.Errorf("extensions %+v", c.Extensions)
	}
	if err := c.CheckSignature(c.Key); err != nil {
		t.Error(err)
	}
	c.Signature = append([]byte(nil), c.Signature...)
	c.Signature[20] ^= 1
	if err := c.CheckSignature(c.Key); !errors.Is(err, csca.ErrSignature) {
		t.Errorf("a changed signature: %v", err)
	}
}

// TestCollection reads a bundle of real authorities' certificates whole, if MOTCUA_CSCA names one.
func TestCollection(t *testing.T) {
	name := os.Getenv("MOTCUA_CSCA")
	if name == "" {
		t.Skip("MOTCUA_CSCA names no bundle of certificates in PEM")
	}
	rest, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all, standard, self := 0, 0, 0
	for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		all++
		if _, err := x509.ParseCertificate(block.Bytes); err == nil {
			standard++
		}
		c, err := csca.Parse(block.Bytes)
		if err != nil || c.KeyErr != nil || c.SchemeErr != nil {
			t.Errorf("certificate %d: %v, %v, %v", all, err, c.KeyErr, c.SchemeErr)
			continue
		}
		if c.SelfIssued() {
			self++
			if err := c.CheckSignature(c.Key); err != nil {
				t.Errorf("%s: %v", c.Subject, err)
			}
		}
	}
	t.Logf("%d certificates, %d of which crypto/x509 reads; %d are self-signed, and rightly so", all, standard, self)
}

func authority(t testing.TB, cfg identitytest.CardAuthorityConfig) *identitytest.CardAuthority {
	t.Helper()
	a, err := identitytest.NewCardAuthority(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func parse(t testing.TB, der []byte) *csca.Certificate {
	t.Helper()
	c, err := csca.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseRefuses(t *testing.T) {
	good := authority(t, identitytest.CardAuthorityConfig{}).Certificate()
	swap := func(from, to string) []byte { return bytes.Replace(good, []byte(from), []byte(to), 1) }
	tests := []struct {
		name string
		der  []byte
	}{
		{"nothing", nil}, {"cut", good[:len(good)-1]}, {"something behind", append(bytes.Clone(good), 0)},
		{"huge", make([]byte, 40<<10)}, {"no time", swap("240101000000Z", "24010100000xZ")}, {"month 13", swap("240101000000Z", "241301000000Z")},
		{"another algorithm inside", swap("\xce\x3d\x04\x03\x02", "\xce\x3d\x04\x03\x03")}, {"a sequence alone", []byte{0x30, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if c, err := csca.Parse(tt.der); !errors.Is(err, csca.ErrFormat) || c != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestParseTolerates keeps what is odd as odd.
func TestParseTolerates(t *testing.T) {
	good := authority(t, identitytest.CardAuthorityConfig{}).Certificate()
	swap := func(from, to string) *csca.Certificate {
		return parse(t, bytes.Replace(good, []byte(from), []byte(to), 1))
	}
	if c := swap("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x06"); !c.Key.IsZero() ||
		!errors.Is(c.KeyErr, csca.ErrKey) || c.Key.String() != "none" {
		t.Errorf("an unknown curve: %v", c.KeyErr)
	}
	if c := swap("\x01\x01\xff\x02\x01\x00", "\x01\x01\xff\x02\x02\x00"); len(c.Defects) != 1 || c.Defects[0] != "basicConstraints" {
		t.Errorf("broken basic constraints: %+v", c.Extensions)
	}
	if c := swap("\x03\x02\x01\x06", "\x03\x02\x01\x00"); c.KeyUsage == 0 || c.KeyUsage&csca.CertSign != 0 {
		t.Errorf("a key for nothing: %v", c.KeyUsage)
	}
	if c := swap("\x03\x02\x01\x06", "\x03\x01\x00\x00"); len(c.Defects) != 1 || c.Defects[0] != "keyUsage" {
		t.Errorf("key usage without bits: %v", c.Defects)
	}
	if c := swap("\x01\x01\xff\x02\x01\x00", "\x01\x01\xff\x02\x01\xff"); len(c.Defects) != 1 || c.Defects[0] != "basicConstraints" {
		t.Errorf("a negative path length: %+v", c.Extensions)
	}
	if c := swap("\x55\x1d\x0f", "\x55\x1d\x7f"); !c.UnknownCritical || c.KeyUsage != 0 {
		t.Errorf("an unknown critical extension: %+v", c.Extensions)
	}
	if c := swap("\x55\x1d\x10", "\x55\x1d\x0e"); len(c.Defects) != 1 || c.Defects[0] != "subjectKeyIdentifier" {
		t.Errorf("an extension that stands twice: %v", c.Defects)
	}
	if c := swap("\x13\x02VN", "\x0c\x02vn"); c.Issuer.Country != "VN" || !c.Issuer.Same(c.Subject) {
		t.Errorf("one name in two encodings: %v and %v", c.Issuer, c.Subject)
	}
}

func TestTimes(t *testing.T) {
	good := authority(t, identitytest.CardAuthorityConfig{}).Certificate()
	for text, want := range map[string]string{
		"\x17\x0d500101000000Z": "1950-01-01 00:00:00", "\x17\x0d491231235959Z": "2049-12-31 23:59:59", "\x17\x0d240101000000Z": "2024-01-01 00:00:00",
		"\x18\x0d202401010700Z": "2024-01-01 07:00:00",
	} {
		c, err := csca.Parse(bytes.Replace(good, []byte("\x17\x0d240101000000Z"), []byte(text), 1))
		if err != nil || c.NotBefore.Format(time.DateTime) != want {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
}

func TestKeysRefuse(t *testing.T) {
	rsa := func(n []byte, e byte) []byte {
		key := asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Integer, n), []byte{2, 1, e})
		return asn1x.Encode(asn1x.Sequence, asn1x.Encode(asn1x.Sequence, []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00")),
			asn1x.Encode(asn1x.BitString, []byte{0}, key))
	}
	modulus := func(bytes int, last byte) []byte {
		n := append([]byte{0}, make([]byte, bytes)...)
		n[1], n[bytes] = 0x80, last
		return n
	}
	if k, err := csca.ParseKey(rsa(modulus(256, 1), 3)); err != nil || k.String() != "RSA 2048" {
		t.Errorf("%v, %v", k, err)
	}
	for name, der := range map[string][]byte{
		"short modulus": rsa(modulus(127, 1), 3), "long modulus": rsa(modulus(1025, 1), 3), "even modulus": rsa(modulus(256, 2), 3),
		"negative modulus": rsa(modulus(256, 1)[1:], 3), "exponent 1": rsa(modulus(256, 1), 1), "even exponent": rsa(modulus(256, 1), 4),
		"negative exponent": rsa(modulus(256, 1), 0xff),
	} {
		if k, err := csca.ParseKey(der); !errors.Is(err, csca.ErrKey) || !k.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := rsa(modulus(256, 1), 3)
	unused := bytes.Clone(good)
	unused[bytes.Index(unused, []byte{5, 0, 3})+6] = 1
	for name, der := range map[string][]byte{
		"nothing": {0x30, 0}, "something behind": append(bytes.Clone(good), 0), "unused bits": unused,
		"no key": asn1x.Encode(asn1x.Sequence, []byte("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x01\x00")),
	} {
		if _, err := csca.ParseKey(der); !errors.Is(err, csca.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	free := bytes.Replace(good, []byte("\x01\x01\x01\x05\x00"), []byte("\x01\x01\x0a\x05\x00"), 1)
	if k, err := csca.ParseKey(free); err != nil || !k.PSS || k.Hash != 0 {
		t.Errorf("a key for any RSASSA-PSS: %+v, %v", k, err)
	}
	if err := (csca.Key{}).Verify(cms.Scheme{Kind: cms.ECDSA, Hash: crypto.MD5}, nil, nil); !errors.Is(err, csca.ErrKey) {
		t.Errorf("MD5: %v", err)
	}
}

// TestPSSKeyBinds: a key whose parameters name SHA-256 signs with nothing else.
func TestPSSKeyBinds(t *testing.T) {
	pss := identitytest.CardAlgorithm{Key: "RSA 2048", PSS: true, Explicit: true}
	c := parse(t, authority(t, identitytest.CardAuthorityConfig{Algorithm: pss}).Certificate())
	if !c.Key.PSS || c.Key.Salt != 32 || c.CheckSignature(c.Key) != nil {
		t.Fatalf("%+v: %v", c.Key, c.CheckSignature(c.Key))
	}
	for name, change := range map[string]func(*csca.Key){
		"another digest": func(k *csca.Key) { k.Hash = 7 }, "a longer salt": func(k *csca.Key) { k.Salt = 33 },
		"no RSA": func(k *csca.Key) { k.RSA = nil },
	} {
		k := c.Key
		change(&k)
		if err := c.CheckSignature(k); !errors.Is(err, csca.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCRL(t *testing.T) {
	a := authority(t, identitytest.CardAuthorityConfig{})
	issuer := parse(t, a.Certificate())
	s, err := a.Signer(identitytest.CardSignerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	der, err := a.CRL(at, at.AddDate(0, 3, 0), s)
	if err != nil {
		t.Fatal(err)
	}
	l, err := csca.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	signer := parse(t, s.Certificate())
	if when, ok := l.Revoked(signer.Serial); !ok || !when.Equal(at) || l.Len() != 1 {
		t.Errorf("%v, %v", when, ok)
	}
	if _, ok := l.Revoked(issuer.Serial); ok {
		t.Error("the authority is revoked")
	}
	if !l.MayBeIssuedBy(issuer) || l.MayBeIssuedBy(signer) || l.CheckSignature(issuer.Key) != nil || l.CheckSignature(signer.Key) == nil {
		t.Error("the list's issuer is not found out")
	}
	reference, err := x509.ParseRevocationList(der)
	if err != nil || reference.RevokedCertificateEntries[0].SerialNumber.Cmp(signer.Serial) != 0 || !reference.NextUpdate.Equal(l.NextUpdate) {
		t.Errorf("crypto/x509 reads another list: %v", err)
	}
	swap := func(from, to string) []byte { return bytes.Replace(der, []byte(from), []byte(to), 1) }
	for name, der := range map[string][]byte{
		"nothing": nil, "cut": der[:len(der)-1], "something behind": append(bytes.Clone(der), 0), "huge": make([]byte, 9<<20),
		"delta": swap("\x55\x1d\x14", "\x55\x1d\x1b"), "a certificate": a.Certificate(),
		"another algorithm inside": swap("\xce\x3d\x04\x03\x02", "\xce\x3d\x04\x03\x03"),
	} {
		if l, err := csca.ParseCRL(der); !errors.Is(err, csca.ErrFormat) || l != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCRLExtensions writes lists with extensions of our own; their signatures are not asked.
func TestCRLExtensions(t *testing.T) {
	const algorithm = "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
	moment := "\x17\x0d260101000000Z"
	name := parse(t, authority(t, identitytest.CardAuthorityConfig{}).Certificate()).Subject.Raw
	sequence := func(parts ...string) string {
		var all []byte
		for _, p := range parts {
			all = append(all, p...)
		}
		return string(asn1x.Encode(asn1x.Sequence, all))
	}
	extension := func(id string, critical bool, value string) string {
		flag := ""
		if critical {
			flag = "\x01\x01\xff"
		}
		return sequence("\x06\x03\x55\x1d"+id, flag, string(asn1x.Encode(asn1x.OctetString, []byte(value))))
	}
	list := func(entry, whole string) []byte {
		tbs := sequence("\x02\x01\x01", algorithm, string(name), moment, sequence(sequence("\x02\x01\x07", moment, entry)),
			string(asn1x.Encode(asn1x.Context(0), []byte(sequence(whole)))))
		return []byte(sequence(tbs, algorithm, "\x03\x02\x00\x01"))
	}
	tests := []struct {
		name, entry, whole string
		good               bool
	}{
		{"number and reason", sequence(extension("\x15", false, "\x0a\x01\x01")), extension("\x14", false, "\x02\x01\x09"), true},
		{"unknown", sequence(extension("\x7e", false, "")), extension("\x7e", false, ""), true},
		{"critical reason", sequence(extension("\x15", true, "\x0a\x01\x01")), "", true},
		{"unknown critical of an entry", sequence(extension("\x7e", true, "")), "", false},
		{"unknown critical of the list", "", extension("\x7e", true, ""), false},
		{"indirect", sequence(extension("\x1d", false, "")), "", false},
		{"delta", "", extension("\x1b", false, "\x02\x01\x09"), false},
		{"number that is none", "", extension("\x14", false, "\x05\x00"), false},
		{"too many", "", strings.Repeat(extension("\x7e", false, ""), 65), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := csca.ParseCRL(list(tt.entry, tt.whole))
			if (err == nil) != tt.good || tt.good && l.Len() != 1 || err != nil && !errors.Is(err, csca.ErrFormat) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestIssuers: where both have key identifiers these decide, not the name.
func TestIssuers(t *testing.T) {
	a, b := authority(t, identitytest.CardAuthorityConfig{}), authority(t, identitytest.CardAuthorityConfig{})
	renamed := authority(t, identitytest.CardAuthorityConfig{Name: "CSCA khác"})
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	der, err := a.CRL(at, at)
	if err != nil {
		t.Fatal(err)
	}
	l, err := csca.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	if other := parse(t, b.Certificate()); l.MayBeIssuedBy(other) || parse(t, a.Certificate()).MayBeIssuedBy(other) {
		t.Error("another key of the same name passes for the issuer")
	}
	link, err := a.Link(renamed)
	if err != nil {
		t.Fatal(err)
	}
	if parse(t, link).SelfIssued() || parse(t, bytes.Replace(link, []byte("\x55\x1d\x23"), []byte("\x55\x1d\x7e"), 1)).SelfIssued() {
		t.Error("a link to a new name passes for self-signed")
	}
}

func TestMasterListRefuses(t *testing.T) {
	a := authority(t, identitytest.CardAuthorityConfig{})
	good, err := a.MasterList(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), a.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	if l, err := csca.ParseMasterList(good); err != nil || len(l.Certificates) != 1 || len(l.Embedded) != 2 || l.Signer() == nil ||
		l.CheckSignature(l.Signer().Key) != nil {
		t.Fatalf("%v", err)
	}
	swap := func(from, to string) []byte { return bytes.Replace(good, []byte(from), []byte(to), 1) }
	for name, der := range map[string][]byte{
		"version 1": swap("\x02\x01\x00\x31\x82", "\x02\x01\x01\x31\x82"), "no set": swap("\x02\x01\x00\x31\x82", "\x02\x01\x00\x30\x82"),
		"another content": swap("\x67\x81\x08\x01\x01\x02", "\x67\x81\x08\x01\x01\x01"), "cut": good[:99], "nothing": nil,
	} {
		if l, err := csca.ParseMasterList(der); !errors.Is(err, csca.ErrFormat) || l != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMaySign(t *testing.T) {
	for _, tt := range []struct {
		types []string
		code  string
		want  bool
	}{
		{nil, "ID", true}, {[]string{"ID"}, "ID", true}, {[]string{"I"}, "ID", true}, {[]string{"ID"}, "I", false},
		{[]string{"P"}, "ID", false}, {[]string{"P", "ID"}, "ID", true}, {[]string{"PD"}, "P", false}, {[]string{}, "P", false},
	} {
		if got := (csca.Extensions{DocumentTypes: tt.types}).MaySign(tt.code); got != tt.want {
			t.Errorf("%v may sign %s: %v", tt.types, tt.code, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	file, err := os.ReadFile("testdata/csca-vn.pem")
	if err != nil {
		f.Fatal(err)
	}
	block, _ := pem.Decode(file)
	f.Add(block.Bytes)
	for _, a := range []identitytest.CardAlgorithm{{Key: "brainpoolP224r1", Explicit: true}, {Key: "P-256"}, {Key: "RSA 2048", PSS: true, Explicit: true}} {
		f.Add(authority(f, identitytest.CardAuthorityConfig{Algorithm: a}).Certificate())
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := csca.Parse(der)
		if err != nil {
			if c != nil {
				t.Fatal("refused and handed out")
			}
			return
		}
		if c.Serial == nil || len(c.Signature) == 0 || !bytes.Contains(der, c.RawTBS) || (c.KeyErr == nil) == c.Key.IsZero() {
			t.Fatalf("accepted without what every certificate has: %v", c.KeyErr)
		}
		_ = c.CheckSignature(c.Key)
	})
}

func FuzzParseCRL(f *testing.F) {
	a := authority(f, identitytest.CardAuthorityConfig{})
	s, err := a.Signer(identitytest.CardSignerConfig{})
	if err != nil {
		f.Fatal(err)
	}
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, revoked := range [][]*identitytest.CardSigner{nil, {s}, {s, s}} {
		der, err := a.CRL(at, at, revoked...)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		l, err := csca.ParseCRL(der)
		if err != nil {
			return
		}
		if reference, err := x509.ParseRevocationList(der); err == nil && !reference.ThisUpdate.Equal(l.ThisUpdate) {
			t.Fatalf("crypto/x509 reads %v, we %v", reference.ThisUpdate, l.ThisUpdate)
		}
	})
}

func FuzzParseMasterList(f *testing.F) {
	a := authority(f, identitytest.CardAuthorityConfig{})
	der, err := a.MasterList(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), a.Certificate())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		l, err := csca.ParseMasterList(der)
		if err != nil {
			return
		}
		if signer := l.Signer(); signer != nil {
			_ = l.CheckSignature(signer.Key)
		}
	})
}
