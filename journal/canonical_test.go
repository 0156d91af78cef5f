package journal_test

import (
	"errors"
	"testing"
	"time"

	"github.com/motcua/motcua/internal/canon"
	"github.com/motcua/motcua/journal"
)

// FuzzBody holds that a body is taken exactly when it is canonical, by whichever of the two readers.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, `{"a":-1,"b":[],"c":{}}`, `{"a":[1,"x",null,true,false,{"b":[]}]}`, `{"a":"\n\"\\"}`,
		`{"a":"\u0000"}`, `{"a":"\/"}`, `{"b":1,"a":1}`, `{"a":1,"a":1}`, `{"a":01}`, `{"a":-0}`, `{"a":0}`, `{"a":1.0}`,
		`{"a":9007199254740991}`, `{"a":9007199254740992}`, `{"a":999999999999999}`, `{"a":1 }`, `{"a":tru}`, `{"a":}`,
		`{"a":1,}`, `{"a":[1,]}`, `{"đ":1,"ơ":2}`, `{"ơ":1,"đ":2}`, `{"\ue000":1,"😀":2}`, `{"😀":1,"":2}`,
		`{"":1,"😀":2}`, `{"a":"` + "\xff" + `"}`, `{"a":"\ud800"}`, `{`, `{"a`, `{"a":-}`, `{"a":1}x`, `[]`, ``, `{"":{}}`,
		`{"a":` + nested(63) + `}`, `{"a":` + nested(64) + `}`, `{"a":` + nested(65) + `}`, `{"a\"":1,"b":2}`, `{"a":nul}`,
	} {
		f.Add([]byte(seed))
	}
	stream, err := journal.ParseStream("dossier/1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > journal.MaxBody {
			return
		}
		fact := journal.Fact{Kind: "k", Actor: "a", At: time.Unix(0, 0), Body: body}
		_, err := journal.Link(stream, journal.Head{}, []journal.Fact{fact})
		want := canon.Check(body)
		var invalid *journal.InvalidError
		if (err == nil) != (want == nil) || err != nil && (!errors.As(err, &invalid) || invalid.Field != "body") {
			t.Errorf("%q: got %v, canon says %v", body, err, want)
		}
	})
}

func nested(n int) string {
	open, shut := make([]byte, n), make([]byte, n)
	for i := range n {
		open[i], shut[i] = '[', ']'
	}
	return string(open) + string(shut)
}
