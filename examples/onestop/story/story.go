// Package story plays procedures over the office's own HTTP handlers, as browsers without JavaScript would, and keeps
// what happened: each legal step with its ground, and the documents that came of it.
package story

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/identity/identitytest"
)

// Stage is where a story is played.
type Stage struct {
	// URL is the office.
	URL string
	Now func() time.Time
	// Skip lets time pass between steps.
	Skip func(time.Duration)
	// Sign signs a paper as somebody outside the office does, with his own key: Hospital or Citizen.
	Sign func(who string, pdf []byte) ([]byte, error)
	// Out hears each step as it happens; nil is silent.
	Out io.Writer
}

// Step is one thing that happened.
type Step struct {
	At          time.Time
	Who         string
	What        string
	Law         string
	Details     []string
	Drawing     string // SVG
	DrawingText string
}

// Told is a story that has been played.
type Told struct {
	Name, Title string
	Steps       []Step
	Code        string // of the dossier
	Result      []byte // PDF
	ResultQR    []byte // PNG
	Receipt     []byte // PDF
	Proof       []byte // bundle of journal/audit
	Verdict     string
}

// Names lists the stories.
func Names() string { return "copy (bản sao trích lục, có phí), birth (khai sinh, miễn phí)" }

// UnknownError names a story that nobody knows.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no story %q; there are: %s", e.Name, Names())
}

// plot is what differs between stories.
type plot struct {
	title, procedure, persona, citizen string
	answers                            map[string]string
	paper                              letter
	fee                                bool
}

func plots() map[string]plot {
	return map[string]plot{
		"copy": {title: "Cấp bản sao trích lục hộ tịch", procedure: "2.000635", persona: "nghia", citizen: "Nguyễn Trọng Nghĩa", fee: true,
			answers: map[string]string{"kind": "khai-sinh", "holderName": "Trần Thị Mỹ Vĩnh", "holderBirthDate": "02/11/1988",
				"registeredAt": "UBND xã Vĩnh Phúc Hư Cấu, tỉnh Phú Thọ", "relation": "vo-chong", "copies": "2"},
			paper: authorisation()},
		"birth": {title: "Đăng ký khai sinh", procedure: "1.001193", persona: "vinh", citizen: "Trần Thị Mỹ Vĩnh",
			answers: map[string]string{"relation": "me", "childName": "Nguyễn Trần Bảo Ngân", "childSex": "nu", "childBirthDate": "10/11/2026",
				"childBirthPlace": "Trạm y tế phường Ví Dụ", "childHometown": "Phường Ví Dụ, thành phố Hà Nội", "motherName": "Trần Thị Mỹ Vĩnh",
				"fatherName": "Nguyễn Trọng Nghĩa"},
			paper: birthNotice()},
	}
}

// Play plays a story to its end and returns what came of it. A step that does not succeed ends it.
func Play(ctx context.Context, name string, stage Stage) (*Told, error) {
	p, ok := plots()[name]
	if !ok {
		return nil, &UnknownError{name}
	}
	t := &teller{stage: stage, plot: p, told: &Told{Name: name, Title: p.title}}
	for _, scene := range []func(context.Context) error{t.signIn, t.prefill, t.file, t.pay, t.accept, t.process, t.collect, t.verify, t.prove} {
		if err := scene(ctx); err != nil {
			return t.told, fmt.Errorf("story %s, after step %d: %w", name, len(t.told.Steps), err)
		}
	}
	return t.told, nil
}

// teller plays one story.
type teller struct {
	stage   Stage
	plot    plot
	told    *Told
	citizen *visit.Browser
	id      string // of the dossier
	verdict string // the drawing of the public check
}

// say keeps a step and prints it.
func (t *teller) say(who, what, law string, details ...string) {
	s := Step{At: t.stage.Now(), Who: who, What: what, Law: law, Details: details}
	t.told.Steps = append(t.told.Steps, s)
	if t.stage.Out == nil {
		return
	}
	fmt.Fprintf(t.stage.Out, "%2d. [%s] %s: %s\n", len(t.told.Steps), s.At.Format("02/01/2006 15:04"), who, what)
	if law != "" {
		fmt.Fprintf(t.stage.Out, "      căn cứ: %s\n", law)
	}
	for _, d := range details {
		fmt.Fprintf(t.stage.Out, "      %s\n", d)
	}
}

func (t *teller) signIn(ctx context.Context) (err error) {
	if t.citizen, err = enter(ctx, t.stage.URL, "/login?return_to=/procedures/"+t.plot.procedure, t.plot.persona); err != nil {
		return err
	}
	t.say(t.plot.citizen, "đăng nhập bằng tài khoản định danh điện tử", "Nghị định 69/2024/NĐ-CP; OpenID Connect Core 3.1.3.7",
		"mã ủy quyền kèm PKCE S256, state, nonce; id_token được kiểm tra đầy đủ")
	return t.draw("sơ đồ giải quyết của thủ tục")
}

