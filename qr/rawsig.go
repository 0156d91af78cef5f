package qr

import (
	"crypto"
	"crypto/sha256"
	"io"
)

// rawSignature signs with any crypto.Signer, a token or HSM included, and returns the 64 bytes of COSE: r and s with s
// low, or the EdDSA signature.
func rawSignature(signer crypto.Signer, random io.Reader, alg int64, message []byte) ([]byte, error) {
	if alg == algEdDSA {
		signature, err := signer.Sign(random, message, crypto.Hash(0))
		if err == nil && len(signature) != signatureSize {
			err = &InvalidError{Field: "signer", Rule: "an Ed25519 signature of 64 bytes"}
		}
		return signature, err
	}
	digest := sha256.Sum256(message)
	der, err := signer.Sign(random, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	signature := make([]byte, signatureSize)
	rest, ok := cutHead(der, 0x30, true)
	if ok {
		rest, ok = cutInteger(rest, signature[:32])
	}
	if ok {
		rest, ok = cutInteger(rest, signature[32:])
	}
	if !ok || len(rest) != 0 {
		return nil, &InvalidError{Field: "signer", Rule: "a DER signature of two integers of P-256"}
	}
	if s := [32]byte(signature[32:]); !isLow(s) {
		s = negate(s)
		copy(signature[32:], s[:])
	}
	return signature, nil
}

// cutHead takes a DER head with a length below 128. Whole demands that nothing follows the contents.
func cutHead(der []byte, tag byte, whole bool) ([]byte, bool) {
	if len(der) < 2 || der[0] != tag || der[1] > 127 || len(der) < 2+int(der[1]) || whole && len(der) != 2+int(der[1]) {
		return nil, false
	}
	return der[2:], true
}

// cutInteger takes a positive DER integer into 32 bytes.
func cutInteger(der, out []byte) ([]byte, bool) {
	body, ok := cutHead(der, 0x02, false)
	if !ok {
		return nil, false
	}
	digits, rest := body[:der[1]], body[der[1]:]
	for len(digits) > 0 && digits[0] == 0 {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > len(out) {
		return nil, false
	}
	copy(out[len(out)-len(digits):], digits)
	return rest, true
}

// appendDER writes r and s, 32 bytes each, as DER.
func appendDER(b, raw []byte) []byte {
	start := len(b)
	b = append(b, 0x30, 0)
	for _, part := range [2][]byte{raw[:32], raw[32:]} {
		for len(part) > 1 && part[0] == 0 {
			part = part[1:]
		}
		if part[0] > 127 {
			b = append(b, 0x02, byte(len(part)+1), 0)
		} else {
			b = append(b, 0x02, byte(len(part)))
		}
		b = append(b, part...)
	}
	b[start+1] = byte(len(b) - start - 2)
	return b
}
