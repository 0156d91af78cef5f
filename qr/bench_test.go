package qr_test

import (
	"io"
	"math/rand/v2"
	"testing"

	skip2 "github.com/skip2/go-qrcode"

	"github.com/motcua/motcua/qr"
)

// citizenCode is 279 characters of base45, the length of a signed person code with a status index.
var citizenCode = func() string {
	r := rand.New(rand.NewPCG(279, 0))
	b := []byte("VN1:")
	for len(b) < 279 {
		b = append(b, string(letters45)[r.IntN(45)])
	}
	return string(b)
}()

func BenchmarkEncode(b *testing.B) {
	for _, level := range []qr.Level{qr.M, qr.Q} {
		b.Run("citizen-279/"+level.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := qr.Encode(citizenCode, level); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("citizen-279/M/skip2", func(b *testing.B) {
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
