package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/motcua/motcua/examples/onestop/outside"
	"github.com/motcua/motcua/internal/enginetest"
)

// madeKeys are an office's keys, made once for all tests: every office has a copy of its own.
var madeKeys = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onestop-keys-")
	if err == nil {
		_, err = outside.LoadKeys(dir, agencyID, storyStart)
	}
	return dir, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.ctx != nil {
		chromium.close()
	}
	if dir, err := madeKeys(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// open starts a whole office for a test, on a moved clock. The test runs beside others: most of its time it waits for the
// disk.
func open(t *testing.T) (*house, *clock) {
	t.Helper()
	t.Parallel()
	c := &clock{offset: time.Until(storyStart), moved: true}
	keys, err := madeKeys()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "keys"), os.DirFS(keys)); err != nil {
		t.Fatal(err)
	}
	return openIn(t, dir, c), c
}

// openIn opens the office of a data directory.
func openIn(t *testing.T, dir string, c *clock) *house {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), house{Dir: dir, URL: "http://" + listener.Addr().String(), Now: c.Now,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h.Office.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), h.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// shots is where pictures of pages go: those of a failed test, and all of them when MOTCUA_SHOTS names a directory.
func shots(t *testing.T) (dir string, always bool) {
	if dir := os.Getenv("MOTCUA_SHOTS"); dir != "" {
		return dir, true
	}
	return filepath.Join("..", "..", "out", "browser"), false
}

// tab is one browser window of its own, with JavaScript switched off.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
	name string
}

// chromium is one browser for all tests; each tab has cookies of its own.
var chromium struct {
	sync.Mutex
	ctx   context.Context
	close func()
}

// browser starts the browser, once.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := enginetest.Need(t, "chromium")
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.ctx != nil {
		return chromium.ctx
	}
	dir, err := os.MkdirTemp("", "onestop-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.UserDataDir(dir))
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	chromium.close = func() { cancel(); cancelAllocator(); _ = os.RemoveAll(dir) }
	if err := chromedp.Do(ctx); err != nil { // binds the browser's life to this context
		chromium.close()
		t.Fatal(err)
	}
	chromium.ctx = ctx
	return ctx
}

func newTab(t *testing.T, base, name string, width, height int64) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext())
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, cancelTime := context.WithTimeout(ctx, 3*time.Minute)
	b := &tab{t, ctx, base, name}
	t.Cleanup(func() {
		if dir, always := shots(t); t.Failed() && !always {
			b.shoot(dir, "failed")
		}
		cancelTime()
		cancel()
	})
	b.do(chromedp.EmulateViewport(width, height))
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
}

// shoot keeps a picture of the whole page.
func (b *tab) shoot(dir, what string) {
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("%s: no picture: %v", b.name, err)
		return
	}
	path := filepath.Join(dir, strings.ReplaceAll(b.t.Name(), "/", "-")+"-"+b.name+"-"+what+".png")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, picture, 0o644)); err != nil {
		b.t.Logf("%s: no picture: %v", b.name, err)
		return
	}
	b.t.Logf("picture of the page: %s", path)
}

