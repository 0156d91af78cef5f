package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/signature/signaturetest"
)

// TestPagesOnPhone looks at the pages about proofs, findings and erasure on a screen of 360 pixels, without JavaScript.
func TestPagesOnPhone(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	altered, err := signaturetest.ReplaceContent(signedBy(t, h.Keys.Hospital, signaturetest.NewPDF(signaturetest.File{}), c.Now()), "PAY 9,999")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "giay.pdf")
	if err := os.WriteFile(path, altered, 0o600); err != nil {
		t.Fatal(err)
	}
	citizen := newTab(t, h.URL, "citizen", 360, 740)
	citizen.open("/proof")
	citizen.mustSay("main", "bên chứng kiến độc lập")
	citizen.look("proof")
	citizen.open("/login?return_to=/procedures/2.000635")
	citizen.press(`button[value="nghia"]`)
	citizen.press("main form button")
	citizen.do(chromedp.Click(chromedp.CSS("#kind-0")), chromedp.Click(chromedp.CSS("#relation-0")))
	citizen.fill(map[string]string{"holderName": "Nguyễn Trọng Nghĩa", "holderBirthDate": "15/03/1990", "registeredAt": "UBND xã", "copies": "1"})
	citizen.press("main form button")
	citizen.do(chromedp.SetUploadFiles(chromedp.CSS("#paper-van-ban-uy-quyen-dien-tu"), []string{path}))
	citizen.press(`form:has(#paper-van-ban-uy-quyen-dien-tu) button`)
	citizen.mustSay("[role=alert]", "Bị thay đổi sau khi ký")
	citizen.look("refused")
	citizen.do(chromedp.SetUploadFiles(chromedp.CSS("#paper-giay-to-chung-minh-quan-he"), []string{path}))
	citizen.press(`form:has(#paper-giay-to-chung-minh-quan-he) button`)
	citizen.mustSay(".finding", "Bị thay đổi sau khi ký")
	citizen.look("finding")

	admin := newTab(t, h.URL, "admin", 360, 740)
	admin.open("/staff")
	admin.press(`button[value="quantri"]`)
	admin.look("erasure")
	admin.fill(map[string]string{"code": told.Code})
	admin.press(`form[method="get"] button`)
	admin.press(`form[method="post"][action="/admin/erasure"] button`)
	admin.mustSay("[role=alert]", "căn cứ pháp lý")
	admin.look("erasure-errors")
	admin.do(chromedp.Click(chromedp.CSS("#ground-0")))
	admin.fill(map[string]string{"number": "12/QĐ-UBND", "confirm": told.Code})
	admin.press(`form[method="post"][action="/admin/erasure"] button`)
	admin.mustSay("[role=status]", "Đã xóa dữ liệu cá nhân")
	admin.look("erased")
	citizen.open("/dossiers")
	citizen.press("a.title[href^='/dossiers/']")
	if text := citizen.says("main"); !strings.Contains(text, "đã được xóa theo quy định") {
		t.Errorf("the erased dossier says %s", text)
	}
	citizen.look("erased-dossier")
}
