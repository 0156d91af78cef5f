package chip_test

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
)

// TestSigners varies who signed; the chip itself is as it should be.
func TestSigners(t *testing.T) {
	type authority = identitytest.CardAuthorityConfig
	type signer = identitytest.CardSignerConfig
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	tests := []struct {
		name    string
		a       authority
		s       signer
		policy  chip.Policy
		signed  time.Time
		verdict chip.Verdict
		codes   string
	}{
		{"country in small letters", authority{Country: "vn"}, signer{}, chip.Policy{}, signed, chip.Accepted, ""},
		{"no document types", authority{}, signer{Types: []string{}}, chip.Policy{}, signed, chip.Accepted, ""},
		{"one letter for all of that letter", authority{}, signer{Types: []string{"I"}}, chip.Policy{}, signed, chip.Accepted, ""},
		{"passports only", authority{}, signer{Types: []string{"P", "PD"}}, chip.Policy{}, signed, chip.Rejected, "document.type-list"},
		{"another country", authority{Country: "XA", State: "XAA"}, signer{}, chip.Policy{}, signed, chip.Rejected, "country.differs"},
		{"signer of another country", authority{}, signer{Country: "LA"}, chip.Policy{}, signed, chip.Rejected, "country.differs"},
		{"another State in the alternative name", authority{}, signer{State: "LAO"}, chip.Policy{}, signed, chip.Rejected, "country.differs"},
		{"authority of another State by its alternative name", authority{State: "LAO"}, signer{State: "VNM"}, chip.Policy{}, signed, chip.Rejected,
			"country.differs"},
		{"not for signing", authority{}, signer{Usage: 0x08}, chip.Policy{}, signed, chip.Rejected, "signer.usage"},
		{"no word on what the key is for", authority{}, signer{WithoutUsage: true}, chip.Policy{}, signed, chip.Accepted, "signer.no-usage"},
		{"unknown critical extension", authority{}, signer{Critical: true}, chip.Policy{}, signed, chip.Rejected, "signer.extensions"},
		{"signed after the key's use", authority{}, signer{}, chip.Policy{}, day(2024, 4, 2), chip.Rejected, "signing-time.outside"},
		{"signed before the key's use", authority{}, signer{KeyFrom: day(2024, 2, 20)}, chip.Policy{}, signed, chip.Rejected, "signing-time.outside"},
		{"signed before the signer", authority{}, signer{}, chip.Policy{}, day(2023, 12, 31), chip.Rejected, "signing-time.outside"},
		{"signed tomorrow", authority{}, signer{KeyTo: day(2028, 1, 1)}, chip.Policy{}, today.AddDate(0, 0, 1), chip.Rejected, "signing-time.future"},
		{"expired, signed in time", authority{}, signer{To: day(2026, 1, 1)}, chip.Policy{}, signed, chip.Accepted, "validity.signer-expired"},
		{"expired, signed who knows when", authority{}, signer{To: day(2026, 1, 1)}, chip.Policy{}, time.Time{}, chip.Incomplete,
			"validity.signer-expired-untimed, signing-time.not-given"},
		{"not valid yet", authority{}, signer{From: day(2026, 12, 1)}, chip.Policy{}, time.Time{}, chip.Rejected,
			"validity.not-yet, signing-time.not-given"},
		{"issued after the authority's key", authority{KeyTo: day(2024, 6, 1)}, signer{From: day(2024, 7, 1)}, chip.Policy{}, day(2024, 7, 9),
			chip.Rejected, "validity.authority-period"},
		{"issued after the authority", authority{To: day(2024, 6, 1)}, signer{From: day(2024, 7, 1), To: day(2030, 1, 1)}, chip.Policy{},
			day(2024, 7, 9), chip.Rejected, "validity.authority-period"},
		{"authority expired by now", authority{To: day(2026, 6, 1)}, signer{To: day(2030, 1, 1)}, chip.Policy{}, signed, chip.Accepted,
			"validity.authority-expired"},
		{"SHA-1", authority{Algorithm: identitytest.CardAlgorithm{Key: "P-256", Hash: crypto.SHA1}}, signer{}, chip.Policy{}, signed,
			chip.Rejected, "sod.digest, chain.digest"},
		{"SHA-1 before the date of the policy", authority{Algorithm: identitytest.CardAlgorithm{Key: "P-256", Hash: crypto.SHA1}}, signer{},
			chip.Policy{SHA1Until: day(2024, 3, 1), RevocationOptional: true}, signed, chip.Accepted, "revocation.no-list"},
		{"SHA-1 after that date", authority{Algorithm: identitytest.CardAlgorithm{Key: "P-256", Hash: crypto.SHA1}}, signer{},
			chip.Policy{SHA1Until: day(2024, 2, 1)}, signed, chip.Rejected, "sod.digest, revocation.no-list"},
		{"SHA-1 at an unknown time counts as late", authority{Algorithm: identitytest.CardAlgorithm{Key: "P-256", Hash: crypto.SHA1}}, signer{},
			chip.Policy{SHA1Until: day(2024, 3, 1)}, time.Time{}, chip.Rejected, "sod.digest, revocation.no-list, signing-time.not-given"},
		{"SHA-1 at an unknown time, the key out of use before that date", authority{Algorithm: identitytest.CardAlgorithm{Key: "P-256", Hash: crypto.SHA1}},
			signer{}, chip.Policy{SHA1Until: day(2024, 5, 1), RevocationOptional: true}, time.Time{}, chip.Accepted,
			"revocation.no-list, signing-time.not-given"},
		{"passport expected", authority{}, signer{}, chip.Policy{Kind: chip.Passport}, signed, chip.Rejected, "document.kind"},
		{"card expected", authority{}, signer{}, chip.Policy{Kind: chip.Card}, signed, chip.Accepted, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, tt.a, tt.s)
			r := o.verifier(t, tt.policy).Verify(today, read(t, o.chip(t, identitytest.CardConfig{Signed: tt.signed})), chip.Session{})
			expect(t, r, tt.verdict, tt.codes)
		})
	}
}

