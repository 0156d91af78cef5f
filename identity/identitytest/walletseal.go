package identitytest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
)

// seal encrypts an answer to the key in the request (ECDH-ES, RFC 7518 section 4.6, by hand), with the faults about
// encryption played.
func (w *Wallet) seal(request walletRequest, inside map[string]any) (string, error) {
	if len(request.Metadata.JWKS.Keys) == 0 || len(request.Metadata.Encs) == 0 {
		return "", wrong("no key to encrypt to")
	}
	key := request.Metadata.JWKS.Keys[0]
	x, err1 := base64.RawURLEncoding.DecodeString(key["x"])
	y, err2 := base64.RawURLEncoding.DecodeString(key["y"])
	if err1 != nil || err2 != nil || key["alg"] != "ECDH-ES" || key["use"] != "enc" {
		return "", wrong("the key to encrypt to")
	}
	public, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, x...), y...))
	if err != nil {
		return "", wrong("the key to encrypt to")
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	shared, err := own.ECDH(public)
	if err != nil {
		return "", err
	}
	enc := request.Metadata.Encs[len(request.Metadata.Encs)-1]
	size := map[string]int{"A128GCM": 16, "A256GCM": 32}[enc]
	point := own.PublicKey().Bytes()
	header := map[string]any{"alg": "ECDH-ES", "enc": enc, "kid": key["kid"], "epk": map[string]string{
		"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:]),
	}}
	switch {
	case w.is(WalletZip):
		header["zip"] = "DEF"
	case w.is(WalletKeyWrap):
		header["alg"] = "ECDH-ES+A128KW"
	case w.is(WalletPBES):
		header = map[string]any{"alg": "PBES2-HS256+A128KW", "enc": enc, "kid": key["kid"], "p2c": 1 << 30, "p2s": "AAAA"}
	}
	return w.sealWith(header, derive(shared, enc, size), inside)
}

func (w *Wallet) sealWith(header map[string]any, content []byte, inside map[string]any) (string, error) {
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	plain, err := w.plain(inside)
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return "", err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return "", err
	}
	iv := make([]byte, 12)
	_, _ = rand.Read(iv)
	sealed := gcm.Seal(nil, iv, plain, []byte(encode(head)))
	tag := sealed[len(sealed)-16:]
	if w.is(WalletTag) {
		tag[0] ^= 1
	}
	return encode(head) + ".." + encode(iv) + "." + encode(sealed[:len(sealed)-16]) + "." + encode(tag), nil
}

// plain is what is encrypted.
func (w *Wallet) plain(inside map[string]any) ([]byte, error) {
	raw, err := json.Marshal(inside)
	switch {
	case err != nil:
		return nil, err
	case w.is(WalletInsideList):
		return []byte("[]"), nil
	case w.is(WalletInsideTwice):
		return append([]byte(`{"state":"other",`), raw[1:]...), nil
	case w.is(WalletInsideNumber):
		return []byte(`{"state":1}`), nil
	case w.is(WalletDeniesInside):
		return json.Marshal(map[string]any{"error": "access_denied", "state": inside["state"]})
	}
	return raw, nil
}

// derive is the Concat KDF of RFC 7518 section 4.6.2, of which one round is enough.
func derive(shared []byte, enc string, size int) []byte {
	text := binary.BigEndian.AppendUint32(nil, 1)
	text = append(text, shared...)
	text = append(binary.BigEndian.AppendUint32(text, uint32(len(enc))), enc...)
	text = binary.BigEndian.AppendUint32(text, 0) // apu
	text = binary.BigEndian.AppendUint32(text, 0) // apv
	text = binary.BigEndian.AppendUint32(text, uint32(size*8))
	sum := sha256.Sum256(text)
	return sum[:size]
}
