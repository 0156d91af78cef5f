package main

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// newJournal writes twelve facts of three streams to a file.
func newJournal(t *testing.T, path string, edit func(n int, f *journal.Fact)) {
	t.Helper()
	j, err := sqlite.Open(t.Context(), path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 12 {
		f := journal.Fact{Kind: "dossier.noted", Actor: "officer-7", At: time.Date(2026, 11, 18, 8, 30, n, 0, time.UTC),
			Body: fmt.Appendf(nil, `{"n":%d}`, n), Private: []byte("Trần Thị Mỹ Vĩnh"), Subject: fmt.Sprintf("person-%d", n%2)}
		edit(n, &f)
		s, err := journal.ParseStream(fmt.Sprintf("dossier/%d", n%3))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(t.Context(), s, int64(n/3), f); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// one calls the program and returns its only answer.
func one(t *testing.T, status int, args ...string) map[string]any {
	t.Helper()
	got, answers := call(t, "", args...)
	if got != status || len(answers) != 1 {
		t.Fatalf("%v: status %d with %v, want %d with one answer", args, got, answers, status)
	}
	return answers[0]
}

func TestProveAndJudge(t *testing.T) {
	t.Chdir(t.TempDir())
	newJournal(t, "journal.db", func(int, *journal.Fact) {})
	signed := one(t, exitValid, "journal", "journal.db", "-signer", "log.key", "-prove", "5, 9", "-out", "proof.json", "-at", "2026-11-19")
	if signed["covered"] != 12.0 || signed["bundle"] != "proof.json" {
		t.Errorf("answer %v", signed)
	}
	key := signed["key"].(string)
	for _, args := range [][]string{{"-key", key}, {"-key", "log.key.pub"}, {"-key", key, "-witness", "journal.db.log/checkpoints"}} {
		a := one(t, exitValid, append([]string{"proof", "proof.json"}, args...)...)
		if records := a["records"].([]any); len(records) != 2 || records[0].(map[string]any)["index"] != 4.0 {
			t.Errorf("%v: records %v", args, a["records"])
		}
	}
	one(t, exitValid, "journal", "journal.db", "-key", key, "-subject", "person-1", "-out", "person.json")
	if a := one(t, exitValid, "proof", "-key", key, "person.json"); len(a["records"].([]any)) != 6 {
		t.Errorf("one person's records: %v", a["records"])
	}
	one(t, exitValid, "journal", "journal.db", "-key", key, "-stream", "dossier/2", "-out", "stream.json")
	a := one(t, exitValid, "proof", "-key", key, "stream.json")
	if span := a["spans"].([]any)[0].(map[string]any); span["first"] != 1.0 || span["last"] != 4.0 {
		t.Errorf("spans %v", a["spans"])
	}
	raw, err := os.ReadFile("person.json")
	if err != nil {
		t.Fatal(err)
	}
	for i, flip := range []int{len(raw) / 2, len(raw) / 3, 200} {
		raw[flip] ^= 1
		name := fmt.Sprintf("flipped%d.json", i)
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		raw[flip] ^= 1
		if reasons := one(t, exitInvalid, "proof", name, "-key", key)["reasons"].([]any); len(reasons) != 1 {
			t.Errorf("reasons %v", reasons)
		}
	}
	one(t, exitInvalid, "journal", "journal.db", "-key", key, "-prove", "13", "-out", "none.json")
}

// TestForgedJournal replaces the file by one with another history whose hashes are all right.
func TestForgedJournal(t *testing.T) {
	t.Chdir(t.TempDir())
	newJournal(t, "journal.db", func(int, *journal.Fact) {})
	key := one(t, exitValid, "journal", "journal.db", "-signer", "log.key")["key"].(string)
	newJournal(t, "forged.db", func(n int, f *journal.Fact) {
		if n == 6 {
			f.Actor = "officer-8"
		}
	})
	one(t, exitValid, "journal", "forged.db")
	a := one(t, exitInvalid, "journal", "forged.db", "-key", key, "-log", "journal.db.log")
	if a["rule"] != "edited" || a["position"] != 7.0 {
		t.Errorf("against the log: %v", a)
	}
	a = one(t, exitInvalid, "journal", "forged.db", "-key", key, "-witness", "journal.db.log/checkpoints")
	if a["rule"] != "root" {
		t.Errorf("against the witness: %v", a)
	}
	one(t, exitInvalid, "journal", "journal.db", "-key", key, "-witness", "nothing.jsonl")
}

func TestProvingUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	newJournal(t, "journal.db", func(int, *journal.Fact) {})
	for _, args := range [][]string{{"journal", "journal.db", "-prove", "1"}, {"journal", "journal.db", "-prove", "1", "-out", "x"},
		{"journal", "journal.db", "-witness", "x"}, {"journal", "journal.db", "-at", "yesterday"}, {"proof", "x.json"}, {"proof", "x.json", "-key", "none"},
		{"proof", "x.json", "-key", "none", "-quorum", "1"}} {
		if status, _ := call(t, "", args...); status != exitUsage {
			t.Errorf("%v: status %d, want %d", args, status, exitUsage)
		}
	}
}
