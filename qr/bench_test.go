package qr_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	skip2 "github.com/skip2/go-qrcode"
	"github.com/veraison/go-cose"

	"github.com/motcua/motcua/internal/base45"
	"github.com/motcua/motcua/qr"
)

// citizenCode is 279 characters of base45, the length of a signed person code with a status index.
var citizenCode = func() string {
	r := mathrand.New(mathrand.NewPCG(279, 0))
	b := []byte("VN1:")
	for len(b) < 279 {
		b = append(b, string(letters45)[r.IntN(45)])
	}
	return string(b)
}()

func BenchmarkEncode(b *testing.B) {
	for _, level := range []qr.Level{qr.M, qr.Q} {
		b.Run("citizen-279-"+level.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := qr.Encode(citizenCode, level); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("skip2-279-M", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			code, err := skip2.New(citizenCode, skip2.Medium)
			if err != nil {
				b.Fatal(err)
			}
			code.Bitmap()
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	s, err := qr.Encode(citizenCode, qr.Q)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("svg", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.WriteSVG(io.Discard, "Mã tra cứu"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("png-6px", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.WritePNG(io.Discard, 6); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// paired times an act beside its bare signature in turns, so that a noisy machine slows both alike, and reports the
// ratio of the lower quartiles.
func paired(b *testing.B, act, bare func()) {
	b.ReportAllocs()
	var acts, bares []time.Duration
	for b.Loop() {
		start := time.Now()
		act()
		middle := time.Now()
		bare()
		acts, bares = append(acts, middle.Sub(start)), append(bares, time.Since(middle))
	}
	slices.Sort(acts)
	slices.Sort(bares)
	a, s := acts[len(acts)/4], bares[len(bares)/4]
	b.ReportMetric(float64(a.Nanoseconds()), "ns/act")
	b.ReportMetric(float64(s.Nanoseconds()), "ns/bare")
	b.ReportMetric(float64(a)/float64(s), "x-bare")
}

func BenchmarkCode(b *testing.B) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	p256 := newP256(b)
	digest := sha256.Sum256([]byte("bare"))
	der, err := ecdsa.SignASN1(rand.Reader, p256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	long := make([]byte, 205) // Ed25519 hashes the message itself: the bare act gets as much as a receipt
	signed := ed25519.Sign(ed, long)
	bareVerify := map[string]func(){
		"ES256": func() { ecdsa.VerifyASN1(&p256.PublicKey, digest[:], der) },
		"EdDSA": func() { ed25519.Verify(ed.Public().(ed25519.PublicKey), long, signed) },
	}
	bareSign := map[string]func(){
		"ES256": func() {
			if _, err := ecdsa.SignASN1(rand.Reader, p256, digest[:]); err != nil {
				b.Fatal(err)
			}
		},
		"EdDSA": func() { ed25519.Sign(ed, long) },
	}
	for name, signer := range map[string]crypto.Signer{"ES256": p256, "EdDSA": ed} {
		o := newOfficeOf(b, signer)
		verifier, issuer := o.verifier(b), o.issuer(b)
		text, at := o.issue(b, receipt()).Text(), noon.Add(time.Hour)
		claims := receipt()
		b.Run("verify/"+name, func(b *testing.B) {
			paired(b, func() {
				if report := verifier.Verify(text, at); !report.Valid() {
					b.Fatal(report.Reasons)
				}
			}, bareVerify[name])
		})
		b.Run("issue/"+name, func(b *testing.B) {
			paired(b, func() {
				if _, err := issuer.Issue(claims); err != nil {
					b.Fatal(err)
				}
			}, bareSign[name])
		})
	}
	b.Run("verify/ES256/go-cose+fxamacker", func(b *testing.B) {
		act := peerVerify(b, newOfficeOf(b, p256))
		paired(b, act, bareVerify["ES256"])
	})
	o := newOfficeOf(b, p256)
	verifier := o.verifier(b)
	spoilt := o.issue(b, receipt()).Text()[:200]
	b.Run("refuse-malformed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if report := verifier.Verify(spoilt, noon); report.Verdict != qr.Malformed {
				b.Fatal(report.Verdict)
			}
		}
	})
}

// peerVerify is the same work with the kept libraries in their strict modes: base45, go-cose, the claims decoded and
// encoded again to see that they were deterministic.
func peerVerify(b *testing.B, o *office) func() {
	decode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, BignumTag: cbor.BignumTagForbidden,
	}.DecMode()
	if err != nil {
		b.Fatal(err)
	}
	encode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		b.Fatal(err)
	}
	checker, err := cose.NewVerifier(cose.AlgorithmES256, o.signer.Public())
	if err != nil {
		b.Fatal(err)
	}
	text := o.issue(b, receipt()).Text()
	type claims struct {
		Issuer   string         `cbor:"1,keyasint"`
		Expires  int64          `cbor:"4,keyasint"`
		IssuedAt int64          `cbor:"6,keyasint"`
		ID       []byte         `cbor:"7,keyasint"`
		Kind     int            `cbor:"-70001,keyasint"`
		Body     map[uint64]any `cbor:"-70002,keyasint"`
	}
	return func() {
		data, err := base45.AppendDecoded(nil, text[4:])
		if err != nil {
			b.Fatal(err)
		}
		var m cose.Sign1Message
		if err := m.UnmarshalCBOR(data); err != nil {
			b.Fatal(err)
		}
		if err := m.Verify(nil, checker); err != nil {
			b.Fatal(err)
		}
		var c claims
		if err := decode.Unmarshal(m.Payload, &c); err != nil {
			b.Fatal(err)
		}
		if again, err := encode.Marshal(c); err != nil || !bytes.Equal(again, m.Payload) {
			b.Fatal("not deterministic", err)
		}
	}
}
