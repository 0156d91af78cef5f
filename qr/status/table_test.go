package status_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/motcua/motcua/qr/status"
)

func ExampleTable() {
	table, err := status.New(1000, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Set(417, status.Revoked))
	revoked, ok := table.At(417)
	good, _ := table.At(418)
	_, inside := table.At(1000)
	fmt.Println(revoked, ok, good, inside)
	// Output:
	// <nil>
	// revoked true good false
}

// TestExamplesOfTheDraft holds the packing to section 4 of the draft: the bytes, and the streams printed there.
func TestExamplesOfTheDraft(t *testing.T) {
	tests := []struct {
		name   string
		bits   int
		values []status.Value
		raw    string
		packed string
	}{
		{"one bit", 1, []status.Value{1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1}, "b9a3", "78dadbb918000217015d"},
		{"two bits", 2, []status.Value{1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3}, "c944f9", "78da3be9f2130003df0207"},
	}
	for _, tt := range tests {
		table, err := status.New(uint64(len(tt.values)), tt.bits)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range tt.values {
			if err := table.Set(uint64(i), v); err != nil {
				t.Fatal(err)
			}
		}
		if got := hex.EncodeToString(table.Bytes()); got != tt.raw {
			t.Errorf("%s: bytes %s, want %s", tt.name, got, tt.raw)
		}
		packed, err := hex.DecodeString(tt.packed)
		if err != nil {
			t.Fatal(err)
		}
		read, err := status.Inflate(packed, uint64(len(tt.values)), tt.bits)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		for i, want := range tt.values {
			if got, ok := read.At(uint64(i)); got != want || !ok {
				t.Errorf("%s: place %d is %v, want %v", tt.name, i, got, want)
			}
		}
	}
}

func TestSetTouchesOnePlace(t *testing.T) {
	for _, bits := range []int{1, 2, 4, 8} {
		const size = 101
		table, err := status.New(size, bits)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]status.Value, size)
		r := rand.New(rand.NewPCG(1, uint64(bits)))
		for range 1000 {
			i, v := r.Uint64N(size), status.Value(r.IntN(1<<bits))
			want[i] = v
			if err := table.Set(i, v); err != nil {
				t.Fatal(err)
			}
		}
		packed, err := table.Deflate()
		if err != nil {
			t.Fatal(err)
		}
		read, err := status.Inflate(packed, size, bits)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if got, ok := read.At(uint64(i)); got != want[i] || !ok {
				t.Fatalf("%d bits: place %d is %v, want %v", bits, i, got, want[i])
			}
		}
		if _, ok := read.At(size); ok {
			t.Errorf("%d bits: a place behind the end has a status", bits)
		}
	}
}

func deflate(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestRefusals(t *testing.T) {
	small, err := status.New(12, 2)
	if err != nil {
		t.Fatal(err)
	}
	inflate := func(packed []byte, size uint64, bits int) error {
		_, err := status.Inflate(packed, size, bits)
		return err
	}
	make := func(size uint64, bits int) error { _, err := status.New(size, bits); return err }
	tests := []struct {
		name  string
		err   error
		field string
	}{
		{"no places", make(0, 1), "size"},
		{"too many places", make(status.MaxSize+1, 1), "size"},
		{"three bits", make(8, 3), "bits"},
		{"no bits", make(8, 0), "bits"},
		{"16 bits", make(8, 16), "bits"},
		{"behind the end", small.Set(12, 1), "index"},
		{"too wide a value", small.Set(0, 4), "value"},
		{"no stream", inflate(nil, 8, 1), "packed"},
		{"no zlib", inflate([]byte("hello"), 8, 1), "packed"},
		{"a byte short", inflate(deflate(t, []byte{1}), 9, 1), "packed"},
		{"a byte long", inflate(deflate(t, []byte{1, 2}), 8, 1), "packed"},
		{"a bomb", inflate(deflate(t, bytes.Repeat([]byte{0}, 8<<20)), 8, 1), "packed"},
		{"a byte behind the stream", inflate(append(deflate(t, []byte{1}), 0), 8, 1), "packed"},
		{"a bit behind the last place", inflate(deflate(t, []byte{0x80}), 7, 1), "packed"},
		{"a broken checksum", inflate(deflate(t, []byte{1})[:8], 8, 1), "packed"},
		{"a stream too large", inflate(bytes.Repeat([]byte{0}, status.MaxPacked+1), 8, 1), "packed"},
	}
	for _, tt := range tests {
		if refused := (*status.Error)(nil); !errors.As(tt.err, &refused) || refused.Field != tt.field {
			t.Errorf("%s: %v, want a refusal of %s", tt.name, tt.err, tt.field)
		}
	}
}

func FuzzInflate(f *testing.F) {
	f.Add(deflate(f, []byte{0xb9, 0xa3}), uint32(16), uint8(1))
	f.Add(deflate(f, []byte{0xc9, 0x44, 0xf9}), uint32(12), uint8(2))
	f.Add([]byte{0x78, 0xda}, uint32(0), uint8(8))
	f.Fuzz(func(t *testing.T, packed []byte, size uint32, bits uint8) {
		table, err := status.Inflate(packed, uint64(size%(1<<20)), int(bits))
		if err != nil {
			return
		}
		again, err := table.Deflate()
		if err != nil {
			t.Fatal(err)
		}
		second, err := status.Inflate(again, table.Size(), table.Bits())
		if err != nil || !bytes.Equal(second.Bytes(), table.Bytes()) {
			t.Fatalf("the table does not come back: %v", err)
		}
	})
}

func BenchmarkAt(b *testing.B) {
	table, err := status.New(10_000_000, 2)
	if err != nil {
		b.Fatal(err)
	}
	sum, i := status.Value(0), uint64(1)
	for b.Loop() {
		v, _ := table.At(i)
		sum += v
		i = i * 6364136223846793005 % 10_000_000
	}
	if sum != 0 {
		b.Fatal("a status out of nothing")
	}
}
