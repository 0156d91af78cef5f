package vnpay

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/motcua/motcua/payment"
)

// maxInfo is the most bytes of vnp_OrderInfo.
const maxInfo = 255

// letters lists the Vietnamese letters under the plain letter each folds to.
var letters = [...]struct{ plain, marked string }{
	{"a", "àáảãạăằắẳẵặâầấẩẫậ"}, {"e", "èéẻẽẹêềếểễệ"}, {"i", "ìíỉĩị"}, {"o", "òóỏõọôồốổỗộơờớởỡợ"},
	{"u", "ùúủũụưừứửữự"}, {"y", "ỳýỷỹỵ"}, {"d", "đ"},
}

// OrderInfo makes vnp_OrderInfo of a description: Vietnamese letters lose their marks, composed or decomposed, as VNPAY
// asks. It refuses what VNPAY's encoders disagree about (! ' ( ) * ~), other scripts, control characters, and what is
// empty or longer than 255 bytes.
func OrderInfo(description string) (string, error) {
	invalid := &payment.InvalidError{Field: "description",
		Rule: "1 to 255 Latin letters, digits, spaces and .,:/#_-, without ! ' ( ) * ~"}
	var b strings.Builder
	for _, r := range description {
		plain, ok := foldLetter(r)
		if !ok || b.Len()+len(plain) > maxInfo {
			return "", invalid
		}
		b.WriteString(plain)
	}
	if strings.TrimSpace(b.String()) == "" {
		return "", invalid
	}
	return b.String(), nil
}

// foldLetter returns what one character becomes, and false if it may not be there.
func foldLetter(r rune) (string, bool) {
	switch {
	case r < utf8.RuneSelf:
		c := r | 0x20
		ok := c >= 'a' && c <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune(" .,:/#_-", r)
		return string(r), ok
	case r >= 0x300 && r <= 0x36f: // a combining mark of decomposed text
		return "", true
	}
	lower := unicode.ToLower(r)
	for _, row := range letters {
		if strings.ContainsRune(row.marked, lower) {
			if lower != r {
				return strings.ToUpper(row.plain), true
			}
			return row.plain, true
		}
	}
	return "", false
}
