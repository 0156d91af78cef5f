package qr

import (
	"crypto"
	"io"

	"github.com/motcua/motcua/internal/detcbor"
)

// tagSign1 is the CBOR tag of COSE_Sign1 (RFC 9052, section 2).
const tagSign1 = 18

// Header labels (RFC 9052, section 3.1; 16 is "typ" of RFC 9596).
const (
	labelAlg  = 1
	labelCrit = 2
	labelKid  = 4
	labelTyp  = 16
)

// Limits of one signed message.
const (
	signatureSize = 64
	maxTextCode   = 4296    // characters of the largest alphanumeric symbol, version 40-L
	maxListBytes  = 4 << 20 // bytes of a trust list
)

// sign1 is a COSE_Sign1 message taken apart. Its parts lie in the bytes it was read from.
type sign1 struct {
	alg       int64
	kid       KeyID
	protected []byte
	payload   []byte
	signature []byte
}

// parseSign1 reads a message and demands that nothing follows it.
func parseSign1(data []byte, typ string) (sign1, Reason) {
	r := detcbor.NewReader(data)
	m, reason := readSign1(&r, typ)
	if reason == reasonNone && r.End() != nil {
		reason = reasonCBOR
	}
	return m, reason
}

// readSign1 reads a message of the profile: tag 18, protected header of exactly alg, kid and, if typ is not empty,
// that typ; empty unprotected header; payload inside; signature of 64 bytes, ECDSA's with low s. The reason says which
// rule is broken, none of them needs the key.
func readSign1(r *detcbor.Reader, typ string) (sign1, Reason) {
	if r.Tag() != tagSign1 || r.Array(4) != 4 {
		return sign1{}, reasonCBOR
	}
	m := sign1{protected: r.Bytes()}
	if r.Err() != nil {
		return m, reasonCBOR
	}
	if reason := m.parseProtected(typ); reason != reasonNone {
		return m, reason
	}
	if unprotected := r.Map(64); unprotected.Len() != 0 {
		return m, reasonUnprotected
	}
	m.payload, m.signature = r.Bytes(), r.Bytes()
	if r.Err() != nil {
		return m, reasonCBOR
	}
	if len(m.signature) != signatureSize || m.alg == algES256 && !isLow([32]byte(m.signature[32:])) {
		return m, reasonSignatureForm
	}
	return m, reasonNone
}

func (m *sign1) parseProtected(typ string) Reason {
	r := detcbor.NewReader(m.protected)
	header := r.Map(64)
	var hasAlg, hasKid, hasTyp bool
	for label, ok := header.Next(); ok; label, ok = header.Next() {
		switch label {
		case labelAlg:
			m.alg, hasAlg = r.Int(), true
		case labelCrit:
			return reasonCrit
		case labelKid:
			kid := r.Bytes()
			hasKid = copy(m.kid[:], kid) == len(kid) && len(kid) == len(m.kid)
		case labelTyp:
			hasTyp = typ != "" && r.Text() == typ
			if !hasTyp {
				return reasonHeader
			}
		default:
			return reasonHeader
		}
	}
	switch {
	case r.End() != nil:
		return reasonCBOR
	case !hasAlg || !hasKid || hasTyp != (typ != ""):
		return reasonHeader
	case m.alg != algES256 && m.alg != algEdDSA:
		return reasonAlgorithm
	}
	return reasonNone
}

// toBeSigned is the Sig_structure of RFC 9052, section 4.4, without external data.
func toBeSigned(protected, payload []byte) []byte {
	b := make([]byte, 0, 32+len(protected)+len(payload))
	b = detcbor.AppendArray(b, 4)
	b = detcbor.AppendText(b, "Signature1")
	b = detcbor.AppendBytes(b, protected)
	b = detcbor.AppendBytes(b, nil)
	return detcbor.AppendBytes(b, payload)
}

func protectedHeader(alg int64, kid KeyID, typ string) []byte {
	n := 2
	if typ != "" {
		n = 3
	}
	b := detcbor.AppendMap(nil, n)
	b = detcbor.AppendInt(detcbor.AppendInt(b, labelAlg), alg)
	b = detcbor.AppendBytes(detcbor.AppendInt(b, labelKid), kid[:])
	if typ != "" {
		b = detcbor.AppendText(detcbor.AppendInt(b, labelTyp), typ)
	}
	return b
}

// sealSign1 signs the payload and returns the whole message.
func sealSign1(signer crypto.Signer, random io.Reader, alg int64, protected, payload []byte) ([]byte, error) {
	message := toBeSigned(protected, payload)
	signature, err := rawSignature(signer, random, alg, message)
	if err != nil {
		return nil, err
	}
	m := sign1{protected: protected, payload: payload, signature: signature}
	return m.appendMessage(make([]byte, 0, 80+len(protected)+len(payload))), nil
}

// appendMessage writes the message as it is read.
func (m *sign1) appendMessage(b []byte) []byte {
	b = detcbor.AppendArray(detcbor.AppendTag(b, tagSign1), 4)
	b = detcbor.AppendBytes(b, m.protected)
	b = detcbor.AppendMap(b, 0)
	b = detcbor.AppendBytes(b, m.payload)
	return detcbor.AppendBytes(b, m.signature)
}

// order is the order of P-256 (SP 800-186, 3.2.1.3), halfOrder half of it rounded down, both as 32 bytes.
const (
	order = "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff" +
		"\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"
	halfOrder = "\x7f\xff\xff\xff\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff" +
		"\xde\x73\x7d\x56\xd3\x8b\xcf\x42\x79\xdc\xe5\x61\x7e\x31\x92\xa8"
)

// isLow reports whether s is the lower of the two values s and n-s, both of which verify.
func isLow(s [32]byte) bool { return string(s[:]) <= halfOrder }

// negate returns n-s.
func negate(s [32]byte) (out [32]byte) {
	borrow := 0
	for i := 31; i >= 0; i-- {
		v := int(order[i]) - int(s[i]) - borrow
		borrow = 0
		if v < 0 {
			v, borrow = v+256, 1
		}
		out[i] = byte(v)
	}
	return out
}