// pageFaults lists where a page breaks a promise: one heading of the first level, a language, a name for every control, ids
// used once, targets of 44 pixels, text that stands out from its ground (WCAG 2.2: 1.3.1, 1.4.3, 1.4.10, 2.5.8, 3.1.1, 4.1.2),
// nothing wider than the screen.
const pageFaults = `(() => {
	const faults = [], seen = new Set();
	if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
	if (!document.documentElement.lang) faults.push("no language");
	if (!document.title) faults.push("no title");
	if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the screen: " + document.documentElement.scrollWidth);
	for (const e of document.querySelectorAll("[id]")) { if (seen.has(e.id)) faults.push("id twice: " + e.id); seen.add(e.id); }
	for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
		if (!e.labels.length && !e.getAttribute("aria-label")) faults.push("no label: " + e.name);
		const by = e.getAttribute("aria-describedby");
		for (const id of by ? by.split(" ") : []) if (!document.getElementById(id)) faults.push("described by nothing: " + id);
	}
	for (const e of document.querySelectorAll("button, a.button, nav a, input[type=radio] + label, select, input[type=text]")) {
		const box = e.getBoundingClientRect(), row = e.closest(".choice") ? e.closest(".choice").getBoundingClientRect() : box;
		if (box.width && Math.max(box.height, row.height) < 43.5) faults.push("target too low: " + (e.textContent || e.name).trim());
	}
	for (const e of document.querySelectorAll("svg text")) {
		const size = e.checkVisibility() ? e.getScreenCTM().a * parseFloat(getComputedStyle(e).fontSize) : 16;
		if (size < 10.5) faults.push("letters of " + size.toFixed(1) + " pixels: " + e.textContent.trim().slice(0, 40));
		const words = e.getBoundingClientRect(), picture = e.ownerSVGElement.getBoundingClientRect();
		if (words.right > picture.right + 1 || words.left < picture.left - 1) faults.push("cut off: " + e.textContent.trim().slice(0, 40));
	}
	const light = c => { const [r, g, b] = c.match(/[\d.]+/g).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
		return .2126 * r + .7152 * g + .0722 * b; };
	const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
		if (!/, 0\)$/.test(c)) return c; } return "rgb(255, 255, 255)"; };
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; (n = walker.nextNode());) {
		const e = n.parentElement; if (!n.data.trim() || !e.checkVisibility() || e.closest("svg, option")) continue;
		const a = light(getComputedStyle(e).color), b = light(ground(e)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5) faults.push("contrast " + ratio.toFixed(2) + ": " + n.data.trim().slice(0, 40));
	}
	return faults;
})()`

// look holds the page to what every page promises, and keeps a picture when somebody wants to look at them all.
func (b *tab) look(what string) {
	b.t.Helper()
	faults, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](pageFaults))
	if err != nil {
		b.t.Fatalf("%s: %s: %v", b.name, what, err)
	}
	for _, fault := range faults {
		b.t.Errorf("%s: %s: %s", b.name, what, fault)
	}
	if dir, always := shots(b.t); always {
		b.shoot(dir, what)
	}
}

// open goes to a page of the office.
func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// press clicks what leads to another page and waits for it.
func (b *tab) press(selector string) {
	b.t.Helper()
	resp, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("%s: press %s: %v", b.name, selector, err)
	}
	if resp.Status >= 500 {
		b.t.Fatalf("%s: press %s: status %d", b.name, selector, resp.Status)
	}
}

func (b *tab) fill(fields map[string]string) {
	b.t.Helper()
	for id, value := range fields {
		b.do(chromedp.SetValue(chromedp.CSS("#"+id), value))
	}
}

// says waits for nothing: pages are whole when they arrive. It returns what an element says.
func (b *tab) says(selector string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("%s: read %s: %v", b.name, selector, err)
	}
	return text
}

func (b *tab) mustSay(selector, want string) {
	b.t.Helper()
	if text := b.says(selector); !strings.Contains(text, want) {
		b.t.Fatalf("%s: %s says %q, want %q in it", b.name, selector, text, want)
	}
}

func (b *tab) path() string {
	b.t.Helper()
	location, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimPrefix(location, b.base)
}

// staff signs a member of the staff in and opens the dossier.
func staff(t *testing.T, h *house, persona, id string) *tab {
	t.Helper()
	b := newTab(t, h.URL, persona, 1100, 900)
	b.open("/staff")
	b.press(`button[value="` + persona + `"]`)
	b.open("/office/" + id)
	return b
}

