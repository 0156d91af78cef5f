package sqlite

import (
	"errors"
	"strconv"
	"strings"

	"github.com/motcua/motcua/journal"
)

// A stream's keys are stored as one JSON array, so that SQL can read them. It has one spelling only, and parseKeys
// accepts no other: a byte changed in it must not pass.
const (
	keyName  = `{"name":"`
	keyValue = `","value":"`
	keySort  = `","sort":`
)

var errKeys = errors.New("keys are not spelt as they were written")

// keysText returns the stored form: NULL for nil, which leaves the stream's keys as they are.
func keysText(keys []journal.Key) any {
	if keys == nil {
		return nil
	}
	b := make([]byte, 0, 2+96*len(keys))
	b = append(b, '[')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, keyName...), key.Name...)
		b = append(appendEscaped(append(b, keyValue...), key.Value), keySort...)
		b = append(strconv.AppendInt(b, key.Sort, 10), '}')
	}
	return string(append(b, ']'))
}

// parseKeys reads what keysText wrote. An empty array is not nil: it says that the stream has no keys.
func parseKeys(text string) ([]journal.Key, error) {
	if text == "[]" {
		return []journal.Key{}, nil
	}
	keys := make([]journal.Key, 0, 4)
	for sep := "["; sep == "[" || text != "]"; sep = "," {
		var key journal.Key
		var value, sort string
		var ok [5]bool
		text, ok[0] = strings.CutPrefix(text, sep+keyName)
		key.Name, text, ok[1] = strings.Cut(text, keyValue)
		value, text, ok[2] = cutEscaped(text)
		text, ok[3] = strings.CutPrefix(text, keySort)
		sort, text, ok[4] = strings.Cut(text, "}")
		n, err := strconv.ParseInt(sort, 10, 64)
		if ok != [5]bool{true, true, true, true, true} || err != nil || strconv.FormatInt(n, 10) != sort ||
			len(keys) == journal.MaxKeys {
			return nil, errKeys
		}
		key.Value, key.Sort = value, n
		keys = append(keys, key)
	}
	return keys, nil
}

const hexDigits = "0123456789abcdef"

func appendEscaped(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}

// cutEscaped splits text before the first quote that is not escaped, and returns what stands before it in clear.
func cutEscaped(text string) (value, rest string, ok bool) {
	plain := 0
	for plain < len(text) && text[plain] != '"' && text[plain] != '\\' && text[plain] >= 0x20 {
		plain++
	}
	if plain < len(text) && text[plain] == '"' {
		return text[:plain], text[plain:], true
	}
	var clear []byte
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return string(clear), text[i:], string(appendEscaped(nil, string(clear))) == text[:i]
		case text[i] != '\\':
			clear = append(clear, text[i])
		case i+5 < len(text) && text[i+1] == 'u':
			n, err := strconv.ParseUint(text[i+2:i+6], 16, 8)
			if err != nil {
				return "", "", false
			}
			clear = append(clear, byte(n))
			i += 5
		case i+1 < len(text):
			i++
			clear = append(clear, text[i])
		}
	}
	return "", "", false
}
