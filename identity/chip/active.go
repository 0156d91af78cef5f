package chip

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"math/big"

	"github.com/motcua/motcua/internal/cms"
	"github.com/motcua/motcua/internal/csca"
)

// parseActiveKey reads DG15: a SubjectPublicKeyInfo.
func parseActiveKey(files Files) (csca.Key, bool) {
	body, ok := files.body(DG15)
	if !ok {
		return csca.Key{}, false
	}
	key, err := csca.ParseKey(body)
	return key, err == nil
}

// trailers are the hash identifiers of ISO/IEC 10118-3 in the two-byte trailer.
var trailers = map[byte]crypto.Hash{
	0x33: crypto.SHA1, 0x34: crypto.SHA256, 0x35: crypto.SHA512, 0x36: crypto.SHA384, 0x38: crypto.SHA224,
}

// recoverChallenge opens a signature with message recovery: ISO/IEC 9796-2, scheme 1, as Doc 9303-11, 6.1 uses it. The
// recoverable part is the chip's random number, the rest is the terminal's challenge. It returns the digest that was used,
// and the rule that is broken or "".
func recoverChallenge(key *rsa.PublicKey, challenge, response []byte) (crypto.Hash, string) {
	size := (key.N.BitLen() + 7) / 8
	value := new(big.Int).SetBytes(response)
	if len(response) != size || value.Cmp(key.N) >= 0 {
		return 0, "response"
	}
	opened := new(big.Int).Exp(value, big.NewInt(int64(key.E)), key.N)
	if low := opened.Bits(); len(low) == 0 || low[0]&0xf != 0xc { // the signer may have taken the smaller of J and n-J
		opened.Sub(key.N, opened)
	}
	m := opened.FillBytes(make([]byte, size))
	hash, trailer := crypto.SHA1, 1
	switch last := m[size-1]; {
	case last == 0xcc && trailers[m[size-2]] != 0:
		hash, trailer = trailers[m[size-2]], 2
	case last != 0xbc:
		return 0, "response"
	}
	// 6A: recovery is partial and nothing was padded, for the chip fills the message up with random bytes.
	end := size - trailer - hash.Size()
	if m[0] != 0x6a || end < 1 {
		return 0, "response"
	}
	h := cms.NewHash(hash)
	h.Write(m[1:end])
	h.Write(challenge)
	if !bytes.Equal(h.Sum(nil), m[end:size-trailer]) {
		return 0, "response"
	}
	return hash, ""
}
