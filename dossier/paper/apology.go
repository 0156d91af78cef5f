package paper

import (
	"io"
	"strings"
	"time"
)

// Apology is form 04: Phiếu xin lỗi và hẹn lại ngày trả kết quả (2018), Văn bản xin lỗi và đề nghị gia hạn thời gian giải
// quyết (2025). It is sent at the latest one day before the due date, at most once. Signed by the head of the agency that
// processes the dossier. A5.
type Apology struct {
	Head
	Code       string // mã số hồ sơ, required
	Applicant  Party  // required
	Procedure  string // required
	AcceptedAt time.Time
	DueAt      time.Time // the date that will be missed
	NewDueAt   time.Time // must be later
	Reason     string    // required
	Recipients []string  // nơi nhận; at most 12
	Signer     Signer
}

// Print writes the apology. Error: *[InvalidError], or the writer's.
func (r Apology) Print(w io.Writer) (Space, error) {
	if err := r.check(); err != nil {
		return Space{}, err
	}
	s := newSheet(a5, "Phiếu xin lỗi và hẹn lại ngày trả kết quả "+r.Code, &r.Head)
	s.head(&r.Head)
	s.title("PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ", codeLine(r.Code))
	s.strong("Kính gửi", r.Applicant.Name)
	s.field("Địa chỉ", r.Applicant.Address)
	s.field("Số điện thoại", r.Applicant.Phone)
	s.paragraph(run{"", "Ngày" + strings.TrimPrefix(longDate(r.AcceptedAt), "ngày") + ", " + r.Office + " đã tiếp nhận hồ sơ thực hiện thủ tục "},
		run{"B", r.Procedure}, run{"", " và hẹn trả kết quả vào " + longMinute(r.DueAt) + "."})
	s.paragraph(run{"", "Đến nay hồ sơ chưa được giải quyết xong. Lý do: " + r.Reason})
	s.paragraph(run{"", r.Office + " xin lỗi Ông/Bà vì sự chậm trễ này và hẹn trả kết quả vào "},
		run{"B", longMinute(r.NewDueAt)}, run{"", "."})
	s.paragraph(run{"", "Rất mong nhận được sự thông cảm của Ông/Bà."})
	s.skip(2)
	s.signatures(recipients(r.Recipients), r.Signer.block())
	return s.finish(w)
}

func (r *Apology) check() error {
	var c checker
	r.Head.check(&c)
	c.required("code", &r.Code)
	r.Applicant.check(&c, "applicant")
	c.required("procedure", &r.Procedure)
	c.required("reason", &r.Reason)
	c.need("accepted", !r.AcceptedAt.IsZero(), "a time")
	c.need("due", !r.DueAt.IsZero() && !r.DueAt.Before(r.AcceptedAt), "a time after acceptance")
	c.need("newdue", r.NewDueAt.After(r.DueAt), "a time after the first due date")
	r.Recipients = checkRecipients(&c, r.Recipients)
	r.Signer.check(&c, "signer")
	return c.err
}

func checkRecipients(c *checker, list []string) []string {
	c.need("recipients", len(list) <= 12, "at most 12")
	list = append([]string(nil), list...)
	for i := range list {
		c.short("recipients", &list[i])
	}
	return list
}

func recipients(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	notes := []string{"Nơi nhận:"}
	for _, r := range list {
		notes = append(notes, "- "+r)
	}
	return notes
}

func (s *Signer) block() signature {
	var heads []string
	for _, h := range []string{s.OnBehalf, s.Title} {
		if h != "" {
			heads = append(heads, h)
		}
	}
	return signature{heads: heads, name: s.Name}
}
