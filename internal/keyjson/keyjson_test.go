package keyjson_test

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/motcua/motcua/internal/keyjson"
)

type key struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Sort  int64  `json:"sort"`
}

func write(keys []key) string {
	b := keyjson.Open(nil)
	for _, k := range keys {
		b = keyjson.Append(b, k.Name, k.Value, k.Sort)
	}
	return string(keyjson.Close(b))
}

func read(text string) ([]key, error) {
	var keys []key
	err := keyjson.Parse(text, 16, func(name, value string, sort int64) { keys = append(keys, key{name, value, sort}) })
	return keys, err
}

func TestRoundTrip(t *testing.T) {
	for _, test := range []struct {
		name string
		keys []key
	}{
		{"none", nil},
		{"one", []key{{"unit", "H26.1", 7}}},
		{"two", []key{{"code", "H26.1-000001", 0}, {"unit", "Bộ phận Một cửa", 1<<63 - 1}}},
		{"escapes", []key{{"unit", "\"<&>\\ \x01\n\u2028 🇻🇳", 1}, {"unit", "", 0}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := write(test.keys)
			got, err := read(text)
			if err != nil || !slices.Equal(got, test.keys) {
				t.Errorf("got %v, %v, want %v", got, err, test.keys)
			}
			var sql []key // any JSON reader sees the same
			if err := json.Unmarshal([]byte(text), &sql); err != nil || !slices.Equal(sql, test.keys) && len(test.keys) > 0 {
				t.Errorf("as JSON: got %v, %v, want %v", sql, err, test.keys)
			}
		})
	}
}

func TestOtherSpellingsRefused(t *testing.T) {
	for _, text := range []string{
		"", "[", "]", "null", "[ ]", `[{}]`, `[{"name":"a","value":"b","sort":1}`, `[{"name":"a","value":"b","sort":01}]`,
		`[{"name":"a","value":"b","sort":1}] `, `[{"name":"a", "value":"b","sort":1}]`, `[{"value":"b","name":"a","sort":1}]`,
		`[{"name":"a","value":"\u0062","sort":1}]`, `[{"name":"a","value":"\n","sort":1}]`,
		`[{"name":"a","value":"b","sort":1},]`, `[{"name":"a","value":"b","sort":9223372036854775808}]`,
	} {
		if keys, err := read(text); err == nil {
			t.Errorf("%s: read as %v", text, keys)
		}
	}
	if _, err := read(write(slices.Repeat([]key{{"a", "b", 1}}, 17))); err == nil {
		t.Error("more keys than the limit were read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(write([]key{{"unit", "H26.1", 7}, {"code", "\"\\\x01", 0}}))
	f.Add("[]")
	f.Add(`[{"name":"a","value":"\u0001","sort":-1}]`)
	for _, seed := range []string{`[{"name":"a","value":"\u0041","sort":0}]`, `[{"name":"a","value":"x","sort":07}]`,
		`[{"name":"a","value":"x","sort":-0}]`, `[{"name":"a","value":"x\`, `[`, `]`, ``, `[]]`, `[{"nama":`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := read(text)
		if err != nil {
			return
		}
		if again := write(keys); again != text {
			t.Errorf("%q read as %v, written as %q", text, keys, again)
		}
	})
}

// FuzzRoundTrip holds that any value is read back, by us and by every reader of JSON.
func FuzzRoundTrip(f *testing.F) {
	f.Add("phường \"Bến Nghé\"\\\n\x7f", int64(1)<<62)
	f.Add("", int64(0))
	f.Fuzz(func(t *testing.T, value string, sort int64) {
		if !utf8.ValidString(value) {
			return
		}
		keys := []key{{"unit", value, sort}, {"code", value + "x", 0}}
		text := write(keys)
		if got, err := read(text); err != nil || !slices.Equal(got, keys) {
			t.Errorf("%+v: read back as %+v, %v", keys, got, err)
		}
		var general []key
		if err := json.Unmarshal([]byte(text), &general); err != nil || !slices.Equal(general, keys) {
			t.Errorf("%q: JSON reads %+v, %v", text, general, err)
		}
	})
}
