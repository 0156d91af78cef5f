package read_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/read"
)

// Specimens of BSI TR-03137 part 1, annexes D, E and G. Their certificates are not published with them, and two are signed
// on Brainpool curves: they show the reading, not the verification.
var specimens = []struct {
	name, data, country, signer, certificate string
	version                                  int
	issued, signed                           string
	category                                 byte
	features                                 int
	tag                                      byte
	text                                     string
}{
	{"social insurance card", `dc 02 6a bc 6d 32 c8 a5 19 fc 0f 71 34 11 6d 04 fc 04 01 08 3f ee 45 6d 2d e0 19 a8 02 0b 50 65 72 73 63 68 77 65 69 c3 9f
		03 05 4f 73 63 61 72 04 13 4a c3 a2 63 6f 62 c3 a9 6e 69 64 69 63 74 75 72 69 75 73 ff 40 58 2e d0 5c b0 50 49 b4 fe 49 74 4d 5e 70 a1 98
		2f 8b 7a fb 1e 90 25 9c e4 7b a9 90 7e fc f5 94 83 f0 a0 b4 21 ec 76 0d 6f d2 28 4b ba c3 7e 13 6f 1e 3b e6 e1 4a 6f 6b c0 12 11 0c ff 91 9d 0f`,
		"D", "DETS", "00027", 3, "2020-01-01", "2020-01-14", 4, 4, 1, "65170839J003"},
	{"residence permit", `dc 03 6a bc 6d 32 c8 a7 27 39 0f 71 34 11 45 f4 fb 06 02 30 5c ba 13 58 75 97 6e c0 66 d4 17 b5 9e 8c 6a bc 13 3c 13 3c 13 3c 13 3c
		3f ef 3a 29 38 ee 43 f1 59 3d 1a e5 2d bb 26 75 1f e6 4b 7c 13 3c 13 6b 03 06 d7 95 19 a6 53 06 ff 40 15 8c f5 b0 bb 7f bd a0 99 e8 e7 c9
		4a be fc 96 77 b2 e7 1e 98 85 f5 cd 90 57 a8 bf cf 93 0a 60 46 bc f8 97 65 0a f8 f9 b0 34 3c 03 4d 2f 64 ce 08 1f 95 fb f3 d0 12 92 d1 f8
		16 5e ce 27 d3 27`, "D", "DETS", "27", 4, "2020-01-01", "2020-01-13", 6, 2, 3, "UFO001979"},
	{"address sticker", `dc 03 6a bc 6d 32 c8 a7 2c b1 0f 71 35 b7 98 15 f9 08 01 06 cf 35 19 af 97 4c 02 06 1a 70 20 85 19 a1 03 10 39 5e 26 b3 d9 a2 75 73 5b d4
		cd 48 5c a1 71 76 ff 38 91 01 f3 05 c9 aa 04 d2 ab 00 21 2c 7c f6 5f ef ca af 56 5a 54 53 8b 24 98 d6 81 a1 88 39 c9 26 56 52 6c 40 59 4b
		0b 1d a1 2a 27 f6 87 a3 50 12 78 dc 41 45 b6 e6 4a fc`, "D", "DETS", "32", 4, "2021-01-01", "2021-12-03", 8, 3, 3, "53123MUSTERMANNSTRASSE21"},
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSeals(t *testing.T) {
	for _, tt := range specimens {
		t.Run(tt.name, func(t *testing.T) {
			s, err := read.ParseSeal(unhex(t, tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if s.Country != tt.country || s.Signer != tt.signer || s.Certificate != tt.certificate || s.Version != tt.version || s.Category != tt.category {
				t.Errorf("%q %q %q, version %d, category %d", s.Country, s.Signer, s.Certificate, s.Version, s.Category)
			}
			if s.Issued.Format(time.DateOnly) != tt.issued || s.Signed.Format(time.DateOnly) != tt.signed || len(s.Features) != tt.features {
				t.Errorf("issued %v, signed %v, %d features", s.Issued, s.Signed, len(s.Features))
			}
			for _, f := range s.Features {
				if text, ok := f.Text(); f.Tag == tt.tag && (!ok || text != tt.text) {
					t.Errorf("feature %d says %q", f.Tag, text)
				}
			}
			if text := fmt.Sprintf("%v %+v %#v %s", s, *s, s.Features, s.Features[0]); strings.Contains(text, tt.text) {
				t.Errorf("printed %s", text)
			}
		})
	}
}

// TestSealSigned signs a specimen's message with a key of our own.
func TestSealSigned(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	data := unhex(t, specimens[1].data)
	message := data[:len(data)-66]
	sum := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signed := append(append([]byte{}, message...), 0xff, 64)
	signed = append(append(signed, r.FillBytes(make([]byte, 32))...), s.FillBytes(make([]byte, 32))...)
	seal, err := read.ParseSeal(signed)
	if err != nil || !seal.VerifiedBy(key.Public()) {
		t.Fatalf("the signer's key does not verify: %v", err)
	}
	signed[30] ^= 1
	if seal, err := read.ParseSeal(signed); err == nil && seal.VerifiedBy(key.Public()) {
		t.Error("a changed byte verifies")
	}
}

func TestSealRefused(t *testing.T) {
	good := unhex(t, specimens[0].data)
	change := func(at int, b ...byte) []byte {
		data := append([]byte{}, good...)
		copy(data[at:], b)
		return data
	}
	tests := []struct {
		name  string
		data  []byte
		field string
	}{
		{"empty", nil, "seal.magic"},
		{"magic", change(0, 0xDD), "seal.magic"},
		{"version", change(1, 9), "seal.version"},
		{"signer", change(4, 0, 0), "seal.text"},
		{"thirteenth month", change(10, 0xff, 0xff, 0xff), "seal.date"},
		{"cut", good[:len(good)-1], "seal"},
		{"something behind", append(append([]byte{}, good...), 0), "seal"},
		{"no signature", good[:28], "seal"},
		{"endless length", change(19, 0x84), "seal.length"},
		{"length in a longer form", change(19, 0x81, 0x08), "seal.length"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read.ParseSeal(tt.data)
			var invalid *qr.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != tt.field && tt.field != "" {
				t.Errorf("got %v, want a refusal of %s", err, tt.field)
			}
		})
	}
}

func FuzzParseSeal(f *testing.F) {
	for _, s := range specimens {
		f.Add(unhex(f, s.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := read.ParseSeal(data)
		if err != nil {
			return
		}
		for _, feature := range s.Features {
			feature.Text()
		}
	})
}
