package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// TestJournalOneByte changes single bytes of a journal's file, each in another record, and wants the position named. Any
// other byte of the file is found, or carries nothing; the program never ends without an answer.
func TestJournalOneByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	const records = 12
	for i := range records {
		stream, err := journal.ParseStream(fmt.Sprintf("dossier/%d", i%3))
		if err != nil {
			t.Fatal(err)
		}
		_, err = j.Append(t.Context(), stream, int64(i/3), journal.Fact{Kind: "dossier.noted", Actor: "officer-7",
			At: time.Date(2026, 11, 18, 9, i, 0, 0, time.UTC), Body: fmt.Appendf(nil, `{"note":"mark-%02d"}`, i+1)})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	judged := func(at int) (int, map[string]any) {
		image := bytes.Clone(whole)
		image[at] ^= 1
		if err := os.WriteFile(path, image, 0o600); err != nil {
			t.Fatal(err)
		}
		status, answers := call(t, "", "journal", path)
		if len(answers) != 1 || status == exitUsage || (status == exitValid) != (answers[0]["valid"] == true) {
			t.Fatalf("byte %d: status %d with %v", at, status, answers)
		}
		return status, answers[0]
	}
	for i := range records {
		at := bytes.Index(whole, fmt.Appendf(nil, "mark-%02d", i+1))
		if _, answer := judged(at); answer["position"] != float64(i+1) {
			t.Errorf("a byte of record %d changed: %v", i+1, answer)
		}
	}
	for at := 0; at < len(whole); at += 211 { // a prime, so that all parts of pages have their turn
		if status, answer := judged(at); status == exitInvalid && len(answer["reasons"].([]any)) == 0 {
			t.Errorf("byte %d: no reason: %v", at, answer)
		}
	}
}
