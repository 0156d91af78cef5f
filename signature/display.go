package signature

import (
	"strings"
	"time"

	"github.com/motcua/motcua/internal/vntime"
)

// Field is a line of what a person is shown about a signature.
type Field struct {
	// Code is stable: "issuer", "signer", "unit", "time", "integrity", "validity", "period".
	Code  string
	Label string
	Value string
}

// Display returns the seven things that verification software must at least show (Circular 15/2025/TT-BKHCN, Art 6), in
// their order, in "vi" or "en": who issued the certificate, who signed, which unit manages the certificate, when, whether
// the document is intact, whether the signature was valid then, and the certificate's validity. They name persons.
func (s Signature) Display(lang string) []Field {
	say := func(vi, en string) string { return pick([2]string{vi, en}, lang) }
	unknown := say("không xác định", "unknown")
	issuer, signer, unit, period := unknown, unknown, unknown, unknown
	if s.Signer != nil {
		issuer, signer = s.Signer.Issuer, s.Signer.CommonName
		if len(s.Chain) > 0 {
			issuer = s.Chain[0].CommonName
		}
		if text := strings.Trim(s.Signer.Organization+", "+s.Signer.Unit, ", "); text != "" {
			unit = text
		} else {
			unit = say("chứng thư số không ghi", "not stated in the certificate")
		}
		period = say("từ ", "from ") + clock(s.Signer.NotBefore) + say(" đến ", " to ") + clock(s.Signer.NotAfter)
	}
	integrity := say("đã bị thay đổi hoặc không xác định được", "changed, or not known")
	switch {
	case s.Intact && s.unchanged():
		integrity = say("toàn vẹn, không bị thay đổi sau khi ký", "intact, not changed after signing")
	case s.Intact:
		integrity = say("phần được ký còn nguyên, nhưng tài liệu có thay đổi sau khi ký",
			"what was signed is intact, but the document was changed afterwards")
	}
	return []Field{
		{"issuer", say("Tổ chức cấp chứng thư số", "Issuing authority"), issuer},
		{"signer", say("Người ký", "Signer"), signer},
		{"unit", say("Đơn vị quản lý chứng thư số", "Unit that manages the certificate"), unit},
		{"time", say("Thời điểm ký", "Time of signing"), s.timeText(lang)},
		{"integrity", say("Tính toàn vẹn", "Integrity"), integrity},
		{"validity", say("Hiệu lực của chữ ký tại thời điểm ký", "Validity at the time of signing"), s.Text(lang)},
		{"period", say("Thời hạn của chứng thư số", "Validity of the certificate"), period},
	}
}

// unchanged reports whether nothing that is not permitted came after the signature.
func (s Signature) unchanged() bool {
	for _, r := range s.Reasons {
		if strings.HasPrefix(r.Code, "document.") && r.Code != "document.later-signature" {
			return false
		}
	}
	return s.Coverage != UnclearCoverage
}

func (s Signature) timeText(lang string) string {
	switch {
	case s.ProvenTime != nil:
		return clock(*s.ProvenTime) + pick([2]string{" (theo dấu thời gian)", " (by time stamp)"}, lang)
	case s.ClaimedTime != nil:
		return clock(*s.ClaimedTime) + pick([2]string{" (do người ký khai, chưa được chứng minh)", " (the signer's claim, not proven)"}, lang)
	}
	return pick([2]string{"không ghi", "not stated"}, lang)
}

// clock writes a time as documents of the administration do.
func clock(t time.Time) string { return vntime.In(t).Format("02/01/2006 15:04:05 -07:00") }

// Text is the report for people, in "vi" or "en": the verdict, then for each signature what [Signature.Display] gives and
// the warnings. It names persons.
func (r *Report) Text(lang string) string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	say := func(vi, en string) string { return pick([2]string{vi, en}, lang) }
	line(say("KẾT QUẢ KIỂM TRA CHỮ KÝ SỐ", "RESULT OF SIGNATURE VERIFICATION"))
	line(say("Kết luận: ", "Verdict: "), r.Indication.Text(lang), ".")
	line(say("Thời điểm kiểm tra: ", "Time of verification: "), clock(r.At))
	for _, w := range r.Warnings {
		line(say("Lưu ý: ", "Note: "), w.Text(lang))
	}
	for _, s := range r.Signatures {
		line()
		line(say("Chữ ký ", "Signature "), s.Field)
		for _, f := range s.Display(lang) {
			line("- ", f.Label, ": ", f.Value)
		}
		for _, w := range s.Warnings {
			line("- ", say("Lưu ý: ", "Note: "), w.Text(lang))
		}
	}
	for _, t := range r.DocumentTimestamps {
		line()
		text := say("không được xác nhận", "not confirmed")
		if t.Indication == TotalPassed {
			text = say("hợp lệ", "valid")
		}
		line(say("Dấu thời gian của tài liệu: ", "Document time stamp: "), clock(t.Time), ", ", text)
	}
	return b.String()
}
