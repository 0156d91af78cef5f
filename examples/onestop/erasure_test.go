package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/motcua/motcua/examples/onestop/story"
	"github.com/motcua/motcua/examples/onestop/visit"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/seal"
)

// inClear lists the files of a data directory that show some words.
func inClear(t *testing.T, dir, words string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(words)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestCanary plays a birth registration and looks for what the citizen said, in every file of the data directory.
func TestCanary(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "birth", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	if len(inClear(t, h.Dir, told.Code)) == 0 {
		t.Fatal("the search does not find what is there in clear: the dossier code")
	}
	for _, canary := range []string{"Nguyễn Trần Bảo Ngân", "Trần Thị Mỹ Vĩnh", "001188000456", "Giả Định", "Trạm y tế", "giay-chung-sinh.p", "%PDF-", "\x89PNG"} {
		if files := inClear(t, h.Dir, canary); len(files) > 0 {
			t.Errorf("%q is in clear in %v", canary, files)
		}
	}
}

// isTitle matches the links of a list.
func isTitle(n *html.Node) bool { return visit.Attr(n, "class") == "title" }

// order fills the form of an erasure in.
func order(code string) map[string]string {
	return map[string]string{"ground": "request", "number": "12/QĐ-UBND", "confirm": code}
}

// TestErasure erases a citizen on an administrator's order: what he said can be read nowhere any more, every page about
// him says so, chain and checkpoints hold, and others lose nothing.
func TestErasure(t *testing.T) {
	h, c := open(t)
	stage := story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor}
	told, err := story.Play(t.Context(), "copy", stage)
	if err != nil {
		t.Fatal(err)
	}
	other, err := story.Play(t.Context(), "birth", stage)
	if err != nil {
		t.Fatal(err)
	}
	citizen := guest(t, h, "/login?return_to=/dossiers", "nghia")
	page := visit.Attr(visit.Find(citizen.Page, isTitle), "href")
	if err := citizen.Open(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	var documents []string
	visit.Walk(citizen.Page, func(n *html.Node) {
		if href := visit.Attr(n, "href"); strings.Contains(href, "/files/") {
			documents = append(documents, href)
		}
	})
	admin := guest(t, h, "/staff?return_to=/admin/erasure", "quantri")
	submit(t, admin, "/admin/erasure", map[string]string{"code": told.Code})
	if text := visit.Text(admin.Page); strings.Contains(text, "Nghĩa") || !strings.Contains(text, "1 hồ sơ") {
		t.Errorf("the administrator is told %s", text)
	}
	submit(t, admin, "/admin/erasure", order(told.Code))
	if text := visit.Text(admin.Page); !strings.Contains(text, "Đã xóa dữ liệu cá nhân") {
		t.Errorf("the administrator is told %s", text)
	}
	checkErased(t, h, citizen, page, documents)
	if err := admin.Open(t.Context(), "/admin/erasure?code="+told.Code); err != nil || !strings.Contains(visit.Text(admin.Page), "đã được xóa") {
		t.Errorf("asked again: %v: %s", err, visit.Text(admin.Page))
	}
	if _, err := journal.Verify(t.Context(), h.Journal); err != nil {
		t.Error(err)
	}
	if _, err := h.Ledger.log.Compare(t.Context()); err != nil {
		t.Error(err)
	}
	vinh := guest(t, h, "/login?return_to=/dossiers", "vinh")
	if err := vinh.Open(t.Context(), visit.Attr(visit.Find(vinh.Page, isTitle), "href")); err != nil {
		t.Fatal(err)
	}
	if text := visit.Text(vinh.Page); !strings.Contains(text, other.Code) || strings.Contains(text, "đã được xóa") {
		t.Errorf("somebody else's page says %s", text)
	}
	again := guest(t, h, "/login?return_to=/procedures/2.000635", "nghia")
	submit(t, again, "/start", nil) // he may come back, under a new key
	if !strings.Contains(visit.Text(again.Page), "Nguyễn Trọng Nghĩa") {
		t.Error("after an erasure nothing can be filed any more")
	}
}

// checkErased looks at every page about an erased dossier.
func checkErased(t *testing.T, h *house, citizen *visit.Browser, page string, documents []string) {
	t.Helper()
	id := page[strings.LastIndex(page, "/")+1:]
	officer := guest(t, h, "/staff?return_to=/office/"+id, "tiepnhan")
	if err := citizen.Open(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*visit.Browser{citizen, officer} {
		text := visit.Text(visit.Find(b.Page, visit.IsElement("main")))
		if !strings.Contains(text, "đã được xóa theo quy định") || !strings.Contains(text, "Đã trả kết quả") {
			t.Errorf("%s says %s", b.At.Path, text)
		}
		if strings.Contains(text, "Nghĩa") || strings.Contains(text, "001090000123") {
			t.Errorf("%s still names him: %s", b.At.Path, text)
		}
	}
	if !strings.Contains(visit.Text(citizen.Page), "Nguyên vẹn") {
		t.Error("the chain does not verify any more")
	}
	if len(documents) < 3 {
		t.Fatalf("only %v to ask for", documents)
	}
	for _, document := range documents {
		mustRefuse(t, citizen.Open(t.Context(), document), http.StatusGone, "đã được xóa")
	}
	if _, err := proofOf(t, h, citizen, id, true); err != nil {
		t.Errorf("the proof of what is left: %v", err)
	}
	for _, path := range []string{"/dossiers", "/usage", "/office", "/office/" + id} {
		b := citizen
		if strings.HasPrefix(path, "/office") {
			b = officer
		}
		if err := b.Open(t.Context(), path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestErasureRefuses: no erasure without ground, number and confirmation, while something is under way, of nobody, or by
// somebody else.
func TestErasureRefuses(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	admin := guest(t, h, "/staff?return_to=/admin/erasure", "quantri")
	look := func() {
		t.Helper()
		if err := admin.Open(t.Context(), "/admin/erasure?code="+told.Code); err != nil {
			t.Fatal(err)
		}
	}
	before := facts(t, h)
	for _, tt := range []struct{ name, field, value, words string }{
		{"no ground", "ground", "", "căn cứ pháp lý"}, {"a ground of one's own", "ground", "because", "căn cứ pháp lý"},
		{"no number", "number", "", "số văn bản"}, {"a name for a number", "number", "Nguyễn Trọng Nghĩa", "số văn bản"},
		{"not confirmed", "confirm", "", "không khớp"}, {"another code", "confirm", told.Code + "0", "không khớp"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			values := map[string][]string{"code": {told.Code}}
			for name, value := range order(told.Code) {
				values[name] = []string{value}
			}
			values[tt.field] = []string{tt.value}
			mustRefuse(t, post(admin, h.URL+"/admin/erasure", values), http.StatusUnprocessableEntity, tt.words)
		})
	}
	mustRefuse(t, admin.Open(t.Context(), "/admin/erasure?code=H26.35.12-261118-9999"), http.StatusNotFound, "Không tìm thấy")
	mustRefuse(t, admin.Open(t.Context(), "/admin/erasure?code=x"), http.StatusUnprocessableEntity, "")
	for _, b := range []*visit.Browser{guest(t, h, "/staff", "lanhdao")} {
		mustRefuse(t, b.Open(t.Context(), "/admin/erasure"), http.StatusForbidden, "không có quyền")
		mustRefuse(t, post(b, h.URL+"/admin/erasure", map[string][]string{"code": {told.Code}}), http.StatusForbidden, "không có quyền")
	}
	mustRefuse(t, admin.Open(t.Context(), "/office"), http.StatusForbidden, "không có quyền")
	citizen := guest(t, h, "/login", "nghia")
	if err := citizen.Open(t.Context(), "/admin/erasure?code="+told.Code); err == nil && citizen.At.Path == "/admin/erasure" {
		t.Error("a citizen is let in")
	}
	if after := facts(t, h); after != before {
		t.Errorf("what was refused left %d records", after-before)
	}
	copyFiled(t, h) // by the same citizen: now something is under way
	look()
	if text := visit.Text(admin.Page); !strings.Contains(text, "Còn hồ sơ đang giải quyết") || strings.Contains(text, "Xóa vĩnh viễn") {
		t.Errorf("the page says %s", text)
	}
	values := map[string][]string{"code": {told.Code}}
	for name, value := range order(told.Code) {
		values[name] = []string{value}
	}
	mustRefuse(t, post(admin, h.URL+"/admin/erasure", values), http.StatusUnprocessableEntity, "đang giải quyết")
}

// stubborn is a key store that does not destroy, as one that is out of reach.
type stubborn struct{ seal.KeyStore }

func (stubborn) Destroy(context.Context, string) error { return errors.New("out of reach") }

// TestErasureFinishes cuts an erasure short after the order: the next start of the office carries it out.
func TestErasureFinishes(t *testing.T) {
	h, c := open(t)
	told, err := story.Play(t.Context(), "copy", story.Stage{URL: h.URL, Now: c.Now, Skip: c.Skip, Sign: h.signFor})
	if err != nil {
		t.Fatal(err)
	}
	_, keys, err := sealJournal(t.Context(), filepath.Join(h.Dir, "keys"), h.Journal, h.Now)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := seal.New(h.Journal, stubborn{keys}, seal.Config{Now: h.Now})
	if err != nil {
		t.Fatal(err)
	}
	subject := ""
	for r, err := range h.Journal.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == "dossier.filed" {
			subject = r.Subject
		}
	}
	if err := cut.Erase(t.Context(), subject, seal.Order{Actor: "a-quantri", Ground: "thử"}); err == nil {
		t.Fatal("erased without destroying")
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h.Office, h.World, h.Journal, h.Ledger = nil, nil, nil, nil
	next := openIn(t, h.Dir, c)
	officer := guest(t, next, "/staff?return_to=/office", "tiepnhan")
	if err := officer.Open(t.Context(), "/office?code="+told.Code); err != nil || !strings.Contains(visit.Text(officer.Page), "đã được xóa") {
		t.Errorf("%v: %s", err, visit.Text(officer.Page))
	}
	if _, err := journal.Verify(t.Context(), next.Journal); err != nil {
		t.Error(err)
	}
}
