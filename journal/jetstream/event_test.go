package jetstream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/jetstream"
)

// record is a fact with everything a fact can have.
func record(tb testing.TB) journal.Record {
	tb.Helper()
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		tb.Fatal(err)
	}
	records, err := journal.Link(stream, journal.Head{Seq: 2}, []journal.Fact{{
		Kind: "dossier.consulted", Actor: "officer-7", At: time.Date(2026, 11, 23, 8, 30, 0, 120_000_000, time.UTC),
		Body: []byte(`{"unit":"H26.5","được":true}`), Private: []byte("Nguyễn Trọng Nghĩa"), Subject: "subject-52",
		Command: journal.NewCommand("form-token-1", []byte("consult")),
		Keys:    []journal.Key{{Name: "dossier.officer", Value: "officer-9"}},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	records[0].Position = 1203
	return records[0]
}

const consulted = `{"data":{"unit":"H26.5","được":true},"datacontenttype":"application/json","id":"H26.35.12:1203",` +
	`"sequence":"0000000000000001203","source":"/journal/H26.35.12","specversion":"1.0","streamseq":"3",` +
	`"subject":"dossier/7f3a9c","time":"2026-11-23T08:30:00.120000Z","type":"dossier.consulted"}`

func TestEventIsACloudEvent(t *testing.T) {
	source := parseSource(t, "H26.35.12")
	event := jetstream.NewEvent(source, record(t))
	got, err := json.Marshal(event)
	if err != nil || string(got) != consulted {
		t.Errorf("got %s, %v\nwant %s", got, err, consulted)
	}
	again, err := jetstream.ParseEvent(got)
	if err != nil || again.ID() != event.ID() || !again.At.Equal(event.At) || again.Stream != event.Stream ||
		again.Seq != event.Seq || again.Kind != event.Kind || !bytes.Equal(again.Body, event.Body) {
		t.Errorf("read back as %+v, %v", again, err)
	}
	if again.Command() != event.Command() || event.Command().Key != "H26.35.12:1203" {
		t.Errorf("command: got %+v and %+v", again.Command(), event.Command())
	}
}

func TestEventHasThePublicHalfOnly(t *testing.T) {
	r := record(t)
	data, err := jetstream.NewEvent(parseSource(t, "H26.35.12"), r).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"private": string(r.Private), "subject": r.Subject, "actor": r.Actor,
		"command": r.Command.Key, "key": r.Keys[0].Value, "hash": r.Hash.String(), "previous hash": r.Prev.String()} {
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("the %s left the agency", name)
		}
	}
}

func TestParseEventRefuses(t *testing.T) {
	for _, test := range []struct{ name, old, new, field string }{
		{"a foreign version", `"specversion":"1.0"`, `"specversion":"0.3"`, "specversion"},
		{"a foreign content", `"application/json"`, `"text/plain"`, "datacontenttype"},
		{"no source", `"/journal/H26.35.12"`, `""`, "source"},
		{"a source elsewhere", `"/journal/H26.35.12"`, `"/agency/H26.35.12"`, "source"},
		{"another id", `:1203"`, `:1204"`, "id"},
		{"an id that is a number", `"H26.35.12:1203"`, `1203`, "id"},
		{"a short sequence", `"0000000000000001203"`, `"1203"`, "sequence"},
		{"position zero", `"0000000000000001203"`, `"0000000000000000000"`, "sequence"},
		{"a number from 0", `"streamseq":"3"`, `"streamseq":"0"`, "streamseq"},
		{"a number with a sign", `"streamseq":"3"`, `"streamseq":"+3"`, "streamseq"},
		{"no stream", `"dossier/7f3a9c"`, `"7f3a9c"`, "subject"},
		{"a null", `"dossier/7f3a9c"`, `null`, "subject"},
		{"a local time", `08:30:00.120000Z`, `15:30:00.120000+07:00`, "time"},
		{"a short time", `00.120000Z`, `00.12Z`, "time"},
		{"no kind", `"dossier.consulted"`, `""`, "data"},
		{"a body that is a list", `{"unit":"H26.5","được":true}`, `[]`, "data"},
		{"no body", `"data":{"unit":"H26.5","được":true},`, ``, "data"},
		{"members out of order", `"specversion":"1.0","streamseq":"3"`, `"streamseq":"3","specversion":"1.0"`, "event"},
		{"a member twice", `"type":`, `"type":"x","type":`, "event"},
		{"white space", `"type":`, `"type": `, "event"},
		{"a member in capitals", `"type":`, `"typE":`, "data"},
		{"nothing", consulted, ``, "event"},
		{"too much", `"unit":"H26.5"`, `"unit":"` + strings.Repeat("x", journal.MaxBody+8<<10) + `"`, "event"},
	} {
		data := strings.Replace(consulted, test.old, test.new, 1)
		got, err := jetstream.ParseEvent([]byte(data))
		var broken *jetstream.EventError
		if !errors.As(err, &broken) || broken.Field != test.field && !(test.field == "data" && broken.Field == "type") ||
			!got.Source.IsZero() {
			t.Errorf("%s: got %+v, %v, want *EventError for %s", test.name, got, err, test.field)
		}
	}
}

