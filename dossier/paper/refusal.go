package paper

import "io"

// Refusal is form 03, Phiếu từ chối tiếp nhận giải quyết hồ sơ, with reasons in writing. A5.
type Refusal struct {
	Head
	Code      string   // mã số hồ sơ, optional before acceptance
	Applicant Party    // required
	Procedure string   // required
	Reasons   []string // at least one
	Law       string   // legal ground, required
	Advice    string   // what the applicant can do instead
	Officer   string   // who signs
}

// Print writes the refusal. Error: *[InvalidError], or the writer's.
func (r Refusal) Print(w io.Writer) (Space, error) {
	if err := r.check(); err != nil {
		return Space{}, err
	}
	s := newSheet(a5, "Phiếu từ chối tiếp nhận giải quyết hồ sơ "+r.Code, &r.Head)
	s.head(&r.Head)
	s.title("PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ", codeLine(r.Code))
	s.strong("Hồ sơ của", r.Applicant.Name)
	s.party(&r.Applicant)
	s.strong("Nội dung yêu cầu giải quyết", r.Procedure)
	s.paragraph(run{"", "Qua xem xét, "}, run{"B", r.Office},
		run{"", " thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:"})
	for _, reason := range r.Reasons {
		s.paragraph(run{"", "- " + reason})
	}
	s.field("Căn cứ", r.Law)
	s.field("Hướng dẫn", r.Advice)
	s.paragraph(run{"", "Xin thông báo để Ông/Bà được biết và thực hiện."})
	s.skip(2)
	s.signatures(nil,
		signature{[]string{"NGƯỜI NỘP HỒ SƠ"}, "(Ký, ghi rõ họ tên)", r.Applicant.Name},
		signature{[]string{"CÁN BỘ TIẾP NHẬN"}, "(Ký, ghi rõ họ tên)", r.Officer})
	return s.finish(w)
}

func (r *Refusal) check() error {
	var c checker
	r.Head.check(&c)
	c.text("code", &r.Code)
	r.Applicant.check(&c, "applicant")
	c.required("procedure", &r.Procedure)
	c.required("law", &r.Law)
	c.need("reasons", len(r.Reasons) > 0, "at least one")
	c.rows("reasons", len(r.Reasons))
	r.Reasons = append([]string(nil), r.Reasons...)
	for i := range r.Reasons {
		c.required("reasons", &r.Reasons[i])
	}
	c.text("advice", &r.Advice)
	c.short("officer", &r.Officer)
	return c.err
}
