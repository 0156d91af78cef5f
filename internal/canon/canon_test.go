package canon_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/motcua/motcua/internal/canon"
)

func TestRewrite(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"sorts members", `{"b":1, "a":[true,null,"x"]}`, `{"a":[true,null,"x"],"b":1}`},
		{"sorts by UTF-16 units", `{"\ufb33":1,"\ud83d\ude00":2}`, "{\"\U0001F600\":2,\"\ufb33\":1}"},
		{"shortest escapes", `"\u0041\/\u000a\u001f\u2028"`, "\"A/\\n\\u001f\u2028\""},
		{"Vietnamese stays itself", `"Nguy\u1ec5n Tr\u1ecdng Ngh\u0129a"`, `"Nguyễn Trọng Nghĩa"`},
		{"negative zero", `-0`, `0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := canon.Rewrite([]byte(tt.in))
			if err != nil || string(got) != tt.want {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestRewriteRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "float": `1.5`, "exponent": `1e3`, "too large": `9007199254740992`, "duplicate": `{"a":1,"a":2}`,
		"two values": `{} {}`, "cut": `{"a":`, "deep": strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"bad utf-8": "\"\xff\"",
	} {
		if out, err := canon.Rewrite([]byte(in)); err == nil {
			t.Errorf("%s: accepted as %q", name, out)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := canon.Check([]byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	if err := canon.Check([]byte(`{"a": 1}`)); !errors.Is(err, canon.ErrNotCanonical) {
		t.Fatalf("white space: %v", err)
	}
	if err := canon.Check([]byte(`[1]`)); err == nil {
		t.Fatal("an array passed as an object")
	}
}

func FuzzRewrite(f *testing.F) {
	f.Add([]byte(`{"b":1,"a":[true,null,"x\u0000"]}`))
	f.Add([]byte(`[[[[]]]]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		once, err := canon.Rewrite(raw)
		if err != nil {
			return
		}
		twice, err := canon.Rewrite(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not a fixed point: %q then %q, %v", once, twice, err)
		}
	})
}
