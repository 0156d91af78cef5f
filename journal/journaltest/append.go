package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/motcua/motcua/journal"
)

const rivals = 32

func (s suite) oneWinner(t *testing.T) {
	j, name := s.open(t), stream(t, "dossier/contested")
	for round := range int64(8) {
		var wins, conflicts atomic.Int64
		together(rivals, func(i int) {
			_, err := j.Append(t.Context(), name, round, fact(`{"rival":%d}`, i))
			var conflict *journal.ConflictError
			switch {
			case err == nil:
				wins.Add(1)
			case errors.Is(err, journal.ErrConflict) && errors.As(err, &conflict) && conflict.Head == round+1:
				conflicts.Add(1)
			default:
				t.Errorf("rival %d: %v", i, err)
			}
		})
		if wins.Load() != 1 || conflicts.Load() != rivals-1 {
			t.Fatalf("round %d: %d won and %d met a conflict, want 1 and %d", round, wins.Load(), conflicts.Load(), rivals-1)
		}
	}
	if _, err := j.Append(t.Context(), name, 99, fact(`{}`)); !errors.Is(err, journal.ErrConflict) {
		t.Errorf("append far ahead of the head: got %v, want ErrConflict", err)
	}
	if _, err := j.Append(t.Context(), name, -1, fact(`{}`)); !errors.Is(err, journal.ErrConflict) {
		t.Errorf("append after -1: got %v, want ErrConflict", err)
	}
	if got := len(load(t, j, name)); got != 8 {
		t.Errorf("the stream has %d records, want 8", got)
	}
	verify(t, j)
}

// counter has every rival add to one number by reading it and appending the next.
func (s suite) counter(t *testing.T) {
	const each = 6
	j, name := s.open(t), stream(t, "serial/receipt")
	together(rivals, func(int) {
		seen := int64(0)
		for done := 0; done < each; {
			_, err := j.Append(t.Context(), name, seen, fact(`{"n":%d}`, seen+1))
			var conflict *journal.ConflictError
			switch {
			case err == nil:
				done++
				seen++
			case errors.As(err, &conflict):
				seen = conflict.Head
			default:
				t.Errorf("append: %v", err)
				return
			}
		}
	})
	records := load(t, j, name)
	if len(records) != rivals*each {
		t.Fatalf("%d increments landed, want %d", len(records), rivals*each)
	}
	for i, record := range records {
		if want := fmt.Sprintf(`{"n":%d}`, i+1); string(record.Body) != want || record.Seq != int64(i+1) {
			t.Fatalf("no. %d holds %s, want %s", record.Seq, record.Body, want)
		}
	}
	verify(t, j)
}

func (s suite) allOrNone(t *testing.T) {
	j, name := s.open(t), stream(t, "dossier/whole")
	records := mustAppend(t, j, name, 0, full(1), fact(`{"n":2}`), fact(`{"n":3}`))
	for i, record := range records {
		if record.Seq != int64(i+1) || record.Part != i || record.Position < 1 {
			t.Errorf("record %d: seq %d part %d position %d", i, record.Seq, record.Part, record.Position)
		}
	}
	wantSame(t, load(t, j, name), records)
	wrong := fact(`{}`)
	wrong.Actor = ""
	_, err := j.Append(t.Context(), name, 3, fact(`{}`), wrong)
	wantInvalid(t, err, "actor")
	if _, err := j.Append(t.Context(), name, 2, fact(`{}`), fact(`{}`)); !errors.Is(err, journal.ErrConflict) {
		t.Errorf("stale append: got %v, want ErrConflict", err)
	}
	wantSame(t, load(t, j, name), records)
	if sum := verify(t, j); sum.Facts != 3 || sum.Streams != 1 || sum.Last != records[2].Position {
		t.Errorf("got summary %+v, want 3 facts of 1 stream", sum)
	}
}

