package dossier_test

import (
	"bytes"
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/motcua/motcua/dossier"
	"github.com/motcua/motcua/dossier/calendar"
	"github.com/motcua/motcua/internal/vntime"
	"github.com/motcua/motcua/journal"
)

// bodies are those of every situation of the rules, and of one act more.
func bodies(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, s := range situations() {
		o := newOffice(t, journal.NewMemory(), nil)
		var d *dossier.Dossier
		for _, step := range s.steps {
			d = o.do(d, step.act, step.role, procedureOf(step.act, s.code))
		}
		for r, err := range o.journal.Tail(context.Background(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Stream.Kind() == "dossier" {
				all = append(all, r.Body)
			}
		}
	}
	return all
}

func procedureOf(act dossier.Act, code string) func(*dossier.Command) {
	if act != dossier.File {
		return func(*dossier.Command) {}
	}
	return procedure(code)
}

// TestBodiesTakeTheShortWay holds that what the desk writes is read and written without help, and means the same as to
// encoding/json.
func TestBodiesTakeTheShortWay(t *testing.T) {
	all := bodies(t)
	if len(all) < 60 {
		t.Fatalf("only %d bodies", len(all))
	}
	for _, raw := range all {
		if !dossier.DecodedShort(raw) {
			t.Errorf("left to encoding/json: %s", raw)
		}
		checkBody(t, raw)
		written, _, err, _ := dossier.EncodeBody(raw)
		if err != nil || !bytes.Equal(written, raw) {
			t.Errorf("written again as %s, %v, was %s", written, err, raw)
		}
	}
}

// checkBody holds the two ways of reading and of writing equal.
func checkBody(t *testing.T, raw []byte) {
	t.Helper()
	short, long, shortErr, longErr := dossier.DecodeBody(raw)
	if (shortErr == nil) != (longErr == nil) || shortErr == nil && !reflect.DeepEqual(short, long) {
		t.Fatalf("%q: read as %+v, %v; by encoding/json as %+v, %v", raw, short, shortErr, long, longErr)
	}
	one, other, oneErr, otherErr := dossier.EncodeBody(raw)
	if (oneErr == nil) != (otherErr == nil) || !bytes.Equal(one, other) {
		t.Fatalf("%q: written as %s, %v; through the journal as %s, %v", raw, one, oneErr, other, otherErr)
	}
}

func FuzzBody(f *testing.F) {
	for _, raw := range bodies(f) {
		f.Add(raw)
	}
	for _, odd := range []string{
		`{}`, `{"detail":{},"law":{"instrument":"a\"b"},"role":"clerk","summary":{"officer":"\u0041"}}`, `{"from":"4"}`,
		`{"FROM":4}`, `{"from":null}`, `{"from":4,"from":5}`, `{"summary":{"results":[]}}`, `{"summary":{"unit":""}}`,
		`{"detail":{"components":[]}}`, `{"detail":{"deadline":{"a":"}"}}}`, `{"detail":{"deadline":{]}}}`,
		`{"summary":{"due":"2026-01-01T00:00:00.5+07:00"}}`, `{"summary":{"due":"2026-01-01T1:00:00+07:00"}}`,
		`{"summary":{"supplements":-0}}`, `{"summary":{"results":[{"component":"a","name":"x","size":1}]}}`, `{"role":"` + "\xff" + `"}`,
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { checkBody(t, raw) })
}

// FuzzExplanation holds the two ways of a deadline equal, over what a calendar counts and over any bytes.
func FuzzExplanation(f *testing.F) {
	cal, err := official()
	if err != nil {
		f.Fatal(err)
	}
	e, err := cal.AddWorkingDays(monday, 5)
	if err != nil {
		f.Fatal(err)
	}
	raw, err := e.MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"days":[{"date":""}]}`))
	f.Add([]byte(`{"days":null,"count":1.5}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		short, long, shortErr, longErr := dossier.DecodeExplanation(raw)
		if (shortErr == nil) != (longErr == nil) || shortErr == nil && !reflect.DeepEqual(short, long) {
			t.Fatalf("%q: read as %+v, %v; by encoding/json as %+v, %v", raw, short, shortErr, long, longErr)
		}
		var e calendar.Explanation
		if e.UnmarshalJSON(raw) == nil {
			checkExplanation(t, e)
		}
	})
}

func checkExplanation(t *testing.T, e calendar.Explanation) {
	t.Helper()
	one, other, oneErr, otherErr := dossier.EncodeExplanation(e)
	if (oneErr == nil) != (otherErr == nil) || !bytes.Equal(one, other) {
		t.Fatalf("written as %s, %v; through the journal as %s, %v", one, oneErr, other, otherErr)
	}
}

func TestExplanationsBothWays(t *testing.T) {
	cal, err := official()
	if err != nil {
		t.Fatal(err)
	}
	for from := vntime.Date(2026, 1, 1).Add(8 * time.Hour); from.Year() == 2026 && from.Month() < 11; from = from.AddDate(0, 0, 9) {
		for _, n := range []int{1, 7, 30} {
			e, err := cal.AddWorkingDays(from, n)
			if err != nil {
				t.Fatal(err)
			}
			checkExplanation(t, e)
		}
	}
	checkExplanation(t, calendar.Explanation{})
	checkExplanation(t, calendar.Explanation{Unit: "\"", Due: time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)})
}