// TestFeeStory plays the procedure with a fee in a real browser without JavaScript, on a phone's screen for the citizen.
func TestFeeStory(t *testing.T) {
	h, c := open(t)
	citizen := newTab(t, h.URL, "citizen", 360, 740)
	citizen.open("/")
	citizen.look("01-home")
	citizen.press(`a[href="/procedures/2.000635"]`)
	citizen.look("02-procedure")
	citizen.press("main form button")
	citizen.look("03-provider")
	citizen.press(`button[value="nghia"]`)
	citizen.press("main form button")
	citizen.mustSay("main", "Cơ sở dữ liệu quốc gia về dân cư")
	citizen.press("main form button") // nothing filled in yet: the page must say what is missing
	citizen.mustSay("[role=alert]", "Cần sửa những chỗ sau")
	citizen.look("04-form-errors")
	citizen.do(chromedp.Click(chromedp.CSS("#kind-0")), chromedp.Click(chromedp.CSS("#relation-0")))
	citizen.fill(map[string]string{"holderName": "Nguyễn Trọng Nghĩa", "holderBirthDate": "15/03/1990",
		"registeredAt": "UBND xã Vĩnh Phúc Hư Cấu, tỉnh Phú Thọ", "copies": "2"})
	citizen.press("main form button")
	citizen.look("05-papers")
	citizen.press(`form[action$="/papers/done"] button`)
	citizen.mustSay("main", "Nguyễn Trọng Nghĩa")
	citizen.mustSay("main", "16.000 đồng")
	citizen.look("06-check")
	citizen.press(`form[action$="/submit"] button`)
	citizen.mustSay("main", "Đã nộp hồ sơ")
	citizen.look("07-filed")
	id := strings.TrimSuffix(strings.TrimPrefix(citizen.path(), "/dossiers/"), "?filed=")
	id, _, _ = strings.Cut(id, "?")
	citizen.press(`form[action$="/pay"] button`)
	citizen.look("08-gateway")
	citizen.press(`button[value="succeed"]`)
	citizen.mustSay("main", "đã thanh toán")

	c.Skip(30 * time.Minute)
	reception := staff(t, h, "tiepnhan", id)
	reception.look("09-office")
	reception.press(`button[value="accept"]`)
	reception.mustSay("main", "Được tiếp nhận")
	reception.press(`button[value="assign"]`)
	reception.open("/office")
	reception.look("10-worklist")
	leader := staff(t, h, "lanhdao", id)
	leader.press(`button[value="approve"]`)
	leader.look("11-approved")
	clerk := staff(t, h, "vanthu", id)
	clerk.press(`button[value="finish"]`)
	clerk.mustSay("main", "Đã xử lý xong")
	reception.open("/office/" + id)
	reception.press(`button[value="return"]`)
	reception.look("12-returned")

	citizen.open("/dossiers/" + id)
	citizen.mustSay("main", "Đã trả kết quả")
	citizen.mustSay("main", "Nguyên vẹn")
	citizen.look("13-dossier")
	citizen.open("/usage")
	citizen.mustSay("main", "Điền sẵn tờ khai")
	citizen.look("14-usage")

	result := filepath.Join(t.TempDir(), "result.pdf")
	download(t, h, "nghia", "/dossiers/"+id+"/files/result.pdf", result)
	anybody := newTab(t, h.URL, "anybody", 360, 740)
	anybody.open("/verify")
	anybody.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{result}))
	anybody.press("main form button")
	anybody.mustSay("[role=status]", "Văn bản có chữ ký hợp lệ")
	anybody.look("15-verified")
}

// TestPageFaultsAreSeen makes sure that the check of pages can fail.
func TestPageFaultsAreSeen(t *testing.T) {
	b := newTab(t, "", "bad", 360, 740)
	b.do(chromedp.Navigate(`data:text/html,<p id=a style="color:%23ccc;width:900px">pale</p><input name=q><p id=a>x</p><button>low</button><svg width=100 viewBox="0 0 400 40"><text y=20 font-size=16>tiny</text></svg><svg width=50><text y=20>much too long for it</text></svg>`))
	faults, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](pageFaults))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"not one h1", "no language", "no title", "wider", "id twice: a", "no label: q", "target too low: low", "contrast", "letters of 4.0 pixels: tiny", "cut off: much"} {
		if !strings.Contains(strings.Join(faults, "\n"), want) {
			t.Errorf("%q is not seen in %q", want, faults)
		}
	}
}
