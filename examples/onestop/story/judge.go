package story

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"github.com/motcua/motcua/examples/onestop/visit"
)

// fetch downloads the first document of the dossier whose address holds part.
func (t *teller) fetch(ctx context.Context, part string) ([]byte, error) {
	page := t.citizen.At.String()
	n := visit.Find(t.citizen.Page, func(n *html.Node) bool {
		return n.Data == "a" && strings.Contains(visit.Attr(n, "href"), "/files/"+part)
	})
	if n == nil {
		return nil, fmt.Errorf("%s: there is no document %q", t.citizen.At.Path, part)
	}
	if err := t.citizen.Open(ctx, visit.Attr(n, "href")); err != nil {
		return nil, err
	}
	data := t.citizen.Raw
	return data, t.citizen.Open(ctx, page)
}

// verify hands result and code to the public check, as anybody can.
func (t *teller) verify(ctx context.Context) error {
	anybody, err := visit.New(t.stage.URL)
	if err != nil {
		return err
	}
	for _, document := range []visit.Upload{{Name: "result.pdf", Media: "application/pdf", Data: t.told.Result},
		{Name: "qr.png", Media: "image/png", Data: t.told.ResultQR}} {
		if err := anybody.Open(ctx, "/verify"); err != nil {
			return err
		}
		if err := anybody.Submit(ctx, "/verify", nil, map[string]visit.Upload{"file": document}); err != nil {
			return err
		}
		panel := visit.Find(anybody.Page, func(n *html.Node) bool { return visit.Attr(n, "role") == "status" })
		if panel == nil || visit.Attr(panel, "class") != "panel " {
			return fmt.Errorf("the public check does not pass %s: %s", document.Name, visit.Text(visit.Find(anybody.Page, func(n *html.Node) bool { return n.Data == "main" })))
		}
		if err := t.drawVerdict(anybody, document); err != nil {
			return err
		}
		t.told.Verdict += visit.Text(visit.Find(panel, func(n *html.Node) bool { return n.Data == "h2" })) + ". "
	}
	t.say("Bất kỳ ai", "kiểm tra văn bản và mã QR tại trang công khai", "Thông tư 15/2025/TT-BKHCN, Điều 6; Thông tư 01/2023/TT-VPCP, Điều 26",
		strings.TrimSpace(t.told.Verdict))
	last := &t.told.Steps[len(t.told.Steps)-1]
	last.Drawing, last.DrawingText = t.verdict, "ai đã ký, khi nào, và sau đó có gì thay đổi"
	return nil
}

// drawVerdict keeps the drawing that the public check makes of a signed document.
func (t *teller) drawVerdict(b *visit.Browser, document visit.Upload) error {
	if document.Media != "application/pdf" {
		return nil
	}
	var s Step
	err := drawInto(b, &s, "")
	t.verdict = s.Drawing
	return err
}

// prove downloads what the citizen can hold the office to: the proof of every record about the dossier.
func (t *teller) prove(ctx context.Context) error {
	if err := t.citizen.Open(ctx, "/dossiers/"+t.id+"/proof"); err != nil {
		return err
	}
	t.told.Proof = t.citizen.Raw
	if err := t.citizen.Open(ctx, "/proof"); err != nil {
		return err
	}
	t.say(t.plot.citizen, "tải bằng chứng về hồ sơ của mình", "Luật Giao dịch điện tử 20/2023/QH15 (toàn vẹn dữ liệu); RFC 6962, RFC 3161",
		fmt.Sprintf("%d byte, tự kiểm tra được không cần văn phòng; sổ có %s ghi nhận, bên chứng kiến %s", len(t.told.Proof),
			t.citizen.Row("Số ghi nhận"), t.citizen.Row("Bên chứng kiến")))
	return nil
}
