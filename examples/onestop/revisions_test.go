package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/signature/signaturetest"
)

// TestVerifyShows hands documents in every condition to the public check, in a browser of 360 pixels without JavaScript:
// the page keeps what every page promises, and its drawing says the same as its table.
func TestVerifyShows(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	replaced, err := signaturetest.ReplaceContent(signedBy(t, h.Keys.Hospital, signaturetest.NewPDF(signaturetest.File{}), c.Now()), "PAY 9,999")
	if err != nil {
		t.Fatal(err)
	}
	b := newTab(t, h.URL, "anybody", 360, 740)
	for _, tt := range []struct {
		name  string
		doc   []byte
		words []string
	}{
		{"result", told.Result, []string{"Văn bản có chữ ký hợp lệ", "1. Chữ ký", "2. Chữ ký", "3. Dấu thời gian toàn văn bản",
			"Đỗ Thị Bích Ngọc", "PAdES-BASELINE-LTA", "18/11/2026 11:00", "không bị thu hồi", "Tính toàn vẹn", "được phép"}},
		{"replaced", replaced, []string{"Văn bản không hợp lệ", "nội dung bị sửa", "KHÔNG được phép", "Bệnh viện Phụ sản Hư Cấu"}},
		{"unsigned", signaturetest.NewPDF(signaturetest.File{}), []string{"Văn bản không có chữ ký số"}},
	} {
		path := filepath.Join(t.TempDir(), tt.name+".pdf")
		if err := os.WriteFile(path, tt.doc, 0o600); err != nil {
			t.Fatal(err)
		}
		b.open("/verify")
		b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
		b.press("main form button")
		page := wholePage(t, b)
		for _, words := range tt.words {
			if !strings.Contains(visit.Text(page), words) {
				t.Errorf("%s: the page does not say %q", tt.name, words)
			}
		}
		b.look(tt.name)
		checkDrawing(t, b, page, tt.name)
	}
}

// wholePage reads the page that is open, all of it: what is folded too.
func wholePage(t *testing.T, b *tab) *html.Node {
	t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.OuterHTML(chromedp.CSS("html")))
	if err != nil {
		t.Fatal(err)
	}
	page, err := html.Parse(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// checkDrawing wants a drawing to name itself, to fit the screen in letters of at least 12 pixels, and to say no word that
// the table beside it does not say.
func checkDrawing(t *testing.T, b *tab, page *html.Node, name string) {
	t.Helper()
	drawing := visit.Find(page, visit.IsElement("svg"))
	table := visit.Find(page, visit.IsElement("table"))
	if name == "unsigned" {
		if drawing != nil {
			t.Error("there is nothing to draw")
		}
		return
	}
	if drawing == nil || table == nil || visit.Attr(drawing, "role") != "img" || visit.Attr(drawing, "aria-labelledby") != "revisions-title revisions-desc" {
		t.Fatalf("%s: no drawing with a name, or no table", name)
	}
	said := visit.Text(table) + visit.Text(visit.Find(drawing, visit.IsElement("desc")))
	visit.Walk(drawing, func(n *html.Node) {
		text := visit.Text(n)
		if n.Data == "text" && !strings.Contains(said, text) && !strings.Contains(text, "văn bản") && !strings.Contains(text, "byte") {
			t.Errorf("%s: only the drawing says %q", name, text)
		}
	})
	height, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](`Math.min(...[...document.querySelectorAll("svg.revisions text")].map(e => {
		const scale = e.getScreenCTM().a, box = e.getBoundingClientRect();
		return box.right > innerWidth ? 0 : scale * parseFloat(e.getAttribute("font-size")) }))`))
	if err != nil || height < 12 {
		t.Errorf("%s: letters of %.1f pixels, or off the screen (%v)", name, height, err)
	}
}
