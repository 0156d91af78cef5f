package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/motcua/motcua/internal/enginetest"
	"github.com/motcua/motcua/qr"
)

func newSpecimen(t *testing.T) demo {
	t.Helper()
	d, err := newDemo(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// picture writes the code as PNG.
func (s demo) picture(t *testing.T) string {
	t.Helper()
	symbol, err := s.code.Symbol(qr.M)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := symbol.WritePNG(&b, 6); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "code.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// film writes the code as a short uncompressed video, for a camera that shows nothing else.
func (s demo) film(t *testing.T) string {
	t.Helper()
	symbol, err := s.code.Symbol(qr.M)
	if err != nil {
		t.Fatal(err)
	}
	const width, height, scale = 640, 480, 5
	luma := bytes.Repeat([]byte{235}, width*height)
	side := symbol.Size() * scale
	for y := range side {
		for x := range side {
			if symbol.Dark(x/scale, y/scale) {
				luma[(y+(height-side)/2)*width+x+(width-side)/2] = 16
			}
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d F5:1 Ip A1:1 C420jpeg\n", width, height)
	for range 3 {
		b.WriteString("FRAME\n")
		b.Write(luma)
		b.Write(bytes.Repeat([]byte{128}, width*height/2))
	}
	path := filepath.Join(t.TempDir(), "camera.y4m")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// phone opens a browser of a phone's size, with a camera that shows a film.
func phone(t *testing.T, film string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(enginetest.Need(t, "chromium")), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", film))
	allocator, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	ctx, stopTime := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { stopTime(); stop(); stopAllocator() })
	must(t, ctx, chromedp.EmulateViewport(360, 740))
	return ctx
}

func must(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// waitFor polls the page until an expression holds.
func waitFor(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression)); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
}

func result(t *testing.T, ctx context.Context) string {
	t.Helper()
	waitFor(t, ctx, `document.querySelector("#result .panel") !== null`)
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("#result")))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPhone reads a code from a picture and from the camera, and once more when the server is gone.
func TestPhone(t *testing.T) {
	s := newSpecimen(t)
	ctx := phone(t, s.film(t))
	wasm, loader, err := program(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	handler, err := newServer(s.trust, s.status, wasm, loader, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	must(t, ctx, chromedp.Navigate(server.URL+"/?lang=vi"))
	waitFor(t, ctx, `document.body.dataset.ready === "yes"`)
	must(t, ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{s.picture(t)}), chromedp.Click(chromedp.CSS("button.main")))
	if text := result(t, ctx); !strings.Contains(text, "Mã hợp lệ") || !strings.Contains(text, "Trích lục hộ tịch") || !strings.Contains(text, "Danh sách thu hồi") {
		t.Fatalf("the picture gives %q", text)
	}
	if dir := os.Getenv("MOTCUA_SHOTS"); dir != "" {
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "verifier.png"), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, ctx, `navigator.serviceWorker.controller !== null`)
	server.Close()
	must(t, ctx, chromedp.Navigate(server.URL+"/?lang=vi"))
	waitFor(t, ctx, `document.body.dataset.ready === "yes"`)
	must(t, ctx, chromedp.Click(chromedp.CSS("#scan")))
	if text := result(t, ctx); !strings.Contains(text, "Mã hợp lệ") {
		t.Fatalf("the camera, without a network, gives %q", text)
	}
	t.Logf("WebAssembly: %d bytes", len(wasm))
}

// TestOtherRoot refuses a trust list of another root than the one the page has known, and an older one.
func TestOtherRoot(t *testing.T) {
	first, second := newSpecimen(t), newSpecimen(t)
	ctx := phone(t, first.film(t))
	wasm, loader, err := program(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	handler, err := newServer(first.trust, nil, wasm, loader, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	must(t, ctx, chromedp.Navigate(server.URL+"/"))
	waitFor(t, ctx, `document.body.dataset.ready === "yes"`)
	handler.files["/trust.json"] = file{"application/json", second.trust}
	must(t, ctx, chromedp.Navigate(server.URL+"/"))
	waitFor(t, ctx, `document.body.dataset.ready === "refused"`)
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("#state")))
	if err != nil || !strings.Contains(text, "đổi gốc") {
		t.Errorf("the page says %q, %v", text, err)
	}
}
