package paper

import "io"

// Result is the document a procedure ends in: an extract, a certificate, a decision. A4. It is what gets signed.
type Result struct {
	Head
	Title    string  // in capitals, required
	Subtitle string  // such as "(Bản sao)"
	Code     string  // mã số hồ sơ; printed small, optional
	Grounds  string  // an opening sentence, such as the register it is taken from
	Fields   []Field // at least one field or one paragraph
	Body     []string
	// Validity and Scope are what Circular 01/2023/TT-VPCP, Art 26 wants a result to say beside its code.
	Validity   string
	Scope      string
	Recipients []string // nơi nhận; at most 12
	Signer     Signer
}

// Print writes the document. The space is where the signature or the seal goes. Error: *[InvalidError], or the writer's.
func (r Result) Print(w io.Writer) (Space, error) {
	if err := r.check(); err != nil {
		return Space{}, err
	}
	s := newSheet(a4, r.Title, &r.Head)
	s.head(&r.Head)
	s.skip(5)
	s.title(r.Title, r.Subtitle)
	s.skip(3)
	if r.Grounds != "" {
		s.paragraph(run{"I", r.Grounds})
		s.skip(2)
	}
	for _, f := range r.Fields {
		s.strong(f.Label, f.Value)
		s.skip(1)
	}
	for _, p := range r.Body {
		s.paragraph(run{"", p})
		s.skip(1)
	}
	s.skip(1)
	s.field("Thời hạn hiệu lực", r.Validity)
	s.field("Phạm vi sử dụng", r.Scope)
	if r.Code != "" {
		s.paragraph(run{"I", "Mã số hồ sơ: " + r.Code})
	}
	s.skip(6)
	s.signatures(recipients(r.Recipients), r.Signer.block())
	return s.finish(w)
}

func (r *Result) check() error {
	var c checker
	r.Head.check(&c)
	c.required("title", &r.Title)
	c.text("subtitle", &r.Subtitle, &r.Code, &r.Grounds, &r.Validity, &r.Scope)
	c.need("fields", len(r.Fields)+len(r.Body) > 0, "at least one field or paragraph")
	c.rows("fields", len(r.Fields)+len(r.Body))
	r.Fields = append([]Field(nil), r.Fields...)
	for i := range r.Fields {
		c.required("fields.label", &r.Fields[i].Label)
		c.text("fields."+r.Fields[i].Label, &r.Fields[i].Value)
	}
	r.Body = append([]string(nil), r.Body...)
	for i := range r.Body {
		c.text("body", &r.Body[i])
	}
	r.Recipients = checkRecipients(&c, r.Recipients)
	r.Signer.check(&c, "signer")
	return c.err
}
