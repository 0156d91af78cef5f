package chip_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/identity/identitytest"
	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/csca"
	"github.com/motcua/motcua/internal/eccurve"
)

// floor is what nobody gets around: the signature over the list, that over the signer's certificate, and the hashes, with
// keys that are ready and inputs that are cut out already.
func floor(b *testing.B, o office, c *identitytest.CardChip) func() {
	b.Helper()
	message, raw, _, err := cms.ParseRaw(c.Files[chip.SOD][4:])
	if err != nil {
		b.Fatal(err)
	}
	parse := func(der []byte) *csca.Certificate { return must[*csca.Certificate](b)(csca.Parse(der)) }
	signer, authority := parse(raw[0]), parse(o.authority.Certificate())
	s := message.Signers[0]
	first := check(b, signer.Key, s.Scheme, s.SignedBytes(), s.Value)
	second := check(b, authority.Key, signer.Scheme, signer.RawTBS, signer.Signature)
	return func() {
		if !first() || !second() {
			b.Fatal("a good signature fails")
		}
		for _, data := range [][]byte{message.Content, c.Files[chip.DG1], c.Files[chip.DG2], c.Files[chip.DG13]} {
			h := crypto.SHA256.New()
			h.Write(data)
			h.Sum(nil)
		}
	}
}

func check(b *testing.B, key csca.Key, scheme cms.Scheme, message, value []byte) func() bool {
	b.Helper()
	digest := func() []byte { h := scheme.Hash.New(); h.Write(message); return h.Sum(nil) }
	switch {
	case scheme.Kind == cms.PKCS1v15:
		return func() bool { return rsa.VerifyPKCS1v15(key.RSA, scheme.Hash, digest(), value) == nil }
	case key.EC.Curve().Name == "P-256":
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key.EC.Bytes())
		if err != nil {
			b.Fatal(err)
		}
		return func() bool { return ecdsa.VerifyASN1(public, digest(), value) }
	}
	r, s, err := eccurve.Signature(value)
	if err != nil {
		b.Fatal(err)
	}
	return func() bool { return key.EC.Verify(digest(), r, s) }
}

// BenchmarkPassive runs the floor and the whole in turns and reports the quietest turn of each: on a shared machine what
// interrupts one interrupts the other.
func BenchmarkPassive(b *testing.B) {
	for _, a := range []struct {
		name              string
		authority, signer identitytest.CardAlgorithm
	}{
		{"RSA4096-RSA2048", identitytest.CardAlgorithm{Key: "RSA 4096"}, identitytest.CardAlgorithm{Key: "RSA 2048"}},
		{"P256", identitytest.CardAlgorithm{Key: "P-256"}, identitytest.CardAlgorithm{Key: "P-256"}},
		{"brainpoolP256-explicit", identitytest.CardAlgorithm{Key: "brainpoolP256r1", Explicit: true},
			identitytest.CardAlgorithm{Key: "brainpoolP256r1", Explicit: true}},
		{"brainpoolP512-P256", identitytest.CardAlgorithm{Key: "brainpoolP512r1", Explicit: true, Hash: crypto.SHA512},
			identitytest.CardAlgorithm{Key: "brainpoolP256r1", Explicit: true}},
	} {
		o := newOffice(b, identitytest.CardAuthorityConfig{Algorithm: a.authority}, identitytest.CardSignerConfig{Algorithm: a.signer})
		trust := must[*chip.Trust](b)(chip.NewTrust(chip.Anchors{Cards: o.anchor, CRLs: [][]byte{o.crl}}))
		c := o.chip(b, identitytest.CardConfig{Signed: signed})
		files := read(b, c)
		bare := floor(b, o, c)
		verify := func(verifier *chip.Verifier) {
			if r := verifier.Verify(today, files, chip.Session{}); r.Verdict != chip.Accepted {
				b.Fatal(codes(r))
			}
		}
		b.Run(a.name+"/first", func(b *testing.B) { // a signer that the verifier has not met
			turns(b, bare, func() { verify(must[*chip.Verifier](b)(chip.NewVerifier(trust, chip.Policy{}))) })
		})
		b.Run(a.name+"/again", func(b *testing.B) {
			verifier := must[*chip.Verifier](b)(chip.NewVerifier(trust, chip.Policy{}))
			turns(b, bare, func() { verify(verifier) })
		})
	}
}

func turns(b *testing.B, floor, work func()) {
	b.Helper()
	quietest := func(f func(), best time.Duration) time.Duration {
		start, n := time.Now(), 0
		for ; n == 0 || time.Since(start) < 4*time.Millisecond; n++ {
			f()
		}
		if took := time.Since(start) / time.Duration(n); best == 0 || took < best {
			return took
		}
		return best
	}
	var below, above time.Duration
	for b.Loop() {
		below = quietest(floor, below)
		above = quietest(work, above)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(below.Nanoseconds()), "bare-ns")
	b.ReportMetric(float64(above.Nanoseconds()), "whole-ns")
	b.ReportMetric(float64(above)/float64(below), "ratio")
}

// BenchmarkAllocations is the whole by itself, for its allocations.
func BenchmarkAllocations(b *testing.B) {
	o := vietnam()
	verifier := o.verifier(b, chip.Policy{})
	files := read(b, o.chip(b, identitytest.CardConfig{Signed: signed}))
	b.ReportAllocs()
	for b.Loop() {
		verifier.Verify(today, files, chip.Session{})
	}
}
