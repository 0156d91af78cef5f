package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// call runs the program and returns its exit status and the JSON objects it printed.
func call(t *testing.T, stdin string, args ...string) (int, []map[string]any) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), args, strings.NewReader(stdin), &stdout, &stderr)
	var answers []map[string]any
	for dec := json.NewDecoder(&stdout); dec.More(); {
		var a map[string]any
		if err := dec.Decode(&a); err != nil {
			t.Fatalf("%v: not JSON: %v", args, err)
		}
		answers = append(answers, a)
	}
	return status, answers
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		status int
		want   map[string]any
	}{
		{"personal id", []string{"personid", "001090000123"}, exitValid, map[string]any{"valid": true, "place": "Hà Nội", "sex": "male", "birthYear": 1990.0}},
		{"personal id too short", []string{"personid", "00109"}, exitInvalid, map[string]any{"valid": false}},
		{"tax code", []string{"taxcode", "0100109106"}, exitValid, map[string]any{"valid": true, "kind": "enterprise"}},
		{"tax code with a wrong check digit", []string{"taxcode", "0100109107"}, exitInvalid, map[string]any{"valid": false}},
		{"dossier code of old order", []string{"dossiercode", "000.00.14.H56-200203-0118"}, exitValid,
			map[string]any{"valid": true, "agency": "H56.14", "date": "2020-02-03", "serial": 118.0}},
		{"dossier code without a date", []string{"dossiercode", "H56-200299-0118"}, exitInvalid, map[string]any{"valid": false}},
		{"workdays over National Day 2026", []string{"workdays", "-from", "2026-08-28", "-add", "5"}, exitValid,
			map[string]any{"valid": true, "date": "2026-09-09"}},
		{"workdays in a year without a calendar", []string{"workdays", "-from", "2027-02-01", "-add", "5"}, exitInvalid,
			map[string]any{"valid": false}},
		{"workdays from no day", []string{"workdays", "-from", "2026-02-30", "-add", "5"}, exitInvalid, map[string]any{"valid": false}},
		{"journal that is not there", []string{"journal", "testdata/none.db"}, exitInvalid, map[string]any{"valid": false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, answers := call(t, "", tt.args...)
			if status != tt.status || len(answers) != 1 {
				t.Fatalf("status %d with %d answers, want %d with one", status, len(answers), tt.status)
			}
			if _, ok := answers[0]["reasons"].([]any); !ok {
				t.Errorf("no reasons in %v", answers[0])
			}
			for key, want := range tt.want {
				if got := answers[0][key]; got != want {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
		})
	}
}

func TestLines(t *testing.T) {
	status, answers := call(t, "2026-08-28 5\r\n\n"+strings.Repeat("x", 3*maxLine)+"\n2026-04-24 1\nnonsense", "workdays", "-")
	if status != exitInvalid || len(answers) != 5 {
		t.Fatalf("status %d with %d answers, want %d with 5", status, len(answers), exitInvalid)
	}
	for i, want := range []any{"2026-09-09", nil, nil, "2026-04-28", nil} {
		if got := answers[i]["date"]; got != want {
			t.Errorf("line %d: date is %v, want %v", i+1, got, want)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"nothing"}, {"personid"}, {"personid", "1", "2"}, {"pdf", "x.pdf"}, {"qr", "x"}, {"pdf", "x.pdf", "-roots", "none.pem"},
		{"personid", "-nope"}, {"workdays"}, {"workdays", "-from", "2026-08-28", "-add", "5", "2026-08-28 5"}} {
		if status, _ := call(t, "", args...); status != exitUsage {
			t.Errorf("%v: status %d, want %d", args, status, exitUsage)
		}
	}
}