// TestCurveForgery is CVE-2020-0601 on a chip: the forger's key has the public point of a real signer, over a generator of
// the forger's choice. Everything else about it fits, and its maker's signature verifies on that curve.
func TestCurveForgery(t *testing.T) {
	for _, key := range []string{"P-256", "brainpoolP384r1"} {
		o := newOffice(t, identitytest.CardAuthorityConfig{Algorithm: identitytest.CardAlgorithm{Key: key}}, identitytest.CardSignerConfig{})
		forger := must[*identitytest.CardSigner](t)(o.authority.Signer(identitytest.CardSignerConfig{Forge: o.signer}))
		files := read(t, personalise(t, forger, identitytest.CardConfig{Signed: signed}))
		expect(t, o.verifier(t, chip.Policy{}).Verify(today, files, chip.Session{}), chip.Rejected, "signer.curve-forged, signature.key")
	}
}

// TestUnknownCurve has a signer on a curve that nobody knows.
func TestUnknownCurve(t *testing.T) {
	v := vietnam()
	c := v.chip(t, identitytest.CardConfig{Signed: signed})
	raw := bytes.Replace(v.signer.Certificate(), []byte("\xce\x3d\x03\x01\x07"), []byte("\xce\x3d\x03\x01\x06"), 1)
	c.Files[chip.SOD] = bytes.Replace(c.Files[chip.SOD], v.signer.Certificate(), raw, 1)
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), chip.Rejected,
		"signer.curve-unknown, signature.key, chain.wrong")
}

// TestAuthorities varies whom the verifier trusts.
func TestAuthorities(t *testing.T) {
	v := vietnam()
	other := newOffice(t, identitytest.CardAuthorityConfig{}, identitytest.CardSignerConfig{}) // same names, another key
	files := read(t, v.chip(t, identitytest.CardConfig{Signed: signed}))
	lists := [][]byte{v.crl, other.crl}
	tests := []struct {
		name    string
		anchors chip.Anchors
		verdict chip.Verdict
		codes   string
	}{
		{"trusted for cards", chip.Anchors{Cards: v.anchor, CRLs: lists}, chip.Accepted, ""},
		{"trusted for passports only", chip.Anchors{Passports: v.anchor, CRLs: lists}, chip.Rejected, "chain.other-kind"},
		{"for passports, another for cards", chip.Anchors{Passports: v.anchor, Cards: other.anchor, CRLs: lists}, chip.Rejected, "chain.other-kind"},
		{"another of the same name", chip.Anchors{Cards: other.anchor, CRLs: lists}, chip.Incomplete, "chain.no-anchor"},
		{"no revocation list", chip.Anchors{Cards: v.anchor}, chip.Incomplete, "revocation.no-list"},
		{"somebody else's revocation list", chip.Anchors{Cards: v.anchor, CRLs: [][]byte{other.crl}}, chip.Incomplete, "revocation.no-list"},
		{"list by another key of the same name", chip.Anchors{Cards: append(v.anchor[:1:1], other.anchor...), CRLs: [][]byte{other.crl}}, chip.Accepted, ""},
		{"list of an authority for passports", chip.Anchors{Cards: v.anchor, Passports: other.anchor, CRLs: [][]byte{other.crl}},
			chip.Incomplete, "revocation.no-list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, verifierOf(t, tt.anchors, chip.Policy{}).Verify(today, files, chip.Session{}), tt.verdict, tt.codes)
		})
	}
}

