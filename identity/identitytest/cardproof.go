package identitytest

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"math/big"

	"github.com/motcua/motcua/identity/chip"
	"github.com/motcua/motcua/internal/asn1x"
	"github.com/motcua/motcua/internal/cms"
)

// Prove answers a challenge by active authentication (Doc 9303-11, 6.1).
func (c *CardChip) Prove(challenge []byte) (*chip.ActiveAuthentication, error) {
	if c.active == nil {
		return nil, errNoKey
	}
	answer := &chip.ActiveAuthentication{Challenge: bytes.Clone(challenge)}
	if c.active.rsa != nil {
		var err error
		answer.Response, err = recoverable(c.active.rsa, c.active.algorithm.hash(), challenge)
		return answer, err
	}
	h := c.active.algorithm.hash().New()
	h.Write(challenge)
	r, s, err := c.active.ecdsa(h.Sum(nil))
	if err != nil {
		return nil, err
	}
	size := (c.active.curve.Order().BitLen() + 7) / 8
	answer.Response = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	return answer, nil
}

// recoverable signs with message recovery (ISO/IEC 9796-2, scheme 1): the message is filled up with random bytes.
func recoverable(key *rsa.PrivateKey, hash crypto.Hash, challenge []byte) ([]byte, error) {
	trailer := []byte{0xbc}
	if hash != crypto.SHA1 {
		trailer = []byte{map[crypto.Hash]byte{crypto.SHA224: 0x38, crypto.SHA256: 0x34, crypto.SHA384: 0x36, crypto.SHA512: 0x35}[hash], 0xcc}
	}
	m1 := make([]byte, key.Size()-1-hash.Size()-len(trailer))
	if _, err := rand.Read(m1); err != nil {
		return nil, err
	}
	h := hash.New()
	h.Write(m1)
	h.Write(challenge)
	message := append(append(append([]byte{0x6a}, m1...), h.Sum(nil)...), trailer...)
	value := new(big.Int).Exp(new(big.Int).SetBytes(message), key.D, key.N)
	return value.FillBytes(make([]byte, key.Size())), nil
}

// Agree does chip authentication with a terminal whose ephemeral private key is given, and answers its first command
// under the new keys (Doc 9303-11, 6.2). With a session of its own the chip hands back what a reader records.
func (c *CardChip) Agree(terminal []byte) (*chip.ChipAuthentication, error) {
	if c.agreement == nil {
		return nil, errNoKey
	}
	public, ok := c.agreement.curve.Generator().Times(new(big.Int).SetBytes(terminal))
	if !ok {
		return nil, errNoKey
	}
	shared, ok := public.Times(c.agreement.d)
	if !ok {
		return nil, errNoKey
	}
	const counter = 2
	body := asn1x.Encode(0x87, append([]byte{1}, make([]byte, 16)...)) // what is read does not matter
	body = append(body, 0x99, 2, 0x90, 0)
	code, err := messageCode(c.cipher, shared.X(), counter, body)
	if err != nil {
		return nil, err
	}
	response := append(append(body, asn1x.Encode(0x8e, code)...), 0x90, 0)
	return &chip.ChipAuthentication{PrivateKey: bytes.Clone(terminal), KeyID: 7, Cipher: c.cipher, Response: response, Counter: counter}, nil
}

// messageCode is the code of secure messaging, written apart from the verifier's (Doc 9303-11, 9.7 and 9.8).
func messageCode(name string, shared []byte, counter uint64, body []byte) ([]byte, error) {
	input := append(bytes.Clone(shared), 0, 0, 0, 2)
	narrow, wide := sha1.Sum(input), sha256.Sum256(input)
	var key []byte
	switch name {
	case "AES-128", "3DES":
		key = narrow[:16]
	case "AES-192":
		key = wide[:24]
	case "AES-256":
		key = wide[:]
	}
	if name == "3DES" {
		data := zeroFill(append(append(binary.BigEndian.AppendUint64(nil, counter), body...), 0x80), 8)
		single, err1 := des.NewCipher(key[:8])
		triple, err2 := des.NewTripleDESCipher(append(bytes.Clone(key), key[:8]...))
		if err1 != nil || err2 != nil {
			return nil, err1
		}
		head := chained(single, make([]byte, 8), data[:len(data)-8])
		return chained(triple, head, data[len(data)-8:]), nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	data := append(make([]byte, 8), binary.BigEndian.AppendUint64(nil, counter)...)
	data = zeroFill(append(append(data, body...), 0x80), 16)
	zero := make([]byte, 16)
	block.Encrypt(zero, zero)
	subkey := new(big.Int).Lsh(new(big.Int).SetBytes(zero), 1)
	if subkey.Bit(128) == 1 {
		subkey.SetBit(subkey, 128, 0).Xor(subkey, big.NewInt(0x87))
	}
	for i, b := range subkey.FillBytes(make([]byte, 16)) {
		data[len(data)-16+i] ^= b
	}
	return chained(block, make([]byte, 16), data)[:8], nil
}

func zeroFill(data []byte, size int) []byte {
	for len(data)%size != 0 {
		data = append(data, 0)
	}
	return data
}

// chained encrypts in CBC mode and returns the last block, or the vector when there is nothing to encrypt.
func chained(block cipher.Block, vector, data []byte) []byte {
	if len(data) == 0 {
		return vector
	}
	out := make([]byte, len(data))
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(out, data)
	return out[len(out)-block.BlockSize():]
}

func hashIdentifier(h crypto.Hash) []byte { return cms.HashIdentifier(h) }