// TestParseEventLeavesNewAttributesAside lets agencies take up later versions at different times.
func TestParseEventLeavesNewAttributesAside(t *testing.T) {
	data := strings.Replace(consulted, `"sequence"`, `"newer":"x","sequence"`, 1)
	if got, err := jetstream.ParseEvent([]byte(data)); err != nil || got.Position != 1203 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestMarshalRefusesWhatNoJournalHolds(t *testing.T) {
	whole := jetstream.NewEvent(parseSource(t, "H26"), record(t))
	for name, spoil := range map[string]func(*jetstream.Event){
		"no source":   func(e *jetstream.Event) { e.Source = jetstream.Source{} },
		"no position": func(e *jetstream.Event) { e.Position = 0 },
		"no stream":   func(e *jetstream.Event) { e.Stream = journal.Stream{} },
		"no number":   func(e *jetstream.Event) { e.Seq = 0 },
		"no kind":     func(e *jetstream.Event) { e.Kind = "" },
		"bad kind":    func(e *jetstream.Event) { e.Kind = `a","x":"y` },
		"no time":     func(e *jetstream.Event) { e.At = time.Time{} },
		"no body":     func(e *jetstream.Event) { e.Body = nil },
		"loose body":  func(e *jetstream.Event) { e.Body = []byte(`{"b":1,"a":1}`) },
	} {
		e := whole
		spoil(&e)
		var broken *jetstream.EventError
		if _, err := e.MarshalJSON(); !errors.As(err, &broken) {
			t.Errorf("%s: got %v, want *EventError", name, err)
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, seed := range []string{consulted, `{}`, ``, strings.Replace(consulted, "1203", "9223372036854775807", 2),
		strings.Replace(consulted, `"type":"dossier.consulted"`, `"type":"a..b."`, 1),
		strings.Replace(consulted, "2026", "1899", 1), strings.Replace(consulted, "2026-11-23", "2026-02-30", 1)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > journal.MaxBody {
			return
		}
		e, err := jetstream.ParseEvent(data)
		slow, slowErr := jetstream.ParseByMembers(data)
		if (err == nil) != (slowErr == nil) || !reflect.DeepEqual(e, slow) {
			t.Fatalf("%q: read as %+v, %v and by members as %+v, %v", data, e, err, slow, slowErr)
		}
		if err != nil {
			return
		}
		text, err := e.MarshalJSON()
		if err != nil {
			t.Fatalf("%q: read, but not written: %v", data, err)
		}
		again, err := jetstream.ParseEvent(text)
		if err != nil || again.ID() != e.ID() || again.Command() != e.Command() {
			t.Errorf("%q: written as %q, read back as %+v, %v", data, text, again, err)
		}
		if len(text) > len(data) {
			t.Errorf("%q: written longer, as %q", data, text)
		}
	})
}
