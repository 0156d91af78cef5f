package oidc_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/motcua/motcua/identity/oidc"
)

func TestDecodeObject(t *testing.T) {
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"empty", `{}`, true},
		{"all kinds", ` { "a" : [ 1 , -0.5e+3, true,false,null, "x\u00e9\n", {} ] } `, true},
		{"nothing", ``, false},
		{"a list", `[]`, false},
		{"two objects", `{}{}`, false},
		{"a byte behind", "{}\x00", false},
		{"double member", `{"a":1,"a":1}`, false},
		{"double member by escape", `{"a":1,"\u0061":1}`, false},
		{"double member deep inside", `{"a":[{"b":1,"b":2}]}`, false},
		{"leading zero", `{"a":01}`, false},
		{"plus sign", `{"a":+1}`, false},
		{"no digit behind the point", `{"a":1.}`, false},
		{"no number", `{"a":NaN}`, false},
		{"endless number", `{"a":` + strings.Repeat("1", 65) + `}`, false},
		{"comma at the end", `{"a":1,}`, false},
		{"no comma", `{"a":1 "b":2}`, false},
		{"no quotes", `{a:1}`, false},
		{"single quotes", `{'a':1}`, false},
		{"comment", `{/**/}`, false},
		{"line break in a string", "{\"a\":\"\n\"}", false},
		{"unknown escape", `{"a":"\x"}`, false},
		{"string without end", `{"a":"\`, false},
		{"bad UTF-8", "{\"a\":\"\xff\"}", false},
		{"byte order mark", "\ufeff{}", false},
		{"sixteen deep", `{"a":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`, true},
		{"seventeen deep", `{"a":` + strings.Repeat("[", 17) + strings.Repeat("]", 17) + `}`, false},
		{"bulk", `{"a":[` + strings.Repeat("1,", 4096) + `1]}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := oidc.DecodeObject([]byte(tt.in)); (err == nil) != tt.ok {
				t.Fatalf("got %v, want accepted %v", err, tt.ok)
			}
		})
	}
}

// FuzzDecodeObject holds that what the strict reader accepts, encoding/json reads as the same.
func FuzzDecodeObject(f *testing.F) {
	f.Add([]byte(`{"a":[1,-0.5e+3,true,false,null,"x\u00e9\ud83d\ude00",{}]}`))
	f.Add([]byte(`{"a":01}`))
	f.Add([]byte(`{"a":"\ud800"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := oidc.DecodeObject(raw)
		if err != nil {
			return
		}
		var want map[string]any
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q reads as %v, encoding/json: %v, %v", raw, got, want, err)
		}
	})
}
