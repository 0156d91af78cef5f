package onceonly_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strconv"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
	"github.com/motcua/motcua/journal/sqlite"
	"github.com/motcua/motcua/onceonly"
	"github.com/motcua/motcua/onceonly/auth"
	"github.com/motcua/motcua/onceonly/c06"
	"github.com/motcua/motcua/onceonly/onceonlytest"
)

// BenchmarkLookup measures a whole lookup beside the floor under it: the same HTTP exchange by bare net/http and two
// appends of the same size to the same journal, and nothing else. cpu-µs/op is the processor time of the whole process,
// both ends of the exchange: on a busy machine it says more than the clock.
func BenchmarkLookup(b *testing.B) {
	for _, journals := range []struct {
		name string
		open func(*testing.B) journal.Journal
	}{
		{"memory", func(*testing.B) journal.Journal { return journal.NewMemory() }},
		{"sqlite", func(b *testing.B) journal.Journal {
			j, err := sqlite.Open(context.Background(), b.TempDir()+"/journal.db", sqlite.Config{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = j.Close() })
			return j
		}},
	} {
		b.Run("lookup/"+journals.name, func(b *testing.B) { benchmarkLookup(b, journals.open(b)) })
		b.Run("floor/"+journals.name, func(b *testing.B) { benchmarkFloor(b, journals.open(b)) })
	}
}

// tapped is the register behind a front that answers the same bytes each time, so that both sides wait for the same
// work.
func tapped(b *testing.B) (*httptest.Server, []byte) {
	register, err := onceonlytest.NewRegister(onceonlytest.Settings{User: "qnm", Secret: "s", Unit: onceonlytest.Seconds,
		Birth: onceonlytest.BirthNested, Integration: "037"})
	if err != nil {
		b.Fatal(err)
	}
	var answer []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer == nil {
			rec := httptest.NewRecorder()
			register.ServeHTTP(rec, r)
			answer = rec.Body.Bytes()
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = w.Write(answer)
	}))
	b.Cleanup(server.Close)
	if _, err := benchmarkBroker(b, journal.NewMemory(), server.URL).Lookup(context.Background(), request(b)); err != nil {
		b.Fatal(err)
	}
	return server, answer
}

func benchmarkBroker(b *testing.B, j journal.Journal, address string) *onceonly.Broker {
	login, err := auth.NewTimestamped("qnm", "s", auth.Seconds, auth.Config{})
	if err != nil {
		b.Fatal(err)
	}
	source, err := c06.New(address+"/x", c06.SeenDialect("037"), login, c06.Config{Officer: "HT", Unit: "H26"})
	if err != nil {
		b.Fatal(err)
	}
	broker, err := onceonly.NewBroker(j, onceonly.Config{Allowances: allowances()}, source)
	if err != nil {
		b.Fatal(err)
	}
	return broker
}

func benchmarkLookup(b *testing.B, j journal.Journal) {
	server, _ := tapped(b)
	broker, r := benchmarkBroker(b, j, server.URL), request(b)
	defer cpu(b)()
	for b.Loop() {
		answer, err := broker.Lookup(context.Background(), r)
		if err != nil || answer.Fields[0].Outcome.Kind != onceonly.Fetched {
			b.Fatal(err, answer.Fields)
		}
	}
}

func benchmarkFloor(b *testing.B, j journal.Journal) {
	server, answer := tapped(b)
	broker, ctx := benchmarkBroker(b, j, server.URL), context.Background()
	if _, err := broker.Lookup(ctx, request(b)); err != nil {
		b.Fatal(err)
	}
	like := records(b, j)
	client := &http.Client{Timeout: 10 * time.Second}
	defer cpu(b)()
	for n := 0; b.Loop(); n++ {
		stream, err := journal.ParseStream("floor/" + strconv.Itoa(n))
		if err != nil {
			b.Fatal(err)
		}
		appendLike(b, j, stream, 0, like[0].Fact)
		resp, err := client.Post(server.URL+"/x", "text/xml", bytes.NewReader(make([]byte, 900)))
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || len(body) != len(answer) {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
		appendLike(b, j, stream, 1, like[1].Fact)
	}
}

func appendLike(b *testing.B, j journal.Journal, stream journal.Stream, after int64, fact journal.Fact) {
	if _, err := j.Append(context.Background(), stream, after, fact); err != nil {
		b.Fatal(err)
	}
}

// cpu reports the processor time from here to the call of what it returns.
func cpu(b *testing.B) func() {
	sample := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	runtime.GC() // the metric is brought up to date by collections
	metrics.Read(sample)
	before := sample[0].Value.Float64()
	return func() {
		runtime.GC()
		metrics.Read(sample)
		b.ReportMetric((sample[0].Value.Float64()-before)*1e6/float64(b.N), "cpu-µs/op")
	}
}
