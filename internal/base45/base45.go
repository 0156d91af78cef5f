// Package base45 is RFC 9285: bytes as the 45 characters of the QR code's alphanumeric mode, two bytes as three
// characters. One byte string has exactly one text; everything else is refused.
package base45

import "errors"

// ErrText means the text is not what encoding any byte string gives.
var ErrText = errors.New("base45: not the encoding of any bytes")

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// values holds the value of each character plus one, 0 for a character outside the alphabet.
var values = [256]uint8{
	' ': 37, '$': 38, '%': 39, '*': 40, '+': 41, '-': 42, '.': 43, '/': 44, ':': 45,
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'A': 11, 'B': 12, 'C': 13, 'D': 14, 'E': 15, 'F': 16, 'G': 17, 'H': 18, 'I': 19, 'J': 20, 'K': 21, 'L': 22, 'M': 23,
	'N': 24, 'O': 25, 'P': 26, 'Q': 27, 'R': 28, 'S': 29, 'T': 30, 'U': 31, 'V': 32, 'W': 33, 'X': 34, 'Y': 35, 'Z': 36,
}

// EncodedLen returns the characters that n bytes take.
func EncodedLen(n int) int { return n/2*3 + n%2*2 }

// Append adds the encoding of src to dst.
func Append(dst, src []byte) []byte {
	for ; len(src) >= 2; src = src[2:] {
		v := uint(src[0])<<8 | uint(src[1])
		dst = append(dst, alphabet[v%45], alphabet[v/45%45], alphabet[v/(45*45)])
	}
	if len(src) == 1 {
		v := uint(src[0])
		dst = append(dst, alphabet[v%45], alphabet[v/45])
	}
	return dst
}

// AppendDecoded adds the bytes that text encodes to dst. The error is [ErrText].
func AppendDecoded(dst []byte, text string) ([]byte, error) {
	if len(text)%3 == 1 {
		return dst, ErrText
	}
	for ; len(text) >= 3; text = text[3:] {
		c, d, e := values[text[0]], values[text[1]], values[text[2]]
		v := uint(c) - 1 + 45*(uint(d)-1) + 45*45*(uint(e)-1)
		if c == 0 || d == 0 || e == 0 || v > 0xFFFF {
			return dst, ErrText
		}
		dst = append(dst, byte(v>>8), byte(v))
	}
	if len(text) == 2 {
		c, d := values[text[0]], values[text[1]]
		v := uint(c) - 1 + 45*(uint(d)-1)
		if c == 0 || d == 0 || v > 0xFF {
			return dst, ErrText
		}
		dst = append(dst, byte(v))
	}
	return dst, nil
}
