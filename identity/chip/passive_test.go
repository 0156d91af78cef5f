package chip_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
)

func TestGenuineChips(t *testing.T) {
	v := vietnam()
	tests := []struct {
		name string
		cfg  identitytest.CardConfig
	}{
		{"citizen card", identitytest.CardConfig{Signed: signed}},
		{"passport", identitytest.CardConfig{Signed: signed, Passport: true}},
		{"signer by key identifier", identitytest.CardConfig{Signed: signed, ByKeyID: true}},
		{"list of version 1", identitytest.CardConfig{Signed: signed, Version: 1}},
		{"attributes signed in order, written in another", identitytest.CardConfig{Signed: signed, Unsorted: true}},
		{"issuer's name in other string types", identitytest.CardConfig{Signed: signed, OtherEncoding: true}},
		{"no signing time", identitytest.CardConfig{}},
		{"other hash than the signer's", identitytest.CardConfig{Hash: crypto.SHA512}},
		{"authority's certificate embedded too", identitytest.CardConfig{Certificates: [][]byte{v.authority.Certificate()}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := ""
			if tt.cfg.Signed.IsZero() {
				want = "signing-time.not-given"
			}
			r := v.verifier(t, chip.Policy{}).Verify(today, read(t, v.chip(t, tt.cfg)), chip.Session{})
			expect(t, r, chip.Accepted, want)
			if r.State != "VNM" || (r.Kind == chip.Passport) != tt.cfg.Passport || r.Signer == nil || r.Authority == nil {
				t.Errorf("the report says %v of %s", r.Kind, r.State)
			}
		})
	}
}

// TestEveryAlgorithm signs lists, and certificates of signers, with each.
func TestEveryAlgorithm(t *testing.T) {
	for _, a := range identitytest.CardAlgorithms() {
		t.Run(names(a), func(t *testing.T) {
			o := officeOf(t, a)
			verifier := o.verifier(t, chip.Policy{})
			expect(t, verifier.Verify(today, read(t, o.chip(t, identitytest.CardConfig{Signed: signed})), chip.Session{}), chip.Accepted, "")
			bad := o.chip(t, identitytest.CardConfig{Signed: signed, Flaws: []identitytest.CardFlaw{identitytest.CardBadSignature}})
			expect(t, verifier.Verify(today, read(t, bad), chip.Session{}), chip.Rejected, "signature.wrong")
		})
	}
}

func TestFlawsAreRejected(t *testing.T) {
	v := vietnam()
	tests := []struct {
		flaw    identitytest.CardFlaw
		verdict chip.Verdict
		codes   string
	}{
		{identitytest.CardWrongHash, chip.Rejected, "hash.differs DG1"},
		{identitytest.CardSwappedZone, chip.Rejected, "hash.differs DG1, agreement.differs"},
		{identitytest.CardSwappedPortrait, chip.Rejected, "hash.differs DG2"},
		{identitytest.CardInjectedFile, chip.Rejected, "hash.injected DG13"},
		{identitytest.CardMissingZone, chip.Incomplete, "chain.no-kind, hash.not-read DG1"},
		{identitytest.CardTrailing, chip.Rejected, "sod.trailing"},
		{identitytest.CardNoAttributes, chip.Rejected, "signature.attributes, signing-time.not-given"},
		{identitytest.CardOtherType, chip.Rejected, "signature.attributes"},
		{identitytest.CardBadSignature, chip.Rejected, "signature.wrong"},
		{identitytest.CardTwoSigners, chip.Rejected, "sod.signers"},
		{identitytest.CardManyCerts, chip.Rejected, "sod.cms"},
		{identitytest.CardTwiceListed, chip.Rejected, "sod.lds"},
	}
	for _, tt := range tests {
		t.Run(string(tt.flaw), func(t *testing.T) {
			spoilt := v.chip(t, identitytest.CardConfig{Signed: signed, Flaws: []identitytest.CardFlaw{tt.flaw}})
			expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, spoilt), chip.Session{}), tt.verdict, tt.codes)
		})
	}
}

