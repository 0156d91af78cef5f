package base45_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/motcua/motcua/internal/base45"
)

func TestExamplesOfTheRFC(t *testing.T) {
	tests := []struct{ plain, text string }{
		{"", ""}, {"AB", "BB8"}, {"Hello!!", "%69 VD92EX0"}, {"base-45", "UJCLQE7W581"}, {"ietf!", "QED8WEX0"},
	}
	for _, tt := range tests {
		if got := base45.Append(nil, []byte(tt.plain)); string(got) != tt.text || len(got) != base45.EncodedLen(len(tt.plain)) {
			t.Errorf("%q: encoded %q, want %q", tt.plain, got, tt.text)
		}
		if got, err := base45.AppendDecoded(nil, tt.text); err != nil || string(got) != tt.plain {
			t.Errorf("%q: decoded %q, %v, want %q", tt.text, got, err, tt.plain)
		}
	}
}

func TestRefused(t *testing.T) {
	tests := []struct{ name, text string }{
		{"one character over", "BB8B"},
		{"lower case", "bb8"},
		{"outside the alphabet", "B_8"},
		{"not ASCII", "BBẠ"},
		{"three characters above 65535", "GGW"},
		{"two characters above 255", ":5:"[:2]},
		{"line end", "BB8\n"},
	}
	for _, tt := range tests {
		if _, err := base45.AppendDecoded(nil, tt.text); !errors.Is(err, base45.ErrText) {
			t.Errorf("%s: error %v, want ErrText", tt.name, err)
		}
	}
}

// TestNoTextEndsInABlank lets readers of lines trim: blanks are in the alphabet.
func TestNoTextEndsInABlank(t *testing.T) {
	for v := range 1 << 16 {
		pair, one := base45.Append(nil, []byte{byte(v >> 8), byte(v)}), base45.Append(nil, []byte{byte(v)})
		if pair[2] == ' ' || one[1] == ' ' {
			t.Fatalf("%04x ends in a blank: %q, %q", v, pair, one)
		}
	}
}

func FuzzBase45(f *testing.F) {
	f.Add([]byte("ietf!"), "QED8WEX0")
	f.Add([]byte{0xFF, 0xFF, 0xFF}, ":::")
	f.Fuzz(func(t *testing.T, plain []byte, text string) {
		encoded := base45.Append(nil, plain)
		if back, err := base45.AppendDecoded(nil, string(encoded)); err != nil || !bytes.Equal(back, plain) {
			t.Fatalf("% x came back as % x, %v", plain, back, err)
		}
		if decoded, err := base45.AppendDecoded(nil, text); err == nil && string(base45.Append(nil, decoded)) != text {
			t.Fatalf("two texts for % x", decoded)
		}
	})
}