// enter signs a persona in and leaves the browser on the page asked for.
func enter(ctx context.Context, base, path, persona string) (*visit.Browser, error) {
	b, err := visit.New(base)
	if err != nil {
		return nil, err
	}
	resp, err := identitytest.SignIn(b.Client, base+path, persona)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	return b, b.Open(ctx, resp.Request.URL.String())
}

// draw keeps the first drawing of the page that is open with the newest step.
func (t *teller) draw(what string) error {
	return drawInto(t.citizen, &t.told.Steps[len(t.told.Steps)-1], what)
}

func drawInto(b *visit.Browser, s *Step, what string) error {
	n := visit.Find(b.Page, func(n *html.Node) bool { return n.Data == "svg" })
	if n == nil {
		return fmt.Errorf("%s: there is no drawing", b.At.Path)
	}
	var out strings.Builder
	if err := html.Render(&out, n); err != nil {
		return err
	}
	s.Drawing, s.DrawingText = out.String(), what
	return nil
}

func (t *teller) prefill(ctx context.Context) error {
	if err := t.citizen.Submit(ctx, "/start", nil, nil); err != nil {
		return err
	}
	var locked []string
	visit.Walk(t.citizen.Page, func(n *html.Node) {
		if n.Data == "input" && visit.Has(n, "readonly") {
			label := visit.Find(t.citizen.Page, func(l *html.Node) bool { return l.Data == "label" && visit.Attr(l, "for") == visit.Attr(n, "id") })
			locked = append(locked, visit.Text(label))
		}
	})
	if len(locked) == 0 {
		return fmt.Errorf("%s: the register has filled nothing in", t.citizen.At.Path)
	}
	t.say("Hệ thống", "lấy dữ liệu từ Cơ sở dữ liệu quốc gia về dân cư, không hỏi lại người dân", "Nghị định 118/2025/NĐ-CP, Điều 4 khoản 2a",
		"ý định tra cứu được ghi sổ trước khi hỏi, kết quả ghi sổ trước khi dùng", "đã khóa: "+strings.Join(locked, "; "))
	return nil
}

func (t *teller) file(ctx context.Context) error {
	b := t.citizen
	if err := b.Submit(ctx, "/form", t.plot.answers, nil); err != nil {
		return err
	}
	if err := t.attach(ctx); err != nil {
		return err
	}
	if err := b.Submit(ctx, "/papers/done", nil, nil); err != nil {
		return err
	}
	if err := b.Submit(ctx, "/submit", nil, nil); err != nil {
		return err
	}
	t.id = b.At.Path[strings.LastIndex(b.At.Path, "/")+1:]
	t.say(t.plot.citizen, "kiểm tra lại và nộp hồ sơ trực tuyến", t.law(b, "Nộp hồ sơ"), "trạng thái 1: "+b.Row("Trạng thái"),
		"giấy tờ lưu theo mã băm nội dung, mã hóa bằng khóa riêng của người nộp")
	return nil
}

// attach hands in a paper that somebody else has signed, and hears what the office makes of the signature.
func (t *teller) attach(ctx context.Context) error {
	l := t.plot.paper
	pdf, err := l.write(t.stage, t.stage.Now())
	if err != nil {
		return err
	}
	file := visit.Upload{Name: l.name, Media: "application/pdf", Data: pdf}
	if err := t.citizen.Submit(ctx, "/papers", map[string]string{"component": l.component}, map[string]visit.Upload{"file": file}); err != nil {
		return err
	}
	finding := visit.Find(t.citizen.Page, func(n *html.Node) bool { return visit.Attr(n, "class") == "finding" })
	if text := visit.Text(finding); text != "Chữ ký số hợp lệ" {
		return fmt.Errorf("the paper is judged %q", text)
	}
	t.say("Hệ thống", "kiểm tra chữ ký số trên giấy tờ tải lên ngay khi nhận", "Thông tư 15/2025/TT-BKHCN, Điều 6",
		l.what+": "+visit.Text(finding), "kiểm tra lại khi nộp; kết quả ghi sổ làm chứng cứ, không ghi tên ai")
	return nil
}

// law finds the ground the timeline gives for the newest act of that name.
func (t *teller) law(b *visit.Browser, act string) string {
	var ground string
	visit.Walk(b.Page, func(n *html.Node) {
		if n.Data != "li" {
			return
		}
		title := visit.Find(n, func(m *html.Node) bool { return m.Data == "strong" })
		law := visit.Find(n, func(m *html.Node) bool { return visit.Attr(m, "class") == "law" })
		if title != nil && law != nil && visit.Text(title) == act {
			ground = visit.Text(law)
		}
	})
	return ground
}

