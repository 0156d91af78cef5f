package pdf_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/pdf"
)

// plainHex decodes a hexadecimal string one digit after the other, as ISO 32000-2, 7.3.4.3 has it. ok is false for what is no
// digit and no white space.
func plainHex(text string) (out []byte, ok bool) {
	half := -1
	for _, b := range []byte(text) {
		digit := strings.IndexByte("0123456789abcdef", b|0x20)
		switch {
		case b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f':
		case strings.IndexByte(" \n\r\t\f\x00", b) >= 0:
			continue
		default:
			return nil, false
		}
		if b >= '0' && b <= '9' {
			digit = int(b - '0')
		}
		if half < 0 {
			half = digit
			continue
		}
		out, half = append(out, byte(half<<4|digit)), -1
	}
	if half >= 0 {
		out = append(out, byte(half<<4))
	}
	return out, true
}

// Long strings are read many digits at a time. Wherever a window of the file ends, and wherever something else stands, they
// are what they are digit by digit.
func TestLongHexadecimalStrings(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for n := range 900 {
		length := random.IntN(40)
		if n%3 == 0 {
			length = 4000 + random.IntN(5000)
		}
		text := make([]byte, length)
		for i := range text {
			text[i] = "0123456789abcdefABCDEF"[random.IntN(22)]
			if n%2 == 0 && i > length/2 {
				text[i] = '0'
			}
		}
		if length > 0 && n%5 == 0 {
			text[random.IntN(length)] = " \nGg/`@:\x00"[random.IntN(9)]
		}
		page := fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/A<%s>>>", text)
		file := strings.Replace(plain(), "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>", page, 1)
		d, err := pdf.Repair(strings.NewReader(file), int64(len(file)), pdf.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := d.Object(pdf.Ref{Num: 3})
		want, ok := plainHex(string(text))
		if !ok {
			if v != nil && err == nil {
				t.Fatalf("%q is read", text)
			}
			continue
		}
		got, _ := v.(pdf.Dict)["A"].(pdf.String)
		solid := length%2 == 0 && !strings.ContainsAny(string(text), " \n\x00")
		if err != nil || !bytes.Equal(got.Bytes, want) || got.Solid != solid {
			t.Fatalf("%q: %x, solid %v, %v", text, got.Bytes, got.Solid, err)
		}
	}
}
