package chip

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"math/big"
	"time"

	"github.com/motcua/motcua/internal/eccurve"
)

// Session is what was recorded while a terminal talked to the chip; the zero value is none. It proves that the chip was
// there and is no copy. What it is worth rests on who chose the random numbers: the challenge and the terminal's key must
// be made by who verifies, fresh for each reading, and given to the reader; a reader that makes its own can lie.
type Session struct {
	Active *ActiveAuthentication
	Chip   *ChipAuthentication
}

// ActiveAuthentication is a challenge and the chip's signature over it (xác thực chủ động, Doc 9303-11, 6.1).
type ActiveAuthentication struct {
	Challenge []byte // 8 bytes
	Response  []byte
}

// ChipAuthentication is a key agreement and the chip's first answer under the new keys (Doc 9303-11, 6.2).
type ChipAuthentication struct {
	// PrivateKey is the terminal's ephemeral key, big-endian.
	PrivateKey []byte
	// KeyID is the key of DG14 that was used; -1 where DG14 gives none.
	KeyID int
	// Cipher is what was agreed: "3DES", "AES-128", "AES-192", "AES-256". Empty: the only one that DG14 offers for the key.
	Cipher string
	// Response is a protected response as it came, data objects 87, 99 and 8E and the status word, and Counter its send
	// sequence counter: 2 for the first response after the agreement.
	Response []byte
	Counter  uint64
}

// cipherSuite is one way to protect messages (Doc 9303-11, 9.7 and 9.8).
type cipherSuite struct {
	name string
	size int // bytes of the key
	wide bool
	aes  bool
}

// suites are the last arcs of id-CA-ECDH.
var suites = map[byte]cipherSuite{
	1: {"3DES", 16, false, false}, 2: {"AES-128", 16, false, true}, 3: {"AES-192", 24, true, true}, 4: {"AES-256", 32, true, true},
}

// checkActive verifies active authentication with the key of DG15. It returns the outcome and the reason: what cannot be
// checked is NotDone, and the verdict rests on it, for somebody went to record it.
func (v *Verifier) checkActive(at time.Time, files Files, s security, aa *ActiveAuthentication) (Outcome, string) {
	key, ok := parseActiveKey(files)
	switch {
	case !ok:
		return NotDone, "key"
	case len(aa.Challenge) != 8:
		return Failed, "challenge"
	case key.RSA != nil:
		hash, rule := recoverChallenge(key.RSA, aa.Challenge, aa.Response)
		if rule == "" && !v.policy.permits(hash, at) {
			rule = "digest"
		}
		return outcomeOf(rule)
	case s.activeHash == 0:
		return NotDone, "algorithm"
	case !v.policy.permits(s.activeHash, at):
		return Failed, "digest"
	}
	curve := key.EC.Curve()
	size := (curve.Order().BitLen() + 7) / 8
	if len(aa.Response) != 2*size {
		return Failed, "response"
	}
	h := s.activeHash.New()
	h.Write(aa.Challenge)
	r, sv := new(big.Int).SetBytes(aa.Response[:size]), new(big.Int).SetBytes(aa.Response[size:])
	if !key.EC.Verify(h.Sum(nil), r, sv) {
		return Failed, "response"
	}
	return Passed, "ok"
}

func outcomeOf(rule string) (Outcome, string) {
	if rule != "" {
		return Failed, rule
	}
	return Passed, "ok"
}

// checkChip verifies chip authentication: with the shared secret of the terminal's key and the key of DG14, the message
// authentication code of the chip's answer must come out. Only who holds the chip's private key can make one.
func (s security) checkChip(ca *ChipAuthentication) (Outcome, string) {
	point, rule := s.agreementKey(ca.KeyID)
	if rule != "" {
		return NotDone, rule
	}
	suite, ok := s.suite(ca)
	if !ok {
		return NotDone, "cipher"
	}
	private := new(big.Int).SetBytes(ca.PrivateKey)
	if len(ca.PrivateKey) > 67 || private.Sign() == 0 || private.Cmp(point.Curve().Order()) >= 0 {
		return Failed, "terminal-key"
	}
	shared, ok := point.Times(private)
	if !ok {
		return Failed, "terminal-key"
	}
	body, code, ok := protectedResponse(ca.Response)
	if !ok {
		return Failed, "response"
	}
	mac, err := suite.mac(suite.derive(shared.X(), 2), ca.Counter, body)
	if err != nil || subtle.ConstantTimeCompare(mac, code) != 1 {
		return Failed, "mac"
	}
	return Passed, "ok"
}

