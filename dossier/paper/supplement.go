package paper

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// Missing is a document that is lacking or wrong, with how many of each kind are wanted.
type Missing struct {
	Name      string // required
	Original  int    // bản chính
	Certified int    // bản sao chứng thực
	Copy      int    // bản chụp
	Note      string // what is wrong with it
}

// Supplement is form 02, Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ: one notice, in one go, of all that is lacking
// (Decree 118/2025/NĐ-CP, Art 17). A5.
type Supplement struct {
	Head
	Code      string // mã số hồ sơ, optional before acceptance
	Applicant Party  // required
	Procedure string // required
	Missing   []Missing
	Reason    string    // required
	Until     time.Time // until when to complete it; zero leaves the line out
	Guide     string    // where the rules can be read
	Contact   string    // officer to ask
	Phone     string    // and his telephone
	Officer   string    // who guides and signs
}

// Print writes the request. Error: *[InvalidError], or the writer's.
func (r Supplement) Print(w io.Writer) (Space, error) {
	if err := r.check(); err != nil {
		return Space{}, err
	}
	s := newSheet(a5, "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ "+r.Code, &r.Head)
	s.head(&r.Head)
	s.title("PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", codeLine(r.Code))
	s.strong("Hồ sơ của", r.Applicant.Name)
	s.party(&r.Applicant)
	s.strong("Nội dung yêu cầu giải quyết", r.Procedure)
	if len(r.Missing) > 0 {
		s.field("Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau", " ")
		s.missing(r.Missing)
	}
	s.field("Lý do", r.Reason)
	if !r.Until.IsZero() {
		s.strong("Đề nghị hoàn thiện trước", longMinute(r.Until))
	}
	s.field("Tra cứu quy định tại", r.Guide)
	if r.Contact != "" && r.Phone != "" {
		s.paragraph(run{"", "Nếu có vướng mắc, xin liên hệ " + r.Contact + ", số điện thoại " + r.Phone + "."})
	} else {
		s.field("Liên hệ khi có vướng mắc", r.Contact+r.Phone)
	}
	s.skip(2)
	s.signatures(nil, signature{[]string{"NGƯỜI HƯỚNG DẪN"}, "(Ký, ghi rõ họ tên)", r.Officer})
	return s.finish(w)
}

func (r *Supplement) check() error {
	var c checker
	r.Head.check(&c)
	c.text("code", &r.Code)
	r.Applicant.check(&c, "applicant")
	c.required("procedure", &r.Procedure)
	c.required("reason", &r.Reason)
	c.rows("missing", len(r.Missing))
	r.Missing = append([]Missing(nil), r.Missing...)
	for i := range r.Missing {
		m := &r.Missing[i]
		c.required("missing.name", &m.Name)
		c.text("missing.note", &m.Note)
		c.need("missing.count", m.Original >= 0 && m.Certified >= 0 && m.Copy >= 0, "not negative")
	}
	c.text("guide", &r.Guide, &r.Contact, &r.Phone)
	c.short("officer", &r.Officer)
	return c.err
}

func (s *sheet) missing(list []Missing) {
	var rows [][]string
	for i, m := range list {
		name := m.Name
		if m.Note != "" {
			name += "\n" + m.Note
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), name, count(m.Original), count(m.Certified), count(m.Copy)})
	}
	s.table([]column{{"TT", 0.08, true}, {"Tên giấy tờ", 0.5, false}, {"Bản chính", 0.13, true},
		{"Bản sao chứng thực", 0.16, true}, {"Bản chụp", 0.13, true}}, rows)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%02d", n)
}

func codeLine(code string) string {
	if code == "" {
		return ""
	}
	return "Mã số hồ sơ: " + code
}