// TestStolenName has a signer whose certificate names the authority and its key, and is signed by another key.
func TestStolenName(t *testing.T) {
	v := vietnam()
	raw := v.signer.Certificate()
	raw[len(raw)-1] ^= 1 // the last byte of the authority's signature
	c := v.chip(t, identitytest.CardConfig{Signed: signed})
	c.Files[chip.SOD] = bytes.Replace(c.Files[chip.SOD], v.signer.Certificate(), raw, 1)
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), chip.Rejected, "chain.wrong")
}

func TestRevocation(t *testing.T) {
	v := vietnam()
	list := func(from, to int, revoked ...*identitytest.CardSigner) []byte {
		return must[[]byte](t)(v.authority.CRL(today.AddDate(0, 0, from), today.AddDate(0, 0, to), revoked...))
	}
	other := must[*identitytest.CardSigner](t)(v.authority.Signer(identitytest.CardSignerConfig{}))
	files := read(t, v.chip(t, identitytest.CardConfig{Signed: signed}))
	optional := chip.Policy{RevocationOptional: true}
	endless := func(from int) []byte { return must[[]byte](t)(v.authority.CRL(today.AddDate(0, 0, from), time.Time{})) }
	broken := list(-1, 30)
	broken[len(broken)-1] ^= 1
	tests := []struct {
		name    string
		policy  chip.Policy
		lists   [][]byte
		verdict chip.Verdict
		codes   string
	}{
		{"somebody else revoked", chip.Policy{}, [][]byte{list(-1, 30, other)}, chip.Accepted, ""},
		{"revoked", chip.Policy{}, [][]byte{list(-1, 30, other, v.signer)}, chip.Rejected, "revocation.revoked"},
		{"revoked, and nobody asks", optional, [][]byte{list(-1, 30, v.signer)}, chip.Rejected, "revocation.revoked"},
		{"revoked in a stale list", chip.Policy{}, [][]byte{list(-90, -60, v.signer), list(-1, 30)}, chip.Rejected, "revocation.revoked"},
		{"stale", chip.Policy{}, [][]byte{list(-60, -30)}, chip.Incomplete, "revocation.stale"},
		{"stale, and nobody asks", optional, [][]byte{list(-60, -30)}, chip.Accepted, "revocation.stale"},
		{"without an end, of this quarter", chip.Policy{}, [][]byte{endless(-80)}, chip.Accepted, ""},
		{"without an end, older", chip.Policy{}, [][]byte{endless(-100)}, chip.Incomplete, "revocation.stale"},
		{"from the future", chip.Policy{}, [][]byte{list(1, 30)}, chip.Incomplete, "revocation.stale"},
		{"none, and nobody asks", optional, nil, chip.Accepted, "revocation.no-list"},
		{"stale and fresh", chip.Policy{}, [][]byte{list(-60, -30), list(-2, 30)}, chip.Accepted, ""},
		{"one bit changed", chip.Policy{}, [][]byte{broken}, chip.Incomplete, "revocation.no-list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := verifierOf(t, chip.Anchors{Cards: v.anchor, CRLs: tt.lists}, tt.policy).Verify(today, files, chip.Session{})
			expect(t, r, tt.verdict, tt.codes)
		})
	}
}

