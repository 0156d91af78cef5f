package asn1x_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/asn1x"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNormalize(t *testing.T) {
	tests := []struct{ name, in, want, rest string }{
		{"der stays", "3003020105", "3003020105", ""},
		{"rest is handed back", "30030201050000", "3003020105", "0000"},
		{"indefinite", "30800201050000", "3003020105", ""},
		{"nested indefinite", "3080308002010500000000", "30053003020105", ""},
		{"long length", "308200030201053131", "3003020105", "3131"},
		{"constructed octets", "2480040161040262630000", "0403616263", ""},
		{"segments in segments", "24082403040161040162", "04026162", ""},
		{"constructed octets, definite", "24060401610401620401", "04026162", "0401"},
		{"indefinite with inner definite", "a08030030201010000", "a0053003020101", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			der, rest, err := asn1x.Normalize(unhex(t, tt.in), asn1x.Limits{})
			if tt.want == "" {
				if err == nil {
					t.Fatalf("accepted as %x", der)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if hex.EncodeToString(der) != tt.want || hex.EncodeToString(rest) != tt.rest {
				t.Errorf("got %x, %x; want %s, %s", der, rest, tt.want, tt.rest)
			}
		})
	}
}

func TestNormalizeRefuses(t *testing.T) {
	tests := []struct{ name, in string }{
		{"empty", ""},
		{"tag alone", "30"},
		{"length alone", "3081"},
		{"high tag", "1f8001"},
		{"length beyond input", "300502"},
		{"child beyond parent", "300302050100"},
		{"unclosed indefinite", "3080020105"},
		{"primitive indefinite", "04800000"},
		{"stray end of contents", "0000"},
		{"five length octets", "30850000000001"},
		{"integer inside octets", "2403020101"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if der, _, err := asn1x.Normalize(unhex(t, tt.in), asn1x.Limits{}); !errors.Is(err, asn1x.ErrSyntax) {
				t.Errorf("got %x, %v", der, err)
			}
		})
	}
}

// Twelve megabytes of nested indefinite lengths end the process of recursive readers.
func TestNestedBombIsRefusedAtOnce(t *testing.T) {
	bomb := bytes.Repeat([]byte{0x30, 0x80}, 6<<20)
	start := time.Now()
	_, _, err := asn1x.Normalize(bomb, asn1x.Limits{})
	if !errors.Is(err, asn1x.ErrLimit) {
		t.Fatalf("got %v", err)
	}
	if took := time.Since(start); took > 50*time.Millisecond {
		t.Errorf("took %v", took)
	}
	wide := asn1x.Encode(asn1x.Sequence, bytes.Repeat([]byte{5, 0}, 1<<20))
	if _, _, err := asn1x.Normalize(wide, asn1x.Limits{}); !errors.Is(err, asn1x.ErrLimit) {
		t.Errorf("wide: got %v", err)
	}
	big := asn1x.Encode(asn1x.OctetString, make([]byte, 5<<20))
	if _, _, err := asn1x.Normalize(big, asn1x.Limits{}); !errors.Is(err, asn1x.ErrLimit) {
		t.Errorf("big: got %v", err)
	}
}

func TestSetOfIsSorted(t *testing.T) {
	got := asn1x.EncodeSetOf([]byte{2, 1, 9}, []byte{2, 1, 3}, []byte{1, 1, 0xff})
	if want := unhex(t, "31090101ff020103020109"); !bytes.Equal(got, want) {
		t.Errorf("got %x want %x", got, want)
	}
}

func TestCursorReadsWhatEncodeWrites(t *testing.T) {
	id := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	for _, size := range []int{0, 1, 127, 128, 255, 256, 65535, 65536} {
		full := asn1x.Encode(asn1x.Sequence, asn1x.EncodeOID(id), asn1x.Encode(asn1x.OctetString, make([]byte, size)))
		c := asn1x.Open(full)
		seq, err := c.Take(asn1x.Sequence)
		if err != nil || c.End() != nil {
			t.Fatal(err, c.End())
		}
		in := asn1x.Open(seq.Body)
		if got, err := in.OID(); err != nil || !got.Equal(id) {
			t.Fatal(got, err)
		}
		if e, err := in.Take(asn1x.OctetString); err != nil || len(e.Body) != size {
			t.Fatal(len(e.Body), err)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"3003020105", "30800201050000", "2480040161040262630000", "3080308002010500000000"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		der, rest, err := asn1x.Normalize(in, asn1x.Limits{})
		if err != nil {
			return
		}
		if len(rest) > len(in) {
			t.Fatal("rest longer than input")
		}
		again, tail, err := asn1x.Normalize(der, asn1x.Limits{Size: 8 << 20})
		if err != nil || len(tail) != 0 || !bytes.Equal(again, der) {
			t.Fatalf("not a fixed point: %x -> %x, %v", der, again, err)
		}
	})
}

// Object identifiers and integers are read and written as encoding/asn1 does it.
func FuzzPrimitives(f *testing.F) {
	for _, body := range [][]byte{{}, {0}, {0, 1}, {0, 0x80}, {0xff, 0x80}, {0xff, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}, {39}, {40}, {79}, {80}, {0x88, 0x37}, {0x80, 1}, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d},
		{0x2a, 0x86}, {0x2a, 0x80, 1}, {0x87, 0xff, 0xff, 0xff, 0x7f}, {0x88, 0x80, 0x80, 0x80, 0}, {0x2a, 0x87, 0xff, 0xff, 0xff, 0x7f},
		{0x2a, 0x88, 0x80, 0x80, 0x80, 0}, {0x2a, 0x81, 0x80, 0x80, 0x80, 0x80, 0}} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		full := asn1x.Encode(asn1x.OID, body)
		var want asn1.ObjectIdentifier
		_, wantErr := asn1.Unmarshal(full, &want)
		got, err := asn1x.Open(full).OID()
		if (err == nil) != (wantErr == nil) || err == nil && !got.Equal(want) {
			t.Fatalf("%x: got %v, %v; want %v, %v", body, got, err, want, wantErr)
		}
		if again, err := asn1.Marshal(want); wantErr == nil && (err != nil || !bytes.Equal(asn1x.EncodeOID(got), again)) {
			t.Fatalf("%v: written as %x, want %x", got, asn1x.EncodeOID(got), again)
		}
		full = asn1x.Encode(asn1x.Integer, body)
		var n int
		_, wantErr = asn1.Unmarshal(full, &n)
		if m, err := asn1x.Open(full).Int(); (err == nil) != (wantErr == nil) || err == nil && m != n {
			t.Fatalf("%x: got %d, %v; want %d, %v", body, m, err, n, wantErr)
		}
	})
}
