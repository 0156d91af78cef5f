package paper

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// Receipt is form 01, Giấy tiếp nhận hồ sơ và hẹn trả kết quả. It is handed out when a dossier is accepted complete and
// correct, and its time of receipt starts the clock (Decree 118/2025/NĐ-CP, Art 17(3)). A5.
type Receipt struct {
	Head
	Code       string // mã số hồ sơ, required
	Applicant  Party  // who handed it in, required
	Owner      Party  // chủ hồ sơ, when it is somebody else; optional
	Procedure  string // required
	Components []Component
	Sets       int       // number of sets; 0 leaves the line out
	Limit      string    // time limit by rule, such as "03 ngày làm việc"
	ReceivedAt time.Time // required
	DueAt      time.Time // required
	ReturnAt   string    // where or how the result is handed over
	Fee        int64     // đồng; 0 means none is due
	Book       string    // register book no. and serial no. (quyển số, số thứ tự)
	Note       string    // what to bring along
	Hotline    string
	Officer    string // who received it
}

// Print writes the receipt. The space is above the receiving officer's name. Error: *[InvalidError], or the writer's.
func (r Receipt) Print(w io.Writer) (Space, error) {
	if err := r.check(); err != nil {
		return Space{}, err
	}
	s := newSheet(a5, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả "+r.Code, &r.Head)
	s.head(&r.Head)
	s.title("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Mã số hồ sơ: "+r.Code)
	s.strong("Tiếp nhận hồ sơ của", r.Applicant.Name)
	s.party(&r.Applicant)
	if r.Owner.Name != "" {
		s.field("Chủ hồ sơ", r.Owner.Name)
	}
	s.strong("Thủ tục hành chính", r.Procedure)
	if len(r.Components) > 0 {
		s.field("Thành phần hồ sơ nộp gồm", " ")
		s.components(r.Components)
	}
	if r.Sets > 0 {
		s.field("Số lượng hồ sơ", fmt.Sprintf("%02d bộ", r.Sets))
	}
	s.field("Thời hạn giải quyết theo quy định", r.Limit)
	s.field("Thời gian nhận hồ sơ", longMinute(r.ReceivedAt))
	s.strong("Thời gian trả kết quả", longMinute(r.DueAt))
	s.field("Nhận kết quả tại", r.ReturnAt)
	if r.Fee > 0 {
		s.field("Phí, lệ phí", dong(r.Fee))
	} else {
		s.field("Phí, lệ phí", "không thu")
	}
	s.field("Vào sổ theo dõi hồ sơ", r.Book)
	s.field("Ghi chú", r.Note)
	s.field("Đường dây hỗ trợ", r.Hotline)
	s.skip(2)
	s.signatures(nil,
		signature{[]string{"NGƯỜI NỘP HỒ SƠ"}, "(Ký, ghi rõ họ tên)", r.Applicant.Name},
		signature{[]string{"NGƯỜI TIẾP NHẬN HỒ SƠ"}, "(Ký, ghi rõ họ tên)", r.Officer})
	return s.finish(w)
}

func (r *Receipt) check() error {
	var c checker
	r.Head.check(&c)
	c.required("code", &r.Code)
	r.Applicant.check(&c, "applicant")
	if r.Owner != (Party{}) {
		r.Owner.check(&c, "owner")
	}
	c.required("procedure", &r.Procedure)
	c.rows("components", len(r.Components))
	r.Components = append([]Component(nil), r.Components...)
	for i := range r.Components {
		c.required("components.name", &r.Components[i].Name)
		c.text("components.kind", &r.Components[i].Kind)
		c.need("components.count", r.Components[i].Count >= 0, "not negative")
	}
	c.need("sets", r.Sets >= 0, "not negative")
	c.need("fee", r.Fee >= 0, "not negative")
	c.need("received", !r.ReceivedAt.IsZero(), "a time")
	c.need("due", !r.DueAt.Before(r.ReceivedAt) && !r.DueAt.IsZero(), "a time after receipt")
	c.text("limit", &r.Limit, &r.ReturnAt, &r.Book, &r.Note, &r.Hotline)
	c.short("officer", &r.Officer)
	return c.err
}

// party draws what is known of a party beside its name.
func (s *sheet) party(p *Party) {
	s.field("Số định danh cá nhân/mã số thuế", p.ID)
	s.field("Địa chỉ", p.Address)
	switch {
	case p.Phone != "" && p.Email != "":
		s.paragraph(run{"", "Số điện thoại: " + p.Phone + "; email: " + p.Email})
	default:
		s.field("Số điện thoại", p.Phone)
		s.field("Email", p.Email)
	}
}

func (s *sheet) components(list []Component) {
	var rows [][]string
	for i, c := range list {
		count := ""
		if c.Count > 0 {
			count = fmt.Sprintf("%02d", c.Count)
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), c.Name, c.Kind, count})
	}
	s.table([]column{{"TT", 0.09, true}, {"Tên giấy tờ", 0.56, false}, {"Loại bản", 0.2, true},
		{"Số lượng", 0.15, true}}, rows)
}

// dong writes an amount with dots: 8.000 đồng.
func dong(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return digits + " đồng"
}
