package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/examples/onestop/visit"
)

// TestWrongMethod: an address that is there, asked in a way it does not offer, says which it does.
func TestWrongMethod(t *testing.T) {
	h, _ := open(t)
	for _, tt := range []struct {
		method, path string
		code         int
		allow        string
	}{
		{"DELETE", "/", 405, "GET, HEAD"}, {"POST", "/procedures/1.001193", 405, "GET, HEAD"}, {"PUT", "/verify", 405, "GET, HEAD, POST"},
		{"GET", "/logout", 405, "POST"}, {"GET", "/drafts/x/submit", 405, "POST"}, {"PATCH", "/office/x", 405, "GET, HEAD, POST"},
		{"POST", "/assets/style.css", 405, "GET, HEAD"}, {"DELETE", "/proof", 405, "GET, HEAD"},
		{"GET", "/nowhere", 404, ""}, {"DELETE", "/nowhere", 404, ""}, {"HEAD", "/verify", 200, ""}, {"GET", "/assets/", 404, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, h.URL+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.code || resp.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: status %d, Allow %q, want %d, %q", tt.method, tt.path, resp.StatusCode, resp.Header.Get("Allow"), tt.code, tt.allow)
		}
	}
}

// TestUnknownYear comes to the end of the last official calendar: before filing the citizen is told that no date can be
// promised, and no money is taken, by the page or past it.
func TestUnknownYear(t *testing.T) {
	c := &clock{offset: time.Until(time.Date(2026, 12, 28, 9, 0, 0, 0, vietnam)), moved: true}
	h := openIn(t, t.TempDir(), c)
	b := guest(t, h, "/login?return_to=/procedures/2.000635", "nghia")
	told := func(where string) {
		t.Helper()
		if page := visit.Text(b.Page); !strings.Contains(page, "2027") || !strings.Contains(page, "chưa hẹn được ngày trả kết quả") {
			t.Errorf("%s does not tell: %s", where, page)
		}
	}
	told("the procedure's page")
	submit(t, b, "/start", nil)
	submit(t, b, "/form", map[string]string{"kind": "khai-sinh", "holderName": "Nguyễn Trọng Nghĩa", "holderBirthDate": "15/03/1990",
		"registeredAt": "UBND xã Vĩnh Phúc", "relation": "ban-than", "copies": "1"})
	submit(t, b, "/papers/done", nil)
	told("the page before filing")
	submit(t, b, "/submit", nil)
	if page := visit.Text(b.Page); !strings.Contains(page, "Chưa thu phí") || strings.Contains(page, "Thanh toán trực tuyến") {
		t.Errorf("the dossier's page says %s", page)
	}
	before := facts(t, h)
	mustRefuse(t, post(b, h.URL+b.At.Path+"/pay", nil), http.StatusConflict, "Chưa thu phí")
	if after := facts(t, h); after != before {
		t.Errorf("a refused payment left %d records", after-before)
	}
}

// TestHours: a birth registration is due after 24 hours, to the minute, on the page and in the receipt's code.
func TestHours(t *testing.T) {
	h, c := open(t)
	c.Skip(47 * time.Minute)
	id := filed(t, h)
	officer := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	accepted := c.Now()
	submit(t, officer, "/office/"+id, map[string]string{"act": "accept"})
	want := accepted.Add(24 * time.Hour).Format("02/01/2006 15:04")
	if due := officer.Row("Hẹn trả"); due != want && due != accepted.Add(24*time.Hour+time.Minute).Format("02/01/2006 15:04") {
		t.Errorf("due %s, want %s", due, want)
	}
}

// stop is an element that the Tab key came to.
type stop struct {
	Name    string  `json:"name"`
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	Visible bool    `json:"visible"`
}

// whereAmI describes the focused element: what it is, where it stands on the page, and whether one sees that it is focused.
const whereAmI = `(() => {
	const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
	const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none";
	const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
	return { name: e === document.body ? "" : e.tagName + " " + (e.id || e.name || e.textContent.trim().slice(0, 30)),
		x: box.left + scrollX, y: box.top + scrollY, visible: ring && seen };
})()`

// tabbable counts what the Tab key must come to: one stop for each group of radio buttons.
const tabbable = `(() => {
	const groups = new Set();
	return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter(e => {
		if (!e.checkVisibility() || e.disabled) return false;
		if (e.type !== "radio") return true;
		const first = !groups.has(e.name); groups.add(e.name); return first;
	}).length;
})()`

// TestKeyboard walks the pages on the way to a filed dossier with the Tab key: every control is come to once, in the order
// in which the eye meets them, and one sees where one is.
func TestKeyboard(t *testing.T) {
	h, _ := open(t)
	b := newTab(t, h.URL, "keyboard", 1000, 900)
	b.open("/login?return_to=/procedures/1.001193")
	b.press(`button[value="vinh"]`)
	walk(t, b, "procedure")
	b.press("main form button")
	walk(t, b, "form")
	b.do(chromedp.Click(chromedp.CSS("#relation-1")), chromedp.Click(chromedp.CSS("#childSex-1")))
	b.fill(map[string]string{"childName": "Nguyễn Trần Bảo Ngân", "childBirthDate": "10/11/2026", "childBirthPlace": "Trạm y tế",
		"childHometown": "Phường Ví Dụ", "motherName": "Trần Thị Mỹ Vĩnh"})
	b.press("main form button")
	walk(t, b, "papers")
	b.open("/verify")
	walk(t, b, "verify")
}

// walk goes through a page with the Tab key.
func walk(t *testing.T, b *tab, page string) {
	t.Helper()
	want, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](tabbable))
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(b.base + b.path())) // from the top
	var last stop
	seen := make(map[string]bool)
	count := 0
	for ; count <= want+2; count++ {
		b.do(chromedp.KeyEvent(kb.Tab))
		at, err := chromedp.Run(b.ctx, chromedp.Evaluate[stop](whereAmI))
		if err != nil {
			t.Fatal(err)
		}
		key := at.Name
		if key == "" || seen[key] && count >= want {
			break
		}
		seen[key] = true
		if !at.Visible {
			t.Errorf("%s: one does not see the focus on %s", page, at.Name)
		}
		back := at.Y < last.Y-30 || at.Y < last.Y+30 && at.X < last.X-1 && at.Y-last.Y < 10
		if count > 0 && back {
			t.Errorf("%s: from %s at %.0f,%.0f back to %s at %.0f,%.0f", page, last.Name, last.X, last.Y, at.Name, at.X, at.Y)
		}
		last = at
	}
	if count != want {
		t.Errorf("%s: the Tab key comes to %d of %d controls", page, count, want)
	}
}

// TestStoryPage opens what a story leaves on a phone's screen: nothing is wider than it but drawings that scroll, whose
// letters are of a size to be read.
func TestStoryPage(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "birth", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "story.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(told.WriteHTML(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, "file://"+path, "story", 360, 740)
	b.open("")
	b.look("story")
}
