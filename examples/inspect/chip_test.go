package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/identity/identitytest"
)

// spoil copies a specimen and changes one file in the copy; nil takes it away.
func spoil(t *testing.T, from, file string, change func([]byte) []byte) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(to, file)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if data = change(data); data == nil {
		err = os.Remove(path)
	} else {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestChip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "card")
	if status, answers := call(t, "", "chip", "-specimen", dir, "-at", "2026-11-21", "-clone-proof"); status != exitValid || reasonCodes(answers[0]) != "" {
		t.Fatalf("status %d, %v", status, answers)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	flip := func(data []byte) []byte { data[len(data)-3] ^= 1; return data }
	other := filepath.Join(t.TempDir(), "other")
	if status, _ := call(t, "", "chip", "-specimen", other, "-at", "2026-11-21"); status != exitValid {
		t.Fatal("no second specimen")
	}
	csca := []string{"-csca", in("csca.ml"), "-crl", in("crl"), "-at", "2026-11-21"}
	quiet := " chip.active-authentication.not-recorded chip.chip-authentication.not-recorded"
	tests := []struct {
		name, dir string
		more      []string
		status    int
		codes     string
		want      map[string]any
	}{
		{"genuine", dir, nil, exitValid, quiet, map[string]any{"verdict": "accepted", "kind": "card", "state": "VNM", "trust": "verified",
			"person": "001*********", "name": "***"}},
		{"in clear", dir, []string{"-reveal"}, exitValid, quiet, map[string]any{"person": identitytest.Specimens()[0].Number,
			"name": identitytest.Specimens()[0].Name}},
		{"with its session", dir, []string{"-session", in("session.json"), "-clone-proof"}, exitValid, "", nil},
		{"somebody else's session", dir, []string{"-session", filepath.Join(other, "session.json")}, exitInvalid,
			"chip.active-authentication.response chip.chip-authentication.mac", map[string]any{"verdict": "rejected", "person": nil}},
		{"a proof demanded and none", dir, []string{"-clone-proof"}, exitInvalid, "chip.clone-proof.missing" + quiet, map[string]any{"verdict": "incomplete"}},
		{"passport expected", dir, []string{"-kind", "passport"}, exitInvalid, "chip.document.kind" + quiet, nil},
		{"authorities of passports elsewhere", dir, []string{"-passports", filepath.Join(other, "csca.ml")}, exitValid, quiet, nil},
		{"authority for passports only", dir, []string{"-passports", in("csca.ml"), "-csca", filepath.Join(other, "csca.ml")}, exitInvalid,
			"chip.chain.other-kind chip.revocation.not-reached" + quiet, nil},
		{"another authority", dir, []string{"-csca", filepath.Join(other, "csca.ml")}, exitInvalid, "chip.chain.no-anchor chip.revocation.not-reached" + quiet, map[string]any{"person": nil}},
		{"a year later", dir, []string{"-at", "2027-11-21"}, exitInvalid, "chip.revocation.stale" + quiet, nil},
		{"portrait changed", spoil(t, dir, "EF_DG2.bin", flip), nil, exitInvalid, "chip.hash.differs" + quiet, map[string]any{"name": nil}},
		{"signature changed", spoil(t, dir, "EF_SOD.bin", flip), nil, exitInvalid, "chip.signature.wrong" + quiet, nil},
		{"signed list not read", spoil(t, dir, "EF_SOD.bin", func([]byte) []byte { return nil }), nil, exitInvalid, "", nil},
		{"no such directory", filepath.Join(dir, "none"), nil, exitInvalid, "input.file", nil},
		{"no directory", in("csca.ml"), nil, exitInvalid, "input.file", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, answers := call(t, "", append(append([]string{"chip", tt.dir}, csca...), tt.more...)...)
			if status != tt.status || len(answers) != 1 {
				t.Fatalf("status %d, %v", status, answers)
			}
			if got := reasonCodes(answers[0]); tt.codes != "" && got != strings.TrimSpace(tt.codes) {
				t.Errorf("reasons %q, want %q", got, tt.codes)
			}
			for key, want := range tt.want {
				if got := answers[0][key]; got != want {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
		})
	}
	status, answers := call(t, dir+"\n"+other+"\n", append([]string{"chip", "-"}, csca...)...)
	if status != exitInvalid || len(answers) != 2 || answers[0]["valid"] != true || answers[1]["valid"] != false {
		t.Errorf("line by line: status %d, %d answers", status, len(answers))
	}
	for _, args := range [][]string{{"chip", dir}, {"chip", dir, "-csca", "none"}, {"chip", dir, "-csca", in("session.json")},
		{"chip", dir, "-csca", in("csca.ml"), "-kind", "visa"}, {"chip", dir, "-csca", in("csca.ml"), "-session", in("csca.ml")},
		{"chip", dir, "-csca", in("csca.ml"), "-crl", in("session.json")}} {
		if status, _ := call(t, "", args...); status != exitUsage {
			t.Errorf("%v: status %d", args, status)
		}
	}
}

// TestChipPrintsNothing holds that nothing of the person comes out unless asked for.
func TestChipPrintsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "card")
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	_, answers := call(t, "", "chip", "-specimen", dir, "-at", at)
	raw, err := json.Marshal(answers)
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{identitytest.Specimens()[0].Number[3:], "Nghĩa", "NGHIA", "1990", "900315"} {
		if strings.Contains(string(raw), canary) {
			t.Errorf("%q came out", canary)
		}
	}
}