func (s suite) boundsRefused(t *testing.T) {
	j, name := s.open(t), stream(t, "dossier/bounds")
	for _, test := range refusals() {
		t.Run(test.name, func(t *testing.T) {
			wrong := full(1)
			test.edit(&wrong)
			_, err := j.Append(t.Context(), name, 0, wrong)
			wantInvalid(t, err, test.field)
		})
	}
	_, err := j.Append(t.Context(), journal.Stream{}, 0, full(1))
	wantInvalid(t, err, "stream")
	_, err = j.Append(t.Context(), name, 0)
	wantInvalid(t, err, "facts")
	_, err = j.Append(t.Context(), name, 0, slices.Repeat([]journal.Fact{fact(`{}`)}, journal.MaxFacts+1)...)
	wantInvalid(t, err, "facts")
	_, err = j.Append(t.Context(), name, 0, fact(`{}`), full(1))
	wantInvalid(t, err, "command")
	if got := tail(t, j, 0); len(got) != 0 {
		t.Errorf("refused facts left %d records", len(got))
	}
}

type refusal struct {
	name, field string
	edit        func(*journal.Fact)
}

func refusals() []refusal {
	key := func(k journal.Key) func(*journal.Fact) {
		return func(f *journal.Fact) { f.Keys = []journal.Key{k} }
	}
	body := func(b string) func(*journal.Fact) { return func(f *journal.Fact) { f.Body = []byte(b) } }
	return []refusal{
		{"no kind", "kind", func(f *journal.Fact) { f.Kind = "" }},
		{"kind in capitals", "kind", func(f *journal.Fact) { f.Kind = "Dossier.Noted" }},
		{"long kind", "kind", func(f *journal.Fact) { f.Kind = text(journal.MaxName + 1) }},
		{"no actor", "actor", func(f *journal.Fact) { f.Actor = "" }},
		{"long actor", "actor", func(f *journal.Fact) { f.Actor = text(journal.MaxText + 1) }},
		{"actor not UTF-8", "actor", func(f *journal.Fact) { f.Actor = "a\xff" }},
		{"actor with NUL", "actor", func(f *journal.Fact) { f.Actor = "a\x00b" }},
		{"no time", "at", func(f *journal.Fact) { f.At = time.Time{} }},
		{"time beyond 9999", "at", func(f *journal.Fact) { f.At = at.AddDate(9000, 0, 0) }},
		{"no body", "body", body("")},
		{"body not an object", "body", body(`[1]`)},
		{"body with a space", "body", body(`{"a": 1}`)},
		{"body unsorted", "body", body(`{"b":1,"a":1}`)},
		{"body with a fraction", "body", body(`{"a":1.5}`)},
		{"body with a member twice", "body", body(`{"a":1,"a":1}`)},
		{"body cut off", "body", body(`{"a":1`)},
		{"long body", "body", func(f *journal.Fact) { f.Body = bodyOf(journal.MaxBody + 1) }},
		{"long private half", "private", func(f *journal.Fact) { f.Private = make([]byte, journal.MaxPrivate+1) }},
		{"private half of nobody", "subject", func(f *journal.Fact) { f.Subject = "" }},
		{"long subject", "subject", func(f *journal.Fact) { f.Subject = text(journal.MaxText + 1) }},
		{"command without key", "command.key", func(f *journal.Fact) { f.Command.Key = "" }},
		{"long command key", "command.key", func(f *journal.Fact) { f.Command.Key = text(journal.MaxText + 1) }},
		{"key without name", "keys.name", key(journal.Key{Value: "v"})},
		{"key name in capitals", "keys.name", key(journal.Key{Name: "Unit"})},
		{"long key value", "keys.value", key(journal.Key{Name: "unit", Value: text(journal.MaxText + 1)})},
		{"key value not UTF-8", "keys.value", key(journal.Key{Name: "unit", Value: "\xc3"})},
		{"negative sort", "keys.sort", key(journal.Key{Name: "unit", Sort: -1})},
		{"key twice", "keys", func(f *journal.Fact) { f.Keys = slices.Repeat([]journal.Key{{Name: "unit", Value: "v"}}, 2) }},
		{"too many keys", "keys", func(f *journal.Fact) { f.Keys = manyKeys(journal.MaxKeys + 1) }},
	}
}