// TestKeyRollover follows a link from an old key to a new one, and one with a change of name.
func TestKeyRollover(t *testing.T) {
	old := newOffice(t, identitytest.CardAuthorityConfig{}, identitytest.CardSignerConfig{})
	year := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, cfg := range map[string]identitytest.CardAuthorityConfig{
		"same name": {From: year, Algorithm: identitytest.CardAlgorithm{Key: "brainpoolP256r1", Explicit: true}},
		"new name":  {From: year, Name: "CSCA Thẻ mẫu mới"},
	} {
		t.Run(name, func(t *testing.T) {
			next := newOffice(t, cfg, identitytest.CardSignerConfig{})
			files := read(t, next.chip(t, identitytest.CardConfig{Signed: year.AddDate(0, 1, 0)}))
			link := must[[]*chip.Certificate](t)(chip.ParseCertificates(must[[]byte](t)(old.authority.Link(next.authority))))
			verify := func(a chip.Anchors) *chip.Report {
				return verifierOf(t, a, chip.Policy{}).Verify(today, files, chip.Session{})
			}
			both := append(old.anchor[:1:1], link...)
			r := verify(chip.Anchors{Cards: both, CRLs: [][]byte{next.crl}})
			expect(t, r, chip.Accepted, "")
			linked := false
			for _, s := range r.Steps {
				linked = linked || s.Code() == "chip.chain.linked" && s.Outcome == chip.Passed
			}
			if !linked {
				t.Error("the report does not say that a link was followed")
			}
			// The new key signs the lists; the old signers are covered by them.
			before := read(t, old.chip(t, identitytest.CardConfig{Signed: signed}))
			expect(t, verifierOf(t, chip.Anchors{Cards: both, CRLs: [][]byte{next.crl}}, chip.Policy{}).Verify(today, before, chip.Session{}),
				chip.Accepted, "")
			// And a list by the old key covers those of the new one, whatever it is called.
			expect(t, verify(chip.Anchors{Cards: both, CRLs: [][]byte{old.crl}}), chip.Accepted, "")
			expect(t, verify(chip.Anchors{Cards: old.anchor, CRLs: [][]byte{next.crl}}), chip.Incomplete, "chain.no-anchor")
			if _, err := chip.NewTrust(chip.Anchors{Cards: link}); codeOf(err) != "chip.trust.empty" {
				t.Errorf("a link alone is believed: %v", err)
			}
			mallory := newOffice(t, identitytest.CardAuthorityConfig{}, identitytest.CardSignerConfig{})
			stranger := must[[]*chip.Certificate](t)(chip.ParseCertificates(must[[]byte](t)(mallory.authority.Link(next.authority))))
			expect(t, verify(chip.Anchors{Cards: append(old.anchor[:1:1], stranger...), CRLs: [][]byte{next.crl}}), chip.Incomplete, "chain.no-anchor")
		})
	}
}

// TestWeakLink has the old key vouch for the new one with SHA-1, and long after it went out of use.
func TestWeakLink(t *testing.T) {
	year := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		old     identitytest.CardAuthorityConfig
		verdict chip.Verdict
		codes   string
	}{
		"SHA-1":      {identitytest.CardAuthorityConfig{Algorithm: identitytest.CardAlgorithm{Key: "P-256", Hash: crypto.SHA1}}, chip.Rejected, "chain.link-digest"},
		"out of use": {identitytest.CardAuthorityConfig{KeyTo: year.AddDate(0, -6, 0)}, chip.Incomplete, "chain.no-anchor"},
	} {
		t.Run(name, func(t *testing.T) {
			old := newOffice(t, tt.old, identitytest.CardSignerConfig{})
			next := newOffice(t, identitytest.CardAuthorityConfig{From: year}, identitytest.CardSignerConfig{})
			link := must[[]*chip.Certificate](t)(chip.ParseCertificates(must[[]byte](t)(old.authority.Link(next.authority))))
			files := read(t, next.chip(t, identitytest.CardConfig{Signed: year.AddDate(0, 1, 0)}))
			anchors := chip.Anchors{Cards: append(old.anchor[:1:1], link...), CRLs: [][]byte{next.crl}}
			expect(t, verifierOf(t, anchors, chip.Policy{}).Verify(today, files, chip.Session{}), tt.verdict, tt.codes)
		})
	}
}

func codeOf(err error) string {
	var invalid *chip.InvalidError
	if errors.As(err, &invalid) {
		return invalid.Code()
	}
	return ""
}

