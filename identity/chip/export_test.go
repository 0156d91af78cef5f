package chip

import "crypto/cipher"

// ProtectedMAC is the code of secure messaging under a cipher of DG14, by its last arc.
func ProtectedMAC(arc byte, key []byte, counter uint64, data []byte) ([]byte, error) {
	return suites[arc].mac(key, counter, data)
}

// DeriveKey derives a key for a cipher of DG14, by its last arc.
func DeriveKey(arc byte, secret []byte, counter uint32) []byte {
	return suites[arc].derive(secret, counter)
}

// CMAC is the code over whole blocks.
func CMAC(block cipher.Block, data []byte) []byte { return cmac(block, data) }

// Countries tells whether a country's name belongs to a State's code.
func Countries(country, state string) bool { return isCountryOf(country, state) }

// Codes returns the codes of all messages.
func Codes() (codes []string) {
	for _, table := range [...][]message{messages[:], signerMessages[:], inputMessages[:]} {
		for _, m := range table {
			codes = append(codes, m.code)
		}
	}
	return codes
}