func (s security) agreementKey(id int) (point eccurve.Point, rule string) {
	for _, k := range s.keys {
		if k.id == id || k.id == -1 && len(s.keys) == 1 {
			return k.key.EC, ""
		}
	}
	if s.finiteField {
		return point, "finite-field"
	}
	return point, "key"
}

// suite finds the cipher that was agreed among those that DG14 offers for the key; without any it is 3DES (Doc 9303-11,
// 6.2.2).
func (s security) suite(ca *ChipAuthentication) (found cipherSuite, ok bool) {
	count := 0
	for _, a := range s.agreements {
		if (a.id == -1 || a.id == ca.KeyID) && (ca.Cipher == "" || ca.Cipher == a.cipher.name) {
			found = a.cipher
			count++
		}
	}
	if len(s.agreements) == 0 && (ca.Cipher == "" || ca.Cipher == suites[1].name) {
		return suites[1], true
	}
	return found, count == 1
}

// protectedResponse splits a protected response: what the code covers, the code, and that the status word inside is the
// one outside.
func protectedResponse(response []byte) (body, code []byte, ok bool) {
	if len(response) < 2 || len(response) > maxFile {
		return nil, nil, false
	}
	status := response[len(response)-2:]
	in := tlv{in: response[:len(response)-2]}
	if data, found := in.take(0x87); found && len(data) < 2 {
		return nil, nil, false
	}
	inner, found := in.take(0x99)
	if !found || len(inner) != 2 || string(inner) != string(status) {
		return nil, nil, false
	}
	body = in.in[:in.pos]
	code, found = in.take(0x8e)
	return body, code, found && len(code) == 8 && in.done()
}

// derive is the key derivation of Doc 9303-11, 9.7.1: counter 1 for encryption, 2 for authentication.
func (c cipherSuite) derive(secret []byte, counter uint32) []byte {
	input := binary.BigEndian.AppendUint32(append([]byte(nil), secret...), counter)
	if c.wide {
		sum := sha256.Sum256(input)
		return sum[:c.size]
	}
	sum := sha1.Sum(input)
	return sum[:c.size]
}

// mac is the authentication code over the counter and the data, eight bytes (Doc 9303-11, 9.8.6 and 9.8.7).
func (c cipherSuite) mac(key []byte, counter uint64, data []byte) ([]byte, error) {
	if c.aes {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		message := append(binary.BigEndian.AppendUint64(make([]byte, 8), counter), data...)
		return cmac(block, pad(message, aes.BlockSize))[:8], nil
	}
	first, err1 := des.NewCipher(key[:8])
	second, err2 := des.NewCipher(key[8:16])
	if err1 != nil || err2 != nil {
		return nil, err1
	}
	return retail(first, second, pad(append(binary.BigEndian.AppendUint64(nil, counter), data...), des.BlockSize)), nil
}

// pad is padding method 2 of ISO/IEC 9797-1.
func pad(data []byte, size int) []byte {
	data = append(data, 0x80)
	for len(data)%size != 0 {
		data = append(data, 0)
	}
	return data
}

// retail is MAC algorithm 3 of ISO/IEC 9797-1 over whole blocks: DES in a chain, the last block under both keys.
func retail(first, second cipher.Block, data []byte) []byte {
	state := make([]byte, des.BlockSize)
	for len(data) > 0 {
		subtle.XORBytes(state, state, data[:des.BlockSize])
		first.Encrypt(state, state)
		data = data[des.BlockSize:]
	}
	second.Decrypt(state, state)
	first.Encrypt(state, state)
	return state
}

// cmac is CMAC (NIST SP 800-38B) over one or more whole blocks.
func cmac(block cipher.Block, data []byte) []byte {
	const size = aes.BlockSize
	k1 := make([]byte, size)
	block.Encrypt(k1, k1)
	carry := k1[0] >> 7
	for i := range size - 1 {
		k1[i] = k1[i]<<1 | k1[i+1]>>7
	}
	k1[size-1] = k1[size-1]<<1 ^ carry*0x87
	state := make([]byte, size)
	for ; len(data) > size; data = data[size:] {
		subtle.XORBytes(state, state, data[:size])
		block.Encrypt(state, state)
	}
	subtle.XORBytes(state, state, data)
	subtle.XORBytes(state, state, k1)
	block.Encrypt(state, state)
	return state
}