func TestMasterList(t *testing.T) {
	v := vietnam()
	laos := newOffice(t, identitytest.CardAuthorityConfig{Country: "LA", State: "LAO",
		Algorithm: identitytest.CardAlgorithm{Key: "brainpoolP512r1", Explicit: true}}, identitytest.CardSignerConfig{})
	der := must[[]byte](t)(laos.authority.MasterList(today, laos.authority.Certificate(), v.authority.Certificate(), []byte{0x30, 0}))
	list := must[*chip.MasterList](t)(chip.ParseMasterList(der))
	if all, ours := list.Certificates(""), list.Certificates("VN"); len(all) != 2 || len(ours) != 1 || list.Unreadable() != 1 ||
		ours[0].Fingerprint() != v.anchor[0].Fingerprint() {
		t.Errorf("%d listed, %d of Vietnam, %d unreadable", len(all), len(ours), list.Unreadable())
	}
	if err := list.Check(today, laos.anchor...); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"chip.masterlist.untrusted": list.Check(today, v.anchor...),
		"chip.masterlist.validity":  list.Check(today.AddDate(9, 0, 0), laos.anchor...),
	} {
		if codeOf(err) != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
	presumed := must[*chip.MasterList](t)(chip.ParseMasterList(must[[]byte](t)(v.signer.MasterList(identitytest.CardConfig{}))))
	if err := presumed.Check(today, v.anchor...); codeOf(err) != "chip.masterlist.usage" {
		t.Errorf("a document signer signs master lists: %v", err)
	}
	unsigned := must[[]byte](t)(v.signer.MasterList(identitytest.CardConfig{WithoutSigner: true}))
	if _, err := chip.ParseMasterList(unsigned); codeOf(err) != "chip.masterlist.signer" {
		t.Errorf("a list without its signer: %v", err)
	}
	if codeOf(list.Check(today)) != "chip.masterlist.untrusted" {
		t.Error("a list is trusted with nobody to trust")
	}
	r := verifierOf(t, chip.Anchors{Cards: list.Certificates("VN"), CRLs: [][]byte{v.crl}}, chip.Policy{}).
		Verify(today, read(t, v.chip(t, identitytest.CardConfig{Signed: signed})), chip.Session{})
	expect(t, r, chip.Accepted, "")
	weak := newOffice(t, identitytest.CardAuthorityConfig{Algorithm: identitytest.CardAlgorithm{Key: "P-256", Hash: crypto.SHA1}}, identitytest.CardSignerConfig{})
	bad := bytes.Clone(der)
	at := bytes.Index(bad, v.authority.Certificate())
	bad[at+100] ^= 1
	tests := []struct {
		name string
		der  []byte
		code string
	}{
		{"a listed byte changed", bad, "chip.masterlist.signature"},
		{"SHA-1", must[[]byte](t)(weak.authority.MasterList(today)), "chip.masterlist.digest"},
		{"something behind", append(bytes.Clone(der), 0), "chip.masterlist.form"},
		{"cut", der[:len(der)-9], "chip.masterlist.form"},
		{"a signed list of a chip", v.chip(t, identitytest.CardConfig{}).Files[chip.SOD], "chip.masterlist.form"},
		{"huge", make([]byte, 5<<20), "chip.masterlist.size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := chip.ParseMasterList(tt.der); codeOf(err) != tt.code || got != nil {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}

func TestParseCertificates(t *testing.T) {
	v := vietnam()
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: v.authority.Certificate()})
	two := must[[]*chip.Certificate](t)(chip.ParseCertificates([]byte("CSCA\n" + strings.Repeat(string(block), 2))))
	if len(two) != 2 || two[0].Country() != "VN" || two[0].Key() != "P-256" || !bytes.Equal(two[0].DER(), v.authority.Certificate()) {
		t.Errorf("read %v", two)
	}
	if from, to := two[0].Validity(); from.Year() != 2024 || to.Year() != 2029 {
		t.Error(from, to)
	}
	for name, data := range map[string]string{"nothing": "", "no certificate": "-----BEGIN X-----\n-----END X-----\n",
		"cut": string(v.authority.Certificate()[:99]), "broken block": strings.Replace(string(block), "MII", "MIJ", 1)} {
		if _, err := chip.ParseCertificates([]byte(data)); codeOf(err) != "chip.certificate.form" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewTrustRefuses(t *testing.T) {
	v := vietnam()
	signer := must[[]*chip.Certificate](t)(chip.ParseCertificates(v.signer.Certificate()))
	forged := v.authority.Certificate()
	forged[len(forged)-1] ^= 1
	broken := must[[]*chip.Certificate](t)(chip.ParseCertificates(forged))
	tests := []struct {
		name    string
		anchors chip.Anchors
		code    string
	}{
		{"nobody", chip.Anchors{}, "chip.trust.empty"},
		{"a signer is no authority", chip.Anchors{Cards: signer}, "chip.trust.empty"},
		{"a broken self-signature", chip.Anchors{Cards: broken}, "chip.trust.empty"},
		{"too many lists", chip.Anchors{Cards: v.anchor, CRLs: make([][]byte, 600)}, "chip.trust.count"},
		{"a list that is none", chip.Anchors{Cards: v.anchor, CRLs: [][]byte{{0x30, 0}}}, "chip.trust.crl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := chip.NewTrust(tt.anchors); codeOf(err) != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
	trust := must[*chip.Trust](t)(chip.NewTrust(chip.Anchors{Cards: append(v.anchor[:1:1], signer[0], broken[0])}))
	if got := trust.Unused(); len(got) != 2 {
		t.Errorf("%d unused", len(got))
	}
	if _, err := chip.NewVerifier(nil, chip.Policy{}); codeOf(err) != "chip.trust.empty" {
		t.Error(err)
	}
}
