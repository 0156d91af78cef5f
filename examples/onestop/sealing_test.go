package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// TestSealingBegins: an office whose journal is older than sealing reads what it has, and seals what comes.
func TestSealingBegins(t *testing.T) {
	dir, now := t.TempDir(), func() time.Time { return storyStart }
	below, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer below.Close()
	stream, err := journal.ParseStream("draft/1")
	if err != nil {
		t.Fatal(err)
	}
	said := []byte("Trần Thị Mỹ Vĩnh")
	fact := journal.Fact{Kind: "draft.changed", Actor: "p-vinh", At: storyStart, Body: []byte(`{}`), Private: said, Subject: "p-vinh"}
	if _, err := below.Append(t.Context(), stream, 0, fact); err != nil {
		t.Fatal(err)
	}
	for start := range int64(3) { // the office is opened three times
		j, _, err := sealJournal(t.Context(), filepath.Join(dir, "keys"), below, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(t.Context(), stream, start+1, fact); err != nil {
			t.Fatal(err)
		}
		records, err := journal.Load(t.Context(), j, stream)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if !bytes.Equal(r.Private, said) {
				t.Errorf("no. %d is not what was said", r.Seq)
			}
		}
	}
	stored, err := journal.Load(t.Context(), below, stream)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range stored {
		if clear := bytes.Contains(r.Private, said); clear != (r.Seq == 1) {
			t.Errorf("no. %d is stored in clear: %v", r.Seq, clear)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "keys", "journal", "ring")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sealJournal(t.Context(), filepath.Join(dir, "keys"), below, now); err == nil {
		t.Error("a lost ring goes unnoticed")
	}
}
