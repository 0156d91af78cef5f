package qr

import "strconv"

// Verdict is the outcome of a verification. The zero value is a refusal.
type Verdict uint8

// The verdicts of profile VN1. Only [Valid] means that everything asked for holds.
const (
	// Malformed means the text breaks the profile: nothing in it can be relied on.
	Malformed Verdict = iota
	// Unsigned means the text is no signed code at all: a card, a link, a slip. It proves nothing.
	Unsigned
	// UntrustedIssuer means no key of the trust list in force vouches for the code.
	UntrustedIssuer
	// BadSignature means the code names a trusted key that has not signed it: it was changed or made up.
	BadSignature
	// OutOfScope means the key is trusted, but not for this agency, kind or procedure.
	OutOfScope
	// NotYetValid means the code is genuine and its time has not come.
	NotYetValid
	// Expired means the code is genuine and its time is over.
	Expired
	// Revoked means the issuer has taken the code back.
	Revoked
	// Suspended means the issuer has put the code on hold.
	Suspended
	// ValidStatusStale means everything holds but that nobody could say lately whether the code has been revoked.
	ValidStatusStale
	// Valid means the code is genuine, in force and in its issuer's scope.
	Valid
)

var verdictNames = [...]string{
	"malformed", "unsigned", "untrusted-issuer", "bad-signature", "out-of-scope", "not-yet-valid", "expired", "revoked",
	"suspended", "valid-status-stale", "valid",
}

var verdictTexts = [...][2]string{
	{"Mã không đúng quy cách, không dùng được.", "The code is malformed and cannot be relied on."},
	{"Mã không có chữ ký số, không chứng minh được nội dung.", "The code is not signed and proves nothing."},
	{"Không có cơ quan tin cậy nào bảo đảm cho mã này.", "No trusted authority vouches for this code."},
	{"Chữ ký số không đúng: mã đã bị sửa hoặc là mã giả.", "The signature is wrong: the code was changed or made up."},
	{"Khóa ký không có thẩm quyền cấp loại mã này.", "The key may not issue codes of this kind."},
	{"Mã thật nhưng chưa đến thời gian có hiệu lực.", "The code is genuine but not yet valid."},
	{"Mã thật nhưng đã hết hiệu lực.", "The code is genuine but has expired."},
	{"Mã đã bị cơ quan cấp thu hồi.", "The issuer has revoked the code."},
	{"Mã đang bị cơ quan cấp tạm dừng hiệu lực.", "The issuer has suspended the code."},
	{"Chữ ký đúng, nhưng chưa kiểm tra được mã có bị thu hồi hay không.",
		"The code is genuine, but whether it has been revoked could not be checked."},
	{"Mã hợp lệ.", "The code is valid."},
}

// String returns the verdict's stable name: "valid", "bad-signature" …
func (v Verdict) String() string {
	if int(v) >= len(verdictNames) {
		return "Verdict(" + strconv.Itoa(int(v)) + ")"
	}
	return verdictNames[v]
}

// MarshalText implements encoding.TextMarshaler with the stable name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Text says the verdict in Vietnamese, or with lang "en" in English.
func (v Verdict) Text(lang string) string {
	if int(v) >= len(verdictTexts) {
		v = Malformed
	}
	return inLanguage(verdictTexts[v], lang)
}

func inLanguage(texts [2]string, lang string) string {
	if lang == "en" {
		return texts[1]
	}
	return texts[0]
}
