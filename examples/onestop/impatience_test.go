package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
	"github.com/motcua/motcua/journal/sqlite"
)

// TestStoryLeaves plays the command of the README and wants everything a judge needs in the directory it was told.
func TestStoryLeaves(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "left")
	if err := run(t.Context(), []string{"-story", "birth", "-out", dir}); err != nil {
		t.Fatal(err)
	}
	for name, begins := range map[string]string{"result.pdf": "%PDF-", "receipt.pdf": "%PDF-", "qr.png": "\x89PNG", "journal.db": "SQLite",
		"proof.json": "{", "log.pub": "motcua.example.vn", "witness.jsonl": "{", "roots.pem": "-----BEGIN CERTIFICATE", "trust.json": "{", "story.html": "<!doctype html>"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasPrefix(string(data), begins) {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Config{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if sum, err := journal.Verify(t.Context(), j); err != nil || sum.Facts == 0 {
		t.Errorf("the journal left has %d facts: %v", sum.Facts, err)
	}
}

func TestCommandRefuses(t *testing.T) {
	for _, args := range [][]string{{"-story", "nosuch"}, {"-story", "copy", "-at", "yesterday"}, {"copy"}, {"-nosuch"}} {
		if err := run(t.Context(), append(args, "-out", t.TempDir())); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

// checked brings a birth registration to the page before submitting.
func checked(t *testing.T, h *house) *visit.Browser {
	t.Helper()
	b := guest(t, h, "/login?return_to=/procedures/1.001193", "vinh")
	submit(t, b, "/start", nil)
	submit(t, b, "/form", goodBirth())
	paper := visit.Upload{Name: "giay-chung-sinh.png", Media: "image/png", Data: story.Paper()}
	if err := b.Submit(t.Context(), "/papers", map[string]string{"component": "giay-chung-sinh"}, map[string]visit.Upload{"file": paper}); err != nil {
		t.Fatal(err)
	}
	submit(t, b, "/papers/done", nil)
	return b
}

// TestImpatientSubmit clicks the last button many times at once: every answer leads to the one dossier.
func TestImpatientSubmit(t *testing.T) {
	h, _ := open(t)
	b := checked(t, h)
	target := strings.TrimSuffix(b.At.String(), "/check") + "/submit"
	version := visit.Attr(visit.Find(b.Page, visit.Named("version")), "value")
	var clicks sync.WaitGroup
	ends := make([]string, 8)
	for i := range ends {
		clicks.Go(func() {
			page := *b
			if err := post(&page, target, url.Values{"version": {version}}); err != nil {
				ends[i] = err.Error()
				return
			}
			ends[i] = page.At.Path
		})
	}
	clicks.Wait()
	for _, end := range ends {
		if end != ends[0] || !strings.HasPrefix(end, "/dossiers/") {
			t.Errorf("one click ends at %s, another at %s", ends[0], end)
		}
	}
}

// TestEndedSession sends forms without the cookie: each is refused in words, nothing is written, and the way back leads to
// the page the form stands on.
func TestEndedSession(t *testing.T) {
	h, _ := open(t)
	id := filed(t, h)
	before := facts(t, h)
	for path, back := range map[string]string{
		"/drafts/x/form": "/drafts/x/form", "/drafts/x/papers": "/drafts/x/papers", "/drafts/x/papers/done": "/drafts/x/papers",
		"/drafts/x/submit": "/drafts/x/check", "/dossiers/" + id + "/pay": "/dossiers/" + id, "/office/" + id: "/office/" + id,
		"/dossiers/" + id + "/withdraw": "/dossiers/" + id, "/dossiers/" + id + "/supplement": "/dossiers/" + id,
	} {
		b, err := visit.New(h.URL)
		if err != nil {
			t.Fatal(err)
		}
		mustRefuse(t, post(b, h.URL+path, url.Values{"version": {"1"}, "key": {"k"}, "act": {"accept"}}), http.StatusUnauthorized, "hết hạn")
		door := visit.Find(b.Page, func(n *html.Node) bool { return strings.Contains(visit.Attr(n, "href"), "return_to=") })
		if door == nil {
			t.Fatalf("%s: no way back", path)
		}
		address, err := url.Parse(visit.Attr(door, "href"))
		if err != nil || address.Query().Get("return_to") != back {
			t.Errorf("%s leads back to %v, want %s", path, address, back)
		}
	}
	if after := facts(t, h); after != before {
		t.Errorf("forms without a session left %d records", after-before)
	}
}

// TestReturnFalsified comes back from the gateway with answers the gateway never gave.
func TestReturnFalsified(t *testing.T) {
	h, _ := open(t)
	b := guest(t, h, "/login", "nghia")
	before := facts(t, h)
	for _, query := range []string{"", "?vnp_TxnRef=x&vnp_Amount=1&vnp_SecureHash=" + strings.Repeat("0", 128)} {
		mustRefuse(t, b.Open(t.Context(), "/payment/return"+query), http.StatusBadRequest, "cổng thanh toán không hợp lệ")
	}
	mustRefuse(t, b.Open(t.Context(), "/dossiers?after=x"), http.StatusBadRequest, "danh sách")
	if after := facts(t, h); after != before {
		t.Errorf("falsified answers left %d records", after-before)
	}
}

// TestErasedDraft destroys what a citizen has said: the draft is gone, and the pages about him are not.
func TestErasedDraft(t *testing.T) {
	h, _ := open(t)
	b := checked(t, h)
	draft := b.At.String()
	again, _, err := sealJournal(t.Context(), filepath.Join(h.Dir, "keys"), h.Journal, h.Now)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := journal.ParseStream("draft/" + strings.Split(b.At.Path, "/")[2])
	if err != nil {
		t.Fatal(err)
	}
	records, err := journal.Load(t.Context(), h.Journal, stream)
	if err != nil || len(records) == 0 {
		t.Fatal(len(records), err)
	}
	if err := again.Erase(t.Context(), records[0].Subject, seal.Order{Actor: "a-vanthu", Ground: "Yêu cầu của chủ thể dữ liệu"}); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, b.Open(t.Context(), draft), http.StatusNotFound, "Không tìm thấy")
	if err := b.Open(t.Context(), "/dossiers"); err != nil {
		t.Fatal(err)
	}
}
