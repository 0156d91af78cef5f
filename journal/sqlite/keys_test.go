package sqlite_test

import (
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
)

// FuzzParseKeys holds that stored keys have one spelling: what is read is written back to the byte.
func FuzzParseKeys(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[{"name":"unit","value":"H26.1","sort":7}]`, `[{"name":"a","value":"","sort":0},{"name":"b","value":"","sort":1}]`,
		`[{"name":"a","value":"\"\\\u0001 phường","sort":9223372036854775807}]`, `[{"name":"a","value":"\u0041","sort":0}]`,
		`[{"name":"a","value":"x","sort":07}]`, `[{"name":"a","value":"x","sort":+7}]`, `[{"name":"a","value":"x","sort":-0}]`,
		`[{"name":"a","value":"x\`, `[`, `]`, ``, `[]]`, `[{"name":"a","value":"x","sort":9223372036854775808}]`, `[{"nama":`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := sqlite.ParseKeys(text)
		if err != nil {
			return
		}
		if again := sqlite.KeysText(keys); again != text || len(keys) > journal.MaxKeys {
			t.Errorf("%q: written back as %q", text, again)
		}
	})
}

// FuzzKeysText holds that any key is read back, and that SQLite and everybody else can read it as JSON.
func FuzzKeysText(f *testing.F) {
	f.Add("unit", "phường \"Bến Nghé\"\\\n\x7f", int64(1)<<62)
	f.Add("a", "", int64(0))
	f.Fuzz(func(t *testing.T, name, value string, sort int64) {
		for _, c := range []byte(name) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
				return
			}
		}
		if !utf8.ValidString(value) || sort < 0 {
			return
		}
		keys := []journal.Key{{Name: name, Value: value, Sort: sort}, {Name: name, Value: value + "x"}}
		text := sqlite.KeysText(keys).(string)
		if got, err := sqlite.ParseKeys(text); err != nil || !slices.Equal(got, keys) {
			t.Errorf("%+v: read back as %+v, %v", keys, got, err)
		}
		var general []journal.Key
		if err := json.Unmarshal([]byte(text), &general); err != nil || !slices.Equal(general, keys) {
			t.Errorf("%q: JSON reads %+v, %v", text, general, err)
		}
	})
}