// boundsKept writes a fact that reaches every bound, and wants it back to the byte.
func (s suite) boundsKept(t *testing.T) {
	j := s.open(t)
	name := stream(t, text(journal.MaxName)+"/"+text(journal.MaxText-journal.MaxName-1))
	most := journal.Fact{
		Kind:    text(journal.MaxName),
		Actor:   text(journal.MaxText-3) + "ế",
		At:      time.Date(9998, 12, 31, 23, 59, 59, 999999999, time.FixedZone("+07", 7*3600)),
		Body:    bodyOf(journal.MaxBody),
		Private: bytes.Repeat([]byte{0, 1, 0xfe, 0xff}, s.cfg.MaxPrivate/4),
		Subject: text(journal.MaxText),
		Command: command(text(journal.MaxText), "most"),
		Keys:    manyKeys(journal.MaxKeys),
	}
	least := journal.Fact{Kind: "k", Actor: " ", At: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), Body: []byte(`{}`)}
	odd := fact(`{"":"\u0000 \" \\ <b> ` + "\u2028" + ` Nghĩa 🇻🇳","a":[null,true,-9007199254740991]}`)
	odd.Keys = []journal.Key{{Name: "unit", Value: `"<&> ` + "\u2028", Sort: 1<<63 - 1}, {Name: "unit"}}
	facts := append([]journal.Fact{most, least, odd}, slices.Repeat([]journal.Fact{least}, journal.MaxFacts-3)...)
	records := mustAppend(t, j, name, 0, facts...)
	for i, record := range records {
		if record.Digest() != record.Hash {
			t.Fatalf("record %d: hash is not its digest", i)
		}
	}
	if got := records[0]; !bytes.Equal(got.Private, most.Private) || !bytes.Equal(got.Body, most.Body) ||
		got.At.Nanosecond() != 999999000 || got.At.Location() != time.UTC {
		t.Errorf("got time %v, or halves that differ; want microseconds in UTC", got.At)
	}
	wantSame(t, load(t, j, name), records)
	wantSame(t, tail(t, j, 0), records)
	verify(t, j)
}

func (s suite) cancelled(t *testing.T) {
	j, name := s.open(t), stream(t, "dossier/cancelled")
	mustAppend(t, j, name, 0, full(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.Append(ctx, name, 1, fact(`{}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("append: got %v, want context.Canceled", err)
	}
	if _, err := j.Find(ctx, journal.Query{Name: "unit", Value: "H26.1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("find: got %v, want context.Canceled", err)
	}
	for _, err := range j.Read(ctx, name, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("read: got %v, want context.Canceled", err)
		}
	}
	for _, err := range j.Tail(ctx, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("tail: got %v, want context.Canceled", err)
		}
	}
	if got := len(load(t, j, name)); got != 1 {
		t.Errorf("the stream has %d records, want 1", got)
	}
}

// callersMemory writes into what it handed over and what it was given.
func (s suite) callersMemory(t *testing.T) {
	j, name := s.open(t), stream(t, "dossier/memory")
	f := full(1)
	returned := mustAppend(t, j, name, 0, f)
	scribble := func(f *journal.Fact) {
		clear(f.Body)
		clear(f.Private)
		clear(f.Keys)
	}
	scribble(&f)
	scribble(&returned[0].Fact)
	for range 2 {
		for _, record := range load(t, j, name) {
			if record.Digest() != record.Hash {
				t.Fatal("the stored record changed with memory that is the caller's")
			}
			scribble(&record.Fact)
		}
	}
	verify(t, j)
}

// together runs n goroutines that start at once and waits for them.
func together(n int, run func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			run(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// bodyOf returns a canonical object of n bytes.
func bodyOf(n int) []byte { return fmt.Appendf(nil, `{"a":"%s"}`, text(n-len(`{"a":""}`))) }

func manyKeys(n int) []journal.Key {
	keys := make([]journal.Key, n)
	for i := range keys {
		keys[i] = journal.Key{Name: "unit", Value: fmt.Sprintf("%s%02d", text(journal.MaxText-2), i), Sort: 1<<63 - 1}
	}
	return keys
}