// TestFilesLeftOut reads only part of the chip.
func TestFilesLeftOut(t *testing.T) {
	v := vietnam()
	tests := []struct {
		name    string
		without chip.File
		verdict chip.Verdict
		codes   string
	}{
		{"portrait", chip.DG2, chip.Accepted, "hash.no-portrait DG2"},
		{"details", chip.DG13, chip.Accepted, "hash.not-read DG13"},
		{"list of files", chip.COM, chip.Accepted, "com.missing"},
		{"signed list", chip.SOD, chip.Incomplete, "sod.missing"},
		{"zone", chip.DG1, chip.Incomplete, "chain.no-kind, hash.not-read DG1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := v.chip(t, identitytest.CardConfig{Signed: signed})
			delete(c.Files, tt.without)
			expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), tt.verdict, tt.codes)
		})
	}
	bare := v.chip(t, identitytest.CardConfig{Signed: signed, WithoutPortrait: true})
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, bare), chip.Session{}), chip.Rejected, "hash.not-listed DG2")
	anonymous := v.chip(t, identitytest.CardConfig{Signed: signed, WithoutSigner: true})
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, anonymous), chip.Session{}), chip.Incomplete, "signer.missing")
	anonymous = v.chip(t, identitytest.CardConfig{WithoutSigner: true})
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, anonymous), chip.Session{}), chip.Incomplete, "signer.missing")
	r := v.verifier(t, chip.Policy{}).Verify(today, chip.Files{}, chip.Session{})
	expect(t, r, chip.Incomplete, "sod.missing")
}

func TestBrokenFiles(t *testing.T) {
	v := vietnam()
	base := func() *identitytest.CardChip { return v.chip(t, identitytest.CardConfig{Signed: signed}) }
	tests := []struct {
		name    string
		spoil   func(map[chip.File][]byte)
		verdict chip.Verdict
		codes   string
	}{
		{"list of files malformed", func(f map[chip.File][]byte) { f[chip.COM] = []byte{0x60, 2, 0x5c, 9} }, chip.Accepted, "com.form"},
		{"list of files shorter", func(f map[chip.File][]byte) { f[chip.COM] = []byte{0x60, 3, 0x5c, 1, 0x61} }, chip.Accepted, "com.differs"},
		{"signed list under another tag", func(f map[chip.File][]byte) { f[chip.SOD][0] = 0x78 }, chip.Rejected, "sod.frame"},
		{"something behind the signed list", func(f map[chip.File][]byte) { f[chip.SOD] = append(f[chip.SOD], 0) }, chip.Rejected, "sod.frame"},
		{"something behind the zone", func(f map[chip.File][]byte) { f[chip.DG1] = append(f[chip.DG1], 0) }, chip.Rejected,
			"hash.differs DG1, content.zone DG1, chain.no-kind"},
		{"another hash in the signed list", func(f map[chip.File][]byte) {
			sum := sha256.Sum256(f[chip.DG1])
			f[chip.SOD] = bytes.Replace(f[chip.SOD], sum[:], make([]byte, 32), 1)
		}, chip.Rejected, "signature.content, hash.differs DG1"},
		{"signed list is no message", func(f map[chip.File][]byte) { f[chip.SOD] = []byte{0x77, 2, 5, 0} }, chip.Rejected, "sod.cms"},
		{"nested bomb", func(f map[chip.File][]byte) {
			bomb := make([]byte, 1<<18)
			for i := range bomb {
				bomb[i] = []byte{0x30, 0x80}[i%2]
			}
			f[chip.SOD] = append([]byte{0x77, 0x83, 4, 0, 0}, bomb...)
		}, chip.Rejected, "sod.cms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := base()
			tt.spoil(c.Files)
			start := time.Now()
			expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), tt.verdict, tt.codes)
			if took := time.Since(start); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestOlderContentType signs the list under content types from before the standard.
func TestOlderContentType(t *testing.T) {
	v := vietnam()
	for _, kind := range [][]int{{1, 3, 27, 1, 1, 1}, {1, 2, 528, 1, 1006, 1, 20, 1}} {
		c := v.chip(t, identitytest.CardConfig{Signed: signed, ContentType: kind})
		expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), chip.Accepted, "sod.old-type")
	}
	c := v.chip(t, identitytest.CardConfig{Signed: signed, ContentType: []int{2, 23, 136, 1, 1, 2}})
	expect(t, v.verifier(t, chip.Policy{}).Verify(today, read(t, c), chip.Session{}), chip.Rejected, "sod.type")
}

// TestVerifierIsShared has many readers ask one verifier at once, about genuine and spoilt chips; run it with -race.
func TestVerifierIsShared(t *testing.T) {
	v := vietnam()
	verifier := v.verifier(t, chip.Policy{})
	good := read(t, v.chip(t, identitytest.CardConfig{Signed: signed}))
	bad := read(t, v.chip(t, identitytest.CardConfig{Signed: signed, Flaws: []identitytest.CardFlaw{identitytest.CardWrongHash}}))
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			files, want := good, chip.Accepted
			if i%2 == 1 {
				files, want = bad, chip.Rejected
			}
			for range 8 {
				if r := verifier.Verify(today, files, chip.Session{}); r.Verdict != want {
					t.Errorf("%s, want %s", r.Verdict, want)
				}
			}
		})
	}
	group.Wait()
}
