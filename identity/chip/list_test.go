package chip_test

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// list writes an LDSSecurityObject with one group.
func list(version, group int64, digest []byte, sum []byte, more ...[]byte) []byte {
	entry := asn1x.Encode(asn1x.Sequence, asn1x.EncodeInt(big.NewInt(group)), asn1x.Encode(asn1x.OctetString, sum))
	parts := [][]byte{asn1x.EncodeInt(big.NewInt(version)), digest, asn1x.Encode(asn1x.Sequence, entry)}
	return asn1x.Encode(asn1x.Sequence, append(parts, more...)...)
}

// TestListForms signs lists that are not as Doc 9303-10, 4.6.2.3 has them.
func TestListForms(t *testing.T) {
	v := vietnam()
	sum := sha256.Sum256(v.chip(t, identitytest.CardConfig{}).Files[chip.DG1])
	digest := asn1x.Encode(asn1x.Sequence, []byte("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"))
	md5 := asn1x.Encode(asn1x.Sequence, []byte("\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00"))
	info := func(parts ...string) []byte {
		var out []byte
		for _, p := range parts {
			out = append(out, asn1x.Encode(0x13, []byte(p))...)
		}
		return asn1x.Encode(asn1x.Sequence, out)
	}
	const short = "hash.not-listed DG2"
	tests := []struct {
		name  string
		list  []byte
		codes string
	}{
		{"one group", list(0, 1, digest, sum[:]), "hash.injected DG2, hash.injected DG13"},
		{"version 1", list(1, 1, digest, sum[:], info("0108", "040000")), "hash.injected DG2, hash.injected DG13"},
		{"MD5", list(0, 1, md5, sum[:16]), "sod.digest, hash.differs DG1, hash.injected DG2, hash.injected DG13"},
		{"something behind", append(list(0, 1, digest, sum[:]), 0), "sod.lds"},
		{"version 2", list(2, 1, digest, sum[:]), "sod.lds"},
		{"version 2 with version numbers", list(2, 1, digest, sum[:], info("0108", "040000")), "sod.lds"},
		{"version 0 with version numbers", list(0, 1, digest, sum[:], info("0108", "040000")), "sod.lds"},
		{"version 1 without", list(1, 1, digest, sum[:]), "sod.lds"},
		{"half of the version numbers", list(1, 1, digest, sum[:], info("0108")), "sod.lds"},
		{"short version numbers", list(1, 1, digest, sum[:], info("108", "040000")), "sod.lds"},
		{"three version numbers", list(1, 1, digest, sum[:], info("0108", "040000", "x")), "sod.lds"},
		{"two infos", list(1, 1, digest, sum[:], info("0108", "040000"), info("0108", "040000")), "sod.lds"},
		{"group 0", list(0, 0, digest, sum[:]), "sod.lds"},
		{"group 17", list(0, 17, digest, sum[:]), "sod.lds"},
		{"group 257", list(0, 257, digest, sum[:]), "sod.lds"},
		{"short hash", list(0, 1, digest, sum[:31]), "sod.lds"},
		{"unknown digest", list(0, 1, asn1x.Encode(asn1x.Sequence, []byte("\x06\x01\x2a")), sum[:]), "sod.lds"},
		{"no groups", asn1x.Encode(asn1x.Sequence, []byte{2, 1, 0}, digest, []byte{0x30, 0}), "sod.lds"},
		{"nothing", nil, "sod.lds"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := v.chip(t, identitytest.CardConfig{Signed: signed, List: func([]byte) []byte { return tt.list }})
			delete(c.Files, chip.COM)
			r := v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{})
			codes := tt.codes
			if codes != "sod.lds" {
				codes += ", com.missing"
			}
			expect(t, r, chip.Rejected, codes)
		})
	}
	c := v.chip(t, identitytest.CardConfig{Signed: signed, List: func([]byte) []byte { return list(0, 1, digest, sum[:]) }})
	c.Files = map[chip.File][]byte{chip.DG1: c.Files[chip.DG1], chip.SOD: c.Files[chip.SOD]}
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), chip.Rejected, short+", com.missing")
}

// TestSignedMessageForms changes the message around the list without touching what is signed.
func TestSignedMessageForms(t *testing.T) {
	v := vietnam()
	good := v.chip(t, identitytest.CardConfig{Signed: signed}).Files[chip.SOD]
	kind := asn1x.EncodeOID(cms.OIDSignedData)
	for name, tt := range map[string]struct {
		sod   []byte
		codes string
	}{
		"enveloped data": {bytes.Replace(good, kind, append(kind[:len(kind)-1:len(kind)-1], 3), 1), "sod.cms"},
		"cut":            {good[:len(good)-1], "sod.frame"},
		"lengthened":     {append(bytes.Clone(good), 0x30, 0), "sod.frame"},
	} {
		c := v.chip(t, identitytest.CardConfig{Signed: signed})
		c.Files[chip.SOD] = tt.sod
		r := v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{})
		if got := codes(r); r.Verdict != chip.Rejected || got != tt.codes {
			t.Errorf("%s: %s: %q", name, r.Verdict, got)
		}
	}
}
