package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"

	"github.com/motcua/motcua/journal"
)

// An envelope is: version and mark (4 bytes), key ID (16), nonce (12), ciphertext, tag (16).
const (
	envelopeMark = "\x01msl"
	nonceAndTag  = 12 + 16
	// Overhead is how many bytes longer a private half is when it is sealed.
	Overhead = len(envelopeMark) + keyIDSize + nonceAndTag
	// MaxPrivate is the most bytes of a private half, less than journal.MaxPrivate by what sealing adds.
	MaxPrivate = journal.MaxPrivate - Overhead
)

var errNotSealed = errors.New("seal: not sealed")

// gcm makes nonces by itself, 96 random bits each. One key serves one subject, which is far from the 2^32 messages at
// which equal nonces become a worry.
func gcm(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// sealHalf returns the envelope of the record's private half.
func sealHalf(key Key, r *journal.Record) ([]byte, error) {
	aead, err := gcm(key.secret[:])
	if err != nil {
		return nil, err
	}
	envelope := make([]byte, 0, Overhead+len(r.Private))
	envelope = append(append(envelope, envelopeMark...), key.id[:]...)
	return aead.Seal(envelope, nil, r.Private, binding(envelope, r)), nil
}

// keyOf reads which key an envelope is sealed under.
func keyOf(envelope []byte) (KeyID, error) {
	if len(envelope) < Overhead || string(envelope[:len(envelopeMark)]) != envelopeMark {
		return KeyID{}, errNotSealed
	}
	return KeyID(envelope[len(envelopeMark):]), nil
}

// openHalf returns the private half of a record whose envelope is in Sealed.
func openHalf(key Key, r *journal.Record) ([]byte, error) {
	aead, err := gcm(key.secret[:])
	if err != nil {
		return nil, err
	}
	header := r.Sealed[:len(envelopeMark)+keyIDSize]
	return aead.Open(nil, nil, r.Sealed[len(header):], binding(header, r))
}

// binding is what an envelope is bound to: its own header, and the digest of the fact at its place without the halves of
// the chain that are not known before the append. Keys stay out, since a driver sorts them.
func binding(header []byte, r *journal.Record) []byte {
	public := *r
	public.Private, public.Sealed, public.Keys, public.Prev = nil, nil, nil, journal.Hash{}
	digest := public.Digest()
	return append(append([]byte("motcua sealed half v1\n"), header...), digest[:]...)
}
