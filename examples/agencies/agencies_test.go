package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
	"github.com/motcua/motcua/journal/sqlite"
)

// TestStory plays the story, and looks afterwards at what each side holds and what went between them.
func TestStory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "agencies")
	var out bytes.Buffer
	if err := run(t.Context(), &out, dir, 3); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{"server-1 ngừng hoạt động", "nhận ý kiến H57.31.8:2, ghi vào hồ sơ",
		"còn 0 ý kiến đang chờ",
		"nhận lại sự kiện H57.31.8:2", "đã gửi H26.35.12:5 dossier.consulted"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the story does not tell %q:\n%s", want, &out)
		}
	}
	one, other := facts(t, filepath.Join(dir, "H26.35.12.db")), facts(t, filepath.Join(dir, "H57.31.8.db"))
	if one["dossier.opinion-recorded"] != 1 {
		t.Errorf("asking ward: got %v, want one opinion", one)
	}
	if one["consult.read"] == 0 || other["consult.received"] != 1 || other[answered] != 1 {
		t.Errorf("got %v and %v", one, other)
	}
	noPersonIn(t, filepath.Join(dir, "nats"))
}

// facts counts the facts of a journal by kind, and verifies it.
func facts(t *testing.T, path string) map[string]int {
	t.Helper()
	j, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := journal.Verify(t.Context(), j); err != nil {
		t.Error(err)
	}
	count := make(map[string]int)
	for r, err := range j.Tail(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		count[r.Kind]++
	}
	return count
}

// noPersonIn reads every file the NATS servers have left for the words of the question.
func noPersonIn(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, secret := range []string{"Trần", "Vĩnh", "Đề nghị", "specialist-12"} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds %q", path, secret)
			}
		}
		files++
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("read %d files, %v", files, err)
	}
}

// TestQuestionIsForWhomItWasPutTo asks for the words of a question in every wrong way, and in the right one.
func TestQuestionIsForWhomItWasPutTo(t *testing.T) {
	ward, d := consulting(t)
	question := "/consults/" + d.ID.String() + "/4"
	for _, test := range []struct {
		name, path, key string
		want            int
	}{
		{"no key", question, "", http.StatusUnauthorized}, {"another key", question, "wrong", http.StatusUnauthorized},
		{"an agency that was not asked", question, "third", http.StatusNotFound},
		{"a fact that asks nothing", "/consults/" + d.ID.String() + "/3", "other", http.StatusNotFound},
		{"a version there is not", "/consults/" + d.ID.String() + "/9", "other", http.StatusNotFound},
		{"no number", "/consults/" + d.ID.String() + "/x", "other", http.StatusNotFound},
		{"no dossier", "/consults/x/4", "other", http.StatusNotFound},
		{"the one that was asked", question, "other", http.StatusOK},
	} {
		request := httptest.NewRequest(http.MethodGet, test.path, nil)
		request.Header.Set("Authorization", "Bearer "+test.key)
		recorder := httptest.NewRecorder()
		mux := http.NewServeMux()
		mux.Handle("GET /consults/{dossier}/{version}", ward)
		mux.ServeHTTP(recorder, request)
		told := strings.Contains(recorder.Body.String(), "Trần Thị Mỹ Vĩnh")
		if recorder.Code != test.want || told != (test.want == http.StatusOK) {
			t.Errorf("%s: got %d %s", test.name, recorder.Code, recorder.Body)
		}
	}
	read, err := consultStream(d.ID, 4)
	if err != nil {
		t.Fatal(err)
	}
	records, err := journal.Load(t.Context(), ward.journal, read)
	if err != nil || len(records) != 1 || records[0].Actor != "H57.31.8" {
		t.Errorf("readings: got %d, %v, want the one that was answered", len(records), err)
	}
}

// TestOpinionOfWhoWasNotAsked is not entered.
func TestOpinionOfWhoWasNotAsked(t *testing.T) {
	ward, d := consulting(t)
	for name, test := range map[string]struct {
		from  string
		a     answer
		wants bool
	}{
		"a third agency":  {"H01.1", answer{To: ward.id, Dossier: d.ID, Version: 4, Outcome: noMarriage}, true},
		"another version": {"H57.31.8", answer{To: ward.id, Dossier: d.ID, Version: 2, Outcome: noMarriage}, true},
		"for another":     {"H57.31.8", answer{Dossier: d.ID, Version: 4, Outcome: noMarriage}, false},
	} {
		source, err := jetstream.ParseSource(test.from)
		if err != nil {
			t.Fatal(err)
		}
		body, err := journal.EncodeBody(test.a)
		if err != nil {
			t.Fatal(err)
		}
		event := jetstream.Event{Source: source, Position: 2, Kind: answered, Body: body}
		if err := ward.hear(t.Context(), event); (err != nil) != test.wants {
			t.Errorf("%s: got %v", name, err)
		}
		if now, err := ward.desk.Get(t.Context(), d.ID); err != nil || now.Version != d.Version {
			t.Errorf("%s: the dossier has moved on to %d, %v", name, now.Version, err)
		}
	}
}

// consulting is the asking ward by itself, with a dossier about which it has consulted H57.31.8.
func consulting(t *testing.T) (*asking, *dossier.Dossier) {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ward.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	id := func(s string) dossier.AgencyID {
		id, err := dossier.ParseAgencyID(s)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	ward, err := newAsking(&agency{narrator: newNarrator(io.Discard), name: "ward", id: id("H26.35.12"), journal: j},
		map[dossier.AgencyID]string{id("H57.31.8"): "other", id("H01.1"): "third"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := ward.file(context.Background())
	if err == nil {
		d, err = ward.consult(context.Background(), d, id("H57.31.8"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return ward, d
}
