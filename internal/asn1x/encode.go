package asn1x

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"math/bits"
	"slices"
)

// Encode returns the element with the tag whose contents are parts, one after the other.
func Encode(tag byte, parts ...[]byte) []byte {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	out := appendHeader(make([]byte, 0, headerSize(length)+length), tag, length)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// EncodeSetOf returns a SET OF in DER: its members in ascending order of their encodings (X.690, 11.6).
func EncodeSetOf(members ...[]byte) []byte {
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, bytes.Compare)
	return Encode(Set, sorted...)
}

// EncodeOID returns an OBJECT IDENTIFIER; nil for an identifier that cannot be encoded.
func EncodeOID(id asn1.ObjectIdentifier) []byte {
	if len(id) < 2 || id[0] > 2 || id[0] < 2 && id[1] >= 40 || slices.Min(id) < 0 {
		return nil
	}
	body := appendArc(make([]byte, 0, 16), 40*id[0]+id[1])
	for _, arc := range id[2:] {
		body = appendArc(body, arc)
	}
	return Encode(OID, body)
}

// appendArc writes an arc in base 128, all octets but the last marked.
func appendArc(out []byte, arc int) []byte {
	count := max(1, (bits.Len(uint(arc))+6)/7)
	for i := count - 1; i > 0; i-- {
		out = append(out, byte(arc>>(7*i))|0x80)
	}
	return append(out, byte(arc)&0x7f)
}

// EncodeInt returns an INTEGER.
func EncodeInt(n *big.Int) []byte {
	der, err := asn1.Marshal(n)
	if err != nil {
		return nil
	}
	return der
}

func headerSize(length int) int {
	size := 2
	for n := length; length >= 0x80 && n > 0; n >>= 8 {
		size++
	}
	return size
}

func appendHeader(out []byte, tag byte, length int) []byte {
	if length < 0x80 {
		return append(out, tag, byte(length))
	}
	count := headerSize(length) - 2
	out = append(out, tag, 0x80|byte(count))
	for i := count - 1; i >= 0; i-- {
		out = append(out, byte(length>>(8*i)))
	}
	return out
}
