package chip_test

import (
	"crypto/aes"
	"encoding/hex"
	"testing"

	"github.com/motcua/motcua/identity/chip"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRetailMACVector is the worked example of Doc 9303-11, appendix D.4: the response to SELECT EF.COM.
func TestRetailMACVector(t *testing.T) {
	got, err := chip.ProtectedMAC(1, unhex(t, "f1cb1f1fb5adf208806b89dc579dc1f8"), 0x887022120c06c228, unhex(t, "99029000"))
	if err != nil || hex.EncodeToString(got) != "fa855a5d4c50a8ed" {
		t.Errorf("%x, %v", got, err)
	}
}

// TestCMACVector is RFC 4493, example 2: one whole block.
func TestCMACVector(t *testing.T) {
	block, err := aes.NewCipher(unhex(t, "2b7e151628aed2a6abf7158809cf4f3c"))
	if err != nil {
		t.Fatal(err)
	}
	if got := chip.CMAC(block, unhex(t, "6bc1bee22e409f96e93d7e117393172a")); hex.EncodeToString(got) != "070a16b46b4d4144f79bdd9dd04a287c" {
		t.Errorf("%x", got)
	}
	// Example 4: four blocks.
	long := "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
	if got := chip.CMAC(block, unhex(t, long)); hex.EncodeToString(got) != "51f0bebf7e3b9d92fc49741779363cfe" {
		t.Errorf("%x", got)
	}
}

// TestDeriveVector is the key derivation of Doc 9303-11, appendix D.1, without the parity bits that DES ignores.
func TestDeriveVector(t *testing.T) {
	got := chip.DeriveKey(1, unhex(t, "239ab9cb282daf66231dc5a4df6bfbae"), 1)
	want := unhex(t, "ab94fdecf2674fdfb9b391f85d7f76f2")
	for i := range want {
		if got[i]&0xfe != want[i]&0xfe {
			t.Fatalf("%x", got)
		}
	}
}

func TestCountries(t *testing.T) {
	for _, tt := range []struct {
		country, state string
		want           bool
	}{
		{"VN", "VNM", true}, {"DE", "D", true}, {"LA", "LAO", true}, {"EU", "EUE", true}, {"UN", "UNO", true}, {"GB", "GBR", true},
		{"VN", "LAO", false}, {"", "VNM", false}, {"VN", "", false}, {"VN", "VN", false}, {"DE", "DEU", true}, {"XX", "ZZZ", false},
		{"CD", "ZAR", false},
	} {
		if got := chip.Countries(tt.country, tt.state); got != tt.want {
			t.Errorf("%s of %s: %v", tt.country, tt.state, got)
		}
	}
}

// TestTexts: every message has both languages, and no code stands twice.
func TestTexts(t *testing.T) {
	seen := make(map[string]bool)
	for _, code := range chip.Codes() {
		if seen[code] {
			t.Errorf("%s stands twice", code)
		}
		seen[code] = true
	}
	if len(seen) < 80 {
		t.Errorf("%d codes", len(seen))
	}
}
