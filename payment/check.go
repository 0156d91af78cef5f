package payment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/motcua/motcua/journal"
)

// isText accepts what the journal takes as an actor, a key or a key's value.
func isText(s string) bool {
	return s != "" && len(s) <= journal.MaxText && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// isCode accepts [a-z0-9][a-z0-9.-]*, at most 64 bytes.
func isCode(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return true
}

func isBadDescription(r rune) bool {
	return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) &&
		!strings.ContainsRune(" .,:/#_-", r)
}

func checkGateway(name string) error {
	if name == "" || len(name) > 60 {
		return &InvalidError{Field: "gateway", Rule: "a name of letters, digits and .:-, at most 60"}
	}
	for i := range len(name) {
		c := name[i] | 0x20
		if (c < 'a' || c > 'z') && (name[i] < '0' || name[i] > '9') && !strings.ContainsRune(".:-", rune(name[i])) {
			return &InvalidError{Field: "gateway", Rule: "a name of letters, digits and .:-, at most 60"}
		}
	}
	return nil
}

// check bounds what an adapter hands over, so that a notice can always be written down.
func (n Notice) check() error {
	switch {
	case checkGateway(n.Gateway) != nil:
		return checkGateway(n.Gateway)
	case !isText(n.Reference):
		return &InvalidError{Field: "notice.reference", Rule: "1 to 200 bytes of UTF-8"}
	case len(n.Transaction) > journal.MaxText || !utf8.ValidString(n.Transaction):
		return &InvalidError{Field: "notice.transaction", Rule: "at most 200 bytes of UTF-8"}
	case n.Status == StatusPaid && n.Transaction == "":
		return &InvalidError{Field: "notice.transaction", Rule: "a number when money has moved"}
	case n.Status < StatusWaiting || n.Status > StatusFailed:
		return &InvalidError{Field: "notice.status", Rule: "a known status"}
	case n.Amount < 0 || n.Amount > MaxVND || n.Remainder < 0 || n.Remainder > int64(MaxVND):
		return &InvalidError{Field: "notice.amount", Rule: "not negative, within range"}
	case len(n.Reason) > journal.MaxText || !utf8.ValidString(n.Reason):
		return &InvalidError{Field: "notice.reason", Rule: "at most 200 bytes of UTF-8"}
	case len(n.Raw) > maxRaw:
		return &InvalidError{Field: "notice.raw", Rule: "at most 64 KiB"}
	}
	return nil
}