func (t *teller) pay(ctx context.Context) error {
	if !t.plot.fee {
		return nil
	}
	b := t.citizen
	if err := b.Submit(ctx, "/pay", nil, nil); err != nil {
		return err
	}
	gateway := b.At.Host
	if err := b.Submit(ctx, "", map[string]string{"button": "succeed"}, nil); err != nil {
		return err
	}
	state := b.Row("Phí, lệ phí")
	if !strings.Contains(state, "đã thanh toán") {
		return fmt.Errorf("the fee is not paid: %s", state)
	}
	t.say(t.plot.citizen, "thanh toán phí qua cổng VNPAY", "Nghị định 224/2026/NĐ-CP, Điều 15 khoản 1",
		state, "cổng tại "+gateway+" gọi về có chữ ký HMAC-SHA512; ghi sổ đúng một lần; trình duyệt quay về không đổi trạng thái")
	return nil
}

// staff signs a member of the staff in on the dossier's page.
func (t *teller) staff(ctx context.Context, persona string) (*visit.Browser, error) {
	return enter(ctx, t.stage.URL, "/staff?return_to="+url.QueryEscape("/office/"+t.id), persona)
}

func (t *teller) accept(ctx context.Context) error {
	t.stage.Skip(40 * time.Minute)
	b, err := t.staff(ctx, "tiepnhan")
	if err != nil {
		return err
	}
	if err := b.Submit(ctx, "/office/"+t.id, map[string]string{"act": "accept"}, nil); err != nil {
		return err
	}
	if err := t.citizen.Open(ctx, "/dossiers/"+t.id); err != nil {
		return err
	}
	t.told.Code = t.citizen.Row("Mã hồ sơ")
	t.say("Cán bộ tiếp nhận", "tiếp nhận hồ sơ, cấp mã số và giấy hẹn (Mẫu 01)", t.law(t.citizen, "Tiếp nhận"),
		"mã hồ sơ "+t.told.Code, "hẹn trả "+t.citizen.Row("Hẹn trả"))
	if err := t.draw("vì sao hẹn trả ngày này"); err != nil {
		return err
	}
	if t.told.Receipt, err = t.fetch(ctx, "receipt-"); err != nil {
		return err
	}
	t.stage.Skip(20 * time.Minute)
	if err := b.Submit(ctx, "/office/"+t.id, map[string]string{"act": "assign"}, nil); err != nil {
		return err
	}
	t.say("Cán bộ tiếp nhận", "chuyển bộ phận chuyên môn xử lý", t.law(b, "Chuyển xử lý"), "trạng thái 4: "+b.Row("Trạng thái"))
	return nil
}

func (t *teller) process(ctx context.Context) error {
	t.stage.Skip(90 * time.Minute)
	leader, err := t.staff(ctx, "lanhdao")
	if err != nil {
		return err
	}
	if err := leader.Submit(ctx, "/office/"+t.id, map[string]string{"act": "approve"}, nil); err != nil {
		return err
	}
	t.say("Lãnh đạo", "phê duyệt và ký số kết quả (PAdES B-LT, hình chữ ký màu xanh)", t.law(leader, "Phê duyệt")+"; Nghị định 30/2020/NĐ-CP, Điều 13",
		"dấu thời gian RFC 3161 và trả lời OCSP, CRL nằm trong tệp; thiếu một thứ thì chưa phê duyệt", "mã QR VN1 in trên văn bản")
	t.stage.Skip(15 * time.Minute)
	clerk, err := t.staff(ctx, "vanthu")
	if err != nil {
		return err
	}
	if err := clerk.Submit(ctx, "/office/"+t.id, map[string]string{"act": "finish"}, nil); err != nil {
		return err
	}
	t.say("Văn thư", "đóng dấu số của cơ quan (PAdES B-LTA, hình dấu màu đỏ) và chuyển Bộ phận Một cửa",
		t.law(clerk, "Xử lý xong")+"; Nghị định 30/2020/NĐ-CP, Điều 17, 33", "trạng thái 9: "+clerk.Row("Trạng thái"),
		"chữ ký của lãnh đạo được kiểm tra trước khi đóng dấu; dấu thời gian toàn văn bản giữ cho chữ ký kiểm tra được lâu dài")
	return nil
}

func (t *teller) collect(ctx context.Context) error {
	t.stage.Skip(5 * time.Minute)
	b, err := t.staff(ctx, "tiepnhan")
	if err != nil {
		return err
	}
	if err := b.Submit(ctx, "/office/"+t.id, map[string]string{"act": "return"}, nil); err != nil {
		return err
	}
	if err := t.citizen.Open(ctx, "/dossiers/"+t.id); err != nil {
		return err
	}
	t.say("Bộ phận Một cửa", "trả kết quả điện tử", t.law(t.citizen, "Trả kết quả"), "trạng thái 10: "+t.citizen.Row("Trạng thái"))
	if t.told.Result, err = t.fetch(ctx, "result.pdf"); err != nil {
		return err
	}
	t.told.ResultQR, err = t.fetch(ctx, "result-qr.png")
	return err
}
