package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
)

// padding stands for the password that is not there (7.6.4.3.2).
var padding = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08" +
	"\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// openKey finds the file's key with the empty user password.
func (c *crypt) openKey(dict Dict, id []byte) error {
	revision, _ := dict["R"].(int64)
	owner, _ := dict["O"].(String)
	user, _ := dict["U"].(String)
	permissions, ok := dict["P"].(int64)
	if !ok || len(owner.Bytes) < 32 || len(user.Bytes) < 32 {
		return locked("a complete encryption dictionary")
	}
	if revision == 5 || revision == 6 {
		return c.openKey256(dict, user.Bytes, revision)
	}
	if revision < 2 || revision > 4 {
		return locked("revision 2 to 6 of the security handler")
	}
	length, ok := dict["Length"].(int64)
	if !ok || revision == 2 {
		length = 40
	}
	if c.streams == methodAES128 || c.strings == methodAES128 || dict["V"] == int64(4) {
		length = 128
	}
	if length < 40 || length > 128 || length%8 != 0 {
		return locked("a key of 40 to 128 bits")
	}
	n := int(length / 8)
	h := md5.New()
	for _, part := range [][]byte{padding, owner.Bytes[:32], little(permissions), id} {
		h.Write(part)
	}
	if revision >= 4 && !c.metadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:n])
			key = sum[:]
		}
	}
	c.key = key[:n]
	if !bytes.Equal(c.userValue(revision, id)[:16], user.Bytes[:16]) {
		return locked("a file that opens without a password")
	}
	return nil
}

// userValue is what /U must begin with (7.6.4.4).
func (c *crypt) userValue(revision int64, id []byte) []byte {
	apply := func(key, data []byte) []byte {
		stream, err := rc4.NewCipher(key)
		if err != nil {
			return make([]byte, len(data))
		}
		out := make([]byte, len(data))
		stream.XORKeyStream(out, data)
		return out
	}
	if revision == 2 {
		return apply(c.key, padding)
	}
	sum := md5.Sum(append(bytes.Clone(padding), id...))
	value := sum[:]
	for i := range 20 {
		key := bytes.Clone(c.key)
		for j := range key {
			key[j] ^= byte(i)
		}
		value = apply(key, value)
	}
	return value
}

// openKey256 is for AES-256 (7.6.4.3.3).
func (c *crypt) openKey256(dict Dict, user []byte, revision int64) error {
	wrapped, _ := dict["UE"].(String)
	if len(user) < 48 || len(wrapped.Bytes) < 32 || c.streams != methodAES256 && c.streams != methodNone {
		return locked("a complete encryption dictionary")
	}
	hash := hash5
	if revision == 6 {
		hash = hash6
	}
	if !bytes.Equal(hash(user[32:40]), user[:32]) {
		return locked("a file that opens without a password")
	}
	block, err := aes.NewCipher(hash(user[40:48]))
	if err != nil {
		return locked("a key for AES-256")
	}
	c.key = make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(c.key, wrapped.Bytes[:32])
	return nil
}

func hash5(salt []byte) []byte {
	sum := sha256.Sum256(salt)
	return sum[:]
}

// hash6 is Algorithm 2.B of ISO 32000-2 for the empty user password.
func hash6(salt []byte) []byte {
	key := hash5(salt)
	for round := 0; ; round++ {
		block, err := aes.NewCipher(key[:16])
		if err != nil {
			return nil
		}
		text := bytes.Repeat(key, 64)
		cipher.NewCBCEncrypter(block, key[16:32]).CryptBlocks(text, text)
		sum := 0
		for _, b := range text[:16] {
			sum += int(b)
		}
		switch sum % 3 {
		case 0:
			key = hash5(text)
		case 1:
			next := sha512.Sum384(text)
			key = next[:]
		default:
			next := sha512.Sum512(text)
			key = next[:]
		}
		if round >= 63 && int(text[len(text)-1]) <= round-31 {
			return key[:32]
		}
	}
}
