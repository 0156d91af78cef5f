package journal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

func TestParseStream(t *testing.T) {
	for _, test := range []struct{ name, kind, id string }{
		{"dossier/7f3a9c", "dossier", "7f3a9c"},
		{"a/b", "a", "b"},
		{"payment.order/H26.1-2026_11:Z", "payment.order", "H26.1-2026_11:Z"},
		{"", "", ""}, {"dossier", "", ""}, {"dossier/", "", ""}, {"/7", "", ""}, {"Dossier/7", "", ""},
		{"dossier/7/8", "", ""}, {"dossier/a b", "", ""}, {"dossier/ế", "", ""}, {"7/7", "", ""}, {"d@/7", "", ""},
		{"dossier/[", "", ""}, {"dossier/" + strings.Repeat("x", journal.MaxText), "", ""},
		{strings.Repeat("x", journal.MaxName+1) + "/1", "", ""},
	} {
		s, err := journal.ParseStream(test.name)
		if test.kind == "" {
			var invalid *journal.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != "stream" || !s.IsZero() {
				t.Errorf("%q: got %q, %v, want *InvalidError for stream", test.name, s, err)
			}
			continue
		}
		if err != nil || s.Kind() != test.kind || s.ID() != test.id || s.String() != test.name {
			t.Errorf("%q: got %q and %q, %v", test.name, s.Kind(), s.ID(), err)
		}
	}
}

func FuzzParseStream(f *testing.F) {
	for _, seed := range []string{"dossier/7f3a9c", "a/b", "/", "a//b", "order/H26.1_x:-", "dossier/ế", "A/1", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		s, err := journal.ParseStream(name)
		if err != nil {
			if !s.IsZero() {
				t.Errorf("%q: refused, and yet a stream", name)
			}
			return
		}
		again, err := journal.ParseStream(s.String())
		if err != nil || again != s || s.String() != name || s.Kind()+"/"+s.ID() != name || len(name) > journal.MaxText {
			t.Errorf("%q: read back as %q, %v", name, again, err)
		}
	})
}

func FuzzCursor(f *testing.F) {
	query := journal.Query{Name: "unit", Value: "H26.1"}
	stream, err := journal.ParseStream("dossier/7")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(query.NextCursor("id", journal.Hit{Head: journal.Record{Stream: stream}, Sort: 1 << 60}))
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		q := query
		q.Cursor = cursor
		resume, err := q.Resume("id")
		if err != nil || !resume.Active {
			if resume.Stream != "" || err == nil && cursor != "" {
				t.Errorf("%q: got %+v, %v", cursor, resume, err)
			}
			return
		}
		stream, err := journal.ParseStream(resume.Stream)
		if err != nil {
			t.Fatalf("%q: stream %q: %v", cursor, resume.Stream, err)
		}
		if again := q.NextCursor("id", journal.Hit{Head: journal.Record{Stream: stream}, Sort: resume.Sort}); again != cursor {
			t.Errorf("%q: made again as %q", cursor, again)
		}
		if _, err := q.Resume("other"); err == nil {
			t.Errorf("%q: another journal takes it", cursor)
		}
	})
}

func TestNewCommand(t *testing.T) {
	part := func(s string) []byte { return []byte(s) }
	one := journal.NewCommand("k", part("ab"), part("c"))
	if one != journal.NewCommand("k", part("ab"), part("c")) {
		t.Error("the same request has two sums")
	}
	for name, other := range map[string]journal.Command{
		"parts cut elsewhere": journal.NewCommand("k", part("a"), part("bc")),
		"a part more":         journal.NewCommand("k", part("ab"), part("c"), nil),
		"another order":       journal.NewCommand("k", part("c"), part("ab")),
	} {
		if other.Sum == one.Sum {
			t.Errorf("%s: the same sum", name)
		}
	}
}

func TestHashText(t *testing.T) {
	want := journal.NewCommand("k", []byte("x")).Sum
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got journal.Hash
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	for _, bad := range []string{"", "ab", strings.Repeat("g", 64), strings.Repeat("a", 66)} {
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a hash", bad)
		}
	}
}

// TestDigestIsFixed holds the encoding that is hashed: journals of today must verify for ever. The wanted hashes were
// computed by another program, from the description alone.
func TestDigestIsFixed(t *testing.T) {
	stream, err := journal.ParseStream("dossier/7f3a9c")
	if err != nil {
		t.Fatal(err)
	}
	records, err := journal.Link(stream, journal.Head{}, []journal.Fact{
		{Kind: "dossier.filed", Actor: "citizen-52", At: time.Date(2026, 11, 21, 8, 30, 0, 123456789, time.UTC),
			Body: []byte(`{"a":1}`), Private: []byte("Nguyễn Trọng Nghĩa"), Subject: "subject-1",
			Command: journal.NewCommand("key", []byte("file")),
			Keys:    []journal.Key{{Name: "unit", Value: "H26.1", Sort: 7}, {Name: "code", Value: "x"}}},
		{Kind: "dossier.noted", Actor: "x", At: time.Unix(0, 0), Body: []byte(`{}`), Keys: []journal.Key{}},
		{Kind: "dossier.noted", Actor: "x", At: time.Unix(0, 0), Body: []byte(`{}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1997ff26f91c84e788599cde6413cd0ba348683f331b39ccb3be4e66a1ff0a45",
		"5ac9cb04298e291009c4cc99ce77df2a243ed0970452bea713494367e31b53a4",
		"d5934153f9b0f4dbe7392748a78b436fe72813afa544a5832acb6eef97f8dcac",
	}
	for i, record := range records {
		if record.Hash.String() != want[i] {
			t.Errorf("record %d: got %s, want %s", i, record.Hash, want[i])
		}
	}
}

func TestErrorsQuoteNoPersonalData(t *testing.T) {
	stream, err := journal.ParseStream("dossier/1")
	if err != nil {
		t.Fatal(err)
	}
	const secret = "079204001234"
	fact := journal.Fact{Kind: "dossier.noted", Actor: "x", At: time.Unix(0, 0), Body: []byte(`{"b":"` + secret + `","a":1}`)}
	_, err = journal.Link(stream, journal.Head{}, []journal.Fact{fact})
	if err == nil || bytes.Contains([]byte(err.Error()), []byte(secret)) {
		t.Errorf("got %v, want an error that does not quote the body", err)
	}
}
