package detcbor_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/motcua/motcua/internal/detcbor"
)

// readAll follows a schema with everything in it, tag([[bytes, text, {int: int}], …]), and writes what it has read.
func readAll(data []byte) ([]byte, error) {
	r := detcbor.NewReader(data)
	out := detcbor.AppendTag(nil, 18)
	if r.Tag() != 18 {
		r.Fail("tag 18")
	}
	n := r.Array(64)
	out = detcbor.AppendArray(out, n)
	for range n {
		if out = detcbor.AppendArray(out, 3); r.Array(64) != 3 {
			r.Fail("three items")
		}
		out = detcbor.AppendBytes(out, r.Bytes())
		out = detcbor.AppendText(out, r.Text())
		var pairs []byte
		m, count := r.Map(64), 0
		for key, ok := m.Next(); ok; key, ok = m.Next() {
			pairs = detcbor.AppendInt(detcbor.AppendInt(pairs, key), r.Int())
			count++
		}
		out = append(detcbor.AppendMap(out, count), pairs...)
		if r.Err() != nil {
			break
		}
	}
	return out, r.End()
}

func mustHex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestReaderTakesOnlyWhatTheWriterWrites(t *testing.T) {
	tests := []struct {
		name, data string
		ok         bool
	}{
		{"deterministic", "d28183" + "41ff" + "62c491" + "a3" + "0118ff" + "1903e820" + "3904d200", true},
		{"empty array", "d280", true},
		{"trailing byte", "d28000", false},
		{"cut off", "d281", false},
		{"tag in two bytes", "d81280", false},
		{"count in two bytes", "d2980183" + "40" + "60" + "a0", false},
		{"length in two bytes", "d28183" + "5801ff" + "60" + "a0", false},
		{"integer in two bytes", "d28183" + "40" + "60" + "a1" + "1801" + "00", false},
		{"integer in three bytes", "d28183" + "40" + "60" + "a1" + "1900ff" + "00", false},
		{"integer in five bytes", "d28183" + "40" + "60" + "a1" + "1a0000ffff" + "00", false},
		{"integer in nine bytes", "d28183" + "40" + "60" + "a1" + "1b00000000ffffffff" + "00", false},
		{"duplicate key", "d28183" + "40" + "60" + "a2" + "0100" + "0101", false},
		{"keys descending", "d28183" + "40" + "60" + "a2" + "0200" + "0101", false},
		{"negative key before", "d28183" + "40" + "60" + "a2" + "2000" + "0101", false},
		{"indefinite array", "d29f83" + "40" + "60" + "a0" + "ff", false},
		{"indefinite bytes", "d28183" + "5f41ffff" + "60" + "a0", false},
		{"indefinite map", "d28183" + "40" + "60" + "bf0100ff", false},
		{"bignum", "d28183" + "40" + "60" + "a1" + "01" + "c249010000000000000000", false},
		{"integer over 64 bits", "d28183" + "40" + "60" + "a1" + "01" + "3bffffffffffffffff", false},
		{"float", "d28183" + "40" + "60" + "a1" + "01" + "f93c00", false},
		{"text that is no UTF-8", "d28183" + "40" + "61ff" + "a0", false},
		{"65 items", "d29841", false},
		{"2^32 items", "d29affffffff", false},
		{"length over the data", "d28183" + "5bffffffffffffffff", false},
	}
	for _, tt := range tests {
		data := mustHex(t, tt.data)
		out, err := readAll(data)
		if tt.ok && (err != nil || !bytes.Equal(out, data)) {
			t.Errorf("%s: %x, %v, want the same bytes", tt.name, out, err)
		}
		if where := (*detcbor.Error)(nil); !tt.ok && !errors.As(err, &where) {
			t.Errorf("%s: error %v, want an *Error", tt.name, err)
		}
	}
}

// FuzzAgainstPeer holds every accepted input to a second implementation in its strictest mode.
func FuzzAgainstPeer(f *testing.F) {
	f.Add(mustHex(f, "d2818341ff62c491a30118ff1903e8203904d200"))
	f.Add(mustHex(f, "d280"))
	f.Add(mustHex(f, "d281834060a201000101"))
	decode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, BignumTag: cbor.BignumTagForbidden,
	}.DecMode()
	if err != nil {
		f.Fatal(err)
	}
	encode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := readAll(data)
		if err != nil {
			return
		}
		if !bytes.Equal(out, data) {
			t.Fatalf("%x was read as %x", data, out)
		}
		var value any
		if err := decode.Unmarshal(data, &value); err != nil {
			t.Fatalf("%x: the peer refuses it: %v", data, err)
		}
		if again, err := encode.Marshal(value); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%x: the peer writes %x, %v", data, again, err)
		}
	})
}

func TestBooleansAndChoices(t *testing.T) {
	data := detcbor.AppendUint(detcbor.AppendBool(detcbor.AppendBool(detcbor.AppendArray(nil, 3), true), false), 7)
	if want := mustHex(t, "83f5f407"); !bytes.Equal(data, want) {
		t.Fatalf("%x, want %x", data, want)
	}
	r := detcbor.NewReader(data)
	if !r.IsArray() || r.IsUint() || r.Array(3) != 3 || r.IsArray() || !r.Bool() || r.Bool() || !r.IsUint() || r.Uint() != 7 ||
		r.IsUint() || r.IsArray() || r.End() != nil {
		t.Errorf("%x does not come back: %v", data, r.Err())
	}
	for _, bad := range []string{"", "f6", "f7", "f820", "00", "e0", "f9"} {
		r := detcbor.NewReader(mustHex(t, bad))
		if r.Bool(); r.Err() == nil {
			t.Errorf("%q was read as a boolean", bad)
		}
	}
}
