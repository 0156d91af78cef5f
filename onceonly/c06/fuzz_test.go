package c06_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/onceonly/onceonlytest"
)

// canned answers every request with the same status and bytes.
type canned struct {
	status int
	body   []byte
}

func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.body)), Request: req}, nil
}

// tap lets the register answer and keeps the bytes.
func tap(tb testing.TB, fault onceonlytest.Fault) []byte {
	tb.Helper()
	s := newSetup()
	var kept []byte
	st := start(tb, s)
	st.register.Fail(fault)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		rec := httptest.NewRecorder()
		st.register.ServeHTTP(rec, req)
		kept = rec.Body.Bytes()
		w.WriteHeader(rec.Code)
		_, _ = w.Write(kept)
	}))
	defer front.Close()
	_, _ = newSource(tb, s, front.URL+"/x").Fetch(context.Background(), query(tb, "R1", onceonly.FullName))
	if len(kept) == 0 {
		tb.Fatal("nothing was answered")
	}
	return kept
}

// FuzzAnswer feeds the decoder whatever bytes. It must end in a typed error without data, or in evidence about the
// person asked for, of the fields asked for, under the hash of these very bytes; and the same bytes must say the same
// again.
func FuzzAnswer(f *testing.F) {
	for _, fault := range []onceonlytest.Fault{onceonlytest.Healthy, onceonlytest.TwoAnswers, onceonlytest.NobodyFound,
		onceonlytest.ServerFault, onceonlytest.Doctype, onceonlytest.Twice, onceonlytest.OtherPrefix, onceonlytest.WholeName,
		onceonlytest.Decomposed, onceonlytest.ErrorPage, onceonlytest.Deep} {
		f.Add(tap(f, fault), 200)
	}
	f.Add([]byte(nil), 500)
	client := &canned{}
	s := newSetup()
	s.cfg.HTTPClient = &http.Client{Transport: client}
	source := newSource(f, s, "http://register.invalid/")
	all := source.Describe().Fields
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		client.body, client.status = body, status
		evidence, err := source.Fetch(context.Background(), query(t, "R1", all...))
		if err != nil {
			var failed *onceonly.SourceError
			if !errors.As(err, &failed) || failed.Outcome.Kind == onceonly.Fetched || evidence.Values != nil {
				t.Fatalf("untyped or half an answer: %v", err)
			}
			return
		}
		if evidence.Values[onceonly.PersonalID].Reveal() != "001090000123" || evidence.AnswerHash != sha256.Sum256(body) {
			t.Fatal("evidence about somebody else, or under another hash")
		}
		again, err := source.Fetch(context.Background(), query(t, "R1", all...))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range all {
			if again.Values[field].Reveal() != evidence.Values[field].Reveal() {
				t.Fatalf("%s differs the second time", field)
			}
		}
	})
}
